/* SPDX-License-Identifier: MIT */

/* A packet as a line of text; see describe.h for its form. */

#include "codec/describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

struct line {
	char		*at;
	char		*end;		/* where the NUL goes at the latest */
};

static void add(struct line *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Append; what does not fit is cut. */
static void
add(struct line *l, const char *fmt, ...)
{
	size_t	 room = (size_t)(l->end - l->at);
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(l->at, room + 1, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->at += (size_t)n < room ? (size_t)n : room;
}

static void
add_raw(struct line *l, const uint8_t *p, size_t n)
{
	if (n > (size_t)(l->end - l->at))
		n = (size_t)(l->end - l->at);
	memcpy(l->at, p, n);
	l->at += n;
}

/* Control characters are shown as bytes, those above ASCII too. */
static bool
is_control(const uint8_t *p, size_t n)
{
	return ((n <= 1 && (p[0] < 0x20 || p[0] > 0x7e)) ||
	    (n == 2 && p[0] == 0xc2 && p[1] < 0xa0));
}

static void
add_quoted(struct line *l, struct mqk_bytes s)
{
	const uint8_t	*p = s.data;
	size_t		 n;

	add(l, "\"");
	for (size_t i = 0; i < s.len && l->at < l->end; i += n) {
		n = utf8_sequence(p + i, s.len - i);
		if (is_control(p + i, n)) {
			n = 1;
			add(l, "\\x%02x", p[i]);
			continue;
		}
		if (p[i] == '"' || p[i] == '\\')
			add(l, "\\");
		add_raw(l, p + i, n);
	}
	add(l, "\"");
}

static void
add_reason(struct line *l, uint8_t reason)
{
	add(l, reason < 10 ? "%u" : "0x%02x", reason);
}

static bool
has_prefix(const char *s, const char *prefix)
{
	return (strncmp(s, prefix, strlen(prefix)) == 0);
}

static void
add_value(struct line *l, enum mqk_prop id, const struct mqk_value *v)
{
	enum mqk_prop_type	 type = mqk_prop_type(id);

	if (type <= MQK_T_VARINT) {
		add(l, "%u", v->num);
		return;
	}
	if (id == MQK_P_AUTHENTICATION_DATA) {
		add(l, "***");
		return;
	}
	if (type == MQK_T_PAIR) {
		add_quoted(l, v->key);
		add(l, ":");
	}
	add_quoted(l, v->str);
}

static void
add_props(struct line *l, const char *prefix, const struct mqk_props *props)
{
	struct mqk_value	 v;
	enum mqk_prop		 id;
	const char		*name;
	size_t			 cursor = 0;

	while (mqk_props_next(props, &cursor, &id, &v)) {
		name = mqk_prop_name(id);
		add(l, " %s%s=", has_prefix(name, prefix) ? "" : prefix, name);
		add_value(l, id, &v);
	}
}

static void
describe_connect(struct line *l, const struct packet *p, enum mqk_version v)
{
	const struct packet_connect	*m = &p->u.connect;
	const struct packet_will	*w = &m->will;

	(void)v;
	add(l, " v=%d clean=%d keepalive=%u id=", (int)m->version, m->clean,
	    m->keepalive_s);
	add_quoted(l, m->client_id);
	if (m->user.data != NULL) {
		add(l, " user=");
		add_quoted(l, m->user);
	}
	if (m->password.data != NULL)
		add(l, " password=***");
	if (w->set) {
		add(l, " will-topic=");
		add_quoted(l, w->topic);
		add(l, " will-payload=%zu will-qos=%u will-retain=%d",
		    w->payload.len, w->qos, w->retain);
		add_props(l, "will-", &w->props);
	}
	add_props(l, "", &m->props);
}

static void
describe_connack(struct line *l, const struct packet *p, enum mqk_version v)
{
	(void)v;
	add(l, " sp=%d reason=", p->u.connack.session_present);
	add_reason(l, p->u.connack.reason);
	add_props(l, "", &p->u.connack.props);
}

static void
describe_publish(struct line *l, const struct packet *p, enum mqk_version v)
{
	const struct packet_publish	*m = &p->u.publish;

	(void)v;
	add(l, " qos=%u dup=%d retain=%d", m->qos, m->dup, m->retain);
	if (m->qos > 0)
		add(l, " mid=%u", m->mid);
	add(l, " topic=");
	add_quoted(l, m->topic);
	add(l, " payload=%zu", m->payload.len);
	add_props(l, "", &m->props);
}

static void
add_bye(struct line *l, enum mqk_version v, uint8_t reason,
    const struct mqk_props *props)
{
	if (v != MQK_V5)
		return;
	add(l, " reason=");
	add_reason(l, reason);
	add_props(l, "", props);
}

static void
describe_answer(struct line *l, const struct packet *p, enum mqk_version v)
{
	add(l, " mid=%u", p->u.answer.mid);
	add_bye(l, v, p->u.answer.reason, &p->u.answer.props);
}

static void
add_filter(struct line *l, enum mqk_version v, struct mqk_bytes topic,
    uint8_t options)
{
	add(l, " filter=");
	add_quoted(l, topic);
	add(l, " qos=%u", options & 3);
	if (v == MQK_V5)
		add(l, " nl=%u rap=%u rh=%u", options >> 2 & 1,
		    options >> 3 & 1, options >> 4 & 3);
}

static uint8_t
options_of(const struct mqk_filter *f)
{
	return ((uint8_t)(f->qos | f->no_local << 2 |
	    f->retain_as_published << 3 | f->retain_handling << 4));
}

static void
describe_subscribe(struct line *l, const struct packet *p, enum mqk_version v)
{
	const struct packet_subscribe	*m = &p->u.subscribe;
	struct mqk_bytes		 filter;
	size_t				 cursor = 0;
	uint8_t				 options;

	add(l, " mid=%u", m->mid);
	for (size_t i = 0; m->filters != NULL && i < m->n; i++) {
		filter.data = m->filters[i].topic;
		filter.len = strlen(m->filters[i].topic);
		add_filter(l, v, filter, options_of(&m->filters[i]));
	}
	while (m->filters == NULL &&
	    subscribe_next(p, &cursor, &filter, &options))
		add_filter(l, v, filter, options);
	add_props(l, "", &m->props);
}

static void
describe_unsubscribe(struct line *l, const struct packet *p,
    enum mqk_version v)
{
	const struct packet_unsubscribe	*m = &p->u.unsubscribe;
	struct mqk_bytes		 filter;
	size_t				 cursor = 0;
	uint8_t				 options;

	(void)v;
	add(l, " mid=%u", m->mid);
	for (size_t i = 0; m->topics != NULL && i < m->n; i++) {
		add(l, " filter=");
		add_quoted(l, (struct mqk_bytes){ m->topics[i],
		    strlen(m->topics[i]) });
	}
	while (m->topics == NULL &&
	    subscribe_next(p, &cursor, &filter, &options)) {
		add(l, " filter=");
		add_quoted(l, filter);
	}
	add_props(l, "", &m->props);
}

static void
describe_suback(struct line *l, const struct packet *p, enum mqk_version v)
{
	const struct packet_suback	*m = &p->u.suback;
	const uint8_t			*reasons = m->reasons.data;

	add(l, " mid=%u", m->mid);
	if (p->type == MQK_UNSUBACK && v != MQK_V5)
		return;
	for (size_t i = 0; i < m->reasons.len; i++) {
		add(l, i == 0 ? " reasons=" : ",");
		add_reason(l, reasons[i]);
	}
	add_props(l, "", &m->props);
}

static void
describe_ping(struct line *l, const struct packet *p, enum mqk_version v)
{
	(void)l;
	(void)p;
	(void)v;
}

static void
describe_bye(struct line *l, const struct packet *p, enum mqk_version v)
{
	add_bye(l, v, p->u.bye.reason, &p->u.bye.props);
}

static void (*const describers[16])(struct line *, const struct packet *,
    enum mqk_version) = {
	[MQK_CONNECT] = describe_connect,
	[MQK_CONNACK] = describe_connack,
	[MQK_PUBLISH] = describe_publish,
	[MQK_PUBACK] = describe_answer,
	[MQK_PUBREC] = describe_answer,
	[MQK_PUBREL] = describe_answer,
	[MQK_PUBCOMP] = describe_answer,
	[MQK_SUBSCRIBE] = describe_subscribe,
	[MQK_SUBACK] = describe_suback,
	[MQK_UNSUBSCRIBE] = describe_unsubscribe,
	[MQK_UNSUBACK] = describe_suback,
	[MQK_PINGREQ] = describe_ping,
	[MQK_PINGRESP] = describe_ping,
	[MQK_DISCONNECT] = describe_bye,
	[MQK_AUTH] = describe_bye,
};

size_t
packet_describe(const struct packet *p, enum mqk_version version, char *to,
    size_t size)
{
	struct line	 l = { to, to + size - 1 };

	if (size == 0)
		return (0);
	add(&l, "%s", mqk_packet_name(p->type));
	if (p->type >= MQK_CONNECT && p->type <= MQK_AUTH)
		describers[p->type](&l, p, version);
	*l.at = '\0';
	return ((size_t)(l.at - to));
}
