/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mqbench/plan.h"
#include "mqbench/template.h"

static struct plan
plan_of(double per_s)
{
	struct plan p = { .clients = 1, .workers = 1 };

	plan_set_rate(&p, per_s);
	return (p);
}

static void
send_times_are_exact_after_any_number_of_messages(void **state)
{
	static const struct {
		double		 per_s;
		uint64_t	 k;
		int64_t		 ns;
	} rows[] = {
		{ 1, 0, 0 },
		{ 1, 1, PLAN_SECOND },
		{ 2000, 1, 500000 },
		{ 2000, 2000 * UINT64_C(86400), 86400 * PLAN_SECOND },
		{ 3, 1, 333333333 },
		{ 3, 2, 666666666 },
		{ 3, 3, PLAN_SECOND },
		{ 3, 3 * UINT64_C(1000000000), 1000000000 * PLAN_SECOND },
		{ 0.5, 7, 14 * PLAN_SECOND },
		{ 0.001, 1, 1000 * PLAN_SECOND },
		{ 7.125, 57, 8 * PLAN_SECOND },
		{ 999999937, 999999937, PLAN_SECOND },
		{ 999999937, 999999937 * UINT64_C(3600), 3600 * PLAN_SECOND },
		{ 1000000000, 5, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct plan p = plan_of(rows[i].per_s);

		assert_true(plan_is_open(&p));
		assert_int_equal(plan_due(&p, rows[i].k), rows[i].ns);
	}
}

/* Every whole second of a long run has its messages, none drifts out. */
static void
each_second_of_a_week_starts_on_time(void **state)
{
	struct plan p = plan_of(33333);

	(void)state;
	for (uint64_t s = 0; s <= 7 * 86400; s++) {
		assert_int_equal(plan_due(&p, s * 33333),
		    (int64_t)s * PLAN_SECOND);
		assert_int_equal(plan_due_before(&p,
		    (int64_t)s * PLAN_SECOND), s * 33333);
	}
}

static void
messages_before_a_time_are_counted_as_they_are_due(void **state)
{
	static const double rates[] = { 1, 3, 7.125, 1000, 1999, 123457 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		struct plan p = plan_of(rates[i]);

		for (uint64_t k = 0; k < 5000; k++) {
			int64_t due = plan_due(&p, k);

			assert_int_equal(plan_due_before(&p, due + 1), k + 1);
			if (k > 0)
				assert_true(due > plan_due(&p, k - 1));
			if (due * (int64_t)p.num ==
			    (int64_t)(k * p.den))
				assert_int_equal(plan_due_before(&p, due), k);
		}
	}
}

static void
a_rate_of_nothing_is_a_closed_loop(void **state)
{
	struct plan p = plan_of(0);

	(void)state;
	assert_false(plan_is_open(&p));
	assert_int_equal(plan_total(&p), PLAN_ENDLESS);
	p.limit = 10;
	assert_int_equal(plan_total(&p), 10);
	p = plan_of(0.00001);
	assert_true(plan_is_open(&p));
}

static void
the_smaller_of_limit_and_time_ends_a_run(void **state)
{
	struct plan p = plan_of(100);

	(void)state;
	assert_int_equal(plan_end(&p), INT64_MAX);
	p.warmup_ns = PLAN_SECOND;
	p.measure_ns = 2 * PLAN_SECOND;
	assert_int_equal(plan_end(&p), 3 * PLAN_SECOND);
	assert_int_equal(plan_total(&p), 300);
	p.limit = 299;
	assert_int_equal(plan_total(&p), 299);
	p.limit = 301;
	assert_int_equal(plan_total(&p), 300);
	p.measure_ns = 0;
	assert_int_equal(plan_total(&p), 301);
}

static void
shares_of_clients_add_up(void **state)
{
	(void)state;
	for (uint32_t clients = 1; clients < 20; clients++) {
		for (uint64_t limit = 1; limit < 60; limit++) {
			struct plan p = { .clients = clients, .workers = 1,
			    .limit = limit };
			uint64_t sum = 0;

			for (uint32_t i = 0; i < clients; i++)
				sum += plan_share(&p, i);
			assert_int_equal(sum, limit);
		}
	}
}

/* Together the workers send each message once, each by the right client. */
static void
cursors_of_all_workers_cover_the_plan(void **state)
{
	enum { ROUNDS = 5, MAX = 12 };

	(void)state;
	for (uint32_t clients = 1; clients <= MAX; clients++) {
		for (uint32_t workers = 1; workers <= clients; workers++) {
			struct plan p = { .clients = clients,
			    .workers = workers };
			unsigned seen[ROUNDS * MAX] = { 0 };

			for (uint32_t w = 0; w < workers; w++) {
				struct plan_cursor c;
				uint64_t last = 0;

				plan_cursor_init(&p, &c, w);
				while (c.k < ROUNDS * clients) {
					assert_true(c.k >= last);
					assert_int_equal(c.k % clients,
					    w + c.local * workers);
					assert_int_equal(c.k / clients,
					    c.round);
					seen[c.k]++;
					last = c.k;
					plan_cursor_next(&p, &c);
				}
			}
			for (uint32_t k = 0; k < ROUNDS * clients; k++)
				assert_int_equal(seen[k], 1);
		}
	}
}

static void
placeholders_become_numbers(void **state)
{
	static const struct {
		const char	*text, *out;
		char		 bad;
		bool		 individual;
	} rows[] = {
		{ "a/b", "a/b", 0, false },
		{ "", "", 0, false },
		{ "bench/%c", "bench/4294967295", 0, true },
		{ "%i%i", "42949672954294967295", 0, true },
		{ "x/%r", "x/0000beef", 0, false },
		{ "100%%", "100%", 0, false },
		{ "%%c", "%c", 0, false },
		{ "%%%c", "%4294967295", 0, true },
		{ "50%", NULL, '%', false },
		{ "%c/%x", NULL, 'x', false },
		{ "%5c", NULL, '5', false },
	};
	const struct template_values v = { UINT32_MAX, 0xbeef };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *out;

		assert_int_equal(template_bad(rows[i].text), rows[i].bad);
		if (rows[i].bad != 0)
			continue;
		assert_int_equal(template_is_individual(rows[i].text),
		    rows[i].individual);
		out = template_expand(rows[i].text, &v);
		assert_string_equal(out, rows[i].out);
		free(out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    send_times_are_exact_after_any_number_of_messages),
		cmocka_unit_test(each_second_of_a_week_starts_on_time),
		cmocka_unit_test(
		    messages_before_a_time_are_counted_as_they_are_due),
		cmocka_unit_test(a_rate_of_nothing_is_a_closed_loop),
		cmocka_unit_test(the_smaller_of_limit_and_time_ends_a_run),
		cmocka_unit_test(shares_of_clients_add_up),
		cmocka_unit_test(cursors_of_all_workers_cover_the_plan),
		cmocka_unit_test(placeholders_become_numbers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
