/* SPDX-License-Identifier: MIT */

/* What a session has to say, pulled with session_event(). */

#ifndef SESSION_EVENT_H
#define SESSION_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/packet.h"
#include "mqk.h"

enum event_type {
	EVENT_CONNECTED,	/* u.connack */
	EVENT_REFUSED,		/* u.connack: reason is not success */
	EVENT_MESSAGE,		/* u.message */
	EVENT_ANSWERED,		/* u.answer: PUBLISH, SUBSCRIBE, UNSUBSCRIBE */
	EVENT_AUTH,		/* u.bye */
	EVENT_DISCONNECTED,	/* u.bye: the peer's DISCONNECT */
	EVENT_SOURCE_DONE	/* u.source: call its done() */
};

struct event {
	enum event_type	 type;
	union {
		struct packet_connack connack;
		struct {
			const struct packet_publish *packet;
			struct mqk_bytes topic;	/* alias resolved */
			struct mqk_ack ack;	/* qos 0: none wanted */
		} message;
		struct {
			enum mqk_packet_type type;	/* of the request */
			uint16_t mid;
			void	*tag;		/* of a PUBLISH; with SUBSCRIBE
						   not NULL if it was a
						   session_resubscribe() */
			int	 error;		/* see struct mqk_result; a
						   QoS 0 PUBLISH only when it
						   fails, with mid 0 */
			struct mqk_bytes reasons;
			struct mqk_props props;
		} answer;
		struct packet_bye bye;
		struct mqk_source source;
	} u;
};

#endif
