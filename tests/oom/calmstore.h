/* SPDX-License-Identifier: MIT */

/*
 * A store in memory, for a client whose allocations may fail: its own never
 * do.  There is one; what it has remains from one opening to the next.
 */

#ifndef OOM_CALMSTORE_H
#define OOM_CALMSTORE_H

#include "mqk.h"

void	 calmstore_open(struct mqk_store *);

/* It is closed, and nothing is under way any more. */
void	 calmstore_assert_done(void);

/* Forget what it has. */
void	 calmstore_fini(void);

#endif
