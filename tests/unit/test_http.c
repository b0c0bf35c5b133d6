/* SPDX-License-Identifier: MIT */

/* Heads of HTTP answers, whole and in pieces. */

#include <stdlib.h>
#include <string.h>

#include "transport/http.h"
#include "unit/fixture.h"

static const struct good {
	const char	*text;
	int		 status;
	const char	*line;
	const char	*value;		/* of the field A; NULL: none */
} good[] = {
	{ "HTTP/1.1 200 OK\r\n\r\n", 200, "HTTP/1.1 200 OK", NULL },
	{ "HTTP/1.0 404\r\n\r\n", 404, "HTTP/1.0 404", NULL },
	{ "HTTP/1.1 101 \r\nA: b\r\n\r\n", 101, "HTTP/1.1 101 ", "b" },
	{ "HTTP/1.1 101 x\na:  b c \t\nB:\n\n", 101, "HTTP/1.1 101 x",
	    "b c" },
	{ "HTTP/1.1 599 x\r\nAA: 1\r\nA:\r\nA: 2\r\n\r\n", 599,
	    "HTTP/1.1 599 x", "" },
	{ "HTTP/1.1 200 \xc3\xa4\r\nA: \xff\tz\r\n\r\n", 200,
	    "HTTP/1.1 200 \xc3\xa4", "\xff\tz" },
};

static const char *const bad[] = {
	"HTTP/2 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", " ", "\r\n",
	"HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
	"HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA\r\n\r\n", "HTTP/1.1 200 OK\r\n: a\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n",
	"HTTP/1.1 200 \x1b[1m\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
	"\x20\x03", "\x16\x03\x01",
};

static void
assert_text(struct mqk_bytes b, const char *want)
{
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
}

/* In memory of exactly the size, byte after byte: only the last completes. */
static void
heads_are_found_however_they_come(void **state)
{
	struct http_head	 head;
	struct mqk_bytes	 v;
	size_t			 len;
	char			*copy;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		len = strlen(good[i].text);
		for (size_t n = 0; n < len; n++) {
			copy = (char *)exact_copy(good[i].text, n);
			assert_int_equal(http_parse(&head, copy, n,
			    n > 0 ? n - 1 : 0), 0);
			free(copy);
		}
		assert_int_equal(http_parse(&head, good[i].text, len, len - 1),
		    len);
		assert_int_equal(http_parse(&head, good[i].text, len, 0), len);
		assert_int_equal(head.status, good[i].status);
		assert_text(head.line, good[i].line);
		assert_int_equal(http_field(&head, "a", &v),
		    good[i].value != NULL);
		if (good[i].value != NULL)
			assert_text(v, good[i].value);
	}
}

static void
what_follows_is_left_alone(void **state)
{
	static const char	 text[] = "HTTP/1.1 101 x\r\n\r\n\n\r\nA: b";
	struct http_head	 head;

	(void)state;
	assert_int_equal(http_parse(&head, text, sizeof(text) - 1, 0), 18);
	assert_int_equal(head.fields.len, 0);
}

static void
what_is_no_http_is_refused(void **state)
{
	struct http_head	 head;

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		if (http_parse(&head, bad[i], strlen(bad[i]), 0) !=
		    MQK_EMALFORMED)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(http_parse(&head, "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
	    25, 0), MQK_EMALFORMED);
}

static void
the_head_has_a_limit(void **state)
{
	static char		 text[HTTP_HEAD_MAX + 4];
	struct http_head	 head;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "HTTP/1.1 200 OK\r\nA: ", 20);
	assert_int_equal(http_parse(&head, text, HTTP_HEAD_MAX - 1, 0), 0);
	assert_int_equal(http_parse(&head, text, HTTP_HEAD_MAX, 0),
	    MQK_ETOOBIG);
	memcpy(text + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_int_equal(http_parse(&head, text, HTTP_HEAD_MAX, 0),
	    HTTP_HEAD_MAX);
	memcpy(text + HTTP_HEAD_MAX - 4, "xxxx\r\n\r\n", 8);
	assert_int_equal(http_parse(&head, text, sizeof(text), 0),
	    MQK_ETOOBIG);
}

static void
tokens_are_found_in_lists(void **state)
{
	(void)state;
	assert_true(http_has_token(text_bytes("upgrade"), "upgrade"));
	assert_true(http_has_token(text_bytes("a, UpGrade ,b"), "upgrade"));
	assert_true(http_has_token(text_bytes(",\tupgrade"), "upgrade"));
	assert_false(http_has_token(text_bytes("upgrades, up"), "upgrade"));
	assert_false(http_has_token(text_bytes(""), "upgrade"));
}

static void
fields_are_checked_before_they_are_sent(void **state)
{
	(void)state;
	assert_true(http_field_valid("Authorization: Bearer x.y"));
	assert_true(http_field_valid("X:"));
	assert_false(http_field_valid("X"));
	assert_false(http_field_valid(": x"));
	assert_false(http_field_valid("X y: z"));
	assert_false(http_field_valid("X: y\r\nZ: a"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(heads_are_found_however_they_come),
		cmocka_unit_test(what_follows_is_left_alone),
		cmocka_unit_test(what_is_no_http_is_refused),
		cmocka_unit_test(the_head_has_a_limit),
		cmocka_unit_test(tokens_are_found_in_lists),
		cmocka_unit_test(fields_are_checked_before_they_are_sent),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
