/* SPDX-License-Identifier: MIT */

/*
 * A client in a libev loop, and the example of how to embed one in any loop:
 * wait for what mqk_interest() says, call mqk_ready(), ask again.
 *
 *	static struct mqk_ev ev;
 *
 *	mqk_connect(client);
 *	mqk_ev_start(&ev, loop, client);
 *	ev_run(loop, 0);
 *
 * After calls from outside its callbacks (a publish from a timer of yours)
 * mqk_ev_update() makes the loop notice; it costs next to nothing when there
 * is nothing to notice.  Before mqk_client_free() call mqk_ev_stop().
 */

#ifndef MQK_EV_H
#define MQK_EV_H

#include <ev.h>
#include <string.h>

#include "mqk.h"

struct mqk_ev {
	ev_io		 io;
	ev_timer	 timer;
	struct ev_loop	*loop;
	struct mqk_client *client;	/* NULL: stopped */
	enum mqk_state	 state;		/* when the watchers were last set */
	unsigned	 want;

	/* The client is idle and will stay so; error as of mqk_ready(). */
	void		(*on_idle)(struct mqk_ev *, int error);
	void		*user;
};

/*
 * Outside MQK_UP a closed descriptor's number may have come back as that of
 * another socket, which the kernel does not watch: then it is set anew.
 */
static inline void
mqk_ev_set_io(struct mqk_ev *e, const struct mqk_interest *i,
    enum mqk_state state)
{
	int	 events = 0;

	if (e->state == MQK_UP && state == MQK_UP && e->io.fd == i->fd &&
	    e->want == i->want)
		return;
	e->state = state;
	e->want = i->want;
	ev_io_stop(e->loop, &e->io);
	if ((i->want & MQK_READ) != 0)
		events |= EV_READ;
	if ((i->want & MQK_WRITE) != 0)
		events |= EV_WRITE;
	ev_io_set(&e->io, i->fd, events);
	if (i->fd != -1 && events != 0)
		ev_io_start(e->loop, &e->io);
}

/* A timer that fires early does no harm, so a later deadline may wait. */
static inline void
mqk_ev_set_timer(struct mqk_ev *e, int timeout_ms)
{
	ev_tstamp	 after = timeout_ms / 1000.0;

	if (timeout_ms == -1) {
		ev_timer_stop(e->loop, &e->timer);
		return;
	}
	if (ev_is_active(&e->timer)) {
		if (ev_timer_remaining(e->loop, &e->timer) <= after)
			return;
		ev_timer_stop(e->loop, &e->timer);
	}
	ev_timer_set(&e->timer, after, 0.);
	ev_timer_start(e->loop, &e->timer);
}

/* Wait for what the client is interested in now. */
static inline void
mqk_ev_update(struct mqk_ev *e)
{
	struct mqk_interest	 i;

	if (e->client == NULL)
		return;
	mqk_interest(e->client, &i);
	mqk_ev_set_io(e, &i, mqk_state(e->client));
	mqk_ev_set_timer(e, i.timeout_ms);
}

/* One turn.  Its callbacks may have stopped us. */
static inline void
mqk_ev_turn(struct mqk_ev *e, unsigned events)
{
	int	 err = mqk_ready(e->client, events);

	mqk_ev_update(e);
	if (err < 0 && e->client != NULL && e->on_idle != NULL)
		e->on_idle(e, err);
}

static inline void
mqk_ev_on_io(struct ev_loop *loop, ev_io *w, int revents)
{
	unsigned	 events = 0;

	(void)loop;
	if ((revents & EV_READ) != 0)
		events |= MQK_READ;
	if ((revents & EV_WRITE) != 0)
		events |= MQK_WRITE;
	mqk_ev_turn((struct mqk_ev *)w->data, events);
}

static inline void
mqk_ev_on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	mqk_ev_turn((struct mqk_ev *)w->data, 0);
}

/* The struct must stay where it is until mqk_ev_stop(); set on_idle after. */
static inline void
mqk_ev_start(struct mqk_ev *e, struct ev_loop *loop, struct mqk_client *client)
{
	memset(e, 0, sizeof(*e));
	e->loop = loop;
	e->client = client;
	ev_init(&e->io, mqk_ev_on_io);
	ev_io_set(&e->io, -1, 0);
	ev_init(&e->timer, mqk_ev_on_timer);
	e->io.data = e;
	e->timer.data = e;
	mqk_ev_update(e);
}

static inline void
mqk_ev_stop(struct mqk_ev *e)
{
	if (e->client == NULL)
		return;
	e->client = NULL;
	ev_io_stop(e->loop, &e->io);
	ev_timer_stop(e->loop, &e->timer);
}

#endif
