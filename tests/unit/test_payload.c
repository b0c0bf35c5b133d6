/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqbench/audit.h"
#include "mqbench/payload.h"

/* ---- marks ---- */

static const struct payload mark = {
	.clock = 0xc10c,
	.run = 0xdeadbeef,
	.publisher = 0xabcdef,
	.seq = 0x1234567,
	.due_ns = INT64_C(86400123456789),
	.late_ns = 5000
};
static const int64_t now = INT64_C(86400123456789) + 7654321;

static void
a_mark_of_any_size_comes_back(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 100; size++) {
		uint8_t bytes[101];
		struct payload p;

		memset(bytes, 0x5a, sizeof(bytes));
		payload_put(&mark, bytes, size);
		assert_int_equal(bytes[size], 0x5a);
		payload_get(&p, bytes, size, now);
		assert_int_equal(p.has, payload_carries(size));
		if (p.has & PAYLOAD_SEQ) {
			assert_int_equal(p.publisher, mark.publisher);
			assert_int_equal(p.seq, mark.seq);
			assert_int_equal(p.run, mark.run & p.run_mask);
		}
		if (p.has & PAYLOAD_DUE) {
			assert_int_equal(p.clock, mark.clock);
			assert_in_range(mark.due_ns - p.due_ns + 1000, 0,
			    2000);
		}
		if (p.has & PAYLOAD_LATE) {
			assert_int_equal(p.due_ns, mark.due_ns);
			assert_int_equal(p.late_ns, mark.late_ns);
		}
	}
}

