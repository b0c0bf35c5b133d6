/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/units.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char	*text;
	int		 err;
	int64_t		 value;
};

static void
check_rows(int (*scan)(const char *, int64_t *), const struct row *rows,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t	 value = -77;
		int	 err = scan(rows[i].text, &value);

		if (err != rows[i].err ||
		    value != (err == 0 ? rows[i].value : -77)) {
			fail_msg("'%s': %d, %lld", rows[i].text, err,
			    (long long)value);
		}
	}
}

static void
integers_are_scanned_whole_or_not_at_all(void **state)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "-0", 0, 0 }, { "12", 0, 12 },
		{ "-12", 0, -12 }, { "007", 0, 7 },
		{ "0x1f", 0, 31 }, { "0XFf", 0, 255 }, { "-0x10", 0, -16 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775808", UNITS_RANGE, 0 },
		{ "-9223372036854775809", UNITS_RANGE, 0 },
		{ "0x8000000000000000", UNITS_RANGE, 0 },
		{ "99999999999999999999999", UNITS_RANGE, 0 },
		{ "", UNITS_BAD, 0 }, { "-", UNITS_BAD, 0 },
		{ "+1", UNITS_BAD, 0 }, { "--1", UNITS_BAD, 0 },
		{ " 1", UNITS_BAD, 0 }, { "1 ", UNITS_BAD, 0 },
		{ "1x", UNITS_BAD, 0 }, { "0x", UNITS_BAD, 0 },
		{ "1.0", UNITS_BAD, 0 }, { "1e3", UNITS_BAD, 0 },
		{ "fe", UNITS_BAD, 0 },
	};

	(void)state;
	check_rows(units_scan_int, rows, COUNT(rows));
}

static void
durations_are_exact_milliseconds(void **state)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "10", 0, 10000 }, { "10s", 0, 10000 },
		{ "500ms", 0, 500 }, { "2m", 0, 120000 },
		{ "1h", 0, 3600000 }, { "1d", 0, 86400000 },
		{ "0.1", 0, 100 }, { "1.5s", 0, 1500 }, { ".25", 0, 250 },
		{ "0.001s", 0, 1 }, { "1.500000000000s", 0, 1500 },
		{ "0.0005m", 0, 30 }, { "2.0ms", 0, 2 },
		{ "0.0001", UNITS_BAD, 0 }, { "0.5ms", UNITS_BAD, 0 },
		{ "9223372036854775s", 0, INT64_C(9223372036854775000) },
		{ "9223372036854776s", UNITS_RANGE, 0 },
		{ "9223372036854775808ms", UNITS_RANGE, 0 },
		{ "", UNITS_BAD, 0 }, { "s", UNITS_BAD, 0 },
		{ ".", UNITS_BAD, 0 }, { "1.", UNITS_BAD, 0 },
		{ "-1", UNITS_BAD, 0 }, { "1 s", UNITS_BAD, 0 },
		{ "1S", UNITS_BAD, 0 }, { "1sec", UNITS_BAD, 0 },
		{ "1.5.5", UNITS_BAD, 0 }, { "1m30s", UNITS_BAD, 0 },
	};

	(void)state;
	check_rows(units_scan_duration, rows, COUNT(rows));
}

static void
sizes_know_both_kinds_of_prefix(void **state)
{
	static const struct row rows[] = {
		{ "0", 0, 0 }, { "64", 0, 64 }, { "64B", 0, 64 },
		{ "64k", 0, 64000 }, { "64K", 0, 64000 },
		{ "64kB", 0, 64000 }, { "64KiB", 0, 65536 },
		{ "1.5M", 0, 1500000 }, { "1.5MiB", 0, 1572864 },
		{ "2G", 0, INT64_C(2000000000) },
		{ "1Gi", 0, INT64_C(1) << 30 },
		{ "0.5k", 0, 500 }, { "0.5KiB", 0, 512 },
		{ "1.3KiB", UNITS_BAD, 0 }, { "0.5", UNITS_BAD, 0 },
		{ "8589934591GiB", 0, INT64_C(9223372035781033984) },
		{ "8589934592GiB", UNITS_RANGE, 0 },
		{ "k", UNITS_BAD, 0 }, { "1kk", UNITS_BAD, 0 },
		{ "1kib", UNITS_BAD, 0 }, { "-1k", UNITS_BAD, 0 },
	};

	(void)state;
	check_rows(units_scan_size, rows, COUNT(rows));
}

