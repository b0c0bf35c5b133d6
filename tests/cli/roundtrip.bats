# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What goes in comes out: sizes, bytes, versions, qualities.

load helper/broker
load helper/subscriber

setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker"
	head -c 1048576 /dev/urandom >"$BATS_FILE_TMPDIR/mebibyte"
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
}

# trip QOS VERSION SIZE
trip() {
	head -c "$3" "$BATS_FILE_TMPDIR/mebibyte" >"$BATS_TEST_TMPDIR/data"
	sub_start -V "$2" -t trip -q "$1" -C 1 -N
	pub -V "$2" -t trip -q "$1" -f "$BATS_TEST_TMPDIR/data"
	sub_wait || return 1
	cmp "$OUT" "$BATS_TEST_TMPDIR/data"
}

@test "sizes around the edges of the length field" {
	for size in 1 100 120 121 122 123 16370 16371 16372 16373 16374 \
	    16375 16376; do
		trip 1 5 "$size"
	done
}

@test "a mebibyte at every QoS and version" {
	for version in 5 311 31; do
		for qos in 0 1 2; do
			trip "$qos" "$version" 1048576
		done
	done
}

@test "every byte value in lines" {
	for code in {0..9} {11..255}; do
		printf '%b\n' "$(printf '\\x%02x' "$code")-$code"
	done >"$BATS_TEST_TMPDIR/lines"
	sub_start -t bytes -q 1 -C 255
	pub -t bytes -q 1 -l <"$BATS_TEST_TMPDIR/lines"
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/lines"
}

@test "lines of every length from 0 to 500" {
	for ((n = 0; n <= 500; n++)); do
		printf '%*s|\n' "$n" ''
	done >"$BATS_TEST_TMPDIR/lines"
	sub_start -t lengths -q 2 -C 501
	pub -t lengths -q 2 -l <"$BATS_TEST_TMPDIR/lines"
	sub_wait
	cmp "$OUT" "$BATS_TEST_TMPDIR/lines"
}

@test "topics in UTF-8, the longest too" {
	long=$(head -c 60000 /dev/zero | tr '\0' t)
	sub_start -t 'grüße/+' -t "$long" -C 2 -v
	pub -t 'grüße/日本' -m ok
	pub -t "$long" -m ok
	sub_got "grüße/日本 ok\n$long ok\n"
}

@test "two subscribers get the same" {
	sub_start -t both -q 1 -C 1000
	first=$SUB_PID first_out=$OUT
	sub_start -t both -q 1 -C 1000
	seq 1000 | pub -t both -q 1 -l
	sub_wait
	wait_end 5 "$first"
	cmp "$OUT" "$first_out"
	seq 1000 | cmp - "$OUT"
}
