/* SPDX-License-Identifier: MIT */

/* From mqk_interest() to poll(2) and back to mqk_ready(). */

#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <poll.h>
#include <stddef.h>

#include "mqk.h"

short	 loop_poll_events(unsigned want);
unsigned loop_ready_events(short revents);

/* poll(2) that a signal ends like a time-out, and that can't fail. */
void	 loop_wait(struct pollfd *, size_t n, int timeout_ms);

#endif
