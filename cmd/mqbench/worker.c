/* SPDX-License-Identifier: MIT */

/* The thread: connects its clients, then does what it is ordered to. */

#include "worker.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "mqbench/clock.h"
#include "mqbench/conn.h"
#include "mqbench/sender.h"

/* Connections begun and not finished; a listen queue is hardly longer. */
#define DIAL_WINDOW	100
#define GAUGE_S		0.02
#define LEAVE_S		1.0

static void
update_gauges(struct worker *w)
{
	const struct tally *t = &w->tally;
	struct gauges *g = &w->gauges;

	atomic_store(&g->connected, t->connected);
	atomic_store(&g->failed, t->failed);
	atomic_store(&g->sent, t->sent.all);
	atomic_store(&g->answered, t->answered.all);
	atomic_store(&g->received, t->received.all);
	atomic_store(&g->unique, w->bench->carries == 0 ? t->received.all :
	    t->audit.unique);
}

static void
on_gauge_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	update_gauges(timer->data);
}

/* Who hears of the stage finds the numbers that belong to it. */
void
worker_set_stage(struct worker *w, enum worker_stage stage)
{
	update_gauges(w);
	atomic_store(&w->stage, stage);
	w->on_stage(w->on_stage_arg);
}

/* Are the times at which clients connect planned? */
static bool
dials_by_plan(const struct worker *w)
{
	return (w->bench->role->connects && plan_is_open(&w->bench->plan));
}

static void
dial_next(struct worker *w, int64_t due_ns)
{
	struct conn *c = &w->conns[w->dialed];

	conn_dial(c, w, w->number + w->dialed++ * w->bench->plan.workers,
	    due_ns);
}

static void
dial_due(struct worker *w)
{
	int64_t go = atomic_load(&w->go_ns), due;

	while (w->dialed < w->nconns) {
		due = go + plan_due(&w->bench->plan, w->number +
		    (uint64_t)w->dialed * w->bench->plan.workers);
		if (due > clock_ns()) {
			wake_at(&w->wake, due);
			break;
		}
		dial_next(w, due);
	}
}

static void
dial_window(struct worker *w)
{
	while (w->dialed < w->nconns && w->dialed - w->settled < DIAL_WINDOW)
		dial_next(w, clock_ns());
}

static void
on_wake(void *arg)
{
	struct worker *w = arg;

	if (dials_by_plan(w))
		dial_due(w);
	else if (atomic_load(&w->stage) == WORKER_SENDING)
		sender_wake(w);
	else
		dial_window(w);
}

/*
 * Runs inside a client's callback, so the next client is dialed by way of the
 * alarm.
 */
void
worker_conn_settled(struct worker *w)
{
	if (++w->settled == w->nconns)
		worker_set_stage(w, WORKER_READY);
	else if (!dials_by_plan(w))
		wake_at(&w->wake, clock_ns());
}

static void
go(struct worker *w)
{
	const struct plan *p = &w->bench->plan;
	int64_t start = atomic_load(&w->go_ns);

	w->measure_from = start + p->warmup_ns;
	w->measure_to = plan_end(p) == INT64_MAX ? INT64_MAX :
	    start + plan_end(p);
	if (w->bench->role->publishes)
		sender_start(w, start);
}

void
worker_conn_closed(struct worker *w)
{
	if (w->open == 0)
		ev_break(w->loop, EVBREAK_ALL);
}

static void
on_leave_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void
leave(struct worker *w)
{
	w->leaving = true;
	w->stopped = true;
	if (w->open < w->tally.connected)
		w->tally.down = w->tally.connected - w->open;
	wake_at(&w->wake, WAKE_NEVER);
	for (uint32_t i = 0; i < w->dialed; i++)
		conn_leave(&w->conns[i]);
	ev_timer_start(w->loop, &w->leave_timer);
	worker_conn_closed(w);
}

static void
on_order(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct worker *w = watcher->data;

	(void)loop;
	(void)events;
	switch (atomic_load(&w->order)) {
	case ORDER_GO:
		go(w);
		break;
	case ORDER_STOP:
		sender_stop(w);
		break;
	case ORDER_LEAVE:
		leave(w);
		break;
	}
}

static void
init_watchers(struct worker *w)
{
	wake_init(&w->wake, w->loop, on_wake, w);
	ev_async_init(&w->order_watcher, on_order);
	w->order_watcher.data = w;
	ev_async_start(w->loop, &w->order_watcher);
	ev_timer_init(&w->gauge_timer, on_gauge_timer, GAUGE_S, GAUGE_S);
	w->gauge_timer.data = w;
	ev_timer_start(w->loop, &w->gauge_timer);
	ev_timer_init(&w->leave_timer, on_leave_timer, LEAVE_S, 0.);
}

static void *
thread_main(void *arg)
{
	struct worker *w = arg;

	wake_at(&w->wake, atomic_load(&w->go_ns));
	ev_run(w->loop, 0);
	for (uint32_t i = 0; i < w->dialed; i++)
		conn_fini(&w->conns[i]);
	return (NULL);
}

void
worker_start(struct worker *w, const struct bench *b, uint32_t number,
    int64_t go_ns, void (*on_stage)(void *), void *arg)
{
	int err;

	w->bench = b;
	w->number = number;
	w->on_stage = on_stage;
	w->on_stage_arg = arg;
	w->nconns = plan_worker_clients(&b->plan, number);
	w->conns = xcalloc(w->nconns, sizeof(*w->conns));
	w->measure_from = INT64_MIN;
	w->measure_to = INT64_MAX;
	atomic_store(&w->go_ns, go_ns);
	w->loop = ev_loop_new(EVFLAG_AUTO);
	if (w->loop == NULL)
		diag_die(STATUS_INTERNAL, "no event loop");
	init_watchers(w);
	err = pthread_create(&w->thread, NULL, thread_main, w);
	if (err != 0)
		diag_die(STATUS_INTERNAL, "pthread_create: %s", strerror(err));
}

void
worker_order(struct worker *w, enum worker_order order)
{
	atomic_store(&w->order, order);
	ev_async_send(w->loop, &w->order_watcher);
}

void
worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
}

void
worker_fini(struct worker *w)
{
	wake_fini(&w->wake);
	ev_loop_destroy(w->loop);
	sender_fini(w);
	free(w->conns);
}
