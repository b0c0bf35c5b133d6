/* SPDX-License-Identifier: MIT */

/*
 * From wire bytes to struct packet.  Each decoder reads straight down; what it
 * says about values does not count if the bytes ran out underneath, which
 * packet_decode() looks at once, behind it.  Whether a packet is expected at
 * this moment is not known here, that is the session's affair.
 */

#include "codec/packet.h"

#include "base/attribute.h"
#include "base/utf8.h"
#include "codec/reason.h"
#include "codec/topic.h"
#include "codec/wire.h"

#define SUBACK3_FAILURE	0x80

enum connect_flag {			/* [3.1.2.3] */
	CONNECT_RESERVED = 0x01,
	CONNECT_CLEAN = 0x02,
	CONNECT_WILL = 0x04,
	CONNECT_WILL_QOS = 0x18,
	CONNECT_WILL_RETAIN = 0x20,
	CONNECT_PASSWORD = 0x40,
	CONNECT_USER = 0x80
};

enum subscribe_option {			/* [3.8.3.1] */
	SUBSCRIBE_QOS = 0x03,
	SUBSCRIBE_NO_LOCAL = 0x04,
	SUBSCRIBE_HANDLING = 0x30,
	SUBSCRIBE_RESERVED = 0xc0
};

/* Complaints that several packet types share; see KIND() for the words. */
enum complaint {
	WRONG_FLAGS, TOO_SHORT, TOO_LONG, NO_MID, BAD_REASON, NO_REASON,
	BAD_FILTER, NO_FILTER, COMPLAINTS
};

struct decoder {
	struct rd	 r;
	enum mqk_version version;
	const char *const *says;	/* by enum complaint */
	const char	*why;
};

static int
malformed(struct decoder *d, const char *why)
{
	d->why = why;
	return (MQK_EMALFORMED);
}

static int
violation(struct decoder *d, const char *why)
{
	d->why = why;
	return (MQK_EPROTOCOL);
}

static bool
all_read(const struct decoder *d)
{
	return (d->r.at == d->r.end);
}

static bool
text_valid(struct mqk_bytes b)
{
	return (utf8_valid(b.data, b.len));
}

static struct mqk_bytes
take_rest(struct decoder *d)
{
	return (rd_take(&d->r, rd_left(&d->r)));
}

/* The property list of that packet; none before MQTT 5. */
static inline int
read_props_from(struct decoder *d, struct rd *r, unsigned packet,
    struct mqk_props *props)
{
	struct mqk_bytes	 list;

	*props = (struct mqk_props){ 0 };
	if (d->version != MQK_V5)
		return (MQK_OK);
	list = rd_take(r, rd_varint(r));
	if (r->bad || list.len == 0)
		return (MQK_OK);
	props->data = (uint8_t *)list.data;
	props->len = (uint32_t)list.len;
	return (prop_check(props->data, list.len, packet, &d->why));
}

static int
read_props(struct decoder *d, unsigned packet, struct mqk_props *props)
{
	return (read_props_from(d, &d->r, packet, props));
}

/* ---- CONNECT -------------------------------------------------------- */

static int
read_level(struct decoder *d)
{
	static const struct {
		const char	*name;
		size_t		 len;
		uint8_t		 level;
	} known[] = {
		{ "MQTT", 4, MQK_V5 },
		{ "MQTT", 4, MQK_V311 },
		{ "MQIsdp", 6, MQK_V31 },
	};
	struct mqk_bytes	 name = rd_bytes(&d->r);
	uint8_t			 level = rd_u8(&d->r);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (level == known[i].level && name.len == known[i].len &&
		    memcmp(name.data, known[i].name, name.len) == 0) {
			d->version = (enum mqk_version)level;
			return (MQK_OK);
		}
	}
	return (violation(d, "CONNECT: unknown protocol name or level"));
}

static int
check_connect_flags(struct decoder *d, uint8_t first, uint8_t flags)
{
	if (d->version != MQK_V5 &&			/* [3.1.1-3.1.2-22] */
	    (flags & (CONNECT_USER | CONNECT_PASSWORD)) == CONNECT_PASSWORD)
		return (malformed(d, "CONNECT: password without user name"));
	if (d->version == MQK_V31)
		return (MQK_OK);	/* it leaves unused bits open */
	if ((first & 0x0f) != 0)
		return (malformed(d, d->says[WRONG_FLAGS]));
	if ((flags & CONNECT_RESERVED) != 0)		/* [MQTT-3.1.2-3] */
		return (malformed(d, "CONNECT: reserved flag is set"));
	if ((flags & CONNECT_WILL) == 0 &&		/* [MQTT-3.1.2-11] */
	    (flags & (CONNECT_WILL_QOS | CONNECT_WILL_RETAIN)) != 0)
		return (malformed(d, "CONNECT: will flags without a will"));
	return (MQK_OK);
}

