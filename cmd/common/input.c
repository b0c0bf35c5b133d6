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

static void
show(struct input *in, struct mqk_bytes *record, size_t end)
{
	record->data = in->mem + in->begin;
	record->len = end - in->begin;
}

bool
input_peek(struct input *in, struct mqk_bytes *record)
{
	const uint8_t	*newline;

	if (in->searched < in->end) {
		newline = memchr(in->mem + in->searched, '\n',
		    in->end - in->searched);
		if (newline != NULL) {
			in->searched = (size_t)(newline - in->mem);
			in->next = in->searched + 1;
			show(in, record, in->searched);
			return (true);
		}
		in->searched = in->end;
	}
	if (!in->ended || in->begin == in->end)
		return (false);
	in->next = in->end;
	show(in, record, in->end);
	return (true);
}
