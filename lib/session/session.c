/* SPDX-License-Identifier: MIT */

/*
 * The life of a session: connections begin and end, time passes, something
 * goes wrong.  What packets mean is in receive.c, flow.c and inbound.c.
 */

#include "session/session.h"

#include <stdlib.h>
#include <string.h>

#include "codec/reason.h"
#include "session/internal.h"

#define QUEUE_DEFAULT	1000u
#define BYTES_DEFAULT	(8u * 1024 * 1024)

/* ---- birth and death ------------------------------------------------- */

static uint32_t
or_default(uint32_t v, uint32_t dflt)
{
	return (v != 0 ? v : dflt);
}

int
session_new(struct session **to, const struct session_options *o)
{
	struct session	*s = calloc(1, sizeof(*s));

	*to = s;
	if (s == NULL)
		return (MQK_ENOMEM);
	s->options.max_inflight = o->max_inflight;
	s->options.max_packet = or_default(o->max_packet, PACKET_MAX);
	s->options.max_queue = or_default(o->max_queue, QUEUE_DEFAULT);
	s->options.max_bytes = or_default(o->max_bytes, BYTES_DEFAULT);
	s->options.qos2_at_release = o->qos2_at_release;
	s->state = SESSION_DOWN;
	s->version = MQK_V5;
	s->epoch = 1;
	limits_none(&s->peer);
	limits_none(&s->ours);
	output_init(s);
	return (MQK_OK);
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	if (!s->resting)
		session_free_rest(s);
	keep_free(s->keep);
	free(s->error);
	free(s);
}

/* ---- connections ----------------------------------------------------- */

static int
keep_auth_method(struct session *s, const struct mqk_props *props)
{
	struct mqk_value	 method;

	free(s->auth_method.topic);
	s->auth_method.topic = NULL;
	if (!mqk_props_get(props, MQK_P_AUTHENTICATION_METHOD, &method))
		return (MQK_OK);
	s->auth_method.topic = malloc(method.str.len + 1);
	if (s->auth_method.topic == NULL)
		return (MQK_ENOMEM);
	memcpy(s->auth_method.topic, method.str.data, method.str.len);
	s->auth_method.len = method.str.len;
	return (MQK_OK);
}

bool
session_speaks(const struct session *s, struct mqk_bytes method)
{
	return (method.len == s->auth_method.len &&
	    memcmp(method.data, s->auth_method.topic, method.len) == 0);
}

static int
change_version(struct session *s, enum mqk_version version)
{
	int	 err;

	if (s->version == version)
		return (MQK_OK);
	err = recode_log(&s->log, &s->mids, s->version, version);
	if (err < 0)
		return (err);
	err = recode_log(&s->late, &s->mids, s->version, version);
	/* Half of it done is undone, so that the next attempt may succeed. */
	if (err < 0)
		return (recode_log(&s->log, &s->mids, version, s->version) < 0 ?
		    MQK_ENOMEM : err);
	s->version = version;
	return (MQK_OK);
}

int
session_open(struct session *s, int64_t now, const struct packet_connect *c,
    int64_t connack_by)
{
	static const struct mqk_props none;
	const struct mqk_props *props = &c->props;
	struct packet	 p = { .type = MQK_CONNECT, .u.connect = *c };
	int		 err;

	if (s->state != SESSION_DOWN)
		return (MQK_ESTATE);
	if (c->version != MQK_V5)
		props = &none;
	err = change_version(s, c->version);
	if (err == MQK_OK)
		err = keep_auth_method(s, props);
	if (err == MQK_OK)
		err = output_packet(s, &p);
	if (err < 0)
		return (err);
	limits_of(&s->ours, props);
	s->clean = c->clean;
	s->authing = s->auth_method.topic != NULL;
	s->expires = prop_num(props, MQK_P_SESSION_EXPIRY_INTERVAL, 0) == 0;
	s->no_problems =
	    prop_num(props, MQK_P_REQUEST_PROBLEM_INFORMATION, 1) == 0;
	s->keepalive_ms = (uint32_t)c->keepalive_s * 1000;
	s->connack_by = connack_by;
	s->sent_at = s->heard_at = now;
	s->pinging = false;
	s->ping_ahead = 0;
	free(s->error);
	s->error = NULL;
	s->state = SESSION_GREETING;
	return (MQK_OK);
}

void
session_lost(struct session *s, int64_t now)
{
	(void)now;
	if (s->state == SESSION_DOWN)
		return;
	output_save(s);
	output_drop(s);
	log_rewind(&s->log);
	alias_fini(&s->alias_out);
	inbound_lost(s);
	limits_none(&s->peer);
	s->inflight = 0;
	s->held = false;
	s->epoch++;
	s->state = SESSION_DOWN;
	log_trim(&s->log);
	slots_trim(&s->mids);
	slots_trim(&s->known);
}

void
session_reset(struct session *s, int error)
{
	session_lost(s, 0);
	inbound_forget(s);
	s->ending = error;
	s->ending_log = s->log.live;
	s->ending_late = s->late.live;
}

/* ---- failures -------------------------------------------------------- */

struct error *
session_text(struct session *s)
{
	if (s->error == NULL)
		s->error = calloc(1, sizeof(*s->error));
	return (s->error);
}