static int
read_will(struct decoder *d, uint8_t flags, struct packet_will *w)
{
	int	 err;

	*w = (struct packet_will){ 0 };
	if ((flags & CONNECT_WILL) == 0)
		return (MQK_OK);
	w->set = true;
	w->qos = flags >> 3 & 3;
	w->retain = (flags & CONNECT_WILL_RETAIN) != 0;
	if (w->qos == 3)				/* [MQTT-3.1.2-12] */
		return (malformed(d, "CONNECT: will QoS 3"));
	err = read_props(d, PROP_WILL, &w->props);
	if (err != MQK_OK)
		return (err);
	w->topic = rd_bytes(&d->r);
	w->payload = rd_bytes(&d->r);
	if (!topic_valid(w->topic.data, w->topic.len))
		return (malformed(d, "CONNECT: invalid will topic"));
	return (MQK_OK);
}

/* 3.1 allows that a field announced by a flag is missing at the end. */
static struct mqk_bytes
read_credential(struct decoder *d, bool announced)
{
	if (!announced || (d->version == MQK_V31 && all_read(d)))
		return ((struct mqk_bytes){ NULL, 0 });
	return (rd_bytes(&d->r));
}

static int
decode_connect(struct decoder *d, struct packet *p)
{
	struct packet_connect	*m = &p->u.connect;
	uint8_t			 flags;
	int			 err;

	err = read_level(d);
	if (err != MQK_OK)
		return (err);
	m->version = d->version;
	flags = rd_u8(&d->r);
	err = check_connect_flags(d, p->flags, flags);
	if (err != MQK_OK)
		return (err);
	m->clean = (flags & CONNECT_CLEAN) != 0;
	m->keepalive_s = rd_u16(&d->r);
	err = read_props(d, MQK_CONNECT, &m->props);
	if (err != MQK_OK)
		return (err);
	m->client_id = rd_bytes(&d->r);
	if (!text_valid(m->client_id))
		return (malformed(d, "CONNECT: client id is not valid UTF-8"));
	err = read_will(d, flags, &m->will);
	if (err != MQK_OK)
		return (err);
	m->user = read_credential(d, (flags & CONNECT_USER) != 0);
	m->password = read_credential(d, (flags & CONNECT_PASSWORD) != 0);
	if (!text_valid(m->user))
		return (malformed(d, "CONNECT: user name is not valid UTF-8"));
	return (MQK_OK);
}

/* ---- CONNACK -------------------------------------------------------- */

/*
 * A broker that does not know MQTT 5 refuses it in the form it knows, without
 * properties [MQTT-3.1.2-2].
 */
static bool
is_old_refusal(const struct decoder *d, uint8_t reason)
{
	bool	 is_old = reason > 0 && reason <= PACKET_CONNACK3_LAST;

	return (all_read(d) && (is_old ||
	    (reason >= MQK_REFUSAL && reason_allowed(MQK_CONNACK, reason))));
}

static int
decode_connack(struct decoder *d, struct packet *p)
{
	struct packet_connack	*m = &p->u.connack;
	uint8_t			 flags = rd_u8(&d->r);

	m->reason = rd_u8(&d->r);
	m->session_present = (flags & 1) != 0 && d->version != MQK_V31;
	m->props = (struct mqk_props){ 0 };
	if ((flags & 0xfe) != 0 && d->version != MQK_V31)
		return (malformed(d, "CONNACK: reserved flag is set"));
	if (m->session_present && m->reason != 0)	/* [MQTT-3.2.2-6] */
		return (violation(d, "CONNACK: session present in a refusal"));
	if (d->version != MQK_V5)
		return (m->reason <= PACKET_CONNACK3_LAST ? MQK_OK :
		    violation(d, "CONNACK: unknown return code"));
	if (is_old_refusal(d, m->reason))
		return (MQK_OK);
	if (!reason_allowed(MQK_CONNACK, m->reason))
		return (violation(d, d->says[BAD_REASON]));
	return (read_props(d, MQK_CONNACK, &m->props));
}

