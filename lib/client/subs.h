/* SPDX-License-Identifier: MIT */

/* The filters a client has subscribed to, with their callbacks. */

#ifndef CLIENT_SUBS_H
#define CLIENT_SUBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/packet.h"
#include "mqk.h"

struct session;
struct sub;

struct subs {
	struct sub	**at;
	uint32_t	 n;
	uint32_t	 callbacks;	/* filters with one */
	uint32_t	 last_id;	/* last identifier assigned */
	uint32_t	 delivery;	/* number of the message being routed */
	uint32_t	 changes;
	bool		 use_ids;	/* the connection takes identifiers */
};

void	 subs_fini(struct subs *);

/* mqk_subscribe() and mqk_unsubscribe(), with what must be remembered. */
MQK_USE int subs_subscribe(struct subs *, struct session *,
    const struct mqk_filter *, size_t n, const struct mqk_props *);
MQK_USE int subs_unsubscribe(struct subs *, struct session *,
    const char *const *topics, size_t n, const struct mqk_props *);

/*
 * CONNACK came: subscribe again to what the broker has no memory of, ahead
 * of anything that waits to be sent.  What it can't even be asked for is left
 * to subs_refused().
 */
MQK_USE int subs_connected(struct subs *, struct session *,
    const struct packet_connack *);

/* A SUBSCRIBE has its answer (error MQK_OK), or will have none. */
void	 subs_answered(struct subs *, uint16_t mid, int error,
	    struct mqk_bytes reasons);

/* A filter that was refused, each one once; NULL: none. */
const char *subs_refused(struct subs *, uint8_t *reason);

/*
 * Hand a message to every filter callback that it concerns; to on_message if
 * there is none.  Returns what on_message would.
 */
int	 subs_route(struct mqk_client *, const struct mqk_message *);

#endif
