/* SPDX-License-Identifier: MIT */

/* A client against a peer of canned bytes: connecting, losing, leaving. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "unit/peer.h"

#define PATIENCE_MS	10000

#define CONNACK_5	"20 03 00 00 00"
#define CONNACK_3	"20 02 00 00"

enum moment {			/* a callback that frees the client */
	NEVER, ON_LOG, IN_HOOK, ON_CONNECTED, ON_SUBSCRIBED, ON_MESSAGE,
	ON_PUBLISHED, ON_UNSUBSCRIBED, ON_DISCONNECTED, BEFORE_RECONNECT,
	MOMENTS
};

struct world {
	struct peer	 peer;
	struct mqk_client *client;	/* NULL: freed */
	enum moment	 free_at;
	int		 connected, disconnected, published, subscribed;
	int		 unsubscribed, messages, attempts, looks;
	unsigned	 attempts_allowed;
	bool		 session_present;
	enum mqk_version version;
	struct mqk_disconnected last;
	char		 text[300];
	char		 topic[100], payload[100];
	char		 notes[500];	/* log lines */
	char		 refused[100];	/* filters, not subscribed again */
	uint8_t		 refused_as;	/* 0: 0x87 */
	uint8_t		 packet[1u << 16];
	size_t		 len;
	int		 result;	/* of the last step */
};

/* ---- callbacks ------------------------------------------------------- */

static void
reached(struct world *w, enum moment m)
{
	if (w->free_at != m || w->client == NULL)
		return;
	mqk_client_free(w->client);
	w->client = NULL;
}

static void
on_log(struct mqk_client *c, enum mqk_log kind, const char *text, void *user)
{
	(void)c;
	(void)kind;
	assert_non_null(text);
	reached(user, ON_LOG);
}

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	struct world	*w = user;

	(void)c;
	w->connected++;
	w->session_present = con->session_present;
	w->version = con->version;
	reached(w, ON_CONNECTED);
}

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	struct world	*w = user;

	(void)c;
	w->disconnected++;
	w->last = *d;
	w->last.props = NULL;
	snprintf(w->text, sizeof(w->text), "%s", d->text);
	reached(w, ON_DISCONNECTED);
}

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	struct world	*w = user;

	(void)c;
	w->messages++;
	assert_int_equal(strlen(m->topic), m->topic_len);
	snprintf(w->topic, sizeof(w->topic), "%s", m->topic);
	snprintf(w->payload, sizeof(w->payload), "%.*s", (int)m->payload.len,
	    (const char *)m->payload.data);
	reached(w, ON_MESSAGE);
	return (0);
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct world	*w = user;

	(void)c;
	(void)r;
	w->published++;
	reached(w, ON_PUBLISHED);
}

static void
on_subscribed(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct world	*w = user;
	size_t		 n;

	w->subscribed++;
	if (r->filter != NULL) {
		assert_int_equal(r->mid, 0);
		assert_int_equal(r->error, MQK_OK);
		assert_int_equal(r->nreasons, 1);
		assert_int_equal(r->reasons[0], w->refused_as != 0 ?
		    w->refused_as : 0x87);
		/* It is shown for as long as the callback lasts. */
		assert_true(mqk_unsubscribe(c, &r->filter, 1, NULL) > 0);
		n = strlen(w->refused);
		snprintf(w->refused + n, sizeof(w->refused) - n, "%s",
		    r->filter);
	}
	reached(w, ON_SUBSCRIBED);
}

static void
on_unsubscribed(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	struct world	*w = user;

	(void)c;
	(void)r;
	w->unsubscribed++;
	reached(w, ON_UNSUBSCRIBED);
}

static enum mqk_policy
before_reconnect(struct mqk_client *c, struct mqk_attempt *a, void *user)
{
	struct world	*w = user;

	(void)c;
	w->attempts++;
	assert_int_equal(a->number, w->attempts);
	assert_true(a->delay_ms <= 4);
	reached(w, BEFORE_RECONNECT);
	return (w->attempts_allowed >= a->number ? MQK_RETRY : MQK_GIVE_UP);
}

static enum mqk_verdict
free_in_hook(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	(void)c;
	assert_true(p->wire.len > 0);
	reached(user, IN_HOOK);
	return (MQK_PASS);
}

static const struct mqk_handlers handlers = {
	.on_message = on_message,
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.on_published = on_published,
	.on_subscribed = on_subscribed,
	.on_unsubscribed = on_unsubscribed,
	.before_reconnect = before_reconnect,
};

/* ---- fixture --------------------------------------------------------- */

