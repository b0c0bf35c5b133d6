/* SPDX-License-Identifier: MIT */

/* The client's callbacks; sending is sender.c's business. */

#include "conn.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/setup.h"
#include "mqbench/clock.h"
#include "mqbench/payload.h"
#include "mqbench/sender.h"
#include "mqbench/template.h"

static void
settle(struct conn *c)
{
	if (c->is_settled)
		return;
	c->is_settled = true;
	worker_conn_settled(c->worker);
}

static void
fail(struct conn *c, int status, const char *text)
{
	failures_add(&c->worker->tally.failures, status, 1, text);
	if (c->is_settled)
		return;
	c->has_failed = true;
	c->worker->tally.failed++;
	c->worker->tally.fail_status = status;
	settle(c);
}

static void
record_connect(struct conn *c, int64_t now)
{
	struct tally *t = &c->worker->tally;

	hist_add(&t->corrected, now - c->due_ns);
	hist_add(&t->uncorrected, now - c->dialed_ns);
	flow_add(&t->answered, now, true);
}

static void
on_connected(struct mqk_client *client, const struct mqk_connected *what,
    void *user)
{
	struct conn *c = user;
	const struct bench_role *role = c->worker->bench->role;

	(void)client;
	(void)what;
	c->worker->open++;
	if (c->is_settled)
		return;
	if (role->connects)
		record_connect(c, clock_ns());
	if (!role->subscribes) {
		c->worker->tally.connected++;
		settle(c);
	}
}

static void
on_disconnected(struct mqk_client *client,
    const struct mqk_disconnected *what, void *user)
{
	struct conn *c = user;
	struct worker *w = c->worker;
	char text[256];

	(void)client;
	if (what->was_up)
		w->open--;
	if (w->leaving) {
		worker_conn_closed(w);
		return;
	}
	if (what->more)
		return;
	if (what->was_up)
		w->tally.lost_connections++;
	setup_explain(what, text, sizeof(text));
	fail(c, exitcode_of(what->error, what->reason, what->was_up), text);
}

/* Who has never been up has failed for good; the others come back. */
static enum mqk_policy
before_reconnect(struct mqk_client *client, struct mqk_attempt *attempt,
    void *user)
{
	struct conn *c = user;

	(void)client;
	(void)attempt;
	return (c->has_failed || c->worker->leaving ? MQK_GIVE_UP : MQK_RETRY);
}

/* What a request came to that did not succeed. */
static void
describe(const char *request, enum mqk_packet_type answer,
    const struct mqk_result *result, char *to, size_t cap)
{
	if (result->error != MQK_OK)
		snprintf(to, cap, "%s failed: %s", request,
		    mqk_strerror(result->error));
	else
		snprintf(to, cap, "%s refused: %s (0x%02x)", request,
		    mqk_reason_name(answer, result->reasons[0]),
		    result->reasons[0]);
}

static void
on_subscribed(struct mqk_client *client, const struct mqk_result *result,
    void *user)
{
	struct conn *c = user;
	struct tally *t = &c->worker->tally;
	char text[256];

	(void)client;
	if (c->is_settled)
		return;
	if (result->error == MQK_OK && result->reasons[0] < MQK_REFUSAL) {
		t->connected++;
		t->subscribed++;
		settle(c);
		return;
	}
	t->unsubscribable++;
	describe("subscription", MQK_SUBACK, result, text, sizeof(text));
	fail(c, STATUS_SUBSCRIBE_REFUSED, text);
}

static void
refuse(struct worker *w, const struct mqk_result *result)
{
	char text[256];

	describe("publishing", MQK_PUBACK, result, text, sizeof(text));
	sender_refused(w, text);
}

static void
on_published(struct mqk_client *client, const struct mqk_result *result,
    void *user)
{
	struct conn *c = user;
	struct worker *w = c->worker;
	struct flight *f = result->tag;
	bool measured = worker_measures(w, f->due_ns);
	int64_t now = clock_ns();

	(void)client;
	if (result->error != MQK_OK || result->reasons[0] >= MQK_REFUSAL) {
		refuse(w, result);
	} else {
		flow_add(&w->tally.answered, now, measured);
		if (measured && !w->bench->role->subscribes) {
			hist_add(&w->tally.corrected, now - f->due_ns);
			hist_add(&w->tally.uncorrected, now - f->sent_ns);
		}
	}
	sender_answered(w, f);
}

