/* SPDX-License-Identifier: MIT */

/* Host names to addresses, without blocking the caller. */

#ifndef TRANSPORT_RESOLVE_H
#define TRANSPORT_RESOLVE_H

#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

struct addrinfo;
struct resolve;

/*
 * Look up a name.  A numeric address is answered at once in *list; otherwise
 * *list is NULL and *job is at work on a thread of its own.  The list is freed
 * with freeaddrinfo().
 */
MQK_USE int resolve_start(struct resolve **job, struct addrinfo **list,
    const char *host, uint16_t port, struct error *);

/* Readable when the answer is there. */
int	 resolve_fd(const struct resolve *);

/* MQK_OK with the list, MQK_EAGAIN, or MQK_ERESOLVE with a sentence. */
MQK_USE int resolve_result(struct resolve *, struct addrinfo **list,
    struct error *);

/* Also while it is at work: the answer will be dropped. */
void	 resolve_free(struct resolve *);

/* A numeric local address; NULL when it is none of that family. */
struct addrinfo *resolve_numeric(const char *host, int family);

#endif
