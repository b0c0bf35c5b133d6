/* SPDX-License-Identifier: MIT */

/* Strings and values: what is taken, what is refused, what comes out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/json.h"

struct row {
	const char	*in;
	const char	*out;		/* NULL: refused */
};

static const struct row strings[] = {
	{ "", "\"\"" },
	{ "plain", "\"plain\"" },
	{ "exactly8", "\"exactly8\"" },
	{ "\"\\/", "\"\\\"\\\\/\"" },
	{ "\b\t\n\f\r\x01\x1f\x7f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\"" },
	{ "1234567\"1234567\\12345678", "\"1234567\\\"1234567\\\\12345678\"" },
	{ "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80",
	    "\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80\"" },
	{ "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
	    "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"" },
	{ "\x80", NULL }, { "\xc0\x80", NULL }, { "\xc1\xbf", NULL },
	{ "\xc3", NULL }, { "\xc3(", NULL }, { "\xe0\x9f\xbf", NULL },
	{ "\xe2\x80", NULL }, { "\xed\xa0\x80", NULL },
	{ "\xf0\x8f\xbf\xbf", NULL }, { "\xf0\x9f\x98", NULL },
	{ "\xf4\x90\x80\x80", NULL }, { "\xf5\x80\x80\x80", NULL },
	{ "12345678\xff", NULL }
};

static const struct row values[] = {
	{ "null", "null" }, { " true\n", "true" }, { "false", "false" },
	{ "-0.50e+07", "-0.50e+07" },
	{ "12345678901234567890.1", "12345678901234567890.1" },
	{ "[ 1 ,\t2 , [ ] , { } ]", "[1,2,[],{}]" },
	{ "{ \"a b\" : { \"c\" : \"d\\u00e9\\n\" } }",
	    "{\"a b\":{\"c\":\"d\\u00e9\\n\"}}" },
	{ "\"\xc3\xa9\"", "\"\xc3\xa9\"" },
	{ "", NULL }, { " ", NULL }, { "nul", NULL }, { "nullx", NULL },
	{ "01", NULL }, { "1.", NULL }, { ".5", NULL }, { "1e", NULL },
	{ "-", NULL }, { "+1", NULL }, { "1 2", NULL }, { "[1,]", NULL },
	{ "[1", NULL }, { "{\"a\"}", NULL }, { "{a:1}", NULL },
	{ "{\"a\":1,}", NULL }, { "\"a", NULL }, { "\"a\nb\"", NULL },
	{ "\"\\x\"", NULL }, { "\"\\u12g4\"", NULL }, { "\"\xff\"", NULL },
	{ "\"\\", NULL }, { "[", NULL }, { "NaN", NULL }
};

static void
check(const struct row *row,
    bool (*write)(struct outbuf *, const void *, size_t))
{
	struct outbuf	out = { 0 };

	outbuf_text(&out, "before");
	if (row->out == NULL) {
		assert_false(write(&out, row->in, strlen(row->in)));
		assert_int_equal(out.len, 6);
	} else {
		assert_true(write(&out, row->in, strlen(row->in)));
		outbuf_char(&out, '\0');
		assert_string_equal(out.mem + 6, row->out);
	}
	outbuf_fini(&out);
}

static void
strings_are_escaped_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
		check(&strings[i], json_string);
}

static void
a_string_with_nul_is_refused(void **state)
{
	struct outbuf	out = { 0 };

	(void)state;
	assert_false(json_string(&out, "a\0b", 3));
	assert_false(json_string(&out, "12345678\0abcdefg", 16));
	outbuf_fini(&out);
}

/* One special byte at every place around the borders of words and chunks. */
static void
a_special_byte_is_found_wherever_it_stands(void **state)
{
	static const size_t	lens[] = { 1, 7, 8, 9, 17, 4095, 4096, 4097 };

	(void)state;
	for (size_t k = 0; k < sizeof lens / sizeof lens[0]; k++) {
		for (size_t at = 0; at < lens[k]; at++) {
			struct outbuf	 out = { 0 };
			char		*text = malloc(lens[k]);

			memset(text, 'a', lens[k]);
			text[at] = '"';
			assert_true(json_string(&out, text, lens[k]));
			assert_int_equal(out.len, lens[k] + 3);
			assert_int_equal(out.mem[1 + at], '\\');
			assert_int_equal(out.mem[2 + at], '"');
			text[at] = (char)0x80;
			assert_false(json_string(&out, text, lens[k]));
			free(text);
			outbuf_fini(&out);
		}
	}
}

static void
a_character_may_straddle_the_chunks(void **state)
{
	char	text[4100];

	(void)state;
	for (size_t at = 4090; at <= 4096; at++) {
		struct outbuf	out = { 0 };

		memset(text, 'a', sizeof text);
		memcpy(text + at, "\xf0\x9f\x98\x80", 4);
		assert_true(json_string(&out, text, sizeof text));
		assert_int_equal(out.len, sizeof text + 2);
		assert_memory_equal(out.mem + 1, text, sizeof text);
		outbuf_fini(&out);
	}
}

static void
values_are_embedded_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		check(&values[i], json_embed);
}

static void
nesting_has_a_limit(void **state)
{
	char		text[1000];
	struct outbuf	out = { 0 };

	(void)state;
	memset(text, '[', 256);
	memset(text + 256, ']', 256);
	assert_true(json_embed(&out, text, 512));
	memset(text, '[', 257);
	memset(text + 257, ']', 257);
	assert_false(json_embed(&out, text, 514));
	memset(text, '[', sizeof text);
	assert_false(json_embed(&out, text, sizeof text));
	outbuf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(strings_are_escaped_or_refused),
		cmocka_unit_test(a_string_with_nul_is_refused),
		cmocka_unit_test(a_special_byte_is_found_wherever_it_stands),
		cmocka_unit_test(a_character_may_straddle_the_chunks),
		cmocka_unit_test(values_are_embedded_or_refused),
		cmocka_unit_test(nesting_has_a_limit)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
