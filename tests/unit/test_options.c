/* SPDX-License-Identifier: MIT */

/* The options that all tools share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "unit/optrun.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct opt_group *const shared_groups[] = {
	&group_connect, &group_transport, &group_session, &group_general, NULL
};
static const struct tool shared = {
	.name = "shared", .groups = shared_groups
};

static void
assert_wrong(const char *line, const char *why)
{
	struct config	 config = { 0 };

	assert_refused(&shared, &config, line, why);
}

static void
shared_options_depend_on_each_other(void **state)
{
	static const struct {
		const char	*line, *why;
	} cases[] = {
		{ "-i a -I b", "--id and --id-prefix exclude each other" },
		{ "-c", "--disable-clean-session needs --id: without it "
		  "nobody could find the session again" },
		{ "-c -I x", "--disable-clean-session needs --id: without it "
		  "nobody could find the session again" },
		{ "-c -i _", "--disable-clean-session needs --id: without it "
		  "nobody could find the session again" },
		{ "-i _ -x -1", "a session that never expires needs --id: "
		  "without it nobody could find the session again" },
		{ "-x never", "a session that never expires needs --id: "
		  "without it nobody could find the session again" },
		{ "-V 311 -x 5", "--session-expiry-interval needs MQTT 5, "
		  "not --protocol-version 3.x" },
		{ "-D connect receive-maximum 5 -V 31", "--property needs "
		  "MQTT 5, not --protocol-version 3.x" },
		{ "-P x -V 311", "--pw without --username needs MQTT 5, not "
		  "--protocol-version 3.x" },
		{ "-D disconnect session-expiry-interval 4", "--property "
		  "disconnect session-expiry-interval needs "
		  "--session-expiry-interval" },
		{ "--will-retain", "--will-retain needs --will-topic" },
		{ "--will-payload x", "--will-payload needs --will-topic" },
		{ "--will-qos 0", "--will-qos needs --will-topic" },
		{ "-D will content-type x",
		  "--property will needs --will-topic" },
		{ "--will-topic a/#",
		  "--will-topic: 'a/#' is not a valid topic" },
		{ "--reconnect-delay 2m", "--reconnect-delay is longer than "
		  "--reconnect-max-delay" },
		{ "-h _", "--host: the name is empty" },
		{ "-h [::1]", "--host: [::1]: an IPv6 address is written "
		  "without brackets" },
		{ "-h h:1883", "--host: h:1883: the port is for --port" },
		{ "-h mqtt://h", "--host: mqtt://h is for --url" },
		{ "-D connect authentication-data abc", "--property connect "
		  "authentication-data needs authentication-method" },
		{ "-i a\xff", "--id: not UTF-8" },
		{ "-u \xed\xa0\x80", "--username: not UTF-8" },
		{ "-I \xc3", "--id-prefix: not UTF-8" },
		{ "-A _", "--bind-address: the name is empty" },
		{ "word", "'word' is not an option, and shared takes nothing "
		  "else" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_wrong(cases[i].line, cases[i].why);
}

/* With --will-topic and an option that has a text of so many bytes. */
static int
parse_text_of(const char *name, size_t len, char *said, int cap)
{
	static char	 text[UINT16_MAX + 2];
	char		 program[] = "probe", will[] = "--will-topic",
			 topic[] = "t", option[16];
	char		*argv[] = { program, will, topic, option, text, NULL };
	struct config	 config = { 0 };
	FILE		*f = tmpfile();
	int		 status;

	assert_non_null(f);
	snprintf(option, sizeof(option), "%s", name);
	memset(text, 'x', len);
	text[len] = '\0';
	diag_init("probe");
	diag_set_stream(f);
	status = opt_parse(&shared, 5, argv, &config);
	diag_set_stream(NULL);
	opt_free(&shared, &config);
	rewind(f);
	if (fgets(said, cap, f) == NULL)
		*said = '\0';
	fclose(f);
	return (status);
}

static void
strings_fit_the_packets_they_are_for(void **state)
{
	static const struct {
		const char	*option;
		size_t		 max;
	} cases[] = {
		{ "--id", 65535 }, { "--id-prefix", 65515 },
		{ "--username", 65535 }, { "--pw", 65535 },
		{ "--will-payload", 65535 }
	};
	char	 said[128], expected[128];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(parse_text_of(cases[i].option, cases[i].max,
		    said, sizeof(said)), -1);
		assert_int_equal(parse_text_of(cases[i].option,
		    cases[i].max + 1, said, sizeof(said)), STATUS_USAGE);
		snprintf(expected, sizeof(expected),
		    "probe: %s: longer than %zu bytes\n", cases[i].option,
		    cases[i].max);
		assert_string_equal(said, expected);
	}
}

