/* SPDX-License-Identifier: MIT */

/* Packet ids; knows nothing of what the states in a slot mean. */

#include "session/slots.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN	8u
#define SLOTS_MAX	65536u

void
slots_fini(struct slots *t)
{
	free(t->at);
	memset(t, 0, sizeof(*t));
}

void
slots_trim(struct slots *t)
{
	if (t->n > 0)
		return;
	free(t->at);
	t->at = NULL;
	t->cap = 0;
}

static int
grow(struct slots *t)
{
	uint32_t	 cap = t->cap == 0 ? SLOTS_MIN : t->cap * 2;
	struct slot	*at;

	at = calloc(cap, sizeof(*at));
	if (at == NULL)
		return (MQK_ENOMEM);
	/* Ids that were apart with fewer low bits are apart with more. */
	for (uint32_t i = 0; i < t->cap; i++)
		if (t->at[i].mid != 0)
			at[t->at[i].mid & (cap - 1)] = t->at[i];
	free(t->at);
	t->at = at;
	t->cap = cap;
	return (MQK_OK);
}

bool
slots_make_room(struct slots *t, int *err)
{
	if (t->n >= IDS_MAX)
		*err = MQK_EAGAIN;
	else if (t->cap >= SLOTS_MAX || grow(t) == MQK_OK)
		return (true);
	else
		*err = MQK_ENOMEM;
	return (false);
}

struct slot *
slots_add(struct slots *t, uint16_t mid)
{
	while (t->cap == 0 || t->at[mid & (t->cap - 1)].mid != 0)
		if (grow(t) < 0)
			return (NULL);
	return (slots_take(t, mid));
}
