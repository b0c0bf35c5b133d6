/* SPDX-License-Identifier: MIT */

/*
 * Send times without drift: they are computed from the message's number, never
 * by adding up intervals, and in integers, so that a week at an odd rate ends
 * on the nanosecond.  Knows nothing of clocks and connections.
 */

#include "plan.h"

static uint64_t
greatest_divisor(uint64_t a, uint64_t b)
{
	uint64_t rest;

	while (b != 0) {
		rest = a % b;
		a = b;
		b = rest;
	}
	return (a);
}

/* num * den stays below 2^63, which plan_due() relies on. */
void
plan_set_rate(struct plan *p, double per_s)
{
	uint64_t divisor;

	p->num = p->den = 0;
	if (per_s <= 0)
		return;
	p->den = (uint64_t)PLAN_SECOND;
	if (per_s < 1000) {
		p->den *= 1000;
		per_s *= 1000;
	}
	p->num = (uint64_t)(per_s + 0.5);
	if (p->num == 0)
		p->num = 1;
	divisor = greatest_divisor(p->num, p->den);
	p->num /= divisor;
	p->den /= divisor;
}

bool
plan_is_open(const struct plan *p)
{
	return (p->num != 0);
}

/* Whole periods apart from the rest, so that no product leaves 64 bits. */
int64_t
plan_due(const struct plan *p, uint64_t k)
{
	return ((int64_t)(k / p->num * p->den + k % p->num * p->den / p->num));
}

uint64_t
plan_due_before(const struct plan *p, int64_t ns)
{
	uint64_t t;

	if (ns <= 0)
		return (0);
	t = (uint64_t)ns;
	return (t / p->den * p->num +
	    (t % p->den * p->num + p->den - 1) / p->den);
}

int64_t
plan_end(const struct plan *p)
{
	return (p->measure_ns == 0 ? INT64_MAX : p->warmup_ns + p->measure_ns);
}

uint64_t
plan_total(const struct plan *p)
{
	uint64_t total;

	total = p->limit == 0 ? PLAN_ENDLESS : p->limit;
	if (plan_is_open(p) && p->measure_ns != 0) {
		uint64_t timed = plan_due_before(p, plan_end(p));

		if (timed < total)
			total = timed;
	}
	return (total);
}

uint64_t
plan_share(const struct plan *p, uint32_t client)
{
	uint64_t total;

	total = plan_total(p);
	if (total == PLAN_ENDLESS)
		return (PLAN_ENDLESS);
	return (total / p->clients + (client < total % p->clients));
}

uint32_t
plan_worker_clients(const struct plan *p, uint32_t worker)
{
	return (p->clients / p->workers + (worker < p->clients % p->workers));
}

void
plan_cursor_init(const struct plan *p, struct plan_cursor *c, uint32_t worker)
{
	*c = (struct plan_cursor){
	    .k = worker,
	    .worker = worker,
	    .nlocal = plan_worker_clients(p, worker)
	};
}

void
plan_cursor_next(const struct plan *p, struct plan_cursor *c)
{
	if (++c->local == c->nlocal) {
		c->local = 0;
		c->round++;
	}
	c->k = c->round * p->clients + c->worker +
	    (uint64_t)c->local * p->workers;
}
