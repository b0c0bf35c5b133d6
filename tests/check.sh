#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: check.sh [unit|oom|wire|fuzz|cli|faults|lint|docs|install]...
# Runs the tests of those parts (none named: of all), two at a time, prints the
# output of what failed, and ends in one line "N passed, N failed".

set -u
cd "$(dirname "$0")/.." || exit 1

results=build/check
limit_s=${CHECK_LIMIT_S:-300}

# ThreadSanitizer does not see how libraries that were built without it, such
# as OpenSSL's, count references: what they do among themselves is theirs.
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 ${TSAN_OPTIONS-}"

variants=${CHECK_VARIANTS:-release asan}

# Every test program of a folder that there is: programs FOLDER VARIANT...
programs() {
	folder=$1
	shift
	for variant; do
		for test in "build/$variant/tests/$folder"/*; do
			if [ -x "$test" ] && [ -f "$test" ]; then
				echo "$folder/${test##*/}:$variant $test"
			fi
		done
	done
}

# LABEL COMMAND, a line for each job.
# shellcheck disable=SC2086 # variants are a list of words
jobs_of() {
	case $1 in
	unit) programs unit $variants tsan ;;
	oom) programs oom $variants ;;
	wire)
		programs wire $variants
		programs wire $variants | awk '/fakebroker/ {
			print $1 ":chop", $2, "--chop 1"
			print $1 ":join", $2, "--join"
		}'
		;;
	fuzz)
		for target in build/asan/tests/fuzz/fuzz_*; do
			name=${target##*/fuzz_}
			echo "fuzz/$name $target tests/fuzz/corpus/$name"
		done
		;;
	cli)
		for variant in $variants; do
			for file in tests/cli/*.bats; do
				echo "cli/${file##*/}:$variant" \
				    "env V=$variant bats -F tap $file"
			done
		done | grep -vE 'install.bats|(reconnect|readme|demo).*asan'
		;;
	lint)
		for script in tests/lint/*.sh; do
			echo "lint/${script##*/} sh $script"
		done | grep -vE '/(metrics|docs)\.sh'
		;;
	docs) echo "docs sh tests/lint/docs.sh check" ;;
	faults) echo "faults sh tests/faults/run.sh -F tap" ;;
	install) echo "install bats -F tap tests/cli/install.bats" ;;
	*) echo "check.sh: no part '$1'" >&2; exit 2 ;;
	esac
}

# "PASSED FAILED" of one job's output: a summary line of its own, TAP, or
# nothing but the exit status.  A plan that was not kept and a failure that
# named no test count as one failed.
count() {
	awk -v status="$2" '
	/^[0-9]+ passed, [0-9]+ failed$/ { pass += $1; fail += $3; seen = 1 }
	/^ok .*# *(skip|SKIP)/ { ran++; seen = 1; next }
	/^ok / { pass++; ran++; seen = 1 }
	/^not ok / { fail++; ran++; seen = 1 }
	/^1\.\.[0-9]+$/ { planned += substr($0, 4); seen = 1 }
	END {
		if (!seen && status == 0)
			pass = 1
		if (fail == 0 && (status != 0 || ran < planned))
			fail = 1
		print pass + 0, fail + 0
	}' "$1"
}

run_job() {
	label=$1
	shift
	log=$results/$(echo "$label" | tr / -).log
	CMOCKA_MESSAGE_OUTPUT=TAP timeout "$limit_s" "$@" >"$log" 2>&1 \
	    </dev/null
	status=$?
	totals=$(count "$log" "$status")
	passed=${totals% *}
	failed=${totals#* }
	echo "$totals" >"$log.totals"
	if [ "$failed" -eq 0 ]; then
		echo "ok    $label ($passed)"
		return
	fi
	{
		echo "FAIL  $label ($failed of $((passed + failed))," \
		    "exit status $status)"
		sed 's/^/    /' "$log"
	} >"$log.shown"
	cat "$log.shown"
}

if [ "${1-}" = --job ]; then
	shift
	run_job "$@"
	exit 0
fi

rm -rf "$results"
mkdir -p "$results"
[ $# -gt 0 ] || set -- unit oom wire fuzz cli faults lint docs install
for part; do
	jobs_of "$part" || exit 2
done >"$results/jobs"
xargs -P "${CHECK_JOBS:-2}" -L 1 sh tests/check.sh --job <"$results/jobs"
cat "$results"/*.totals | awk '
    { pass += $1; fail += $2 }
    END {
	printf "%d passed, %d failed\n", pass, fail
	exit fail > 0 || pass == 0
    }'
