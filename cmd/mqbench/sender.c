/* SPDX-License-Identifier: MIT */

/* Both schedules, and the publishing itself. */

#include "sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "mqbench/clock.h"
#include "mqbench/payload.h"

/*
 * Wake-ups cost a few microseconds each, so those of a high rate are this far
 * apart, and what falls due in between is sent together.
 */
#define TICK_NS		50000
#define FLIGHT_BLOCK	1024
#define HANDED_NS	100000		/* between looks at what is unsent */

static struct flight *
flight_new(struct worker *w)
{
	struct flight *block, *f;

	if (w->free_flights == NULL) {
		block = xcalloc(FLIGHT_BLOCK, sizeof(*block));
		w->flight_blocks = xrealloc(w->flight_blocks,
		    (w->nflight_blocks + 1) * sizeof(*w->flight_blocks));
		w->flight_blocks[w->nflight_blocks++] = block;
		for (unsigned i = 0; i < FLIGHT_BLOCK; i++) {
			block[i].next = w->free_flights;
			w->free_flights = &block[i];
		}
	}
	f = w->free_flights;
	w->free_flights = f->next;
	return (f);
}

static void
flight_free(struct worker *w, struct flight *f)
{
	f->next = w->free_flights;
	w->free_flights = f;
}

static bool
is_all_sent(const struct worker *w)
{
	if (w->stopped)
		return (true);
	if (plan_is_open(&w->bench->plan))
		return (w->cursor.k >= w->total && w->owed == 0);
	return (w->unfinished == 0);
}

static bool
is_handed_over(const struct worker *w)
{
	struct mqk_stats s;

	for (uint32_t i = 0; i < w->nconns; i++) {
		const struct conn *c = &w->conns[i];

		if (c->client == NULL || mqk_state(c->client) == MQK_IDLE)
			continue;
		mqk_stats(c->client, &s);
		if (s.queued > 0 || s.bytes_unsent > 0)
			return (false);
	}
	return (true);
}

/* QoS 0 has no answers: it is over when the socket has taken everything. */
static bool
is_gone(struct worker *w)
{
	const struct bench *b = w->bench;
	int64_t now;

	if (b->qos > 0 || b->role->subscribes)
		return (true);
	now = clock_ns();
	if (!is_handed_over(w)) {
		wake_at(&w->wake, now + HANDED_NS);
		return (false);
	}
	if (!plan_is_open(&b->plan))
		w->tally.sent.last = now;
	return (true);
}

static void
check_settled(struct worker *w)
{
	if (atomic_load(&w->stage) == WORKER_SENDING && is_all_sent(w) &&
	    is_gone(w))
		worker_set_stage(w, WORKER_SENT);
	if (atomic_load(&w->stage) == WORKER_SENT && w->in_flight == 0)
		worker_set_stage(w, WORKER_SETTLED);
}

/* A message that went out, or was refused; it is not tried again. */
static void
count_round(struct conn *c)
{
	struct worker *w = c->worker;

	c->round++;
	if (plan_is_open(&w->bench->plan)) {
		c->owed--;
		w->owed--;
	} else if (c->round == c->share) {
		w->unfinished--;
	}
}

static void
count_sent(struct worker *w, int64_t due_ns, int64_t now)
{
	bool measured = worker_measures(w, due_ns);

	flow_add(&w->tally.sent, now, measured);
	if (w->bench->qos > 0)
		w->in_flight++;
	else if (measured && bench_has_latency(w->bench) &&
	    !w->bench->role->subscribes)
		hist_add(&w->tally.corrected, now - due_ns);
}

void
sender_refused(struct worker *w, const char *why)
{
	w->tally.refused++;
	failures_add(&w->tally.failures, STATUS_PUBLISH_REFUSED, 1, why);
}

static void
refuse(struct worker *w, int err)
{
	char text[256];

	snprintf(text, sizeof(text), "publishing failed: %s",
	    mqk_strerror(err));
	sender_refused(w, text);
}

/* False: the library takes nothing now and will call back. */
static bool
send_one(struct conn *c, int64_t due_ns, int64_t now)
{
	struct worker *w = c->worker;
	const struct bench *b = w->bench;
	struct flight *f = NULL;
	struct mqk_publish m = {
	    .topic = c->topic,
	    .payload = { w->payload, b->size },
	    .qos = b->qos,
	    .props = b->config->session.props[PROPS_PUBLISH]
	};
	int err;

	payload_put(&(struct payload){ .clock = b->clock, .run = b->run,
	    .publisher = c->number, .seq = c->round, .due_ns = due_ns,
	    .late_ns = now - due_ns }, w->payload, b->size);
	if (b->qos > 0) {
		f = flight_new(w);
		f->due_ns = due_ns;
		f->sent_ns = now;
		m.tag = f;
	}
	err = mqk_publish(c->client, &m);
	if (err < 0 && f != NULL)
		flight_free(w, f);
	if (err == MQK_EAGAIN)
		return (false);
	if (err < 0)
		refuse(w, err);
	else
		count_sent(w, due_ns, now);
	count_round(c);
	return (true);
}

