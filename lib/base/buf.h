/* SPDX-License-Identifier: MIT */

/*
 * Growable bytes with a mandatory maximum.  Bytes are appended at the end and
 * consumed from the front; consuming moves no memory, growing may.  A failed
 * append sets a sticky error, so that writers check once, at the end.
 */

#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct buf {
	uint8_t		*mem;		/* NULL until the first append */
	size_t		 off;		/* first byte in use */
	size_t		 end;		/* behind the last byte in use */
	size_t		 cap;		/* bytes allocated */
	size_t		 max;		/* never allocate more than this */
	int		 err;		/* sticky: MQK_ENOMEM or MQK_ETOOBIG */
};

void	 buf_init(struct buf *, size_t max);
void	 buf_fini(struct buf *);	/* a zeroed buf is fine */

/* Give the memory back; the buffer must be empty. */
void	 buf_release(struct buf *);

/* Room for n more bytes at the end: where they go, or NULL (err is set). */
uint8_t *buf_reserve_slow(struct buf *, size_t n);
void	 buf_append(struct buf *, const void *, size_t n);

static inline size_t
buf_len(const struct buf *b)
{
	return (b->end - b->off);
}

static inline const uint8_t *
buf_data(const struct buf *b)
{
	return (b->off == 0 ? b->mem : b->mem + b->off);
}

static inline uint8_t *
buf_reserve(struct buf *b, size_t n)
{
	if (b->cap - b->end >= n && b->err == 0 && b->mem != NULL)
		return (b->mem + b->end);
	return (buf_reserve_slow(b, n));
}

/* n bytes were written at buf_reserve()'s result. */
static inline void
buf_commit(struct buf *b, size_t n)
{
	b->end += n;
}

/* Drop n bytes from the front. */
static inline void
buf_consume(struct buf *b, size_t n)
{
	b->off += n;
	if (b->off == b->end)
		b->off = b->end = 0;
}

/* Drop everything behind the first len bytes, and the sticky error. */
static inline void
buf_truncate(struct buf *b, size_t len)
{
	b->end = b->off + len;
	b->err = 0;
}

#endif
