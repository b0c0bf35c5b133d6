/* SPDX-License-Identifier: MIT */

/* The slow side of outbuf.h: growing, shrinking and writing numbers. */

#include "common/outbuf.h"

#include <stdlib.h>

#include "common/diag.h"

enum {
	FIRST_CAP = 4 * 1024,
	KEEP_CAP = 1024 * 1024		/* what outbuf_trim() lets stand */
};

void
outbuf_fini(struct outbuf *o)
{
	free(o->mem);
	*o = (struct outbuf){ 0 };
}

void
outbuf_grow(struct outbuf *o, size_t n)
{
	size_t	cap = o->cap + o->cap / 2;

	if (cap < o->len + n)
		cap = o->len + n;
	if (cap < FIRST_CAP)
		cap = FIRST_CAP;
	o->mem = xrealloc(o->mem, cap);
	o->cap = cap;
}

void
outbuf_consume(struct outbuf *o, size_t n)
{
	o->len -= n;
	if (o->len != 0)
		memmove(o->mem, o->mem + n, o->len);
}

void
outbuf_trim(struct outbuf *o)
{
	if (o->cap > KEEP_CAP)
		outbuf_fini(o);
}

void
outbuf_decimal(struct outbuf *o, uint64_t v)
{
	char	 text[20];
	char	*p = text + sizeof text;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	outbuf_add(o, p, (size_t)(text + sizeof text - p));
}

void
outbuf_digits(struct outbuf *o, uint32_t v, unsigned digits)
{
	char	*to = outbuf_reserve(o, digits);

	for (unsigned i = digits; i-- > 0; v /= 10)
		to[i] = (char)('0' + v % 10);
	o->len += digits;
}
