/* SPDX-License-Identifier: MIT */

/*
 * What the store must be told with the next commit, in a list.  When there was
 * no memory for one of them, it is told all there is instead: the session
 * itself knows how it stands.
 */

#include <string.h>

#include "session/internal.h"

#define CHANGES_MAX	((size_t)64 * 1024 * 1024)
#define DONE_MANY	1024u

enum change_type { CHANGE_STATE, CHANGE_DONE, CHANGE_KNOWN, CHANGE_UNKNOWN };

struct change {
	uint64_t	 key;
	uint64_t	 order;		/* of its PUBREC, 0: none came */
	uint16_t	 mid;
	uint8_t		 type;		/* enum change_type */
	uint8_t		 reason;
};

void
changes_init(struct keep *k)
{
	buf_init(&k->changes, CHANGES_MAX);
}

void
changes_clear(struct keep *k)
{
	buf_truncate(&k->changes, 0);
	k->urgent = false;
}

bool
changes_due(const struct session *s)
{
	const struct keep	*k = s->keep;
	size_t			 n = buf_len(&k->changes);

	if (k->urgent || k->changes.err != 0)
		return (true);
	return (n > 0 &&
	    (s->mids.n == 0 || n >= DONE_MANY * sizeof(struct change)));
}

/* ---- one after the other --------------------------------------------- */

static int
apply_state(struct keep *k, const struct change *c)
{
	return (keep_put_state(k, c->key, c->mid, c->order));
}

static int
apply_done(struct keep *k, const struct change *c)
{
	const struct mqk_store	*store = &k->store;
	int			 err;

	err = store->del(store->ctx, MQK_SHELF_MESSAGES, c->key);
	return (err < 0 ? err :
	    store->del(store->ctx, MQK_SHELF_STATES, c->key));
}

static int
apply_known(struct keep *k, const struct change *c)
{
	return (k->store.put(k->store.ctx, MQK_SHELF_RECEIVED, c->key,
	    (struct mqk_bytes){ &c->reason, 1 }));
}

static int
apply_unknown(struct keep *k, const struct change *c)
{
	return (k->store.del(k->store.ctx, MQK_SHELF_RECEIVED, c->key));
}

static int (*const appliers[])(struct keep *, const struct change *) = {
	[CHANGE_STATE] = apply_state,
	[CHANGE_DONE] = apply_done,
	[CHANGE_KNOWN] = apply_known,
	[CHANGE_UNKNOWN] = apply_unknown,
};

static int
apply_list(struct keep *k)
{
	const uint8_t	*at = buf_data(&k->changes);
	size_t		 n = buf_len(&k->changes) / sizeof(struct change);
	struct change	 c;
	int		 err = MQK_OK;

	for (size_t i = 0; i < n && err >= 0; i++) {
		memcpy(&c, at + i * sizeof(c), sizeof(c));
		err = appliers[c.type](k, &c);
	}
	return (err);
}

/* ---- all of it ------------------------------------------------------- */

static bool
is_message(const struct slot *slot)
{
	return (slot->mid != 0 && (slot->state == FLOW_PUBACK ||
	    slot->state == FLOW_PUBREC || slot->state == FLOW_PUBCOMP));
}

/* Orders of PUBRECs are told apart by their low half while under way. */
static int
put_states(struct session *s)
{
	struct keep	*k = s->keep;
	uint64_t	 order;
	int		 err = MQK_OK;

	for (uint32_t i = 0; i < s->mids.cap && err >= 0; i++) {
		if (!is_message(&s->mids.at[i]))
			continue;
		order = s->mids.at[i].state != FLOW_PUBCOMP ? 0 :
		    k->order - (s->order - s->mids.at[i].order);
		err = keep_put_state(k, slot_number(&s->mids.at[i]),
		    s->mids.at[i].mid, order);
	}
	return (err);
}

static int
put_known(struct session *s)
{
	const struct slot	*slot = s->known.at;
	struct change		 c;
	int			 err = MQK_OK;

	for (uint32_t i = 0; i < s->known.cap && err >= 0; i++, slot++) {
		c = (struct change){ .key = slot->mid, .reason = slot->reason };
		if (slot->mid != 0 && (slot->state & KNOWN_ACKED) != 0)
			err = apply_known(s->keep, &c);
	}
	return (err);
}

/* 1 or 0, or < 0: the store failed. */
typedef int is_alive_fn(struct keep *, uint64_t key);

static int
is_nothing(struct keep *k, uint64_t key)
{
	(void)k;
	(void)key;
	return (0);
}

/* A message that waits in the store alone, or has a state. */
static int
is_under_way(struct keep *k, uint64_t key)
{
	struct mqk_bytes value;
	uint64_t	 at = key - 1;
	int		 found;

	if (key > k->loaded)
		return (1);
	found = k->store.next(k->store.ctx, MQK_SHELF_STATES, &at, &value);
	return (found > 0 ? at == key : found);
}

static int
prune(struct keep *k, enum mqk_shelf shelf, is_alive_fn *is_alive)
{
	const struct mqk_store	*store = &k->store;
	struct mqk_bytes	 value;
	uint64_t		 key = 0;
	int			 err;

	for (;;) {
		err = store->next(store->ctx, shelf, &key, &value);
		if (err <= 0)
			return (err);
		err = is_alive(k, key);
		if (err == 0)
			err = store->del(store->ctx, shelf, key);
		if (err < 0)
			return (err);
	}
}

static int
apply_all(struct session *s)
{
	struct keep	*k = s->keep;
	int		 err = prune(k, MQK_SHELF_STATES, is_nothing);

	if (err >= 0)
		err = put_states(s);
	if (err >= 0)
		err = prune(k, MQK_SHELF_MESSAGES, is_under_way);
	if (err >= 0)
		err = prune(k, MQK_SHELF_RECEIVED, is_nothing);
	return (err < 0 ? err : put_known(s));
}

int
changes_apply(struct session *s)
{
	return (s->keep->changes.err != 0 ? apply_all(s) :
	    apply_list(s->keep));
}

/* ---- what happens ---------------------------------------------------- */

static void
note(struct session *s, struct change c)
{
	buf_append(&s->keep->changes, &c, sizeof(c));
	if (c.type != CHANGE_DONE)
		s->keep->urgent = true;
}

void
keep_received(struct session *s, const struct slot *slot)
{
	note(s, (struct change){ .type = CHANGE_STATE, .mid = slot->mid,
	    .key = slot_number(slot), .order = ++s->keep->order });
}

void
keep_again(struct session *s, const struct slot *slot)
{
	note(s, (struct change){ .type = CHANGE_STATE, .mid = slot->mid,
	    .key = slot_number(slot) });
}

void
keep_done(struct session *s, const struct slot *slot)
{
	note(s, (struct change){ .type = CHANGE_DONE,
	    .key = slot_number(slot) });
}

void
keep_known(struct session *s, uint16_t mid, uint8_t reason)
{
	note(s, (struct change){ .type = CHANGE_KNOWN, .key = mid,
	    .reason = reason });
}

void
keep_unknown(struct session *s, uint16_t mid)
{
	note(s, (struct change){ .type = CHANGE_UNKNOWN, .key = mid });
}
