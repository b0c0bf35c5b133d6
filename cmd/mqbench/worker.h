/* SPDX-License-Identifier: MIT */

/*
 * One thread with its own event loop, clients and tally.  Nothing of it is
 * touched by another thread while it runs, but for the order it is given, the
 * stage it has reached and the gauges.
 */

#ifndef MQBENCH_WORKER_H
#define MQBENCH_WORKER_H

#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "mqbench/bench.h"
#include "mqbench/plan.h"
#include "mqbench/tally.h"
#include "mqbench/wake.h"

struct conn;

enum worker_stage {
	WORKER_DIALING,
	WORKER_READY,		/* every client is up or has failed */
	WORKER_SENDING,
	WORKER_SENT,		/* all that will be */
	WORKER_SETTLED		/* and answered */
};

enum worker_order {
	ORDER_NONE,
	ORDER_GO,		/* send, from go_ns on */
	ORDER_STOP,		/* send no more, wait for answers */
	ORDER_LEAVE		/* disconnect and end the thread */
};

/* Copies of counters for those who watch. */
struct gauges {
	_Atomic uint64_t connected, failed, sent, answered, received, unique;
};

/* A message on its way to its answer. */
struct flight {
	int64_t		 due_ns, sent_ns;
	struct flight	*next;		/* in the list of free ones */
};

struct worker {
	const struct bench *bench;
	uint32_t	 number;
	pthread_t	 thread;
	struct ev_loop	*loop;

	ev_async	 order_watcher;
	_Atomic int	 order;		/* enum worker_order */
	_Atomic int64_t	 go_ns;
	_Atomic int	 stage;		/* enum worker_stage */
	void		(*on_stage)(void *);	/* called in the thread */
	void		*on_stage_arg;
	struct gauges	 gauges;

	struct conn	*conns;
	uint32_t	 nconns;
	uint32_t	 dialed;	/* conns 0 … dialed-1 */
	uint32_t	 settled;	/* of those, up or failed */
	uint32_t	 open;		/* connections */

	struct wake	 wake;
	ev_timer	 gauge_timer, leave_timer;
	bool		 leaving;

	/* sender.c */
	struct plan_cursor cursor;
	uint64_t	 total;		/* of the plan */
	uint64_t	 owed;		/* due and not sent */
	uint64_t	 in_flight;	/* sent and not answered */
	uint32_t	 unfinished;	/* clients; closed loop */
	bool		 started;	/* closed loop */
	bool		 stopped;
	struct conn	*ready;		/* clients with something to send */
	struct flight	*free_flights;
	struct flight	**flight_blocks;
	uint32_t	 nflight_blocks;
	uint8_t		*payload;
	int64_t		 measure_from, measure_to;

	struct tally	 tally;
};

/* Start the thread.  on_stage is called whenever the stage changes. */
void	worker_start(struct worker *, const struct bench *, uint32_t number,
	    int64_t go_ns, void (*on_stage)(void *), void *arg);

/* From another thread. */
void	worker_order(struct worker *, enum worker_order);

/* Wait for its end; the tally is complete then. */
void	worker_join(struct worker *);

void	worker_fini(struct worker *);

/* ---- for the worker's own files ---- */

/* A client is up, or won't be. */
void	worker_conn_settled(struct worker *);

/* A connection of the worker has closed while leaving. */
void	worker_conn_closed(struct worker *);

void	worker_set_stage(struct worker *, enum worker_stage);

static inline bool
worker_measures(const struct worker *w, int64_t due_ns)
{
	return (due_ns >= w->measure_from && due_ns < w->measure_to);
}

#endif
