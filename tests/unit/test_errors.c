/* SPDX-License-Identifier: MIT */

/* What a call that fails leaves behind: a code, and a sentence about it. */

#include "unit/fixture.h"

#include <pthread.h>

/* ---- without a client ------------------------------------------------ */

static const struct mqk_broker	 brokers[] = {
	{ .url = "mqtt://a" }, { .url = "mqtt://b", .user = "\xff" }
};
static const char *const	 headers[] = { "A: b", "no header", NULL };

static const struct {
	struct mqk_options	 o;
	const char		*text;
} mistakes[] = {
	{ { .url = "127.0.0.1:1883" }, "URL: there is no scheme such as "
	    "mqtt://" },
	{ { .url = "tcp://h" }, "URL: the scheme is none of mqtt mqtts ws wss "
	    "unix" },
	{ { .url = "mqtt://h:0" }, "URL: the port is not between 1 and "
	    "65535" },
	{ { .url = "mqtt://%ff@h" }, "h: user or password is too long or not "
	    "UTF-8" },
	{ { .scheme = "tcp" }, "tcp://: no such transport" },
	{ { .host = "a b" }, "host: 'a b' is no name or address" },
	{ { .scheme = "unix", .host = "" }, "host: '' is no name or "
	    "address" },
	{ { .brokers = brokers }, "brokers: 0, not 1 to 64" },
	{ { .nbrokers = 1 }, "brokers: 1, but the list is NULL" },
	{ { .brokers = brokers, .nbrokers = 2 }, "brokers[1]: b: user or "
	    "password is too long or not UTF-8" },
	{ { .version = 6 }, "version: 6 is none of 0 (auto) 3 4 5" },
	{ { .keepalive_s = 70000 }, "keepalive_s: 70000 is above 65535" },
	{ { .client_id = "\xff" }, "client_id: longer than 65535 bytes or "
	    "not UTF-8" },
	{ { .ws_headers = headers }, "ws_headers[1]: not of the form "
	    "'Name: value'" },
	{ { .proxy = "h:1" }, "proxy: there is no scheme such as http://" },
	{ { .proxy = "mqtt://h" }, "proxy: the scheme is none of http "
	    "socks5h" },
};

static void
a_client_that_can_not_be_has_a_sentence(void **state)
{
	struct mqk_client	*c;

	(void)state;
	for (size_t i = 0; i < N(mistakes); i++) {
		assert_int_equal(mqk_client_new(&c, &mistakes[i].o),
		    MQK_EINVAL);
		assert_null(c);
		assert_int_equal(mqk_last_error(c), MQK_EINVAL);
		assert_string_equal(mqk_last_error_text(c), mistakes[i].text);
	}
}

static void
a_property_that_does_not_fit_is_named(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_options	 o = { .props = props };
	struct mqk_client	*c;

	(void)state;
	assert_int_equal(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS, 1),
	    MQK_OK);
	assert_int_equal(mqk_client_new(&c, &o), MQK_EINVAL);
	assert_string_equal(mqk_last_error_text(c),
	    "props: CONNECT can't have topic-alias");
	mqk_props_free(props);
}

static void *
look(void *arg)
{
	(void)arg;
	assert_int_equal(mqk_last_error(NULL), MQK_OK);
	assert_string_equal(mqk_last_error_text(NULL), "");
	return (NULL);
}

static void
other_threads_know_nothing_of_it(void **state)
{
	struct mqk_client	*c;
	pthread_t		 thread;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &mistakes[0].o), MQK_EINVAL);
	assert_int_equal(pthread_create(&thread, NULL, look, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(mqk_last_error_text(c), mistakes[0].text);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_client_that_can_not_be_has_a_sentence),
		cmocka_unit_test(a_property_that_does_not_fit_is_named),
		cmocka_unit_test(other_threads_know_nothing_of_it),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