static int
set_up(void **state)
{
	struct world	*w = calloc(1, sizeof(*w));

	assert_non_null(w);
	peer_init(&w->peer);
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

/* A client of that version that reconnects within four milliseconds. */
static void
start(struct world *w, struct mqk_options *o)
{
	o->host = "127.0.0.1";
	o->port = w->peer.port;
	o->user = w;
	o->reconnect.min_ms = 1;
	o->reconnect.max_ms = 4;
	assert_int_equal(mqk_client_new(&w->client, o), MQK_OK);
	mqk_set_handlers(w->client, &handlers);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
}

/* One turn of both sides. */
static void
turn(struct world *w)
{
	if (w->client != NULL)
		w->result = mqk_step(w->client, 2);
	peer_turn(&w->peer);
}

static void
turn_until(struct world *w, const int *counter, int n)
{
	int64_t	 limit = clock_ms() + PATIENCE_MS;

	while (*counter < n) {
		turn(w);
		if (clock_ms() > limit)
			fail_msg("waited in vain");
	}
}

/* The next packet of the client; its first byte. */
static uint8_t
next_packet(struct world *w)
{
	int64_t	 limit = clock_ms() + PATIENCE_MS;

	while (!peer_packet(&w->peer, w->packet, &w->len)) {
		turn(w);
		if (clock_ms() > limit)
			fail_msg("no packet came");
	}
	return (w->packet[0]);
}

/* CONNECT comes as that protocol level. */
static void
expect_connect(struct world *w, uint8_t level)
{
	assert_int_equal(next_packet(w), 0x10);
	assert_int_equal(w->packet[8], level);
}

static void
go_up(struct world *w, uint8_t level)
{
	expect_connect(w, level);
	peer_send(&w->peer, level == 5 ? CONNACK_5 : CONNACK_3);
	turn_until(w, &w->connected, w->connected + 1);
}

static int
publish(struct world *w, uint8_t qos)
{
	struct mqk_publish	 p = { .topic = "a/b", .qos = qos,
				    .payload = { "hi", 2 } };

	return (mqk_publish(w->client, &p));
}

/* ---- the plain case -------------------------------------------------- */

static void
messages_go_both_ways_and_the_client_leaves_politely(void **state)
{
	static const uint8_t	 hello[] = { 0x30, 8, 0, 3, 'a', '/', 'b', 0,
				    'h', 'i' };
	static const uint8_t	 bye[] = { 0xe0, 0 };
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	assert_int_equal(w->version, MQK_V5);
	assert_int_equal(publish(w, 0), 0);
	assert_int_equal(next_packet(w), 0x30);
	assert_int_equal(w->len, sizeof(hello));
	assert_memory_equal(w->packet, hello, sizeof(hello));
	peer_send(&w->peer, "30 0a 0003 782f79 00 64617461");
	turn_until(w, &w->messages, 1);
	assert_string_equal(w->topic, "x/y");
	assert_string_equal(w->payload, "data");
	assert_int_equal(mqk_disconnect(w->client, 0, NULL), MQK_OK);
	assert_int_equal(mqk_state(w->client), MQK_LEAVING);
	assert_int_equal(next_packet(w), 0xe0);
	assert_memory_equal(w->packet, bye, w->len);
	peer_hang_up(&w->peer);
	turn_until(w, &w->disconnected, 1);
	assert_true(w->last.by_us);
	assert_int_equal(w->last.error, MQK_OK);
	assert_int_equal(w->result, MQK_ESTOPPED);
	assert_int_equal(mqk_state(w->client), MQK_IDLE);
}

static void
a_peer_that_never_closes_is_left_after_a_while(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	assert_int_equal(mqk_disconnect(w->client, 0, NULL), MQK_OK);
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_OK);
}

/* ---- versions -------------------------------------------------------- */

static void
expect_fall_back(struct world *w, const char *refusal)
{
	struct mqk_options	 o = { .client_id = "x" };

	start(w, &o);
	expect_connect(w, 5);
	if (refusal != NULL)
		peer_send(&w->peer, refusal);
	peer_hang_up(&w->peer);
	go_up(w, 4);
	assert_int_equal(w->version, MQK_V311);
	assert_int_equal(w->disconnected, 0);
	/* The choice is remembered. */
	w->attempts_allowed = 100;
	peer_hang_up(&w->peer);
	go_up(w, 4);
	assert_int_equal(w->peer.accepted, 3);
}

static void
reason_84_means_3_1_1(void **state)
{
	expect_fall_back(*state, "20 03 00 84 00");
}

static void
return_code_1_means_3_1_1(void **state)
{
	expect_fall_back(*state, "20 02 00 01");
}

static void
a_close_without_connack_means_3_1_1(void **state)
{
	expect_fall_back(*state, NULL);
}

static void
a_close_after_both_versions_is_told_as_that(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	expect_connect(w, 5);
	peer_hang_up(&w->peer);
	expect_connect(w, 4);
	peer_hang_up(&w->peer);
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_ECLOSED);
	assert_false(w->last.was_up);
	assert_non_null(strstr(w->text, "with MQTT 5.0 and with 3.1.1"));
}

static void
expect_named(struct world *w, const char *hex, const char *protocol)
{
	struct mqk_options	 o = { .client_id = "x" };

	start(w, &o);
	expect_connect(w, 5);
	peer_send(&w->peer, hex);
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_EPROTOCOL);
	assert_string_equal(w->last.cause, protocol);
	assert_string_equal(w->last.post_mortem->protocol, protocol);
	assert_true(w->last.post_mortem->first.len >= 7);
	assert_non_null(strstr(w->text, protocol));
}

