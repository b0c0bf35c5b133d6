/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define PAD	20		/* more than two words */

static const char	filler[] =
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/* The same answer wherever in a word the text stands, without overrun. */
static bool
valid_everywhere(const char *text, size_t len)
{
	uint8_t	*padded;
	bool	 first = utf8_valid(text, len);

	for (size_t before = 0; before < PAD; before++) {
		for (size_t after = 0; after < PAD; after++) {
			padded = exact_copy(filler, before + len + after);
			memcpy(padded + before, text, len);
			assert_int_equal(utf8_valid(padded,
			    before + len + after), first);
			free(padded);
		}
	}
	return (first);
}

static void
well_formed_text_is_valid(void **state)
{
	static const char *const good[] = {
		"", "a", "\x01", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"\xef\xbb\xbf" "bom", "gr\xc3\xbc\xc3\x9f" "e",
	};

	(void)state;
	for (size_t i = 0; i < N(good); i++)
		assert_true(valid_everywhere(good[i], strlen(good[i])));
}

static void
ill_formed_text_is_not(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x",
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf1\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xfe", "\xff", "\xe1\x80\xc0", "\xf1\x80\x80\xc0",
	};

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		assert_false(valid_everywhere(bad[i], strlen(bad[i])));
}

static void
nul_is_found_at_every_place(void **state)
{
	(void)state;
	assert_false(valid_everywhere("", 1));
	assert_false(valid_everywhere("\xc3\xa4\0", 3));
}

/* Every code point in its shortest form, surrogates left out. */
static void
exactly_the_scalar_values_are_characters(void **state)
{
	uint8_t	 s[4];
	bool	 scalar;

	(void)state;
	for (uint32_t c = 0x800; c < 0x10000; c++) {
		s[0] = (uint8_t)(0xe0 | c >> 12);
		s[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		s[2] = (uint8_t)(0x80 | (c & 0x3f));
		scalar = c < 0xd800 || c > 0xdfff;
		assert_int_equal(utf8_sequence(s, 3), scalar ? 3 : 0);
	}
	for (uint32_t c = 0; c < 0x200000; c++) {
		s[0] = (uint8_t)(0xf0 | c >> 18);
		s[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		s[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		s[3] = (uint8_t)(0x80 | (c & 0x3f));
		scalar = c >= 0x10000 && c <= 0x10ffff;
		assert_int_equal(utf8_sequence(s, 4), scalar ? 4 : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(well_formed_text_is_valid),
		cmocka_unit_test(ill_formed_text_is_not),
		cmocka_unit_test(nul_is_found_at_every_place),
		cmocka_unit_test(exactly_the_scalar_values_are_characters),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
