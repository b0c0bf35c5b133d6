/* SPDX-License-Identifier: MIT */

/*
 * One alarm with the resolution of the clock.  libev's own timers end on whole
 * milliseconds of epoll, which every latency would carry; this one is a
 * timerfd where there is such a thing.
 */

#ifndef MQBENCH_WAKE_H
#define MQBENCH_WAKE_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#define WAKE_NEVER INT64_MAX

typedef void wake_fn(void *arg);

struct wake {
	struct ev_loop	*loop;
	ev_io		 io;
	ev_timer	 timer;
	int		 fd;
	int64_t		 at;
	bool		 is_set;	/* since it went off */
	wake_fn		*fn;
	void		*arg;
};

void	wake_init(struct wake *, struct ev_loop *, wake_fn *, void *arg);

/* Call fn at that clock_ns(), and not at an earlier one that was set. */
void	wake_at(struct wake *, int64_t ns);

void	wake_fini(struct wake *);

#endif
