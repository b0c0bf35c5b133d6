/* SPDX-License-Identifier: MIT */

/* All numbers that mqbench prints. */

#ifndef MQBENCH_REPORT_H
#define MQBENCH_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mqbench/bench.h"

/* A run that is under way. */
struct progress {
	double		 seconds;
	uint64_t	 connected, failed, sent, answered, received, unique;
};

/* One line, without a newline. */
void	report_progress(const struct bench *, const struct progress *,
	    char *to, size_t cap);

/* For people: aligned text, and the failures on stderr. */
void	report_text(const struct bench *, const struct outcome *, FILE *);

/* For programs: one JSON object.  -1: it could not be written (errno). */
int	report_json(const struct bench *, const struct outcome *,
	    FILE *);

#endif