static void
a_port_that_speaks_tls_is_told_as_that(void **state)
{
	expect_named(*state, "15 03 01 00 02 02 46", "TLS");
}

static void
a_port_that_speaks_http_is_told_as_that(void **state)
{
	expect_named(*state, "48 54 54 50 2f 31 2e 31 20 34 30 30", "HTTP");
}

static void
look_while_falling_back(struct mqk_client *c, enum mqk_log kind,
    const char *text, void *user)
{
	struct world		*w = user;
	struct mqk_interest	 interest;

	(void)kind;
	if (strstr(text, "trying MQTT 3.1.1") == NULL)
		return;
	mqk_interest(c, &interest);
	assert_int_equal(interest.fd, -1);
	assert_int_equal(interest.timeout_ms, 0);
	assert_int_equal(mqk_state(c), MQK_DIALING);
	w->looks++;
}

static void
a_client_that_falls_back_can_be_looked_at(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_handlers	 h = handlers;
	struct world		*w = *state;

	h.on_log = look_while_falling_back;
	start(w, &o);
	mqk_set_handlers(w->client, &h);
	expect_connect(w, 5);
	peer_send(&w->peer, "20 03 00 84 00");
	turn_until(w, &w->looks, 1);
	expect_connect(w, 4);
}

static void
a_pinned_version_does_not_fall_back(void **state)
{
	struct mqk_options	 o = { .client_id = "x", .version = MQK_V5 };
	struct world		*w = *state;

	start(w, &o);
	expect_connect(w, 5);
	peer_send(&w->peer, "20 03 00 84 00");
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_EREFUSED);
	assert_int_equal(w->last.reason, 0x84);
	assert_int_equal(mqk_last_reason(w->client), 0x84);
}

static void
version_3_1_gets_an_id_made_up(void **state)
{
	struct mqk_options	 o = { .version = MQK_V31 };
	struct world		*w = *state;

	start(w, &o);
	assert_int_equal(next_packet(w), 0x10);
	assert_int_equal(w->packet[10], 3);
	assert_int_equal(w->packet[15], 20);
	assert_memory_equal(w->packet + 16, "mqk-", 4);
}

static void
an_assigned_id_is_kept(void **state)
{
	struct mqk_options	 o = { 0 };
	struct world		*w = *state;

	w->attempts_allowed = 100;
	start(w, &o);
	expect_connect(w, 5);
	assert_int_equal(w->packet[9] & 2, 2);	/* clean */
	peer_send(&w->peer, "20 08 00 00 05 12 0002 6162");
	turn_until(w, &w->connected, 1);
	assert_string_equal(mqk_client_id(w->client), "ab");
	peer_hang_up(&w->peer);
	expect_connect(w, 5);
	assert_int_equal(w->packet[9] & 2, 0);
	assert_int_equal(w->packet[14], 2);
	assert_memory_equal(w->packet + 15, "ab", 2);
}

/* ---- failing to connect ---------------------------------------------- */

static void
a_refusal_can_be_looked_at_afterwards(void **state)
{
	const struct mqk_post_mortem *pm;
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_value	 v;
	struct world		*w = *state;
	char			 wanted[80];

	start(w, &o);
	assert_null(mqk_post_mortem(w->client));
	expect_connect(w, 5);
	peer_send(&w->peer, "20 09 00 87 06 1f 0003 6e6f21");
	turn_until(w, &w->disconnected, 1);
	pm = mqk_post_mortem(w->client);
	assert_non_null(pm);
	assert_ptr_equal(w->last.post_mortem, pm);
	snprintf(wanted, sizeof(wanted), "mqtt://127.0.0.1:%u", w->peer.port);
	assert_string_equal(pm->url, wanted);
	assert_string_equal(pm->address, wanted + strlen("mqtt://"));
	assert_string_equal(pm->text, w->text);
	assert_int_equal(pm->error, MQK_EREFUSED);
	assert_int_equal(pm->stage, MQK_STAGE_MQTT);
	assert_int_equal(pm->reason, 0x87);
	assert_true(mqk_props_get(pm->props, MQK_P_REASON_STRING, &v));
	assert_int_equal(v.str.len, 3);
	assert_memory_equal(v.str.data, "no!", 3);
	assert_int_equal(pm->first.len, 0);
	assert_int_equal(pm->nchain, 0);
}

/* A connection that stood is no attempt, and what failed before is kept. */
static void
only_attempts_have_a_post_mortem(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	peer_hang_up(&w->peer);
	turn_until(w, &w->disconnected, 1);
	assert_null(w->last.post_mortem);
	assert_null(mqk_post_mortem(w->client));
}

