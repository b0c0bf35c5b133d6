/* SPDX-License-Identifier: MIT */

/*
 * What users of lightweight clients (Paho embedded and its kin) do, done
 * through mqk.h: one call after the other, each with a time-out.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "unit/broker.h"
#include "unit/fixture.h"

#define COMMAND_MS	10000
#define CYCLE_MS	20

static struct broker	  broker;
static struct mqk_client *client;
static atomic_int	  connected, attempts, failures, messages, others;
static char		  text[64];

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	(void)c;
	(void)con;
	(void)user;
	atomic_fetch_add(&connected, 1);
}

static enum mqk_policy
before_reconnect(struct mqk_client *c, struct mqk_attempt *a, void *user)
{
	(void)c;
	(void)user;
	a->delay_ms = 1;
	atomic_fetch_add(&attempts, 1);
	return (MQK_RETRY);
}

static int
note(const struct mqk_message *m, atomic_int *count)
{
	assert_true(m->payload.len < sizeof(text));
	memcpy(text, m->payload.data, m->payload.len);
	text[m->payload.len] = '\0';
	atomic_fetch_add(count, 1);
	return (0);
}

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)user;
	return (note(m, &messages));
}

static int
on_other(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	return (note(m, user));
}

static void
make(struct mqk_options *o)
{
	struct mqk_handlers	 h = { .on_connected = on_connected,
				    .on_message = on_message,
				    .before_reconnect = before_reconnect };

	o->host = "127.0.0.1";
	o->port = broker.port;
	o->client_id = "light";
	o->keepalive_s = 30;
	assert_int_equal(mqk_client_new(&client, o), MQK_OK);
	mqk_set_handlers(client, &h);
}

static void
go_up(struct mqk_options *o)
{
	make(o);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, COMMAND_MS), 0);
}

static int
publish(const char *topic, const char *payload, uint8_t qos)
{
	struct mqk_publish	 p = { .topic = topic, .qos = qos };

	if (payload != NULL)
		p.payload = text_bytes(payload);
	return (mqk_publish(client, &p));
}

static int
subscribe(const char *topic, mqk_on_message_fn *fn, void *user)
{
	struct mqk_filter	 f = { .topic = topic, .qos = 1,
				    .on_message = fn, .user = user };

	return (mqk_wait_answer(client, mqk_subscribe(client, &f, 1, NULL),
	    COMMAND_MS));
}

static int
set_up(void **state)
{
	(void)state;
	broker_start(&broker);
	atomic_store(&connected, 0);
	atomic_store(&attempts, 0);
	atomic_store(&failures, 0);
	atomic_store(&messages, 0);
	atomic_store(&others, 0);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	mqk_client_free(client);
	client = NULL;
	broker_stop(&broker);
	return (0);
}

/* ---- commands -------------------------------------------------------- */

static void
connect_publish_subscribe_and_disconnect_one_by_one(void **state)
{
	const char		*topic = "a/#";
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	assert_int_equal(mqk_state(client), MQK_UP);
	assert_int_equal(subscribe(topic, NULL, NULL), MQK_OK);
	for (uint8_t qos = 0; qos <= 2; qos++)
		assert_int_equal(mqk_wait_answer(client, publish("a/b",
		    "hello", qos), COMMAND_MS), MQK_OK);
	while (atomic_load(&messages) < 3)
		assert_int_equal(mqk_wait_message(client, COMMAND_MS),
		    MQK_OK);
	assert_string_equal(text, "hello");
	assert_int_equal(mqk_wait_answer(client, mqk_unsubscribe(client,
	    &topic, 1, NULL), COMMAND_MS), MQK_OK);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_wait_disconnected(client, COMMAND_MS), MQK_OK);
	assert_int_equal(mqk_state(client), MQK_IDLE);
	assert_int_equal(atomic_load(&broker.disconnects), 1);
}

static void
a_payload_not_given_is_empty(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	assert_int_equal(subscribe("t", NULL, NULL), MQK_OK);
	memcpy(text, "before", sizeof("before"));
	assert_int_equal(mqk_wait_answer(client, publish("t", NULL, 1),
	    COMMAND_MS), MQK_OK);
	while (atomic_load(&messages) < 1)
		assert_int_equal(mqk_wait_message(client, COMMAND_MS),
		    MQK_OK);
	assert_string_equal(text, "");
}

