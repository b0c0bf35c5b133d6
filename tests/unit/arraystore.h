/* SPDX-License-Identifier: MIT */

/*
 * A store in memory that can be cut off at any operation, as if the process
 * had been killed there, or fail once.  What had been committed remains.
 */

#ifndef UNIT_ARRAYSTORE_H
#define UNIT_ARRAYSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct item {
	enum mqk_shelf	 shelf;
	uint64_t	 key;
	size_t		 len;
	uint8_t		*data;
};

struct items {
	struct item	 at[256];	/* in order */
	size_t		 n;
};

struct arraystore {
	struct items	 now, committed;
	unsigned	 ops;		/* so far */
	unsigned	 fail_at;	/* this one fails, 0: none */
	bool		 cut;		/* and so do all that follow */
	unsigned	 opened;
	unsigned	 commits;
};

/* A new process: what is committed is there, and works. */
void	 arraystore_open(struct arraystore *, struct mqk_store *);
void	 arraystore_fini(struct arraystore *);

/* How many are committed on that shelf. */
size_t	 arraystore_count(const struct arraystore *, enum mqk_shelf);

#endif
