/* SPDX-License-Identifier: MIT */

/* What a call that fails leaves behind: a code, and a sentence about it. */

#include "unit/fixture.h"

#include <pthread.h>
#include <stdio.h>

#include "unit/memclient.h"

/* ---- without a client ------------------------------------------------ */

static const struct mqk_broker	 brokers[] = {
	{ .url = "mqtt://a" }, { .url = "mqtt://b", .user = "\xff" }
};
static const char *const	 headers[] = { "no header", NULL };

static const struct {
	struct mqk_options	 o;
	const char		*text;
} mistakes[] = {
	{ { .url = "127.0.0.1:1883" }, "URL: there is no scheme such as "
	    "mqtt://" },
	{ { .url = "tcp://h" }, "URL: the scheme is none of mqtt mqtts ws wss "
	    "unix" },
	{ { .url = "mqtt://h:0" }, "URL: the port is not between 1 and "
	    "65535" },
	{ { .url = "mqtt://%ff@h" }, "h: user or password is too long or not "
	    "UTF-8" },
	{ { .scheme = "tcp" }, "tcp://: no such transport" },
	{ { .host = "a b" }, "host: 'a b' is no name or address" },
	{ { .scheme = "unix", .host = "" }, "host: '' is no name or "
	    "address" },
	{ { .brokers = brokers }, "brokers: 0, not 1 to 64" },
	{ { .nbrokers = 1 }, "brokers: 1, but the list is NULL" },
	{ { .brokers = brokers, .nbrokers = 2 }, "brokers[1]: b: user or "
	    "password is too long or not UTF-8" },
	{ { .version = 6 }, "version: 6 is none of 0 (auto) 3 4 5" },
	{ { .keepalive_s = 70000 }, "keepalive_s: 70000 is above 65535" },
	{ { .client_id = "\xff" }, "client_id: longer than 65535 bytes or "
	    "not UTF-8" },
	{ { .ws_headers = headers }, "ws_headers[0]: not of the form "
	    "'Name: value'" },
	{ { .proxy = "h:1" }, "proxy: there is no scheme such as http://" },
	{ { .proxy = "mqtt://h" }, "proxy: the scheme is none of http "
	    "socks5h" },
};

static void
a_client_that_can_not_be_has_a_sentence(void **state)
{
	struct mqk_client	*c;

	(void)state;
	for (size_t i = 0; i < N(mistakes); i++) {
		assert_int_equal(mqk_client_new(&c, &mistakes[i].o),
		    MQK_EINVAL);
		assert_null(c);
		assert_int_equal(mqk_last_error(c), MQK_EINVAL);
		assert_string_equal(mqk_last_error_text(c), mistakes[i].text);
	}
}

static void
a_property_that_does_not_fit_is_named(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_options	 o = { .props = props };
	struct mqk_client	*c;

	(void)state;
	assert_int_equal(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS, 1),
	    MQK_OK);
	assert_int_equal(mqk_client_new(&c, &o), MQK_EINVAL);
	assert_string_equal(mqk_last_error_text(c),
	    "props: CONNECT can't have topic-alias");
	mqk_props_free(props);
}

static void *
look(void *arg)
{
	(void)arg;
	assert_int_equal(mqk_last_error(NULL), MQK_OK);
	assert_string_equal(mqk_last_error_text(NULL), "");
	return (NULL);
}

