/* SPDX-License-Identifier: MIT */

/*
 * The life of a connection: IDLE, DIALING, GREETING, UP, LEAVING, WAITING.
 * This file knows when to connect, as which version, when to give up and when
 * to try again; what is said on the wire is the session's.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/str.h"
#include "client/internal.h"
#include "session/blame.h"

#define LINGER_MS	1000	/* for the peer to close after DISCONNECT */
#define STAGE_MAX	160

#define REFUSED_VERSION_3X	0x01	/* CONNACK of MQTT 3.1.1, table 3.1 */
#define REFUSED_VERSION_5	0x84
#define USE_ANOTHER_SERVER	0x9c
#define SERVER_MOVED		0x9d

bool
dial_has_wire(const struct mqk_client *c)
{
	return (c->state == MQK_GREETING || c->state == MQK_UP ||
	    c->state == MQK_LEAVING);
}

/* ---- CONNECT --------------------------------------------------------- */

static enum mqk_version
next_version(const struct mqk_client *c)
{
	if (c->config.version != MQK_V_AUTO)
		return (c->config.version);
	if (c->auth != NULL)
		return (MQK_V5);
	return (c->dial.version != MQK_V_AUTO ? c->dial.version : MQK_V5);
}

/*
 * Clean start.  A reconnect resumes what the broker still has; with 3.x a
 * session that began clean ends with its connection, so clean it stays.
 */
static bool
starts_clean(const struct mqk_client *c)
{
	return (!c->config.resume &&
	    !(c->dial.again && c->dial.version == MQK_V5));
}

/* 3.1 wants an id of 1 to 23 bytes, 3.x one for a session that stays. */
int
dial_make_id(struct mqk_client *c, struct error *e)
{
	static const char	 hex[] = "0123456789abcdef";
	char			 id[] = "mqk-0123456789abcdef";
	uint8_t			 bytes[8];

	if (random_bytes(bytes, sizeof(bytes)) < 0)
		return (errf(e, MQK_EIO, "client id: no random numbers"));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		id[4 + 2 * i] = hex[bytes[i] >> 4];
		id[5 + 2 * i] = hex[bytes[i] & 15];
	}
	if (str_set(&c->dial.id, id) < 0)
		return (errf(e, MQK_ENOMEM, "client id: out of memory"));
	return (MQK_OK);
}

static int
choose_id(struct mqk_client *c, struct mqk_bytes *id, struct error *e)
{
	enum mqk_version v = c->dial.version;
	const char	*text;
	int		 err;

	if (c->config.client_id == NULL && c->dial.id == NULL &&
	    (v == MQK_V31 || (v == MQK_V311 && c->config.resume))) {
		err = dial_make_id(c, e);
		if (err < 0)
			return (err);
	}
	text = c->config.client_id != NULL ? c->config.client_id : c->dial.id;
	id->data = text != NULL ? text : "";
	id->len = strlen(id->data);
	return (MQK_OK);
}

static void
fill_will(struct packet_will *to, const struct will *w)
{
	if (w == NULL)
		return;
	to->set = true;
	to->qos = w->qos;
	to->retain = w->retain;
	to->topic.data = w->topic;
	to->topic.len = strlen(w->topic);
	to->payload = w->payload;
	to->props = w->props;
}

/* With a method of authentication they are for its messages only. */
static void
fill_credentials(struct packet_connect *p, const struct mqk_client *c)
{
	const char	*user;

	if (c->auth != NULL)
		return;
	config_credentials(&c->config, &user, &p->password);
	/* [MQTT-3.1.2-22] of 3.1.1: no password without a user name. */
	if (user == NULL && p->password.data != NULL && p->version != MQK_V5)
		user = "";
	p->user.data = user;
	p->user.len = user != NULL ? strlen(user) : 0;
}

/* A broker may send what it was not told to be too large. */
static int
announce_limit(const struct mqk_client *c, struct mqk_props *to)
{
	uint32_t	 max = session_max_packet(c->session);

	if (c->dial.version != MQK_V5 || max == PACKET_MAX ||
	    prop_num(to, MQK_P_MAXIMUM_PACKET_SIZE, PACKET_MAX) <= max)
		return (MQK_OK);
	return (mqk_props_add_num(to, MQK_P_MAXIMUM_PACKET_SIZE, max));
}

