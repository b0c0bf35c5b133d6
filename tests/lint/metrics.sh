#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Sizes of functions and files, as a report: nothing fails here.  A function
# starts at the brace in column 0 after its name and ends at the next one.

cd "$(dirname "$0")/../.." || exit 1

# "LINES FILE:LINE NAME" of every function.
functions() {
	awk '
	/^[a-z_][A-Za-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^\{/ { start = FNR }
	/^\}/ && start {
		print FNR - start - 1, FILENAME ":" start - 1, name
		start = 0
	}' "$@"
}

# Median, 95th percentile and maximum of sorted numbers in the first column.
quantiles() {
	awk -v what="$1" '
	{ size[NR] = $1; sum += $1 }
	END {
		if (NR == 0)
			exit
		printf "%-22s %5d %7d %7d %6d %6d\n", what, NR, sum,
		    size[int((NR + 1) / 2)], size[int((NR * 95 + 99) / 100)],
		    size[NR]
	}'
}

printf '%-22s %5s %7s %7s %6s %6s\n' '' count lines median p95 max
for part in lib cmd tests; do
	files=$(find "$part" -name '*.c')
	# shellcheck disable=SC2086 # a list of words
	functions $files | sort -n | quantiles "$part functions"
	# shellcheck disable=SC2086
	wc -l $files | grep -v ' total$' | sort -n | quantiles "$part files"
done

echo
echo 'longest functions of lib and cmd'
# shellcheck disable=SC2046
functions $(find lib cmd -name '*.c') | sort -rn | head -n 15
