/* SPDX-License-Identifier: MIT */

/* The TLS pipe: records, waiting, endings, and what failures are called. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/tlspeer.h"

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

/* The peer of each test, too large for a stack. */
static struct tlspeer	 t;

static struct mqk_tls *
trusting(void)
{
	struct mqk_tls_options	 o = { .ca_file = tlspeer_cert_file };
	struct mqk_tls		*tls;
	char			 why[256] = "";

	if (mqk_tls_new(&tls, &o, why, sizeof(why)) != MQK_OK)
		fail_msg("%s", why);
	return (tls);
}

/* A connection that stands. */
static void
open_peer(int version, struct mqk_tls **tls)
{
	*tls = trusting();
	tlspeer_new(&t, version);
	tlspeer_connect(&t, tls, "broker.example");
	if (tlspeer_handshake(&t) != MQK_OK)
		fail_msg("%s", t.e.text);
}

static void
close_peer(struct mqk_tls *tls)
{
	tlspeer_free(&t);
	mqk_tls_free(tls);
}

static void
server_says(const void *data, size_t len)
{
	assert_int_equal(SSL_write(t.server, data, (int)len), (int)len);
	tlspeer_turn(&t);
}

static void
client_reads(const char *text)
{
	char	 got[64] = "";
	size_t	 have = 0;

	for (int i = 0; i < 1000 && have < strlen(text); i++) {
		ssize_t	 n = t.pipe->ops->read(t.pipe, got + have,
			    sizeof(got) - 1 - have, &t.e);

		assert_true(n >= 0);
		have += (size_t)n;
	}
	assert_string_equal(got, text);
}

static void
bytes_one_by_one_make_a_connection(void **state)
{
	struct mqk_tls	*tls;
	char		 got[8] = "";

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		tls = trusting();
		tlspeer_new(&t, versions[v]);
		tlspeer_connect(&t, &tls, "broker.example");
		t.memory.chunk = 1;
		assert_int_equal(tlspeer_handshake(&t), MQK_OK);
		server_says("hello", 5);
		client_reads("hello");
		for (size_t done = 0; done < 5; tlspeer_turn(&t)) {
			ssize_t	 n = t.pipe->ops->write(t.pipe,
				    &"world"[done], 5 - done, &t.e);

			assert_true(n >= 0);
			done += (size_t)n;
		}
		assert_int_equal(SSL_read(t.server, got, sizeof(got)), 5);
		assert_string_equal(got, "world");
		close_peer(tls);
	}
}

static void
during_the_handshake_it_waits_for_what_openssl_wants(void **state)
{
	struct mqk_tls		*tls = trusting();
	struct pipe_wait	 w;

	(void)state;
	tlspeer_new(&t, TLS1_3_VERSION);
	tlspeer_connect(&t, &tls, "broker.example");
	t.memory.room = 10;
	assert_int_equal(t.pipe->ops->open(t.pipe, 0, &t.e), MQK_EAGAIN);
	t.pipe->ops->wait(t.pipe, &w);
	assert_int_equal(w.want, MQK_WRITE);
	t.memory.room = 0;
	assert_int_equal(t.pipe->ops->open(t.pipe, 0, &t.e), MQK_EAGAIN);
	t.pipe->ops->wait(t.pipe, &w);
	assert_int_equal(w.want, MQK_READ);
	assert_int_equal(tlspeer_handshake(&t), MQK_OK);
	close_peer(tls);
}

/* What is left of a write that found the pipe full comes from elsewhere. */
static void
a_full_pipe_loses_and_doubles_nothing(void **state)
{
	struct mqk_tls	*tls;
	static uint8_t	 data[60000], copy[60000], got[60000];
	size_t		 done = 0, have = 0;
	int		 n, stalls = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	open_peer(TLS1_3_VERSION, &tls);
	t.memory.room = 5000;
	while (done < sizeof(data)) {
		ssize_t	 moved;

		memcpy(copy, data + done, sizeof(data) - done);
		moved = t.pipe->ops->write(t.pipe, copy,
		    sizeof(data) - done, &t.e);
		assert_true(moved >= 0);
		stalls += moved == 0;
		done += (size_t)moved;
		tlspeer_turn(&t);
		while ((n = SSL_read(t.server, got + have,
		    (int)(sizeof(got) - have))) > 0)
			have += (size_t)n;
	}
	assert_true(stalls > 0);
	assert_int_equal(have, sizeof(data));
	assert_memory_equal(got, data, sizeof(data));
	close_peer(tls);
}

