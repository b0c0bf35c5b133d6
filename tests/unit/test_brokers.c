/* SPDX-License-Identifier: MIT */

/* Several brokers for one client: in which order, with whose credentials. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "unit/fixture.h"
#include "unit/peer.h"

#define PATIENCE_MS	10000
#define CONNACK		"20 03 00 00 00"

enum { DEAD, FIRST, SECOND, PORTS };

struct world {
	struct peer	 peer[PORTS];
	char		 url[PORTS][64];
	struct mqk_client *client;
	int		 connected, disconnected, pauses;
	bool		 more;
	uint8_t		 packet[1u << 16];
	size_t		 len;
};

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	struct world	*w = user;

	(void)c;
	(void)con;
	w->connected++;
}

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	struct world	*w = user;

	(void)c;
	w->disconnected++;
	w->more = d->more;
}

static enum mqk_policy
before_reconnect(struct mqk_client *c, struct mqk_attempt *a, void *user)
{
	struct world	*w = user;

	(void)c;
	w->pauses++;
	a->delay_ms = 0;
	return (w->pauses < 5 ? MQK_RETRY : MQK_GIVE_UP);
}

static const struct mqk_handlers handlers = {
	.on_connected = on_connected,
	.on_disconnected = on_disconnected,
	.before_reconnect = before_reconnect,
};

static int
set_up(void **state)
{
	struct world	*w = calloc(1, sizeof(*w));

	assert_non_null(w);
	for (int i = 0; i < PORTS; i++) {
		peer_init(&w->peer[i]);
		snprintf(w->url[i], sizeof(w->url[i]),
		    "mqtt://u%d:p%d@127.0.0.1:%u", i, i, w->peer[i].port);
	}
	peer_fini(&w->peer[DEAD]);
	*state = w;
	return (0);
}

static int
tear_down(void **state)
{
	struct world	*w = *state;

	mqk_client_free(w->client);
	peer_fini(&w->peer[FIRST]);
	peer_fini(&w->peer[SECOND]);
	free(w);
	return (0);
}

static void
start(struct world *w, const struct mqk_broker *brokers, size_t n)
{
	struct mqk_options	 o = {
		.brokers = brokers, .nbrokers = n, .client_id = "x",
		.user = w,
	};

	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_set_handlers(w->client, &handlers);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
}

static int
turn(struct world *w)
{
	int	 result = mqk_step(w->client, 2);

	peer_turn(&w->peer[FIRST]);
	peer_turn(&w->peer[SECOND]);
	return (result);
}

/* Wait for CONNECT at that port and take the connection up. */
static void
expect_at(struct world *w, int port)
{
	int64_t	 limit = clock_ms() + PATIENCE_MS;
	int	 before = w->connected;

	while (!peer_packet(&w->peer[port], w->packet, &w->len)) {
		turn(w);
		assert_true(clock_ms() < limit);
	}
	assert_int_equal(w->packet[0], 0x10);
	peer_send(&w->peer[port], CONNACK);
	while (w->connected == before) {
		turn(w);
		assert_true(clock_ms() < limit);
	}
}

/* The CONNECT that came last ends in these credentials. */
static void
expect_login(const struct world *w, const char *hex)
{
	size_t	 len;
	uint8_t	*bytes = bytes_of(hex, &len);

	assert_true(w->len > len);
	assert_memory_equal(w->packet + w->len - len, bytes, len);
	free(bytes);
}

static void
the_next_is_tried_at_once(void **state)
{
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[DEAD] }, { .url = w->url[SECOND] }
	};

	start(w, list, N(list));
	expect_at(w, SECOND);
	assert_int_equal(w->disconnected, 1);
	assert_true(w->more);
	assert_int_equal(w->pauses, 0);
}

static void
the_list_starts_anew_after_a_loss(void **state)
{
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[FIRST] }, { .url = w->url[SECOND] }
	};

	start(w, list, N(list));
	expect_at(w, FIRST);
	peer_hang_up(&w->peer[FIRST]);
	expect_at(w, FIRST);
	assert_int_equal(w->peer[SECOND].accepted, 0);
	peer_fini(&w->peer[FIRST]);
	expect_at(w, SECOND);
	assert_int_equal(w->peer[SECOND].accepted, 1);
	peer_init(&w->peer[FIRST]);
}

static void
a_pause_follows_the_last(void **state)
{
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[DEAD] }, { .url = w->url[DEAD] },
		{ .url = w->url[DEAD] }
	};

	start(w, list, N(list));
	while (turn(w) == MQK_OK)
		continue;
	assert_int_equal(w->pauses, 5);
	assert_int_equal(w->disconnected, 15);
	assert_false(w->more);
}

