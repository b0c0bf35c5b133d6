/* SPDX-License-Identifier: MIT */

/* What can be said to the compiler about a function. */

#ifndef BASE_ATTRIBUTE_H
#define BASE_ATTRIBUTE_H

/*
 * Off the way that every message takes: kept out of its caller, which then
 * has fewer registers to save.
 */
#define ASIDE	__attribute__((noinline))

#endif
