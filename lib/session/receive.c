/* SPDX-License-Identifier: MIT */

/* Packets of the peer: which may come when, and those about the connection. */

#include <string.h>

#include "codec/reason.h"
#include "session/internal.h"

/*
 * Without a receive-maximum there is no telling what a broker takes.  At QoS 2
 * it has to keep what is unfinished, and Mosquitto, unless configured
 * otherwise, closes the connection at the 21st.
 */
#define WINDOW_V3	1000u
#define WINDOW_V3_QOS2	20u

/* ---- CONNACK --------------------------------------------------------- */

static void
set_window(struct session *s)
{
	uint32_t	 own = s->options.max_inflight;
	uint32_t	 theirs = s->peer.receive_max;

	if (s->version == MQK_V5)
		own = own != 0 && own < theirs ? own : theirs;
	s->window_most = own != 0 ? own : WINDOW_V3;
	s->window_qos2 = own != 0 ? own : WINDOW_V3_QOS2;
	s->window = s->window_most < WINDOW_FIRST ? s->window_most :
	    WINDOW_FIRST;
}

static int
resume(struct session *s, bool present)
{
	set_window(s);
	s->held = true;
	if (present)
		return (flow_release_all(s));	/* [MQTT-4.4.0-1] */
	flow_session_gone(s);
	inbound_forget(s);
	return (MQK_OK);
}

/*
 * Is the authentication method, if there is one, that of CONNECT?  A success
 * without properties has none to compare [3.15.2.1].
 */
static bool
same_method(const struct session *s, const struct mqk_props *props)
{
	struct mqk_value	 v;

	return (!mqk_props_get(props, MQK_P_AUTHENTICATION_METHOD, &v) ||
	    (s->auth_method.topic != NULL && session_speaks(s, v.str)));
}

static int
check_connack(struct session *s, const struct packet_connack *m)
{
	const char	*why = NULL;

	if (m->session_present && s->clean)	/* [MQTT-3.2.2-4] */
		why = "session present after a clean start";
	else if (!same_method(s, &m->props))	/* [MQTT-4.12.0-5] */
		why = "not the authentication method of CONNECT";
	return (why == NULL ? MQK_OK : session_fail(s, 0x82,
	    errf(session_text(s), MQK_EPROTOCOL, "CONNACK: %s", why)));
}

static int
on_connack(struct session *s, int64_t now, const struct packet *p)
{
	const struct packet_connack *m = &p->u.connack;
	int	 err;

	(void)now;
	if (m->reason != 0) {
		s->state = SESSION_OVER;
		event_push(s, EVENT_REFUSED)->u.connack = *m;
		return (MQK_OK);
	}
	err = check_connack(s, m);
	if (err < 0)
		return (err);
	s->state = SESSION_UP;
	s->authing = false;
	limits_of(&s->peer, &m->props);
	s->keepalive_ms = 1000 * prop_num(&m->props, MQK_P_SERVER_KEEP_ALIVE,
	    s->keepalive_ms / 1000);		/* [MQTT-3.2.2-21] */
	event_push(s, EVENT_CONNECTED)->u.connack = *m;
	return (resume(s, m->session_present));
}

/* ---- other packets about the connection ------------------------------ */

/* What is wrong with that AUTH; NULL: nothing. */
static const char *
auth_flaw(const struct session *s, const struct packet_bye *m)
{
	if (s->auth_method.topic == NULL)	/* [MQTT-4.12.0-6] */
		return ("CONNECT had no authentication method");
	if (!same_method(s, &m->props))		/* [MQTT-4.12.0-5] */
		return ("not the authentication method of CONNECT");
	if (m->reason == 0x19)			/* [3.15.2.1] */
		return ("reason code 0x19 is for clients");
	if (!s->authing)			/* [4.12.1] */
		return ("without a request to authenticate again");
	if (m->reason == 0 && s->state != SESSION_UP)
		return ("reason code 0x00 before CONNACK");
	return (NULL);
}

static int
on_auth(struct session *s, int64_t now, const struct packet *p)
{
	const char	*why = auth_flaw(s, &p->u.bye);

	(void)now;
	if (why != NULL)
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "AUTH: %s", why)));
	if (p->u.bye.reason == 0)
		s->authing = false;
	event_push(s, EVENT_AUTH)->u.bye = p->u.bye;
	return (MQK_OK);
}

