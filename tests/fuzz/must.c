/* SPDX-License-Identifier: MIT */

/* Not inline, so that the caller's line is in the stack trace. */

#include "fuzz/must.h"

#include <stdlib.h>

#include "mqk.h"

void
must(bool holds)
{
	if (!holds)
		abort();
}

void
may_fail(int result)
{
	must(result >= MQK_ERROR_LAST);
}
