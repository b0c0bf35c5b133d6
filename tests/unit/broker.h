/* SPDX-License-Identifier: MIT */

/*
 * A small broker on a thread of its own, for clients that block: it routes
 * messages by filter with QoS 0 to 2, knows who was here before, and publishes
 * wills.  What is for somebody who is away is lost, and nothing is sent twice.
 */

#ifndef UNIT_BROKER_H
#define UNIT_BROKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct broker_guest;

struct broker {
	pthread_t	 thread;
	int		 listener;
	int		 orders[2];	/* a pipe: one byte is one order */
	uint16_t	 port;
	struct broker_guest *guests;	/* the thread's own */

	/* To be set at any time. */
	_Atomic(const char *) password;	/* without it: reason 0x86 */
	atomic_bool	 mute;		/* no more reading; for good */
	atomic_bool	 refuse;	/* 0x87 for SUBSCRIBE and PUBLISH */

	/* To be looked at. */
	atomic_uint	 connects, pings, publishes, disconnects, unacked;
};

void	 broker_start(struct broker *);
void	 broker_stop(struct broker *);

/* Cut all connections. */
void	 broker_cut(struct broker *);

#endif