static void
a_filter_has_a_callback_of_its_own(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	assert_int_equal(subscribe("own/+", on_other, &others), MQK_OK);
	assert_int_equal(subscribe("rest/+", NULL, NULL), MQK_OK);
	assert_int_equal(publish("own/1", "x", 0), 0);
	assert_int_equal(publish("rest/1", "y", 0), 0);
	while (atomic_load(&messages) < 1)
		assert_int_equal(mqk_wait_message(client, COMMAND_MS),
		    MQK_OK);
	assert_int_equal(atomic_load(&others), 1);
	assert_string_equal(text, "y");
}

static void
a_command_times_out(void **state)
{
	struct mqk_options	 o = { 0 };
	int64_t			 began;
	int			 mid;

	(void)state;
	go_up(&o);
	atomic_store(&broker.mute, true);
	began = clock_ms();
	mid = publish("t", "x", 1);
	assert_true(mid > 0);
	assert_int_equal(mqk_wait_answer(client, mid, 50), MQK_ETIMEOUT);
	assert_int_equal(mqk_wait_message(client, 50), MQK_ETIMEOUT);
	assert_in_range(clock_ms() - began, 99, COMMAND_MS);
}

static void
a_refusal_is_the_answer(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	atomic_store(&broker.refuse, true);
	assert_int_equal(subscribe("t", NULL, NULL), 0x87);
	assert_int_equal(mqk_wait_answer(client, publish("t", "x", 1),
	    COMMAND_MS), 0x87);
	assert_int_equal(mqk_wait_answer(client, publish("t", "x", 2),
	    COMMAND_MS), 0x87);
	atomic_store(&broker.refuse, false);
	assert_int_equal(mqk_wait_answer(client, publish("t", "x", 1),
	    COMMAND_MS), MQK_OK);
	assert_int_equal(mqk_wait_answer(client, publish("+", "x", 1),
	    COMMAND_MS), MQK_ETOPIC);
	assert_int_equal(mqk_wait_answer(client, 65536, 0), MQK_EINVAL);
}

static void
a_disconnect_times_out_and_can_be_waited_for_again(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	atomic_store(&broker.mute, true);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_wait_disconnected(client, 10), MQK_ETIMEOUT);
	assert_int_equal(mqk_state(client), MQK_LEAVING);
	assert_int_equal(mqk_wait_disconnected(client, COMMAND_MS), MQK_OK);
}

/* ---- attempts -------------------------------------------------------- */

static void
the_last_attempt_has_a_return_code(void **state)
{
	struct mqk_options	 o = { .reconnect = { .off = true } };

	(void)state;
	atomic_store(&broker.password, "secret");
	make(&o);
	assert_int_equal(mqk_set_credentials(client, "me",
	    text_bytes("wrong")), MQK_OK);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, COMMAND_MS),
	    MQK_EREFUSED);
	assert_int_equal(mqk_last_error(client), MQK_EREFUSED);
	assert_int_equal(mqk_last_reason(client), 0x86);
	assert_int_equal(mqk_set_credentials(client, "me",
	    text_bytes("secret")), MQK_OK);
	assert_int_equal(mqk_reconnect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, COMMAND_MS), 0);
	assert_int_equal(mqk_last_error(client), MQK_OK);
	assert_int_equal(mqk_last_reason(client), 0);
}

static void
callbacks_run_before_reconnect_and_after_connect(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	assert_int_equal(atomic_load(&connected), 1);
	assert_int_equal(atomic_load(&attempts), 0);
	broker_cut(&broker);
	while (atomic_load(&connected) < 2)
		assert_int_equal(mqk_step(client, COMMAND_MS), MQK_OK);
	assert_int_equal(atomic_load(&attempts), 1);
	assert_int_equal(mqk_reconnect(client), MQK_OK);
	while (atomic_load(&connected) < 3)
		assert_int_equal(mqk_step(client, COMMAND_MS), MQK_OK);
	assert_int_equal(mqk_state(client), MQK_UP);
}

