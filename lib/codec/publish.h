/* SPDX-License-Identifier: MIT */

/*
 * PUBLISH, to bytes and back: the one packet that has no time for a function
 * call.  packet_encode_publish() and packet_decode() are the convenient ways;
 * these are for who has the memory already, and for packets with nothing
 * special about them.
 */

#ifndef CODEC_PUBLISH_H
#define CODEC_PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include "codec/packet.h"
#include "codec/topic.h"
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

/* The remaining length, if it takes one or two bytes; *at goes behind it. */
static inline size_t
publish_short_length(const uint8_t **at, const uint8_t *end)
{
	const uint8_t	*p = *at;

	if (end - p >= 2 && p[1] < 0x80) {
		*at = p + 2;
		return (p[1]);
	}
	if (end - p < 3 || p[2] == 0 || p[2] >= 0x80)
		return (0);
	*at = p + 3;
	return ((size_t)p[2] << 7 | (p[1] & 0x7f));
}

/*
 * A whole and valid PUBLISH, at the front of n bytes, that has no properties,
 * is no duplicate and not large: its length.  0: it is something else, which
 * may well be a PUBLISH too, and packet_decode() knows.
 */
static inline size_t
publish_plain(struct packet_publish *m, enum mqk_version version,
    const uint8_t *wire, size_t n)
{
	const uint8_t	*at = wire, *end = wire + n;
	size_t		 left, head;

	if (n == 0 || (wire[0] & 0xf8) != MQK_PUBLISH << 4)
		return (0);
	left = publish_short_length(&at, end);
	if (left < 3 || (size_t)(end - at) < left)
		return (0);
	*m = (struct packet_publish){
		.retain = (wire[0] & PUBLISH_RETAIN) != 0,
		.qos = wire[0] >> 1 & 3,
		.topic = { at + 2, (size_t)(at[0] << 8 | at[1]) }
	};
	head = publish_head_len(version, m);
	if (m->qos == 3 || left < head)
		return (0);
	end = at + left;
	at += 2 + m->topic.len;
	if (m->qos > 0) {
		m->mid = (uint16_t)(at[0] << 8 | at[1]);
		at += 2;
		if (m->mid == 0)
			return (0);
	}
	if (version == MQK_V5 && *at++ != 0)
		return (0);
	if (!topic_valid(m->topic.data, m->topic.len))
		return (0);
	m->payload = (struct mqk_bytes){ at, (size_t)(end - at) };
	return ((size_t)(end - wire));
}

#endif