static void
smaller_payloads_carry_less(void **state)
{
	static const struct {
		size_t		 size;
		unsigned	 has;
	} rows[] = {
		{ 0, 0 }, { 7, 0 },
		{ 8, PAYLOAD_SEQ }, { 15, PAYLOAD_SEQ },
		{ 16, PAYLOAD_SEQ | PAYLOAD_DUE },
		{ 31, PAYLOAD_SEQ | PAYLOAD_DUE },
		{ 32, PAYLOAD_SEQ | PAYLOAD_DUE | PAYLOAD_LATE },
		{ 1000, PAYLOAD_SEQ | PAYLOAD_DUE | PAYLOAD_LATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(payload_carries(rows[i].size), rows[i].has);
}

/* The microseconds of a short mark begin again within the run. */
static void
a_short_mark_survives_the_wrap_of_its_clock(void **state)
{
	const int64_t wrap = (INT64_C(1) << 32) * 1000;
	struct payload p, sent = mark;
	uint8_t bytes[16];

	(void)state;
	for (int64_t age = 0; age < wrap - 1000; age += wrap / 97) {
		sent.due_ns = 3 * wrap - 500;
		payload_put(&sent, bytes, sizeof(bytes));
		payload_get(&p, bytes, sizeof(bytes), sent.due_ns + age);
		assert_in_range(p.due_ns - sent.due_ns + 1000, 0, 2000);
	}
}

static void
lateness_stops_at_the_largest_number(void **state)
{
	struct payload p, sent = mark;
	uint8_t bytes[32];

	(void)state;
	sent.late_ns = INT64_MAX;
	payload_put(&sent, bytes, sizeof(bytes));
	payload_get(&p, bytes, sizeof(bytes), now);
	assert_int_equal(p.late_ns, INT64_C(4294967295000));
}

static void
foreign_payloads_have_no_mark(void **state)
{
	uint8_t bytes[64];
	struct payload p;

	(void)state;
	for (unsigned fill = 0; fill < 256; fill++) {
		memset(bytes, (int)fill, sizeof(bytes));
		for (size_t size = 0; size <= sizeof(bytes); size++) {
			payload_get(&p, bytes, size, now);
			if (fill == 0xb6 && size >= 16 && size < 32)
				continue;
			if (fill == 0xb7 && size >= 8 && size < 16)
				continue;
			assert_int_equal(p.has, 0);
		}
	}
	payload_put(&mark, bytes, 32);
	bytes[16] = 0x80;		/* sequence number above 2^63 */
	payload_get(&p, bytes, 32, now);
	assert_int_equal(p.has, 0);
}

/* ---- audit ---- */

enum { SPAN = 400 };

/* Everything the audit should know, with no bound on memory. */
struct model {
	bool		 seen[SPAN];
	bool		 any;
	unsigned	 first, top;
	struct audit_counts counts;
};

static void
model_see(struct model *m, unsigned seq, bool from_start)
{
	if (!m->any) {
		m->any = true;
		m->first = from_start ? 0 : seq;
		m->top = seq;
	} else if (m->seen[seq]) {
		m->counts.duplicated++;
		return;
	} else if (seq < m->top) {
		m->counts.reordered++;
	}
	m->seen[seq] = true;
	m->counts.unique++;
	m->top = seq > m->top ? seq : m->top;
	m->first = seq < m->first ? seq : m->first;
	m->counts.missing = m->top - m->first + 1 - m->counts.unique;
}

static uint32_t
next_random(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return (*x >> 8);
}

/* Mostly forward, with holes, repetitions and jumps back. */
static void
audit_agrees_with_brute_force(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 500; seed++) {
		struct model m = { 0 };
		struct audit a = { 0 };
		struct audit_counts c = { 0 };
		uint32_t x = seed;
		unsigned head = next_random(&x) % 50, seq;

		for (unsigned i = 0; i < 500; i++) {
			seq = head;
			if (next_random(&x) % 4 == 0)
				seq = next_random(&x) % SPAN;
			else if (head + 4 < SPAN)
				head += next_random(&x) % 4;
			model_see(&m, seq, seed % 2 == 0);
			audit_see(&a, &c, 7, seq, seed % 2 == 0);
			assert_memory_equal(&c, &m.counts, sizeof(c));
		}
		audit_fini(&a);
	}
}

static void
streams_do_not_disturb_each_other(void **state)
{
	enum { STREAMS = 5000 };
	struct audit a = { 0 };
	struct audit_counts c = { 0 };

	(void)state;
	for (uint64_t seq = 0; seq < 4; seq++)
		for (uint64_t key = 0; key < STREAMS; key++)
			if (seq != 2 || key % 2 == 0)
				audit_see(&a, &c, key << 32, seq, true);
	assert_int_equal(c.unique, STREAMS * 4 - STREAMS / 2);
	assert_int_equal(c.missing, STREAMS / 2);
	assert_int_equal(c.duplicated + c.reordered + c.unaudited, 0);
	audit_fini(&a);
}

/* Every second message is lost: more gaps than are kept. */
static void
memory_stays_bounded_and_loss_exact_with_many_gaps(void **state)
{
	enum { N = 100000 };
	struct audit a = { 0 };
	struct audit_counts c = { 0 };

	(void)state;
	for (uint64_t seq = 1; seq < N; seq += 2)
		audit_see(&a, &c, 1, seq, true);
	assert_int_equal(c.missing, N / 2);
	assert_int_equal(c.unique, N / 2);
	assert_in_range(a.one.cap, 1, AUDIT_GAPS);
	/* the youngest gap is still known, the oldest is given up */
	audit_see(&a, &c, 1, N - 2, true);
	assert_int_equal(c.reordered, 1);
	audit_see(&a, &c, 1, 0, true);
	assert_int_equal(c.duplicated, 1);
	assert_int_equal(c.missing, N / 2 - 1);
	audit_fini(&a);
}

/* A gap is cut in two while the list is full. */
static void
splitting_a_gap_of_a_full_list_gives_up_the_oldest(void **state)
{
	struct audit a = { 0 };
	struct audit_counts c = { 0 };

	(void)state;
	for (uint64_t i = 0; i < AUDIT_GAPS; i++)
		audit_see(&a, &c, 1, (i + 1) * 10, true);
	assert_int_equal(a.one.ngaps, AUDIT_GAPS);
	audit_see(&a, &c, 1, AUDIT_GAPS * 10 - 5, true);
	assert_int_equal(a.one.ngaps, AUDIT_GAPS);
	assert_int_equal(c.reordered, 1);
	audit_see(&a, &c, 1, AUDIT_GAPS * 10 - 4, true);
	audit_see(&a, &c, 1, AUDIT_GAPS * 10 - 6, true);
	assert_int_equal(c.reordered, 3);
	assert_int_equal(c.duplicated, 0);
	audit_see(&a, &c, 1, 5, true);
	assert_int_equal(c.duplicated, 1);
	audit_fini(&a);
}

static void
too_many_streams_are_counted_and_not_kept(void **state)
{
	struct audit a = { 0 };
	struct audit_counts c = { 0 };

	(void)state;
	for (uint64_t key = 0; key < AUDIT_STREAMS + 10; key++)
		audit_see(&a, &c, key, 0, true);
	assert_int_equal(c.unique, AUDIT_STREAMS);
	assert_int_equal(c.unaudited, 10);
	audit_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_of_any_size_comes_back),
		cmocka_unit_test(smaller_payloads_carry_less),
		cmocka_unit_test(a_short_mark_survives_the_wrap_of_its_clock),
		cmocka_unit_test(lateness_stops_at_the_largest_number),
		cmocka_unit_test(foreign_payloads_have_no_mark),
		cmocka_unit_test(audit_agrees_with_brute_force),
		cmocka_unit_test(streams_do_not_disturb_each_other),
		cmocka_unit_test(
		    memory_stays_bounded_and_loss_exact_with_many_gaps),
		cmocka_unit_test(
		    splitting_a_gap_of_a_full_list_gives_up_the_oldest),
		cmocka_unit_test(too_many_streams_are_counted_and_not_kept),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