static void
what_is_decrypted_or_can_be_is_pending(void **state)
{
	struct mqk_tls	*tls;
	static char	 data[40000];
	char		 got[1000];
	size_t		 have = 0, part;

	(void)state;
	open_peer(TLS1_3_VERSION, &tls);
	client_reads("");
	server_says(data, sizeof(data));
	/* All but the end of the last record. */
	part = t.memory.nin - 100;
	t.memory.nin = part;
	while (have == 0 || t.pipe->ops->pending(t.pipe)) {
		ssize_t	 n = t.pipe->ops->read(t.pipe, got, sizeof(got),
			    &t.e);

		assert_true(n >= 0);
		have += (size_t)n;
		assert_true(have < sizeof(data));
	}
	/* The two whole records, and no spinning for the third. */
	assert_int_equal(have, 2 * 16384);
	close_peer(tls);
}

static void
a_read_takes_several_records(void **state)
{
	struct mqk_tls	*tls;
	static char	 data[40000], got[40000];

	(void)state;
	open_peer(TLS1_2_VERSION, &tls);
	server_says(data, sizeof(data));
	assert_int_equal(t.pipe->ops->read(t.pipe, got, sizeof(got), &t.e),
	    sizeof(got));
	assert_false(t.pipe->ops->pending(t.pipe));
	close_peer(tls);
}

static void
a_key_update_is_answered_when_there_is_room(void **state)
{
	struct mqk_tls		*tls;
	struct pipe_wait	 w;
	char			 got[8] = "";

	(void)state;
	open_peer(TLS1_3_VERSION, &tls);
	SSL_key_update(t.server, SSL_KEY_UPDATE_REQUESTED);
	assert_int_equal(SSL_do_handshake(t.server), 1);
	server_says("before", 6);
	client_reads("before");
	t.memory.room = 1;
	t.memory.nout = 1;
	assert_int_equal(t.pipe->ops->write(t.pipe, "after", 5, &t.e), 0);
	t.pipe->ops->wait(t.pipe, &w);
	assert_true((w.want & MQK_WRITE) != 0);
	t.memory.nout = 0;
	t.memory.room = 0;
	assert_int_equal(t.pipe->ops->write(t.pipe, "after", 5, &t.e), 5);
	tlspeer_turn(&t);
	assert_int_equal(SSL_read(t.server, got, sizeof(got)), 5);
	assert_string_equal(got, "after");
	t.pipe->ops->wait(t.pipe, &w);
	assert_int_equal(w.want, MQK_READ);
	close_peer(tls);
}

static void
close_notify_ends_the_stream_in_both_directions(void **state)
{
	struct mqk_tls	*tls;
	char		 got[8];

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		open_peer(versions[v], &tls);
		server_says("bye", 3);
		SSL_shutdown(t.server);
		tlspeer_turn(&t);
		assert_int_equal(t.pipe->ops->read(t.pipe, got, sizeof(got),
		    &t.e), 3);
		assert_int_equal(t.pipe->ops->read(t.pipe, got, sizeof(got),
		    &t.e), MQK_ECLOSED);
		assert_string_equal(t.e.text,
		    "memory: connection closed by peer");
		assert_int_equal(t.pipe->ops->shut(t.pipe), MQK_OK);
		tlspeer_turn(&t);
		SSL_read(t.server, got, sizeof(got));
		assert_true((SSL_get_shutdown(t.server) &
		    SSL_RECEIVED_SHUTDOWN) != 0);
		close_peer(tls);
	}
}

static void
a_farewell_waits_for_room(void **state)
{
	struct mqk_tls	*tls;

	(void)state;
	open_peer(TLS1_3_VERSION, &tls);
	t.memory.room = 1;
	t.memory.nout = 1;
	assert_int_equal(t.pipe->ops->shut(t.pipe), MQK_EAGAIN);
	t.memory.room = 0;
	t.memory.nout = 0;
	assert_int_equal(t.pipe->ops->shut(t.pipe), MQK_OK);
	assert_true(t.memory.nout > 0);
	close_peer(tls);
}

