/* SPDX-License-Identifier: MIT */

/*
 * Birth and death of a client, most getters, and the commands that go to the
 * session: lock, hand over, wake the loop, unlock.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attribute.h"
#include "client/internal.h"
#include "session/blame.h"

#define LOG_LINE_MAX	768

/* ---- life ------------------------------------------------------------ */

static int
new_session(struct session **s, const struct mqk_options *o)
{
	struct session_options	 so = {
		.max_packet = o->max_packet,
		.max_inflight = o->max_inflight,
		.max_queue = o->max_queue,
		.max_bytes = o->max_bytes,
		.qos2_at_release = o->qos2_at_release,
	};
	int	 err = session_new(s, &so);

	if (err == MQK_OK)
		session_rest(s);
	return (err);
}

/* Fill in a zeroed client. */
static int
init(struct mqk_client *c, const struct mqk_options *o, struct error *e)
{
	int	 err;

	c->user = o->user;
	c->idle_error = MQK_ESTATE;
	c->wake_from = -1;
	atomic_init(&c->wake_to, -1);
	err = config_init(&c->config, o, e);
	if (err < 0)
		return (err);
	err = new_session(&c->session, o);
	if (err < 0)
		return (errf(e, err, "session: %s", mqk_strerror(err)));
	err = o->background ? thread_enable(c) : MQK_OK;
	return (err < 0 ? errf(e, err, "background: %s", mqk_strerror(err)) :
	    MQK_OK);
}

int
mqk_client_new(struct mqk_client **to, const struct mqk_options *options)
{
	static const struct mqk_options defaults;
	struct mqk_client	*c = calloc(1, sizeof(*c));
	struct error		*e = failure_stillborn();
	int			 err;

	*to = NULL;
	if (c == NULL)
		return (errf(e, MQK_ENOMEM, "client: out of memory"));
	err = init(c, options != NULL ? options : &defaults, e);
	if (err < 0) {
		client_destroy(c);
		return (err);
	}
	*to = c;
	return (MQK_OK);
}

void
client_destroy(struct mqk_client *c)
{
	if (c->pipe != NULL)
		c->pipe->ops->free(c->pipe);
	if (c->session != NULL && !session_resting(c->session)) {
		session_close(c->session);
		session_reset(c->session, MQK_ESTOPPED);
		dispatch_last(c);
	}
	session_free(c->session);
	pump_reset(c);
	subs_fini(&c->subs);
	hooks_free(c->hooks);
	config_fini(&c->config);
	free(c->dial.id);
	free(c->dial.times);
	auth_free(c->auth);
	free(c->dial.older_story);
	free(c->last_text);
	post_mortem_free(c->post_mortem);
	thread_fini(c);
	waits_fini(&c->waits);
	free(c);
}

/*
 * From a callback the client must outlive the turn: it is only marked, and
 * whoever runs the turn destroys it.
 */
void
mqk_client_free(struct mqk_client *c)
{
	if (c == NULL)
		return;
	if (thread_end(c)) {
		client_destroy(c);
		return;
	}
	if (c->in_turn)
		c->dying = true;
	else
		client_destroy(c);
}

void *
mqk_client_user(const struct mqk_client *c)
{
	return (c->user);
}

void
mqk_set_handlers(struct mqk_client *c, const struct mqk_handlers *h)
{
	static const struct mqk_handlers none;

	client_lock(c);
	c->on = h != NULL ? *h : none;
	client_unlock(c);
}

/* ---- log -------------------------------------------------------------- */

void
client_log(struct mqk_client *c, enum mqk_log kind, const char *fmt, ...)
{
	char	 text[LOG_LINE_MAX];
	va_list	 ap;
	void	(*on_log)(struct mqk_client *, enum mqk_log, const char *,
		    void *) = c->on.on_log;

	if (on_log == NULL || c->dying)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	call_begin(c);
	on_log(c, kind, text, c->user);
	call_end(c);
}

/* ---- getters --------------------------------------------------------- */

enum mqk_state
mqk_state(const struct mqk_client *c)
{
	struct mqk_client	*locked = client_look(c);
	enum mqk_state		 state = c->state;

	client_unlock(locked);
	return (state);
}

uint8_t
mqk_last_reason(const struct mqk_client *c)
{
	struct mqk_client	*locked = client_look(c);
	uint8_t			 reason = c->last_reason;

	client_unlock(locked);
	return (reason);
}

const char *
mqk_client_id(const struct mqk_client *c)
{
	struct mqk_client	*locked = client_look(c);
	const char		*id = c->config.client_id;

	if (id == NULL)
		id = c->dial.id;
	client_unlock(locked);
	return (id != NULL ? id : "");
}

enum mqk_version
mqk_version_used(const struct mqk_client *c)
{
	struct mqk_client	*locked = client_look(c);
	enum mqk_version	 v;

	v = c->dial.proven ? c->dial.version : MQK_V_AUTO;
	client_unlock(locked);
	return (v);
}

void
mqk_stats(const struct mqk_client *c, struct mqk_stats *stats)
{
	struct mqk_client	*locked = client_look(c);

	memset(stats, 0, sizeof(*stats));
	session_stats(c->session, stats);
	stats->bytes_in = c->bytes_in;
	stats->bytes_out = c->bytes_out;
	stats->dials = c->dial.count;
	client_unlock(locked);
}

