/* SPDX-License-Identifier: MIT */

/*
 * The clock that latency is measured with: CLOCK_MONOTONIC, because it is the
 * same for all processes of a host and nobody sets it.  Times of two hosts
 * don't compare, so what is sent carries the host's clock_id().
 */

#ifndef MQBENCH_CLOCK_H
#define MQBENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec);
}

/* Equal for processes whose clock_ns() have the same origin. */
uint16_t clock_id(void);

#endif
