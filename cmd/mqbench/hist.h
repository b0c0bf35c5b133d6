/* SPDX-License-Identifier: MIT */

/*
 * A histogram of durations from 1 ns to 1 h that keeps 3 significant digits:
 * HdrHistogram's log-linear layout with 2,048 linear steps in the first
 * bucket and 1,024 in each further one, every bucket twice as wide as the one
 * before it.  Recording is an index computation and an increment.
 */

#ifndef MQBENCH_HIST_H
#define MQBENCH_HIST_H

#include <stdint.h>

#define HIST_MAX	INT64_C(3600000000000)
#define HIST_HALF_BITS	10		/* 2 << 10 steps hold 3 digits */
#define HIST_BUCKETS	32		/* 2,048 << 31 is above HIST_MAX */
#define HIST_SLOTS	((HIST_BUCKETS + 1) << HIST_HALF_BITS)

/* Cleared to zero it is empty. */
struct hist {
	uint64_t	 total;
	uint64_t	 over;		/* longer than HIST_MAX, kept as that */
	int64_t		 min, max;	/* exact; meaningless while empty */
	double		 sum;
	uint64_t	 counts[HIST_SLOTS];
};

/* The slot of a value from 0 to HIST_MAX, and the range a slot stands for. */
unsigned hist_slot(int64_t ns);
int64_t	 hist_slot_first(unsigned slot);
int64_t	 hist_slot_last(unsigned slot);

/* Negative durations (clocks that disagree) count as 0. */
void	 hist_add(struct hist *, int64_t ns);
void	 hist_merge(struct hist *, const struct hist *from);

/*
 * The smallest value that per_million of all values do not exceed (nearest
 * rank), as the end of its slot; 0 when empty.
 */
int64_t	 hist_quantile(const struct hist *, uint32_t per_million);
double	 hist_mean(const struct hist *);

#endif
