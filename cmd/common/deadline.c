/* SPDX-License-Identifier: MIT */

/* The monotonic clock as poll(2) needs it. */

#include "common/deadline.h"

#include <limits.h>
#include <time.h>

static int64_t
now(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
}

int64_t
deadline_in(int64_t ms)
{
	return (now() + ms);
}

bool
deadline_passed(int64_t at)
{
	return (at != DEADLINE_NONE && now() >= at);
}

int
deadline_cut(int64_t at, int timeout_ms)
{
	int64_t	left;

	if (at == DEADLINE_NONE)
		return (timeout_ms);
	left = at - now();
	if (left < 0)
		left = 0;
	if (left > INT_MAX)
		left = INT_MAX;
	if (timeout_ms < 0 || left < timeout_ms)
		return ((int)left);
	return (timeout_ms);
}
