/* SPDX-License-Identifier: MIT */

/*
 * Authentication by the library: what mqk_set_auth() refuses, and when time
 * begins or ends an exchange.  What is said in one is in the wire scenarios.
 */

#include "unit/fixture.h"

#include <sys/socket.h>

#include <string.h>

#include "base/clock.h"
#include "client/internal.h"
#include "unit/peer.h"

#define PATIENCE_MS	10000
#define METHOD		"SCRAM-SHA-256"

/* The example of RFC 7677. */
static const char nonce[] = "rOprNGfwEbeRWgbNEkqO";
static const char challenge[] =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
static const char proof[] = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

static struct world {
	struct peer	 peer;
	struct mqk_client *client;
	int		 connected, authenticated, disconnected, error;
	uint8_t		 packet[1u << 16];
	size_t		 len;
} w;

/* ---- the client ------------------------------------------------------ */

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *p)
{
	(void)c;
	(void)con;
	(void)p;
	w.connected++;
}

static void
on_auth(struct mqk_client *c, uint8_t reason, const struct mqk_props *props,
    void *p)
{
	(void)c;
	(void)props;
	(void)p;
	assert_int_equal(reason, 0);
	w.authenticated++;
}

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *p)
{
	(void)c;
	(void)p;
	w.disconnected++;
	w.error = d->error;
}

static struct mqk_client *
new_client(const struct mqk_options *o)
{
	struct mqk_client	*c;

	assert_int_equal(mqk_client_new(&c, o), MQK_OK);
	return (c);
}

static int
set_auth(struct mqk_client *c, const char *method)
{
	struct mqk_auth_options	 o = { .method = method };

	return (mqk_set_auth(c, &o));
}

/* ---- the broker ------------------------------------------------------ */

static void
say(enum mqk_packet_type type, uint8_t reason, const char *data)
{
	struct mqk_props	*props = mqk_props_new();
	struct packet		 p = { .type = type };
	struct buf		 b;

	assert_int_equal(mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
	    text_bytes(METHOD)), MQK_OK);
	assert_int_equal(mqk_props_add_str(props, MQK_P_AUTHENTICATION_DATA,
	    text_bytes(data)), MQK_OK);
	if (type == MQK_CONNACK)
		p.u.connack.props = *props;
	else
		p.u.bye = (struct packet_bye){ reason, *props };
	buf_init(&b, 1000);
	assert_int_equal(packet_encode(&b, MQK_V5, &p), MQK_OK);
	assert_int_equal(send(w.peer.fd, buf_data(&b), buf_len(&b), 0),
	    buf_len(&b));
	buf_fini(&b);
	mqk_props_free(props);
}

static void
turn(void)
{
	(void)!mqk_step(w.client, 10);
	peer_turn(&w.peer);
}

/* The next packet of the client, which must be of that type and reason. */
static void
hear(enum mqk_packet_type type, int reason)
{
	int64_t	 until = clock_ms() + PATIENCE_MS;

	while (!peer_packet(&w.peer, w.packet, &w.len)) {
		assert_true(clock_ms() < until);
		turn();
	}
	assert_int_equal(w.packet[0] >> 4, type);
	if (reason >= 0)
		assert_int_equal(w.packet[2], reason);
}

static void
wait_for(const int *count, int value)
{
	int64_t	 until = clock_ms() + PATIENCE_MS;

	while (*count < value) {
		assert_true(clock_ms() < until);
		turn();
	}
}

static void
dial(uint32_t interval_ms, uint32_t timeout_ms)
{
	static const struct mqk_handlers handlers = {
		.on_connected = on_connected,
		.on_auth = on_auth,
		.on_disconnected = on_disconnected,
	};
	struct mqk_options	 o = {
		.host = "127.0.0.1",
		.connect_timeout_ms = timeout_ms,
		.reconnect.off = true,
	};
	struct mqk_auth_options	 auth = { METHOD, interval_ms, { 0 } };

	memset(&w, 0, sizeof(w));
	peer_init(&w.peer);
	o.port = w.peer.port;
	w.client = new_client(&o);
	mqk_set_handlers(w.client, &handlers);
	assert_int_equal(mqk_set_credentials(w.client, "user",
	    text_bytes("pencil")), MQK_OK);
	assert_int_equal(mqk_set_auth(w.client, &auth), MQK_OK);
	w.client->auth->nonce = nonce;
	assert_int_equal(mqk_connect(w.client), MQK_OK);
	hear(MQK_CONNECT, -1);
}

static void
connect_with(uint32_t interval_ms, uint32_t timeout_ms)
{
	dial(interval_ms, timeout_ms);
	say(MQK_AUTH, 0x18, challenge);
	hear(MQK_AUTH, 0x18);
	say(MQK_CONNACK, 0, proof);
	wait_for(&w.connected, 1);
}

static void
end(void)
{
	mqk_client_free(w.client);
	peer_fini(&w.peer);
}

/* ---- time ------------------------------------------------------------ */

static void
the_exchange_is_repeated_at_the_interval(void **state)
{
	struct mqk_interest	 want;

	(void)state;
	connect_with(50, 10000);
	for (int i = 1; i <= 3; i++) {
		mqk_interest(w.client, &want);
		assert_in_range(want.timeout_ms, 0, 50);
		hear(MQK_AUTH, 0x19);
		say(MQK_AUTH, 0x18, challenge);
		hear(MQK_AUTH, 0x18);
		say(MQK_AUTH, 0, proof);
		wait_for(&w.authenticated, i);
	}
	assert_int_equal(w.disconnected, 0);
	end();
}

static void
without_an_interval_it_is_not(void **state)
{
	struct mqk_interest	 want;

	(void)state;
	connect_with(0, 10000);
	mqk_interest(w.client, &want);
	assert_in_range(want.timeout_ms, 50000, 60000);
	end();
}

