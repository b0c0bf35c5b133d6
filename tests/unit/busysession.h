/* SPDX-License-Identifier: MIT */

/*
 * A session in the middle of everything, for tests of what a broker may say
 * then.  Of ours there is under way, by packet id:
 *
 *	1 QoS 1 PUBLISH		2 QoS 2 PUBLISH		3 the same, at PUBREL
 *	4 SUBSCRIBE "a" and "b"	5 UNSUBSCRIBE "a"
 *
 * and of the broker's: 7 QoS 2 PUBLISH, not acknowledged by the application.
 * With MQTT 5 our receive-maximum is 2, our topic-alias-maximum 2 and our
 * maximum-packet-size 100.
 */

#ifndef UNIT_BUSYSESSION_H
#define UNIT_BUSYSESSION_H

#include <stddef.h>
#include <stdint.h>

#include "session/session.h"

enum busy {			/* bits */
	BUSY_GREETING = 1,	/* CONNACK has not come; nothing is sent */
	BUSY_AUTH = 2,		/* by the method "m" */
	BUSY_TERSE = 4		/* request-problem-information is 0 */
};

/* Properties of CONNECT for that. */
struct mqk_props *busy_props(unsigned busy);

/* What a broker says to get there: CONNACK, and behind our requests. */
const char	*busy_connack(enum mqk_version);
const char	*busy_talk(enum mqk_version);

struct session	*busy_new(enum mqk_version, unsigned busy);

/*
 * The broker says that.  Cuts, decodes and hands over packets and pulls their
 * events, until an error, which is the result, or the end; a part of a packet
 * at the end counts as heard.
 */
int	 busy_hear(struct session *, const uint8_t *, size_t);

/* The same for the text of bytes_of(). */
int	 busy_hear_text(struct session *, const char *);

#endif
