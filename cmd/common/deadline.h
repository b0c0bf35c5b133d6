/* SPDX-License-Identifier: MIT */

/* Points in time for loops around poll(2), in milliseconds, monotonic. */

#ifndef COMMON_DEADLINE_H
#define COMMON_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#define DEADLINE_NONE INT64_MAX

int64_t	deadline_in(int64_t ms);
bool	deadline_passed(int64_t at);

/* A timeout for poll(2), cut to the time that is left; -1 is "for ever". */
int	deadline_cut(int64_t at, int timeout_ms);

#endif
