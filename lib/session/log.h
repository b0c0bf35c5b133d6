/* SPDX-License-Identifier: MIT */

/*
 * Encoded packets in the order of sending, kept until they are answered.  A
 * cursor separates what has been sent on this connection from what waits.
 * Memory comes in chunks that begin small and never move, so an entry's
 * address is its name; a chunk goes when its last entry has died.
 */

#ifndef SESSION_LOG_H
#define SESSION_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "mqk.h"

#define LOG_ALIGN(n)	(((n) + 7) & ~(size_t)7)

enum entry_flag {
	ENTRY_DEAD = 1,
	ENTRY_PASSED = 2,		/* the cursor is behind it */
	ENTRY_REPEAT = 4,		/* was sent on an earlier connection */
	ENTRY_SOURCE = 8,		/* payload comes from a source */
	ENTRY_CHECKED = 16,		/* this peer takes it */
	ENTRY_RELEASED = 32,		/* PUBREC came: sent again only if the
					   session is lost */
	ENTRY_COUNTED = 64		/* has a place in the window */
};

struct entry {
	uint32_t	 len;		/* wire bytes held here */
	uint32_t	 at;		/* offset in its chunk */
	uint32_t	 body;		/* bytes the source adds to them */
	uint16_t	 mid;		/* 0 with QoS 0 */
	uint8_t		 type;		/* enum mqk_packet_type */
	uint8_t		 flags;		/* enum entry_flag bits */
};

struct chunk {
	struct chunk	*prev, *next;
	uint32_t	 cap;		/* bytes for entries behind this */
	uint32_t	 used;
	uint32_t	 live;		/* entries that are not dead */
	uint32_t	 pad;		/* keeps the entries aligned */
};

struct log {
	struct chunk	*head, *tail;
	struct chunk	*spare;		/* put by, linked by next */
	struct chunk	*cur;		/* the cursor, NULL: at the end */
	uint32_t	 cur_at;
	uint32_t	 live;
	uint32_t	 waiting;	/* live and not passed */
	uint32_t	 requests;	/* of those, no PUBLISH */
	size_t		 held;		/* bytes of all chunks */
};

void	 log_fini(struct log *);	/* a zeroed log is an empty one */

/* Give back what an empty log keeps. */
void	 log_trim(struct log *);

/*
 * Append: log_begin() points the buffer at room for size bytes of wire image
 * (behind the source, if there is one), log_commit() makes an entry of what
 * has been written to it; not calling it leaves the log as it was.
 * MQK_EAGAIN: more than limit bytes would be held, but an empty log takes
 * anything.  MQK_ENOMEM.  Who knows the size needs no buffer: log_room() and
 * log_add(), below.
 */
MQK_USE int log_begin(struct log *, struct buf *, size_t size, size_t limit,
    const struct mqk_source *);
struct entry *log_commit(struct log *, const struct buf *,
    enum mqk_packet_type, uint16_t mid);

/* A new connection: everything but what is released waits again. */
void	 log_rewind(struct log *);

/* PUBREC came for it; log_again() takes that back. */
static inline void
log_release(struct log *l, struct entry *e)
{
	if ((e->flags & ENTRY_PASSED) == 0)
		l->waiting--;
	e->flags |= ENTRY_RELEASED | ENTRY_PASSED;
}

void	 log_again(struct log *, struct entry *);

/* Walk what is alive, oldest first; NULL begins. */
struct entry *log_walk(const struct log *, struct entry *);

static inline uint8_t *
entry_wire(struct entry *e)
{
	return ((uint8_t *)(e + 1) + ((e->flags & ENTRY_SOURCE) != 0 ?
	    sizeof(struct mqk_source) : 0));
}

/* Its source; the entry has ENTRY_SOURCE. */
static inline struct mqk_source *
entry_source(struct entry *e)
{
	return ((struct mqk_source *)(void *)(e + 1));
}

static inline bool
entry_is_request(const struct entry *e)
{
	return (e->type != MQK_PUBLISH);
}

static inline size_t
entry_size(const struct entry *e)
{
	return ((size_t)e->len + e->body);
}

