/* SPDX-License-Identifier: MIT */

/* What mqk_tls_new() takes and what it refuses, and in which words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "unit/tlspeer.h"

#define SOME_PSK	{ "\x01\x02", 2 }

static const struct {
	struct mqk_tls_options	 o;
	int			 err;
	const char		*words;
} rows[] = {
	{ { .insecure = true }, MQK_OK, NULL },
	{ { .ca_file = tlspeer_cert_file, .alpn = "mqtt" }, MQK_OK, NULL },
	{ { .ca_file = "/nowhere" }, MQK_EIO,
	  "CA file /nowhere: No such file or directory" },
	{ { .ca_file = "/tmp" }, MQK_EIO, "CA file /tmp: is a directory" },
	{ { .ca_file = tlspeer_key_file }, MQK_EINVAL, "no certificate in it" },
	{ { .ca_dir = "/tmp" }, MQK_OK, NULL },
	{ { .ca_dir = tlspeer_cert_file }, MQK_EIO, "CA directory /tmp/mqk-" },
	{ { .crl_file = tlspeer_cert_file }, MQK_EINVAL,
	  "no revocation list in it" },
	{ { .cert_file = tlspeer_cert_file, .key_file = tlspeer_key_file },
	  MQK_OK, NULL },
	{ { .key_file = tlspeer_key_file }, MQK_EINVAL,
	  "needs its certificate" },
	{ { .cert_file = tlspeer_cert_file }, MQK_EINVAL, "no private key" },
	{ { .cert_file = tlspeer_key_file }, MQK_EINVAL, "certificate /tmp/" },
	{ { .cert_file = tlspeer_cert_file, .key_file = "/nowhere" },
	  MQK_EINVAL, "key /nowhere: no private key in it" },
	{ { .cert_file = tlspeer_cert_file, .key_file = "k", .engine = "none" },
	  MQK_EINVAL, "key k of engine none" },
	{ { .psk_identity = "me", .psk = SOME_PSK }, MQK_OK, NULL },
	{ { .psk_identity = "me" }, MQK_EINVAL, "go together" },
	{ { .psk = SOME_PSK }, MQK_EINVAL, "go together" },
	{ { .psk_identity = "me", .psk = SOME_PSK,
	    .min_version = MQK_TLS_1_3 }, MQK_EINVAL, "TLS" },
	{ { .min_version = MQK_TLS_1_3, .max_version = MQK_TLS_1_2 },
	  MQK_EINVAL, "no TLS version between" },
	{ { .min_version = (enum mqk_tls_version)7 }, MQK_EINVAL,
	  "no TLS version between" },
	{ { .ciphers = "nonsense" }, MQK_EINVAL, "ciphers nonsense" },
	{ { .ciphersuites = "nonsense" }, MQK_EINVAL, "suites nonsense" },
	{ { .alpn = "" }, MQK_EINVAL, "1 to 255" },
	{ { .keylog_file = "/nowhere/log" }, MQK_EIO,
	  "key log /nowhere/log: No such file" },
};

static void
options_are_checked_and_refused_in_words(void **state)
{
	struct mqk_tls	*tls;
	char		 why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why[0] = '\0';
		if (mqk_tls_new(&tls, &rows[i].o, why, sizeof(why)) !=
		    rows[i].err)
			fail_msg("row %zu: %s", i, why);
		if (rows[i].words != NULL && strstr(why, rows[i].words) == NULL)
			fail_msg("row %zu: %s", i, why);
		assert_true((tls != NULL) == (rows[i].err == MQK_OK));
		mqk_tls_free(tls);
	}
}

static void
a_reason_is_cut_to_its_buffer_or_left_out(void **state)
{
	const struct mqk_tls_options	 o = { .ca_file = "/nowhere" };
	struct mqk_tls			*tls;
	char				 why[8];

	(void)state;
	assert_int_equal(mqk_tls_new(&tls, &o, why, sizeof(why)), MQK_EIO);
	assert_string_equal(why, "CA file");
	assert_int_equal(mqk_tls_new(&tls, &o, NULL, 0), MQK_EIO);
	assert_int_equal(mqk_tls_new(&tls, NULL, NULL, 0), MQK_OK);
	mqk_tls_free(tls);
}

static void
the_native_context_can_be_looked_at(void **state)
{
	const struct mqk_tls_options	 o = { .min_version = MQK_TLS_1_3 };
	struct mqk_tls			*tls;

	(void)state;
	assert_int_equal(mqk_tls_new(&tls, &o, NULL, 0), MQK_OK);
	assert_int_equal(SSL_CTX_get_min_proto_version(mqk_tls_native(tls)),
	    TLS1_3_VERSION);
	mqk_tls_free(tls);
}

static void
the_key_log_is_appended_to_and_private(void **state)
{
	char			 path[] = "/tmp/mqk-log-XXXXXX";
	struct mqk_tls_options	 o = { .ca_file = tlspeer_cert_file };
	static struct tlspeer	 t;
	struct mqk_tls		*tls;
	struct stat		 st;
	off_t			 first = 0;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	o.keylog_file = path;
	o.no_resume = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mqk_tls_new(&tls, &o, NULL, 0), MQK_OK);
		tlspeer_new(&t, TLS1_2_VERSION);
		tlspeer_connect(&t, &tls, "broker.example");
		assert_int_equal(tlspeer_handshake(&t), MQK_OK);
		tlspeer_free(&t);
		mqk_tls_free(tls);
		assert_int_equal(stat(path, &st), 0);
		if (i == 0)
			first = st.st_size;
	}
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(first > 0 && st.st_size == 2 * first);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(options_are_checked_and_refused_in_words),
		cmocka_unit_test(a_reason_is_cut_to_its_buffer_or_left_out),
		cmocka_unit_test(the_native_context_can_be_looked_at),
		cmocka_unit_test(the_key_log_is_appended_to_and_private),
	};

	return (cmocka_run_group_tests(tests, tlspeer_make_files,
	    tlspeer_remove_files));
}