static void
a_refused_port_is_named(void **state)
{
	struct mqk_options	 o = { .reconnect.off = true };
	struct world		*w = *state;
	char			 wanted[80];

	peer_fini(&w->peer);
	start(w, &o);
	turn_until(w, &w->disconnected, 1);
	snprintf(wanted, sizeof(wanted),
	    "connect to 127.0.0.1:%u: Connection refused", w->peer.port);
	assert_string_equal(w->text, wanted);
	assert_string_equal(mqk_last_error_text(w->client), wanted);
	assert_int_equal(w->last.error, MQK_EDIAL);
	assert_int_equal(w->last.post_mortem->stage, MQK_STAGE_CONNECT);
	assert_int_equal(w->last.post_mortem->os_error, ECONNREFUSED);
	assert_int_equal(w->result, MQK_EDIAL);
	assert_int_equal(w->attempts, 0);
	peer_init(&w->peer);
}

/* A colon in a path makes no address of it. */
static void
a_missing_socket_is_named(void **state)
{
	static const char	 url[] = "unix:///nonexistent/a:b";
	struct mqk_options	 o = { .url = url, .reconnect.off = true };
	struct mqk_client	*c;

	(void)state;
	assert_int_equal(mqk_client_new(&c, &o), MQK_OK);
	assert_int_equal(mqk_connect(c), MQK_OK);
	assert_int_equal(mqk_run(c), MQK_EDIAL);
	assert_string_equal(mqk_post_mortem(c)->url, url);
	mqk_client_free(c);
}

static void
a_broker_that_does_not_answer_is_given_up(void **state)
{
	struct mqk_options	 o = { .connect_timeout_ms = 50 };
	struct world		*w = *state;

	start(w, &o);
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_ETIMEOUT);
	assert_int_equal(w->attempts, 1);
}

static void
tries_are_bounded(void **state)
{
	struct mqk_options	 o = { .reconnect.max_tries = 3 };
	struct world		*w = *state;

	peer_fini(&w->peer);
	w->attempts_allowed = 100;
	start(w, &o);
	turn_until(w, &w->disconnected, 3);
	assert_int_equal(w->attempts, 2);
	assert_int_equal(w->result, MQK_EDIAL);
	assert_int_equal(mqk_state(w->client), MQK_IDLE);
	peer_init(&w->peer);
}

static void
an_unknown_transport_is_refused(void **state)
{
	struct mqk_options	 o = { 0 };
	struct world		*w = *state;

	o.url = "gopher://h";
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_EINVAL);
	assert_null(w->client);
	o.url = "mqtt//h";
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_EINVAL);
	o.url = NULL;
	o.host = "h\r\nX: y";
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_EINVAL);
	o.host = NULL;
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	assert_int_equal(mqk_set_url(w->client, "gopher://h"), MQK_EINVAL);
	assert_non_null(strstr(mqk_last_error_text(w->client),
	    "URL: the scheme is none of"));
}

/* ---- coming back ----------------------------------------------------- */

static void
subscriptions_come_back_ahead_of_what_waits(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_filter	 f = { .topic = "t/#" };
	struct world		*w = *state;

	w->attempts_allowed = 100;
	start(w, &o);
	go_up(w, 5);
	assert_true(mqk_subscribe(w->client, &f, 1, NULL) > 0);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 04 0001 00 00");
	turn_until(w, &w->subscribed, 1);
	peer_hang_up(&w->peer);
	turn_until(w, &w->disconnected, 1);
	assert_true(publish(w, 1) > 0);
	go_up(w, 5);
	assert_int_equal(next_packet(w), 0x82);
	assert_memory_equal(w->packet + w->len - 6, "\0\3t/#\0", 6);
	assert_int_equal(next_packet(w), 0x32);
	assert_int_equal(w->subscribed, 1);
}

/* The first SUBACK is for what the client did by itself. */
static void
an_answer_to_nobodys_request_is_not_told(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_filter	 f = { .topic = "t/#" };
	struct world		*w = *state;

	w->attempts_allowed = 100;
	start(w, &o);
	go_up(w, 5);
	assert_int_equal(mqk_subscribe(w->client, &f, 1, NULL), 1);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 04 0001 00 00");
	turn_until(w, &w->subscribed, 1);
	peer_hang_up(&w->peer);
	go_up(w, 5);
	assert_int_equal(next_packet(w), 0x82);
	assert_int_equal(mqk_subscribe(w->client, &f, 1, NULL), 3);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 04 0002 00 00  30 05 0001 61 00 78");
	turn_until(w, &w->messages, 1);
	assert_int_equal(w->subscribed, 1);
	peer_send(&w->peer, "90 04 0003 00 00");
	turn_until(w, &w->subscribed, 2);
}

