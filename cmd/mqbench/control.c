/* SPDX-License-Identifier: MIT */

/*
 * A run has four phases: clients connect, messages flow, answers and messages
 * still on their way are awaited, clients leave.  A step function per phase
 * looks at the workers' stages and gauges at every tick, and whenever a worker
 * changes its stage.
 */

#include "control.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/signals.h"
#include "mqbench/clock.h"
#include "mqbench/report.h"
#include "mqbench/worker.h"

#define MS		1000000		/* nanoseconds */
#define TICK_S		0.01
#define PROGRESS_NS	(500 * INT64_C(1000000))
#define START_NS	(2 * MS)	/* for all workers to hear of it */
#define STALL_NS	(30 * PLAN_SECOND)

struct control {
	const struct bench *bench;
	struct outcome	*outcome;
	struct ev_loop	*loop;
	ev_async	 stage_watcher;
	ev_timer	 tick;
	struct worker	*workers;
	uint32_t	 nworkers;
	void		(*step)(struct control *, int64_t now);
	struct progress	 seen;		/* sums of the gauges */
	uint64_t	 moved;		/* everything that has happened */
	int64_t		 moved_at;
	int64_t		 start_ns;
	int64_t		 wait_until;
	int64_t		 shown_at;
	double		 cpu_start_s;
	bool		 shows_progress;
};

static void	step_leave(struct control *, int64_t);

