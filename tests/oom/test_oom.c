/* SPDX-License-Identifier: MIT */

/*
 * Each story below is told again and again: first with the first allocation
 * failing, then with the second, and so on until none fails any more; and once
 * more with all behind it failing too.  Each time a call or a connection must
 * end with MQK_ENOMEM, or all must be as if nothing had failed; the client
 * must be able to connect and publish afterwards; and nothing may be left when
 * it has been freed.
 */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "client/scram.h"
#include "oom/calmstore.h"
#include "oom/world.h"
#include "transport/transport.h"
#include "unit/memclient.h"

#define RUNS_MAX	2000

int	__real_transport_new(struct pipe **, const struct transport_options *,
	    struct error *);

static struct mqk_props *
props_with_alias(void)
{
	struct mqk_props	*p = mqk_props_new();

	assert_non_null(p);
	assert_int_equal(mqk_props_add_num(p, MQK_P_TOPIC_ALIAS, 1), MQK_OK);
	assert_int_equal(mqk_props_add_pair(p, text_bytes("key"),
	    text_bytes("value")), MQK_OK);
	return (p);
}

static void
on_log(struct mqk_client *c, enum mqk_log kind, const char *text, void *user)
{
	(void)c;
	(void)kind;
	(void)user;
	assert_non_null(text);
}

/* ---- stories --------------------------------------------------------- */

static void
making(void)
{
	static const char *const headers[] = { "A: b", "C: d", NULL };
	struct mqk_publish	 will = { .topic = "w", .payload = { "x", 1 } };
	struct mqk_options	 o = {
		.url = "mqtt://user:pa%20ss@[::1]:1884",
		.ws_headers = headers,
		.proxy = "http://u:p@proxy:8080",
		.bind_address = "127.0.0.1",
		.ws_path = "/m",
	};

	if (world_make(&o)) {
		(void)CALL(mqk_set_credentials(world.client, "user",
		    text_bytes("secret")));
		(void)CALL(mqk_set_will(world.client, &will));
		(void)CALL(mqk_set_will(world.client, &will));
		(void)CALL(mqk_set_url(world.client, "mqtt://other:1885"));
		world_connect();
	}
	world_end();
}

static void
publishing(void)
{
	struct mqk_props	*props = props_with_alias();

	if (world_make_plain(MQK_V5)) {
		world_publish(0, 100, NULL);
		world_publish(1, 100, NULL);
		world_connect();
		for (uint8_t qos = 0; qos < 3; qos++) {
			world_publish(qos, 100, NULL);
			world_publish(qos, 100, props);
			world_publish(qos, 100, props);
			world_publish(qos, BIG, NULL);
		}
		world_serve();
	}
	world_end();
	mqk_props_free(props);
}

static void
publishing_much(void)
{
	if (world_make_plain(MQK_V311)) {
		world_connect();
		world.silent = true;
		for (int i = 0; i < 40; i++)
			world_publish((uint8_t)(i % 3), 500, NULL);
		world_serve();
		world_lose();
	}
	world_end();
}

static int64_t
read_source(void *arg, uint32_t offset, void *to, size_t len)
{
	(void)arg;
	(void)offset;
	memset(to, 'x', len);
	return ((int64_t)len);
}

static void
streaming(void)
{
	struct mqk_source	 source = { .len = BIG, .read = read_source };
	struct mqk_publish	 m = { .topic = "a", .source = &source };

	if (world_make_plain(MQK_V5)) {
		world_connect();
		for (m.qos = 0; m.qos < 3; m.qos++) {
			if (CALL(mqk_publish(world.client, &m)) > 0)
				world.accepted++;
			world_publish(1, 100, NULL);
			world_serve();
		}
	}
	world_end();
}