/* The user's properties, ours and the authentication's; free them. */
static int
fill_props(struct mqk_client *c, struct mqk_props *to, struct error *e)
{
	int	 err = prop_copy(to, &c->config.props);

	if (err == MQK_OK)
		err = announce_limit(c, to);
	if (err < 0) {
		prop_fini(to);
		return (errf(e, err, "CONNECT: out of memory"));
	}
	err = auth_connect(c, to, e);
	if (err < 0)
		prop_fini(to);
	return (err);
}

static int
open_session(struct mqk_client *c, int64_t now, struct error *e)
{
	struct packet_connect	 p = { .version = c->dial.version };
	int			 err;

	p.clean = starts_clean(c);
	p.keepalive_s = c->config.keepalive_s;
	err = choose_id(c, &p.client_id, e);
	if (err == MQK_OK)
		err = fill_props(c, &p.props, e);
	if (err < 0)
		return (err);
	fill_credentials(&p, c);
	fill_will(&p.will, c->config.will);
	err = session_open(c->session, now, &p, c->dial.deadline);
	if (err < 0)
		*e = *session_error(c->session);
	prop_fini(&p.props);
	return (err);
}

/* ---- dialing --------------------------------------------------------- */

/* Not earlier, so that no broker gets what is meant for another. */
static void
take_new_brokers(struct mqk_client *c)
{
	struct config	*config = &c->config;

	if (config->new_brokers == NULL)
		return;
	brokers_fini(&config->brokers);
	config->brokers = *config->new_brokers;
	free(config->new_brokers);
	config->new_brokers = NULL;
	c->dial.spoken_to = SIZE_MAX;
}

/* What one broker speaks says nothing about the next. */
static void
choose_version(struct mqk_client *c)
{
	if (c->dial.spoken_to != c->config.brokers.at) {
		c->dial.spoken_to = c->config.brokers.at;
		c->dial.version = MQK_V_AUTO;
		c->dial.proven = false;
	}
	c->dial.version = next_version(c);
}

static int
begin_attempt(struct mqk_client *c, int64_t now, struct error *e)
{
	static const struct route straight;
	const struct route	*route = c->config.route != NULL ?
				    c->config.route : &straight;
	struct broker		*b;
	struct transport_options o = {
		.bind_address = route->bind_address,
		.tcp = c->config.tcp,
		.address_timeout_ms = c->config.address_timeout_ms,
		.srv = c->config.srv,
		.proxy = route->proxy,
		.ws_path = route->ws_path,
		.ws_fields = route->ws_fields,
	};

	take_new_brokers(c);
	choose_version(c);
	b = brokers_current(&c->config.brokers);
	o.url = &b->url;
	o.tls = b->tls != NULL ? &b->tls : &c->config.tls;
	c->dial.deadline = now + c->config.connect_timeout_ms;
	c->dial.count++;
	stage_times_start(&c->dial.times, now);
	return (transport_new(&c->pipe, &o, e));
}

static int
attempt_timed_out(const struct mqk_client *c, struct error *e)
{
	char	 stage[STAGE_MAX];

	c->pipe->ops->stage(c->pipe, stage, sizeof(stage));
	return (errf(e, MQK_ETIMEOUT, "%s: timed out after %g s", stage,
	    c->config.connect_timeout_ms / 1000.0));
}

static int
continue_attempt(struct mqk_client *c, int64_t now, struct error *e)
{
	int	 err;

	if (c->pipe == NULL) {
		err = begin_attempt(c, now, e);
		if (err < 0)
			return (err);
	}
	err = c->pipe->ops->open(c->pipe, now, e);
	stage_times_reach(c->dial.times, c->pipe->ops->reached(c->pipe), now);
	if (err == MQK_EAGAIN && now >= c->dial.deadline)
		err = attempt_timed_out(c, e);
	if (err < 0)
		return (err);
	err = open_session(c, now, e);
	if (err < 0)
		return (err);
	stage_times_reach(c->dial.times, MQK_STAGE_MQTT, now);
	c->state = MQK_GREETING;
	return (MQK_OK);
}

