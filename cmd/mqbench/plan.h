/* SPDX-License-Identifier: MIT */

/*
 * When each message is due and who sends it, as pure arithmetic: message k of
 * a run is sent by client k mod clients, and with a rate it is due at exactly
 * k / rate after the start.  Clients are dealt to workers in turn.
 */

#ifndef MQBENCH_PLAN_H
#define MQBENCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define PLAN_ENDLESS	UINT64_MAX
#define PLAN_SECOND	INT64_C(1000000000)

struct plan {
	uint64_t	 num;		/* num messages ... */
	uint64_t	 den;		/* ... every den ns; 0: closed loop */
	uint64_t	 limit;		/* messages in all; 0: no limit */
	int64_t		 warmup_ns;	/* not measured */
	int64_t		 measure_ns;	/* 0: until something else ends it */
	uint32_t	 clients;
	uint32_t	 workers;
};

/*
 * Set num and den from a rate per second; 0: closed loop.  Kept are whole
 * numbers, below 1,000/s thousandths; the result is never 0 for what was not.
 */
void	 plan_set_rate(struct plan *, double per_s);

/* Is every send time fixed beforehand? */
bool	 plan_is_open(const struct plan *);

/* ns from the start until message k is due; only for open plans. */
int64_t	 plan_due(const struct plan *, uint64_t k);

/* How many messages are due before that time; only for open plans. */
uint64_t plan_due_before(const struct plan *, int64_t ns);

/* How many messages the run has; PLAN_ENDLESS when only time ends it. */
uint64_t plan_total(const struct plan *);

/* Of those, how many are client's. */
uint64_t plan_share(const struct plan *, uint32_t client);

/* ns from the start to the end of sending; INT64_MAX: time does not end it. */
int64_t	 plan_end(const struct plan *);

/* The clients worker has: worker, worker + workers, ... */
uint32_t plan_worker_clients(const struct plan *, uint32_t worker);

/* One worker's messages in the order in which they are due. */
struct plan_cursor {
	uint64_t	 k;		/* number in the run */
	uint64_t	 round;		/* number among its client's messages */
	uint32_t	 local;		/* client, as counted by the worker */
	uint32_t	 worker;
	uint32_t	 nlocal;
};

void	 plan_cursor_init(const struct plan *, struct plan_cursor *,
	    uint32_t worker);
void	 plan_cursor_next(const struct plan *, struct plan_cursor *);

#endif
