/* SPDX-License-Identifier: MIT */

/*
 * What users of clients with callbacks on packet types do, done through mqk.h:
 * hooks with a condition and a priority, a publish whose acknowledgement is
 * waited for, a loop on a thread.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/broker.h"
#include "unit/fixture.h"

#define PATIENCE_MS	10000

static struct broker	  broker;
static struct mqk_client *client;
static atomic_int	  specific, general, conditional, messages;
static atomic_uint	  types_seen;

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)m;
	(void)user;
	atomic_fetch_add(&messages, 1);
	return (0);
}

/* Takes the packet: those behind it do not run. */
static enum mqk_verdict
take(struct mqk_client *c, const struct mqk_packet *p, void *count)
{
	(void)c;
	(void)p;
	atomic_fetch_add((atomic_int *)count, 1);
	return (MQK_SKIP_REST);
}

static enum mqk_verdict
collect(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	(void)c;
	(void)user;
	atomic_fetch_or(&types_seen, MQK_TYPE(p->type));
	return (MQK_PASS);
}

static bool
in_first_room(const struct mqk_packet *p, void *user)
{
	(void)user;
	return (strncmp(p->message->topic, "room/1/", 7) == 0);
}

static void
add_hook(unsigned types, int priority,
    bool (*when)(const struct mqk_packet *, void *),
    enum mqk_verdict (*run)(struct mqk_client *, const struct mqk_packet *,
    void *), void *user)
{
	struct mqk_hook	 h = { .types = types, .priority = priority,
			    .directions = MQK_IN, .when = when, .run = run,
			    .user = user };

	assert_true(mqk_hook_add(client, &h) >= 0);
}

static void
make(struct mqk_options *o)
{
	struct mqk_handlers	 h = { .on_message = on_message };

	o->host = "127.0.0.1";
	o->port = broker.port;
	o->client_id = "hooks";
	o->reconnect.min_ms = 1;
	o->reconnect.max_ms = 10;
	assert_int_equal(mqk_client_new(&client, o), MQK_OK);
	mqk_set_handlers(client, &h);
}

static void
go_up(struct mqk_options *o)
{
	make(o);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_connected(client, PATIENCE_MS), 0);
}

static int
publish(const char *topic, uint8_t qos)
{
	struct mqk_publish	 p = { .topic = topic, .qos = qos };

	return (mqk_publish(client, &p));
}

static void
subscribe(const char *topic, uint8_t qos)
{
	struct mqk_filter	 f = { .topic = topic, .qos = qos };

	assert_int_equal(mqk_wait_answer(client, mqk_subscribe(client, &f, 1,
	    NULL), PATIENCE_MS), MQK_OK);
}

/* With a loop of our own or one on a thread. */
static void
wait_messages(int n)
{
	while (atomic_load(&messages) < n)
		assert_int_not_equal(mqk_wait_message(client, 10),
		    MQK_ESTATE);
}

