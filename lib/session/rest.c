/* SPDX-License-Identifier: MIT */

/*
 * Most of what a session has is for packets on their way, and there may be ten
 * thousand sessions without any.  The end of struct session is empty then: a
 * resting session ends in front of it.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

#define RESTING_SIZE	offsetof(struct session, o)

static bool
is_empty(const struct session *s)
{
	const enum session_state settled = SESSION_UP | SESSION_DOWN;

	return ((s->state & settled) != 0 && s->keep == NULL &&
	    s->ending == MQK_OK && s->events.n == 0 && s->o.body == NULL &&
	    output_unsent(s) == 0 &&
	    s->log.live == 0 && s->late.live == 0 && s->unlogged == 0 &&
	    s->mids.n == 0 && s->known.n == 0 && s->inbox.n == 0 &&
	    s->auth_method.topic == NULL && s->alias_in.n == 0 &&
	    s->alias_out.n == 0);
}

void
session_rest(struct session **at)
{
	struct session	*s = *at, *small;

	if (s->resting || !is_empty(s))
		return;
	small = malloc(RESTING_SIZE);
	if (small == NULL)
		return;
	s->rested_mid = s->mids.last;
	s->resting = true;
	memcpy(small, s, RESTING_SIZE);
	session_free_rest(s);
	free(s);
	*at = small;
}

int
session_wake(struct session **at)
{
	struct session	*s;

	if (!(*at)->resting)
		return (MQK_OK);
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return (MQK_ENOMEM);
	memcpy(s, *at, RESTING_SIZE);
	s->resting = false;
	s->mids.last = s->rested_mid;
	output_init(s);
	free(*at);
	*at = s;
	return (MQK_OK);
}

bool
session_resting(const struct session *s)
{
	return (s->resting);
}

void
session_free_rest(struct session *s)
{
	output_fini(s);
	log_fini(&s->log);
	log_fini(&s->late);
	free(s->auth_method.topic);
	alias_fini(&s->alias_in);
	alias_fini(&s->alias_out);
	slots_fini(&s->mids);
	inbound_forget(s);
}