static void
other_threads_know_nothing_of_it(void **state)
{
	struct mqk_client	*c;
	pthread_t		 thread;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &mistakes[0].o), MQK_EINVAL);
	assert_int_equal(pthread_create(&thread, NULL, look, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_string_equal(mqk_last_error_text(c), mistakes[0].text);
}

/* ---- calls ------------------------------------------------------------ */

static void
expect(const struct mqk_client *c, int result, int err, const char *text)
{
	assert_int_equal(result, err);
	assert_int_equal(mqk_last_error(c), err);
	assert_string_equal(mqk_last_error_text(c), text);
}

static struct mqk_client *
make(const struct mqk_options *o)
{
	struct mqk_client	*c;

	assert_int_equal(mqk_client_new(&c, o), MQK_OK);
	return (c);
}

/* Up, with MQTT 5; the broker said that in CONNACK. */
static struct mqk_client *
make_up(const char *connack)
{
	static const struct mqk_options	 o = { .version = MQK_V5,
				    .reconnect.off = true, .max_queue = 1 };
	struct mqk_client		*c = make(&o);

	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	assert_int_equal(memclient_hear_text(c, connack), MQK_OK);
	assert_int_equal(mqk_state(c), MQK_UP);
	return (c);
}

static void
settings_name_what_is_wrong(void **state)
{
	static char		 big[65536];
	struct mqk_client	*c = make(NULL);
	struct mqk_bytes	 none = { NULL, 0 };
	struct mqk_publish	 will = { .topic = "a/#" };
	struct mqk_hook		 hook = { .run = NULL };

	(void)state;
	assert_string_equal(mqk_last_error_text(c), "");
	expect(c, mqk_set_credentials(c, "\xff", none), MQK_EINVAL,
	    "credentials: user or password is too long or not UTF-8");
	expect(c, mqk_set_will(c, &will), MQK_ETOPIC,
	    "will: 'a/#' is no valid topic");
	will.topic = "a";
	will.qos = 3;
	expect(c, mqk_set_will(c, &will), MQK_EINVAL,
	    "will: qos: 3 is above 2");
	will.qos = 0;
	will.payload = (struct mqk_bytes){ big, sizeof(big) };
	expect(c, mqk_set_will(c, &will), MQK_EINVAL,
	    "will: payload: 65536 bytes are more than 65535");
	expect(c, mqk_set_store(c, NULL), MQK_EINVAL, "store: there is none");
	expect(c, mqk_hook_add(c, &hook), MQK_EINVAL,
	    "hook: there is no run()");
	expect(c, mqk_set_url(c, "h"), MQK_EINVAL,
	    "URL: there is no scheme such as mqtt://");
	expect(c, mqk_begin(c), MQK_ESTATE, "begin: there is no store");
	expect(c, mqk_commit(c), MQK_ESTATE, "commit: no batch is open");
	mqk_client_free(c);
}

static void
a_client_that_never_connected_says_so(void **state)
{
	static const char	 text[] = "not connected: mqk_connect() has "
				    "not been called";
	struct mqk_client	*c = make(NULL);

	(void)state;
	expect(c, mqk_wait_connected(c, -1), MQK_ESTATE, text);
	expect(c, mqk_wait_message(c, -1), MQK_ESTATE, text);
	expect(c, mqk_step(c, -1), MQK_ESTATE, text);
	expect(c, mqk_ready(c, 0), MQK_ESTATE, text);
	expect(c, mqk_run(c), MQK_ESTATE, text);
	expect(c, mqk_disconnect(c, 0, NULL), MQK_ESTATE,
	    "disconnect: not connected");
	expect(c, mqk_ping(c), MQK_ESTATE,
	    "ping: not connected");
	expect(c, mqk_thread_join(c), MQK_ESTATE, "join: there is no thread");
	mqk_client_free(c);
}

static void
requests_name_what_is_wrong(void **state)
{
	struct mqk_client	*c = make_up("20 03 00 00 00");
	struct mqk_publish	 p = { .topic = "a/#" };
	struct mqk_filter	 f[] = { { .topic = "a" }, { .topic = "a#" } };
	const char		*bad = "a#";
	struct mqk_ack		 ack = { .qos = 1, .mid = 7 };

	(void)state;
	expect(c, mqk_publish(c, &p), MQK_ETOPIC,
	    "publish to 'a/#': no topic that can be published to");
	p.topic = "a";
	p.qos = 3;
	expect(c, mqk_publish(c, &p), MQK_EINVAL,
	    "publish to 'a': qos: 3 is above 2");
	p.qos = 0;
	p.payload.len = 1;
	expect(c, mqk_publish_many(c, &p, 1), MQK_EINVAL,
	    "publish to 'a': payload: NULL, but of 1 bytes");
	expect(c, mqk_subscribe(c, f, 2, NULL), MQK_ETOPIC,
	    "subscribe to 'a#': no valid filter");
	f[1] = (struct mqk_filter){ .topic = "b", .retain_handling = 3 };
	expect(c, mqk_subscribe(c, f, 2, NULL), MQK_EINVAL,
	    "subscribe to 'b': retain_handling is above 2");
	f[1] = (struct mqk_filter){ .topic = "$share/g/b", .no_local = true };
	expect(c, mqk_subscribe(c, f, 2, NULL), MQK_EINVAL, "subscribe to "
	    "'$share/g/b': no_local does not go with a shared subscription");
	expect(c, mqk_subscribe(c, NULL, 1, NULL), MQK_EINVAL,
	    "subscribe: there is no filter");
	expect(c, mqk_unsubscribe(c, &bad, 1, NULL), MQK_ETOPIC,
	    "unsubscribe from 'a#': no valid filter");
	expect(c, mqk_unsubscribe(c, NULL, 1, NULL), MQK_EINVAL,
	    "unsubscribe: there is no filter");
	expect(c, mqk_ack(c, ack, 0, NULL), MQK_ESTALE,
	    "acknowledge: message 7 belongs to an earlier connection");
	expect(c, mqk_ack(c, ack, 1, NULL), MQK_EINVAL,
	    "acknowledge: reason: 0x01 is none of PUBACK");
	expect(c, mqk_auth(c, 0x18, NULL), MQK_ESTATE,
	    "AUTH: not connected, not with MQTT 5, or nothing to be said "
	    "now");
	expect(c, mqk_connect(c), MQK_ESTATE,
	    "connect: the client is not idle");
	expect(c, mqk_disconnect(c, 0x02, NULL), MQK_EINVAL,
	    "DISCONNECT: reason: 0x02 is none of it");
	mqk_client_free(c);
}

/* Maximum QoS 1, no retained messages, no wildcards, 64 bytes. */
static void
what_the_broker_does_not_take_is_named(void **state)
{
	static char		 big[100];
	struct mqk_client	*c = make_up("20 0e 00 00 0b 24 01 25 00 28 00 "
				    "27 00000040");
	struct mqk_publish	 p = { .topic = "a", .qos = 2 };
	struct mqk_filter	 f = { .topic = "a/#" };

	(void)state;
	expect(c, mqk_publish(c, &p), MQK_ENOTSUP,
	    "publish to 'a': qos: the broker takes 1 at most, not 2");
	p.qos = 1;
	p.retain = true;
	expect(c, mqk_publish(c, &p), MQK_ENOTSUP, "publish to 'a': retain: "
	    "the broker takes no retained messages");
	p.retain = false;
	p.payload = (struct mqk_bytes){ big, sizeof(big) };
	expect(c, mqk_publish(c, &p), MQK_ETOOBIG, "publish to 'a': more than "
	    "the 64 bytes that a packet may have");
	expect(c, mqk_subscribe(c, &f, 1, NULL), MQK_ENOTSUP,
	    "subscribe to 'a/#': the broker takes no wildcards");
	mqk_client_free(c);
}

/* For who is not in a callback while a thread runs the loop. */
static void
a_text_may_be_copied(void **state)
{
	struct mqk_client	*c = make(NULL);
	char			 text[32], little[6];

	(void)state;
	assert_int_equal(mqk_last_error_text_r(c, text, sizeof(text)), MQK_OK);
	assert_string_equal(text, "");
	assert_int_equal(mqk_ping(c), MQK_ESTATE);
	assert_int_equal(mqk_last_error_text_r(c, little, sizeof(little)),
	    MQK_ESTATE);
	assert_string_equal(little, "ping:");
	mqk_set_handlers(c, NULL);
	mqk_stop(NULL);
	mqk_client_free(c);
	assert_int_equal(mqk_client_new(&c, &mistakes[0].o), MQK_EINVAL);
	assert_int_equal(mqk_last_error_text_r(NULL, text, sizeof(text)),
	    MQK_EINVAL);
	assert_string_equal(text, "URL: there is no scheme such as");
}

static void
a_text_belongs_to_the_last_failure(void **state)
{
	static const struct mqk_options	 o = { .max_queue = 1 };
	struct mqk_client	*c = make(&o);
	struct mqk_publish	 p = { .topic = "#" };
	struct mqk_filter	 f = { .topic = "#" };

	(void)state;
	assert_int_equal(mqk_publish(c, &p), MQK_ETOPIC);
	p.topic = "a";
	p.qos = 1;
	assert_int_equal(mqk_publish(c, &p), 1);
	expect(c, mqk_publish(c, &p), MQK_EAGAIN,
	    "publish: max_queue or max_bytes is reached");
	expect(c, mqk_subscribe(c, &f, 1, NULL), MQK_EAGAIN,
	    "subscribe: max_queue or max_bytes is reached");
	assert_int_equal(mqk_connect(c), MQK_OK);
	expect(c, mqk_wait_answer(c, 1, 0), MQK_ETIMEOUT,
	    "no answer to packet 1 within 0 ms");
	expect(c, mqk_wait_connected(c, 0), MQK_ETIMEOUT,
	    "no connection within 0 ms");
	expect(c, mqk_wait_answer(c, 70000, 0), MQK_EINVAL,
	    "packet ids end at 65535");
	mqk_stop(c);
	expect(c, mqk_step(c, 0), MQK_ESTOPPED, "mqk_stop() was called");
	mqk_client_free(c);
}

static void
wait_inside(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	static const char	 text[] = "loop: not possible in a callback";

	(void)con;
	(void)user;
	expect(c, mqk_wait_message(c, 0), MQK_ESTATE, text);
	expect(c, mqk_step(c, 0), MQK_ESTATE, text);
	expect(c, mqk_run(c), MQK_ESTATE, text);
	expect(c, mqk_thread_start(c), MQK_ESTATE, text);
}

static void
fail_inside(struct mqk_client *c, const struct mqk_disconnected *d, void *user)
{
	(void)user;
	assert_int_equal(d->error, MQK_ECLOSED);
	assert_int_equal(mqk_ping(c), MQK_ESTATE);
}

static enum mqk_policy
look_at_attempt(struct mqk_client *c, struct mqk_attempt *a, void *user)
{
	(void)c;
	++*(int *)user;
	assert_int_equal(a->last_error, MQK_ECLOSED);
	return (MQK_GIVE_UP);
}

static void
an_attempt_is_told_why_it_must_be(void **state)
{
	struct mqk_handlers	 h = { .on_disconnected = fail_inside,
				    .before_reconnect = look_at_attempt };
	int			 looks = 0;
	struct mqk_options	 o = { .version = MQK_V5, .user = &looks };
	struct mqk_client	*c = make(&o);

	(void)state;
	mqk_set_handlers(c, &h);
	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	assert_int_equal(memclient_hear_text(c, "20 03 00 00 00"), MQK_OK);
	memclient_pipe.ended = true;
	assert_int_equal(memclient_turn(c), MQK_ECLOSED);
	assert_int_equal(looks, 1);
	mqk_client_free(c);
}

static void
what_is_not_for_callbacks_says_so(void **state)
{
	struct mqk_handlers	 h = { .on_connected = wait_inside };
	struct mqk_client	*c = make(NULL);

	(void)state;
	mqk_set_handlers(c, &h);
	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	assert_int_equal(memclient_hear_text(c, "20 03 00 00 00"), MQK_OK);
	assert_int_equal(mqk_last_error(c), MQK_ESTATE);
	mqk_client_free(c);
}

/* ---- warnings --------------------------------------------------------- */

#define CONNACK	"20 03 00 00 00"
#define MESSAGE	"32 08 0003 'a/b' 0001 00"
#define AGAIN	"32 08 0003 'a/b' 0002 00"

struct warnings {
	unsigned	 n;
	char		 text[300];
};

static void
on_log(struct mqk_client *c, enum mqk_log kind, const char *text, void *user)
{
	struct warnings	*w = user;

	(void)c;
	if (kind != MQK_LOG_WARNING)
		return;
	w->n++;
	snprintf(w->text, sizeof(w->text), "%s", text);
}

static int
say_one(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)m;
	(void)user;
	return (1);
}