static void
on_writable(struct mqk_client *client, void *user)
{
	(void)client;
	sender_resume(user);
}

/* Latency, where the payload and the clock allow it. */
static void
record_message(struct worker *w, const struct payload *p, int64_t now)
{
	if (!(p->has & PAYLOAD_DUE) || p->clock != w->bench->clock) {
		w->tally.untimed++;
		return;
	}
	hist_add(&w->tally.corrected, now - p->due_ns);
	if (p->has & PAYLOAD_LATE)
		hist_add(&w->tally.uncorrected,
		    now - p->due_ns - p->late_ns);
}

static int
on_message(struct mqk_client *client, const struct mqk_message *m, void *user)
{
	struct conn *c = user;
	struct worker *w = c->worker;
	const struct bench *b = w->bench;
	int64_t now = clock_ns();
	struct payload p;
	bool measured;

	(void)client;
	payload_get(&p, m->payload.data, m->payload.len, now);
	if (b->role->publishes && ((p.run ^ b->run) & p.run_mask) != 0)
		p.has = 0;
	measured = worker_measures(w, b->role->publishes &&
	    (p.has & PAYLOAD_DUE) ? p.due_ns : now);
	if (p.has == 0 && b->carries != 0) {
		w->tally.foreign++;
		if (b->role->publishes)
			return (0);
	}
	flow_add(&w->tally.received, now, measured);
	if (p.has & PAYLOAD_SEQ)
		audit_see(&c->audit, &w->tally.audit,
		    (uint64_t)(p.run & p.run_mask) << 32 | p.publisher,
		    p.seq, b->role->publishes);
	if (measured)
		record_message(w, &p, now);
	return (0);
}

static void
on_log(struct mqk_client *client, enum mqk_log kind, const char *text,
    void *user)
{
	const struct conn *c = user;

	(void)client;
	(void)kind;
	diag_say("client %lu: %s", (unsigned long)c->number, text);
}

static const struct mqk_handlers handlers = {
	.on_message = on_message,
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_published = on_published,
	.on_subscribed = on_subscribed,
	.on_writable = on_writable,
	.before_reconnect = before_reconnect
};

static int
client_new(struct conn *c)
{
	const struct bench *b = c->worker->bench;
	const struct template_values v = { c->number, b->run };
	struct mqk_options opts = b->options;
	struct mqk_handlers h = handlers;
	char *id;
	int err;

	id = template_expand(b->id, &v);
	opts.client_id = id;
	opts.user = c;
	err = mqk_client_new(&c->client, &opts);
	free(id);
	if (err < 0)
		return (err);
	if (b->config->general.debug)
		h.on_log = on_log;
	mqk_set_handlers(c->client, &h);
	return (setup_identity(b->config, c->client));
}

static int
prepare(struct conn *c)
{
	const struct bench *b = c->worker->bench;
	struct mqk_filter filter = { .qos = b->qos };
	int err;

	err = client_new(c);
	if (err == 0 && b->role->subscribes) {
		filter.topic = c->topic;
		err = mqk_subscribe(c->client, &filter, 1,
		    b->config->session.props[PROPS_SUBSCRIBE]);
	}
	return (err < 0 ? err : mqk_connect(c->client));
}

void
conn_dial(struct conn *c, struct worker *w, uint32_t number, int64_t due_ns)
{
	const struct template_values v = { number, w->bench->run };
	const struct config_bench *config = &w->bench->config->bench;
	int err;

	c->worker = w;
	c->number = number;
	c->due_ns = due_ns;
	c->dialed_ns = clock_ns();
	if (!w->bench->role->connects)
		c->topic = template_expand(config->topic, &v);
	err = prepare(c);
	if (err < 0) {
		fail(c, exitcode_of(err, 0, false),
		    mqk_last_error_text(c->client));
		return;
	}
	mqk_ev_start(&c->ev, w->loop, c->client);
}

void
conn_flush(struct conn *c)
{
	mqk_ev_turn(&c->ev, MQK_WRITE);
}

void
conn_leave(struct conn *c)
{
	if (c->client == NULL || mqk_state(c->client) == MQK_IDLE)
		return;
	mqk_disconnect(c->client, 0,
	    c->worker->bench->config->session.props[PROPS_DISCONNECT]);
	conn_flush(c);
}

void
conn_fini(struct conn *c)
{
	if (c->client != NULL)
		mqk_ev_stop(&c->ev);
	mqk_client_free(c->client);
	audit_fini(&c->audit);
	free(c->topic);
}