static void
the_will_is_published_for_who_drops_out(void **state)
{
	struct mqk_options	 o = { .reconnect = { .off = true } };
	struct mqk_publish	 will = { .topic = "gone",
				    .payload = { "light", 5 } };
	struct mqk_options	 watcher = { .host = "127.0.0.1",
				    .port = broker.port,
				    .client_id = "watcher" };
	struct mqk_filter	 f = { .topic = "gone",
				    .on_message = on_other, .user = &others };
	struct mqk_client	*w;

	(void)state;
	assert_int_equal(mqk_client_new(&w, &watcher), MQK_OK);
	assert_int_equal(mqk_connect(w), MQK_OK);
	assert_int_equal(mqk_wait_connected(w, COMMAND_MS), 0);
	assert_int_equal(mqk_wait_answer(w, mqk_subscribe(w, &f, 1, NULL),
	    COMMAND_MS), MQK_OK);
	make(&o);
	assert_int_equal(mqk_set_will(client, &will), MQK_OK);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, COMMAND_MS), 0);
	mqk_client_free(client);
	client = NULL;
	assert_int_equal(mqk_wait_message(w, COMMAND_MS), MQK_OK);
	assert_string_equal(text, "light");
	mqk_client_free(w);
}

/* ---- the loop -------------------------------------------------------- */

static void
a_loop_cycle_ends_after_its_time(void **state)
{
	struct mqk_options	 o = { 0 };
	int64_t			 began;

	(void)state;
	go_up(&o);
	began = clock_ms();
	for (int i = 0; i < 5; i++)
		assert_int_equal(mqk_step(client, CYCLE_MS), MQK_OK);
	assert_in_range(clock_ms() - began, 5 * CYCLE_MS - 5, COMMAND_MS);
}

/* The first failure is put up with, the second ends the loop. */
static enum mqk_policy
on_loop_failure(struct mqk_client *c, int error, void *user)
{
	(void)user;
	assert_int_equal(error, MQK_EREFUSED);
	if (atomic_fetch_add(&failures, 1) > 0)
		return (MQK_GIVE_UP);
	assert_int_equal(mqk_connect(c), MQK_OK);
	return (MQK_RETRY);
}

static void
a_failed_loop_is_kept_alive_or_broken_by_callback(void **state)
{
	struct mqk_handlers	 h = { .on_loop_failure = on_loop_failure };
	struct mqk_options	 o = { .reconnect = { .off = true } };

	(void)state;
	atomic_store(&broker.password, "secret");
	make(&o);
	mqk_set_handlers(client, &h);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_run(client), MQK_EREFUSED);
	assert_int_equal(atomic_load(&failures), 2);
	assert_int_equal(atomic_load(&broker.connects), 2);
}

static void
use_in_background(void)
{
	assert_int_equal(mqk_wait_connected(client, COMMAND_MS), 0);
	assert_int_equal(subscribe("t", NULL, NULL), MQK_OK);
	assert_int_equal(mqk_wait_answer(client, publish("t", "x", 2),
	    COMMAND_MS), MQK_OK);
	while (atomic_load(&messages) < 1)
		assert_int_not_equal(mqk_wait_message(client, 10),
		    MQK_ESTATE);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_wait_disconnected(client, COMMAND_MS), MQK_OK);
}

static void
the_background_loop_is_started_by_hand(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	make(&o);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_thread_start(client), MQK_OK);
	assert_int_equal(mqk_step(client, 0), MQK_ESTATE);
	use_in_background();
	assert_int_equal(mqk_thread_join(client), MQK_OK);
}

static void
the_background_loop_is_started_by_connect(void **state)
{
	struct mqk_options	 o = { .background = true };

	(void)state;
	make(&o);
	for (int i = 0; i < 3; i++) {
		atomic_store(&messages, 0);
		assert_int_equal(mqk_connect(client), MQK_OK);
		use_in_background();
	}
	assert_int_equal(mqk_reconnect(client), MQK_OK);
	assert_true(mqk_wait_connected(client, COMMAND_MS) >= 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(connect_publish_subscribe_and_disconnect_one_by_one),
		TEST(a_payload_not_given_is_empty),
		TEST(a_filter_has_a_callback_of_its_own),
		TEST(a_command_times_out),
		TEST(a_refusal_is_the_answer),
		TEST(a_disconnect_times_out_and_can_be_waited_for_again),
		TEST(the_last_attempt_has_a_return_code),
		TEST(callbacks_run_before_reconnect_and_after_connect),
		TEST(the_will_is_published_for_who_drops_out),
		TEST(a_loop_cycle_ends_after_its_time),
		TEST(a_failed_loop_is_kept_alive_or_broken_by_callback),
		TEST(the_background_loop_is_started_by_hand),
		TEST(the_background_loop_is_started_by_connect),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
