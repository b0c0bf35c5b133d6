/* SPDX-License-Identifier: MIT */

/*
 * The numbers of a report, worked out, and the table of them: the label of the
 * text, the key of the JSON and where the number is.
 */

#ifndef MQBENCH_SUMMARY_H
#define MQBENCH_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "mqbench/bench.h"

struct summary {
	double		 seconds;
	uint64_t	 connected, failed, lost_connections, subscribed;
	double		 connect_rate;
	uint64_t	 planned, sent, unsent, answered, refused;
	double		 wanted_rate, send_rate, answer_rate;
	uint64_t	 expected, received, foreign, untimed;
	double		 receive_rate;
	uint64_t	 lost, duplicated, reordered, unaudited;
	uint64_t	 measured, over;
	double		 cpu_s, cpu_us_per_message;
	uint64_t	 memory_kib;
};

enum summary_kind {
	SUMMARY_COUNT,		/* uint64_t */
	SUMMARY_RATE,		/* double, per second */
	SUMMARY_AMOUNT		/* double, with the row's unit */
};

struct summary_row {
	const char	*label;
	const char	*key;
	enum summary_kind kind;
	size_t		 at;		/* in struct summary */
	const char	*unit;		/* of an amount; NULL: none */
	unsigned	 modes;		/* 1 << enum bench_mode */
	bool		 only_if;	/* text: left out when it is 0 */
};

extern const struct summary_row summary_rows[];	/* ends with label NULL */

void	summary_make(struct summary *, const struct bench *,
	    const struct outcome *);

/* Has the row a meaning in that run? */
bool	summary_has(const struct summary_row *, const struct bench *);

/* What the latency of the run is measured from and to. */
const char *summary_latency(const struct bench *);

#endif