static void
a_broker_that_does_not_answer_is_left(void **state)
{
	(void)state;
	connect_with(0, 300);
	assert_int_equal(mqk_reauthenticate(w.client), MQK_OK);
	hear(MQK_AUTH, 0x19);
	wait_for(&w.disconnected, 1);
	assert_int_equal(w.error, MQK_ETIMEOUT);
	assert_non_null(strstr(mqk_last_error_text(w.client),
	    "no answer to the re-authentication"));
	end();
}

static void
a_new_connection_begins_anew(void **state)
{
	(void)state;
	connect_with(0, 10000);
	assert_int_equal(mqk_reauthenticate(w.client), MQK_OK);
	hear(MQK_AUTH, 0x19);
	assert_int_equal(mqk_reconnect(w.client), MQK_OK);
	hear(MQK_CONNECT, -1);
	say(MQK_AUTH, 0x18, challenge);
	hear(MQK_AUTH, 0x18);
	say(MQK_CONNACK, 0, proof);
	wait_for(&w.connected, 2);
	assert_int_equal(mqk_reauthenticate(w.client), MQK_OK);
	hear(MQK_AUTH, 0x19);
	end();
}

/* ---- versions -------------------------------------------------------- */

/* MQTT 3.1.1 would connect without any authentication. */
static void
no_older_version_is_tried(void **state)
{
	(void)state;
	dial(0, 10000);
	peer_send(&w.peer, "20 03 00 84 00");
	wait_for(&w.disconnected, 1);
	assert_int_equal(w.error, MQK_EREFUSED);
	end();
	dial(0, 10000);
	peer_hang_up(&w.peer);
	wait_for(&w.disconnected, 1);
	assert_int_equal(w.error, MQK_ECLOSED);
	assert_int_equal(w.peer.accepted, 1);
	end();
}

/* ---- calls ----------------------------------------------------------- */

static void
only_while_idle(void **state)
{
	(void)state;
	connect_with(0, 10000);
	assert_int_equal(set_auth(w.client, METHOD), MQK_ESTATE);
	assert_int_equal(mqk_set_auth(w.client, NULL), MQK_ESTATE);
	assert_int_equal(mqk_auth(w.client, 0x19, NULL), MQK_ESTATE);
	end();
}

static void
what_set_auth_refuses(void **state)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_options	 old = { .version = MQK_V311 };
	struct mqk_options	 own = { .props = props };
	struct mqk_client	*c;

	(void)state;
	c = new_client(NULL);
	assert_int_equal(set_auth(c, NULL), MQK_EINVAL);
	assert_int_equal(set_auth(c, "PLAIN"), MQK_EINVAL);
	assert_int_equal(set_auth(c, "SCRAM-SHA-256-PLUS"), MQK_EINVAL);
	assert_int_equal(set_auth(c, METHOD), MQK_OK);
	assert_int_equal(mqk_reauthenticate(c), MQK_ESTATE);
	assert_int_equal(mqk_set_auth(c, NULL), MQK_OK);
	assert_int_equal(mqk_set_credentials(c, "a\x07",
	    text_bytes("b")), MQK_OK);
	assert_int_equal(set_auth(c, METHOD), MQK_EINVAL);
	assert_string_equal(mqk_last_error_text(c),
	    "user name: a control character in it");
	mqk_client_free(c);
	c = new_client(&old);
	assert_int_equal(set_auth(c, METHOD), MQK_EINVAL);
	mqk_client_free(c);
	assert_int_equal(mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
	    text_bytes("m")), MQK_OK);
	c = new_client(&own);
	assert_int_equal(set_auth(c, METHOD), MQK_EINVAL);
	mqk_client_free(c);
	mqk_props_free(props);
}

/* The attempt fails before anything is said. */
static void
without_credentials_nothing_is_sent(void **state)
{
	static const struct mqk_handlers handlers = {
		.on_disconnected = on_disconnected,
	};
	struct mqk_options	 o = {
		.host = "127.0.0.1",
		.reconnect.off = true,
	};

	(void)state;
	memset(&w, 0, sizeof(w));
	peer_init(&w.peer);
	o.port = w.peer.port;
	w.client = new_client(&o);
	mqk_set_handlers(w.client, &handlers);
	assert_int_equal(set_auth(w.client, METHOD), MQK_OK);
	assert_int_equal(mqk_connect(w.client), MQK_OK);
	wait_for(&w.disconnected, 1);
	assert_int_equal(w.error, MQK_EINVAL);
	assert_int_equal(w.peer.n, 0);
	end();
}

static void
credentials_of_the_url_do(void **state)
{
	struct mqk_bytes	 password;
	struct mqk_options	 o = { .url = "mqtt://me:secret@localhost" };
	struct mqk_client	*c = new_client(&o);
	const char		*user;

	(void)state;
	config_credentials(&c->config, &user, &password);
	assert_string_equal(user, "me");
	assert_string_equal(password.data, "secret");
	assert_int_equal(mqk_set_credentials(c, "you", text_bytes("x")),
	    MQK_OK);
	config_credentials(&c->config, &user, &password);
	assert_string_equal(user, "you");
	mqk_client_free(c);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(the_exchange_is_repeated_at_the_interval),
		cmocka_unit_test(without_an_interval_it_is_not),
		cmocka_unit_test(a_broker_that_does_not_answer_is_left),
		cmocka_unit_test(a_new_connection_begins_anew),
		cmocka_unit_test(no_older_version_is_tried),
		cmocka_unit_test(only_while_idle),
		cmocka_unit_test(what_set_auth_refuses),
		cmocka_unit_test(without_credentials_nothing_is_sent),
		cmocka_unit_test(credentials_of_the_url_do),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
