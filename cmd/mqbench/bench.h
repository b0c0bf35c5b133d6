/* SPDX-License-Identifier: MIT */

/*
 * One run of mqbench: what was asked for and what follows from it.  Workers
 * read it and nobody writes it while they run.
 */

#ifndef MQBENCH_BENCH_H
#define MQBENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

#include "common/config.h"
#include "mqbench/plan.h"
#include "mqbench/tally.h"

enum bench_mode { BENCH_PUB, BENCH_SUB, BENCH_PUBSUB, BENCH_CONN };

/* What clients of a mode do; the plan is of messages, or of connections. */
struct bench_role {
	const char	*name;
	bool		 publishes;
	bool		 subscribes;
	bool		 connects;	/* connecting is what is measured */
};

extern const struct bench_role bench_roles[];	/* by enum bench_mode */

struct bench {
	const struct config *config;
	const struct bench_role *role;
	struct plan	 plan;
	struct mqk_options options;	/* of each client; no id */
	char		*host;		/* where the first connection went */
	char		*id;		/* template */
	enum mqk_version version;	/* spoken with the broker */
	uint32_t	 run;		/* a random number */
	uint16_t	 clock;
	size_t		 size;
	uint8_t		 qos;
	unsigned	 carries;	/* enum payload_has of our payloads */
};

/* What came of it. */
struct outcome {
	struct tally	 tally;
	uint64_t	 planned;	/* messages; PLAN_ENDLESS: no number */
	double		 seconds;	/* from start to end of sending */
	double		 cpu_s;		/* user and system, in that time */
	long		 memory_kib;	/* at the peak */
	bool		 interrupted;
	bool		 stalled;	/* given up: nothing moved any more */
};

void	 bench_init(struct bench *, const struct config *);
void	 bench_fini(struct bench *);

/*
 * Connect once, so that a wrong address or password is told once, and keep the
 * address that answered and the version for the clients.  STATUS_OK, or the
 * exit status after a message.
 */
int	 bench_preflight(struct bench *);

/* Is there anything to time?  Not when nothing answers and nothing is due. */
bool	 bench_has_latency(const struct bench *);

/*
 * How many messages subscribers should get when that many were sent and that
 * many clients have subscribed; 0 where publishers are elsewhere.
 */
uint64_t bench_expected(const struct bench *, uint64_t sent,
    uint64_t subscribers);

/* What was sent and neither received nor answered, as the mode has it. */
uint64_t bench_lost(const struct bench *, const struct outcome *);

/* The exit status that the outcome deserves. */
int	 bench_verdict(const struct bench *, const struct outcome *);

#endif
