#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Lines that the unit, oom, wire and CLI tests run, per folder, with the gate:
# 95 % of codec and session, 85 % of everything.

set -u
cd "$(dirname "$0")/.." || exit 1

find build/cov -name '*.gcda' -delete
CHECK_VARIANTS=cov sh tests/check.sh unit oom wire cli
tests=$?

# gcov names a file and then how much of it ran.
find build/cov/obj/lib build/cov/obj/cmd -name '*.gcda' | sort |
    xargs gcov -n 2>/dev/null | awk '
/^File / {
	gsub(/^File .|.$/, "")
	file = $0
}
/^Lines executed:/ && file ~ /^(lib|cmd)\/.*\.c$/ {
	sub(/^Lines executed:/, "")
	split($0, part, /% of /)
	folder = file
	sub(/\/[^\/]*$/, "", folder)
	lines[folder] += part[2]
	ran[folder] += part[1] * part[2] / 100
	all += part[2]
	all_ran += part[1] * part[2] / 100
	file = ""
}

function report(what, n, of, gate) {
	printf "%-15s %6d lines %6.1f %%%s\n", what, of, 100 * n / of,
	    100 * n < gate * of ? "  below " gate " %" : ""
	if (100 * n < gate * of)
		bad = 1
}

END {
	for (folder in lines)
		report(folder, ran[folder], lines[folder],
		    folder ~ /codec|session/ ? 95 : 0)
	report("everything", all_ran, all, 85)
	exit bad
}' && exit $tests
