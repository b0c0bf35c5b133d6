/* SPDX-License-Identifier: MIT */

#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdbool.h>
#include <stdlib.h>

#include "mqk.h"

/* What must hold whatever the input is. */
static inline void
must(bool holds)
{
	if (!holds)
		abort();
}

/* A call that may be refused, but only with an error that exists. */
static inline void
may_fail(int result)
{
	must(result >= MQK_ERROR_LAST);
}

#endif