static void
a_refusal_to_subscribe_again_is_told(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_filter	 f[] = { { .topic = "a" }, { .topic = "b" },
				    { .topic = "c" } };
	static const char	*const b = "b";
	struct world		*w = *state;
	char			 suback[30];

	w->attempts_allowed = 100;
	start(w, &o);
	go_up(w, 5);
	assert_true(mqk_subscribe(w->client, f, 3, NULL) > 0);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 06 0001 00 00 00 00");
	turn_until(w, &w->subscribed, 1);
	peer_hang_up(&w->peer);
	go_up(w, 5);
	assert_int_equal(next_packet(w), 0x82);
	assert_true(mqk_unsubscribe(w->client, &b, 1, NULL) > 0);
	snprintf(suback, sizeof(suback), "90 06 %02x%02x 00 87 87 87",
	    w->packet[2], w->packet[3]);
	peer_send(&w->peer, suback);
	turn_until(w, &w->subscribed, 3);
	assert_string_equal(w->refused, "ac");
}

/* Three fit into no packet of 20 bytes, each alone does. */
static void
a_broker_of_small_packets_is_asked_in_pieces(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_filter	 f[] = { { .topic = "aaaa" }, { .topic =
				    "bbbb" }, { .topic = "cccc" } };
	struct world		*w = *state;

	w->attempts_allowed = 100;
	start(w, &o);
	go_up(w, 5);
	assert_true(mqk_subscribe(w->client, f, 3, NULL) > 0);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 06 0001 00 00 00 00");
	turn_until(w, &w->subscribed, 1);
	peer_hang_up(&w->peer);
	expect_connect(w, 5);
	peer_send(&w->peer, "20 08 00 00 05 27 00000014");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(next_packet(w), 0x82);
		assert_int_equal(w->len, 12);
		assert_memory_equal(w->packet + 7, f[i].topic, 4);
	}
	assert_int_equal(w->connected, 2);
}

/* It takes 20 bytes, so that UNSUBSCRIBE just fits. */
static void
a_filter_larger_than_packets_is_told(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_filter	 f = { .topic = "thirteen/char" };
	struct world		*w = *state;

	w->attempts_allowed = 100;
	start(w, &o);
	go_up(w, 5);
	assert_true(mqk_subscribe(w->client, &f, 1, NULL) > 0);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 04 0001 00 00");
	turn_until(w, &w->subscribed, 1);
	peer_hang_up(&w->peer);
	expect_connect(w, 5);
	w->refused_as = 0x97;
	peer_send(&w->peer, "20 08 00 00 05 27 00000014");
	turn_until(w, &w->subscribed, 2);
	assert_string_equal(w->refused, f.topic);
	assert_int_equal(w->connected, 2);
}

static void
a_session_that_is_present_keeps_its_subscriptions(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_filter	 f = { .topic = "t/#" };
	struct world		*w = *state;

	w->attempts_allowed = 100;
	start(w, &o);
	go_up(w, 5);
	assert_true(mqk_subscribe(w->client, &f, 1, NULL) > 0);
	assert_int_equal(next_packet(w), 0x82);
	peer_send(&w->peer, "90 04 0001 00 00");
	turn_until(w, &w->subscribed, 1);
	peer_hang_up(&w->peer);
	expect_connect(w, 5);
	peer_send(&w->peer, "20 03 01 00 00");
	turn_until(w, &w->connected, 2);
	assert_true(w->session_present);
	assert_true(publish(w, 1) > 0);
	assert_int_equal(next_packet(w), 0x32);
}

/* What leaves with the last write has been sent. */
static void
reconnect_now_sends_nothing_twice(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_stats	 before, after;
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	mqk_stats(w->client, &before);
	assert_int_equal(publish(w, 0), 0);
	assert_int_equal(mqk_reconnect(w->client), MQK_OK);
	turn_until(w, &w->disconnected, 1);
	mqk_stats(w->client, &after);
	assert_true(after.bytes_out > before.bytes_out);
	go_up(w, 5);
	assert_int_equal(publish(w, 1), 1);
	assert_int_equal(next_packet(w), 0x32);
}

static void
reconnect_now_drops_and_dials(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	assert_int_equal(mqk_reconnect(w->client), MQK_OK);
	turn_until(w, &w->disconnected, 1);
	assert_true(w->last.by_us);
	go_up(w, 5);
	assert_int_equal(w->peer.accepted, 2);
	assert_int_equal(w->attempts, 0);
}

static void
a_peers_reason_is_told(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	peer_send(&w->peer, "e0 06 8e 04 1f 0001 79");
	peer_hang_up(&w->peer);
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_ECLOSED);
	assert_int_equal(w->last.reason, 0x8e);
	assert_true(w->last.was_up);
	assert_non_null(strstr(w->text, "(0x8e): y"));
}

/* ESC, a line feed, and U+009B, which is ESC [ in one. */
static void
a_peers_reason_steers_no_terminal(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	peer_send(&w->peer, "e0 0b 8e 09 1f 0006 61 1b 0a c29b 62");
	peer_hang_up(&w->peer);
	turn_until(w, &w->disconnected, 1);
	assert_non_null(strstr(w->text, "(0x8e): a    b"));
}