static void
send_owed(struct conn *c)
{
	struct worker *w = c->worker;
	const struct plan *p = &w->bench->plan;
	int64_t start = atomic_load(&w->go_ns);

	while (c->owed > 0 && send_one(c, start +
	    plan_due(p, c->round * p->clients + c->number), clock_ns()))
		;
}

static void
send_freely(struct conn *c)
{
	int64_t now;

	do {
		now = clock_ns();
	} while (c->round < c->share && !c->worker->stopped &&
	    send_one(c, now, now));
}

void
sender_resume(struct conn *c)
{
	struct worker *w = c->worker;

	if (atomic_load(&w->stage) != WORKER_SENDING || w->stopped)
		return;
	if (plan_is_open(&w->bench->plan))
		send_owed(c);
	else
		send_freely(c);
	check_settled(w);
}

void
sender_answered(struct worker *w, struct flight *f)
{
	flight_free(w, f);
	w->in_flight--;
	check_settled(w);
}

static void
owe(struct conn *c)
{
	struct worker *w = c->worker;

	if (c->has_failed)
		return;
	c->owed++;
	w->owed++;
	if (c->is_ready)
		return;
	c->is_ready = true;
	c->next_ready = w->ready;
	w->ready = c;
}

static void
send_ready(struct worker *w)
{
	struct conn *c;

	while (w->ready != NULL) {
		c = w->ready;
		w->ready = c->next_ready;
		c->is_ready = false;
		sender_resume(c);
		conn_flush(c);
	}
}

/* Owe every client what is due now; when the next message is. */
static int64_t
owe_due(struct worker *w, int64_t now)
{
	const struct plan *p = &w->bench->plan;
	int64_t start = atomic_load(&w->go_ns), due;

	while (w->cursor.k < w->total) {
		due = start + plan_due(p, w->cursor.k);
		if (due > now)
			return (due);
		owe(&w->conns[w->cursor.local]);
		plan_cursor_next(p, &w->cursor);
	}
	return (WAKE_NEVER);
}

static void
send_due(struct worker *w)
{
	int64_t now = clock_ns(), next;

	next = owe_due(w, now);
	send_ready(w);
	wake_at(&w->wake, next < now + TICK_NS ? now + TICK_NS : next);
	check_settled(w);
}

/* Closed loop: time is up. */
void
sender_stop(struct worker *w)
{
	w->stopped = true;
	wake_at(&w->wake, WAKE_NEVER);
	check_settled(w);
}

/* Closed loop: every client begins; the alarm is free for the end. */
static void
send_first(struct worker *w)
{
	const struct plan *p = &w->bench->plan;

	w->started = true;
	if (plan_end(p) != INT64_MAX)
		wake_at(&w->wake, atomic_load(&w->go_ns) + plan_end(p));
	for (uint32_t i = 0; i < w->nconns; i++) {
		if (w->conns[i].has_failed)
			continue;
		sender_resume(&w->conns[i]);
		conn_flush(&w->conns[i]);
	}
	check_settled(w);
}

void
sender_wake(struct worker *w)
{
	if (plan_is_open(&w->bench->plan))
		send_due(w);
	else if (!w->started)
		send_first(w);
	else
		sender_stop(w);
}

static void
share_out(struct worker *w)
{
	for (uint32_t i = 0; i < w->nconns; i++) {
		struct conn *c = &w->conns[i];

		c->share = plan_share(&w->bench->plan, c->number);
		if (!c->has_failed && c->share > 0)
			w->unfinished++;
	}
}

void
sender_start(struct worker *w, int64_t start_ns)
{
	const struct plan *p = &w->bench->plan;

	w->payload = xmalloc(w->bench->size);
	memset(w->payload, 'x', w->bench->size);
	w->total = plan_total(p);
	plan_cursor_init(p, &w->cursor, w->number);
	share_out(w);
	worker_set_stage(w, WORKER_SENDING);
	wake_at(&w->wake, start_ns);
}

void
sender_fini(struct worker *w)
{
	for (uint32_t i = 0; i < w->nflight_blocks; i++)
		free(w->flight_blocks[i]);
	free(w->flight_blocks);
	free(w->payload);
}