static void
a_stream_that_is_cut_is_closed_behind_its_last_record(void **state)
{
	struct mqk_tls	*tls;
	char		 got[64];

	(void)state;
	open_peer(TLS1_3_VERSION, &tls);
	client_reads("");
	server_says("whole", 5);
	server_says("cut off", 7);
	t.memory.nin -= 3;
	t.memory.ended = true;
	assert_int_equal(t.pipe->ops->read(t.pipe, got, sizeof(got), &t.e), 5);
	assert_true(t.pipe->ops->pending(t.pipe));
	assert_int_equal(t.pipe->ops->read(t.pipe, got, sizeof(got), &t.e),
	    MQK_ECLOSED);
	assert_string_equal(t.e.text, "memory: closed by peer");
	close_peer(tls);
}

static void
a_record_that_was_changed_is_refused(void **state)
{
	struct mqk_tls	*tls;
	char		 got[64];

	(void)state;
	open_peer(TLS1_3_VERSION, &tls);
	client_reads("");
	server_says("forged", 6);
	t.memory.in[t.memory.nin - 1] ^= 1;
	assert_int_equal(t.pipe->ops->read(t.pipe, got, sizeof(got), &t.e),
	    MQK_ETLS);
	close_peer(tls);
}

static void
a_handshake_cut_anywhere_fails_and_says_so(void **state)
{
	struct mqk_tls	*tls = trusting();
	size_t		 whole;
	int		 err;

	(void)state;
	tlspeer_new(&t, TLS1_3_VERSION);
	for (size_t cut = 0;; cut += 11) {
		tlspeer_connect(&t, &tls, "broker.example");
		assert_int_equal(t.pipe->ops->open(t.pipe, 0, &t.e),
		    MQK_EAGAIN);
		tlspeer_turn(&t);
		whole = t.memory.nin;
		if (cut >= whole)
			break;
		t.memory.nin = cut;
		t.memory.ended = true;
		err = t.pipe->ops->open(t.pipe, 0, &t.e);
		assert_int_equal(err, cut < 2 ? MQK_ETLS : MQK_ECLOSED);
		tlspeer_drop(&t);
	}
	close_peer(tls);
}

static void
a_lost_connection_is_resumed(void **state)
{
	struct mqk_tls	*tls;

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		open_peer(versions[v], &tls);
		assert_false(SSL_session_reused(t.server));
		server_says("x", 1);
		client_reads("x");
		for (int again = 0; again < 3; again++) {
			tlspeer_drop(&t);
			tlspeer_connect(&t, &tls, "broker.example");
			assert_int_equal(tlspeer_handshake(&t), MQK_OK);
			assert_true(SSL_session_reused(t.server));
			/* The next tickets come with the first data. */
			server_says("x", 1);
			client_reads("x");
		}
		tlspeer_drop(&t);
		tlspeer_connect(&t, &tls, "127.0.0.1");
		assert_int_equal(tlspeer_handshake(&t), MQK_OK);
		assert_false(SSL_session_reused(t.server));
		close_peer(tls);
	}
}

static void
the_certificate_must_be_trusted_and_for_the_host(void **state)
{
	static const struct {
		const char	*host;
		bool		 trusted;
		int		 err;
		const char	*cause, *words;
	} rows[] = {
		{ "broker.example", true, MQK_OK, NULL, NULL },
		{ "127.0.0.1", true, MQK_OK, NULL, NULL },
		{ "other.example", true, MQK_EVERIFY, "HOSTNAME_MISMATCH",
		  "is for broker.example, 127.0.0.1, not for other.example" },
		{ "127.0.0.2", true, MQK_EVERIFY, "IP_ADDRESS_MISMATCH",
		  "not for 127.0.0.2" },
		{ "broker.example", false, MQK_EVERIFY,
		  "DEPTH_ZERO_SELF_SIGNED_CERT", "CN=unit test is self-signed"
		},
	};
	struct mqk_tls	*tls;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tls = rows[i].trusted ? trusting() : NULL;
		tlspeer_new(&t, TLS1_3_VERSION);
		tlspeer_connect(&t, &tls, rows[i].host);
		assert_int_equal(tlspeer_handshake(&t), rows[i].err);
		if (rows[i].err != MQK_OK) {
			assert_string_equal(t.e.cause, rows[i].cause);
			assert_non_null(strstr(t.e.text, rows[i].words));
		}
		close_peer(tls);
	}
}

