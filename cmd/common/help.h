/* SPDX-License-Identifier: MIT */

/* --help, printed from the rows. */

#ifndef COMMON_HELP_H
#define COMMON_HELP_H

#include "common/opt.h"

/* The option's call function; group NULL: the first group of the tool. */
int	help_call(struct opt_env *, const char *group);

/* "COUNT,IDLE,INTERVAL" from "count,idle,interval"; to is always ended. */
void	help_placeholder(const struct opt *, char *to, size_t cap);

#endif
