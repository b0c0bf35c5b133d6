/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/opt.h"
#include "common/setup.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
a_failed_attempt_names_the_option_that_helps(void **state)
{
	static const struct {
		struct mqk_disconnected what;
		const char	*text;
	} rows[] = {
		{ { .error = MQK_EDIAL, .text = "connect to h:1: refused" },
		  "connect to h:1: refused (is a broker running there? "
		  "--host, --port)" },
		{ { .error = MQK_ERESOLVE, .text = "no h" }, "no h (--host)" },
		{ { .error = MQK_ERESOLVE, .cause = "bind_address",
		  .text = "no b" }, "no b (--bind-address)" },
		{ { .error = MQK_EREFUSED, .reason = 0x87, .text = "no" },
		  "no (--username, --pw)" },
		{ { .error = MQK_EREFUSED, .reason = 5, .text = "no" },
		  "no (--username, --pw)" },
		{ { .error = MQK_EREFUSED, .reason = 0x84, .text = "no" },
		  "no (--protocol-version)" },
		{ { .error = MQK_EREFUSED, .reason = 0x88, .text = "busy" },
		  "busy" },
		{ { .error = MQK_ECLOSED, .was_up = true, .text = "gone" },
		  "gone" },
		{ { .error = MQK_ECLOSED, .was_up = true, .reason = 0x8e,
		  .text = "gone" },
		  "gone (does another client use this --id?)" },
		{ { .error = MQK_EVERIFY, .cause = "HOSTNAME_MISMATCH",
		  .text = "no" }, "no (--host, --tls-server-name)" },
		{ { .error = MQK_EVERIFY, .cause = "INVALID_CA",
		  .text = "no" },
		  "no (--cafile, --capath, --tls-use-os-certs)" },
		{ { .error = MQK_ETLS, .cause = "unknown_ca", .text = "no" },
		  "no (--cert, --key)" },
		{ { .error = MQK_ETLS, .text = "no" }, "no" },
		{ { .error = MQK_EPROTOCOL, .cause = "TLS", .text = "no" },
		  "no (--cafile, mqtts://)" },
		{ { .error = MQK_EPROTOCOL, .text = "no" },
		  "no (is that an MQTT port? --port)" },
	};
	char	 text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		setup_explain(&rows[i].what, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void
an_explanation_fits_its_buffer_and_names_the_other_server(void **state)
{
	struct mqk_disconnected what = {
		.error = MQK_EREFUSED, .reason = 0x9c, .text = "moved"
	};
	struct mqk_props *props = mqk_props_new();
	char	 text[80], little[8];

	(void)state;
	assert_non_null(props);
	assert_int_equal(mqk_props_add_str(props, MQK_P_SERVER_REFERENCE,
	    (struct mqk_bytes){ "b.example", 9 }), MQK_OK);
	what.props = props;
	setup_explain(&what, text, sizeof(text));
	assert_string_equal(text,
	    "moved; it refers to b.example (--follow-redirects)");
	setup_explain(&what, little, sizeof(little));
	assert_string_equal(little, "moved; ");
	what.more = true;
	setup_explain(&what, text, sizeof(text));
	assert_string_equal(text, "moved; it refers to b.example");
	mqk_props_free(props);
}

/* Parse as mqbench would, which asks for nothing else. */
static void
options_of(struct config *config, struct mqk_options *o,
    const char *const *args, int n)
{
	char	*argv[16], word[16][32];

	assert_true(n < 16);
	for (int i = 0; i < n; i++) {
		snprintf(word[i], sizeof(word[i]), "%s", args[i]);
		argv[i] = word[i];
	}
	argv[n] = NULL;
	memset(config, 0, sizeof(*config));
	assert_int_equal(opt_parse(&tool_mqbench, n, argv, config), -1);
	setup_options(config, o);
}

static void
options_reach_the_library(void **state)
{
	static const char *const args[] = {
		"mqbench", "conn", "-h", "there", "-p1999", "-k", "1500ms",
		"-i", "me", "-V311", "--no-reconnect", "--no-nodelay",
		"--connect-timeout=2", "-M", "7"
	};
	struct config	 config;
	struct mqk_options o;

	(void)state;
	options_of(&config, &o, args, (int)COUNT(args));
	assert_string_equal(o.host, "there");
	assert_int_equal(o.port, 1999);
	assert_int_equal(o.keepalive_s, 2);
	assert_string_equal(o.client_id, "me");
	assert_int_equal(o.version, MQK_V311);
	assert_true(o.reconnect.off && o.tcp.delay);
	assert_int_equal(o.connect_timeout_ms, 2000);
	assert_int_equal(o.max_inflight, 7);
	opt_free(&tool_mqbench, &config);
}

static void
keepalive_0_means_none(void **state)
{
	static const char *const args[] = { "mqbench", "conn", "-k0" };
	static const char *const none[] = { "mqbench", "conn" };
	struct config	 config;
	struct mqk_options o;

	(void)state;
	options_of(&config, &o, args, (int)COUNT(args));
	assert_int_equal(o.keepalive_s, -1);
	opt_free(&tool_mqbench, &config);
	options_of(&config, &o, none, (int)COUNT(none));
	assert_int_equal(o.keepalive_s, 60);
	assert_string_equal(o.host, "localhost");
	assert_int_equal(o.port, 0);
	assert_null(o.client_id);
	assert_null(o.props);
	opt_free(&tool_mqbench, &config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_attempt_names_the_option_that_helps),
		cmocka_unit_test(
		    an_explanation_fits_its_buffer_and_names_the_other_server),
		cmocka_unit_test(options_reach_the_library),
		cmocka_unit_test(keepalive_0_means_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