static void
subscribing(void)
{
	static const struct mqk_filter	 filters[] = {
		{ .topic = "a/+", .on_message = world_on_message },
		{ .topic = "b" },
		{ .topic = "$share/g/c", .qos = 2 },
	};
	static const char *const	 gone[] = { "b", "d" };
	struct mqk_props		*props = mqk_props_new();

	assert_non_null(props);
	assert_int_equal(mqk_props_add_pair(props, text_bytes("k"),
	    text_bytes("v")), MQK_OK);
	if (world_make_plain(MQK_V5)) {
		(void)CALL(mqk_subscribe(world.client, filters, 3, props));
		world_connect();
		(void)CALL(mqk_subscribe(world.client, filters, 2, NULL));
		world_serve();
		(void)CALL(mqk_unsubscribe(world.client, gone, 2, props));
		world_serve();
		world_lose();
		world.fresh = true;
		world_connect();
	}
	world_end();
	mqk_props_free(props);
}

static void
receiving(void)
{
	static uint8_t	 large[4 + 3 + BIG] = { 0x30, 0xa3, 0x9c, 0x01,
			    0, 1, 'a' };

	if (world_make_plain(MQK_V311)) {
		world_connect();
		world_say("30 04 0001'a' 'x' 32 05 0001'a' 0001"
		    "34 05 0001'a' 0002");
		world_serve();
		mempipe_say(&memclient_pipe, large, sizeof(large));
		world_serve();
		world_say("34 05 0001'b' 0003 34 05 0001'c' 0004"
		    "32 05 0001'a' 0005");
		world_serve();
		if (!failing_happened())
			assert_int_equal(world.messages, 7);
	}
	world_end();
}

/* QoS 2 messages that are given at PUBREL. */
static void
releasing(void)
{
	struct mqk_options	 o = { .version = MQK_V311,
				    .qos2_at_release = true };

	if (world_make(&o)) {
		world_connect();
		world_say("34 06 0001'a' 0001 'x' 34 06 0001'b' 0002 'y'");
		world_serve();
		world_say("62 02 0001 62 02 0002");
		world_serve();
		if (!failing_happened())
			assert_int_equal(world.messages, 2);
	}
	world_end();
}

/* Topics by alias, and acknowledgements with properties, last one first. */
static void
acknowledging(void)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_options	 o = { .version = MQK_V5, .manual_ack = true };

	assert_non_null(props);
	assert_int_equal(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS_MAXIMUM,
	    9), MQK_OK);
	o.props = props;
	if (world_make(&o)) {
		world_connect();
		world_say("32 09 0004'a/bc' 0001 00"
		    "32 0a 0001'a' 0002 03 23 0001'x'"
		    "34 0a 0001'b' 0003 03 23 0009'y'"
		    "30 06 0000 03 23 0001");
		world_serve();
		mqk_props_free(props);
		props = mqk_props_new();
		assert_non_null(props);
		assert_int_equal(mqk_props_add_str(props, MQK_P_REASON_STRING,
		    text_bytes("no")), MQK_OK);
		for (int i = world.messages == 4 ? 2 : -1; i >= 0; i--)
			(void)CALL(mqk_ack(world.client, world.later[i],
			    0x80, props));
		world_serve();
	}
	world_end();
	mqk_props_free(props);
}

static void
reconnecting(void)
{
	if (world_make_plain(MQK_V5)) {
		world_connect();
		world.silent = true;
		for (int i = 0; i < 9; i++)
			world_publish((uint8_t)(i % 3), 200, NULL);
		world_serve();
		world_lose();
		world_publish(2, 100, NULL);
		world.silent = false;
		world_connect();
	}
	world_end();
}

/* The broker comes back as one that knows 3.1.1 only. */
static void
changing_the_version(void)
{
	struct mqk_props	*props = props_with_alias();

	if (world_make_plain(MQK_V_AUTO)) {
		world_publish(1, 100, props);
		world_publish(2, 100, props);
		world_publish(0, 100, props);
		world.refused = MQK_V5;
		world_connect();
	}
	world_end();
	mqk_props_free(props);
}

static enum mqk_verdict
see_packet(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	(void)c;
	(void)user;
	return (p->type == MQK_PINGRESP ? MQK_DROP : MQK_PASS);
}

