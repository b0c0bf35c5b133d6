/* SPDX-License-Identifier: MIT */

/* Host names to addresses, without blocking the caller. */

#ifndef TRANSPORT_RESOLVE_H
#define TRANSPORT_RESOLVE_H

#include <sys/socket.h>

#include <netinet/in.h>

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

#define RESOLVE_MAX	64	/* addresses that are kept */

struct resolve;

union address {
	struct sockaddr	 any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* In the order to try; freed with free(). */
struct addresses {
	size_t		 n;		/* 1 … RESOLVE_MAX */
	union address	 at[];
};

socklen_t address_len(const union address *);

/*
 * Look up a name.  A numeric address is answered at once in *list; otherwise
 * *list is NULL and *job is at work on a thread of its own.  With a service,
 * "mqtt", the hosts and ports come from the SRV records of _mqtt._tcp.HOST;
 * port is for numeric addresses then.
 */
MQK_USE int resolve_start(struct resolve **job, struct addresses **list,
    const char *host, uint16_t port, const char *service, struct error *);

/* Readable when the answer is there. */
int	 resolve_fd(const struct resolve *);

/* What is looked up, for error texts. */
const char *resolve_name(const struct resolve *);

/* MQK_OK with the list, MQK_EAGAIN, or MQK_ERESOLVE with a sentence. */
MQK_USE int resolve_result(struct resolve *, struct addresses **list,
    struct error *);

/* Also while it is at work: the answer will be dropped. */
void	 resolve_free(struct resolve *);

#endif
