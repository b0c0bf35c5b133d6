/* SPDX-License-Identifier: MIT */

/*
 * The AUTH exchange (MQTT 5.0, section 4.12) when the library does it itself:
 * what goes into CONNECT and AUTH, and when a broker has proven itself.
 */

#ifndef CLIENT_AUTH_H
#define CLIENT_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/scram.h"
#include "codec/packet.h"
#include "mqk.h"

struct mqk_client;

struct auth {
	const struct auth_method *method;
	struct scram	 scram;
	bool		 again;		/* a re-authentication is running */
	uint32_t	 interval_ms;	/* from one to the next; 0: none */
	int64_t		 deadline;	/* for the answer, or for the next */
	const char	*nonce;		/* NULL: random; tests know theirs */
};

void	 auth_free(struct auth *);

/*
 * The functions below do nothing without mqk_set_auth(); the lock is held.
 * Negative: the connection must end.
 */

/* Add to the properties of CONNECT. */
MQK_USE int auth_connect(struct mqk_client *, struct mqk_props *,
    struct error *);

/* CONNACK accepted us: the broker must have proven itself by now. */
MQK_USE int auth_connected(struct mqk_client *, const struct packet_connack *,
    struct error *);

/* An AUTH packet; true in *done: the user is to hear of it. */
MQK_USE int auth_received(struct mqk_client *, const struct packet_bye *,
    bool *done, struct error *);

/* Time passed. */
MQK_USE int auth_tick(struct mqk_client *, int64_t now, struct error *);

/* When to call auth_tick(); INT64_MAX: never. */
int64_t	 auth_deadline(const struct mqk_client *);

#endif