static inline struct entry *
chunk_entry(struct chunk *c, uint32_t at)
{
	return ((struct entry *)(void *)((uint8_t *)(c + 1) + at));
}

/* Bytes from one entry to the next. */
static inline uint32_t
entry_span(const struct entry *e)
{
	size_t	 n = sizeof(*e) + e->len;

	if ((e->flags & ENTRY_SOURCE) != 0)
		n += sizeof(struct mqk_source);
	return ((uint32_t)LOG_ALIGN(n));
}

static inline struct chunk *
entry_chunk(struct entry *e)
{
	return ((struct chunk *)(void *)((uint8_t *)e - e->at) - 1);
}

/* ---- forgetting ------------------------------------------------------ */

/* The chunk's last entry has died. */
void	 log_bury(struct log *, struct chunk *);

/* It is answered: forget it. */
static inline void
log_kill(struct log *l, struct entry *e)
{
	struct chunk	*c = entry_chunk(e);

	if ((e->flags & ENTRY_PASSED) == 0) {
		l->waiting--;
		l->requests -= entry_is_request(e);
	}
	e->flags |= ENTRY_DEAD;
	l->live--;
	if (--c->live == 0)
		log_bury(l, c);
}

/* ---- appending ------------------------------------------------------- */

/* A chunk at the end with that much room, or NULL: *err. */
struct chunk *log_grow(struct log *, size_t need, size_t limit, int *err);

/* Where the next entry goes, with room for size bytes; NULL: *err. */
static inline struct entry *
log_room(struct log *l, size_t size, size_t limit,
    const struct mqk_source *source, int *err)
{
	struct chunk	*c = l->tail;
	struct entry	*e;

	size = LOG_ALIGN(size + sizeof(*e) + (source ? sizeof(*source) : 0));
	if (c == NULL || c->cap - c->used < size) {
		c = log_grow(l, size, limit, err);
		if (c == NULL)
			return (NULL);
	}
	e = chunk_entry(c, c->used);
	e->at = c->used;
	e->body = 0;
	e->flags = 0;
	if (source != NULL) {
		e->flags = ENTRY_SOURCE;
		e->body = source->len;
		*entry_source(e) = *source;
	}
	return (e);
}

/* len bytes of a packet have been written to entry_wire(). */
static inline void
log_add(struct log *l, struct entry *e, size_t len, enum mqk_packet_type type,
    uint16_t mid)
{
	struct chunk	*c = l->tail;

	e->len = (uint32_t)len;
	e->mid = mid;
	e->type = (uint8_t)type;
	if (l->cur == NULL) {
		l->cur = c;
		l->cur_at = c->used;
	}
	c->used += entry_span(e);
	c->live++;
	l->live++;
	l->waiting++;
	l->requests += entry_is_request(e);
}

/* ---- the cursor ------------------------------------------------------ */

struct entry *log_skip(struct log *);

/* The entry at the cursor, NULL: nothing waits. */
static inline struct entry *
log_next(struct log *l)
{
	struct entry	*e;

	if (l->cur == NULL || l->cur_at >= l->cur->used)
		return (log_skip(l));
	e = chunk_entry(l->cur, l->cur_at);
	return ((e->flags & (ENTRY_DEAD | ENTRY_PASSED)) == 0 ? e :
	    log_skip(l));
}

/* n entries have got ENTRY_PASSED; the next one of the chunk is at. */
static inline void
log_passed(struct log *l, uint32_t at, uint32_t n)
{
	l->waiting -= n;
	l->cur_at = at;
	if (at == l->cur->used) {
		l->cur = l->cur->next;
		l->cur_at = 0;
	}
}

/* The next request that waits, at the cursor or behind it; NULL: none. */
struct entry *log_request(struct log *);

/* It is sent; the cursor moves on if the entry is where it stands. */
static inline void
log_pass(struct log *l, struct entry *e)
{
	e->flags |= ENTRY_PASSED;
	l->requests -= entry_is_request(e);
	if (e == chunk_entry(l->cur, l->cur_at))
		log_passed(l, e->at + entry_span(e), 1);
	else
		l->waiting--;
}

#endif
