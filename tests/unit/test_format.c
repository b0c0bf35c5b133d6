/* SPDX-License-Identifier: MIT */

/* Output formats: one row per thing that can be written. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/format.h"

static const struct timestamp arrival = {
	.at = { .tv_sec = 1588802520, .tv_nsec = 1234567 },
	.local = {
		.tm_year = 120, .tm_mon = 4, .tm_mday = 6, .tm_hour = 22,
		.tm_min = 2, .tm_wday = 3, .tm_yday = 126
	},
	.date = "2020-05-06T22:02:00", .zone = "+0100", .known = true
};

struct row {
	const char	*format;
	const char	*expected;
};

static void
expect_print(const char *text, const struct mqk_message *message,
    const char *expected, size_t len)
{
	struct format_source	 source = { message, &arrival, NULL };
	struct outbuf		 out = { 0 };
	const char		*why = NULL;
	size_t			 at = 0;
	struct format		*f = format_compile(text, &why, &at);

	if (f == NULL)
		fail_msg("%s: %s at %zu", text, why, at);
	format_print(f, &out, &source);
	if (out.len != len || (len != 0 && memcmp(out.mem, expected, len) != 0))
		fail_msg("%s: \"%.*s\" instead of \"%s\"", text,
		    (int)out.len, out.mem, expected);
	format_free(f);
	outbuf_fini(&out);
}

static void
expect_rows(const struct row *rows, size_t n,
    const struct mqk_message *message)
{
	for (size_t i = 0; i < n; i++)
		expect_print(rows[i].format, message, rows[i].expected,
		    strlen(rows[i].expected));
}

#define EXPECT_ROWS(rows, message) \
	expect_rows(rows, sizeof rows / sizeof rows[0], message)

static const struct mqk_message plain = {
	.topic = "a/bc", .topic_len = 4, .payload = { "mnop", 4 },
	.qos = 1, .retain = true, .mid = 42
};

static void
fields_of_a_plain_message(void **state)
{
	static const struct row	rows[] = {
		{ "", "" },
		{ "text", "text" },
		{ "%t %p", "a/bc mnop" },
		{ "%x|%X", "6d6e6f70|6D6E6F70" },
		{ "%l %q %r %m", "4 1 1 42" },
		{ "100%% @@", "100% @" },
		{ "%5%|%-03.2%", "%|%" },
		{ "[%A][%C][%D][%E][%F][%P][%R][%S]", "[][][][][][][][]" },
	};

	(void)state;
	EXPECT_ROWS(rows, &plain);
}

static void
width_precision_and_padding(void **state)
{
	static const struct row	rows[] = {
		{ "[%6t]", "[  a/bc]" },
		{ "[%-6t]", "[a/bc  ]" },
		{ "[%2t]", "[a/bc]" },
		{ "[%.2t]", "[a/]" },
		{ "[%5.2t]", "[   a/]" },
		{ "[%-5.2t]", "[a/   ]" },
		{ "[%.0t]", "[]" },
		{ "[%06l]", "[000004]" },
		{ "[%-06l]", "[4     ]" },
		{ "[%0-6l]", "[4     ]" },
		{ "[%3m]", "[ 42]" },
		{ "[%2p]", "[mnop]" },
		{ "[%.2p]", "[mn]" },
		{ "[%-p]", "[mnop]" },
		{ "[%06t][%06.2t][%06p]", "[  a/bc][    a/][00mnop]" },
		{ "[%026I]", "[  2020-05-06T22:02:00+0100]" },
		{ "[%10x]", "[  6d6e6f70]" },
		{ "[%010x]", "[006d6e6f70]" },
		{ "[%.2x]", "[6d 6e 6f 70]" },
		{ "[%.2:x]", "[6d:6e:6f:70]" },
		{ "[%.4-X]", "[6D6E-6F70]" },
		{ "[%.3x]", "[6d6 e6f 70]" },
		{ "[%.0x]", "[6d6e6f70]" },
		{ "[%5A][%05E][%-3F][%4S][%3C][%3R]",
		    "[     ][     ][   ][    ][   ][]" },
	};

	(void)state;
	EXPECT_ROWS(rows, &plain);
}

static void
escapes_and_literals(void **state)
{
	(void)state;
	expect_print("a\\\\\\0\\a\\e\\n\\r\\t\\vz", &plain,
	    "a\\\0\a\033\n\r\t\vz", 10);
	expect_print("%p\\0", &plain, "mnop\0", 5);
}

static void
times(void **state)
{
	static const struct row	rows[] = {
		{ "%I", "2020-05-06T22:02:00+0100" },
		{ "%.10I", "2020-05-06" },
		{ "%U", "1588802520.001234567" },
		{ "@Y-@m-@d @H:@M:@S.@N", "2020-05-06 22:02:00.001234567" },
		{ "@j @@N", "127 @N" },
		{ "@: @ |@i@E@O@%@\\n", "%: % |%i%E%O%%\\n" },
		{ "@é", "%é" },
	};

	(void)state;
	EXPECT_ROWS(rows, &plain);
}

static void
numbers_in_the_payload(void **state)
{
	float			 f = -1.5f;
	double			 d = 1234.0625;
	struct mqk_message	 message = plain;
	struct format_source	 source = { &plain, &arrival, NULL };
	struct outbuf		 out = { 0 };
	struct format		*format;
	const char		*why;
	size_t			 at;

	(void)state;
	message.payload = (struct mqk_bytes){ &f, sizeof f };
	expect_print("%f", &message, "-1.500000", 9);
	expect_print("[%8.1f]", &message, "[    -1.5]", 10);
	expect_print("[%08.1f]", &message, "[-00001.5]", 10);
	expect_print("[%-8.1f]", &message, "[-1.5    ]", 10);
	f = NAN;
	expect_print("[%08f]", &message, "[     nan]", 10);
	f = -INFINITY;
	expect_print("[%08f]", &message, "[    -inf]", 10);
	message.payload = (struct mqk_bytes){ &d, sizeof d };
	expect_print("%d|%.4d|%.0d", &message, "1234.062500|1234.0625|1234",
	    26);
	format = format_compile("<%d>", &why, &at);
	format_print(format, &out, &source);
	assert_int_equal(out.len, 2);
	assert_string_equal(source.problem, "%d needs a payload of 8 bytes");
	format_free(format);
	outbuf_fini(&out);
}

static struct mqk_bytes
bytes_of(const char *text)
{
	return ((struct mqk_bytes){ text, strlen(text) });
}

static void
properties(void **state)
{
	static const struct row	rows[] = {
		{ "%A %C %D %E %F %R %S", "7 a/b c 60 1 r/t 9" },
		{ "%P", "k:v k:w" },
		{ "[%4A][%-4A][%04A]", "[   7][7   ][0007]" },
		{ "[%5.1C]", "[    a]" },
		{ "[%05C][%04D][%05R][%09P]",
		    "[  a/b][   c][  r/t][  k:v k:w]" },
	};
	struct mqk_message	 message = plain;
	struct mqk_props	*props = mqk_props_new();

	(void)state;
	assert_int_equal(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS, 7), 0);
	assert_int_equal(mqk_props_add_str(props, MQK_P_CONTENT_TYPE,
	    bytes_of("a/b")), 0);
	assert_int_equal(mqk_props_add_str(props, MQK_P_CORRELATION_DATA,
	    bytes_of("c")), 0);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_MESSAGE_EXPIRY_INTERVAL, 60), 0);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_PAYLOAD_FORMAT_INDICATOR, 1), 0);
	assert_int_equal(mqk_props_add_str(props, MQK_P_RESPONSE_TOPIC,
	    bytes_of("r/t")), 0);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER, 9), 0);
	assert_int_equal(mqk_props_add_pair(props, bytes_of("k"),
	    bytes_of("v")), 0);
	assert_int_equal(mqk_props_add_pair(props, bytes_of("k"),
	    bytes_of("w")), 0);
	message.props = props;
	EXPECT_ROWS(rows, &message);
	mqk_props_free(props);
}

static void
json_has_the_whole_message(void **state)
{
	static const struct row	rows[] = {
		{ "%j", "{\"tst\":\"2020-05-06T22:02:00.001234+0100\","
		    "\"topic\":\"a/bc\",\"qos\":1,\"retain\":true,"
		    "\"payloadlen\":6,\"mid\":42,"
		    "\"payload\":\"[1, 2]\",\"encoding\":\"utf8\"}" },
		{ "%J", "{\"tst\":\"2020-05-06T22:02:00.001234+0100\","
		    "\"topic\":\"a/bc\",\"qos\":1,\"retain\":true,"
		    "\"payloadlen\":6,\"mid\":42,"
		    "\"payload\":[1,2],\"encoding\":\"json\"}" },
	};
	struct mqk_message	message = plain;

	(void)state;
	message.payload = bytes_of("[1, 2]");
	EXPECT_ROWS(rows, &message);
}

static void
a_large_payload_is_never_cut_by_a_width(void **state)
{
	struct mqk_message	 message = plain;
	char			*payload = malloc(100000);

	(void)state;
	memset(payload, 'p', 100000);
	message.payload = (struct mqk_bytes){ payload, 100000 };
	expect_print("%10000p", &message, payload, 100000);
	free(payload);
}

static void
mistakes_are_found_with_their_place(void **state)
{
	static const struct {
		const char	*format;
		size_t		 at;
	} rows[] = {
		{ "%", 2 }, { "abc%", 5 }, { "%y", 2 }, { "%t %Z", 5 },
		{ "%-", 3 }, { "%5", 3 }, { "%.5", 4 }, { "%.2:", 5 },
		{ "@", 2 }, { "x@!@", 5 }, { "\\", 2 }, { "ab\\q", 4 },
		{ "%99999t", 6 }, { "%%%", 4 }, { "%5%%", 5 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char	*why = NULL;
		size_t		 at = 0;

		assert_null(format_compile(rows[i].format, &why, &at));
		assert_non_null(why);
		if (at != rows[i].at)
			fail_msg("%s: found at %zu", rows[i].format, at);
	}
}

static void
only_formats_with_a_time_need_the_clock(void **state)
{
	static const struct {
		const char	*format;
		bool		 needs;
	} rows[] = {
		{ "%t %p", false }, { "@@ %%", false }, { "%I", true },
		{ "%U", true }, { "%j", true }, { "%J", true }, { "@H", true },
		{ "@N", true }
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char	*why;
		size_t		 at;
		struct format	*f = format_compile(rows[i].format, &why, &at);

		assert_int_equal(format_needs_time(f), rows[i].needs);
		format_free(f);
	}
}

static void
letters_are_unique(void **state)
{
	(void)state;
	for (const struct format_field *f = format_fields; f->name; f++) {
		for (const struct format_field *g = f + 1; g->name; g++)
			assert_int_not_equal(f->letter, g->letter);
		assert_int_equal(f->help[strlen(f->help) - 1], '.');
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(fields_of_a_plain_message),
		cmocka_unit_test(width_precision_and_padding),
		cmocka_unit_test(escapes_and_literals),
		cmocka_unit_test(times),
		cmocka_unit_test(numbers_in_the_payload),
		cmocka_unit_test(properties),
		cmocka_unit_test(json_has_the_whole_message),
		cmocka_unit_test(a_large_payload_is_never_cut_by_a_width),
		cmocka_unit_test(mistakes_are_found_with_their_place),
		cmocka_unit_test(only_formats_with_a_time_need_the_clock),
		cmocka_unit_test(letters_are_unique)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
