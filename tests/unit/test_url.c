/* SPDX-License-Identifier: MIT */

/* URLs: what is split and decoded, and what is refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqk.h"

struct good {
	const char	*text;
	const char	*scheme;
	const char	*user;
	const char	*password;	/* without NUL bytes */
	const char	*host;
	uint16_t	 port;
	const char	*path;
};

static const struct good good[] = {
	{ "mqtt://localhost", "mqtt", NULL, NULL, "localhost", 0, NULL },
	{ "mqtt://localhost:1", "mqtt", NULL, NULL, "localhost", 1, NULL },
	{ "mqtt://h:65535/", "mqtt", NULL, NULL, "h", 65535, "" },
	{ "mqtt://h:", "mqtt", NULL, NULL, "h", 0, NULL },
	{ "MQTTS://Host", "mqtts", NULL, NULL, "Host", 0, NULL },
	{ "ws://h/mqtt?a=b", "ws", NULL, NULL, "h", 0, "mqtt?a=b" },
	{ "wss://h:443/a/b", "wss", NULL, NULL, "h", 443, "a/b" },
	{ "mqtt://h/a/%23", "mqtt", NULL, NULL, "h", 0, "a/#" },
	{ "mqtt://h/a/#", "mqtt", NULL, NULL, "h", 0, "a/#" },
	{ "mqtt://u@h", "mqtt", "u", NULL, "h", 0, NULL },
	{ "mqtt://u:@h", "mqtt", "u", "", "h", 0, NULL },
	{ "mqtt://:p@h", "mqtt", "", "p", "h", 0, NULL },
	{ "mqtt://@h", "mqtt", "", NULL, "h", 0, NULL },
	{ "mqtt://u:p:q@h:2", "mqtt", "u", "p:q", "h", 2, NULL },
	{ "mqtt://u:p@q@h", "mqtt", "u", "p@q", "h", 0, NULL },
	{ "mqtt://a%40b:c%3Ad%2f@h", "mqtt", "a@b", "c:d/", "h", 0, NULL },
	{ "mqtt://%c3%BC@h", "mqtt", "\xc3\xbc", NULL, "h", 0, NULL },
	{ "mqtt://%6coc%61l", "mqtt", NULL, NULL, "local", 0, NULL },
	{ "mqtt://[::1]", "mqtt", NULL, NULL, "::1", 0, NULL },
	{ "mqtt://u:p@[2001:db8::7]:1883/x", "mqtt", "u", "p", "2001:db8::7",
	    1883, "x" },
	{ "mqtt://[fe80::1%25eth0]:9", "mqtt", NULL, NULL, "fe80::1%eth0", 9,
	    NULL },
	{ "mqtt://[fe80::1%eth0]", "mqtt", NULL, NULL, "fe80::1%eth0", 0,
	    NULL },
	{ "mqtt://[::ffff:1.2.3.4]", "mqtt", NULL, NULL, "::ffff:1.2.3.4", 0,
	    NULL },
	{ "unix:///run/b.sock", "unix", NULL, NULL, "/run/b.sock", 0, NULL },
	{ "unix:///a%20b", "unix", NULL, NULL, "/a b", 0, NULL },
};

