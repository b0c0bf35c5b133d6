/* SPDX-License-Identifier: MIT */

/*
 * From struct packet to wire bytes, straight into the buffer.  A body is
 * written behind room for the longest header, and then moved up to the real
 * one.  A PUBLISH, which may be large and is frequent, gets its length first.
 * Whether topics are valid was checked where they came in.
 */

#include "codec/packet.h"
#include "codec/publish.h"

#include "codec/wire.h"

#define HEADER_MAX	5u

/* ---- appending fields; errors stick to the buffer ------------------- */

static void
put_u8(struct buf *b, unsigned v)
{
	uint8_t	 c = (uint8_t)v;

	buf_append(b, &c, 1);
}

static void
put_u16(struct buf *b, unsigned v)
{
	uint8_t	*at = buf_reserve(b, 2);

	if (at == NULL)
		return;
	wr_u16(at, v);
	buf_commit(b, 2);
}

static void
put_varint(struct buf *b, uint32_t v)
{
	uint8_t	*at = buf_reserve(b, 4);

	if (at != NULL)
		buf_commit(b, (size_t)(wr_varint(at, v) - at));
}

static void
put_bytes(struct buf *b, struct mqk_bytes s)
{
	if (s.len > STR_MAX && b->err == 0)
		b->err = MQK_ETOOBIG;
	put_u16(b, (unsigned)s.len & STR_MAX);
	buf_append(b, s.data, s.len);
}

static void
put_text(struct buf *b, const char *s)
{
	put_bytes(b, (struct mqk_bytes){ s, strlen(s) });
}

static void
put_props(struct buf *b, enum mqk_version version,
    const struct mqk_props *props)
{
	if (version != MQK_V5)
		return;
	put_varint(b, props->len);
	buf_append(b, props->data, props->len);
}

/* ---- bodies --------------------------------------------------------- */

static int
encode_connect(struct buf *b, enum mqk_version version, const struct packet *p)
{
	const struct packet_connect	*m = &p->u.connect;
	const struct packet_will	*w = &m->will;
	unsigned			 flags = 0;

	if (version != MQK_V31 && version != MQK_V311 && version != MQK_V5)
		return (MQK_EINVAL);
	if (w->qos > 2)
		return (MQK_EINVAL);
	if (version != MQK_V5 && m->user.data == NULL &&
	    m->password.data != NULL)
		return (MQK_EINVAL);			/* [3.1.1-3.1.2-22] */
	put_text(b, version == MQK_V31 ? "MQIsdp" : "MQTT");
	put_u8(b, version);
	flags |= m->clean ? 0x02u : 0;
	if (w->set)
		flags |= 0x04u | (unsigned)w->qos << 3 |
		    (w->retain ? 0x20u : 0);
	flags |= m->password.data != NULL ? 0x40u : 0;
	flags |= m->user.data != NULL ? 0x80u : 0;
	put_u8(b, flags);
	put_u16(b, m->keepalive_s);
	put_props(b, version, &m->props);
	put_bytes(b, m->client_id);
	if (w->set) {
		put_props(b, version, &w->props);
		put_bytes(b, w->topic);
		put_bytes(b, w->payload);
	}
	if (m->user.data != NULL)
		put_bytes(b, m->user);
	if (m->password.data != NULL)
		put_bytes(b, m->password);
	return (MQK_OK);
}

static int
encode_connack(struct buf *b, enum mqk_version version, const struct packet *p)
{
	const struct packet_connack	*m = &p->u.connack;

	put_u8(b, m->session_present);
	put_u8(b, m->reason);
	/* a refusal in the words of MQTT 3 has its form too */
	if (m->reason == 0 || m->reason > PACKET_CONNACK3_LAST)
		put_props(b, version, &m->props);
	return (MQK_OK);
}

/* Reason and properties, as short as MQTT 5 lets them be. */
static void
put_reason(struct buf *b, enum mqk_version version, uint8_t reason,
    const struct mqk_props *props)
{
	if (version != MQK_V5 || (reason == 0 && props->len == 0))
		return;
	put_u8(b, reason);
	if (props->len > 0)
		put_props(b, version, props);
}

static int
encode_answer(struct buf *b, enum mqk_version version, const struct packet *p)
{
	const struct packet_answer	*m = &p->u.answer;

	if (m->mid == 0)
		return (MQK_EINVAL);
	put_u16(b, m->mid);
	put_reason(b, version, m->reason, &m->props);
	return (MQK_OK);
}

static void
put_filter(struct buf *b, enum mqk_version version, const struct mqk_filter *f)
{
	unsigned	 options = f->qos;

	if (version == MQK_V5)
		options |= (f->no_local ? 0x04u : 0) |
		    (f->retain_as_published ? 0x08u : 0) |
		    (unsigned)f->retain_handling << 4;
	put_text(b, f->topic);
	put_u8(b, options);
}

static int
encode_subscribe(struct buf *b, enum mqk_version version,
    const struct packet *p)
{
	const struct packet_subscribe	*m = &p->u.subscribe;

	if (m->mid == 0 || m->n == 0)
		return (MQK_EINVAL);
	put_u16(b, m->mid);
	put_props(b, version, &m->props);
	if (m->filters == NULL)
		buf_append(b, m->list.data, m->list.len);
	for (size_t i = 0; m->filters != NULL && i < m->n; i++) {
		if (m->filters[i].qos > 2 || m->filters[i].retain_handling > 2)
			return (MQK_EINVAL);
		put_filter(b, version, &m->filters[i]);
	}
	return (MQK_OK);
}

