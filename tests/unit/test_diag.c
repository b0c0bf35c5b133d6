/* SPDX-License-Identifier: MIT */

/* What tools say on stderr. */

#include "unit/fixture.h"

#include <stdio.h>
#include <string.h>

#include "common/diag.h"

static const char *const messages[][2] = {
	{ "plain", "tool: plain\n" },
	{ "a\x1b[2J\nb\x7f", "tool: a [2J b \n" },
	{ "a\xc2\x9b" "2Jb", "tool: a  2Jb\n" },
	{ "\xc3\xa4\xc2\xa0", "tool: \xc3\xa4\xc2\xa0\n" },
	{ "cut \xc2", "tool: cut \xc2\n" },
};

static void
messages_are_single_lines_without_controls(void **state)
{
	char	 said[100];
	size_t	 n;
	FILE	*f = tmpfile();

	(void)state;
	assert_non_null(f);
	diag_init("tool");
	diag_set_stream(f);
	for (size_t i = 0; i < N(messages); i++) {
		rewind(f);
		diag_say("%s", messages[i][0]);
		n = (size_t)ftell(f);
		rewind(f);
		assert_int_equal(fread(said, 1, n, f), n);
		said[n] = '\0';
		assert_string_equal(said, messages[i][1]);
	}
	diag_set_stream(NULL);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(messages_are_single_lines_without_controls),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
