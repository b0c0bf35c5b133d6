/* SPDX-License-Identifier: MIT */

/* Everything a worker counts; the workers' are added up when all is over. */

#ifndef MQBENCH_TALLY_H
#define MQBENCH_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "mqbench/audit.h"
#include "mqbench/failures.h"
#include "mqbench/hist.h"

/* Messages that passed one point. */
struct flow {
	uint64_t	 all;
	uint64_t	 measured;	/* warm-up and overtime left out */
	int64_t		 first, last;	/* when, of the measured */
};

struct tally {
	uint64_t	 connected;	/* clients whose first attempt worked */
	uint64_t	 failed;	/* and those it did not work for */
	int		 fail_status;	/* exit status for one of those */
	uint64_t	 down;		/* connected ones, down at the end */
	uint64_t	 lost_connections;
	uint64_t	 subscribed;
	uint64_t	 unsubscribable;	/* refused by the broker */
	struct flow	 sent;		/* handed to the library */
	struct flow	 answered;	/* QoS 1 and 2: by success */
	uint64_t	 refused;	/* by broker or library */
	struct flow	 received;
	uint64_t	 foreign;	/* received, not of this run */
	uint64_t	 untimed;	/* received without a usable time */
	struct audit_counts audit;
	struct hist	 corrected;	/* from when it was due */
	struct hist	 uncorrected;	/* from when it was sent */
	struct failures	 failures;
};

void	flow_add(struct flow *, int64_t at, bool measured);

/* Per second, between the first and the last measured message. */
double	flow_rate(const struct flow *);

void	tally_merge(struct tally *, const struct tally *from);

#endif