static void
each_has_credentials_of_its_own(void **state)
{
	static const struct mqk_bytes	 secret = { "s", 1 };
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[FIRST], .user = "me", .password = secret },
		{ .url = w->url[SECOND] }
	};

	start(w, list, N(list));
	expect_at(w, FIRST);
	expect_login(w, "0002 'me' 0001 's'");
	peer_fini(&w->peer[FIRST]);
	expect_at(w, SECOND);
	expect_login(w, "0002 'u2' 0002 'p2'");
	/* By hand for all that have none but in the URL. */
	assert_int_equal(mqk_set_credentials(w->client, "hand", secret),
	    MQK_OK);
	peer_hang_up(&w->peer[SECOND]);
	expect_at(w, SECOND);
	expect_login(w, "0004 'hand' 0001 's'");
	peer_init(&w->peer[FIRST]);
}

/* The first speaks 3.1.1 only, which says nothing about the second. */
static void
each_has_a_version_of_its_own(void **state)
{
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[FIRST] }, { .url = w->url[SECOND] }
	};
	int64_t			 limit = clock_ms() + PATIENCE_MS;

	start(w, list, N(list));
	while (!peer_packet(&w->peer[FIRST], w->packet, &w->len)) {
		turn(w);
		assert_true(clock_ms() < limit);
	}
	peer_hang_up(&w->peer[FIRST]);
	while (!peer_packet(&w->peer[FIRST], w->packet, &w->len)) {
		turn(w);
		assert_true(clock_ms() < limit);
	}
	assert_int_equal(w->packet[8], 4);
	peer_hang_up(&w->peer[FIRST]);
	expect_at(w, SECOND);
	assert_int_equal(w->packet[8], 5);
}

static void
a_new_list_waits_for_the_next_attempt(void **state)
{
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[FIRST] }, { .url = w->url[DEAD] }
	};

	start(w, list, N(list));
	expect_at(w, FIRST);
	assert_int_equal(mqk_set_url(w->client, w->url[SECOND]), MQK_OK);
	assert_int_equal(mqk_state(w->client), MQK_UP);
	assert_int_equal(mqk_reconnect(w->client), MQK_OK);
	expect_at(w, SECOND);
	expect_login(w, "0002 'u2' 0002 'p2'");
}

/* CONNECT comes to the first port, which refuses it and refers to that. */
static void
refer_to(struct world *w, int port, uint8_t reason, const char *reference)
{
	char	 hex[400];
	size_t	 len = strlen(reference), n;
	int64_t	 limit = clock_ms() + PATIENCE_MS;
	int	 before = w->disconnected;

	while (!peer_packet(&w->peer[port], w->packet, &w->len)) {
		turn(w);
		assert_true(clock_ms() < limit);
	}
	n = (size_t)snprintf(hex, sizeof(hex), "20 %02x 00 %02x %02x 1c %04x",
	    (unsigned)len + 6, reason, (unsigned)len + 3, (unsigned)len);
	for (; *reference != '\0'; reference++)
		n += (size_t)snprintf(hex + n, sizeof(hex) - n, "%02x",
		    (unsigned char)*reference);
	peer_send(&w->peer[port], hex);
	while (w->disconnected == before) {
		turn(w);
		assert_true(clock_ms() < limit);
	}
}

static void
start_following(struct world *w, bool follow)
{
	struct mqk_options	 o = {
		.url = w->url[FIRST], .client_id = "x", .user = w,
		.follow_redirects = follow,
	};

	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_set_handlers(w->client, &handlers);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
}

static void
a_reference_is_followed_if_asked_for(void **state)
{
	struct world	*w = *state;
	char		 reference[64];

	start_following(w, true);
	snprintf(reference, sizeof(reference), "127.0.0.1:%u other.example:1",
	    w->peer[SECOND].port);
	refer_to(w, FIRST, 0x9c, reference);
	assert_true(w->more);
	expect_at(w, SECOND);
	expect_login(w, "0002 'u1' 0002 'p1'");
	assert_int_equal(w->pauses, 0);
	/* Lost, it begins anew with what the user has said. */
	peer_hang_up(&w->peer[SECOND]);
	snprintf(reference, sizeof(reference), "mqtt://127.0.0.1:%u",
	    w->peer[SECOND].port);
	refer_to(w, FIRST, 0x9d, reference);
	expect_at(w, SECOND);
}

