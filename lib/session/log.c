/* SPDX-License-Identifier: MIT */

/* The log of packets; knows nothing of what they mean or when they are due. */

#include "session/log.h"

#include <stdlib.h>
#include <string.h>


#define CHUNK_MIN	1024u
#define CHUNK_MAX	65536u

static void
free_chunks(struct chunk *c)
{
	struct chunk	*next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
log_fini(struct log *l)
{
	free_chunks(l->head);
	free_chunks(l->spare);
	memset(l, 0, sizeof(*l));
}

void
log_trim(struct log *l)
{
	free_chunks(l->spare);
	l->spare = NULL;
	if (l->live == 0)
		log_fini(l);
}

/* ---- chunks ---------------------------------------------------------- */

static size_t
next_cap(const struct log *l, size_t need, size_t limit)
{
	size_t	 cap = l->tail == NULL ? CHUNK_MIN : (size_t)l->tail->cap * 2;

	if (cap > CHUNK_MAX)
		cap = CHUNK_MAX;
	if (l->held < limit && cap > limit - l->held)
		cap = limit - l->held;
	return (cap > need ? cap : need);
}

/*
 * Chunks of full size are put by until log_trim(), so that a busy log does not
 * ask the system for the same memory over and over.
 */
static void
chunk_drop(struct log *l, struct chunk *c)
{
	if (l->cur == c) {
		l->cur = c->next;
		l->cur_at = 0;
	}
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		l->head = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	else
		l->tail = c->prev;
	l->held -= c->cap;
	if (c->cap == CHUNK_MAX) {
		c->next = l->spare;
		l->spare = c;
	} else
		free(c);
}

/*
 * A chunk from those put by, the last one first since it is the warmest, or a
 * new one.
 */
static struct chunk *
chunk_new(struct log *l, size_t need, size_t limit)
{
	struct chunk	*c = l->spare;
	size_t		 cap;

	if (c != NULL && c->cap >= need &&
	    (l->held == 0 || c->cap <= limit - l->held)) {
		l->spare = c->next;
		cap = c->cap;
	} else {
		cap = next_cap(l, need, limit);
		c = malloc(sizeof(*c) + cap);
	}
	if (c == NULL)
		return (NULL);
	memset(c, 0, sizeof(*c));
	c->cap = (uint32_t)cap;
	return (c);
}

struct chunk *
log_grow(struct log *l, size_t need, size_t limit, int *err)
{
	struct chunk	*c;

	if (l->tail != NULL && l->tail->live == 0)
		chunk_drop(l, l->tail);
	*err = need > UINT32_MAX / 2 ? MQK_ETOOBIG : MQK_EAGAIN;
	if (need > UINT32_MAX / 2 ||
	    (l->live > 0 && (l->held >= limit || need > limit - l->held)))
		return (NULL);
	c = chunk_new(l, need, limit);
	*err = MQK_ENOMEM;
	if (c == NULL)
		return (NULL);
	c->prev = l->tail;
	if (l->tail != NULL)
		l->tail->next = c;
	else
		l->head = c;
	l->tail = c;
	l->held += c->cap;
	return (c);
}

/* ---- writing --------------------------------------------------------- */

int
log_begin(struct log *l, struct buf *b, size_t size, size_t limit,
    const struct mqk_source *source)
{
	struct entry	*e;
	int		 err;

	e = log_room(l, size, limit, source, &err);
	if (e == NULL)
		return (err);
	memset(b, 0, sizeof(*b));
	b->mem = entry_wire(e);
	b->cap = b->max = l->tail->cap - l->tail->used -
	    (size_t)(b->mem - (uint8_t *)e);
	return (MQK_OK);
}

struct entry *
log_commit(struct log *l, const struct buf *b, enum mqk_packet_type type,
    uint16_t mid)
{
	struct entry	*e = chunk_entry(l->tail, l->tail->used);

	log_add(l, e, buf_len(b), type, mid);
	return (e);
}

/* ---- the cursor ------------------------------------------------------ */

/* Over what is dead or passed, and to the next chunk. */
struct entry *
log_skip(struct log *l)
{
	struct entry	*e;

	while (l->cur != NULL) {
		while (l->cur_at < l->cur->used) {
			e = chunk_entry(l->cur, l->cur_at);
			if ((e->flags & (ENTRY_DEAD | ENTRY_PASSED)) == 0)
				return (e);
			l->cur_at += entry_span(e);
		}
		l->cur = l->cur->next;
		l->cur_at = 0;
	}
	return (NULL);
}

struct entry *
log_request(struct log *l)
{
	struct entry	*e = l->requests > 0 ? log_next(l) : NULL;

	while (e != NULL &&
	    (!entry_is_request(e) || (e->flags & ENTRY_PASSED) != 0))
		e = log_walk(l, e);
	return (e);
}

void
log_bury(struct log *l, struct chunk *c)
{
	if (c->next != NULL) {
		chunk_drop(l, c);
		return;
	}
	c->used = 0;
	if (l->cur == c)
		l->cur = NULL;
}

void
log_rewind(struct log *l)
{
	for (struct entry *e = log_walk(l, NULL); e != NULL;
	    e = log_walk(l, e)) {
		e->flags &= (uint8_t)~(ENTRY_CHECKED | ENTRY_COUNTED);
		if ((e->flags & ENTRY_PASSED) == 0 ||
		    (e->flags & ENTRY_RELEASED) != 0)
			continue;
		e->flags &= (uint8_t)~ENTRY_PASSED;
		e->flags |= ENTRY_REPEAT;
		l->waiting++;
		l->requests += entry_is_request(e);
	}
	l->cur = l->live > 0 ? l->head : NULL;
	l->cur_at = 0;
}

void
log_again(struct log *l, struct entry *e)
{
	e->flags &= (uint8_t)~(ENTRY_RELEASED | ENTRY_PASSED);
	l->waiting++;
}

struct entry *
log_walk(const struct log *l, struct entry *e)
{
	struct chunk	*c = e == NULL ? l->head : entry_chunk(e);
	uint32_t	 at = e == NULL ? 0 : e->at + entry_span(e);

	for (; c != NULL; c = c->next, at = 0)
		while (at < c->used) {
			e = chunk_entry(c, at);
			if ((e->flags & ENTRY_DEAD) == 0)
				return (e);
			at += entry_span(e);
		}
	return (NULL);
}
