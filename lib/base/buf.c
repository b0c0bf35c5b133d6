/* SPDX-License-Identifier: MIT */

/* Memory of growable buffers: when to move bytes down and when to grow. */

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#define BUF_MIN	512u

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_fini(struct buf *b)
{
	free(b->mem);
	buf_init(b, b->max);
}

void
buf_release(struct buf *b)
{
	int	 err = b->err;

	buf_fini(b);
	b->err = err;
}

static void
move_down(struct buf *b)
{
	memmove(b->mem, b->mem + b->off, buf_len(b));
	b->end -= b->off;
	b->off = 0;
}

/* At least double, so that growing is rare; need <= max. */
static size_t
new_cap(const struct buf *b, size_t need)
{
	size_t	 cap = b->cap < BUF_MIN / 2 ? BUF_MIN / 2 : b->cap;

	do
		cap = cap > b->max / 2 ? b->max : cap * 2;
	while (cap < need);
	return (cap);
}

static int
grow(struct buf *b, size_t need)
{
	size_t	 cap;
	uint8_t	*mem;

	if (b->off > 0)
		move_down(b);
	cap = new_cap(b, need);
	mem = realloc(b->mem, cap);
	if (mem == NULL)
		return (MQK_ENOMEM);
	b->mem = mem;
	b->cap = cap;
	return (MQK_OK);
}

uint8_t *
buf_reserve_slow(struct buf *b, size_t n)
{
	size_t	 len = buf_len(b);

	if (b->err != 0)
		return (NULL);
	if (len > b->max || n > b->max - len) {
		b->err = MQK_ETOOBIG;
		return (NULL);
	}
	/*
	 * Moving pays when at least as much is gone as is left: each byte is
	 * moved once for every byte that was consumed.
	 */
	if (b->cap >= len + n && b->off > 0 &&
	    (b->off >= len || b->cap == b->max))
		move_down(b);
	else if (b->mem == NULL || b->cap - b->end < n)
		b->err = grow(b, len + n);
	return (b->err == 0 ? b->mem + b->end : NULL);
}

void
buf_append(struct buf *b, const void *p, size_t n)
{
	uint8_t	*at;

	if (n == 0)
		return;
	at = buf_reserve(b, n);
	if (at == NULL)
		return;
	memcpy(at, p, n);
	buf_commit(b, n);
}
