/* SPDX-License-Identifier: MIT */

/*
 * Numbers with units, both ways.  Scanning is exact: the whole text must be the
 * number, decimals are kept as long as they make a whole unit in the end, and
 * nothing overflows.  Every scan function returns 0, or -1 when the text is no
 * such number, or -2 when it doesn't fit; *to is unchanged then.
 */

#ifndef COMMON_UNITS_H
#define COMMON_UNITS_H

#include <stddef.h>
#include <stdint.h>

enum { UNITS_BAD = -1, UNITS_RANGE = -2 };

/* "-12", "0x1f" (as C writes integers, without octal). */
int	units_scan_int(const char *, int64_t *to);

/* "250ms", "1.5s", "10", "2m", "1h", "1d" to ms; a plain number is seconds. */
int	units_scan_duration(const char *, int64_t *ms);

/* "64", "64k", "1.5M", "2G" (powers of 1000), "64KiB", "1Mi" (of 1024). */
int	units_scan_size(const char *, int64_t *bytes);

/* "200", "200/s", "10k/s", "1.5M/s", "30/m", "10/h" to events per second. */
int	units_scan_rate(const char *, double *per_s);

/* Exact, in the largest unit that divides it: "250ms", "2m", "64KiB", "2M". */
void	units_format_duration(int64_t ms, char *to, size_t cap);
void	units_format_size(int64_t bytes, char *to, size_t cap);

/* For people, three significant digits: "1.23M", "987", "12.3k", "0.50". */
void	units_format_count(double, char *to, size_t cap);

/* Time spans for people, from nanoseconds: "12.3us", "1.05ms", "2.00s". */
void	units_format_ns(double ns, char *to, size_t cap);

#endif
