/* SPDX-License-Identifier: MIT */

/* The three marks, byte by byte, big endian; no clock, no statistics. */

#include "payload.h"

#include <stdbool.h>

#define US 1000			/* nanoseconds */

static void
put(uint8_t *to, unsigned bytes, uint64_t v)
{
	while (bytes-- > 0) {
		to[bytes] = (uint8_t)v;
		v >>= 8;
	}
}

static uint64_t
get(const uint8_t *from, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | *from++;
	return (v);
}

static uint32_t
saturate(uint64_t v)
{
	return (v > UINT32_MAX ? UINT32_MAX : (uint32_t)v);
}

static void
put_full(const struct payload *p, uint8_t *to)
{
	put(to + 2, 2, p->clock);
	put(to + 4, 4, p->run);
	put(to + 8, 4, p->publisher);
	put(to + 12, 4, saturate((uint64_t)p->late_ns / US));
	put(to + 16, 8, p->seq);
	put(to + 24, 8, (uint64_t)p->due_ns);
}

static void
get_full(struct payload *p, const uint8_t *from, int64_t now_ns)
{
	(void)now_ns;
	p->clock = (uint16_t)get(from + 2, 2);
	p->run = (uint32_t)get(from + 4, 4);
	p->run_mask = UINT32_MAX;
	p->publisher = (uint32_t)get(from + 8, 4);
	p->late_ns = (int64_t)get(from + 12, 4) * US;
	p->seq = get(from + 16, 8);
	p->due_ns = (int64_t)get(from + 24, 8);
}

static void
put_tiny(const struct payload *p, uint8_t *to)
{
	put(to + 1, 3, p->publisher);
	put(to + 4, 4, p->seq);
}

static void
get_tiny(struct payload *p, const uint8_t *from, int64_t now_ns)
{
	(void)now_ns;
	p->publisher = (uint32_t)get(from + 1, 3);
	p->seq = get(from + 4, 4);
}

static void
put_short(const struct payload *p, uint8_t *to)
{
	put_tiny(p, to);
	put(to + 8, 4, (uint64_t)p->due_ns / US);
	put(to + 12, 2, p->run);
	put(to + 14, 2, p->clock);
}

static void
get_short(struct payload *p, const uint8_t *from, int64_t now_ns)
{
	uint32_t ago_us;

	get_tiny(p, from, now_ns);
	ago_us = (uint32_t)((uint64_t)now_ns / US - get(from + 8, 4));
	p->due_ns = now_ns - (int64_t)ago_us * US;
	p->run = (uint32_t)get(from + 12, 2);
	p->run_mask = UINT16_MAX;
	p->clock = (uint16_t)get(from + 14, 2);
}

static const struct mark {
	size_t		 size;
	unsigned	 magic_bytes;
	uint32_t	 magic;
	unsigned	 has;
	void		(*put)(const struct payload *, uint8_t *);
	void		(*get)(struct payload *, const uint8_t *, int64_t);
} marks[] = {
	{ 32, 2, 0xb5f0, PAYLOAD_SEQ | PAYLOAD_DUE | PAYLOAD_LATE,
	    put_full, get_full },
	{ 16, 1, 0xb6, PAYLOAD_SEQ | PAYLOAD_DUE, put_short, get_short },
	{ 8, 1, 0xb7, PAYLOAD_SEQ, put_tiny, get_tiny },
	{ 0 }
};

/* The longest mark that fits. */
static const struct mark *
mark_for(size_t size)
{
	const struct mark *m;

	for (m = marks; m->size > size; m++)
		;
	return (m);
}

unsigned
payload_carries(size_t size)
{
	return (mark_for(size)->has);
}

void
payload_put(const struct payload *p, void *to, size_t size)
{
	const struct mark *m = mark_for(size);

	if (m->size == 0)
		return;
	put(to, m->magic_bytes, m->magic);
	m->put(p, to);
}

void
payload_get(struct payload *p, const void *from, size_t size, int64_t now_ns)
{
	const struct mark *m = mark_for(size);

	*p = (struct payload){ 0 };
	if (m->size == 0 || get(from, m->magic_bytes) != m->magic)
		return;
	m->get(p, from, now_ns);
	/* A number that no run reaches: someone else's bytes. */
	if (p->seq <= INT64_MAX)
		p->has = m->has;
}