static void
watching(void)
{
	struct mqk_handlers	 all = world_handlers;
	struct mqk_hook		 hook = {
		.directions = MQK_IN | MQK_OUT, .run = see_packet,
	};

	all.on_log = on_log;
	if (world_make_plain(MQK_V311)) {
		mqk_set_handlers(world.client, &all);
		(void)CALL(mqk_hook_add(world.client, &hook));
		world_connect();
		world_publish(1, 100, NULL);
		world_say("30 04 0001'a' 'x' d0 00");
		world_serve();
	}
	world_end();
}

static void
being_refused(void)
{
	if (world_make_plain(MQK_V5)) {
		world_connect();
		world.silent = true;
		world_publish(1, 10, NULL);
		world_publish(2, 10, NULL);
		world_serve();
		world_say("40 03 0001 87 50 03 0002 97");
		world_serve();
		world.silent = false;
	}
	world_end();
}

/* To subscribe again is one thing, a message that can't be sent another. */
static void
being_short_of_two_things(void)
{
	const struct mqk_filter	 f = { .topic = "a" };

	if (world_make_plain(MQK_V5)) {
		world_connect();
		(void)CALL(mqk_subscribe(world.client, &f, 1, NULL));
		world_serve();
		world_lose();
		world_publish(2, 10, NULL);
		world.fresh = true;
		world.connack = "05 00 00 02 24 01";
		world_connect();
		world_lose();
		world.connack = "03 00 00 00";
	}
	world_end();
}

static void
leaving(void)
{
	struct mqk_props	*props = mqk_props_new();

	assert_non_null(props);
	assert_int_equal(mqk_props_add_str(props, MQK_P_REASON_STRING,
	    text_bytes("enough")), MQK_OK);
	if (world_make_plain(MQK_V5)) {
		world_connect();
		world_publish(1, 10, NULL);
		(void)CALL(mqk_ping(world.client));
		world_serve();
		/* That it has ended is what the turns tell. */
		world.lost = true;
		if (CALL(mqk_disconnect(world.client, 0, props)) == MQK_OK)
			world_serve();
		world.lost = false;
	}
	world_end();
	mqk_props_free(props);
}

static void
assigned_id(void)
{
	struct mqk_options	 o = { .version = MQK_V5, .client_id = "" };

	world.connack = "07 00 00 04 12 0001'i'";
	if (world_make(&o))
		world_connect();
	world_end();
}

static void
failing_over(void)
{
	static const struct mqk_broker	 brokers[] = {
		{ .url = "mqtt://u@a:1" },
		{ .url = "mqtt://b", .user = "v", .password = { "secret", 6 } },
		{ .url = "mqtt://c" },
	};
	struct mqk_options		 o = {
		.version = MQK_V5, .brokers = brokers, .nbrokers = 3,
	};

	world.deaf = 2;
	if (world_make(&o)) {
		world.lost = true;
		world_connect();
		world.lost = false;
		world_publish(1, 10, NULL);
		world_serve();
	}
	world_end();
}

/* In the end the broker says no: it can't know the password here. */
static void
authenticating(void)
{
	static const struct mqk_auth_options	 auth = {
		.method = "SCRAM-SHA-256",
	};

	if (world_make_plain(MQK_V5)) {
		(void)CALL(mqk_set_credentials(world.client, "user",
		    text_bytes("pencil")));
		(void)CALL(mqk_set_auth(world.client, &auth));
		world.lost = true;
		world_connect();
		failing_stop();
		world_lose();
		assert_int_equal(mqk_set_auth(world.client, NULL), MQK_OK);
	}
	world_end();
}

/* ---- stories with a store -------------------------------------------- */

/*
 * A client with the store; false: no memory.  One that could not have it can
 * only be freed, and the next one goes on with what the store has.
 */
static bool
make_durable(void)
{
	struct mqk_options	 o = { .version = MQK_V5 };
	struct mqk_store	 store;

	if (!world_make(&o))
		return (false);
	calmstore_open(&store);
	if (CALL(mqk_set_store(world.client, &store)) == MQK_OK)
		return (true);
	mqk_client_free(world.client);
	world.client = NULL;
	return (false);
}

static void
end_durable(void)
{
	failing_stop();
	if (world.client == NULL)
		assert_true(make_durable());
	world_end();
	calmstore_assert_done();
	calmstore_fini();
}

