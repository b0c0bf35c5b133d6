/* SPDX-License-Identifier: MIT */

/*
 * Growable text on its way to a descriptor.  Reserve, write, commit; running
 * out of memory ends the program, so nothing here can fail.
 */

#ifndef COMMON_OUTBUF_H
#define COMMON_OUTBUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Zeroed is empty. */
struct outbuf {
	char		*mem;
	size_t		 len;
	size_t		 cap;
};

void	 outbuf_fini(struct outbuf *);

/* Make room for n bytes behind len. */
void	 outbuf_grow(struct outbuf *, size_t n);

/* Drop n bytes from the front. */
void	 outbuf_consume(struct outbuf *, size_t n);

/* Give back what an unusually large message took; only when empty. */
void	 outbuf_trim(struct outbuf *);

/* A number in decimal; as 0 to 9 digits with leading zeros. */
void	 outbuf_decimal(struct outbuf *, uint64_t);
void	 outbuf_digits(struct outbuf *, uint32_t, unsigned digits);

/* Where to write up to n bytes; outbuf_commit() tells how many it was. */
static inline char *
outbuf_reserve(struct outbuf *o, size_t n)
{
	if (o->cap - o->len < n)
		outbuf_grow(o, n);
	return (o->mem + o->len);
}

static inline void
outbuf_commit(struct outbuf *o, size_t n)
{
	o->len += n;
}

static inline void
outbuf_add(struct outbuf *o, const void *p, size_t n)
{
	char	*to = outbuf_reserve(o, n);

	if (n != 0)
		memcpy(to, p, n);
	o->len += n;
}

static inline void
outbuf_text(struct outbuf *o, const char *text)
{
	outbuf_add(o, text, strlen(text));
}

static inline void
outbuf_char(struct outbuf *o, char c)
{
	*outbuf_reserve(o, 1) = c;
	o->len++;
}

#endif