/* Requests made by other threads and in callbacks. */
static void
do_asked(struct mqk_client *c, int64_t now)
{
	unsigned		 asked = c->dial.asked;
	static const struct error by_us;

	if (asked == 0)
		return;
	c->dial.asked = 0;
	if (c->state != MQK_IDLE && c->state != MQK_WAITING)
		dial_down(c, now, &by_us);
	if (c->dying || c->state != MQK_IDLE)
		return;
	if ((asked & ASK_REDIAL) != 0) {
		brokers_restart(&c->config.brokers);
		c->state = MQK_DIALING;
	}
}

void
dial_turn(struct mqk_client *c, int64_t now)
{
	struct error	 e;
	int		 err;

	do_asked(c, now);
	if (c->dying)
		return;
	if (c->state == MQK_WAITING && now >= c->dial.deadline)
		c->state = MQK_DIALING;
	if (c->state != MQK_DIALING)
		return;
	err = continue_attempt(c, now, &e);
	if (err < 0 && err != MQK_EAGAIN)
		dial_down(c, now, &e);
}

void
dial_up(struct mqk_client *c, const struct packet_connack *p)
{
	struct mqk_value	 v;
	char			*id;

	c->state = MQK_UP;
	free(c->dial.times);
	c->dial.times = NULL;
	c->config.brokers.sent = 0;
	c->dial.failures = 0;
	c->dial.tries = 0;
	c->dial.again = true;
	c->dial.proven = true;
	c->session_present = p->session_present;
	c->told_unheard = false;
	c->told_reason = false;
	c->last_reason = p->reason;
	(void)client_failed(c, MQK_OK, NULL);
	free(c->dial.older_story);
	c->dial.older_story = NULL;
	if (!mqk_props_get(&p->props, MQK_P_ASSIGNED_CLIENT_IDENTIFIER, &v))
		return;
	/* Without the memory for it the next connection gets another id. */
	id = str_ndup(v.str.data, v.str.len);
	if (id != NULL) {
		free(c->dial.id);
		c->dial.id = id;
	}
}

/* ---- falling back to 3.1.1 ------------------------------------------- */

/*
 * Did the broker refuse the version?  One that has spoken 5.0 with us may be
 * restarting when it closes without a word; that is no refusal.
 */
static bool
refuses_version(const struct mqk_client *c, const struct error *e)
{
	if (c->config.version != MQK_V_AUTO || c->dial.version != MQK_V5 ||
	    c->auth != NULL || c->state != MQK_GREETING)
		return (false);
	if (e->code == MQK_EREFUSED)
		return (c->ending.reason == REFUSED_VERSION_3X ||
		    c->ending.reason == REFUSED_VERSION_5);
	return (e->code == MQK_ECLOSED && !c->dial.proven);
}

/* Neither version got an answer: tell it as the story of the first. */
static void
tell_older_story(struct mqk_client *c, struct error *e)
{
	int	 os_error = e->os_error;

	if (c->dial.older_story == NULL)
		return;
	if (e->code == MQK_ECLOSED && c->state == MQK_GREETING) {
		errf(e, MQK_ECLOSED, "%s, with MQTT 5.0 and with 3.1.1",
		    c->dial.older_story);
		e->os_error = os_error;
	}
	free(c->dial.older_story);
	c->dial.older_story = NULL;
}

/* ---- the end of a connection ----------------------------------------- */

static void
hang_up(struct mqk_client *c, int64_t now)
{
	bool	 had_session = dial_has_wire(c);

	if (had_session && !c->dial.shut)
		pump_last_words(c, now);
	if (c->pipe != NULL)
		c->pipe->ops->free(c->pipe);
	c->pipe = NULL;
	c->dial.shut = false;
	if (had_session)
		session_lost(c->session, now);
}

static uint32_t
backoff_ms(const struct mqk_reconnect *r, uint32_t failures)
{
	uint64_t	 ms = r->min_ms;

	for (uint32_t i = 1; i < failures && ms < r->max_ms; i++)
		ms *= 2;
	return (ms < r->max_ms ? (uint32_t)ms : r->max_ms);
}

static enum mqk_policy
ask_policy(struct mqk_client *c, struct mqk_attempt *a)
{
	enum mqk_policy	 policy;

	if (c->on.before_reconnect == NULL)
		return (MQK_RETRY);
	call_begin(c);
	policy = c->on.before_reconnect(c, a, c->user);
	call_end(c);
	return (policy);
}

