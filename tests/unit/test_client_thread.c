/* SPDX-License-Identifier: MIT */

/* A client that runs on a thread of its own or is stopped from elsewhere. */

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "unit/peer.h"

#define PATIENCE_MS	20000
#define PUBLISHERS	8
#define EACH		2000

struct world {
	struct peer	 peer;
	struct mqk_client *client;
	atomic_int	 connected;
	atomic_int	 published;
	uint8_t		 packet[1u << 16];
};

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	struct world	*w = user;

	(void)c;
	(void)con;
	atomic_fetch_add(&w->connected, 1);
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct world	*w = user;

	(void)c;
	(void)r;
	atomic_fetch_add(&w->published, 1);
}

static int
set_up(void **state)
{
	struct mqk_handlers	 h = { .on_connected = on_connected,
				    .on_published = on_published };
	struct world		*w = calloc(1, sizeof(*w));
	struct mqk_options	 o = { .host = "127.0.0.1", .client_id = "x" };

	assert_non_null(w);
	peer_init(&w->peer);
	o.port = w->peer.port;
	o.user = w;
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_set_handlers(w->client, &h);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
	*state = w;
	return (0);
}

static int
tear_down(void **state)
{
	struct world	*w = *state;

	mqk_client_free(w->client);
	peer_fini(&w->peer);
	free(w);
	return (0);
}