static double
cpu_seconds(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ((double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
}

static void
order_all(struct control *c, enum worker_order order)
{
	for (uint32_t i = 0; i < c->nworkers; i++)
		worker_order(&c->workers[i], order);
}

static bool
all_reached(const struct control *c, enum worker_stage stage)
{
	for (uint32_t i = 0; i < c->nworkers; i++)
		if (atomic_load(&c->workers[i].stage) < (int)stage)
			return (false);
	return (true);
}

static void
read_gauges(struct control *c, int64_t now)
{
	struct progress *p = &c->seen;
	uint64_t moved;

	p->connected = p->failed = p->sent = p->answered = p->received =
	    p->unique = 0;
	for (uint32_t i = 0; i < c->nworkers; i++) {
		struct gauges *g = &c->workers[i].gauges;

		p->connected += atomic_load(&g->connected);
		p->failed += atomic_load(&g->failed);
		p->sent += atomic_load(&g->sent);
		p->answered += atomic_load(&g->answered);
		p->received += atomic_load(&g->received);
		p->unique += atomic_load(&g->unique);
	}
	moved = p->connected + p->failed + p->sent + p->answered +
	    p->received;
	if (moved != c->moved)
		c->moved_at = now;
	c->moved = moved;
}

static void
finish(struct control *c, int64_t now)
{
	if (c->start_ns != 0) {
		c->outcome->seconds = (double)(now - c->start_ns) / 1e9;
		c->outcome->cpu_s = cpu_seconds() - c->cpu_start_s;
	}
	c->step = step_leave;
	order_all(c, ORDER_LEAVE);
	ev_break(c->loop, EVBREAK_ALL);
}

/* The workers leave on their own; control_run() joins them. */
static void
step_leave(struct control *c, int64_t now)
{
	(void)c;
	(void)now;
}

static bool
is_complete(const struct control *c)
{
	const struct progress *p = &c->seen;

	return (all_reached(c, WORKER_SETTLED) &&
	    p->unique >= bench_expected(c->bench, p->sent, p->connected));
}

static void
step_last_answers(struct control *c, int64_t now)
{
	if (is_complete(c) || now >= c->wait_until)
		finish(c, now);
}

/* No more sending; what is under way may still be answered. */
static void
stop_sending(struct control *c, int64_t now)
{
	order_all(c, ORDER_STOP);
	c->wait_until = now + SIGNALS_GRACE_MS * (int64_t)MS;
	c->step = step_last_answers;
}

/* What is overdue may still be sent. */
static void
step_drain(struct control *c, int64_t now)
{
	if (is_complete(c))
		finish(c, now);
	else if (now >= c->wait_until && all_reached(c, WORKER_SETTLED))
		finish(c, now);
	else if (now >= c->wait_until)
		stop_sending(c, now);
}

static void
begin_drain(struct control *c, int64_t now)
{
	c->wait_until = now + c->bench->config->bench.drain_ms * MS;
	c->step = step_drain;
}

/* Neither the plan nor the broker will end this run. */
static bool
is_stalled(struct control *c, int64_t now)
{
	const struct plan *p = &c->bench->plan;

	if (plan_end(p) != INT64_MAX || p->limit == 0 ||
	    now - c->moved_at < STALL_NS)
		return (false);
	c->outcome->stalled = true;
	return (true);
}

/* The last message is out, and --drain has passed without any answer. */
static bool
is_abandoned(const struct control *c, int64_t now)
{
	return (c->bench->plan.limit != 0 && all_reached(c, WORKER_SENT) &&
	    now - c->moved_at >= c->bench->config->bench.drain_ms * MS);
}

static void
step_publishing(struct control *c, int64_t now)
{
	if (!all_reached(c, WORKER_SETTLED) && is_abandoned(c, now))
		finish(c, now);
	else if (all_reached(c, WORKER_SETTLED) || is_stalled(c, now) ||
	    now - c->start_ns >= plan_end(&c->bench->plan))
		begin_drain(c, now);
}

static void
step_subscribed(struct control *c, int64_t now)
{
	const struct plan *p = &c->bench->plan;

	if (now - c->start_ns >= plan_end(p) ||
	    (p->limit != 0 && c->seen.received >= p->limit))
		finish(c, now);
}

static void
step_holding(struct control *c, int64_t now)
{
	if (now - c->start_ns >= plan_end(&c->bench->plan))
		finish(c, now);
}

static void
begin(struct control *c, int64_t now)
{
	const struct bench_role *role = c->bench->role;

	if (!role->connects) {
		c->start_ns = now + START_NS;
		for (uint32_t i = 0; i < c->nworkers; i++)
			atomic_store(&c->workers[i].go_ns, c->start_ns);
		order_all(c, ORDER_GO);
		c->cpu_start_s = cpu_seconds();
	}
	c->moved_at = now;
	c->step = role->publishes ? step_publishing :
	    role->subscribes ? step_subscribed : step_holding;
}

static void
step_dialing(struct control *c, int64_t now)
{
	if (!all_reached(c, WORKER_READY))
		return;
	if (c->seen.connected == 0)
		finish(c, now);
	else
		begin(c, now);
}

static void
interrupt(struct control *c, int64_t now)
{
	c->outcome->interrupted = true;
	if (c->step == step_publishing || c->step == step_drain)
		stop_sending(c, now);
	else if (c->step != step_leave)
		finish(c, now);
}

static void
show_progress(struct control *c, int64_t now)
{
	char line[160];

	if (!c->shows_progress || now - c->shown_at < PROGRESS_NS)
		return;
	c->seen.seconds = c->start_ns == 0 || now < c->start_ns ? 0 :
	    (double)(now - c->start_ns) / 1e9;
	report_progress(c->bench, &c->seen, line, sizeof(line));
	diag_progress(line);
	c->shown_at = now;
}

static void
look(struct control *c)
{
	int64_t now = clock_ns();

	read_gauges(c, now);
	show_progress(c, now);
	if (signals_pending() != 0 && !c->outcome->interrupted)
		interrupt(c, now);
	c->step(c, now);
}

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	look(timer->data);
}

static void
on_stage_change(struct ev_loop *loop, ev_async *watcher, int events)
{
	(void)loop;
	(void)events;
	look(watcher->data);
}

/* Called by the workers' threads. */
static void
wake_control(void *arg)
{
	struct control *c = arg;

	ev_async_send(c->loop, &c->stage_watcher);
}

static void
init(struct control *c, const struct bench *b, struct outcome *o)
{
	*c = (struct control){
	    .bench = b,
	    .outcome = o,
	    .loop = ev_loop_new(EVFLAG_AUTO),
	    .nworkers = b->plan.workers,
	    .step = step_dialing,
	    .shows_progress = isatty(STDERR_FILENO) &&
		!b->config->general.quiet
	};
	if (c->loop == NULL)
		diag_die(STATUS_INTERNAL, "no event loop");
	ev_async_init(&c->stage_watcher, on_stage_change);
	c->stage_watcher.data = c;
	ev_async_start(c->loop, &c->stage_watcher);
	ev_timer_init(&c->tick, on_tick, TICK_S, TICK_S);
	c->tick.data = c;
	ev_timer_start(c->loop, &c->tick);
	c->workers = xcalloc(c->nworkers, sizeof(*c->workers));
}

/* In conn mode the plan is one of connections, and starts right away. */
static void
start_workers(struct control *c)
{
	int64_t go = clock_ns() + START_NS;

	c->cpu_start_s = cpu_seconds();
	if (c->bench->role->connects)
		c->start_ns = go;
	for (uint32_t i = 0; i < c->nworkers; i++)
		worker_start(&c->workers[i], c->bench, i, go, wake_control, c);
}

static void
add_up(struct control *c)
{
	struct outcome *o = c->outcome;
	struct rusage ru;

	for (uint32_t i = 0; i < c->nworkers; i++) {
		worker_join(&c->workers[i]);
		tally_merge(&o->tally, &c->workers[i].tally);
		worker_fini(&c->workers[i]);
	}
	o->planned = plan_total(&c->bench->plan);
	getrusage(RUSAGE_SELF, &ru);
	o->memory_kib = ru.ru_maxrss;
}

void
control_run(const struct bench *b, struct outcome *o)
{
	struct control c;

	init(&c, b, o);
	start_workers(&c);
	ev_run(c.loop, 0);
	diag_progress(NULL);
	add_up(&c);
	ev_loop_destroy(c.loop);
	free(c.workers);
}