static void
a_reference_is_not_followed_unasked(void **state)
{
	struct world	*w = *state;
	char		 reference[64];

	start_following(w, false);
	snprintf(reference, sizeof(reference), "127.0.0.1:%u",
	    w->peer[SECOND].port);
	refer_to(w, FIRST, 0x9c, reference);
	assert_false(w->more);
	expect_at(w, FIRST);
	assert_int_equal(w->peer[SECOND].accepted, 0);
}

/* Another scheme could take TLS away, and the rest is no broker. */
static void
what_is_no_reference_is_not_followed(void **state)
{
	static const char *const references[] = {
		"ws://127.0.0.1:1", "unix:///x", "", " ", ":1", "a b/c:d:e",
	};
	struct world	*w = *state;

	start_following(w, true);
	for (size_t i = 0; i < 4; i++) {
		refer_to(w, FIRST, 0x9c, references[i]);
		assert_false(w->more);
	}
}

static void
brokers_that_refer_to_each_other_are_left(void **state)
{
	struct world	*w = *state;
	char		 to[PORTS][64];

	start_following(w, true);
	for (int i = 0; i < PORTS; i++)
		snprintf(to[i], sizeof(to[i]), "127.0.0.1:%u",
		    w->peer[i].port);
	for (int i = 0; i < 5; i++) {
		refer_to(w, i % 2 == 0 ? FIRST : SECOND, 0x9c,
		    to[i % 2 == 0 ? SECOND : FIRST]);
		assert_true(w->more);
	}
	refer_to(w, SECOND, 0x9c, to[FIRST]);
	assert_false(w->more);
	assert_int_equal(w->pauses, 1);
}

/* However often that was: it may be there again one day. */
static void
a_reference_to_who_is_away_is_followed_each_time(void **state)
{
	struct world	*w = *state;
	char		 dead[64], alive[64];

	start_following(w, true);
	snprintf(dead, sizeof(dead), "127.0.0.1:%u", w->peer[DEAD].port);
	snprintf(alive, sizeof(alive), "127.0.0.1:%u", w->peer[SECOND].port);
	for (int i = 0; i < 6; i++) {
		refer_to(w, FIRST, 0x9c, dead);
		assert_true(w->more);
		for (w->pauses = 0; w->pauses == 0;)
			assert_int_equal(turn(w), MQK_OK);
	}
	refer_to(w, FIRST, 0x9c, alive);
	expect_at(w, SECOND);
}

static void
what_is_no_list_is_refused(void **state)
{
	struct world		*w = *state;
	const struct mqk_broker	 list[] = {
		{ .url = w->url[FIRST] }, { .url = "amqp://b" }
	};
	const struct mqk_broker	 no_url[] = { { .user = "me" } };
	const struct mqk_broker	 bad_user[] = {
		{ .url = w->url[FIRST], .user = "\xff" }
	};
	struct mqk_options	 o = { .brokers = list, .nbrokers = 2 };
	struct mqk_client	*none;

	assert_int_equal(mqk_client_new(&none, &o), MQK_EINVAL);
	assert_null(none);
	o.nbrokers = 0;
	assert_int_equal(mqk_client_new(&none, &o), MQK_EINVAL);
	start(w, list, 1);
	assert_int_equal(mqk_set_brokers(w->client, list, 2), MQK_EINVAL);
	assert_string_equal(mqk_last_error_text(w->client),
	    "brokers[1]: URL: the scheme is none of mqtt mqtts ws wss unix");
	assert_int_equal(mqk_set_brokers(w->client, list, 0), MQK_EINVAL);
	assert_int_equal(mqk_set_brokers(w->client, no_url, 1), MQK_EINVAL);
	assert_int_equal(mqk_set_brokers(w->client, bad_user, 1), MQK_EINVAL);
	/* MQTT has user names in UTF-8 only. */
	assert_int_equal(mqk_set_url(w->client, "mqtt://%ff@h"), MQK_EINVAL);
	expect_at(w, FIRST);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(the_next_is_tried_at_once),
		TEST(the_list_starts_anew_after_a_loss),
		TEST(a_pause_follows_the_last),
		TEST(each_has_credentials_of_its_own),
		TEST(each_has_a_version_of_its_own),
		TEST(a_new_list_waits_for_the_next_attempt),
		TEST(a_reference_is_followed_if_asked_for),
		TEST(a_reference_is_not_followed_unasked),
		TEST(what_is_no_reference_is_not_followed),
		TEST(brokers_that_refer_to_each_other_are_left),
		TEST(a_reference_to_who_is_away_is_followed_each_time),
		TEST(what_is_no_list_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
