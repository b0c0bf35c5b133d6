/* SPDX-License-Identifier: MIT */

/* Filters: which callbacks a message reaches, what is subscribed again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/internal.h"
#include "codec/frame.h"

static struct mqk_client *client;
static char		  calls[32];	/* names of the callbacks called */
static int		  answer;	/* what on_b says */

static int
note(void *name, int result)
{
	const char	*text = name;

	assert_true(strlen(calls) + strlen(text) < sizeof(calls));
	memcpy(calls + strlen(calls), text, strlen(text) + 1);
	return (result);
}

static int
on_a(struct mqk_client *c, const struct mqk_message *m, void *name)
{
	(void)c;
	(void)m;
	return (note(name, 0));
}

static int
on_b(struct mqk_client *c, const struct mqk_message *m, void *name)
{
	(void)c;
	(void)m;
	return (note(name, answer));
}

static int
on_rest(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	static char	 name[] = "*";

	(void)c;
	(void)m;
	(void)user;
	return (note(name, 0));
}

/* With a callback of that name, or without one. */
static int
subscribe(const char *topic, mqk_on_message_fn *fn, const char *name)
{
	struct mqk_filter	 f = { .topic = topic, .on_message = fn,
				    .user = (void *)(uintptr_t)name };

	return (mqk_subscribe(client, &f, 1, NULL));
}

static int
route(const char *topic, const struct mqk_props *props)
{
	struct mqk_message	 m = { .topic = topic, .props = props,
				    .topic_len = strlen(topic) };

	calls[0] = '\0';
	return (subs_route(client, &m));
}

/* A CONNACK for a session that has no socket. */
static void
connect_as(enum mqk_version version, bool session_present)
{
	struct packet_connect	 hello = { .version = version,
				    .client_id = { "x", 1 } };
	struct packet		 p = { .type = MQK_CONNACK };
	const struct event	*ev;
	struct buf		*out;

	assert_int_equal(session_wake(&client->session), MQK_OK);
	session_lost(client->session, 1);
	assert_int_equal(session_open(client->session, 1, &hello, 1000),
	    MQK_OK);
	out = session_output(client->session);
	session_sent(client->session, 1, buf_len(out));
	p.u.connack.session_present = session_present;
	assert_int_equal(session_receive(client->session, 2, &p), MQK_OK);
	for (ev = session_event(client->session); ev != NULL;
	    ev = session_event(client->session))
		if (ev->type == EVENT_CONNECTED)
			assert_int_equal(subs_connected(&client->subs,
			    client->session, &ev->u.connack), MQK_OK);
}

/* The next packet in the output must be a SUBSCRIBE. */
static void
next_subscribe(struct packet *p)
{
	struct buf	*out = session_output(client->session);
	const char	*why;
	size_t		 len;

	assert_int_equal(frame_next(buf_data(out), buf_len(out), PACKET_MAX,
	    &len), 1);
	assert_int_equal(packet_decode(p, session_version(client->session),
	    buf_data(out), len, &why), MQK_OK);
	assert_int_equal(p->type, MQK_SUBSCRIBE);
	session_sent(client->session, 3, len);
}

static void
expect_filter(const struct packet *p, size_t *cursor, const char *filter)
{
	struct mqk_bytes f;
	uint8_t		 options;

	assert_true(subscribe_next(p, cursor, &f, &options));
	assert_int_equal(f.len, strlen(filter));
	assert_memory_equal(f.data, filter, f.len);
}

static void
suback(uint16_t mid, size_t n)
{
	static const uint8_t	 zeros[8];
	struct packet		 p = { .type = MQK_SUBACK };
	const struct event	*ev;

	p.u.suback.mid = mid;
	p.u.suback.reasons.data = zeros;
	p.u.suback.reasons.len = n;
	assert_int_equal(session_receive(client->session, 4, &p), MQK_OK);
	for (ev = session_event(client->session); ev != NULL;
	    ev = session_event(client->session))
		if (ev->type == EVENT_ANSWERED)
			subs_answered(&client->subs, ev->u.answer.mid,
			    ev->u.answer.error,
			    ev->u.answer.reasons);
}

static int
set_up(void **state)
{
	struct mqk_handlers	 h = { .on_message = on_rest };

	(void)state;
	answer = 0;
	if (mqk_client_new(&client, NULL) < 0)
		return (-1);
	mqk_set_handlers(client, &h);
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	mqk_client_free(client);
	return (0);
}

/* ---- by matching ----------------------------------------------------- */

static void
every_matching_filter_is_called(void **state)
{
	(void)state;
	assert_true(subscribe("a/+", on_a, "1") > 0);
	assert_true(subscribe("a/#", on_a, "2") > 0);
	assert_true(subscribe("b", on_a, "3") > 0);
	assert_true(subscribe("$share/g/a/b", on_a, "4") > 0);
	route("a/b", NULL);
	assert_string_equal(calls, "124");
	route("b", NULL);
	assert_string_equal(calls, "3");
}

static void
what_no_filter_takes_goes_to_on_message(void **state)
{
	(void)state;
	assert_true(subscribe("a", on_a, "1") > 0);
	assert_true(subscribe("b", NULL, NULL) > 0);
	route("b", NULL);
	assert_string_equal(calls, "*");
	route("a", NULL);
	assert_string_equal(calls, "1");
}

