/* SPDX-License-Identifier: MIT */

/*
 * What users of MicroPython's client do, done through mqk.h: one callback for
 * all, and calls that wait for a message or look whether there is one.
 */

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "unit/broker.h"
#include "unit/fixture.h"

#define PATIENCE_MS	10000

/* The callback notes each message: length, topic, payload. */
struct log {
	unsigned	 n;
	size_t		 topic_len, payload_len;
	char		 topic[64];
	uint8_t		 payload[64];
};

static struct broker	  broker;
static struct mqk_client *client;
static struct log	  heard;

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	struct log	*log = user;

	(void)c;
	assert_true(m->topic_len < sizeof(log->topic));
	assert_true(m->payload.len <= sizeof(log->payload));
	log->n++;
	log->topic_len = m->topic_len;
	log->payload_len = m->payload.len;
	memcpy(log->topic, m->topic, m->topic_len + 1);
	memcpy(log->payload, m->payload.data, m->payload.len);
	return (0);
}

static void
connect_as(const char *id, const struct mqk_publish *will, int present)
{
	struct mqk_handlers	 h = { .on_message = on_message };
	struct mqk_options	 o = { .host = "127.0.0.1", .client_id = id,
				    .port = broker.port, .user = &heard,
				    .version = MQK_V311, .resume = true };

	assert_int_equal(mqk_client_new(&client, &o), MQK_OK);
	mqk_set_handlers(client, &h);
	assert_int_equal(mqk_set_will(client, will), MQK_OK);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, PATIENCE_MS), present);
}

static void
subscribe(const char *topic)
{
	struct mqk_filter	 f = { .topic = topic };

	assert_int_equal(mqk_wait_answer(client, mqk_subscribe(client, &f, 1,
	    NULL), PATIENCE_MS), MQK_OK);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	broker_start(&broker);
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

static void
connect_tells_whether_the_session_was_there(void **state)
{
	(void)state;
	connect_as("board", NULL, 0);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_wait_disconnected(client, PATIENCE_MS), MQK_OK);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, PATIENCE_MS), 1);
	mqk_client_free(client);
	connect_as("board", NULL, 1);
	assert_int_equal(mqk_wait_connected(client, 0), 1);
}

static void
wait_msg_blocks_until_there_is_one(void **state)
{
	struct mqk_publish	 p = { .topic = "led",
				    .payload = { "on", 2 } };

	(void)state;
	connect_as("board", NULL, 0);
	subscribe("led");
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(mqk_publish(client, &p), 0);
		assert_int_equal(mqk_wait_message(client, -1), MQK_OK);
		assert_int_equal(heard.n, i);
		assert_string_equal(heard.topic, "led");
	}
}

static void
wait_msg_ends_with_the_connection(void **state)
{
	struct mqk_handlers	 none = { .on_message = NULL };

	(void)state;
	connect_as("board", NULL, 0);
	mqk_set_handlers(client, &none);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_wait_message(client, -1), MQK_ESTOPPED);
}

/* Nothing there: nothing happens, at once. */
static void
check_msg_does_not_block(void **state)
{
	struct mqk_publish	 p = { .topic = "led" };
	struct mqk_interest	 i;
	struct pollfd		 pfd = { .events = POLLIN };
	int64_t			 began = clock_ms();

	(void)state;
	connect_as("board", NULL, 0);
	subscribe("led");
	for (int k = 0; k < 1000; k++)
		assert_int_equal(mqk_step(client, 0), MQK_OK);
	assert_int_equal(heard.n, 0);
	assert_true(clock_ms() - began < PATIENCE_MS / 2);
	assert_int_equal(mqk_publish(client, &p), 0);
	assert_int_equal(mqk_step(client, 0), MQK_OK);
	mqk_interest(client, &i);
	pfd.fd = i.fd;
	assert_int_equal(poll(&pfd, 1, PATIENCE_MS), 1);
	assert_int_equal(mqk_step(client, 0), MQK_OK);
	assert_int_equal(heard.n, 1);
}

static void
ping_is_answered(void **state)
{
	(void)state;
	connect_as("board", NULL, 0);
	assert_int_equal(mqk_ping(client), MQK_OK);
	while (atomic_load(&broker.pings) < 1)
		assert_int_equal(mqk_step(client, PATIENCE_MS), MQK_OK);
	assert_int_equal(mqk_state(client), MQK_UP);
}

static void
topics_and_payloads_are_bytes(void **state)
{
	static const uint8_t	 raw[] = { 0, 1, 0xff, 0x80, 0, '\n' };
	struct mqk_publish	 p = { .topic = "caf\xc3\xa9/\xe2\x82\xac",
				    .payload = { raw, sizeof(raw) } };

	(void)state;
	connect_as("board", NULL, 0);
	subscribe("#");
	assert_int_equal(mqk_publish(client, &p), 0);
	assert_int_equal(mqk_wait_message(client, PATIENCE_MS), MQK_OK);
	assert_int_equal(heard.payload_len, sizeof(raw));
	assert_memory_equal(heard.payload, raw, sizeof(raw));
	assert_int_equal(heard.topic_len, strlen(p.topic));
	assert_string_equal(heard.topic, p.topic);
}

static void
the_last_will_is_set_before_connect(void **state)
{
	struct mqk_publish	 will = { .topic = "state",
				    .payload = { "lost", 4 }, .qos = 1 };
	struct mqk_client	*board;

	(void)state;
	connect_as("board", &will, 0);
	board = client;
	connect_as("watcher", NULL, 0);
	subscribe("state");
	mqk_client_free(board);
	assert_int_equal(mqk_wait_message(client, PATIENCE_MS), MQK_OK);
	assert_int_equal(heard.payload_len, 4);
	assert_memory_equal(heard.payload, "lost", 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(connect_tells_whether_the_session_was_there),
		TEST(wait_msg_blocks_until_there_is_one),
		TEST(wait_msg_ends_with_the_connection),
		TEST(check_msg_does_not_block),
		TEST(ping_is_answered),
		TEST(topics_and_payloads_are_bytes),
		TEST(the_last_will_is_set_before_connect),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