static void
storing(void)
{
	int	 before;

	if (make_durable()) {
		world_publish(1, 100, NULL);
		world_publish(2, 100, NULL);
		world_connect();
		before = world.accepted;
		(void)CALL(mqk_begin(world.client));
		for (int i = 0; i < 9; i++)
			world_publish((uint8_t)(i % 3), 300, NULL);
		if (CALL(mqk_commit(world.client)) < 0)
			world.accepted = before;
		world_say("34 06 0001'a' 0003 00");
		world_serve();
		world.silent = true;
		world_publish(1, 100, NULL);
		world_publish(2, 100, NULL);
		world_serve();
		world_lose();
		world.silent = false;
		world.fresh = true;
		world_connect();
	}
	end_durable();
}

/* A process in which nothing fails accepts messages, and ends. */
static void
leave_messages(void)
{
	struct mqk_options	 o = { .version = MQK_V5, .client_id = "x" };
	struct mqk_publish	 m = { .topic = "a/b" };
	struct mqk_client	*c;
	struct mqk_store	 store;

	calmstore_open(&store);
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	assert_int_equal(mqk_set_store(c, &store), MQK_OK);
	for (; world.accepted < 6; world.accepted++) {
		m.qos = (uint8_t)(1 + world.accepted % 2);
		assert_true(mqk_publish(c, &m) > 0);
	}
	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(memclient_turn(c), MQK_OK);
	assert_int_equal(memclient_hear_text(c, "20 03 01 00 00"), MQK_OK);
	assert_int_equal(memclient_hear_text(c,
	    "50 02 0002 34 06 0001'a' 0007 00"), MQK_OK);
	mqk_client_free(c);
}

static void
recovering(void)
{
	leave_messages();
	if (make_durable())
		world_connect();
	end_durable();
}

/* ---- stories without a client ---------------------------------------- */

static void
parsing_urls(void)
{
	static const char *const texts[] = {
		"mqtt://u%20:p@host:1883", "ws://h/path?q", "unix:///tmp/s",
		"mqtts://[fe80::1]:8883", "wss://user@h",
	};
	struct mqk_url	 url;
	const char	*why;

	for (size_t i = 0; i < N(texts); i++) {
		if (CALL(mqk_url_parse(&url, texts[i], &why)) == MQK_OK)
			mqk_url_clear(&url);
	}
}

static void
adding_properties(void)
{
	struct mqk_props	*p;

	failing_on();
	p = mqk_props_new();
	failing_off();
	if (p == NULL) {
		world.noticed = true;
		return;
	}
	(void)CALL(mqk_props_add_num(p, MQK_P_TOPIC_ALIAS, 1));
	(void)CALL(mqk_props_add_str(p, MQK_P_CONTENT_TYPE,
	    text_bytes("a long text that needs more room than there is")));
	for (int i = 0; i < 20; i++)
		(void)CALL(mqk_props_add_pair(p, text_bytes("key"),
		    text_bytes("value")));
	(void)CALL(mqk_props_add_str(p, MQK_P_CONTENT_TYPE, text_bytes("t")));
	mqk_props_free(p);
}

static void
open_transport(const char *text, const char *proxy)
{
	struct mqk_url			 url, proxy_url;
	struct transport_options	 o = { .url = &url,
					    .ws_fields = "A: b\r\n" };
	struct pipe			*pipe = NULL;
	struct error			 e;
	const char			*why;

	assert_int_equal(mqk_url_parse(&url, text, &why), MQK_OK);
	if (proxy != NULL) {
		assert_int_equal(mqk_url_parse(&proxy_url, proxy, &why),
		    MQK_OK);
		o.proxy = &proxy_url;
	}
	if (CALL(__real_transport_new(&pipe, &o, &e)) == MQK_OK)
		pipe->ops->free(pipe);
	else
		assert_int_equal(e.code, MQK_ENOMEM);
	if (proxy != NULL)
		mqk_url_clear(&proxy_url);
	mqk_url_clear(&url);
}

