# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Waiting for conditions, and processes in the background.

# wait_for SECONDS COMMAND...: until the command succeeds; 1 at the deadline.
wait_for() {
	local deadline=$((SECONDS + $1 + 1))

	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= deadline)); then
			echo "waited in vain for: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

has_ended() {
	! kill -0 "$1"
}

# wait_end SECONDS PID: exit status of a child that ends by itself.
wait_end() {
	wait_for "$1" has_ended "$2" || return 124
	wait "$2"
}

lines_in() {
	[ -e "$1" ] && wc -l <"$1"
}

# has_lines N FILE: at least so many.
has_lines() {
	[ -e "$2" ] && (($(lines_in "$2") >= $1))
}
