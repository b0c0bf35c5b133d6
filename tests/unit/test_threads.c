/* SPDX-License-Identifier: MIT */

/*
 * Eight threads do what they please with one client while its loop runs in the
 * background: publish, subscribe, unsubscribe, acknowledge, leave and come
 * back.  Nothing accepted may be left without an answer.
 */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/broker.h"
#include "unit/fixture.h"

#define THREADS		8
#define ROUNDS		1500
#define TOKENS		1024
#define PATIENCE_MS	20000

struct worker {
	pthread_t	 thread;
	uint32_t	 random;
	const char	*bad;		/* what went wrong; NULL: nothing */
};

static struct broker	  broker;
static struct mqk_client *client;
static atomic_uint	  accepted, answered, given, acked, left;

static struct {
	pthread_mutex_t	 mutex;
	struct mqk_ack	 at[TOKENS];
	unsigned	 n;
} tokens = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static uint32_t
next_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 17;
	w->random ^= w->random << 5;
	return (w->random);
}

/* ---- callbacks ------------------------------------------------------- */

static void
on_result(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	if (r->mid != 0)
		atomic_fetch_add(&answered, 1);
}

/* What finds no place is acknowledged with the others behind it. */
static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)user;
	atomic_fetch_add(&given, 1);
	if (m->qos == 0)
		return (0);
	pthread_mutex_lock(&tokens.mutex);
	tokens.at[tokens.n++ % TOKENS] = m->ack;
	pthread_mutex_unlock(&tokens.mutex);
	return (MQK_ACK_LATER);
}

/* ---- what a thread may do -------------------------------------------- */

/* Somebody may have ended the attempt of somebody else. */
static bool
come_back(void)
{
	int	 err = MQK_OK;

	if (mqk_state(client) == MQK_IDLE)
		err = mqk_connect(client);
	sched_yield();
	return (err == MQK_OK || err == MQK_ESTATE);
}

/* Is that an acceptable result of a request?  A full queue gets time. */
static bool
count(int mid)
{
	if (mid > 0)
		atomic_fetch_add(&accepted, 1);
	return (mid >= 0 || (mid == MQK_EAGAIN && come_back()));
}

static bool
do_publish(struct worker *w)
{
	struct mqk_publish	 p = { .topic = "t/1", .payload = { "x", 1 } };

	int			 mid;

	p.qos = next_random(w) % 3;
	do {
		mid = mqk_publish(client, &p);
	} while (count(mid) && mid == MQK_EAGAIN);
	return (mid >= 0);
}

static bool
do_subscribe(struct worker *w)
{
	static const char *const topics[] = { "t/+", "t/#", "other", "t/1" };
	struct mqk_filter	 f = { .topic = topics[next_random(w) % 4] };

	f.qos = next_random(w) % 3;
	if (next_random(w) % 2 == 0)
		f.on_message = on_message;
	return (count(mqk_subscribe(client, &f, 1, NULL)));
}

static bool
do_unsubscribe(struct worker *w)
{
	static const char *const topics[] = { "t/+", "t/#", "other" };

	return (count(mqk_unsubscribe(client, &topics[next_random(w) % 3], 1,
	    NULL)));
}

/* Others may have been faster, and connections end. */
static bool
do_ack(struct worker *w)
{
	struct mqk_ack	 ack = { .qos = 0 };
	int		 err;

	pthread_mutex_lock(&tokens.mutex);
	if (tokens.n > 0)
		ack = tokens.at[--tokens.n % TOKENS];
	pthread_mutex_unlock(&tokens.mutex);
	if (ack.qos == 0)
		return (true);
	err = next_random(w) % 4 == 0 ? mqk_ack_through(client, ack) :
	    mqk_ack(client, ack, 0, NULL);
	if (err == MQK_OK)
		atomic_fetch_add(&acked, 1);
	return (err == MQK_OK || err == MQK_ESTALE || err == MQK_EINVAL);
}

static bool
do_leave(struct worker *w)
{
	int	 err;

	if (next_random(w) % 16 != 0)
		return (true);
	err = mqk_disconnect(client, 0, NULL);
	if (err != MQK_OK)
		return (err == MQK_ESTATE);
	atomic_fetch_add(&left, 1);
	/* Not for long: somebody else may have connected again already. */
	return (mqk_wait_disconnected(client, 10) != MQK_ESTATE &&
	    come_back());
}

static bool
do_look(struct worker *w)
{
	struct mqk_stats	 stats;

	(void)w;
	mqk_stats(client, &stats);
	return (mqk_state(client) <= MQK_WAITING &&
	    mqk_last_error(client) <= MQK_OK);
}

static bool
do_wait(struct worker *w)
{
	struct mqk_publish	 p = { .topic = "t/1", .qos = 1 };
	int			 mid = mqk_publish(client, &p);
	int			 err;

	(void)w;
	if (!count(mid))
		return (false);
	err = mqk_wait_answer(client, mid, 1);
	return (err == MQK_OK || err == MQK_EAGAIN || err == MQK_ETIMEOUT ||
	    err == MQK_ESTOPPED);
}

