/* SPDX-License-Identifier: MIT */

/*
 * A control packet as values, for both directions.  A decoded packet is made
 * of views into the bytes it was decoded from and lives as long as they do.
 */

#ifndef CODEC_PACKET_H
#define CODEC_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/prop.h"
#include "mqk.h"

#define PACKET_MAX_REMAINING	268435455u	/* [2.1.4] */
#define PACKET_MAX		(PACKET_MAX_REMAINING + 5)

#define PACKET_CONNACK3_LAST	5	/* return codes [3.1.1, table 3.1] */

enum packet_flag {			/* PUBLISH, fixed header [3.3.1] */
	PUBLISH_RETAIN = 1,
	PUBLISH_DUP = 8
};

struct packet_will {
	bool		 set;
	uint8_t		 qos;
	bool		 retain;
	struct mqk_bytes topic;
	struct mqk_bytes payload;
	struct mqk_props props;
};

struct packet_connect {
	enum mqk_version version;
	bool		 clean;		/* clean start, clean session */
	uint16_t	 keepalive_s;
	struct mqk_bytes client_id;
	struct mqk_bytes user;		/* data NULL: absent */
	struct mqk_bytes password;	/* data NULL: absent */
	struct packet_will will;
	struct mqk_props props;
};

/*
 * A broker that does not know MQTT 5 refuses it in its own version: such a
 * CONNACK is accepted with MQTT 5, its reason is 1 to 5.
 */
struct packet_connack {
	bool		 session_present;
	uint8_t		 reason;
	struct mqk_props props;
};

struct packet_publish {
	bool		 dup;
	bool		 retain;
	uint8_t		 qos;
	uint16_t	 mid;		/* 0 with QoS 0 */
	struct mqk_bytes topic;
	struct mqk_bytes payload;	/* data NULL: encode the header only */
	struct mqk_props props;
};

struct packet_answer {			/* PUBACK PUBREC PUBREL PUBCOMP */
	uint16_t	 mid;
	uint8_t		 reason;
	struct mqk_props props;
};

struct packet_subscribe {
	uint16_t	 mid;
	const struct mqk_filter *filters; /* to encode; NULL after decoding */
	size_t		 n;
	struct mqk_bytes list;		/* decoded: see subscribe_next() */
	struct mqk_props props;
};

struct packet_unsubscribe {
	uint16_t	 mid;
	const char *const *topics;	/* to encode; NULL after decoding */
	size_t		 n;
	struct mqk_bytes list;		/* decoded: see subscribe_next() */
	struct mqk_props props;
};

struct packet_suback {			/* SUBACK, UNSUBACK */
	uint16_t	 mid;
	struct mqk_bytes reasons;	/* one a filter; 3.x UNSUBACK: none */
	struct mqk_props props;
};

struct packet_bye {			/* DISCONNECT, AUTH */
	uint8_t		 reason;
	struct mqk_props props;
};

struct packet {
	enum mqk_packet_type type;
	uint8_t		 flags;		/* low four bits of the first byte */
	struct mqk_bytes wire;		/* decoded: the whole packet */
	union {
		struct packet_connect connect;
		struct packet_connack connack;
		struct packet_publish publish;
		struct packet_answer answer;
		struct packet_subscribe subscribe;
		struct packet_unsubscribe unsubscribe;
		struct packet_suback suback;
		struct packet_bye bye;
	} u;
};

/*
 * Decode one whole packet as frame_next() cut it.  No allocation.
 * MQK_EMALFORMED or MQK_EPROTOCOL (section 4.13.1) with *why set to a static
 * sentence such as "PUBLISH: QoS 3".  The version is that of the connection;
 * a CONNECT brings its own and ignores it.
 */
MQK_USE int packet_decode(struct packet *, enum mqk_version,
    const uint8_t *wire, size_t len, const char **why);

/*
 * Append the packet's bytes to the buffer.  On failure nothing is appended:
 * MQK_ETOOBIG (also a string over 65,535 bytes), MQK_EINVAL, MQK_ENOMEM.
 * Properties are left out with 3.x.  Topics, filters and property lists are
 * taken to be valid.  A CONNECT is encoded in its own version.  PUBLISH's
 * fixed-header length counts payload.len even when payload.data is NULL; then
 * the payload's bytes must follow by other means.  Flags come from the values,
 * not from p->flags.
 */
MQK_USE int packet_encode(struct buf *, enum mqk_version,
    const struct packet *);

/*
 * The hot path of packet_encode(): the same bytes for a PUBLISH.
 */
MQK_USE int packet_encode_publish(struct buf *, enum mqk_version,
    const struct packet_publish *);

/* Walk the filters of a decoded SUBSCRIBE (options set) or UNSUBSCRIBE. */
bool	 subscribe_next(const struct packet *, size_t *cursor,
	    struct mqk_bytes *filter, uint8_t *options);

#endif
