/* SPDX-License-Identifier: MIT */

/*
 * Lines from large blocks.  Nothing is allocated, moved or read per record;
 * only the incomplete record at the end of a block moves to the front.
 */

#include "common/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"

enum { BLOCK = 128 * 1024 };

void
input_init(struct input *in, int fd, size_t max)
{
	*in = (struct input){ .fd = fd, .max = max };
}

void
input_fini(struct input *in)
{
	free(in->mem);
	in->mem = NULL;
}

static void
resize(struct input *in, size_t cap)
{
	in->mem = xrealloc(in->mem, cap);
	in->cap = cap;
}

/* Move what is left to the front and see that something fits behind it. */
static void
make_room(struct input *in)
{
	size_t	left = in->end - in->begin;

	if (in->begin != 0) {
		memmove(in->mem, in->mem + in->begin, left);
		in->searched -= in->begin;
		in->begin = 0;
		in->end = left;
	}
	if (in->end == in->cap)
		resize(in, in->cap == 0 ? BLOCK : 2 * in->cap);
	else if (in->cap > BLOCK && left < BLOCK / 2)
		resize(in, BLOCK);
}

int
input_fill(struct input *in)
{
	ssize_t	n;

	if (in->end - in->begin > in->max)
		return (MQK_ETOOBIG);
	make_room(in);
	n = read(in->fd, in->mem + in->end, in->cap - in->end);
	if (n < 0)
		return (errno == EAGAIN || errno == EINTR ? MQK_OK : MQK_EIO);
	if (n == 0)
		in->ended = true;
	in->end += (size_t)n;
	return (MQK_OK);
}

size_t
input_peek(struct input *in, struct mqk_bytes *records, size_t n)
{
	const uint8_t	*at, *from, *end, *newline;
	size_t		 k = 0;

	if (in->begin == in->end)
		return (0);
	at = in->mem + in->begin;
	from = in->mem + in->searched;
	end = in->mem + in->end;
	while (k < n && from < end &&
	    (newline = memchr(from, '\n', (size_t)(end - from))) != NULL) {
		records[k++] = (struct mqk_bytes){ at, (size_t)(newline - at) };
		at = from = newline + 1;
	}
	if (k < n && in->ended && at < end)
		records[k++] = (struct mqk_bytes){ at, (size_t)(end - at) };
	else if (k == 0)
		in->searched = in->end;
	return (k);
}

void
input_take(struct input *in, const struct mqk_bytes *records, size_t n)
{
	const struct mqk_bytes *last = &records[n - 1];

	/* Behind its newline, which the very last one need not have. */
	in->begin = (size_t)((const uint8_t *)last->data - in->mem) +
	    last->len + 1;
	if (in->begin > in->end)
		in->begin = in->end;
	in->searched = in->begin;
	in->taken += n;
}