/* An answer in hexadecimal, with the packet id that stands there. */
static void
send_answer(struct world *w, char *answer, const uint8_t *mid)
{
	static const char	 digits[] = "0123456789abcdef";

	for (int i = 0; i < 4; i++)
		answer[6 + i] = digits[mid[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	peer_send(&w->peer, answer);
}

/* Wait a moment for the client, then answer what it has said. */
static void
serve(struct world *w)
{
	char			 puback[] = "40 02 0000";
	char			 suback[] = "90 04 0000 00 00";
	struct pollfd		 p = { .fd = w->peer.fd, .events = POLLIN };
	size_t			 len;

	if (w->peer.fd == -1)
		p.fd = w->peer.listener;
	poll(&p, 1, 5);
	peer_turn(&w->peer);
	while (peer_packet(&w->peer, w->packet, &len)) {
		if (w->packet[0] == 0x10)
			peer_send(&w->peer, "20 03 00 00 00");
		else if (w->packet[0] == 0x32)
			send_answer(w, puback, w->packet + 5);
		else if (w->packet[0] == 0x82)
			send_answer(w, suback, w->packet + 2);
	}
}

static void
serve_until(struct world *w, atomic_int *counter, int n)
{
	int64_t	 limit = clock_ms() + PATIENCE_MS;

	while (atomic_load(counter) < n) {
		serve(w);
		if (clock_ms() > limit)
			fail_msg("%d of %d", atomic_load(counter), n);
	}
}

/* What other threads may do in between; a full queue is fine. */
static bool
meddle(struct mqk_client *c)
{
	struct mqk_filter	 f = { .topic = "t" };
	struct mqk_ack		 none = { .qos = 1 };
	struct mqk_stats	 stats;
	int			 err = mqk_subscribe(c, &f, 1, NULL);

	mqk_stats(c, &stats);
	return ((err > 0 || err == MQK_EAGAIN) && mqk_ack(c, none, 0,
	    NULL) < 0);
}

static void *
publisher(void *arg)
{
	struct world		*w = arg;
	struct mqk_publish	 p = { .topic = "t", .qos = 1 };
	int			 err;

	for (int i = 0; i < EACH; i++) {
		do {
			err = mqk_publish(w->client, &p);
			if (err == MQK_EAGAIN)
				sched_yield();
		} while (err == MQK_EAGAIN);
		if (err < 0 || (i % 64 == 0 && !meddle(w->client)))
			return (w);
	}
	return (NULL);
}

static void
threads_meddle_while_the_background_thread_runs(void **state)
{
	struct world	*w = *state;
	pthread_t	 threads[PUBLISHERS];
	struct mqk_stats stats;
	void		*failed;

	assert_int_equal(mqk_thread_start(w->client), MQK_OK);
	assert_int_equal(mqk_thread_start(w->client), MQK_ESTATE);
	serve_until(w, &w->connected, 1);
	for (int i = 0; i < PUBLISHERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, publisher,
		    w), 0);
	serve_until(w, &w->published, PUBLISHERS * EACH);
	for (int i = 0; i < PUBLISHERS; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	mqk_stats(w->client, &stats);
	assert_int_equal(stats.inflight, 0);
	assert_int_equal(mqk_state(w->client), MQK_UP);
	mqk_stop(w->client);
	assert_int_equal(mqk_thread_join(w->client), MQK_OK);
	assert_int_equal(mqk_thread_join(w->client), MQK_ESTATE);
}

/* Connect when the thread has had nothing to do and asked what now. */
static void
start_and_connect(struct world *w,
    enum mqk_policy (*ask)(struct mqk_client *, int, void *))
{
	struct mqk_handlers	 h = { .on_connected = on_connected,
				    .on_loop_failure = ask };
	struct mqk_options	 o = { .host = "127.0.0.1", .client_id = "x",
				    .port = w->peer.port, .user = w };

	mqk_client_free(w->client);
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_set_handlers(w->client, &h);
	assert_int_equal(mqk_thread_start(w->client), MQK_OK);
	while (atomic_load(&w->published) == 0)
		sched_yield();
	assert_int_equal(mqk_connect(w->client), MQK_OK);
	serve_until(w, &w->connected, 1);
}

static enum mqk_policy
on_loop_failure(struct mqk_client *c, int error, void *user)
{
	struct world	*w = user;

	(void)c;
	assert_int_equal(error, MQK_ESTATE);
	atomic_fetch_add(&w->published, 1);
	return (MQK_GIVE_UP);
}

/* There was nothing to do for it, and it has ended or is about to. */
static void
a_thread_started_too_early_is_started_again(void **state)
{
	struct world	*w = *state;

	start_and_connect(w, on_loop_failure);
	mqk_stop(w->client);
	assert_int_equal(mqk_thread_join(w->client), MQK_OK);
}

static enum mqk_policy
give_up_late(struct mqk_client *c, int error, void *user)
{
	struct world	*w = user;

	(void)error;
	atomic_fetch_add(&w->published, 1);
	while (mqk_state(c) == MQK_IDLE)
		sched_yield();
	return (MQK_GIVE_UP);
}

/* Who connects meanwhile finds a loop that runs, and must not lose it. */
static void
a_loop_that_gives_up_looks_again(void **state)
{
	start_and_connect(*state, give_up_late);
}

static void
free_joins_the_thread(void **state)
{
	struct world	*w = *state;

	assert_int_equal(mqk_thread_start(w->client), MQK_OK);
	serve_until(w, &w->connected, 1);
	mqk_client_free(w->client);
	w->client = NULL;
}

static void
free_me(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	struct world	*w = user;

	(void)con;
	mqk_client_free(c);
	atomic_fetch_add(&w->connected, 1);
}

static void
the_thread_may_free_the_client_itself(void **state)
{
	struct mqk_handlers	 h = { .on_connected = free_me };
	struct world		*w = *state;
	int64_t			 limit = clock_ms() + PATIENCE_MS;

	mqk_set_handlers(w->client, &h);
	assert_int_equal(mqk_thread_start(w->client), MQK_OK);
	serve_until(w, &w->connected, 1);
	w->client = NULL;
	while (!w->peer.ended && clock_ms() < limit)
		serve(w);
	assert_true(w->peer.ended);
}

/* ---- stopping -------------------------------------------------------- */

static struct mqk_client *to_stop;
static atomic_bool	  returned;

static void
on_signal(int number)
{
	(void)number;
	mqk_stop(to_stop);
}

/* Signals go on until the run has ended: one sent too early is no loss. */
static void *
sender(void *arg)
{
	pthread_t	*target = arg;

	while (!atomic_load(&returned)) {
		pthread_kill(*target, SIGUSR1);
		poll(NULL, 0, 1);
	}
	return (NULL);
}

static void
a_signal_handler_may_stop_the_run(void **state)
{
	struct sigaction	 sa = { .sa_handler = on_signal };
	struct world		*w = *state;
	pthread_t		 self = pthread_self(), thread;

	sigemptyset(&sa.sa_mask);
	to_stop = w->client;
	atomic_store(&returned, false);
	assert_int_equal(sigaction(SIGUSR1, &sa, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, sender, &self), 0);
	assert_int_equal(mqk_run(w->client), MQK_OK);
	atomic_store(&returned, true);
	pthread_join(thread, NULL);
}

static void
stop_before_run_is_not_lost(void **state)
{
	struct world	*w = *state;

	mqk_stop(w->client);
	assert_int_equal(mqk_run(w->client), MQK_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(threads_meddle_while_the_background_thread_runs),
		TEST(a_thread_started_too_early_is_started_again),
		TEST(a_loop_that_gives_up_looks_again),
		TEST(free_joins_the_thread),
		TEST(the_thread_may_free_the_client_itself),
		TEST(a_signal_handler_may_stop_the_run),
		TEST(stop_before_run_is_not_lost),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
