/* SPDX-License-Identifier: MIT */

/*
 * A PUBLISH put into bytes: the one packet that has no time for a function
 * call.  packet_encode_publish() is the convenient way; these are for who has
 * the memory already.
 */

#ifndef CODEC_PUBLISH_H
#define CODEC_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include "codec/packet.h"
#include "codec/wire.h"

/* What follows the fixed header, without the payload. */
static inline size_t
publish_head_len(enum mqk_version version, const struct packet_publish *m)
{
	size_t	 len = 2 + m->topic.len + (m->qos > 0 ? 2 : 0);

	if (version == MQK_V5)
		len += varint_len(m->props.len) + m->props.len;
	return (len);
}

/* The remaining length [2.1.4], or MQK_EINVAL, MQK_ETOOBIG. */
MQK_USE static inline int64_t
publish_remaining(enum mqk_version version, const struct packet_publish *m)
{
	size_t	 head = publish_head_len(version, m);

	if (m->dup && m->qos == 0)			/* [MQTT-3.3.1-2] */
		return (MQK_EINVAL);
	if (m->topic.len > STR_MAX || head > PACKET_MAX_REMAINING ||
	    m->payload.len > PACKET_MAX_REMAINING - head)
		return (MQK_ETOOBIG);
	return ((int64_t)(head + m->payload.len));
}

/* The length of the whole packet. */
static inline size_t
publish_len(int64_t remaining)
{
	return ((size_t)remaining + 1 + varint_len((uint32_t)remaining));
}

/*
 * Write it to publish_len() bytes of room, less those of a payload without
 * data.  The result is the place behind.
 */
static inline uint8_t *
publish_write(uint8_t *at, enum mqk_version version,
    const struct packet_publish *m, int64_t remaining)
{
	*at++ = (uint8_t)(MQK_PUBLISH << 4 | (m->dup ? PUBLISH_DUP : 0) |
	    m->qos << 1 | (m->retain ? PUBLISH_RETAIN : 0));
	at = wr_varint(at, (uint32_t)remaining);
	at = wr_bytes(at, m->topic);
	if (m->qos > 0)
		at = wr_u16(at, m->mid);
	if (version == MQK_V5) {
		at = wr_varint(at, m->props.len);
		at = wr_mem(at, m->props.data, m->props.len);
	}
	if (m->payload.data != NULL)
		at = wr_mem(at, m->payload.data, m->payload.len);
	return (at);
}

#endif