/* ---- PUBLISH -------------------------------------------------------- */

static int
check_empty_topic(struct decoder *d, const struct packet_publish *m)
{
	struct mqk_value	 alias;

	if (d->version != MQK_V5)
		return (malformed(d, "PUBLISH: empty topic"));
	if (!mqk_props_get(&m->props, MQK_P_TOPIC_ALIAS, &alias))
		return (violation(d, "PUBLISH: neither topic nor topic alias"));
	return (MQK_OK);
}

static int
check_publish_flags(struct decoder *d, struct packet_publish *m)
{
	if (m->qos == 3)				/* [MQTT-3.3.1-4] */
		return (malformed(d, "PUBLISH: QoS 3"));
	if (m->dup && m->qos == 0) {			/* [MQTT-3.3.1-2] */
		if (d->version != MQK_V31)
			return (malformed(d, "PUBLISH: DUP with QoS 0"));
		m->dup = false;		/* 3.1 gives it no meaning there */
	}
	return (MQK_OK);
}

static int
check_publish(struct decoder *d, const struct packet_publish *m)
{
	if (m->qos > 0 && m->mid == 0)			/* [MQTT-2.2.1-3] */
		return (violation(d, d->says[NO_MID]));
	if (m->topic.len == 0)
		return (check_empty_topic(d, m));
	if (!topic_valid(m->topic.data, m->topic.len))	/* [MQTT-3.3.2-2] */
		return (malformed(d,
		    "PUBLISH: topic has a wildcard or is not valid UTF-8"));
	return (MQK_OK);
}

/*
 * The hot path.  A reader of its own stays in registers.  Its end does not come
 * from d->r, because a compiler loads neighbours as one wide value, and that
 * stalls until the two stores that made it have gone to the cache.
 */
static int
decode_publish(struct decoder *d, struct packet *p)
{
	struct packet_publish	*m = &p->u.publish;
	const uint8_t		*wire = p->wire.data;
	struct rd		 r = { d->r.at, wire + p->wire.len, false };
	int			 err;

	m->retain = (p->flags & PUBLISH_RETAIN) != 0;
	m->dup = (p->flags & PUBLISH_DUP) != 0;
	m->qos = p->flags >> 1 & 3;
	err = check_publish_flags(d, m);
	if (err != MQK_OK)
		return (err);
	m->topic = rd_bytes(&r);
	m->mid = m->qos > 0 ? rd_u16(&r) : 0;
	err = read_props_from(d, &r, MQK_PUBLISH, &m->props);
	m->payload = rd_take(&r, rd_left(&r));
	d->r = r;
	return (err != MQK_OK ? err : check_publish(d, m));
}

/* ---- PUBACK PUBREC PUBREL PUBCOMP ----------------------------------- */

static int
read_mid(struct decoder *d, uint16_t *mid)
{
	*mid = rd_u16(&d->r);
	return (*mid != 0 ? MQK_OK : violation(d, d->says[NO_MID]));
}

/* Reason and properties, each of which may be left out at the end. */
static int
read_reason(struct decoder *d, const struct packet *p, uint8_t *reason,
    struct mqk_props *props)
{
	*reason = 0;
	*props = (struct mqk_props){ 0 };
	if (d->version != MQK_V5 || all_read(d))
		return (MQK_OK);
	*reason = rd_u8(&d->r);
	if (!reason_allowed(p->type, *reason))
		return (violation(d, d->says[BAD_REASON]));
	return (all_read(d) ? MQK_OK : read_props(d, p->type, props));
}

static int
decode_answer(struct decoder *d, struct packet *p)
{
	struct packet_answer	*m = &p->u.answer;
	int			 err = read_mid(d, &m->mid);

	if (err != MQK_OK)
		return (err);
	return (read_reason(d, p, &m->reason, &m->props));
}

/* ---- SUBSCRIBE UNSUBSCRIBE ------------------------------------------ */