/* The text and a word of the sentence that refuses it. */
static const char *const bad[][2] = {
	{ "", "scheme" },
	{ "localhost", "scheme" },
	{ "localhost:1883", "scheme" },
	{ "mqtt:/h", "scheme" },
	{ "://h", "scheme" },
	{ "http://h", "scheme" },
	{ "mqtt2://h", "scheme" },
	{ "mqtt://", "no host" },
	{ "mqtt:///topic", "no host" },
	{ "mqtt://u:p@", "no host" },
	{ "mqtt://:1883", "no host" },
	{ "mqtt://h:0", "between" },
	{ "mqtt://h:65536", "between" },
	{ "mqtt://h:99999999999999999999", "between" },
	{ "mqtt://h:-1", "not a number" },
	{ "mqtt://h:1 ", "not a number" },
	{ "mqtt://h:1:2", "not a number" },
	{ "mqtt://::1", "no host" },
	{ "mqtt://[::1", "without ]" },
	{ "mqtt://[::1]x", "follow ]" },
	{ "mqtt://[]", "no IPv6" },
	{ "mqtt://[h]", "no IPv6" },
	{ "mqtt://[::1%]", "no IPv6" },
	{ "mqtt://[1.2.3.4]", "no IPv6" },
	{ "mqtt://[::1%25]", "no IPv6" },
	{ "mqtt://[::1%25a%0d%0aX: y]", "no IPv6" },
	{ "mqtt://[::1%a b]", "no IPv6" },
	{ "mqtt://[::1%25a%2fb]", "no IPv6" },
	{ "mqtt://h%", "hexadecimal" },
	{ "mqtt://h%2", "hexadecimal" },
	{ "mqtt://h%zz", "hexadecimal" },
	{ "mqtt://u%4@h", "hexadecimal" },
	{ "mqtt://h%00", "%00" },
	{ "mqtt://u%00@h", "%00" },
	{ "mqtt://h/%00", "%00" },
	{ "mqtt://h h", "character" },
	{ "mqtt://h%20", "character" },
	{ "mqtt://h%0a", "character" },
	{ "mqtt://h%2fx", "character" },
	{ "mqtt://h?x", "character" },
	{ "mqtt://h\\x", "character" },
	{ "mqtt://h\x7f", "character" },
	{ "unix://", "///path" },
	{ "unix:///", "///path" },
	{ "unix://h/path", "///path" },
	{ "unix:///%00", "%00" },
};

static void
expect_text(const char *url, const char *is, const char *wanted)
{
	if (is == NULL && wanted == NULL)
		return;
	if (is == NULL || wanted == NULL || strcmp(is, wanted) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", url,
		    is != NULL ? is : "(null)",
		    wanted != NULL ? wanted : "(null)");
}

static void
urls_are_split_and_decoded(void **state)
{
	struct mqk_url	 url;
	const char	*why;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct good	*g = &good[i];

		why = "";
		if (mqk_url_parse(&url, g->text, &why) != MQK_OK)
			fail_msg("%s: %s", g->text, why);
		expect_text(g->text, url.scheme, g->scheme);
		expect_text(g->text, url.user, g->user);
		expect_text(g->text, url.password.data, g->password);
		expect_text(g->text, url.host, g->host);
		expect_text(g->text, url.path, g->path);
		assert_int_equal(url.port, g->port);
		mqk_url_clear(&url);
	}
}

static void
a_password_may_hold_any_byte(void **state)
{
	struct mqk_url	 url;
	const char	*why;

	(void)state;
	assert_int_equal(mqk_url_parse(&url, "mqtt://u:a%00%ff@h", &why),
	    MQK_OK);
	assert_int_equal(url.password.len, 3);
	assert_memory_equal(url.password.data, "a\0\xff", 3);
	mqk_url_clear(&url);
}

static void
broken_urls_are_refused_with_a_reason(void **state)
{
	struct mqk_url	 url;
	const char	*why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = "";
		if (mqk_url_parse(&url, bad[i][0], &why) != MQK_EINVAL)
			fail_msg("%s: not refused", bad[i][0]);
		if (strstr(why, bad[i][1]) == NULL)
			fail_msg("%s: \"%s\" lacks \"%s\"", bad[i][0], why,
			    bad[i][1]);
		assert_null(url.host);
		assert_null(url.scheme);
	}
}

/* Every cut of every good URL is refused or parsed, never a crash. */
static void
cut_urls_do_no_harm(void **state)
{
	struct mqk_url	 url;
	char		 text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (size_t len = 0; len < strlen(good[i].text); len++) {
			memcpy(text, good[i].text, len);
			text[len] = '\0';
			if (mqk_url_parse(&url, text, NULL) == MQK_OK)
				assert_non_null(url.host);
			mqk_url_clear(&url);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(urls_are_split_and_decoded),
		cmocka_unit_test(a_password_may_hold_any_byte),
		cmocka_unit_test(broken_urls_are_refused_with_a_reason),
		cmocka_unit_test(cut_urls_do_no_harm),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
