/* SPDX-License-Identifier: MIT */

/* A broker that answers with nonsense again and again will not learn better. */

#ifndef COMMON_VIOLATIONS_H
#define COMMON_VIOLATIONS_H

#include <stdbool.h>

enum { VIOLATIONS_MOST = 3 };

struct violations {
	unsigned	 in_row;
	unsigned	 most;		/* that many end it */
};

/*
 * The connection was lost to that error: is it the last violation of the
 * protocol that is put up with?  Other errors do not count.
 */
bool	violations_exceed(struct violations *, int error);

/* The broker has shown that it works. */
void	violations_forget(struct violations *);

#endif