/* Full jitter: clients that lost the same broker do not return in step. */
static void
plan_next(struct mqk_client *c, int64_t now)
{
	const struct mqk_reconnect *r = &c->config.reconnect;
	struct mqk_attempt	 a = { .number = ++c->dial.failures };

	if (r->off || (r->max_tries != 0 && c->dial.tries >= r->max_tries))
		return;
	a.delay_ms = random_below(backoff_ms(r, a.number) + 1);
	a.last_error = c->idle_error;	/* callbacks may have failed since */
	a.last_reason = c->last_reason;
	if (ask_policy(c, &a) == MQK_GIVE_UP || c->dying ||
	    c->state != MQK_IDLE || c->dial.asked != 0)
		return;
	c->state = MQK_WAITING;
	c->dial.deadline = now + a.delay_ms;
	client_log(c, MQK_LOG_INFO, "next attempt in %u ms",
	    (unsigned)a.delay_ms);
}

static void
record(struct mqk_client *c, const struct error *e)
{
	c->idle_error = e->code != MQK_OK ? e->code : MQK_ESTOPPED;
	if (e->code == MQK_OK)
		return;
	client_failed(c, e->code, e->text);
	if (c->ending.reason != 0)
		c->last_reason = c->ending.reason;
}

/* Where the next attempt goes if this was the failure of one. */
static bool
has_next_broker(const struct mqk_client *c)
{
	return (c->config.new_brokers == NULL &&
	    c->config.brokers.at + 1 < c->config.brokers.n);
}

/* It sent us to another broker, and we want to be sent. */
static bool
take_redirect(struct mqk_client *c)
{
	struct mqk_value	 v;

	if (!c->config.follow || (c->ending.reason != USE_ANOTHER_SERVER &&
	    c->ending.reason != SERVER_MOVED) ||
	    !mqk_props_get(&c->ending.props, MQK_P_SERVER_REFERENCE, &v))
		return (false);
	if (!brokers_redirect(&c->config.brokers, v.str))
		return (false);
	c->dial.spoken_to = SIZE_MAX;
	return (true);
}

/* What is told of the end of a connection, and where it goes from there. */
struct sequel {
	bool		 was_up;
	bool		 by_us;
	bool		 redirected;
};

static void
tell_user(struct mqk_client *c, const struct error *e, const struct sequel *s)
{
	bool			 was_up = s->was_up, by_us = s->by_us;
	struct mqk_disconnected	 d = {
		.error = e->code,
		.reason = c->ending.reason,
		.by_us = by_us,
		.was_up = was_up,
		.more = !was_up && e->code != MQK_OK &&
		    (s->redirected || has_next_broker(c)),
		.text = e->code != MQK_OK ? e->text : "disconnected as asked",
		.props = props_or_null(&c->ending.props),
		.cause = e->code != MQK_OK ? e->cause : NULL,
		.post_mortem = e->code != MQK_OK && !was_up ?
		    post_mortem_show(c->post_mortem) : NULL,
	};
	struct error		 ignored;

	client_log(c, e->code == MQK_OK ? MQK_LOG_INFO : MQK_LOG_WARNING,
	    "%s", d.text);
	dispatch_disconnected(c, &d);
	/* Requests whose answer is now known never to come. */
	(void)dispatch_events(c, &ignored);
	memset(&c->ending, 0, sizeof(c->ending));
}

/* The next broker of the list at once; after the last one, a pause. */
static void
go_on(struct mqk_client *c, int64_t now, const struct sequel *s)
{
	if (!s->redirected && c->config.brokers.other != NULL) {
		brokers_return(&c->config.brokers);
		c->dial.spoken_to = SIZE_MAX;
	}
	if (!s->was_up && (s->redirected || has_next_broker(c))) {
		c->config.brokers.at += s->redirected ? 0 : 1;
		c->state = MQK_DIALING;
		return;
	}
	if (!s->redirected)
		brokers_restart(&c->config.brokers);
	c->dial.tries = s->was_up ? 0 : c->dial.tries + 1;
	plan_next(c, now);
}

