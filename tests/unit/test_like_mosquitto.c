/* SPDX-License-Identifier: MIT */

/*
 * What users of the mosquitto module do, done through mqk.h: loop(), a
 * callback for everything that happens, and their object in each of them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "unit/broker.h"
#include "unit/fixture.h"

#define LOOP_MS		1000		/* the default of loop() */
#define PATIENCE_MS	10000

/* The user's object. */
struct app {
	int		 connects, disconnects, published, messages;
	int		 subscribed, unsubscribed;
	bool		 asked_for;
	int		 mid;
	uint8_t		 granted[4];
	size_t		 ngranted;
	char		 payload[16];
};

static struct broker	  broker;
static struct mqk_client *client;
static struct app	  app;

static void
on_connect(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	struct app	*a = user;

	assert_ptr_equal(mqk_client_user(c), a);
	assert_int_equal(con->version, MQK_V5);
	a->connects++;
}

static void
on_disconnect(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	struct app	*a = user;

	(void)c;
	a->disconnects++;
	a->asked_for = d->by_us;
}

static void
on_publish(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct app	*a = user;

	(void)c;
	assert_int_equal(r->error, MQK_OK);
	a->published++;
	a->mid = r->mid;
}

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	struct app	*a = user;

	(void)c;
	assert_true(m->payload.len < sizeof(a->payload));
	memcpy(a->payload, m->payload.data, m->payload.len);
	a->payload[m->payload.len] = '\0';
	a->messages++;
	return (0);
}

static void
on_subscribe(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct app	*a = user;

	(void)c;
	assert_true(r->nreasons <= sizeof(a->granted));
	memcpy(a->granted, r->reasons, r->nreasons);
	a->ngranted = r->nreasons;
	a->mid = r->mid;
	a->subscribed++;
}

static void
on_unsubscribe(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct app	*a = user;

	(void)c;
	a->mid = r->mid;
	a->unsubscribed++;
}

static void
loop_until(const int *count, int n)
{
	int64_t	 limit = clock_ms() + PATIENCE_MS;

	while (*count < n && clock_ms() < limit)
		assert_int_equal(mqk_step(client, LOOP_MS), MQK_OK);
	assert_int_equal(*count, n);
}

static int
set_up(void **state)
{
	struct mqk_handlers	 h = {
		.on_connected = on_connect,
		.on_disconnected = on_disconnect,
		.on_published = on_publish,
		.on_message = on_message,
		.on_subscribed = on_subscribe,
		.on_unsubscribed = on_unsubscribe,
	};
	struct mqk_options	 o = { .host = "127.0.0.1", .user = &app,
				    .client_id = "module",
				    .reconnect = { .min_ms = 1,
				    .max_ms = 10 } };

	(void)state;
	memset(&app, 0, sizeof(app));
	broker_start(&broker);
	o.port = broker.port;
	assert_int_equal(mqk_client_new(&client, &o), MQK_OK);
	mqk_set_handlers(client, &h);
	assert_int_equal(mqk_connect(client), MQK_OK);
	loop_until(&app.connects, 1);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	mqk_client_free(client);
	broker_stop(&broker);
	return (0);
}

static void
loop_returns_after_its_time_out(void **state)
{
	int64_t	 began = clock_ms();

	(void)state;
	assert_int_equal(mqk_step(client, LOOP_MS), MQK_OK);
	assert_in_range(clock_ms() - began, LOOP_MS - 1, LOOP_MS * 5);
}

static void
a_disconnect_says_whether_it_was_asked_for(void **state)
{
	(void)state;
	broker_cut(&broker);
	loop_until(&app.connects, 2);
	assert_int_equal(app.disconnects, 1);
	assert_false(app.asked_for);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	while (mqk_step(client, LOOP_MS) == MQK_OK)
		continue;
	assert_int_equal(app.disconnects, 2);
	assert_true(app.asked_for);
}

static void
publish_is_answered_by_its_mid(void **state)
{
	struct mqk_publish	 p = { .topic = "t" };
	int			 mid;

	(void)state;
	for (uint8_t qos = 1; qos <= 2; qos++) {
		p.qos = qos;
		mid = mqk_publish(client, &p);
		assert_true(mid > 0);
		loop_until(&app.published, qos);
		assert_int_equal(app.mid, mid);
	}
}

static void
subscribe_grants_a_list(void **state)
{
	static const uint8_t	 granted[] = { 2, 0, 1 };
	const struct mqk_filter	 f[] = {
		{ .topic = "a", .qos = 2 },
		{ .topic = "b/+" },
		{ .topic = "c/#", .qos = 1 },
	};
	const char		*topics[] = { "a", "b/+" };
	struct mqk_publish	 p = { .topic = "c/d",
				    .payload = { "text", 4 } };
	int			 mid = mqk_subscribe(client, f, 3, NULL);

	(void)state;
	assert_true(mid > 0);
	loop_until(&app.subscribed, 1);
	assert_int_equal(app.mid, mid);
	assert_int_equal(app.ngranted, 3);
	assert_memory_equal(app.granted, granted, 3);
	assert_int_equal(mqk_publish(client, &p), 0);
	loop_until(&app.messages, 1);
	assert_string_equal(app.payload, "text");
	mid = mqk_unsubscribe(client, topics, 2, NULL);
	loop_until(&app.unsubscribed, 1);
	assert_int_equal(app.mid, mid);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(loop_returns_after_its_time_out),
		TEST(a_disconnect_says_whether_it_was_asked_for),
		TEST(publish_is_answered_by_its_mid),
		TEST(subscribe_grants_a_list),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
