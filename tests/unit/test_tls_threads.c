/* SPDX-License-Identifier: MIT */

/*
 * Several threads with one mqk_tls: connections, their sessions, which all
 * are kept under one name, the key log and the last reference.
 */

#include "unit/fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/tls.h"
#include "unit/tlspeer.h"

#define THREADS	8
#define ROUNDS	12

static char	 log_file[] = "/tmp/keylogXXXXXX";

/* A thread may not fail a test: it tells what went wrong. */
struct worker {
	pthread_t	 thread;
	struct mqk_tls	*tls;		/* a reference of its own */
	struct tlspeer	*peer;
	const char	*failure;	/* NULL: none */
	int		 resumed;
};

/* "ping" through the connection that stands. */
static const char *
use(struct worker *w)
{
	struct tlspeer	*t = w->peer;
	char		 got[8] = "";

	if (t->pipe->ops->write(t->pipe, "ping", 4, &t->e) != 4)
		return ("write");
	tlspeer_turn(t);
	if (SSL_read(t->server, got, sizeof(got)) != 4)
		return ("what was written did not arrive");
	if (SSL_write(t->server, "pong", 4) != 4)
		return ("the server can't write");
	tlspeer_turn(t);
	if (t->pipe->ops->read(t->pipe, got, sizeof(got), &t->e) != 4)
		return ("read");
	return (strncmp(got, "pong", 4) == 0 ? NULL : "other bytes");
}

static void *
work(void *arg)
{
	struct worker	*w = arg;

	for (int i = 0; i < ROUNDS && w->failure == NULL; i++) {
		tlspeer_connect(w->peer, &w->tls, "broker.example");
		if (tlspeer_handshake(w->peer) != MQK_OK)
			w->failure = "handshake";
		else
			w->failure = use(w);
		w->resumed += SSL_session_reused(w->peer->server);
		tlspeer_drop(w->peer);
	}
	mqk_tls_free(w->tls);
	return (NULL);
}

static struct mqk_tls *
shared(void)
{
	struct mqk_tls_options	 o = {
		.ca_file = tlspeer_cert_file,
		.keylog_file = log_file,
	};
	struct mqk_tls		*tls;
	char			 why[256] = "";

	if (mqk_tls_new(&tls, &o, why, sizeof(why)) != MQK_OK)
		fail_msg("%s", why);
	return (tls);
}

static void
threads_share_one(int version)
{
	static char	 keys[80] = "of all tickets";
	struct worker	*w = calloc(THREADS, sizeof(*w));
	struct mqk_tls	*tls = shared();
	int		 resumed = 0;

	for (int i = 0; i < THREADS; i++) {
		w[i].tls = tls_ref(tls);
		w[i].peer = calloc(1, sizeof(*w[i].peer));
		tlspeer_new(w[i].peer, version);
		/* Whatever connection a session is from, it fits all. */
		SSL_CTX_set_tlsext_ticket_keys(w[i].peer->ctx, keys,
		    sizeof(keys));
	}
	mqk_tls_free(tls);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&w[i].thread, NULL, work,
		    &w[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		if (w[i].failure != NULL)
			fail_msg("%s: %s", w[i].failure, w[i].peer->e.text);
		resumed += w[i].resumed;
		tlspeer_free(w[i].peer);
		free(w[i].peer);
	}
	free(w);
	assert_true(resumed >= THREADS * (ROUNDS - 1) / 2);
}

static void
with_tls_1_2(void **state)
{
	(void)state;
	threads_share_one(TLS1_2_VERSION);
}

static void
with_tls_1_3(void **state)
{
	(void)state;
	threads_share_one(TLS1_3_VERSION);
}

static int
make_files(void **state)
{
	close(mkstemp(log_file));
	return (tlspeer_make_files(state));
}

static int
remove_files(void **state)
{
	unlink(log_file);
	return (tlspeer_remove_files(state));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(with_tls_1_2),
		cmocka_unit_test(with_tls_1_3),
	};

	return (cmocka_run_group_tests(tests, make_files, remove_files));
}
