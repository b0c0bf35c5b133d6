/* SPDX-License-Identifier: MIT */

/*
 * SIGINT and SIGTERM as bytes in a pipe, for loops that poll.  The first asks
 * for a clean stop; the second ends the process at once.  SIGPIPE is ignored:
 * a write that fails says so itself.
 */

#ifndef COMMON_SIGNALS_H
#define COMMON_SIGNALS_H

#include <stdint.h>

/*
 * Install the handlers, the first time it is called.  Result: a descriptor,
 * readable when a signal came.
 */
int	signals_open(void);

/* The signal that asked to stop; 0: none yet.  Drains the pipe. */
int	signals_pending(void);

/* How long a tool goes on to finish what is in flight after a signal. */
enum { SIGNALS_GRACE_MS = 1000 };

/*
 * When to give up on saying good-bye: at the deadline that runs already
 * (DEADLINE_NONE: after a grace of its own), but never before DISCONNECT can
 * have been written.
 */
int64_t	signals_farewell(int64_t give_up_at);

#endif
