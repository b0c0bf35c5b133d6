/* SPDX-License-Identifier: MIT */

/* One client of a worker: its connection, its messages, what it measures. */

#ifndef MQBENCH_CONN_H
#define MQBENCH_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "mqk.h"
#include "mqk_ev.h"

#include "mqbench/audit.h"
#include "mqbench/worker.h"

struct conn {
	struct worker	*worker;
	struct mqk_client *client;
	struct mqk_ev	 ev;
	struct audit	 audit;
	char		*topic;
	int64_t		 due_ns, dialed_ns;	/* connecting */
	uint64_t	 round;		/* number of its next message */
	uint64_t	 share;		/* how many it has; closed loop */
	uint64_t	 owed;		/* due and not sent; open loop */
	struct conn	*next_ready;
	uint32_t	 number;
	bool		 is_settled;	/* up for the first time, or failed */
	bool		 has_failed;
	bool		 is_ready;	/* in the worker's list */
};

/* Begin to connect, due since then. */
void	conn_dial(struct conn *, struct worker *, uint32_t number,
	    int64_t due_ns);
void	conn_leave(struct conn *);
void	conn_fini(struct conn *);

/* Write at once what has been queued outside the library's callbacks. */
void	conn_flush(struct conn *);

#endif
