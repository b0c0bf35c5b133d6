#!/bin/sh
# SPDX-License-Identifier: MIT
#
# usage: run.sh [BROKER]...
# interop.bats with each of these brokers that is installed; none named: with
# all that there is a NAME.bash for.

set -u
cd "$(dirname "$0")/../.." || exit 1

INTEROP_LINES=${INTEROP_LINES:-100000}
PATH=$PATH:/usr/sbin
export INTEROP_LINES PATH
status=0
ran=0

# aedes is not a program but a package, and no folder of the user's gets it.
aedes_install() {
	command -v npm >/dev/null || return 1
	mkdir -p build/interop
	cp tests/interop/aedes.mjs build/interop
	npm install --silent --no-audit --no-fund --prefix build/interop \
	    aedes@1 ws@8
}

installed() {
	case $1 in
	aedes) aedes_install ;;
	ejabberd) command -v ejabberdctl ;;
	rabbitmq) command -v rabbitmq-server ;;
	*) false ;;
	esac >/dev/null
}

[ $# -gt 0 ] || set -- aedes ejabberd rabbitmq
for broker; do
	if ! installed "$broker"; then
		echo "$broker: not installed"
		continue
	fi
	echo "$broker:"
	BROKER=$broker bats tests/interop/interop.bats || status=1
	ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || exit 1
exit $status