static int
encode_unsubscribe(struct buf *b, enum mqk_version version,
    const struct packet *p)
{
	const struct packet_unsubscribe	*m = &p->u.unsubscribe;

	if (m->mid == 0 || m->n == 0)
		return (MQK_EINVAL);
	put_u16(b, m->mid);
	put_props(b, version, &m->props);
	if (m->topics == NULL)
		buf_append(b, m->list.data, m->list.len);
	for (size_t i = 0; m->topics != NULL && i < m->n; i++)
		put_text(b, m->topics[i]);
	return (MQK_OK);
}

static int
encode_suback(struct buf *b, enum mqk_version version, const struct packet *p)
{
	const struct packet_suback	*m = &p->u.suback;

	if (m->mid == 0)
		return (MQK_EINVAL);
	put_u16(b, m->mid);
	put_props(b, version, &m->props);
	if (p->type == MQK_SUBACK || version == MQK_V5)
		buf_append(b, m->reasons.data, m->reasons.len);
	return (MQK_OK);
}

static int
encode_ping(struct buf *b, enum mqk_version version, const struct packet *p)
{
	(void)b;
	(void)version;
	(void)p;
	return (MQK_OK);
}

static int
encode_bye(struct buf *b, enum mqk_version version, const struct packet *p)
{
	if (p->type == MQK_AUTH && version != MQK_V5)
		return (MQK_EINVAL);
	put_reason(b, version, p->u.bye.reason, &p->u.bye.props);
	return (MQK_OK);
}

static const struct {
	int		(*encode)(struct buf *, enum mqk_version,
			    const struct packet *);
	uint8_t		 flags;		/* of the first byte [2.1.3] */
} kinds[16] = {
	[MQK_CONNECT] = { encode_connect, 0 },
	[MQK_CONNACK] = { encode_connack, 0 },
	[MQK_PUBACK] = { encode_answer, 0 },
	[MQK_PUBREC] = { encode_answer, 0 },
	[MQK_PUBREL] = { encode_answer, 2 },
	[MQK_PUBCOMP] = { encode_answer, 0 },
	[MQK_SUBSCRIBE] = { encode_subscribe, 2 },
	[MQK_SUBACK] = { encode_suback, 0 },
	[MQK_UNSUBSCRIBE] = { encode_unsubscribe, 2 },
	[MQK_UNSUBACK] = { encode_suback, 0 },
	[MQK_PINGREQ] = { encode_ping, 0 },
	[MQK_PINGRESP] = { encode_ping, 0 },
	[MQK_DISCONNECT] = { encode_bye, 0 },
	[MQK_AUTH] = { encode_bye, 0 },
};

/* ---- the fixed header ----------------------------------------------- */

/* Put the header in front of what was written from start + HEADER_MAX on. */
static int
finish(struct buf *b, size_t start, unsigned first)
{
	uint8_t	*at = b->mem + b->off + start;
	size_t	 len = buf_len(b) - start - HEADER_MAX;
	uint8_t	*body;

	if (len > PACKET_MAX_REMAINING)
		return (MQK_ETOOBIG);
	at[0] = (uint8_t)first;
	body = wr_varint(at + 1, (uint32_t)len);
	memmove(body, at + HEADER_MAX, len);
	buf_truncate(b, start + (size_t)(body - at) + len);
	return (MQK_OK);
}

int
packet_encode(struct buf *b, enum mqk_version version, const struct packet *p)
{
	size_t	 start = buf_len(b);
	int	 err = b->err;

	if (err != 0)
		return (err);
	if (p->type == MQK_PUBLISH)
		return (packet_encode_publish(b, version, &p->u.publish));
	if (p->type < MQK_CONNECT || p->type > MQK_AUTH)
		return (MQK_EINVAL);
	if (p->type == MQK_CONNECT)
		version = p->u.connect.version;
	if (buf_reserve(b, HEADER_MAX) != NULL) {
		buf_commit(b, HEADER_MAX);
		err = kinds[p->type].encode(b, version, p);
	}
	if (err == MQK_OK)
		err = b->err;
	if (err == MQK_OK)
		err = finish(b, start, (unsigned)p->type << 4 |
		    kinds[p->type].flags);
	if (err != MQK_OK)
		buf_truncate(b, start);
	return (err);
}

/* ---- PUBLISH -------------------------------------------------------- */

int
packet_encode_publish(struct buf *b, enum mqk_version version,
    const struct packet_publish *m)
{
	int64_t	 remaining = publish_remaining(version, m);
	size_t	 len;
	uint8_t	*at;
	int	 err = b->err;

	if (remaining < 0)
		return ((int)remaining);
	if (m->qos > 2 || (m->qos > 0) != (m->mid > 0))
		return (MQK_EINVAL);
	len = publish_len(remaining);
	if (m->payload.data == NULL)
		len -= m->payload.len;
	at = buf_reserve(b, len);
	if (at == NULL) {
		if (err != 0)
			return (err);
		err = b->err;
		b->err = 0;
		return (err);
	}
	publish_write(at, version, m, remaining);
	buf_commit(b, len);
	return (MQK_OK);
}