static void
rates_are_per_second(void **state)
{
	static const struct {
		const char	*text;
		int		 err;
		double		 value;
	} rows[] = {
		{ "200", 0, 200 }, { "200/s", 0, 200 }, { "10k", 0, 10000 },
		{ "10k/s", 0, 10000 }, { "1.5M/s", 0, 1500000 },
		{ "30/m", 0, 0.5 }, { "30/min", 0, 0.5 },
		{ "36/h", 0, 0.01 }, { "0.5", 0, 0.5 }, { "2.5/s", 0, 2.5 },
		{ "/s", UNITS_BAD, 0 }, { "1/", UNITS_BAD, 0 },
		{ "1/x", UNITS_BAD, 0 }, { "1s", UNITS_BAD, 0 },
		{ "1Ki", UNITS_BAD, 0 }, { "", UNITS_BAD, 0 },
		{ "99999999999999999999", UNITS_RANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double	 value = -77;
		int	 err = units_scan_rate(rows[i].text, &value);

		if (err != rows[i].err ||
		    value != (err == 0 ? rows[i].value : -77))
			fail_msg("'%s': %d, %g", rows[i].text, err, value);
	}
}

static void
exact_formats_are_scanned_back_to_the_same_value(void **state)
{
	static const int64_t values[] = {
		0, 1, 250, 999, 1000, 1500, 60000, 90000, 3600000, 65535000,
		65536, 1 << 20, 1500000, 2000000, INT64_C(1) << 40, INT64_MAX
	};
	char	 text[32];
	int64_t	 back;

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		units_format_duration(values[i], text, sizeof(text));
		assert_int_equal(units_scan_duration(text, &back), 0);
		assert_true(back == values[i]);
		units_format_size(values[i], text, sizeof(text));
		assert_int_equal(units_scan_size(text, &back), 0);
		assert_true(back == values[i]);
	}
}

static void
exact_formats_use_the_largest_unit_that_fits(void **state)
{
	char	 text[32];

	(void)state;
	units_format_duration(120000, text, sizeof(text));
	assert_string_equal(text, "2m");
	units_format_duration(1500, text, sizeof(text));
	assert_string_equal(text, "1500ms");
	units_format_size(65536, text, sizeof(text));
	assert_string_equal(text, "64KiB");
	units_format_size(2000000, text, sizeof(text));
	assert_string_equal(text, "2M");
}

static void
formats_for_people_have_three_digits(void **state)
{
	static const struct {
		double		 n;
		const char	*text;
	} counts[] = {
		{ 0, "0.00" }, { 0.5, "0.50" }, { 9.99, "9.99" },
		{ 9.996, "10.0" }, { 99.96, "100" }, { 987, "987" },
		{ 999.4, "999" }, { 999.6, "1.00k" }, { 12345, "12.3k" },
		{ 1234567, "1.23M" }, { 2.5e9, "2.50G" },
	}, times[] = {
		{ 12, "12.0ns" }, { 12345, "12.3us" }, { 1.05e6, "1.05ms" },
		{ 2e9, "2.00s" }, { 9.999e5, "1.00ms" },
	};
	char	 text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		units_format_count(counts[i].n, text, sizeof(text));
		assert_string_equal(text, counts[i].text);
	}
	for (size_t i = 0; i < COUNT(times); i++) {
		units_format_ns(times[i].n, text, sizeof(text));
		assert_string_equal(text, times[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_scanned_whole_or_not_at_all),
		cmocka_unit_test(durations_are_exact_milliseconds),
		cmocka_unit_test(sizes_know_both_kinds_of_prefix),
		cmocka_unit_test(rates_are_per_second),
		cmocka_unit_test(
		    exact_formats_are_scanned_back_to_the_same_value),
		cmocka_unit_test(exact_formats_use_the_largest_unit_that_fits),
		cmocka_unit_test(formats_for_people_have_three_digits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
