/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mqbench/hist.h"

static struct hist one, two, both;

static int
clear(void **state)
{
	(void)state;
	one = two = both = (struct hist){ 0 };
	return (0);
}

/* A fixed sequence with many orders of magnitude. */
static int64_t
sample(uint64_t i)
{
	uint64_t x;

	x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
	x ^= x >> 29;
	return ((int64_t)(x >> (23 + x % 37)));
}

static void
first_bucket_keeps_every_nanosecond_apart(void **state)
{
	(void)state;
	for (int64_t ns = 0; ns < 2048; ns++) {
		assert_int_equal(hist_slot(ns), ns);
		assert_int_equal(hist_slot_first((unsigned)ns), ns);
		assert_int_equal(hist_slot_last((unsigned)ns), ns);
	}
}

/* The edges of HdrHistogram's layout for 1 ns and three digits. */
static void
slots_are_those_of_the_published_layout(void **state)
{
	static const struct {
		int64_t		 ns;
		unsigned	 slot;
	} rows[] = {
		{ 2047, 2047 }, { 2048, 2048 }, { 2049, 2048 },
		{ 2050, 2049 }, { 4095, 3071 }, { 4096, 3072 },
		{ 4099, 3072 }, { 4100, 3073 }, { 8191, 4095 },
		{ 1000000, 10 * 1024 + 929 },
	};

	(void)state;
	/* 10^6 has 20 bits: bucket 9, and 10^6 >> 9 is 1,953 = 1,024 + 929 */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(hist_slot(rows[i].ns), rows[i].slot);
}

static void
slots_follow_each_other_without_hole(void **state)
{
	int64_t next = 0;

	(void)state;
	for (unsigned slot = 0; slot < HIST_SLOTS; slot++) {
		int64_t first = hist_slot_first(slot);
		int64_t last = hist_slot_last(slot);

		assert_int_equal(first, next);
		assert_int_equal(hist_slot(first), slot);
		assert_int_equal(hist_slot(last), slot);
		/* three significant digits */
		assert_true((last - first) * 1000 <= first || last == first);
		next = last + 1;
	}
	assert_true(next > HIST_MAX);
}

static void
quantiles_of_one_to_thousand_are_exact(void **state)
{
	static const struct {
		uint32_t	 per_million;
		int64_t		 ns;
	} rows[] = {
		{ 0, 1 }, { 1, 1 }, { 1000, 1 }, { 1001, 2 },
		{ 500000, 500 }, { 500001, 501 }, { 900000, 900 },
		{ 990000, 990 }, { 999000, 999 }, { 999900, 1000 },
		{ 1000000, 1000 },
	};

	(void)state;
	for (int64_t ns = 1000; ns > 0; ns--)
		hist_add(&one, ns);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(hist_quantile(&one, rows[i].per_million),
		    rows[i].ns);
	assert_int_equal(one.total, 1000);
	assert_int_equal(one.min, 1);
	assert_int_equal(one.max, 1000);
	assert_true(hist_mean(&one) == 500.5);
}

static int
ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return ((x > y) - (x < y));
}

static void
quantiles_agree_with_a_sorted_list_to_three_digits(void **state)
{
	enum { N = 20000 };
	static int64_t sorted[N];

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		sorted[i] = sample(i) % (HIST_MAX + 1);
		hist_add(&one, sorted[i]);
	}
	qsort(sorted, N, sizeof(*sorted), ascending);
	for (uint32_t ppm = 500; ppm <= 1000000; ppm += 500) {
		/* N * ppm is a multiple of a million: no rounding here */
		int64_t exact = sorted[(uint64_t)N * ppm / 1000000 - 1];
		int64_t got = hist_quantile(&one, ppm);

		assert_true(got >= exact);
		assert_true((got - exact) * 1000 <= exact);
	}
}

static void
merging_equals_recording_into_one(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 5000; i++) {
		hist_add(i % 3 == 0 ? &one : &two, sample(i) % 10000000);
		hist_add(&both, sample(i) % 10000000);
	}
	hist_merge(&one, &two);
	assert_memory_equal(&one, &both, sizeof(one));
}

static void
merging_an_empty_one_changes_nothing(void **state)
{
	(void)state;
	hist_add(&one, 7);
	hist_add(&both, 7);
	hist_merge(&one, &two);
	assert_memory_equal(&one, &both, sizeof(one));
	hist_merge(&two, &one);
	assert_memory_equal(&two, &both, sizeof(two));
}

static void
more_than_an_hour_is_counted_as_an_hour(void **state)
{
	(void)state;
	hist_add(&one, HIST_MAX);
	hist_add(&one, HIST_MAX + 1);
	hist_add(&one, INT64_MAX);
	assert_int_equal(one.total, 3);
	assert_int_equal(one.over, 2);
	assert_int_equal(one.max, HIST_MAX);
	assert_int_equal(hist_quantile(&one, 500000), HIST_MAX);
}

static void
less_than_nothing_is_counted_as_nothing(void **state)
{
	(void)state;
	hist_add(&one, -1);
	hist_add(&one, INT64_MIN);
	assert_int_equal(one.total, 2);
	assert_int_equal(one.max, 0);
	assert_int_equal(hist_quantile(&one, 1000000), 0);
}

static void
an_empty_one_has_only_zeros(void **state)
{
	(void)state;
	assert_int_equal(hist_quantile(&one, 500000), 0);
	assert_true(hist_mean(&one) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_bucket_keeps_every_nanosecond_apart),
		cmocka_unit_test(slots_are_those_of_the_published_layout),
		cmocka_unit_test(slots_follow_each_other_without_hole),
		cmocka_unit_test_setup(
		    quantiles_of_one_to_thousand_are_exact, clear),
		cmocka_unit_test_setup(
		    quantiles_agree_with_a_sorted_list_to_three_digits, clear),
		cmocka_unit_test_setup(merging_equals_recording_into_one,
		    clear),
		cmocka_unit_test_setup(merging_an_empty_one_changes_nothing,
		    clear),
		cmocka_unit_test_setup(more_than_an_hour_is_counted_as_an_hour,
		    clear),
		cmocka_unit_test_setup(less_than_nothing_is_counted_as_nothing,
		    clear),
		cmocka_unit_test_setup(an_empty_one_has_only_zeros, clear),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