static const struct deed {
	const char	*name;
	bool		(*run)(struct worker *);
	unsigned	 share;
} deeds[] = {
	{ "publish", do_publish, 8 },
	{ "subscribe", do_subscribe, 2 },
	{ "unsubscribe", do_unsubscribe, 1 },
	{ "ack", do_ack, 8 },
	{ "leave", do_leave, 1 },
	{ "look", do_look, 1 },
	{ "wait", do_wait, 1 },
};

static const struct deed *
choose(struct worker *w)
{
	unsigned	 sum = 0, pick;
	size_t		 i;

	for (i = 0; i < N(deeds); i++)
		sum += deeds[i].share;
	pick = next_random(w) % sum;
	for (i = 0; pick >= deeds[i].share; i++)
		pick -= deeds[i].share;
	return (&deeds[i]);
}

static void *
work(void *arg)
{
	struct worker		*w = arg;
	const struct deed	*d;

	for (int i = 0; i < ROUNDS && w->bad == NULL; i++) {
		d = choose(w);
		if (!d->run(w))
			w->bad = d->name;
	}
	return (NULL);
}

/* ---- the test -------------------------------------------------------- */

static void
start(void)
{
	struct mqk_handlers	 h = { .on_message = on_message,
				    .on_published = on_result,
				    .on_subscribed = on_result,
				    .on_unsubscribed = on_result };
	struct mqk_options	 o = { .host = "127.0.0.1",
				    .port = broker.port, .client_id = "many",
				    .resume = true, .manual_ack = true,
				    .background = true };

	assert_int_equal(mqk_client_new(&client, &o), MQK_OK);
	mqk_set_handlers(client, &h);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, PATIENCE_MS), 0);
}

static void
eight_threads_leave_nothing_unanswered(void **state)
{
	struct worker	 workers[THREADS];
	int		 err;

	(void)state;
	broker_start(&broker);
	start();
	for (uint32_t i = 0; i < THREADS; i++) {
		workers[i].random = 2463534242u + i * 7919;
		workers[i].bad = NULL;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
		    work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].bad != NULL)
			fail_msg("%s failed", workers[i].bad);
	}
	do {
		assert_true(come_back());
		err = mqk_wait_answer(client, 0, PATIENCE_MS);
	} while (err == MQK_ESTOPPED);	/* the last one to leave */
	assert_int_equal(err, MQK_OK);
	assert_int_equal(atomic_load(&answered), atomic_load(&accepted));
	assert_true(atomic_load(&given) > 0);
	assert_true(atomic_load(&acked) > 0);
	assert_true(atomic_load(&left) > 0);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	mqk_client_free(client);
	broker_stop(&broker);
}

static atomic_uint	  waiting;

static void *
wait_long(void *result)
{
	atomic_fetch_add(&waiting, 1);
	*(int *)result = mqk_wait_message(client, PATIENCE_MS);
	return (NULL);
}

static void
a_stopped_loop_ends_the_waits(void **state)
{
	pthread_t	 thread;
	int		 result = MQK_OK;

	(void)state;
	broker_start(&broker);
	start();
	assert_int_equal(pthread_create(&thread, NULL, wait_long, &result),
	    0);
	while (atomic_load(&waiting) == 0 ||
	    mqk_wait_message(client, 50) != MQK_ETIMEOUT)
		continue;
	mqk_stop(client);
	pthread_join(thread, NULL);
	assert_int_equal(result, MQK_ESTOPPED);
	mqk_client_free(client);
	broker_stop(&broker);
}

static void
free_it(struct mqk_client *c, const struct mqk_disconnected *d, void *user)
{
	(void)d;
	(void)user;
	mqk_client_free(c);
}

/* The last of them, or the loop's thread, destroys it. */
static void
a_client_freed_in_a_callback_ends_the_waits(void **state)
{
	struct mqk_handlers	 h = { .on_disconnected = free_it };
	pthread_t		 threads[2];
	int			 results[2];

	(void)state;
	atomic_store(&waiting, 0);
	broker_start(&broker);
	start();
	mqk_set_handlers(client, &h);
	for (size_t i = 0; i < N(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wait_long,
		    &results[i]), 0);
	while (atomic_load(&waiting) < N(threads) ||
	    mqk_wait_message(client, 50) != MQK_ETIMEOUT)
		continue;
	broker_cut(&broker);
	for (size_t i = 0; i < N(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(results[i], MQK_EFREED);
	}
	broker_stop(&broker);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(eight_threads_leave_nothing_unanswered),
		cmocka_unit_test(a_stopped_loop_ends_the_waits),
		cmocka_unit_test(a_client_freed_in_a_callback_ends_the_waits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
