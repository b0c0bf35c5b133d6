/* SPDX-License-Identifier: MIT */

/* The alarm, with a timerfd or with what libev has. */

#include "wake.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "mqbench/clock.h"

#ifdef __linux__

#include <sys/timerfd.h>

/*
 * The descriptor stays readable until the alarm is set again.  That may have
 * happened after libev saw this event, so the time decides.
 */
static void
on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct wake *w = io->data;

	(void)loop;
	(void)events;
	if (clock_ns() < w->at)
		return;
	w->is_set = false;
	w->fn(w->arg);
	if (!w->is_set)
		wake_at(w, WAKE_NEVER);
}

void
wake_init(struct wake *w, struct ev_loop *loop, wake_fn *fn, void *arg)
{
	*w = (struct wake){ .loop = loop, .fn = fn, .arg = arg };
	w->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (w->fd < 0)
		diag_die(STATUS_INTERNAL, "timerfd_create: %s",
		    strerror(errno));
	ev_io_init(&w->io, on_readable, w->fd, EV_READ);
	w->io.data = w;
	ev_io_start(loop, &w->io);
}

/* Setting it also takes back that it went off. */
void
wake_at(struct wake *w, int64_t ns)
{
	struct itimerspec at = { 0 };

	if (ns != WAKE_NEVER) {
		at.it_value.tv_sec = (time_t)(ns / 1000000000);
		at.it_value.tv_nsec = (long)(ns % 1000000000);
	}
	timerfd_settime(w->fd, TFD_TIMER_ABSTIME, &at, NULL);
	w->at = ns;
	w->is_set = true;
}

void
wake_fini(struct wake *w)
{
	ev_io_stop(w->loop, &w->io);
	close(w->fd);
}

#else

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct wake *w = timer->data;

	(void)loop;
	(void)events;
	w->fn(w->arg);
}

void
wake_init(struct wake *w, struct ev_loop *loop, wake_fn *fn, void *arg)
{
	*w = (struct wake){ .loop = loop, .fn = fn, .arg = arg };
	ev_init(&w->timer, on_timer);
	w->timer.data = w;
}

void
wake_at(struct wake *w, int64_t ns)
{
	int64_t left;

	ev_timer_stop(w->loop, &w->timer);
	if (ns == WAKE_NEVER)
		return;
	left = ns - clock_ns();
	ev_now_update(w->loop);
	ev_timer_set(&w->timer, left > 0 ? (double)left * 1e-9 : 0., 0.);
	ev_timer_start(w->loop, &w->timer);
}

void
wake_fini(struct wake *w)
{
	ev_timer_stop(w->loop, &w->timer);
}

#endif
