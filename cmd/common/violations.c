/* SPDX-License-Identifier: MIT */

/* Which errors are the broker's fault, and how many of them there were. */

#include "common/violations.h"

#include "mqk.h"

static bool
is_violation(int error)
{
	return (error == MQK_EMALFORMED || error == MQK_EPROTOCOL ||
	    error == MQK_ETOOBIG);
}

bool
violations_exceed(struct violations *v, int error)
{
	return (is_violation(error) && ++v->in_row >= v->most);
}

void
violations_forget(struct violations *v)
{
	v->in_row = 0;
}
