#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh SECONDS
# Every fuzz target for so long, from its seeds in tests/fuzz/corpus/TARGET and
# with the words of tests/fuzz/dict/TARGET.dict if there are any.  What it finds
# new stays in build/fuzz/corpus; what crashes it, in build/fuzz.

set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=$1
status=0

for target in build/fuzz/tests/fuzz/fuzz_*; do
	name=${target##*/}
	found=build/fuzz/corpus/$name
	seeds=tests/fuzz/corpus/${name#fuzz_}
	dict=tests/fuzz/dict/${name#fuzz_}.dict
	[ -f "$dict" ] || dict=
	mkdir -p "$found"
	echo "$name: $seconds s"
	"$target" -max_total_time="$seconds" -print_final_stats=1 \
	    -artifact_prefix="build/fuzz/$name-" \
	    ${dict:+-dict="$dict"} \
	    "$found" "$seeds" >"$found.log" 2>&1 || status=1
	grep -E 'stat::number_of_executed_units|^SUMMARY|Test unit' "$found.log"
done
exit $status