void
dial_down(struct mqk_client *c, int64_t now, const struct error *why)
{
	struct error	 e = *why;
	bool		 leaving = c->state == MQK_LEAVING;
	bool		 was_up = c->state == MQK_UP || leaving;
	struct sequel	 s = { .was_up = was_up };
	bool		 fallback = refuses_version(c, &e);

	tell_older_story(c, &e);
	if (e.code != MQK_OK && !was_up && !fallback)
		post_mortem_take(c, &e, now);
	hang_up(c, now);
	if (fallback) {
		c->state = MQK_DIALING;
		client_log(c, MQK_LOG_INFO, "%s; trying MQTT 3.1.1", e.text);
		c->dial.older_story = str_dup(e.text);
		c->dial.version = MQK_V311;
		c->dial.proven = false;
		memset(&c->ending, 0, sizeof(c->ending));
		pump_reset(c);
		return;
	}
	c->state = MQK_IDLE;
	if (!c->dial.proven)
		c->dial.version = MQK_V_AUTO;
	record(c, &e);
	s.by_us = leaving || e.code == MQK_OK;
	s.redirected = !s.by_us && take_redirect(c);
	tell_user(c, &e, &s);
	pump_reset(c);
	if (c->dying || leaving || e.code == MQK_OK || c->dial.asked != 0 ||
	    c->state != MQK_IDLE)
		return;
	go_on(c, now, &s);
}

/* ---- leaving --------------------------------------------------------- */

void
dial_farewell(struct mqk_client *c, int64_t now)
{
	struct error	 e;

	if (c->dial.shut) {
		if (now >= c->dial.deadline) {
			e.code = MQK_OK;
			dial_down(c, now, &e);
		}
		return;
	}
	if (pump_wants_write(c) && now < c->dial.deadline)
		return;
	if (c->pipe->ops->shut(c->pipe) == MQK_EAGAIN &&
	    now < c->dial.deadline)
		return;
	c->dial.shut = true;
	c->dial.deadline = now + LINGER_MS;
}

/* From IDLE or WAITING. */
static int
start_dialing(struct mqk_client *c)
{
	int	 err = thread_ensure(c);

	if (err < 0)
		return (client_failed(c, err, "connect: no thread for it"));
	c->state = MQK_DIALING;
	brokers_restart(&c->config.brokers);
	c->dial.asked = 0;
	thread_wake(c);
	return (MQK_OK);
}

int
mqk_connect(struct mqk_client *c)
{
	int	 err;

	client_lock(c);
	if (c->state == MQK_IDLE) {
		c->dial.failures = 0;
		c->dial.tries = 0;
		c->dial.again = false;
		err = start_dialing(c);
	} else {
		err = client_failed(c, MQK_ESTATE,
		    "connect: the client is not idle");
	}
	client_unlock(c);
	return (err);
}

int
mqk_reconnect(struct mqk_client *c)
{
	int	 err = MQK_OK;

	client_lock(c);
	if (c->state == MQK_IDLE || c->state == MQK_WAITING) {
		err = start_dialing(c);
	} else {
		c->dial.asked = ASK_REDIAL;
		thread_wake(c);
	}
	client_unlock(c);
	return (err);
}

/* The state is UP. */
static int
leave(struct mqk_client *c, uint8_t reason, const struct mqk_props *props)
{
	struct error	 e;
	int		 err = session_wake(&c->session);

	if (err == MQK_OK)
		err = session_disconnect(c->session, reason, props);
	if (err < 0) {
		(void)blame_bye(c->session, MQK_DISCONNECT, reason, props,
		    err, &e);
		return (client_failed(c, err, e.text));
	}
	c->state = MQK_LEAVING;
	c->dial.deadline = clock_ms() + c->config.connect_timeout_ms;
	return (MQK_OK);
}

int
mqk_disconnect(struct mqk_client *c, uint8_t reason,
    const struct mqk_props *props)
{
	int	 err = MQK_ESTATE;

	client_lock(c);
	if (c->state == MQK_UP) {
		err = leave(c, reason, props);
	} else if (c->state == MQK_WAITING) {
		c->state = MQK_IDLE;
		c->idle_error = MQK_ESTOPPED;
	} else if (c->state != MQK_LEAVING) {
		c->dial.asked = ASK_CANCEL;
	}
	if (err == MQK_ESTATE)
		(void)client_failed(c, err, "disconnect: not connected");
	thread_wake(c);
	client_unlock(c);
	return (err);
}
