/* SPDX-License-Identifier: MIT */

/*
 * A single message is part of a script that waits for it, so it is tried for a
 * bounded time.  Lines of standard input may take their time, but a broker
 * that answers each of them with nonsense will not learn better.
 */

#include "mqpub/retry.h"

#include <stdbool.h>

#include "common/deadline.h"

void
retry_init(struct retry *r, const struct config_pub *pub)
{
	*r = (struct retry){
		.time_ms = pub->reconnect_time_ms,
		.until = DEADLINE_NONE,
		.violations.most = pub->stdin_lines ? VIOLATIONS_MOST : 1
	};
}

void
retry_progress(struct retry *r)
{
	r->until = DEADLINE_NONE;
	violations_forget(&r->violations);
}

void
retry_connected(struct retry *r)
{
	r->until = DEADLINE_NONE;
}

/* The last attempt is made when the time is over, not before. */
static bool
has_time_left(struct retry *r, struct mqk_attempt *attempt)
{
	if (r->time_ms == 0)
		return (true);
	if (r->until == DEADLINE_NONE)
		r->until = deadline_in(r->time_ms);
	if (deadline_passed(r->until))
		return (false);
	attempt->delay_ms = (uint32_t)deadline_cut(r->until,
	    (int)attempt->delay_ms);
	return (true);
}

enum mqk_policy
retry_ask(struct retry *r, struct mqk_attempt *attempt)
{
	/* A file that can't be read now won't be after a reconnect. */
	if (attempt->last_error == MQK_ESOURCE)
		return (MQK_GIVE_UP);
	if (violations_exceed(&r->violations, attempt->last_error))
		return (MQK_GIVE_UP);
	return (has_time_left(r, attempt) ? MQK_RETRY : MQK_GIVE_UP);
}