/* Each text comes once, or in an order of which the last is looked at. */
static struct mqk_client *
hear_two(struct mqk_options *o, mqk_on_message_fn *on_message)
{
	struct mqk_handlers	 h = { .on_log = on_log,
				    .on_message = on_message };
	struct mqk_client	*c = make(o);

	mqk_set_handlers(c, &h);
	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	assert_int_equal(memclient_hear_text(c, CONNACK MESSAGE), MQK_OK);
	assert_int_equal(memclient_hear_text(c, AGAIN), MQK_OK);
	return (c);
}

static void
messages_nobody_hears_are_in_the_log(void **state)
{
	struct mqk_filter	 f = { .topic = "x", .on_message = say_one };
	struct warnings		 w = { 0 };
	struct mqk_options	 o = { .version = MQK_V5, .user = &w };
	struct mqk_client	*c = hear_two(&o, NULL);

	(void)state;
	assert_int_equal(w.n, 1);
	assert_string_equal(w.text, "no callback for 'a/b', nor for what may "
	    "follow: acknowledged and dropped (mqk_set_handlers() and "
	    "mqk_subscribe() belong before mqk_connect())");
	assert_int_equal(mqk_reconnect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	assert_int_equal(mqk_subscribe(c, &f, 1, NULL), 1);
	assert_int_equal(memclient_hear_text(c, CONNACK MESSAGE), MQK_OK);
	assert_int_equal(w.n, 2);
	mqk_client_free(c);
}

static void
a_result_that_is_no_reason_is_in_the_log(void **state)
{
	struct warnings		 w = { 0 };
	struct mqk_options	 o = { .version = MQK_V5, .user = &w };

	(void)state;
	mqk_client_free(hear_two(&o, say_one));
	assert_int_equal(w.n, 1);
	assert_string_equal(w.text, "on_message returned 1, no reason code of "
	    "PUBACK: message 1 is not acknowledged");
}

static int
say_nothing(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)m;
	(void)user;
	return (0);
}

