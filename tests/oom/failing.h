/* SPDX-License-Identifier: MIT */

/*
 * Allocations that fail on demand.  A program that uses this is linked with
 * --wrap for malloc(), calloc(), realloc() and free() (see the Makefile), so
 * that those of the library and of the tests come here, and those of the C
 * library and of OpenSSL do not.
 */

#ifndef OOM_FAILING_H
#define OOM_FAILING_H

#include <stdbool.h>

/*
 * From now on the n-th allocation (1 is the next, 0 none) of those between
 * failing_on() and failing_off() returns NULL; with more set, and all behind
 * it.
 */
void	 failing_set(unsigned n, bool more);
void	 failing_on(void);
void	 failing_off(void);

/* For what must not fail between the two: the result is for resume. */
bool	 failing_pause(void);
void	 failing_resume(bool);

/* None fails any more. */
void	 failing_stop(void);

/* Has one failed since failing_set()? */
bool	 failing_happened(void);

/* Blocks that have not been freed. */
long	 failing_live(void);

#endif
