/* SPDX-License-Identifier: MIT */

/* From the session's events to the user's callbacks. */

#include <stdlib.h>
#include <string.h>

#include "base/attribute.h"
#include "base/str.h"
#include "client/internal.h"
#include "codec/reason.h"

const struct mqk_props *
props_or_null(const struct mqk_props *props)
{
	return (props != NULL && props->len > 0 ? props : NULL);
}

/* ---- messages -------------------------------------------------------- */

/*
 * The topic as a C string.  On the wire its length stands in front of it and
 * other data behind it, so it is moved down by one byte in the receive buffer,
 * which makes room for the NUL.  A topic that came by alias is stored with one.
 */
static const char *
topic_string(struct mqk_client *c, const struct packet_publish *p,
    struct mqk_bytes topic)
{
	const uint8_t	*at = topic.data;
	uint8_t		*to;

	if (at != p->topic.data)
		return (topic.data);
	to = c->rx.mem + (at - c->rx.mem) - 1;
	memmove(to, at, topic.len);
	to[topic.len] = '\0';
	return ((const char *)to);
}

int
dispatch_unheard(struct mqk_client *c, const struct mqk_message *m)
{
	if (c->told_unheard || c->dying)
		return (0);
	c->told_unheard = true;
	client_log(c, MQK_LOG_WARNING, "no callback for '%.100s', nor for "
	    "what may follow: %s (mqk_set_handlers() and mqk_subscribe() "
	    "belong before mqk_connect())", m->topic, m->qos == 0 ||
	    c->config.manual_ack ? "dropped" : "acknowledged and dropped");
	return (0);
}

/* It holds back all acknowledgements behind it. */
static ASIDE void
warn_of_reason(struct mqk_client *c, const struct mqk_message *m, int result)
{
	enum mqk_packet_type	 type = m->qos == 1 ? MQK_PUBACK : MQK_PUBREC;

	if (c->told_reason || reason_allowed(type, (uint8_t)result))
		return;
	c->told_reason = true;
	client_log(c, MQK_LOG_WARNING, "on_message returned %d, no reason "
	    "code of %s: message %u is not acknowledged", result,
	    mqk_packet_name(type), (unsigned)m->mid);
}

static int
call_on_message(struct mqk_client *c, const struct mqk_message *m)
{
	int	 result;

	if (c->on.on_message == NULL)
		return (dispatch_unheard(c, m));
	call_begin(c);
	result = c->on.on_message(c, m, c->user);
	call_end(c);
	return (result);
}

int
dispatch_message(struct mqk_client *c, const struct packet_publish *p,
    struct mqk_bytes topic, struct mqk_ack ack, struct error *e)
{
	struct mqk_message	 m;
	int			 result, err;

	m.topic = topic_string(c, p, topic);
	m.topic_len = topic.len;
	m.payload = p->payload;
	m.qos = p->qos;
	m.retain = p->retain;
	m.dup = p->dup;
	m.mid = p->mid;
	m.ack = ack;
	m.props = props_or_null(&p->props);
	c->waits.given++;
	result = c->subs.callbacks > 0 ? subs_route(c, &m) :
	    call_on_message(c, &m);
	if (m.qos == 0 || c->config.manual_ack || result == MQK_ACK_LATER ||
	    c->dying)
		return (MQK_OK);
	err = session_ack(c->session, m.ack, (uint8_t)result, NULL);
	/* A callback that went ahead and used mqk_ack() is welcome to. */
	if (err == MQK_ENOMEM)
		return (errf(e, err, "acknowledge: out of memory"));
	if (err == MQK_EINVAL)
		warn_of_reason(c, &m, result);
	return (MQK_OK);
}

static int
on_message(struct mqk_client *c, const struct event *ev, struct error *e)
{
	return (dispatch_message(c, ev->u.message.packet, ev->u.message.topic,
	    ev->u.message.ack, e));
}

/* ---- answers --------------------------------------------------------- */

typedef void on_result_fn(struct mqk_client *, const struct mqk_result *,
    void *);

/* Whose callback; NULL also when the request was not the user's. */
static on_result_fn *
result_handler(struct mqk_client *c, const struct event *ev)
{
	switch (ev->u.answer.type) {
	case MQK_PUBLISH:
		return (c->on.on_published);
	case MQK_SUBSCRIBE:
		subs_answered(&c->subs, ev->u.answer.mid,
		    ev->u.answer.error, ev->u.answer.reasons);
		return (ev->u.answer.tag == NULL ? c->on.on_subscribed : NULL);
	default:
		return (c->on.on_unsubscribed);
	}
}

