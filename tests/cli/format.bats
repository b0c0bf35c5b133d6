# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# mqsub -F as the user sees it; the grammar itself has a unit test.

load helper/broker
load helper/subscriber

setup_file() {
	broker_start "$BATS_FILE_TMPDIR/broker"
}

teardown_file() {
	broker_stop
}

teardown() {
	sub_stop
}

# prints FORMAT EXPECTED: for one fixed message.
prints() {
	sub_start -t f/t -q 1 -C 1 -F "$1"
	pub -t f/t -q 1 -m mnop -D publish content-type text \
	    -D publish user-property k v
	sub_got "$2" || { echo "format $1" >&2; return 1; }
}

@test "fields, widths and precisions" {
	prints '%t|%p|%x|%X|%l|%q|%r' 'f/t|mnop|6d6e6f70|6D6E6F70|4|1|0\n'
	prints '[%6t][%-6t][%06l][%.2p][%2p]' \
	    '[   f/t][f/t   ][000004][mn][mnop]\n'
	prints '%.2:x %C %P [%5A]' '6d:6e:6f:70 text k:v [     ]\n'
}

@test "escapes and literals" {
	prints '%%\t@@\\%p\n' '%\t@\\mnop\n\n'
}

# What mosquitto_sub does with them, on a system with the GNU C library.
@test "what strftime does not know stays, and %5% is a percent sign" {
	prints '@: @ @O|@@|%5%|%p' '%: % %O|@|%|mnop\n'
}

@test "zeros fill up numbers, not texts" {
	prints '[%012t][%08.3C][%05l][%06p]' \
	    '[         f/t][     tex][00004][00mnop]\n'
}

@test "-N leaves the newline out" {
	sub_start -t a -C 2 -N -F '%p,'
	pub -t a -m 1
	pub -t a -m 2
	sub_got '1,2,'
}

@test "-F wins over -v" {
	sub_start -t a -C 1 -v -F '%p'
	pub -t a -m x
	sub_got 'x\n'
}

@test "times are now and local" {
	export TZ=Asia/Kolkata
	sub_start -t a -C 1 -F '%I|%U|@Y|@z|@s.@N'
	pub -t a -m x
	sub_wait
	IFS='|' read -r iso unix year zone both <"$OUT"
	[[ $iso =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\+0530$ ]]
	[[ $unix =~ ^[0-9]+\.[0-9]{9}$ ]]
	[ $((${unix%.*} - $(date +%s))) -ge -10 ]
	[ "$year" = "$(date +%Y)" ]
	[ "$zone" = +0530 ]
	[ "$both" = "$unix" ]
	[ "$(date -d "$iso" +%s)" = "${unix%.*}" ]
}

@test "floating-point payloads" {
	sub_start -t a -C 2 -F '%.2f|%d'
	printf '\0\0\300\277' | pub -t a -s
	printf '\0\0\0\0\0\112\223\100' | pub -t a -s
	sub_got '-1.50|\n|1234.500000\n'
	grep -q '%d needs a payload of 8 bytes' "$ERR"
}

@test "mistakes are usage errors that name the place" {
	for format in '%' '%y' 'abc\q' '@' '%5'; do
		run mqsub -p "$PORT" -t a -F "$format"
		[ "$status" -eq 64 ]
		[[ $output == *"at character"* ]]
	done
	run mqsub -p "$PORT" -t a -F 'ab%y'
	[[ $output == *"no such field, at character 4"* ]]
}

@test "--json and -F exclude each other" {
	run mqsub -p "$PORT" -t a --json -F '%p'
	[ "$status" -eq 64 ]
}