static void
queue_bye(struct session *s, uint8_t reason)
{
	struct packet	 p = { .type = MQK_DISCONNECT, .u.bye.reason = reason };

	/* Without it the connection just ends; there is nothing to add. */
	if (output_packet(s, &p) < 0)
		return;
}

int
session_fail(struct session *s, uint8_t reason, int err)
{
	const unsigned	 on_air = SESSION_GREETING | SESSION_UP;

	if ((s->state & on_air) != 0 && s->version == MQK_V5 && reason != 0)
		queue_bye(s, reason);
	s->state = SESSION_OVER;
	return (err);
}

int
session_bad_packet(struct session *s, int64_t now, int error, const char *why)
{
	(void)now;
	return (session_fail(s, reason_of_error(error),
	    errf(session_text(s), error, "%s", why)));
}

/* ---- time ------------------------------------------------------------ */

void
session_heard(struct session *s, int64_t now)
{
	s->pinging = false;
	s->heard_at = now;
}

/*
 * The broker wants to hear from us [MQTT-3.1.2-20], and we from it: what is
 * written to a dead line is not missed for many minutes.
 */
int64_t
session_deadline(const struct session *s)
{
	if (s->state == SESSION_GREETING)
		return (s->connack_by);
	if (s->state != SESSION_UP || s->keepalive_ms == 0)
		return (INT64_MAX);
	if (s->pinging)
		return (s->pinged_at + s->keepalive_ms / 2);
	return ((s->sent_at < s->heard_at ? s->sent_at : s->heard_at) +
	    s->keepalive_ms);
}

static int
ping_for_life(struct session *s, int64_t now)
{
	int	 err = session_ping(s);

	if (err < 0)
		return (err);
	s->pinging = true;
	s->pinged_at = s->sent_at = now;
	s->ping_ahead = (uint32_t)output_unsent(s);
	if (s->o.body != NULL)
		s->ping_ahead += s->o.body->body - s->o.body_at;
	return (MQK_OK);
}

int
session_tick(struct session *s, int64_t now)
{
	if (now < session_deadline(s))
		return (MQK_OK);
	if (s->state == SESSION_GREETING)
		return (session_fail(s, 0, errf(session_text(s), MQK_ETIMEOUT,
		    "no CONNACK came in time")));
	if (s->pinging) {
		s->state = SESSION_OVER;
		return (errf(session_text(s), MQK_ETIMEOUT,
		    "nothing came for %u ms after PINGREQ",
		    (unsigned)s->keepalive_ms / 2));
	}
	/* Quiet for a keep-alive: what the last burst needed may go. */
	output_trim(s);
	log_trim(&s->log);
	log_trim(&s->late);
	slots_trim(&s->mids);
	slots_trim(&s->known);
	return (ping_for_life(s, now));
}

/* ---- looking --------------------------------------------------------- */

bool
session_pending(const struct session *s, uint16_t mid)
{
	if (s->resting)
		return (false);
	if (mid != 0)
		return (slots_find(&s->mids, mid) != NULL);
	return (s->mids.n > 0 || s->log.waiting > 0 || s->late.waiting > 0 ||
	    output_unsent(s) > 0 ||
	    (s->keep != NULL && keep_behind(s->keep) > 0));
}

uint64_t
session_id_clock(const struct session *s)
{
	return (s->resting ? s->rested_mid : s->mids.last);
}

uint64_t
session_id_next(const struct session *s, uint16_t mid)
{
	return (slots_turn(session_id_clock(s), mid));
}

bool
session_is_up(const struct session *s)
{
	return (s->state == SESSION_UP);
}

enum mqk_version
session_version(const struct session *s)
{
	return (s->version);
}

bool
session_drained(struct session *s)
{
	if (!s->full || s->log.waiting > s->options.max_queue / 2 ||
	    output_unsent(s) > OUTPUT_FULL / 2)
		return (false);
	if (s->log.live > 0 && s->log.held > s->options.max_bytes / 2)
		return (false);
	s->full = false;
	return (true);
}

const struct error *
session_error(const struct session *s)
{
	static const struct error none = {
		.code = MQK_ENOMEM, .text = "out of memory"
	};

	return (s->error != NULL ? s->error : &none);
}

void
session_stats(const struct session *s, struct mqk_stats *to)
{
	to->packets_in = s->packets_in;
	to->packets_out = s->packets_out;
	if (s->resting)
		return;
	to->inflight = s->log.live - s->log.waiting + s->unlogged;
	to->queued = s->log.waiting + s->late.waiting;
	if (s->keep != NULL)
		to->queued += (uint32_t)keep_behind(s->keep);
	to->unacked_in = s->inbox.n + s->inbox.away;
	/* Of what is open all but PUBLISHes without an answer. */
	to->unreleased_in = s->inbox.open > s->inbox.n ?
	    s->inbox.open - s->inbox.n : 0;
	to->bytes_held = s->log.held + s->late.held;
	to->bytes_unsent = output_unsent(s);
}

uint32_t
session_max_packet(const struct session *s)
{
	uint32_t	 max = s->ours.max_packet;

	return (max < s->options.max_packet ? max : s->options.max_packet);
}