static void
a_session_that_ends_is_in_the_log(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct warnings		 w = { 0 };
	struct mqk_options	 o = { .version = MQK_V5, .resume = true,
				    .client_id = "x", .user = &w };

	(void)state;
	mqk_client_free(hear_two(&o, say_nothing));
	assert_int_equal(w.n, 1);
	assert_string_equal(w.text, "resume: the session ends with this "
	    "connection, there is no session-expiry-interval");
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_SESSION_EXPIRY_INTERVAL, 60), MQK_OK);
	o.props = props;
	mqk_client_free(hear_two(&o, say_nothing));
	assert_int_equal(w.n, 1);
	mqk_props_free(props);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_client_that_can_not_be_has_a_sentence),
		cmocka_unit_test(a_property_that_does_not_fit_is_named),
		cmocka_unit_test(other_threads_know_nothing_of_it),
		cmocka_unit_test(settings_name_what_is_wrong),
		cmocka_unit_test(a_client_that_never_connected_says_so),
		cmocka_unit_test(requests_name_what_is_wrong),
		cmocka_unit_test(what_the_broker_does_not_take_is_named),
		cmocka_unit_test(a_text_may_be_copied),
		cmocka_unit_test(a_text_belongs_to_the_last_failure),
		cmocka_unit_test(messages_nobody_hears_are_in_the_log),
		cmocka_unit_test(a_result_that_is_no_reason_is_in_the_log),
		cmocka_unit_test(a_session_that_ends_is_in_the_log),
		cmocka_unit_test(an_attempt_is_told_why_it_must_be),
		cmocka_unit_test(what_is_not_for_callbacks_says_so),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
