/* SPDX-License-Identifier: MIT */

/*
 * Numbers with units: a decimal mantissa of digits and a count of decimals,
 * times a unit from a table.  All in integers, so "0.1s" is 100 ms exactly.
 */

#include "common/units.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* 12.50 is { 1250, 2 }: trailing zeros of the decimals are dropped. */
struct decimal {
	int64_t		 digits;
	int		 decimals;
};

struct unit {
	const char	*name;
	int64_t		 factor;
};

static const struct unit time_units[] = {
	{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
	{ "h", 3600000 }, { "d", 86400000 }, { NULL, 0 }
};

static const struct unit size_units[] = {
	{ "", 1 }, { "B", 1 },
	{ "k", 1000 }, { "K", 1000 }, { "kB", 1000 },
	{ "M", 1000000 }, { "MB", 1000000 },
	{ "G", 1000000000 }, { "GB", 1000000000 },
	{ "Ki", 1 << 10 }, { "KiB", 1 << 10 },
	{ "Mi", 1 << 20 }, { "MiB", 1 << 20 },
	{ "Gi", 1 << 30 }, { "GiB", 1 << 30 }, { NULL, 0 }
};

static const struct unit count_units[] = {
	{ "", 1 }, { "k", 1000 }, { "K", 1000 }, { "M", 1000000 },
	{ "G", 1000000000 }, { NULL, 0 }
};

/* Seconds in what stands behind the slash of a rate. */
static const struct unit per_units[] = {
	{ "", 1 }, { "/s", 1 }, { "/m", 60 }, { "/min", 60 }, { "/h", 3600 },
	{ "/d", 86400 }, { NULL, 0 }
};

static bool
times(int64_t *n, int64_t factor)
{
	if (*n > INT64_MAX / factor)
		return (false);
	*n *= factor;
	return (true);
}

static bool
add_digit(int64_t *n, char c)
{
	int64_t	 digit = c - '0';

	if (!times(n, 10) || *n > INT64_MAX - digit)
		return (false);
	*n += digit;
	return (true);
}

/* "12", "12.5", ".5"; *text moves to what follows. */
static int
scan_decimal(const char **text, struct decimal *d)
{
	const char	*p = *text;
	int		 zeros = 0, seen = 0;

	memset(d, 0, sizeof(*d));
	for (; isdigit((unsigned char)*p); p++, seen++) {
		if (!add_digit(&d->digits, *p))
			return (UNITS_RANGE);
	}
	if (*p == '.' && isdigit((unsigned char)p[1])) {
		for (p++; isdigit((unsigned char)*p); p++, seen++) {
			zeros = *p == '0' ? zeros + 1 : 0;
			if (!add_digit(&d->digits, *p))
				return (UNITS_RANGE);
			d->decimals++;
		}
	}
	d->decimals -= zeros;
	while (zeros-- > 0)
		d->digits /= 10;
	*text = p;
	return (seen > 0 ? 0 : UNITS_BAD);
}

static const struct unit *
find_unit(const struct unit *units, const char *name, size_t n)
{
	for (; units->name != NULL; units++) {
		if (strlen(units->name) == n &&
		    memcmp(units->name, name, n) == 0)
			return (units);
	}
	return (NULL);
}

/* A number and its unit, and nothing else; the result must be whole. */
static int
scan_with(const struct unit *units, const char *text, int64_t *to)
{
	const struct unit *unit;
	struct decimal	 d;
	int64_t		 factor;
	int		 err;

	err = scan_decimal(&text, &d);
	if (err != 0)
		return (err);
	unit = find_unit(units, text, strlen(text));
	if (unit == NULL)
		return (UNITS_BAD);
	factor = unit->factor;
	for (; d.decimals > 0 && factor % 10 == 0; d.decimals--)
		factor /= 10;
	if (!times(&d.digits, factor))
		return (UNITS_RANGE);
	for (; d.decimals > 0 && d.digits % 10 == 0; d.decimals--)
		d.digits /= 10;
	if (d.decimals > 0)
		return (UNITS_BAD);
	*to = d.digits;
	return (0);
}

static int
digit_value(char c)
{
	if (isdigit((unsigned char)c))
		return (c - '0');
	if (isxdigit((unsigned char)c))
		return (tolower((unsigned char)c) - 'a' + 10);
	return (16);
}

/* Downwards from zero, because the negative range is the larger one. */
static int
scan_negative(const char *text, int base, int64_t *to)
{
	int64_t	 n = 0;

	if (*text == '\0')
		return (UNITS_BAD);
	for (; *text != '\0'; text++) {
		int	 digit = digit_value(*text);

		if (digit >= base)
			return (UNITS_BAD);
		if (n < (INT64_MIN + digit) / base)
			return (UNITS_RANGE);
		n = n * base - digit;
	}
	*to = n;
	return (0);
}

int
units_scan_int(const char *text, int64_t *to)
{
	bool	 negative = *text == '-';
	int64_t	 n;
	int	 base = 10, err;

	text += negative ? 1 : 0;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	err = scan_negative(text, base, &n);
	if (err != 0)
		return (err);
	if (!negative && n == INT64_MIN)
		return (UNITS_RANGE);
	*to = negative ? n : -n;
	return (0);
}

int
units_scan_duration(const char *text, int64_t *ms)
{
	return (scan_with(time_units, text, ms));
}

int
units_scan_size(const char *text, int64_t *bytes)
{
	return (scan_with(size_units, text, bytes));
}

int
units_scan_rate(const char *text, double *per_s)
{
	const struct unit *unit, *per;
	struct decimal	 d;
	size_t		 n;
	double		 rate;
	int		 err;

	err = scan_decimal(&text, &d);
	if (err != 0)
		return (err);
	n = strcspn(text, "/");
	unit = find_unit(count_units, text, n);
	per = find_unit(per_units, text + n, strlen(text + n));
	if (unit == NULL || per == NULL)
		return (UNITS_BAD);
	rate = (double)d.digits * (double)unit->factor / (double)per->factor;
	for (; d.decimals > 0; d.decimals--)
		rate /= 10;
	*per_s = rate;
	return (0);
}

/* The largest unit that divides n; units are in rising order. */
static void
format_exact(const struct unit *units, int64_t n, char *to, size_t cap)
{
	const struct unit *best = units;

	for (; units->name != NULL; units++) {
		if (n != 0 && n % units->factor == 0)
			best = units;
	}
	snprintf(to, cap, "%lld%s", (long long)(n / best->factor), best->name);
}

void
units_format_duration(int64_t ms, char *to, size_t cap)
{
	static const struct unit units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
		{ NULL, 0 }
	};

	if (ms == 0)
		snprintf(to, cap, "0s");
	else
		format_exact(units, ms, to, cap);
}