static int
check_options(struct decoder *d, struct mqk_bytes filter, uint8_t options)
{
	unsigned	 allowed = SUBSCRIBE_QOS;

	if ((options & SUBSCRIBE_QOS) == 3)		/* [3.8.3.1] */
		return (violation(d, "SUBSCRIBE: QoS 3"));
	if (d->version == MQK_V31)
		return (MQK_OK);
	if (d->version == MQK_V5)
		allowed = 0xff & ~SUBSCRIBE_RESERVED;
	if ((options & ~allowed) != 0)			/* [MQTT-3.8.3-5] */
		return (malformed(d, "SUBSCRIBE: reserved option is set"));
	if ((options & SUBSCRIBE_HANDLING) == SUBSCRIBE_HANDLING)
		return (violation(d, "SUBSCRIBE: retain handling 3"));
	if ((options & SUBSCRIBE_NO_LOCAL) != 0 &&	/* [MQTT-3.8.3-4] */
	    filter_is_shared(filter.data, filter.len))
		return (violation(d,
		    "SUBSCRIBE: no-local with a shared subscription"));
	return (MQK_OK);
}

/* The list of filters, with options or without: checked and counted. */
static int
read_filters(struct decoder *d, bool options, struct mqk_bytes *list,
    size_t *n)
{
	const uint8_t		*start = d->r.at;
	struct mqk_bytes	 filter;
	int			 err;

	for (*n = 0; !all_read(d); (*n)++) {
		filter = rd_bytes(&d->r);
		if (!filter_valid(filter.data, filter.len))
			return (malformed(d, d->says[BAD_FILTER]));
		if (!options)
			continue;
		err = check_options(d, filter, rd_u8(&d->r));
		if (err != MQK_OK)
			return (err);
	}
	*list = (struct mqk_bytes){ start, (size_t)(d->r.at - start) };
	if (*n == 0)			/* [MQTT-3.8.3-2] [MQTT-3.10.3-2] */
		return (violation(d, d->says[NO_FILTER]));
	return (MQK_OK);
}

static int
decode_subscribe(struct decoder *d, struct packet *p)
{
	struct packet_subscribe	*m = &p->u.subscribe;
	int			 err = read_mid(d, &m->mid);

	m->filters = NULL;
	if (err == MQK_OK)
		err = read_props(d, MQK_SUBSCRIBE, &m->props);
	if (err == MQK_OK)
		err = read_filters(d, true, &m->list, &m->n);
	return (err);
}

static int
decode_unsubscribe(struct decoder *d, struct packet *p)
{
	struct packet_unsubscribe	*m = &p->u.unsubscribe;
	int				 err = read_mid(d, &m->mid);

	m->topics = NULL;
	if (err == MQK_OK)
		err = read_props(d, MQK_UNSUBSCRIBE, &m->props);
	if (err == MQK_OK)
		err = read_filters(d, false, &m->list, &m->n);
	return (err);
}

bool
subscribe_next(const struct packet *p, size_t *cursor,
    struct mqk_bytes *filter, uint8_t *options)
{
	bool			 has_options = p->type == MQK_SUBSCRIBE;
	struct mqk_bytes	 list;
	struct rd		 r;

	list = has_options ? p->u.subscribe.list : p->u.unsubscribe.list;
	if (*cursor >= list.len)
		return (false);
	r.at = (const uint8_t *)list.data + *cursor;
	r.end = (const uint8_t *)list.data + list.len;
	r.bad = false;
	*filter = rd_bytes(&r);
	*options = has_options ? rd_u8(&r) : 0;
	*cursor = (size_t)(r.at - (const uint8_t *)list.data);
	return (!r.bad);
}

/* ---- SUBACK UNSUBACK ------------------------------------------------ */

static bool
granted_allowed(const struct decoder *d, const struct packet *p,
    uint8_t reason)
{
	if (d->version == MQK_V5)
		return (reason_allowed(p->type, reason));
	return (reason <= 2 || reason == SUBACK3_FAILURE);
}

static int
read_reasons(struct decoder *d, const struct packet *p,
    struct mqk_bytes *reasons)
{
	const uint8_t	*at;

	*reasons = take_rest(d);
	if (reasons->len == 0)
		return (violation(d, d->says[NO_REASON]));
	at = reasons->data;
	for (size_t i = 0; i < reasons->len; i++) {
		if (!granted_allowed(d, p, at[i]))
			return (violation(d, d->says[BAD_REASON]));
	}
	return (MQK_OK);
}

static int
decode_suback(struct decoder *d, struct packet *p)
{
	struct packet_suback	*m = &p->u.suback;
	int			 err = read_mid(d, &m->mid);

	m->reasons = (struct mqk_bytes){ NULL, 0 };
	if (err == MQK_OK)
		err = read_props(d, p->type, &m->props);
	if (err != MQK_OK)
		return (err);
	if (p->type == MQK_UNSUBACK && d->version != MQK_V5)
		return (MQK_OK);
	return (read_reasons(d, p, &m->reasons));
}