/* ---- commands -------------------------------------------------------- */

/* Lock; what is to be done with the session needs it awake. */
static int
begin(struct mqk_client *c)
{
	client_lock(c);
	return (session_wake(&c->session));
}

/* Well done. */
static int
finish(struct mqk_client *c, int result)
{
	thread_wake(c);
	client_unlock(c);
	return (result);
}

/* It failed with that. */
static int
refuse(struct mqk_client *c, const struct error *e)
{
	int	 err = client_failed(c, e->code, e->text);

	client_unlock(c);
	return (err);
}

/* What has no arguments; in which state it can't be. */
static int
finish_plain(struct mqk_client *c, const char *what, const char *state,
    int result)
{
	struct error	 e;

	if (result >= 0)
		return (finish(c, result));
	if (result == MQK_ESTATE)
		(void)errf(&e, result, "%s: %s", what, state);
	else
		(void)blame(c->session, what, result, &e);
	return (refuse(c, &e));
}

/* A full queue is nothing unusual: it gets its text when it is asked for. */
static ASIDE int
refuse_publish(struct mqk_client *c, const struct mqk_publish *p, int err)
{
	struct error	 e;

	if (err == MQK_EAGAIN) {
		(void)client_failed(c, err, NULL);
		client_unlock(c);
		return (err);
	}
	(void)blame_publish(c->session, p, err, &e);
	return (refuse(c, &e));
}

/* A store takes payloads whole. */
static bool
is_durable_source(const struct mqk_client *c, const struct mqk_publish *p)
{
	return (p->source != NULL && c->durable && p->qos > 0);
}

int
mqk_publish(struct mqk_client *c, const struct mqk_publish *p)
{
	int	 err;

	if (is_durable_source(c, p))
		return (durable_publish(c, p));
	err = begin(c);
	if (err == MQK_OK)
		err = session_publish(c->session, p);
	return (err < 0 ? refuse_publish(c, p, err) : finish(c, err));
}

/* One that is for durable_publish() ends a run and begins the next. */
int
mqk_publish_many(struct mqk_client *c, const struct mqk_publish *p, size_t n)
{
	int	 err;

	if (n > 0 && is_durable_source(c, p)) {
		err = durable_publish(c, p);
		return (err < 0 ? err : 1);
	}
	err = begin(c);
	if (err == MQK_OK)
		err = session_publish_many(c->session, p, n);
	return (err < 0 ? refuse_publish(c, p, err) : finish(c, err));
}

int
mqk_begin(struct mqk_client *c)
{
	int	 err = begin(c);

	if (err == MQK_OK)
		err = session_begin(c->session);
	return (finish_plain(c, "begin", c->durable ? "a batch is open" :
	    "there is no store", err));
}

int
mqk_commit(struct mqk_client *c)
{
	int	 err = begin(c);

	if (err == MQK_OK)
		err = session_commit(c->session);
	return (finish_plain(c, "commit", "no batch is open", err));
}

int
mqk_subscribe(struct mqk_client *c, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	struct error	 e;
	int		 err = begin(c);

	if (err == MQK_OK)
		err = subs_subscribe(&c->subs, c->session, f, n, props);
	if (err >= 0)
		return (finish(c, err));
	(void)blame_subscribe(c->session, f, n, props, err, &e);
	return (refuse(c, &e));
}

int
mqk_unsubscribe(struct mqk_client *c, const char *const *topics, size_t n,
    const struct mqk_props *props)
{
	struct error	 e;
	int		 err = begin(c);

	if (err == MQK_OK)
		err = subs_unsubscribe(&c->subs, c->session, topics, n,
		    props);
	if (err >= 0)
		return (finish(c, err));
	(void)blame_unsubscribe(c->session, topics, n, props, err, &e);
	return (refuse(c, &e));
}

int
mqk_ack(struct mqk_client *c, struct mqk_ack ack, uint8_t reason,
    const struct mqk_props *props)
{
	struct error	 e;
	int		 err = begin(c);

	if (err == MQK_OK)
		err = session_ack(c->session, ack, reason, props);
	if (err >= 0)
		return (finish(c, err));
	(void)blame_ack(c->session, ack, reason, props, err, &e);
	return (refuse(c, &e));
}

int
mqk_ack_through(struct mqk_client *c, struct mqk_ack ack)
{
	struct error	 e;
	int		 err = begin(c);

	if (err == MQK_OK)
		err = session_ack_through(c->session, ack);
	if (err >= 0)
		return (finish(c, err));
	(void)blame_ack(c->session, ack, 0, NULL, err, &e);
	return (refuse(c, &e));
}

int
mqk_auth(struct mqk_client *c, uint8_t reason, const struct mqk_props *props)
{
	struct error	 e;
	int		 err = begin(c);

	if (err == MQK_OK)
		err = c->auth != NULL ? MQK_ESTATE :
		    session_auth(c->session, reason, props);
	if (err >= 0)
		return (finish(c, err));
	(void)blame_bye(c->session, MQK_AUTH, reason, props, err, &e);
	return (refuse(c, &e));
}

int
mqk_ping(struct mqk_client *c)
{
	int	 err = begin(c);

	if (err == MQK_OK)
		err = session_ping(c->session);
	return (finish_plain(c, "ping", "not connected", err));
}
