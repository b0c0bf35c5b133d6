#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The look of every source file: its licence line, 80 columns with tabs of
# eight, no white space at the ends of lines; and what shellcheck says.

cd "$(dirname "$0")/../.." || exit 1
status=0

sources=$(find lib cmd tests -name '*.[ch]' -o -name '*.def' -o -name '*.sh' \
    -o -name '*.bash' -o -name '*.bats' | sort)

for file in $sources Makefile; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
	    { echo "$file: no SPDX line"; status=1; }
	expand "$file" | LC_ALL=C.UTF-8 grep -nE '^.{81}' &&
	    { echo "$file: more than 80 columns"; status=1; }
	grep -Hn '[[:space:]]$' "$file" && status=1
done

scripts=$(printf '%s\n' "$sources" .ci/run | grep -vE '\.([ch]|def|bats)$')
# shellcheck disable=SC2086 # a list of words
shellcheck -x $scripts || status=1
exit $status
