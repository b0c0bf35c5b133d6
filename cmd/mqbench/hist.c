/* SPDX-License-Identifier: MIT */

/* Where a duration is counted and what the counts say; no clock, no output. */

#include "hist.h"

#define HALF	(1u << HIST_HALF_BITS)
#define MASK	(2u * HALF - 1)

static unsigned
bits_of(uint64_t v)
{
	return (64 - (unsigned)__builtin_clzll(v));
}

unsigned
hist_slot(int64_t ns)
{
	unsigned bucket;

	bucket = bits_of((uint64_t)ns | MASK) - (HIST_HALF_BITS + 1);
	return ((bucket << HIST_HALF_BITS) + (unsigned)(ns >> bucket));
}

/* Slots come in halves of HALF; the first two have steps of one. */
static unsigned
bucket_of(unsigned slot)
{
	unsigned half;

	half = slot >> HIST_HALF_BITS;
	return (half == 0 ? 0 : half - 1);
}

int64_t
hist_slot_first(unsigned slot)
{
	unsigned bucket;

	bucket = bucket_of(slot);
	return ((int64_t)(slot - (bucket << HIST_HALF_BITS)) << bucket);
}

int64_t
hist_slot_last(unsigned slot)
{
	return (hist_slot_first(slot) + (INT64_C(1) << bucket_of(slot)) - 1);
}

static void
widen(struct hist *h, int64_t min, int64_t max)
{
	if (h->total == 0 || min < h->min)
		h->min = min;
	if (h->total == 0 || max > h->max)
		h->max = max;
}

void
hist_add(struct hist *h, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	if (ns > HIST_MAX) {
		ns = HIST_MAX;
		h->over++;
	}
	widen(h, ns, ns);
	h->counts[hist_slot(ns)]++;
	h->sum += (double)ns;
	h->total++;
}

void
hist_merge(struct hist *to, const struct hist *from)
{
	if (from->total == 0)
		return;
	widen(to, from->min, from->max);
	to->total += from->total;
	to->over += from->over;
	to->sum += from->sum;
	for (unsigned i = 0; i < HIST_SLOTS; i++)
		to->counts[i] += from->counts[i];
}

/* ceil(total * per_million / 10^6), without overflow; at least 1. */
static uint64_t
rank_of(uint64_t total, uint32_t per_million)
{
	const uint64_t million = 1000000;
	uint64_t rank;

	rank = total / million * per_million +
	    (total % million * per_million + million - 1) / million;
	return (rank == 0 ? 1 : rank);
}

int64_t
hist_quantile(const struct hist *h, uint32_t per_million)
{
	uint64_t rank, seen = 0;
	unsigned slot = 0;
	int64_t ns;

	if (h->total == 0)
		return (0);
	rank = rank_of(h->total, per_million);
	while (seen + h->counts[slot] < rank)
		seen += h->counts[slot++];
	ns = hist_slot_last(slot);
	return (ns < h->max ? ns : h->max);
}

double
hist_mean(const struct hist *h)
{
	return (h->total == 0 ? 0 : h->sum / (double)h->total);
}