void
units_format_size(int64_t bytes, char *to, size_t cap)
{
	static const struct unit units[] = {
		{ "", 1 }, { "k", 1000 }, { "KiB", 1 << 10 },
		{ "M", 1000000 }, { "MiB", 1 << 20 }, { "G", 1000000000 },
		{ "GiB", 1 << 30 }, { NULL, 0 }
	};

	format_exact(units, bytes, to, cap);
}

/* A step of a scale for people: values of `from' and more use this name. */
struct step {
	double		 from;
	double		 divisor;
	const char	*name;
};

/* Three significant digits; steps are in falling order and end at 0. */
static void
format_steps(const struct step *s, double v, char *to, size_t cap)
{
	int	 decimals = 2;

	while (s->from > 0 && v < s->from)
		s++;
	v /= s->divisor;
	if (v >= 99.95)
		decimals = 0;
	else if (v >= 9.995)
		decimals = 1;
	snprintf(to, cap, "%.*f%s", decimals, v, s->name);
}

void
units_format_count(double n, char *to, size_t cap)
{
	static const struct step steps[] = {
		{ 999.5e6, 1e9, "G" }, { 999.5e3, 1e6, "M" },
		{ 999.5, 1e3, "k" }, { 0, 1, "" }
	};

	format_steps(steps, n, to, cap);
}

void
units_format_ns(double ns, char *to, size_t cap)
{
	static const struct step steps[] = {
		{ 999.5e6, 1e9, "s" }, { 999.5e3, 1e6, "ms" },
		{ 999.5, 1e3, "us" }, { 0, 1, "ns" }
	};

	format_steps(steps, ns, to, cap);
}