static void
call_result(struct mqk_client *c, on_result_fn *handler,
    const struct mqk_result *r)
{
	if (handler == NULL)
		return;
	call_begin(c);
	handler(c, r, c->user);
	call_end(c);
}

/* The user may unsubscribe from the filter while looking at it. */
static int
tell_refused(struct mqk_client *c, const struct mqk_props *props,
    struct error *e)
{
	uint8_t			 reason;
	struct mqk_result	 r = {
		.reasons = &reason,
		.nreasons = 1,
		.props = props_or_null(props),
	};
	const char		*filter;
	char			*copy;

	while (!c->dying &&
	    (filter = subs_refused(&c->subs, &reason)) != NULL) {
		copy = str_dup(filter);
		if (copy == NULL)
			return (errf(e, MQK_ENOMEM, "SUBACK: out of memory"));
		client_log(c, MQK_LOG_WARNING, "subscribe again to %s: %s",
		    copy, mqk_reason_name(MQK_SUBACK, reason));
		r.filter = copy;
		if (!c->dying)
			call_result(c, c->on.on_subscribed, &r);
		free(copy);
	}
	return (MQK_OK);
}

/* The worst the broker said, or the error; MQK_OK: it said yes. */
static int
verdict(const struct event *ev)
{
	const uint8_t	*reasons = ev->u.answer.reasons.data;
	int		 worst = MQK_OK;

	if (ev->u.answer.error < 0)
		return (ev->u.answer.error);
	for (size_t i = 0; i < ev->u.answer.reasons.len; i++)
		if (reasons[i] >= MQK_REFUSAL && reasons[i] > worst)
			worst = reasons[i];
	return (worst);
}

static int
on_answered(struct mqk_client *c, const struct event *ev, struct error *e)
{
	struct mqk_result	 r = { .filter = NULL };
	on_result_fn		*handler = result_handler(c, ev);
	int			 said = verdict(ev);
	uint16_t		 mid = ev->u.answer.mid;
	bool			 kept;

	/* The session has forgotten it: the handler hears of it anyhow. */
	kept = said == MQK_OK || waits_refused(&c->waits, mid, said,
	    session_id_next(c->session, mid)) == MQK_OK;
	r.mid = mid;
	r.tag = ev->u.answer.tag;
	r.error = ev->u.answer.error;
	r.reasons = ev->u.answer.reasons.data;
	r.nreasons = ev->u.answer.reasons.len;
	r.props = props_or_null(&ev->u.answer.props);
	call_result(c, handler, &r);
	if (!kept)
		return (errf(e, MQK_ENOMEM, "answer: out of memory"));
	return (ev->u.answer.type == MQK_SUBSCRIBE ?
	    tell_refused(c, &ev->u.answer.props, e) : MQK_OK);
}

void
dispatch_answers(struct mqk_client *c, const struct session_answer *a,
    size_t n)
{
	static const uint8_t	 success = 0;
	struct mqk_result	 r = { .reasons = &success, .nreasons = 1 };

	for (size_t i = 0; i < n && !c->dying; i++) {
		r.mid = a[i].mid;
		r.tag = a[i].tag;
		call_result(c, c->on.on_published, &r);
	}
}

/* ---- connection ------------------------------------------------------ */

/* With 3.x sessions stay, with 5.0 they must be asked to. */
static void
warn_of_session(struct mqk_client *c, const struct packet_connack *p)
{
	uint32_t	 asked = prop_num(&c->config.props,
			    MQK_P_SESSION_EXPIRY_INTERVAL, 0);

	if (c->config.resume && c->dial.version == MQK_V5 &&
	    prop_num(&p->props, MQK_P_SESSION_EXPIRY_INTERVAL, asked) == 0)
		client_log(c, MQK_LOG_WARNING, "resume: the session ends with "
		    "this connection, there is no session-expiry-interval");
}

