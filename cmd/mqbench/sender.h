/* SPDX-License-Identifier: MIT */

/*
 * When what is due gets sent.  With a rate, each message has its time, and one
 * that can't leave then leaves later and counts from then all the same; none
 * is skipped.  Without one, each client sends when the library takes more.
 */

#ifndef MQBENCH_SENDER_H
#define MQBENCH_SENDER_H

#include <stdint.h>

#include "mqbench/conn.h"
#include "mqbench/worker.h"

void	sender_start(struct worker *, int64_t start_ns);
void	sender_stop(struct worker *);
void	sender_fini(struct worker *);

/* The alarm went off. */
void	sender_wake(struct worker *);

/* The library takes more of that client's messages again. */
void	sender_resume(struct conn *);

/* A message won't arrive, by broker or library. */
void	sender_refused(struct worker *, const char *why);

/* The answer to a message: it has come, well or not. */
void	sender_answered(struct worker *, struct flight *);

#endif
