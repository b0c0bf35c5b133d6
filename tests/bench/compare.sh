#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a message costs the client that handles it: the project's tools, the
# ideal client (the limit), and mosquitto's where they are installed, against
# a null broker.  CPU is user and system time of the client alone; every
# figure is the median of RUNS runs.

set -u
cd "$(dirname "$0")/../.." || exit 1

messages=${MESSAGES:-200000}
runs=${RUNS:-5}
file_mib=${FILE_MIB:-100}
bin=build/release
tools=$bin/tests/bench
broker=
ideal_us=

if [ ! -x "$tools/measure" ] || [ ! -x "$bin/mqpub" ]; then
	echo "$bin is not built; \"make bench\" builds it and runs this" >&2
	exit 1
fi
tmp=$(mktemp -d) || exit 1

# shellcheck disable=SC2317 # called by trap
finish() {
	[ -z "$broker" ] || kill "$broker"
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 130' INT TERM

# start_broker QOS MESSAGES: sets port.
start_broker() {
	rm -f "$tmp/broker"
	mkfifo "$tmp/broker"
	"$tools/nullbroker" "$@" >"$tmp/broker" &
	broker=$!
	exec 4<"$tmp/broker"
	read -r port <&4
}

stop_broker() {
	exec 4<&-
	kill "$broker"
	wait "$broker" 2>/dev/null
	broker=
}

# The broker's account of a run: "received N released N sent N answered N".
check_account() {
	local received released sent

	read -r _ received _ released _ sent _ <&4
	case $1 in
	lines | one | file)
		[ "$received" -eq "$3" ] || return 1
		[ "$2" -lt 2 ] || [ "$released" -eq "$3" ]
		;;
	sub | json) [ "$sent" -eq "$3" ] ;;
	esac
}

# row KIND QOS MESSAGES CLIENT REPEAT COMMAND...
row() {
	local kind=$1 qos=$2 n=$3 client=$4 repeat=$5 cpu wall memory i note=
	local input=/dev/null output=$tmp/out

	shift 5
	case $kind in
	lines) input=$tmp/lines ;;
	file) input=$tmp/file ;;
	esac
	if ! "$tools/measure" "$repeat" "$@" <"$input" >"$output" 2>"$tmp/cost"
	then
		printf '%-14s %-14s %s\n' "$kind -q $qos" "$client" \
		    "$(tail -n 1 "$tmp/cost")"
		failed=1
		return
	fi
	for ((i = 0; i < repeat; i++)); do
		check_account "$kind" "$qos" "$n" || note=' LOST'
	done
	case $kind in
	sub | json) [ "$(wc -l <"$output")" -eq $((n * repeat)) ] ||
	    note=' LOST' ;;
	esac
	read -r cpu wall memory < <(tail -n 1 "$tmp/cost")
	[ "$client" != ideal ] || ideal_us=$cpu
	awk -v what="$kind -q $qos" -v client="$client" -v n="$n" \
	    -v cpu="$cpu" -v wall="$wall" -v memory="$memory" \
	    -v ideal="$ideal_us" -v note="$note" 'BEGIN {
		printf "%-14s %-14s %10.3f %8.1f %10.1f %8.1f%s\n", what,
		    client, cpu / n, cpu / ideal, wall / 1000, memory / 1024,
		    note
	}'
}

have() {
	command -v "$1" >/dev/null
}

# both KIND QOS MESSAGES REPEAT TOOL PEER OPTION...: ideal, ours, mosquitto's.
compare() {
	local kind=$1 qos=$2 n=$3 repeat=$4 tool=$5 peer=$6 sent=0
	local at=(-h 127.0.0.1 -t bench/topic -q "$qos")

	shift 6
	case $kind in
	sub | json) sent=$n ;;
	esac
	start_broker "$qos" "$sent"
	row "$kind" "$qos" "$n" ideal "$repeat" \
	    "$tools/ideal" "$kind" "$port" "$qos" "$sent"
	row "$kind" "$qos" "$n" "$tool" "$repeat" \
	    "$bin/$tool" "${at[@]}" -p "$port" "$@"
	if have "$peer"; then
		[ "$kind" != json ] || set -- -C "$n" -F %j
		row "$kind" "$qos" "$n" "$peer" "$repeat" \
		    "$peer" "${at[@]}" -p "$port" "$@"
	fi
	stop_broker
}

# A hundred bytes a line.
awk -v n="$messages" 'BEGIN {
	for (i = 0; i < n; i++)
		printf "%0100d\n", i
}' >"$tmp/lines"
head -c "${file_mib}M" /dev/zero >"$tmp/file"
failed=0

echo "$messages messages of 100 bytes, one file of $file_mib MiB;" \
    "medians of $runs runs"
printf '%-14s %-14s %10s %8s %10s %8s\n' '' '' 'CPU us/msg' 'x ideal' \
    'wall ms' 'peak MiB'
for qos in 0 1 2; do
	compare lines $qos "$messages" "$runs" mqpub mosquitto_pub -l
done
for qos in 0 1 2; do
	compare sub $qos "$messages" "$runs" mqsub mosquitto_sub -C "$messages"
done
compare json 0 "$messages" "$runs" mqsub mosquitto_sub -C "$messages" --json
compare one 0 1 $((runs * 20)) mqpub mosquitto_pub -m hello
compare file 0 1 "$runs" mqpub mosquitto_pub -f "$tmp/file"
exit $failed