/* In the library's own memory, where no other data gives room for a NUL. */
static void
a_topic_by_alias_is_a_string(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_props	*props = mqk_props_new();
	struct world		*w = *state;

	assert_int_equal(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS_MAXIMUM,
	    1), MQK_OK);
	o.props = props;
	start(w, &o);
	mqk_props_free(props);
	go_up(w, 5);
	peer_send(&w->peer, "30 16 0010 746f7069632f6f662f7369787465656e"
	    "03 23 0001");
	peer_send(&w->peer, "30 06 0000 03 23 0001");
	turn_until(w, &w->messages, 2);
	assert_string_equal(w->topic, "topic/of/sixteen");
}

static void
bytes_in_single_writes_are_put_together(void **state)
{
	static const char	 bytes[] = "2003000000"
				    "300a0003782f790064617461";
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;
	char			 one[3] = { 0 };

	start(w, &o);
	expect_connect(w, 5);
	for (const char *s = bytes; *s != '\0'; s += 2) {
		memcpy(one, s, 2);
		peer_send(&w->peer, one);
		turn(w);
	}
	turn_until(w, &w->messages, 1);
	assert_string_equal(w->payload, "data");
}

static void
a_slow_packet_is_a_sign_of_life(void **state)
{
	struct mqk_options	 o = { .client_id = "x", .keepalive_s = 1 };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	assert_int_equal(next_packet(w), 0xc0);
	peer_send(&w->peer, "30 0a 00");
	assert_int_equal(next_packet(w), 0xc0);
	assert_int_equal(w->disconnected, 0);
}

static void
garbage_ends_the_connection_with_a_sentence(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	start(w, &o);
	go_up(w, 5);
	peer_send(&w->peer, "00 00");
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_EMALFORMED);
	assert_int_equal(next_packet(w), 0xe0);
	assert_int_equal(w->packet[2], 0x81);
}

static void
a_packet_that_makes_no_sense_is_named(void **state)
{
	static const char	*const wire[][2] = {
		{ "20 09 00 00 06 21 0005 21 0005",
		    "CONNACK: property receive-maximum: given twice" },
		{ "20 04 00 00 01 7f", "CONNACK: properties: unknown" },
		{ "20 82 00 00 00", "CONNACK: fixed header: " },
		{ "21 03 00 00 00", ": CONNACK: wrong flags" },
	};
	struct mqk_options	 o = { .client_id = "x", .version = MQK_V5 };
	struct world		*w = *state;

	for (size_t i = 0; i < sizeof(wire) / sizeof(wire[0]); i++) {
		start(w, &o);
		expect_connect(w, 5);
		peer_send(&w->peer, wire[i][0]);
		turn_until(w, &w->disconnected, (int)i + 1);
		if (strstr(w->text, wire[i][1]) == NULL)
			fail_msg("\"%s\" lacks \"%s\"", w->text, wire[i][1]);
		assert_int_equal(next_packet(w), 0xe0);
		mqk_client_free(w->client);
		w->client = NULL;
		w->attempts = 0;
	}
}

/* ---- hooks, log, sources --------------------------------------------- */

/* QoS 0 does not leave and x/y does not arrive. */
static enum mqk_verdict
drop_some(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	(void)c;
	++*(int *)user;
	assert_non_null(p->message);
	if (p->direction == MQK_OUT)
		return (p->message->qos == 0 ? MQK_DROP : MQK_PASS);
	return (strcmp(p->message->topic, "x/y") == 0 ? MQK_DROP : MQK_PASS);
}

static void
hooks_drop_packets_in_both_directions(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	int			 seen = 0;
	struct mqk_hook		 h = { .types = MQK_TYPE(MQK_PUBLISH),
				    .run = drop_some, .user = &seen };
	struct world		*w = *state;

	start(w, &o);
	assert_int_equal(mqk_hook_add(w->client, &h), 0);
	go_up(w, 5);
	assert_int_equal(publish(w, 0), 0);
	assert_int_equal(publish(w, 1), 1);
	assert_int_equal(publish(w, 0), 0);
	assert_int_equal(mqk_ping(w->client), MQK_OK);
	assert_int_equal(next_packet(w), 0x32);
	assert_int_equal(next_packet(w), 0xc0);
	assert_int_equal(seen, 3);
	peer_send(&w->peer, "30 06 0003 782f79 00 30 06 0003 782f7a 00");
	turn_until(w, &w->messages, 1);
	assert_string_equal(w->topic, "x/z");
	assert_int_equal(seen, 5);
}

static void
take_note(struct mqk_client *c, enum mqk_log kind, const char *text,
    void *user)
{
	struct world	*w = user;
	size_t		 len = strlen(w->notes);
	char		 verb[20], type[20];

	(void)c;
	if (kind != MQK_LOG_PACKET)
		return;
	assert_int_equal(sscanf(text, "%19s %19s", verb, type), 2);
	snprintf(w->notes + len, sizeof(w->notes) - len, "%s %s\n", verb,
	    type);
}

static void
the_log_tells_packets_of_both_directions(void **state)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_handlers	 h = handlers;
	struct world		*w = *state;

	start(w, &o);
	h.on_log = take_note;
	mqk_set_handlers(w->client, &h);
	go_up(w, 5);
	assert_int_equal(publish(w, 0), 0);
	peer_send(&w->peer, "30 04 0001 74 00");
	turn_until(w, &w->messages, 1);
	assert_int_equal(next_packet(w), 0x30);
	assert_string_equal(w->notes, "sending CONNECT\nreceived CONNACK\n"
	    "received PUBLISH\nsending PUBLISH\n");
}