static void
properties_are_checked_by_packet_name_and_value(void **state)
{
	static const struct {
		const char	*line, *why;
	} cases[] = {
		{ "-D auth x y", "--property: 'auth' is not one of connect, "
		  "publish, subscribe, unsubscribe, disconnect, will" },
		{ "-D connect colour x",
		  "--property: unknown property 'colour'" },
		{ "-D publish receive-maximum 1",
		  "--property: receive-maximum cannot be set for publish" },
		{ "-D publish subscription-identifier 1", "--property: "
		  "subscription-identifier cannot be set for publish" },
		{ "-D connect receive-maximum 65536", "--property: "
		  "receive-maximum: 65536 is not between 0 and 65535" },
		{ "-D connect receive-maximum x", "--property: "
		  "receive-maximum: 'x' is not a whole number" },
		{ "-D connect",
		  "--property: the name of the property is missing" },
		{ "-D publish content-type",
		  "--property: the value of the property is missing" },
		{ "-D publish content-type a -D publish content-type b",
		  "--property: content-type can be set only once for "
		  "publish" },
		{ "-D publish user-property k",
		  "--property: the user property's value is missing" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_wrong(cases[i].line, cases[i].why);
}

static void
a_property_is_kept_for_its_packet_and_means_version_5(void **state)
{
	const struct config_session *s;
	struct mqk_value value;
	struct config	 config = { 0 };
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, &config, "-D PUBLISH Content-Type text/plain "
	    "-D publish user-property key value -D will "
	    "will-delay-interval 7 --will-topic a -D will content-type x");
	assert_int_equal(r.status, -1);
	s = &config.session;
	assert_int_equal(s->version, MQK_V5);
	assert_null(s->props[PROPS_CONNECT]);
	assert_true(mqk_props_get(s->props[PROPS_PUBLISH],
	    MQK_P_CONTENT_TYPE, &value));
	assert_int_equal(value.str.len, 10);
	assert_memory_equal(value.str.data, "text/plain", 10);
	assert_true(mqk_props_get(s->props[PROPS_PUBLISH],
	    MQK_P_USER_PROPERTY, &value));
	assert_memory_equal(value.key.data, "key", 3);
	assert_true(mqk_props_get(s->props[PROPS_WILL],
	    MQK_P_WILL_DELAY_INTERVAL, &value));
	assert_int_equal(value.num, 7);
	opt_free(&shared, &config);
}

static void
the_session_expiry_becomes_a_property(void **state)
{
	static const struct {
		const char	*line;
		bool		 there;
		uint32_t	 seconds;
	} cases[] = {
		{ "", false, 0 },
		{ "-x 60", true, 60 }, { "-x 2h", true, 7200 },
		{ "-i a -x -1", true, UINT32_MAX },
		{ "-i a -x 4294967295", true, UINT32_MAX },
		{ "-i a -x \u221e", true, UINT32_MAX },
		{ "-i a -c", true, UINT32_MAX },
		{ "-i a -c -x 5", true, 5 },
		{ "-i a -c -V 311", false, 0 },
		{ "-i a -c -D connect session-expiry-interval 9", true, 9 },
		{ "-x 5 -D disconnect session-expiry-interval 9", true, 5 },
		{ "-D disconnect session-expiry-interval 0", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mqk_value value = { 0 };
		struct config	 config = { 0 };
	struct run	 r;

		run_tool(&r, &shared, &config, cases[i].line);
		assert_string_equal(r.said, "");
		assert_int_equal(mqk_props_get(
		    config.session.props[PROPS_CONNECT],
		    MQK_P_SESSION_EXPIRY_INTERVAL, &value), cases[i].there);
		assert_int_equal(value.num, cases[i].seconds);
		opt_free(&shared, &config);
	}
}

/* The parts of the first no longer stand for all. */
static void
several_urls_make_a_list(void **state)
{
	const struct mqk_broker	*b;
	struct config	 config = { 0 };
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, &config, "-L unix:///x -L mqtt://h "
	    "-L wss://me:p%40ss@[::1]:9/t -u other");
	assert_int_equal(r.status, -1);
	assert_null(config.transport.unix_path);
	assert_true(config.tls.url);
	assert_string_equal(config.connect.url_topic, "t");
	assert_string_equal(config.connect.username, "other");
	assert_int_equal(config.connect.brokers.n, 3);
	b = config.connect.brokers.v;
	assert_string_equal(b[0].url, "unix:///x");
	assert_string_equal(b[1].url, "mqtt://h");
	assert_null(b[1].user);
	assert_string_equal(b[2].url, "wss://me:p%40ss@[::1]:9");
	assert_string_equal(b[2].user, "me");
	assert_int_equal(b[2].password.len, 4);
	assert_memory_equal(b[2].password.data, "p@ss", 4);
	assert_string_equal(r.argv[6], "");
	opt_free(&shared, &config);
	assert_null(config.connect.brokers.v);
}

static void
a_url_sets_what_it_holds(void **state)
{
	const struct config_connect *c;
	struct config	 config = { 0 };
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, &config,
	    "-h old -L mqtt://me:p%40ss@[::1]:1999/a/b");
	assert_int_equal(r.status, -1);
	c = &config.connect;
	assert_string_equal(c->host, "::1");
	assert_int_equal(c->port, 1999);
	assert_string_equal(c->username, "me");
	assert_string_equal(c->password, "p@ss");
	assert_string_equal(c->url_topic, "a/b");
	assert_string_equal(r.argv[4], "");
	opt_free(&shared, &config);
	run_tool(&r, &shared, &config, "-h h -L unix:///run/a%20b");
	assert_int_equal(r.status, -1);
	assert_string_equal(config.transport.unix_path, "/run/a b");
	opt_free(&shared, &config);
	run_tool(&r, &shared, &config, "-L wss://h:9/t --ws-path /p "
	    "--ws-header A:1 --ws-header B:2");
	assert_int_equal(r.status, -1);
	assert_true(config.transport.ws);
	assert_true(config.tls.url);
	assert_string_equal(config.connect.url_topic, "t");
	assert_string_equal(config.transport.ws_path, "/p");
	assert_string_equal(config.transport.ws_headers.v[1], "B:2");
	assert_null(config.transport.ws_headers.v[2]);
	assert_string_equal(r.argv[6], "");
	opt_free(&shared, &config);
	assert_wrong("--ws-path /x", "--ws-path needs --ws");
	assert_wrong("--ws-header A:1", "--ws-header needs --ws");
	assert_wrong("--proxy ftp://h", "--proxy: a URL such as "
	    "socks5h://host or http://host is needed");
	assert_wrong("--unix /x --proxy http://h",
	    "--unix and --proxy exclude each other");
	assert_wrong("--unix /x --ws", "--unix and --ws exclude each other");
	assert_wrong("--ws --ws-header none",
	    "--ws-header: a header is one line 'Name: value'");
	assert_wrong("--unix _", "--unix: the path is empty");
}

