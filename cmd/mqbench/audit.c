/* SPDX-License-Identifier: MIT */

/* What has come and what is still out; knows no payloads and no clients. */

#include "audit.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"

#define TABLE_START 16

static void
gap_insert(struct audit_stream *s, uint32_t at, uint64_t from, uint64_t to)
{
	if (s->ngaps == AUDIT_GAPS) {
		if (at == 0)
			return;
		at--;
		s->ngaps--;
		memmove(s->gaps, s->gaps + 1, s->ngaps * sizeof(*s->gaps));
	}
	if (s->ngaps == s->cap) {
		s->cap = s->cap == 0 ? 4 : s->cap * 2;
		s->gaps = xrealloc(s->gaps, s->cap * sizeof(*s->gaps));
	}
	memmove(s->gaps + at + 1, s->gaps + at,
	    (s->ngaps - at) * sizeof(*s->gaps));
	s->gaps[at] = (struct audit_gap){ from, to };
	s->ngaps++;
}

static void
gap_remove(struct audit_stream *s, uint32_t at)
{
	s->ngaps--;
	memmove(s->gaps + at, s->gaps + at + 1,
	    (s->ngaps - at) * sizeof(*s->gaps));
}

/* The first gap that ends behind seq; ngaps if there is none. */
static uint32_t
gap_find(const struct audit_stream *s, uint64_t seq)
{
	uint32_t low = 0, high = s->ngaps, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->gaps[middle].to > seq)
			high = middle;
		else
			low = middle + 1;
	}
	return (low);
}

/* Take seq out of its gap; false: it is in none. */
static bool
gap_fill(struct audit_stream *s, uint64_t seq)
{
	struct audit_gap *g;
	uint32_t at;

	at = gap_find(s, seq);
	if (at == s->ngaps || s->gaps[at].from > seq)
		return (false);
	g = &s->gaps[at];
	if (g->from == seq && g->to == seq + 1) {
		gap_remove(s, at);
	} else if (g->from == seq) {
		g->from++;
	} else if (g->to == seq + 1) {
		g->to--;
	} else {
		uint64_t to = g->to;

		g->to = seq;
		gap_insert(s, at + 1, seq + 1, to);
	}
	return (true);
}

static void
see_later(struct audit_stream *s, struct audit_counts *c, uint64_t seq)
{
	if (seq > s->next) {
		gap_insert(s, s->ngaps, s->next, seq);
		c->missing += seq - s->next;
	}
	s->next = seq + 1;
	c->unique++;
}

/* The stream turns out to begin earlier than it was thought to. */
static void
see_before_first(struct audit_stream *s, struct audit_counts *c, uint64_t seq)
{
	if (seq + 1 < s->first) {
		gap_insert(s, 0, seq + 1, s->first);
		c->missing += s->first - seq - 1;
	}
	s->first = seq;
	c->unique++;
	c->reordered++;
}

static void
see_earlier(struct audit_stream *s, struct audit_counts *c, uint64_t seq)
{
	if (!gap_fill(s, seq)) {
		c->duplicated++;
		return;
	}
	c->missing--;
	c->unique++;
	c->reordered++;
}

static struct audit_stream *
slot_of(struct audit_stream *table, uint32_t cap, uint64_t key)
{
	uint64_t i;

	i = key * UINT64_C(0x9e3779b97f4a7c15) >> 32;
	while (table[i & (cap - 1)].next != 0 &&
	    table[i & (cap - 1)].key != key)
		i++;
	return (&table[i & (cap - 1)]);
}

static void
grow(struct audit *a)
{
	uint32_t cap = a->cap == 0 ? TABLE_START : a->cap * 2;
	struct audit_stream *table;

	table = xcalloc(cap, sizeof(*table));
	for (uint32_t i = 0; i < a->cap; i++)
		if (a->table[i].next != 0)
			*slot_of(table, cap, a->table[i].key) = a->table[i];
	free(a->table);
	a->table = table;
	a->cap = cap;
}

/* The stream with that key, new if need be; NULL: there are too many. */
static struct audit_stream *
stream_of(struct audit *a, uint64_t key)
{
	struct audit_stream *s;

	if (a->one.next == 0 || a->one.key == key)
		return (&a->one);
	if (a->n * 2 >= a->cap)
		grow(a);
	s = slot_of(a->table, a->cap, key);
	if (s->next != 0)
		return (s);
	if (a->n == AUDIT_STREAMS - 1)
		return (NULL);
	a->n++;
	return (s);
}

void
audit_see(struct audit *a, struct audit_counts *c, uint64_t key, uint64_t seq,
    bool from_start)
{
	struct audit_stream *s;

	s = stream_of(a, key);
	if (s == NULL) {
		c->unaudited++;
		return;
	}
	if (s->next == 0) {
		s->key = key;
		s->first = s->next = from_start ? 0 : seq;
	}
	if (seq >= s->next)
		see_later(s, c, seq);
	else if (seq < s->first)
		see_before_first(s, c, seq);
	else
		see_earlier(s, c, seq);
}

void
audit_fini(struct audit *a)
{
	free(a->one.gaps);
	for (uint32_t i = 0; i < a->cap; i++)
		free(a->table[i].gaps);
	free(a->table);
	*a = (struct audit){ 0 };
}

void
audit_counts_add(struct audit_counts *to, const struct audit_counts *from)
{
	to->unique += from->unique;
	to->duplicated += from->duplicated;
	to->reordered += from->reordered;
	to->missing += from->missing;
	to->unaudited += from->unaudited;
}
