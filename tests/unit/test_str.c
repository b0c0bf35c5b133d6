/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/str.h"

static void
copies_are_equal_and_nul_ended(void **state)
{
	char	*s = str_dup("abc"), *part = str_ndup("abcdef", 2);

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(part, "ab");
	assert_null(str_dup(NULL));
	free(s);
	free(part);
}

static void
set_replaces_and_clears(void **state)
{
	char	*s = NULL;

	(void)state;
	assert_int_equal(str_set(&s, "one"), MQK_OK);
	assert_int_equal(str_set(&s, "two"), MQK_OK);
	assert_string_equal(s, "two");
	assert_int_equal(str_set(&s, s), MQK_OK);
	assert_string_equal(s, "two");
	assert_int_equal(str_set(&s, NULL), MQK_OK);
	assert_null(s);
	str_wipe(NULL, 5);
}

static void
every_error_has_its_own_text(void **state)
{
	(void)state;
	assert_string_equal(mqk_strerror(MQK_ENOMEM), "out of memory");
	assert_string_equal(mqk_strerror(1), "unknown error");
	assert_string_equal(mqk_strerror(MQK_ERROR_LAST - 1), "unknown error");
	for (int e = MQK_ERROR_LAST; e <= 0; e++) {
		assert_string_not_equal(mqk_strerror(e), "unknown error");
		for (int other = MQK_ERROR_LAST; other < e; other++)
			assert_string_not_equal(mqk_strerror(e),
			    mqk_strerror(other));
	}
}

static void
errf_returns_the_code_and_keeps_the_sentence(void **state)
{
	struct error	 e;

	(void)state;
	assert_int_equal(errf(&e, MQK_EDIAL, "connect to %s:%d", "h", 1),
	    MQK_EDIAL);
	assert_int_equal(e.code, MQK_EDIAL);
	assert_string_equal(e.text, "connect to h:1");
	errf(&e, MQK_EIO, "%300s", "x");
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void
a_sentence_holds_no_control_characters(void **state)
{
	struct error	 e;

	(void)state;
	errf(&e, MQK_EIO, "%s", "a\x1b[2J\r\n\tb\x7f" "c\xc2\x9b" "d");
	assert_string_equal(e.text, "a [2J   b c  d");
	errf(&e, MQK_EIO, "%s", "\xc3\xa4 \xf0\x9f\x98\x80 \xe4 \xc2\xa0");
	assert_string_equal(e.text, "\xc3\xa4 \xf0\x9f\x98\x80 ? \xc2\xa0");
	/* the place where it is cut may lie in a character */
	errf(&e, MQK_EIO, "%254s\xc3\xa4", "x");
	assert_string_equal(e.text + 253, "x?");
}

static void
random_numbers_stay_below_and_reach_all(void **state)
{
	bool		 met[5] = { false };
	uint8_t		 big[1000] = { 0 };
	uint32_t	 v;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		v = random_below(5);
		assert_true(v < 5);
		met[v] = true;
	}
	for (size_t i = 0; i < N(met); i++)
		assert_true(met[i]);
	assert_int_equal(random_below(1), 0);
	assert_int_equal(random_bytes(big, sizeof(big)), MQK_OK);
	/* the part beyond one getentropy() is filled too */
	for (v = 0; v < 16 && big[sizeof(big) - 1 - v] == 0; v++)
		continue;
	assert_true(v < 16);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(copies_are_equal_and_nul_ended),
		cmocka_unit_test(set_replaces_and_clears),
		cmocka_unit_test(every_error_has_its_own_text),
		cmocka_unit_test(errf_returns_the_code_and_keeps_the_sentence),
		cmocka_unit_test(a_sentence_holds_no_control_characters),
		cmocka_unit_test(random_numbers_stay_below_and_reach_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