#define SOURCE_LEN	300000u

static int	 sources_done;

static int64_t
read_source(void *arg, uint32_t offset, void *to, size_t len)
{
	uint8_t		*out = to;
	uint32_t	*next = arg;

	assert_int_equal(offset, *next);
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)((offset + i) % 251);
	*next += (uint32_t)len;
	return ((int64_t)len);
}

static void
done_source(void *arg)
{
	(void)arg;
	sources_done++;
}

static void
a_payload_may_come_from_a_source(void **state)
{
	uint32_t		 next = 0, got = 0;
	struct mqk_source	 source = { .len = SOURCE_LEN, .arg = &next,
				    .read = read_source, .done = done_source };
	struct mqk_publish	 p = { .topic = "t", .source = &source };
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;
	int64_t			 limit = clock_ms() + PATIENCE_MS;
	const uint32_t		 header = 1 + 3 + 3 + 1;

	sources_done = 0;
	start(w, &o);
	go_up(w, 5);
	assert_int_equal(mqk_publish(w->client, &p), 0);
	while (got < header + SOURCE_LEN && clock_ms() < limit) {
		for (size_t i = 0; i < w->peer.n; i++, got++)
			if (got >= header)
				assert_int_equal(w->peer.in[i],
				    (got - header) % 251);
		w->peer.n = 0;
		turn(w);
	}
	assert_int_equal(got, header + SOURCE_LEN);
	turn_until(w, &sources_done, 1);
	assert_int_equal(publish(w, 0), 0);
	assert_int_equal(next_packet(w), 0x30);
	assert_int_equal(sources_done, 1);
}

static int64_t
fail_source(void *arg, uint32_t offset, void *to, size_t len)
{
	(void)arg;
	(void)offset;
	(void)to;
	(void)len;
	return (-1);
}

static void
a_source_that_fails_ends_the_connection(void **state)
{
	struct mqk_source	 source = { .len = 10, .read = fail_source,
				    .done = done_source };
	struct mqk_publish	 p = { .topic = "t", .source = &source };
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;

	sources_done = 0;
	start(w, &o);
	go_up(w, 5);
	assert_int_equal(mqk_publish(w->client, &p), 0);
	turn_until(w, &w->disconnected, 1);
	assert_int_equal(w->last.error, MQK_ESOURCE);
	mqk_client_free(w->client);
	w->client = NULL;
	assert_int_equal(sources_done, 1);
}

/* ---- freeing in callbacks -------------------------------------------- */

static void
answer(struct world *w)
{
	char	 hex[40];
	unsigned mid = (unsigned)(w->packet[2] << 8 | w->packet[3]);

	switch (w->packet[0]) {
	case 0x10:
		peer_send(&w->peer, CONNACK_5);
		break;
	case 0x82:
		snprintf(hex, sizeof(hex), "90 04 %04x 00 00", mid);
		peer_send(&w->peer, hex);
		peer_send(&w->peer, "30 04 0001 74 00");
		break;
	case 0xa2:
		snprintf(hex, sizeof(hex), "b0 04 %04x 00 00", mid);
		peer_send(&w->peer, hex);
		break;
	case 0x32:
		snprintf(hex, sizeof(hex), "40 02 %02x%02x", w->packet[7],
		    w->packet[8]);
		peer_send(&w->peer, hex);
		break;
	default:
		break;
	}
}

/* What comes next in a life that meets every callback. */
static void
live_on(struct world *w, int *stage)
{
	static const char *const topic = "t";
	struct mqk_filter	 f = { .topic = topic };

	if (*stage == 0 && w->connected == 1) {
		assert_true(mqk_subscribe(w->client, &f, 1, NULL) > 0);
		++*stage;
	} else if (*stage == 1 && w->messages == 1) {
		assert_true(publish(w, 1) > 0);
		++*stage;
	} else if (*stage == 2 && w->published == 1) {
		assert_true(mqk_unsubscribe(w->client, &topic, 1, NULL) > 0);
		++*stage;
	} else if (*stage == 3 && w->unsubscribed == 1) {
		peer_hang_up(&w->peer);
		++*stage;
	}
}

static void
free_at(struct world *w, enum moment m)
{
	struct mqk_options	 o = { .client_id = "x" };
	struct mqk_handlers	 h = handlers;
	struct mqk_hook		 hook = { .run = free_in_hook, .user = w };
	int64_t			 limit = clock_ms() + PATIENCE_MS;
	int			 stage = 0;

	w->free_at = m;
	start(w, &o);
	if (m == ON_LOG)
		h.on_log = on_log;
	mqk_set_handlers(w->client, &h);
	if (m == IN_HOOK)
		assert_int_equal(mqk_hook_add(w->client, &hook), 0);
	while (w->client != NULL) {
		turn(w);
		if (peer_packet(&w->peer, w->packet, &w->len))
			answer(w);
		if (w->client != NULL)
			live_on(w, &stage);
		if (clock_ms() > limit)
			fail_msg("callback %d never came", (int)m);
	}
	assert_int_equal(w->result, MQK_EFREED);
}

