#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every header compiles alone; the public ones as C++ too, where there is a
# compiler for it.

cd "$(dirname "$0")/../.." || exit 1
status=0

alone() {
	compiler=$1
	header=$2
	shift 2
	printf '#include "%s"\nextern int not_empty;\n' "$header" |
	    "$compiler" "$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only - ||
	    { echo "$header does not compile alone ($compiler)"; status=1; }
}

c="-std=c11 -D_POSIX_C_SOURCE=200809L -x c"
for header in lib/*/*.h cmd/*/*.h; do
	case $header in
	lib/*) path='-Ilib/include -Ilib' ;;
	*) path='-Ilib/include -Icmd' ;;
	esac
	# shellcheck disable=SC2086 # lists of words
	alone "${CC:-cc}" "$PWD/$header" $c $path
done

if command -v g++ >/dev/null; then
	for header in lib/include/*.h; do
		alone g++ "$PWD/$header" -std=c++11 -x c++ -Ilib/include
	done
fi
exit $status
