/* SPDX-License-Identifier: MIT */

/* The ring of received messages; knows no packets. */

#include "session/inbox.h"

#include <stdlib.h>
#include <string.h>

#define INBOX_MIN	8u

int
inbox_grow(struct inbox *b)
{
	uint32_t	 cap = b->cap == 0 ? INBOX_MIN : b->cap * 2;
	struct arrival	*at;

	at = malloc(cap * sizeof(*at));
	if (at == NULL)
		return (MQK_ENOMEM);
	for (uint32_t i = 0; i < b->n; i++)
		at[i] = *inbox_at(b, i);
	free(b->at);
	b->at = at;
	b->cap = cap;
	b->head = 0;
	return (MQK_OK);
}

void
inbox_clear(struct inbox *b)
{
	while (b->n > 0)
		inbox_pop(b);
}

void
inbox_fini(struct inbox *b)
{
	inbox_clear(b);
	free(b->at);
	b->at = NULL;
	b->cap = 0;
}

struct arrival *
inbox_find(struct inbox *b, uint16_t mid, uint8_t qos)
{
	struct arrival	*a;

	if (b->hint >= b->n)
		b->hint = 0;
	for (uint32_t k = 0, i = b->hint; k < b->n; k++) {
		a = inbox_at(b, i);
		i = i + 1 == b->n ? 0 : i + 1;
		if (a->mid == mid && a->qos == qos && !a->done) {
			b->hint = i;
			return (a);
		}
	}
	return (NULL);
}

struct arrival *
inbox_find_last(struct inbox *b, uint16_t mid, uint8_t qos)
{
	struct arrival	*a;

	for (uint32_t i = b->n; i-- > 0;) {
		a = inbox_at(b, i);
		if (a->mid == mid && a->qos == qos && !a->done)
			return (a);
	}
	return (NULL);
}