static void
building_transports(void)
{
	open_transport("mqtt://127.0.0.1:1883", NULL);
	open_transport("unix:///tmp/socket", NULL);
	open_transport("ws://127.0.0.1/path", NULL);
}

/* The example of RFC 7677. */
static void
scram(void)
{
	struct scram	 s = { 0 };
	struct error	 e;
	struct buf	 out;

	buf_init(&out, 1000);
	if (CALL(scram_begin(&s, DIGEST_SHA256, "rOprNGfwEbeRWgbNEkqO", "user",
	    text_bytes("pencil"), &out, &e)) == MQK_OK &&
	    CALL(scram_answer(&s, text_bytes(
	    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), &out, &e)) == MQK_OK)
		(void)CALL(scram_answer(&s, text_bytes(
		    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), &out,
		    &e));
	scram_reset(&s);
	buf_fini(&out);
}

/* ---- telling them ---------------------------------------------------- */

static void
tell(void (*story)(void), unsigned n, bool more)
{
	long	 live = failing_live();

	memset(&world, 0, sizeof(world));
	world.version = MQK_V5;
	world.connack = "03 00 00 00";
	failing_set(n, more);
	story();
	failing_off();
	if (failing_live() != live)
		fail_msg("allocation %u failed: %ld blocks are left", n,
		    failing_live() - live);
}

/*
 * If nobody was told of one that failed, everything has come to pass all the
 * same.  With all of them failing a client just waits for better times.
 */
static void
assert_told(const struct world *all, unsigned n, bool more)
{
	if (!more && !world.noticed && (world.published != all->published ||
	    world.messages != all->messages))
		fail_msg("allocation %u failed silently", n);
}

static void
tell_all(void (*story)(void))
{
	struct world	 all;
	unsigned	 n;

	tell(story, 0, false);
	assert_false(world.noticed);
	all = world;
	for (int more = 0; more < 2; more++) {
		for (n = 1; n < RUNS_MAX; n++) {
			tell(story, n, more != 0);
			if (!failing_happened())
				break;
			assert_told(&all, n, more != 0);
		}
		assert_in_range(n, 2, RUNS_MAX - 1);
	}
}

static const struct story {
	const char	*name;
	void		(*story)(void);
} stories[] = {
	{ "making", making },
	{ "publishing", publishing },
	{ "publishing much", publishing_much },
	{ "streaming", streaming },
	{ "subscribing", subscribing },
	{ "receiving", receiving },
	{ "releasing", releasing },
	{ "acknowledging", acknowledging },
	{ "reconnecting", reconnecting },
	{ "changing the version", changing_the_version },
	{ "watching", watching },
	{ "being refused", being_refused },
	{ "being short of two things", being_short_of_two_things },
	{ "leaving", leaving },
	{ "an assigned id", assigned_id },
	{ "failing over", failing_over },
	{ "authenticating", authenticating },
	{ "storing", storing },
	{ "recovering", recovering },
	{ "parsing URLs", parsing_urls },
	{ "adding properties", adding_properties },
	{ "building transports", building_transports },
	{ "SCRAM", scram },
};

static void
tell_story(void **state)
{
	const struct story	*s = *state;

	tell_all(s->story);
}

/* With the code of the first failure goes its text. */
static void
the_first_failure_is_told(void **state)
{
	bool	 told = false;

	(void)state;
	for (unsigned n = 1; !told; n++) {
		tell(being_short_of_two_things, n, true);
		assert_true(failing_happened());
		told = strcmp(world.text,
		    "subscribe again: out of memory") == 0;
	}
}

int
main(void)
{
	struct CMUnitTest	 tests[N(stories) + 1] = { { 0 } };
	struct error		 e;

	assert_int_equal(digest_load(&e), MQK_OK);
	memclient_init();
	for (size_t i = 0; i < N(stories); i++) {
		tests[i].name = stories[i].name;
		tests[i].test_func = tell_story;
		tests[i].initial_state = (void *)&stories[i];
	}
	tests[N(stories)] = (struct CMUnitTest)
	    cmocka_unit_test(the_first_failure_is_told);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
