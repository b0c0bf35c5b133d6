/* SPDX-License-Identifier: MIT */

/*
 * Turns: what to wait for, and what to do when it has come.  The ways to run
 * a client differ only in who waits.
 */

#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "client/internal.h"

/* More turns than that in a second, and the client is busy. */
#define QUIET_TURNS	16

/* ---- interest -------------------------------------------------------- */

static int64_t
earlier(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

static int64_t
wire_interest(struct mqk_client *c, struct pipe_wait *w)
{
	c->pipe->ops->wait(c->pipe, w);
	if (!pump_may_read(c))
		w->want &= ~(unsigned)MQK_READ;
	/* Closing our half counts as something to write. */
	if (pump_wants_write(c) ||
	    (c->state == MQK_LEAVING && !c->dial.shut))
		w->want |= MQK_WRITE;
	if (pump_may_read(c) && c->pipe->ops->pending(c->pipe))
		return (0);
	if (c->state == MQK_LEAVING)
		return (c->dial.deadline);
	return (earlier(session_deadline(c->session), auth_deadline(c)));
}

/* The descriptor and the absolute deadline. */
static void
find_interest(struct mqk_client *c, struct pipe_wait *w)
{
	int64_t	 deadline = INT64_MAX;

	w->fd = -1;
	w->want = 0;
	w->deadline = INT64_MAX;
	if (dial_has_wire(c)) {
		deadline = wire_interest(c, w);
	} else if (c->state == MQK_WAITING) {
		deadline = c->dial.deadline;
	} else if (c->state == MQK_DIALING && c->pipe != NULL) {
		c->pipe->ops->wait(c->pipe, w);
		deadline = c->dial.deadline;
	} else if (c->state == MQK_DIALING) {
		deadline = 0;
	}
	w->deadline = c->dial.asked != 0 ? 0 : earlier(w->deadline, deadline);
}

static int
timeout_ms(int64_t deadline)
{
	int64_t	 left;

	if (deadline == INT64_MAX)
		return (-1);
	if (deadline == 0)
		return (0);
	left = deadline - clock_ms();
	return (left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
}

void
mqk_interest(struct mqk_client *c, struct mqk_interest *to)
{
	struct pipe_wait	 w;

	client_lock(c);
	find_interest(c, &w);
	client_unlock(c);
	to->fd = w.fd;
	to->want = w.want;
	to->timeout_ms = timeout_ms(w.deadline);
}

/* ---- one turn -------------------------------------------------------- */

static void
wire_turn(struct mqk_client *c, unsigned events, int64_t now)
{
	struct error	 e;
	int		 err = auth_tick(c, now, &e);

	if (err == MQK_OK)
		err = pump_turn(c, events, now, &e);
	if (c->dying)
		return;
	if (err == MQK_OK) {
		if (c->state == MQK_LEAVING)
			dial_farewell(c, now);
		return;
	}
	/* After our DISCONNECT, that the peer closes is what we want. */
	e.code = c->dial.shut ? MQK_OK : err;
	dial_down(c, now, &e);
}

/*
 * A client that has little to do needs little memory.  One that is busy is not
 * made to allocate in every turn.
 */
static void
rest(struct mqk_client *c, int64_t now)
{
	uint32_t	 second = (uint32_t)(now / 1000);

	if (c->second != second)
		c->turns = 0;
	c->second = second;
	if (c->turns == QUIET_TURNS)
		return;
	c->turns++;
	session_rest(&c->session);
	pump_rest(c);
}

/* The lock is held.  Without memory to begin, the next turn tries again. */
static void
turn(struct mqk_client *c, unsigned events)
{
	int64_t	 now = clock_ms();
	bool	 had_wire = dial_has_wire(c);

	if (session_wake(&c->session) < 0)
		return;
	c->in_turn = true;
	dial_turn(c, now);
	if (!c->dying && dial_has_wire(c))
		wire_turn(c, had_wire ? events : 0, now);
	if (!c->dying && c->dial.asked != 0)
		dial_turn(c, now);
	c->in_turn = false;
	if (!c->dying)
		rest(c, now);
}

/*
 * Leave a function that ran one turn: MQK_OK, or why there is nothing left to
 * do.  A client that was freed in a callback dies here.
 */
static int
finish(struct mqk_client *c)
{
	int	 err = MQK_OK;

	if (c->dying)
		err = MQK_EFREED;
	else if (atomic_exchange(&c->stop, false))
		err = client_failed(c, MQK_ESTOPPED, "mqk_stop() was called");
	else if (c->state == MQK_IDLE)
		err = client_is_idle(c);
	client_unlock(c);
	if (c->dying)
		client_destroy(c);
	return (err);
}

/* Lock, unless we are in a callback or somebody else runs the loop. */
static bool
begin(struct mqk_client *c)
{
	bool	 busy;

	client_lock(c);
	busy = c->in_turn || c->running;
	if (busy) {
		(void)client_is_busy(c);
		client_unlock(c);
	}
	return (!busy);
}

int
mqk_ready(struct mqk_client *c, unsigned events)
{
	if (!begin(c))
		return (MQK_ESTATE);
	turn(c, events);
	return (finish(c));
}

/* ---- waiting --------------------------------------------------------- */

static unsigned
happened(const struct pollfd *p)
{
	unsigned	 events = 0;

	if ((p->revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		events |= MQK_READ;
	if ((p->revents & (POLLOUT | POLLERR)) != 0)
		events |= MQK_WRITE;
	return (events);
}

/* The lock is held, but not while it waits. */
static unsigned
wait_events(struct mqk_client *c, int limit_ms)
{
	struct pollfd	 fds[2] = { { .fd = -1 }, { .fd = c->wake_from,
			    .events = POLLIN } };
	struct pipe_wait w;
	int		 ms;

	find_interest(c, &w);
	ms = timeout_ms(w.deadline);
	if (limit_ms >= 0 && (ms < 0 || ms > limit_ms))
		ms = limit_ms;
	fds[0].fd = w.fd;
	if ((w.want & MQK_READ) != 0)
		fds[0].events |= POLLIN;
	if ((w.want & MQK_WRITE) != 0)
		fds[0].events |= POLLOUT;
	c->sleeping = true;
	client_unlock(c);
	(void)poll(fds, 2, ms);
	client_lock(c);
	c->sleeping = false;
	if (fds[1].revents != 0)
		thread_drain(c);
	return (happened(&fds[0]));
}

/* For ever would be in vain where nothing can come. */
int
mqk_step(struct mqk_client *c, int limit_ms)
{
	if (!begin(c))
		return (MQK_ESTATE);
	if (limit_ms < 0 && c->state == MQK_IDLE)
		limit_ms = 0;
	turn(c, wait_events(c, limit_ms));
	return (finish(c));
}

bool
loop_once(struct mqk_client *c, int limit_ms)
{
	c->running = true;
	c->runner = pthread_self();
	turn(c, wait_events(c, limit_ms));
	c->running = false;
	thread_tell(c);
	return (atomic_exchange(&c->stop, false));
}

/* ---- running --------------------------------------------------------- */

static int
idle_result(struct mqk_client *c)
{
	return (c->idle_error == MQK_ESTOPPED ? MQK_OK : client_is_idle(c));
}

/*
 * Is there work, or does the user want to wait for some?  Asked but once, and
 * not about an end that was wanted.
 */
static bool
may_go_on(struct mqk_client *c, bool *told)
{
	enum mqk_policy	 policy = MQK_GIVE_UP;

	if (c->state != MQK_IDLE) {
		*told = false;
		return (true);
	}
	if (*told)
		return (true);
	*told = true;
	if (c->on.on_loop_failure == NULL || c->idle_error == MQK_ESTOPPED)
		return (false);
	c->in_turn = true;
	call_begin(c);
	policy = c->on.on_loop_failure(c, idle_result(c), c->user);
	call_end(c);
	c->in_turn = false;
	/* Another thread may have connected it meanwhile, and counts on us. */
	return (policy == MQK_RETRY || c->state != MQK_IDLE);
}

int
loop_run(struct mqk_client *c)
{
	bool	 told = false;

	while (!c->dying && !atomic_exchange(&c->stop, false)) {
		if (!may_go_on(c, &told))
			return (idle_result(c));
		if (!c->dying)
			turn(c, wait_events(c, -1));
		thread_tell(c);
	}
	return (c->dying ? MQK_EFREED : MQK_OK);
}