static int
on_disconnect(struct session *s, int64_t now, const struct packet *p)
{
	struct mqk_value v;

	(void)now;
	if (s->version != MQK_V5)
		return (session_fail(s, 0, errf(session_text(s), MQK_EPROTOCOL,
		    "DISCONNECT: only MQTT 5 brokers may send it")));
	if (p->u.bye.reason == 0x04)		/* [3.14.2.1] */
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL,
		    "DISCONNECT: only clients have a will to be published")));
	if (mqk_props_get(&p->u.bye.props, MQK_P_SESSION_EXPIRY_INTERVAL, &v))
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "DISCONNECT: a broker may not send "
		    "session-expiry-interval")));	/* [MQTT-3.14.2-2] */
	s->state = SESSION_OVER;
	event_push(s, EVENT_DISCONNECTED)->u.bye = p->u.bye;
	return (MQK_OK);
}

static int
on_pingresp(struct session *s, int64_t now, const struct packet *p)
{
	(void)s;
	(void)now;
	(void)p;
	return (MQK_OK);
}

/* ---- dispatch -------------------------------------------------------- */

static const struct {
	int		(*handle)(struct session *, int64_t now,
			    const struct packet *);
	unsigned	 states;	/* enum session_state bits */
} handlers[16] = {
	[MQK_CONNACK] = { on_connack, SESSION_GREETING },
	[MQK_PUBLISH] = { inbound_publish, SESSION_UP },
	[MQK_PUBACK] = { flow_answer, SESSION_UP },
	[MQK_PUBREC] = { flow_answer, SESSION_UP },
	[MQK_PUBREL] = { inbound_pubrel, SESSION_UP },
	[MQK_PUBCOMP] = { flow_answer, SESSION_UP },
	[MQK_SUBACK] = { flow_list_answer, SESSION_UP },
	[MQK_UNSUBACK] = { flow_list_answer, SESSION_UP },
	[MQK_PINGRESP] = { on_pingresp, SESSION_UP },
	[MQK_DISCONNECT] = { on_disconnect, SESSION_UP },
	[MQK_AUTH] = { on_auth, SESSION_GREETING | SESSION_UP },
};

static ASIDE int
unexpected(struct session *s, const struct packet *p)
{
	enum mqk_packet_type	 type = p->type;
	const char		*name = mqk_packet_name(type);

	if (handlers[type].handle == NULL)
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "%s: only clients send it", name)));
	if (s->state == SESSION_GREETING)
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "%s before CONNACK", name)));
	/* Mosquitto 2.0 refuses a re-authentication so. */
	return (session_fail(s, 0x82, errf(session_text(s), MQK_EPROTOCOL,
	    "%s: a second one, %s (0x%02x)", name, mqk_reason_name(type,
	    p->u.connack.reason), p->u.connack.reason)));
}

/* Reason strings and user properties where we may have declined them. */
static const struct mqk_props *
problem_props(const struct packet *p)
{
	switch (p->type) {
	case MQK_PUBACK:
	case MQK_PUBREC:
	case MQK_PUBREL:
	case MQK_PUBCOMP:
		return (&p->u.answer.props);
	case MQK_SUBACK:
	case MQK_UNSUBACK:
		return (&p->u.suback.props);
	case MQK_AUTH:
		return (&p->u.bye.props);
	default:
		return (NULL);
	}
}

/* [MQTT-3.1.2-29] */
static ASIDE bool
tells_problem(const struct packet *p)
{
	const struct mqk_props	*props = problem_props(p);
	struct mqk_value	 v;

	return (mqk_props_get(props, MQK_P_REASON_STRING, &v) ||
	    mqk_props_get(props, MQK_P_USER_PROPERTY, &v));
}

/* An error that nobody has found words for yet. */
static ASIDE int
explain(struct session *s, enum mqk_packet_type type, int err)
{
	if (session_error(s)->code != err)
		errf(session_text(s), err, "%s: %s", mqk_packet_name(type),
		    mqk_strerror(err));
	return (err);
}

int
session_receive(struct session *s, int64_t now, const struct packet *p)
{
	int	 err;

	if (s->state == SESSION_DOWN)
		return (MQK_ESTATE);
	s->packets_in++;
	session_heard(s, now);
	/* What comes after the last word is not looked at. */
	if (s->state == SESSION_OVER)
		return (MQK_OK);
	if ((handlers[p->type].states & s->state) == 0)
		return (unexpected(s, p));
	if (s->no_problems && tells_problem(p))
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "%s: problem information that CONNECT "
		    "declined", mqk_packet_name(p->type))));
	err = handlers[p->type].handle(s, now, p);
	return (err < 0 ? explain(s, p->type, err) : err);
}

int
session_message(struct session *s, const struct packet_publish *m,
    struct mqk_ack *ack)
{
	int	 taken;

	if (s->state != SESSION_UP || s->events.n > 0)
		return (0);
	taken = inbound_take(s, m, ack);
	if (taken < 0)
		return (explain(s, MQK_PUBLISH, taken));
	s->packets_in += (unsigned)taken;
	return (taken);
}