static void
tcp_keepalive_takes_three_numbers(void **state)
{
	struct config	 config = { 0 };
	struct run	 r;

	(void)state;
	run_tool(&r, &shared, &config, "--tcp-keepalive 3,60,10");
	assert_int_equal(config.connect.tcp.keep_count, 3);
	assert_int_equal(config.connect.tcp.keep_idle_s, 60);
	assert_int_equal(config.connect.tcp.keep_interval_s, 10);
	opt_free(&shared, &config);
	assert_wrong("--tcp-keepalive 3,60", "--tcp-keepalive: "
	    "three numbers are needed: COUNT,IDLE,INTERVAL");
	assert_wrong("--tcp-keepalive 3,60,1,2", "--tcp-keepalive: "
	    "three numbers are needed: COUNT,IDLE,INTERVAL");
	assert_wrong("--tcp-keepalive 3,x,1",
	    "--tcp-keepalive: 'x' is not a number between 1 and 32767");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_options_depend_on_each_other),
		cmocka_unit_test(strings_fit_the_packets_they_are_for),
		cmocka_unit_test(
		    properties_are_checked_by_packet_name_and_value),
		cmocka_unit_test(
		    a_property_is_kept_for_its_packet_and_means_version_5),
		cmocka_unit_test(the_session_expiry_becomes_a_property),
		cmocka_unit_test(a_url_sets_what_it_holds),
		cmocka_unit_test(several_urls_make_a_list),
		cmocka_unit_test(tcp_keepalive_takes_three_numbers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
