/* SPDX-License-Identifier: MIT */

/* Packet ids; knows nothing of what the states in a slot mean. */

#include "session/slots.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN	8u
#define SLOTS_MAX	65536u
#define IDS_MAX		65535u

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

static struct slot *
take(struct slots *t, uint16_t mid)
{
	struct slot	*slot = &t->at[mid & (t->cap - 1)];

	memset(slot, 0, sizeof(*slot));
	slot->mid = mid;
	t->n++;
	return (slot);
}

struct slot *
slots_next(struct slots *t, int *err)
{
	if (t->n >= IDS_MAX) {
		*err = MQK_EAGAIN;
		return (NULL);
	}
	if (t->n >= t->cap / 2 && t->cap < SLOTS_MAX && grow(t) < 0) {
		*err = MQK_ENOMEM;
		return (NULL);
	}
	do {
		t->last = (uint16_t)(t->last == IDS_MAX ? 1 : t->last + 1);
	} while (t->at[t->last & (t->cap - 1)].mid != 0);
	return (take(t, t->last));
}

struct slot *
slots_add(struct slots *t, uint16_t mid)
{
	while (t->cap == 0 || t->at[mid & (t->cap - 1)].mid != 0)
		if (grow(t) < 0)
			return (NULL);
	return (take(t, mid));
}
