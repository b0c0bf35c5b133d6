/* SPDX-License-Identifier: MIT */

/*
 * The main thread of a run: starts the workers, gives the word to begin, ends
 * the run when it is over or interrupted, and adds up.
 */

#ifndef MQBENCH_CONTROL_H
#define MQBENCH_CONTROL_H

#include "mqbench/bench.h"

void	control_run(const struct bench *, struct outcome *);

#endif