static void
one_that_waits_makes_the_acknowledgement_wait(void **state)
{
	(void)state;
	assert_true(subscribe("a", on_a, "1") > 0);
	assert_true(subscribe("+", on_b, "2") > 0);
	answer = 0x83;
	assert_int_equal(route("a", NULL), 0x83);
	answer = MQK_ACK_LATER;
	assert_int_equal(route("a", NULL), MQK_ACK_LATER);
	assert_string_equal(calls, "12");
}

static void
a_filter_already_there_is_replaced(void **state)
{
	(void)state;
	assert_true(subscribe("a", on_a, "1") > 0);
	assert_true(subscribe("a", on_a, "2") > 0);
	route("a", NULL);
	assert_string_equal(calls, "2");
	assert_true(subscribe("a", NULL, NULL) > 0);
	assert_int_equal(client->subs.callbacks, 0);
}

static int
leave(struct mqk_client *c, const struct mqk_message *m, void *name)
{
	static const char *const both[] = { "a", "+" };

	(void)m;
	assert_true(mqk_unsubscribe(c, both, 2, NULL) > 0);
	return (note(name, 0));
}

static void
unsubscribed_inside_a_callback_is_not_called_any_more(void **state)
{
	(void)state;
	assert_true(subscribe("a", leave, "1") > 0);
	assert_true(subscribe("+", on_a, "2") > 0);
	assert_true(subscribe("#", on_a, "3") > 0);
	route("a", NULL);
	assert_string_equal(calls, "13");
}

static void
a_refused_request_is_not_remembered(void **state)
{
	struct mqk_filter	 f[2] = { { .topic = "a" },
				    { .topic = "#/a" } };

	(void)state;
	assert_int_equal(mqk_subscribe(client, f, 2, NULL), MQK_ETOPIC);
	assert_int_equal(mqk_subscribe(client, f, 0, NULL), MQK_EINVAL);
	f[0].topic = NULL;
	assert_int_equal(mqk_subscribe(client, f, 1, NULL), MQK_EINVAL);
	assert_int_equal(client->subs.n, 0);
}

/* ---- by identifier --------------------------------------------------- */

static void
identifiers_are_assigned_and_followed(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct packet		 p;
	uint32_t		 id;

	(void)state;
	connect_as(MQK_V5, false);
	assert_true(subscribe("a/#", on_a, "1") > 0);
	next_subscribe(&p);
	id = prop_num(&p.u.subscribe.props, MQK_P_SUBSCRIPTION_IDENTIFIER, 0);
	assert_int_not_equal(id, 0);
	assert_true(subscribe("a/b", on_a, "2") > 0);
	next_subscribe(&p);
	assert_int_not_equal(prop_num(&p.u.subscribe.props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER, 0), id);
	/* The topic would match both; the broker names one. */
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER, id), MQK_OK);
	route("a/b", props);
	assert_string_equal(calls, "1");
	mqk_props_free(props);
}

static void
no_callback_no_identifier(void **state)
{
	struct packet	 p;

	(void)state;
	connect_as(MQK_V5, false);
	assert_true(subscribe("a/#", NULL, NULL) > 0);
	next_subscribe(&p);
	assert_int_equal(p.u.subscribe.props.len, 0);
	connect_as(MQK_V311, false);
	assert_true(subscribe("b", on_a, "1") > 0);
	route("b", NULL);
	assert_string_equal(calls, "1");
}

/* ---- again ----------------------------------------------------------- */

static void
held_filters_are_subscribed_again_in_one_packet(void **state)
{
	struct packet	 p;
	size_t		 cursor = 0;

	(void)state;
	connect_as(MQK_V5, false);
	for (int i = 0; i < 2; i++) {
		assert_true(subscribe(i == 0 ? "a" : "b", NULL, NULL) > 0);
		next_subscribe(&p);
		suback(p.u.subscribe.mid, 1);
	}
	connect_as(MQK_V5, false);
	next_subscribe(&p);
	expect_filter(&p, &cursor, "a");
	expect_filter(&p, &cursor, "b");
	suback(p.u.subscribe.mid, 2);
	connect_as(MQK_V5, true);
	assert_int_equal(buf_len(session_output(client->session)), 0);
}

static void
forgotten_filters_are_not_subscribed_again(void **state)
{
	static const char *const a = "a";
	struct packet	 p;

	(void)state;
	connect_as(MQK_V5, false);
	assert_true(subscribe(a, NULL, NULL) > 0);
	next_subscribe(&p);
	suback(p.u.subscribe.mid, 1);
	assert_true(mqk_unsubscribe(client, &a, 1, NULL) > 0);
	assert_int_equal(client->subs.n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(every_matching_filter_is_called),
		TEST(what_no_filter_takes_goes_to_on_message),
		TEST(one_that_waits_makes_the_acknowledgement_wait),
		TEST(a_filter_already_there_is_replaced),
		TEST(unsubscribed_inside_a_callback_is_not_called_any_more),
		TEST(a_refused_request_is_not_remembered),
		TEST(identifiers_are_assigned_and_followed),
		TEST(no_callback_no_identifier),
		TEST(held_filters_are_subscribed_again_in_one_packet),
		TEST(forgotten_filters_are_not_subscribed_again),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
