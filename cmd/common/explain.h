/* SPDX-License-Identifier: MIT */

/* --explain: a post-mortem for people to read. */

#ifndef COMMON_EXPLAIN_H
#define COMMON_EXPLAIN_H

#include "mqk.h"

/* On standard error, a line for each thing that is known; NULL: nothing. */
void	explain(const struct mqk_post_mortem *);

#endif
