#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh [OPTION OF BATS]...
# faults.bats in a network, and with a view of the file system, of its own.
# Where the kernel lends neither, its tests are skipped.

cd "$(dirname "$0")/../.." || exit 1

apart='unshare --map-root-user --net --mount'
if ! $apart test -w /dev/net/tun; then
	apart=
	export FAULTS_SKIP='no network namespace to be had'
fi
# shellcheck disable=SC2086 # a list of words
exec $apart bats "$@" tests/faults/faults.bats
