/* SPDX-License-Identifier: MIT */

/* SRV records (RFC 2782): which hosts and ports offer a service. */

#ifndef TRANSPORT_SRV_H
#define TRANSPORT_SRV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

#define SRV_MAX		32	/* records that are looked at */

struct srv {
	uint16_t	 priority;	/* the lowest first */
	uint16_t	 weight;	/* share among those of one priority */
	uint16_t	 port;
	char		 target[256];
};

/*
 * The records in a reply of a DNS server, which may hold anything: how many,
 * up to SRV_MAX.  Those that offer nothing (target ".") or can't be a host are
 * left out.  MQK_EMALFORMED: that is no reply.
 */
MQK_USE int srv_parse(struct srv to[SRV_MAX], const uint8_t *reply,
    size_t len);

/* Put them into the order to try; below(n) gives one of 0 … n-1. */
void	 srv_order(struct srv *, size_t n, uint32_t (*below)(uint32_t));

/*
 * Ask the system's DNS servers, which may take long, and put the records in
 * order: how many.  MQK_ERESOLVE: none, *why is the reason.  MQK_ENOMEM.
 */
MQK_USE int srv_query(struct srv to[SRV_MAX], const char *name,
    const char **why);

#endif
