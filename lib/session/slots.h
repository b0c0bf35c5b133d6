/* SPDX-License-Identifier: MIT */

/*
 * What is known of a packet id, found in constant time: a table of a power of
 * two of places, the id's low bits choose one.  Each direction has a table.
 * Our own ids skip places that are taken, so that an id is never used again
 * while it is pending [MQTT-2.2.1-3]; for the broker's ids the table grows
 * until the place is free, at most to one place for every id.
 */

#ifndef SESSION_SLOTS_H
#define SESSION_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

#define IDS_MAX		65535u

struct entry;
struct held;

struct slot {
	uint16_t	 mid;		/* 0: free */
	uint8_t		 state;		/* enum flow_state, enum known bits */
	uint8_t		 reason;	/* inbound: what to acknowledge with */
	uint32_t	 epoch;		/* inbound: connection it first came on;
					   SUBSCRIBE and UNSUBSCRIBE: number of
					   filters */
	union {
		struct entry *entry;	/* in the log; NULL: not logged */
		uint32_t seq;		/* inbound: order of arrival */
		struct held *held;	/* inbound: until PUBREL */
	} u;
	uint32_t	 order;		/* PUBREL sent: place of its PUBREC */
	uint32_t	 high;		/* PUBLISH: number in the store, whose
					   low half is in epoch */
	void		*tag;
};

struct slots {
	struct slot	*at;
	uint32_t	 cap;		/* 0 or a power of two */
	uint32_t	 n;
	uint64_t	 last;		/* own ids: the newest in the low 16
					   bits, above them the rounds */
};

void	 slots_fini(struct slots *);	/* a zeroed table is an empty one */

/* A slot for the peer's id, which must not be there yet.  NULL: no memory. */
struct slot *slots_add(struct slots *, uint16_t mid);

/* Give the table's memory back if it is empty. */
void	 slots_trim(struct slots *);

static inline struct slot *
slots_find(const struct slots *t, uint16_t mid)
{
	struct slot	*slot;

	if (t->cap == 0 || mid == 0)
		return (NULL);
	slot = &t->at[mid & (t->cap - 1)];
	return (slot->mid == mid ? slot : NULL);
}

static inline uint64_t
slot_number(const struct slot *slot)
{
	return ((uint64_t)slot->high << 32 | slot->epoch);
}

static inline void
slots_del(struct slots *t, struct slot *slot)
{
	slot->mid = 0;
	t->n--;
}

/* Room for one more id; false: *err. */
bool	 slots_make_room(struct slots *, int *err);

static inline struct slot *
slots_take(struct slots *t, uint16_t mid)
{
	struct slot	*slot = &t->at[mid & (t->cap - 1)];

	*slot = (struct slot){ .mid = mid };
	t->n++;
	return (slot);
}

/* The next free id of our own.  NULL: *err is MQK_EAGAIN or MQK_ENOMEM. */
static inline struct slot *
slots_next(struct slots *t, int *err)
{
	if (t->n >= t->cap - t->cap / 8 && !slots_make_room(t, err))
		return (NULL);
	do {
		t->last += (uint16_t)t->last == IDS_MAX ? 2 : 1;
	} while (t->at[t->last & (t->cap - 1)].mid != 0);
	return (slots_take(t, (uint16_t)t->last));
}

/* The value of last at which a free id will have had its turn again. */
static inline uint64_t
slots_turn(uint64_t last, uint16_t mid)
{
	uint64_t	 turn = (last & ~(uint64_t)IDS_MAX) | mid;

	return (turn > last ? turn : turn + IDS_MAX + 1);
}

#endif