static int
set_up(void **state)
{
	(void)state;
	atomic_store(&specific, 0);
	atomic_store(&general, 0);
	atomic_store(&conditional, 0);
	atomic_store(&messages, 0);
	atomic_store(&types_seen, 0);
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

/* ---- hooks ----------------------------------------------------------- */

static void
general_hooks_run_when_no_specific_one_took_the_packet(void **state)
{
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	add_hook(0, -1, NULL, take, &general);
	add_hook(MQK_TYPE(MQK_PUBLISH), 0, NULL, take, &specific);
	add_hook(MQK_TYPE(MQK_PUBLISH), 1, in_first_room, take, &conditional);
	subscribe("room/#", 0);
	assert_int_equal(atomic_load(&general), 1);	/* SUBACK */
	assert_int_equal(publish("room/1/lamp", 0), 0);
	assert_int_equal(publish("room/2/lamp", 0), 0);
	wait_messages(2);
	assert_int_equal(atomic_load(&conditional), 1);
	assert_int_equal(atomic_load(&specific), 1);
	assert_int_equal(atomic_load(&general), 1);
}

static void
every_packet_type_has_its_hook(void **state)
{
	const unsigned		 all = MQK_TYPE(MQK_PUBLISH) |
				    MQK_TYPE(MQK_PUBACK) |
				    MQK_TYPE(MQK_PUBREC) |
				    MQK_TYPE(MQK_PUBREL) |
				    MQK_TYPE(MQK_PUBCOMP) |
				    MQK_TYPE(MQK_SUBACK) |
				    MQK_TYPE(MQK_UNSUBACK) |
				    MQK_TYPE(MQK_PINGREQ) |
				    MQK_TYPE(MQK_PINGRESP);
	struct mqk_hook		 h = { .types = all, .run = collect };
	struct mqk_options	 o = { 0 };
	const char		*topic = "t";

	(void)state;
	go_up(&o);
	assert_true(mqk_hook_add(client, &h) >= 0);
	subscribe(topic, 2);
	for (uint8_t qos = 1; qos <= 2; qos++)
		assert_int_equal(mqk_wait_answer(client, publish(topic, qos),
		    PATIENCE_MS), MQK_OK);
	assert_int_equal(mqk_wait_answer(client, mqk_unsubscribe(client,
	    &topic, 1, NULL), PATIENCE_MS), MQK_OK);
	assert_int_equal(mqk_ping(client), MQK_OK);
	while (atomic_load(&types_seen) != all)
		assert_int_equal(mqk_step(client, PATIENCE_MS), MQK_OK);
}

/* ---- acknowledgements ------------------------------------------------ */

static void
one_acknowledgement_is_waited_for_by_its_mid(void **state)
{
	struct mqk_options	 o = { 0 };
	int			 mids[5];

	(void)state;
	go_up(&o);
	for (int i = 0; i < 5; i++)
		mids[i] = publish("t", 1);
	assert_int_equal(mqk_wait_answer(client, mids[2], PATIENCE_MS),
	    MQK_OK);
	assert_int_equal(mqk_wait_answer(client, mids[0], 0), MQK_OK);
	assert_int_equal(mqk_wait_answer(client, 0, PATIENCE_MS), MQK_OK);
	assert_int_equal(atomic_load(&broker.publishes), 5);
}

static void
subscribe_and_unsubscribe_take_several_topics(void **state)
{
	const struct mqk_filter	 f[] = { { .topic = "a" }, { .topic = "b" } };
	const char		*topics[] = { "a", "b" };
	struct mqk_options	 o = { 0 };

	(void)state;
	go_up(&o);
	assert_int_equal(mqk_wait_answer(client, mqk_subscribe(client, f, 2,
	    NULL), PATIENCE_MS), MQK_OK);
	publish("a", 0);
	publish("b", 0);
	wait_messages(2);
	assert_int_equal(mqk_wait_answer(client, mqk_unsubscribe(client,
	    topics, 2, NULL), PATIENCE_MS), MQK_OK);
}

static void
a_lost_connection_discards_no_message(void **state)
{
	struct mqk_options	 o = { 0 };
	int			 mid;

	(void)state;
	make(&o);
	publish("early", 0);
	mid = publish("early", 2);
	assert_true(mid > 0);
	assert_int_equal(mqk_connect(client), MQK_OK);
	assert_int_equal(mqk_wait_answer(client, mid, PATIENCE_MS), MQK_OK);
	broker_cut(&broker);
	while (mqk_state(client) == MQK_UP)
		assert_int_equal(mqk_step(client, PATIENCE_MS), MQK_OK);
	mid = publish("late", 1);
	assert_int_equal(mqk_wait_answer(client, mid, PATIENCE_MS), MQK_OK);
	assert_true(atomic_load(&broker.publishes) >= 3);
	assert_int_equal(atomic_load(&broker.connects), 2);
}

static atomic_int	  released;

static enum mqk_verdict
see_release(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	(void)c;
	(void)p;
	(void)user;
	assert_int_equal(atomic_load(&messages), 0);
	atomic_fetch_add(&released, 1);
	return (MQK_PASS);
}

static void
a_qos_2_message_is_given_at_pubrel(void **state)
{
	struct mqk_options	 o = { .qos2_at_release = true };

	(void)state;
	atomic_store(&released, 0);
	go_up(&o);
	add_hook(MQK_TYPE(MQK_PUBREL), 0, NULL, see_release, NULL);
	subscribe("t", 2);
	assert_true(publish("t", 2) > 0);
	wait_messages(1);
	assert_int_equal(atomic_load(&released), 1);
}

/* ---- the connection -------------------------------------------------- */

static void
expect_option(int fd, int level, int name, int value)
{
	socklen_t	 len = sizeof(int);
	int		 is;

	assert_int_equal(getsockopt(fd, level, name, &is, &len), 0);
	assert_int_equal(is, value);
}

static void
tcp_keep_alive_has_count_idle_and_interval(void **state)
{
	struct mqk_options	 o = { .tcp = { .keep_count = 3,
				    .keep_idle_s = 20,
				    .keep_interval_s = 5 } };
	struct mqk_interest	 i;

	(void)state;
	go_up(&o);
	mqk_interest(client, &i);
	expect_option(i.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	expect_option(i.fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	expect_option(i.fd, IPPROTO_TCP, TCP_KEEPIDLE, 20);
	expect_option(i.fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
}

static void
a_loop_on_a_thread_gives_all_messages_to_one_callback(void **state)
{
	struct mqk_options	 o = { .background = true };

	(void)state;
	go_up(&o);
	subscribe("#", 1);
	for (int i = 0; i < 100; i++)
		assert_true(publish("t", 1) > 0);
	wait_messages(100);
	assert_int_equal(mqk_disconnect(client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_wait_disconnected(client, PATIENCE_MS), MQK_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(general_hooks_run_when_no_specific_one_took_the_packet),
		TEST(every_packet_type_has_its_hook),
		TEST(one_acknowledgement_is_waited_for_by_its_mid),
		TEST(subscribe_and_unsubscribe_take_several_topics),
		TEST(a_lost_connection_discards_no_message),
		TEST(a_qos_2_message_is_given_at_pubrel),
		TEST(tcp_keep_alive_has_count_idle_and_interval),
		TEST(a_loop_on_a_thread_gives_all_messages_to_one_callback),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