static void
a_client_may_be_freed_in_any_callback(void **state)
{
	struct world	*w;
	void		*fresh;

	(void)state;
	for (int m = NEVER + 1; m < MOMENTS; m++) {
		set_up(&fresh);
		w = fresh;
		free_at(w, (enum moment)m);
		tear_down(&fresh);
	}
}

static int
free_inside_run(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)m;
	++*(int *)user;
	mqk_client_free(c);
	return (0);
}

/* mqk_run() must notice too; a peer that has sent all it will is enough. */
static void
a_client_may_be_freed_inside_run(void **state)
{
	struct mqk_handlers	 h = { .on_message = free_inside_run };
	struct mqk_options	 o = { .client_id = "x" };
	struct world		*w = *state;
	struct mqk_client	*c;
	int			 calls = 0;

	start(w, &o);
	go_up(w, 5);
	mqk_client_free(w->client);
	o.user = &calls;
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_set_handlers(w->client, &h);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
	expect_connect(w, 5);
	peer_send(&w->peer, CONNACK_5 "30 04 0001 74 00 30 04 0001 74 00");
	c = w->client;
	w->client = NULL;
	assert_int_equal(mqk_run(c), MQK_EFREED);
	assert_int_equal(calls, 1);
}

static enum mqk_policy
count_loop_failure(struct mqk_client *c, int error, void *user)
{
	(void)c;
	assert_int_equal(error, MQK_ESTATE);
	++*(int *)user;
	return (MQK_GIVE_UP);
}

/* Who always says MQK_RETRY wants to be rid of the client all the same. */
static void
nobody_is_asked_about_an_end_that_was_wanted(void **state)
{
	struct mqk_handlers	 h = { .on_loop_failure = count_loop_failure };
	struct world		*w = *state;
	int			 asked = 0;
	struct mqk_options	 o = { .user = &asked };

	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_set_handlers(w->client, &h);
	assert_int_equal(mqk_run(w->client), MQK_ESTATE);
	assert_int_equal(asked, 1);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
	assert_int_equal(mqk_disconnect(w->client, 0, NULL), MQK_ESTATE);
	assert_int_equal(mqk_run(w->client), MQK_OK);
	assert_int_equal(asked, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(messages_go_both_ways_and_the_client_leaves_politely),
		TEST(a_peer_that_never_closes_is_left_after_a_while),
		TEST(reason_84_means_3_1_1),
		TEST(return_code_1_means_3_1_1),
		TEST(a_close_without_connack_means_3_1_1),
		TEST(a_close_after_both_versions_is_told_as_that),
		TEST(a_port_that_speaks_tls_is_told_as_that),
		TEST(a_port_that_speaks_http_is_told_as_that),
		TEST(a_client_that_falls_back_can_be_looked_at),
		TEST(a_pinned_version_does_not_fall_back),
		TEST(version_3_1_gets_an_id_made_up),
		TEST(an_assigned_id_is_kept),
		TEST(a_refusal_can_be_looked_at_afterwards),
		TEST(only_attempts_have_a_post_mortem),
		TEST(a_refused_port_is_named),
		cmocka_unit_test(a_missing_socket_is_named),
		TEST(a_broker_that_does_not_answer_is_given_up),
		TEST(tries_are_bounded),
		TEST(an_unknown_transport_is_refused),
		TEST(subscriptions_come_back_ahead_of_what_waits),
		TEST(an_answer_to_nobodys_request_is_not_told),
		TEST(a_refusal_to_subscribe_again_is_told),
		TEST(a_broker_of_small_packets_is_asked_in_pieces),
		TEST(a_filter_larger_than_packets_is_told),
		TEST(a_session_that_is_present_keeps_its_subscriptions),
		TEST(reconnect_now_drops_and_dials),
		TEST(reconnect_now_sends_nothing_twice),
		TEST(a_peers_reason_is_told),
		TEST(a_peers_reason_steers_no_terminal),
		TEST(a_topic_by_alias_is_a_string),
		TEST(bytes_in_single_writes_are_put_together),
		TEST(a_slow_packet_is_a_sign_of_life),
		TEST(garbage_ends_the_connection_with_a_sentence),
		TEST(a_packet_that_makes_no_sense_is_named),
		TEST(hooks_drop_packets_in_both_directions),
		TEST(the_log_tells_packets_of_both_directions),
		TEST(a_payload_may_come_from_a_source),
		TEST(a_source_that_fails_ends_the_connection),
		cmocka_unit_test(a_client_may_be_freed_in_any_callback),
		TEST(a_client_may_be_freed_inside_run),
		TEST(nobody_is_asked_about_an_end_that_was_wanted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