static int
on_connected(struct mqk_client *c, const struct event *ev, struct error *e)
{
	const struct packet_connack *p = &ev->u.connack;
	char			 address[PIPE_ADDRESS_MAX];
	struct mqk_connected	 con = {
		.session_present = p->session_present,
		.version = session_version(c->session),
		.address = address,
		.props = props_or_null(&p->props),
	};
	int			 err = auth_connected(c, p, e);

	if (err < 0)
		return (err);
	err = subs_connected(&c->subs, c->session, p);
	if (err < 0)
		return (errf(e, err, "subscribe again: %s", mqk_strerror(err)));
	dial_up(c, p);
	c->pipe->ops->address(c->pipe, address, sizeof(address));
	client_log(c, MQK_LOG_INFO, "connected to %s", address);
	warn_of_session(c, p);
	if (c->on.on_connected != NULL && !c->dying) {
		call_begin(c);
		c->on.on_connected(c, &con, c->user);
		call_end(c);
	}
	return (tell_refused(c, NULL, e));
}

/*
 * The broker ended it with a reason code: keep what it said for
 * on_disconnected and make a sentence of it.
 */
static int
ended(struct mqk_client *c, int code, const char *what,
    enum mqk_packet_type type, uint8_t reason, const struct mqk_props *props,
    struct error *e)
{
	struct mqk_value	 v = { .str = { "", 0 } };
	char			 address[PIPE_ADDRESS_MAX];
	bool			 more;

	c->ending.reason = reason;
	c->ending.props = *props;
	c->pipe->ops->address(c->pipe, address, sizeof(address));
	more = mqk_props_get(props, MQK_P_REASON_STRING, &v);
	return (errf(e, code, "%s by %s: %s (0x%02x)%s%.*s", what, address,
	    mqk_reason_name(type, reason), reason, more ? ": " : "",
	    (int)v.str.len, (const char *)v.str.data));
}

static int
on_refused(struct mqk_client *c, const struct event *ev, struct error *e)
{
	return (ended(c, MQK_EREFUSED, "refused", MQK_CONNACK,
	    ev->u.connack.reason, &ev->u.connack.props, e));
}

static int
on_bye(struct mqk_client *c, const struct event *ev, struct error *e)
{
	return (ended(c, MQK_ECLOSED, "disconnected", MQK_DISCONNECT,
	    ev->u.bye.reason, &ev->u.bye.props, e));
}

static int
on_auth(struct mqk_client *c, const struct event *ev, struct error *e)
{
	bool	 done;
	int	 err = auth_received(c, &ev->u.bye, &done, e);

	if (err < 0 || !done || c->on.on_auth == NULL)
		return (err);
	call_begin(c);
	c->on.on_auth(c, ev->u.bye.reason, props_or_null(&ev->u.bye.props),
	    c->user);
	call_end(c);
	return (MQK_OK);
}

void
dispatch_disconnected(struct mqk_client *c, const struct mqk_disconnected *d)
{
	if (c->on.on_disconnected == NULL || c->dying)
		return;
	call_begin(c);
	c->on.on_disconnected(c, d, c->user);
	call_end(c);
}

static int
on_source_done(struct mqk_client *c, const struct event *ev, struct error *e)
{
	(void)e;
	if (ev->u.source.done == NULL)
		return (MQK_OK);
	call_begin(c);
	ev->u.source.done(ev->u.source.arg);
	call_end(c);
	return (MQK_OK);
}

typedef int on_event_fn(struct mqk_client *, const struct event *,
    struct error *);

static on_event_fn *const handlers[] = {
	[EVENT_CONNECTED] = on_connected,
	[EVENT_REFUSED] = on_refused,
	[EVENT_MESSAGE] = on_message,
	[EVENT_ANSWERED] = on_answered,
	[EVENT_AUTH] = on_auth,
	[EVENT_DISCONNECTED] = on_bye,
	[EVENT_SOURCE_DONE] = on_source_done,
};

void
dispatch_last(struct mqk_client *c)
{
	const struct event	*ev;

	for (ev = session_event(c->session); ev != NULL;
	    ev = session_event(c->session))
		if (ev->type == EVENT_SOURCE_DONE && ev->u.source.done != NULL)
			ev->u.source.done(ev->u.source.arg);
}

int
dispatch_events(struct mqk_client *c, struct error *e)
{
	const struct event	*ev;
	struct error		 later;
	int			 err, first = MQK_OK;

	while (!c->dying) {
		ev = session_event(c->session);
		if (ev == NULL)
			break;
		err = handlers[ev->type](c, ev, first == MQK_OK ? e : &later);
		if (first == MQK_OK)
			first = err;
	}
	return (first);
}
