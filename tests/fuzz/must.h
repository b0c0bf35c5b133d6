/* SPDX-License-Identifier: MIT */

#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdbool.h>

/* What has to hold whatever the input is; aborts where it does not. */
void	 must(bool holds);

/* A call that may be refused, but only with an error that exists. */
void	 may_fail(int result);

#endif
