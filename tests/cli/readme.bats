# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The examples of README.md, run as they stand there: each block of commands
# in a shell of its own, against a private broker, must print what it says.

load helper/broker

setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker"
}

teardown_file() {
	broker_stop
}

# block N: its lines, from the console blocks of README.md.
block() {
	awk -v n="$1" '
	/^```/ { inside = /^```console/; count += inside; next }
	inside && count == n' "$ROOT/README.md"
}

# The tools as the examples call them, sent to our broker.
mqpub() { command mqpub -p "$PORT" "$@"; }
mqsub() { command mqsub -p "$PORT" "$@"; }
mqbench() { command mqbench "$1" -p "$PORT" "${@:2}"; }

run_block() {
	local line

	while IFS= read -r line <&4; do
		[[ $line != '$ '* ]] || eval "${line#$ }" 3>&-
	done 4<<<"$1"
}

example() {
	local text

	text=$(block "$1")
	[ -n "$text" ]
	cd "$BATS_TEST_TMPDIR"
	run_block "$text" >output || true	# some show a failure
	grep -v '^\$ ' <<<"$text" >expected || true
	diff expected output
}

@test "example 1" { example 1; }
@test "example 2" { example 2; }
@test "example 3" { example 3; }
@test "example 4" { example 4; }
@test "example 5" { example 5; }
@test "example 6" { example 6; }
@test "example 7" { example 7; }
@test "example 8" { example 8; }
@test "example 9" { example 9; }
@test "example 10" { example 10; }

@test "there are no further examples" {
	[ -z "$(block 11)" ]
}
