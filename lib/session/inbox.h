/* SPDX-License-Identifier: MIT */

/*
 * QoS 1 and 2 messages of this connection in the order they came in, until
 * their PUBACK or PUBREC has been queued: a ring that grows on demand.
 */

#ifndef SESSION_INBOX_H
#define SESSION_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/prop.h"
#include "mqk.h"

struct arrival {
	struct mqk_props *props;	/* for the answer; NULL: none */
	uint32_t	 seq;
	uint16_t	 mid;
	uint8_t		 qos;
	uint8_t		 reason;
	bool		 done;		/* acknowledged by the application */
};

struct inbox {
	struct arrival	*at;
	uint32_t	 cap;		/* 0 or a power of two */
	uint32_t	 head;
	uint32_t	 n;
	uint32_t	 hint;		/* where the next ack is likely */
	uint32_t	 seq;		/* of the newest message */
	uint32_t	 open;		/* against our receive-maximum */
	uint32_t	 away;		/* QoS 2 of lost connections without an
					   acknowledgement, not in the ring */
};

static inline struct arrival *
inbox_at(const struct inbox *b, uint32_t i)
{
	return (&b->at[(b->head + i) & (b->cap - 1)]);
}

/* Room for more.  MQK_ENOMEM */
MQK_USE int inbox_grow(struct inbox *);

/* MQK_ENOMEM */
MQK_USE static inline int
inbox_add(struct inbox *b, const struct arrival *a)
{
	if (b->n == b->cap && inbox_grow(b) < 0)
		return (MQK_ENOMEM);
	*inbox_at(b, b->n++) = *a;
	return (MQK_OK);
}

/* Drop the oldest. */
static inline void
inbox_pop(struct inbox *b)
{
	struct arrival	*a = inbox_at(b, 0);

	if (a->props != NULL)
		mqk_props_free(a->props);
	b->head = (b->head + 1) & (b->cap - 1);
	b->n--;
	if (b->hint > 0)
		b->hint--;
}

void	 inbox_clear(struct inbox *);
void	 inbox_fini(struct inbox *);

/* Undo inbox_add(). */
static inline void
inbox_drop_last(struct inbox *b)
{
	b->n--;
}

/* The oldest of that id and QoS that is not done; NULL: none. */
struct arrival *inbox_find(struct inbox *, uint16_t mid, uint8_t qos);

/* The newest instead. */
struct arrival *inbox_find_last(struct inbox *, uint16_t mid, uint8_t qos);

#endif