static void
an_alert_is_told_by_name_also_behind_the_handshake(void **state)
{
	struct mqk_tls	*tls;
	char		 got[8];
	ssize_t		 err;

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		tls = trusting();
		tlspeer_new(&t, versions[v]);
		SSL_CTX_set_verify(t.ctx, SSL_VERIFY_PEER |
		    SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		tlspeer_connect(&t, &tls, "broker.example");
		err = tlspeer_handshake(&t);
		if (err == MQK_OK)
			err = t.pipe->ops->read(t.pipe, got, sizeof(got),
			    &t.e);
		assert_int_equal(err, MQK_ETLS);
		assert_string_equal(t.e.cause, "certificate_required");
		assert_non_null(strstr(t.e.text,
		    "it wants a certificate of ours"));
		close_peer(tls);
	}
}

static void
a_write_that_fails_is_explained_by_the_alert_before_it(void **state)
{
	struct mqk_tls	*tls = trusting();
	char		 got[8];

	(void)state;
	tlspeer_new(&t, TLS1_3_VERSION);
	SSL_CTX_set_verify(t.ctx, SSL_VERIFY_PEER |
	    SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	tlspeer_connect(&t, &tls, "broker.example");
	assert_int_equal(tlspeer_handshake(&t), MQK_OK);
	t.memory.deaf = true;
	assert_int_equal(t.pipe->ops->write(t.pipe, "x", 1, &t.e), MQK_ETLS);
	assert_string_equal(t.e.cause, "certificate_required");
	assert_int_equal(t.pipe->ops->read(t.pipe, got, 1, &t.e), MQK_ETLS);
	assert_string_equal(t.e.cause, "certificate_required");
	close_peer(tls);
	open_peer(TLS1_3_VERSION, &tls);
	client_reads("");
	server_says("bye", 3);
	t.memory.deaf = true;
	assert_int_equal(t.pipe->ops->write(t.pipe, "x", 1, &t.e),
	    MQK_ECLOSED);
	assert_string_equal(t.e.text, "memory: reset by peer");
	client_reads("bye");
	close_peer(tls);
}

static void
a_port_without_tls_is_called_one(void **state)
{
	static const struct {
		const char	*answer, *text;
	} rows[] = {
		{ "", "TLS with memory: closed without an answer; this port "
		  "does not speak TLS" },
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", "TLS with memory: this "
		  "port does not speak TLS but HTTP" },
		{ "\x20\x02\x01\x01\x01", "TLS with memory: this port does "
		  "not speak TLS" },
	};
	struct mqk_tls	*tls = trusting();

	(void)state;
	tlspeer_new(&t, TLS1_3_VERSION);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tlspeer_connect(&t, &tls, "broker.example");
		assert_int_equal(t.pipe->ops->open(t.pipe, 0, &t.e),
		    MQK_EAGAIN);
		t.memory.nin = strlen(rows[i].answer);
		memcpy(t.memory.in, rows[i].answer, t.memory.nin);
		t.memory.ended = true;
		assert_int_equal(t.pipe->ops->open(t.pipe, 0, &t.e), MQK_ETLS);
		assert_string_equal(t.e.text, rows[i].text);
		assert_string_equal(t.e.cause, "not_tls");
		tlspeer_drop(&t);
		assert_true(t.memory.freed);
	}
	close_peer(tls);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(bytes_one_by_one_make_a_connection),
		cmocka_unit_test(
		    during_the_handshake_it_waits_for_what_openssl_wants),
		cmocka_unit_test(a_full_pipe_loses_and_doubles_nothing),
		cmocka_unit_test(what_is_decrypted_or_can_be_is_pending),
		cmocka_unit_test(a_read_takes_several_records),
		cmocka_unit_test(
		    a_key_update_is_answered_when_there_is_room),
		cmocka_unit_test(
		    close_notify_ends_the_stream_in_both_directions),
		cmocka_unit_test(a_farewell_waits_for_room),
		cmocka_unit_test(
		    a_stream_that_is_cut_is_closed_behind_its_last_record),
		cmocka_unit_test(a_record_that_was_changed_is_refused),
		cmocka_unit_test(a_handshake_cut_anywhere_fails_and_says_so),
		cmocka_unit_test(a_lost_connection_is_resumed),
		cmocka_unit_test(
		    the_certificate_must_be_trusted_and_for_the_host),
		cmocka_unit_test(
		    an_alert_is_told_by_name_also_behind_the_handshake),
		cmocka_unit_test(
		    a_write_that_fails_is_explained_by_the_alert_before_it),
		cmocka_unit_test(a_port_without_tls_is_called_one),
	};

	return (cmocka_run_group_tests(tests, tlspeer_make_files,
	    tlspeer_remove_files));
}