/* ---- PINGREQ PINGRESP DISCONNECT AUTH ------------------------------- */

static int
decode_ping(struct decoder *d, struct packet *p)
{
	(void)d;
	(void)p;
	return (MQK_OK);
}

static int
decode_disconnect(struct decoder *d, struct packet *p)
{
	return (read_reason(d, p, &p->u.bye.reason, &p->u.bye.props));
}

static int
decode_auth(struct decoder *d, struct packet *p)
{
	struct packet_bye	*m = &p->u.bye;
	bool			 empty = all_read(d);
	struct mqk_value	 method;
	int			 err;

	if (d->version != MQK_V5)
		return (malformed(d, "AUTH: not a packet of MQTT 3"));
	err = read_reason(d, p, &m->reason, &m->props);
	if (err != MQK_OK || empty)
		return (err);
	/* [3.15.2.2.2], though [3.15.2.1] lets success leave out all */
	if (!mqk_props_get(&m->props, MQK_P_AUTHENTICATION_METHOD, &method))
		return (violation(d, "AUTH: no authentication-method"));
	return (MQK_OK);
}

/* ---- all of them ---------------------------------------------------- */

static const struct kind {
	int		(*decode)(struct decoder *, struct packet *);
	uint8_t		 flags;		/* of the first byte [2.1.3] */
	bool		 own_flags;	/* the decoder looks at them */
	const char	*says[COMPLAINTS];
} kinds[16] = {
#define KIND(type, decode, flags, own)					\
	[MQK_##type] = { decode, flags, own, {				\
		[WRONG_FLAGS] = #type ": wrong flags in first byte",	\
		[TOO_SHORT] = #type ": ends too early",			\
		[TOO_LONG] = #type ": bytes behind its end",		\
		[NO_MID] = #type ": packet id 0",			\
		[BAD_REASON] = #type ": reason code not allowed",	\
		[NO_REASON] = #type ": no reason code",			\
		[BAD_FILTER] = #type ": invalid topic filter",		\
		[NO_FILTER] = #type ": no topic filter",		\
	    } }
	KIND(CONNECT, decode_connect, 0, true),
	KIND(CONNACK, decode_connack, 0, false),
	KIND(PUBLISH, decode_publish, 0, true),
	KIND(PUBACK, decode_answer, 0, false),
	KIND(PUBREC, decode_answer, 0, false),
	KIND(PUBREL, decode_answer, 2, false),
	KIND(PUBCOMP, decode_answer, 0, false),
	KIND(SUBSCRIBE, decode_subscribe, 2, false),
	KIND(SUBACK, decode_suback, 0, false),
	KIND(UNSUBSCRIBE, decode_unsubscribe, 2, false),
	KIND(UNSUBACK, decode_suback, 0, false),
	KIND(PINGREQ, decode_ping, 0, false),
	KIND(PINGRESP, decode_ping, 0, false),
	KIND(DISCONNECT, decode_disconnect, 0, false),
	KIND(AUTH, decode_auth, 0, false),
#undef KIND
};

/*
 * The first byte, and the remaining length, which must be what is there.
 * Only MQTT 5 asks for its shortest form [MQTT-1.5.5-1].
 */
static int
read_header(struct decoder *d, struct packet *p, const uint8_t *wire,
    size_t n)
{
	struct rd	 r = { wire, wire + n, false };
	uint8_t		 first = rd_u8(&r), c = rd_u8(&r);
	size_t		 len = c & 0x7f;
	unsigned	 shift = 7;

	p->type = (enum mqk_packet_type)(first >> 4);
	p->flags = first & 0x0f;
	p->wire = (struct mqk_bytes){ wire, n };
	for (; (c & 0x80) != 0 && shift < 28; shift += 7) {
		c = rd_u8(&r);
		len |= (size_t)(c & 0x7f) << shift;
	}
	d->r = r;
	if (r.bad || (c & 0x80) != 0 || len != rd_left(&r))
		return (malformed(d, "fixed header: wrong remaining length"));
	if (c == 0 && shift > 7 && d->version == MQK_V5)
		return (malformed(d, "fixed header: length not in short form"));
	return (MQK_OK);
}

/* MQTT 3.1 leaves the flags of all packets but PUBLISH open. */
static bool
flags_allowed(const struct kind *k, const struct decoder *d, uint8_t flags)
{
	return (k->own_flags || k->flags == flags || d->version == MQK_V31);
}

static int
decode_body(struct decoder *d, struct packet *p)
{
	const struct kind	*k = &kinds[p->type];
	int			 err;

	if (k->decode == NULL)
		return (malformed(d, "fixed header: packet type 0"));
	d->says = k->says;
	if (!flags_allowed(k, d, p->flags))		/* [MQTT-2.1.3-1] */
		return (malformed(d, d->says[WRONG_FLAGS]));
	err = k->decode(d, p);
	if (d->r.bad)
		return (malformed(d, d->says[TOO_SHORT]));
	if (err == MQK_OK && !all_read(d))
		return (malformed(d, d->says[TOO_LONG]));
	return (err);
}

/*
 * PUBACK, PUBREC, PUBREL or PUBCOMP in its shortest form, the most frequent
 * packets of all; false leaves it, and what may be wrong with it, to others.
 */
static bool
decode_short_answer(struct packet *p, const uint8_t *wire, size_t len)
{
	unsigned	 type = wire[0] >> 4;
	unsigned	 mid;

	if (len != 4 || wire[1] != 2 || type - MQK_PUBACK > 3 ||
	    (wire[0] & 0x0f) != (type == MQK_PUBREL ? 2 : 0))
		return (false);
	mid = (unsigned)wire[2] << 8 | wire[3];
	p->type = (enum mqk_packet_type)type;
	p->flags = wire[0] & 0x0f;
	p->wire = (struct mqk_bytes){ wire, len };
	p->u.answer.mid = (uint16_t)mid;
	p->u.answer.reason = 0;
	p->u.answer.props = (struct mqk_props){ 0 };
	return (mid != 0);
}

/*
 * A PUBLISH as nearly all are: well-formed, without properties.  It agrees
 * with decode_publish(), which gets whatever this one does not take.
 */
static bool
decode_plain_publish(struct packet *p, enum mqk_version version,
    const uint8_t *wire, size_t len)
{
	struct packet_publish	*m = &p->u.publish;
	const uint8_t		*at = wire + 2, *end = wire + len;
	size_t			 left = wire[1] & 0x7f, topic;
	unsigned		 qos = wire[0] >> 1 & 3;

	if ((wire[1] & 0x80) != 0)
		left |= (size_t)*at++ << 7;	/* two bytes of length */
	if (at[-1] >= 0x80 || at[-1] == 0 || at + left != end || left < 5)
		return (false);
	topic = (size_t)at[0] << 8 | at[1];
	at += 2;
	if (topic + (qos > 0 ? 2 : 0) + (version == MQK_V5) > left - 2 ||
	    !topic_valid((const char *)at, topic))
		return (false);
	m->topic = (struct mqk_bytes){ at, topic };
	at += topic;
	m->mid = 0;
	if (qos > 0) {
		m->mid = (uint16_t)(at[0] << 8 | at[1]);
		at += 2;
	}
	if (version == MQK_V5 && *at++ != 0)
		return (false);
	m->retain = (wire[0] & PUBLISH_RETAIN) != 0;
	m->dup = (wire[0] & PUBLISH_DUP) != 0;
	m->qos = (uint8_t)qos;
	m->payload = (struct mqk_bytes){ at, (size_t)(end - at) };
	m->props = (struct mqk_props){ 0 };
	p->type = MQK_PUBLISH;
	p->flags = wire[0] & 0x0f;
	p->wire = (struct mqk_bytes){ wire, len };
	return (qos == 0 ? !m->dup : qos < 3 && m->mid != 0);
}

static ASIDE int
decode_any(struct packet *p, enum mqk_version version, const uint8_t *wire,
    size_t len, const char **why)
{
	struct decoder	 d = { .version = version };
	int		 err;

	err = read_header(&d, p, wire, len);
	if (err == MQK_OK)
		err = decode_body(&d, p);
	if (err != MQK_OK)
		*why = d.why;
	return (err);
}

int
packet_decode(struct packet *p, enum mqk_version version,
    const uint8_t *wire, size_t len, const char **why)
{
	if (len == 4 && decode_short_answer(p, wire, len))
		return (MQK_OK);
	if (len > 6 && wire[0] >> 4 == MQK_PUBLISH &&
	    decode_plain_publish(p, version, wire, len))
		return (MQK_OK);
	return (decode_any(p, version, wire, len, why));
}
