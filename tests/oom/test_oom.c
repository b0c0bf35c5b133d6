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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/scram.h"
#include "codec/frame.h"
#include "oom/failing.h"
#include "session/session.h"
#include "unit/memclient.h"

#define RUNS_MAX	2000
#define BIG		20000	/* does not fit the first receive buffer */

int	__real_transport_new(struct pipe **, const struct transport_options *,
	    struct error *);

static struct world {
	struct mqk_client *client;
	bool		 noticed;	/* somebody was told of ENOMEM */
	bool		 fresh;		/* the broker has no session */
	const char	*connack;	/* its properties, text of bytes_of() */
	uint8_t		 refused;	/* the version that is */
	enum mqk_version version;	/* of the last CONNECT */
	bool		 silent;	/* requests are not answered */
	bool		 lost;		/* the network is to blame */
	int		 deaf;		/* so many connections get no answer */
	int		 accepted;	/* QoS 1 and 2 messages, by calls */
	int		 published, messages;
	struct mqk_ack	 later[3];
	uint8_t		 big[BIG];
} w;

/* ---- calls with failing allocations ---------------------------------- */

/* The result; only want of memory may be the reason for a failure. */
static int
note(int result)
{
	failing_off();
	if (result == MQK_ENOMEM)
		w.noticed = true;
	else if (result < 0 && !w.lost && !failing_happened())
		fail_msg("a call failed: %s", mqk_strerror(result));
	return (result);
}

#define CALL(call)	(failing_on(), note(call))

/* ---- what the client tells ------------------------------------------- */

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	(void)c;
	(void)user;
	if (d->error == MQK_ENOMEM)
		w.noticed = true;
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	if (r->error == MQK_ENOMEM)
		w.noticed = true;
	w.published++;
}

static void
on_answered(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	if (r->error == MQK_ENOMEM)
		w.noticed = true;
}

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)user;
	if (m->ack.qos > 0)
		w.later[w.messages % 3] = m->ack;
	w.messages++;
	return (0);
}

static void
on_log(struct mqk_client *c, enum mqk_log kind, const char *text, void *user)
{
	(void)c;
	(void)kind;
	(void)user;
	assert_non_null(text);
}

static const struct mqk_handlers handlers = {
	.on_disconnected = on_disconnected,
	.on_published = on_published,
	.on_subscribed = on_answered,
	.on_unsubscribed = on_answered,
	.on_message = on_message,
};

/* ---- a broker -------------------------------------------------------- */

static void
say(const char *text)
{
	size_t	 len;
	uint8_t	*bytes = bytes_of(text, &len);

	mempipe_say(&memclient_pipe, bytes, len);
	free(bytes);
}

static void
say_answer(uint8_t first, unsigned mid)
{
	uint8_t	 bytes[] = { first, 2, (uint8_t)(mid >> 8), (uint8_t)mid };

	mempipe_say(&memclient_pipe, bytes, sizeof(bytes));
}

/* SUBACK and UNSUBACK: all is granted. */
static void
say_granted(uint8_t first, unsigned mid, size_t n)
{
	uint8_t	 bytes[16] = { first };
	bool	 v5 = w.version == MQK_V5;
	bool	 bare = first == 0xb0 && !v5;

	bytes[1] = (uint8_t)(2 + (bare ? 0 : n + v5));
	bytes[2] = (uint8_t)(mid >> 8);
	bytes[3] = (uint8_t)mid;
	mempipe_say(&memclient_pipe, bytes, 2u + bytes[1]);
}

/* SCRAM: the client's nonce and a half of ours. */
static void
challenge(struct mqk_bytes first)
{
	static const char	 head[] = "n,,n=user,";
	static const struct mqk_bytes method = { "SCRAM-SHA-256", 13 };
	char			 text[200];
	struct packet		 p = { .type = MQK_AUTH, .u.bye.reason = 0x18 };
	struct mqk_props	*props = mqk_props_new();

	assert_non_null(props);
	snprintf(text, sizeof(text), "%.*sabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,"
	    "i=4096", (int)(first.len - strlen(head)),
	    (const char *)first.data + strlen(head));
	assert_int_equal(mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
	    method), MQK_OK);
	assert_int_equal(mqk_props_add_str(props, MQK_P_AUTHENTICATION_DATA,
	    text_bytes(text)), MQK_OK);
	p.u.bye.props = *props;
	assert_int_equal(packet_encode(&memclient_pipe.in, MQK_V5, &p),
	    MQK_OK);
	mqk_props_free(props);
}

static void
on_connect(const struct packet *p)
{
	char			 text[300];
	bool			 present = !p->u.connect.clean && !w.fresh;
	struct mqk_value	 data;

	w.version = p->u.connect.version;
	if (w.deaf > 0) {
		w.deaf--;
		memclient_pipe.ended = true;
	} else if (mqk_props_get(&p->u.connect.props,
	    MQK_P_AUTHENTICATION_DATA, &data))
		challenge(data.str);
	else if (w.version == w.refused)
		say("20 03 00 84 00");
	else if (w.version != MQK_V5)
		say(present ? "20 02 01 00" : "20 02 00 00");
	else {
		snprintf(text, sizeof(text), "20 %s", w.connack);
		if (present)
			text[7] = '1';
		say(text);
	}
}

static void
answer(const struct packet *p)
{
	if (p->type == MQK_CONNECT)
		on_connect(p);
	else if (p->type == MQK_AUTH)
		say("20 03 00 87 00");
	else if (p->type == MQK_PUBREC)
		say_answer(0x62, p->u.answer.mid);
	else if (p->type == MQK_DISCONNECT)
		memclient_pipe.ended = true;
	else if (w.silent)
		return;
	else if (p->type == MQK_PUBLISH && p->u.publish.qos > 0)
		say_answer(p->u.publish.qos == 1 ? 0x40 : 0x50,
		    p->u.publish.mid);
	else if (p->type == MQK_PUBREL)
		say_answer(0x70, p->u.answer.mid);
	else if (p->type == MQK_SUBSCRIBE)
		say_granted(0x90, p->u.subscribe.mid, p->u.subscribe.n);
	else if (p->type == MQK_UNSUBSCRIBE)
		say_granted(0xb0, p->u.unsubscribe.mid, p->u.unsubscribe.n);
}

static bool
answer_next(void)
{
	struct buf	*out = &memclient_pipe.out;
	struct packet	 p;
	const char	*why;
	size_t		 len;

	if (frame_next(buf_data(out), buf_len(out), PACKET_MAX, &len) != 1)
		return (false);
	assert_int_equal(packet_decode(&p, w.version, buf_data(out), len,
	    &why), MQK_OK);
	answer(&p);
	buf_consume(out, len);
	return (true);
}

/*
 * Turns until neither side has anything to say.  A turn that finds no memory
 * to begin with leaves all to the next.
 */
static void
serve(void)
{
	bool	 busy = true;

	for (int i = 0; busy && i < 50; i++) {
		(void)CALL(memclient_turn(w.client));
		busy = buf_len(&memclient_pipe.in) > 0 ||
		    mqk_state(w.client) == MQK_DIALING;
		while (mqk_state(w.client) != MQK_IDLE && answer_next())
			busy = true;
	}
}

/* ---- parts of stories ------------------------------------------------ */

static bool
make(struct mqk_options *o)
{
	o->reconnect.off = true;
	if (o->client_id == NULL)
		o->client_id = "x";
	if (CALL(mqk_client_new(&w.client, o)) < 0)
		return (false);
	mqk_set_handlers(w.client, &handlers);
	return (true);
}

static bool
make_plain(enum mqk_version version)
{
	struct mqk_options	 o = { .version = version };

	return (make(&o));
}

static void
come_up(void)
{
	if (CALL(mqk_connect(w.client)) == MQK_OK)
		serve();
}

static void
lose(void)
{
	w.lost = true;
	for (int i = 0; i < 3 && mqk_state(w.client) != MQK_IDLE; i++) {
		memclient_pipe.ended = true;
		(void)CALL(memclient_turn(w.client));
	}
	w.lost = false;
}

static void
publish(uint8_t qos, size_t len, const struct mqk_props *props)
{
	struct mqk_publish	 m = { .topic = "a/b", .qos = qos,
				    .props = props };

	m.payload = (struct mqk_bytes){ w.big, len };
	if (CALL(mqk_publish(w.client, &m)) > 0)
		w.accepted++;
}

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

/* Nothing fails any more: it connects, and all that was accepted is sent. */
static void
assert_usable(void)
{
	failing_stop();
	w.silent = false;
	w.refused = 0;
	memclient_pipe.ended = false;
	for (int i = 0; i < 3 && mqk_state(w.client) != MQK_UP; i++) {
		if (mqk_state(w.client) == MQK_IDLE)
			come_up();
		else
			serve();
	}
	assert_int_equal(mqk_state(w.client), MQK_UP);
	publish(1, 10, NULL);
	publish(2, 10, NULL);
	serve();
	assert_int_equal(w.published, w.accepted);
}

static void
end(void)
{
	if (w.client != NULL)
		assert_usable();
	mqk_client_free(w.client);
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

	if (make(&o)) {
		(void)CALL(mqk_set_credentials(w.client, "user",
		    text_bytes("secret")));
		(void)CALL(mqk_set_will(w.client, &will));
		(void)CALL(mqk_set_will(w.client, &will));
		(void)CALL(mqk_set_url(w.client, "mqtt://other:1885"));
		come_up();
	}
	end();
}

static void
publishing(void)
{
	struct mqk_props	*props = props_with_alias();

	if (make_plain(MQK_V5)) {
		publish(0, 100, NULL);
		publish(1, 100, NULL);
		come_up();
		for (uint8_t qos = 0; qos < 3; qos++) {
			publish(qos, 100, NULL);
			publish(qos, 100, props);
			publish(qos, 100, props);
			publish(qos, BIG, NULL);
		}
		serve();
	}
	end();
	mqk_props_free(props);
}

static void
publishing_much(void)
{
	if (make_plain(MQK_V311)) {
		come_up();
		w.silent = true;
		for (int i = 0; i < 40; i++)
			publish((uint8_t)(i % 3), 500, NULL);
		serve();
		lose();
	}
	end();
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

	if (make_plain(MQK_V5)) {
		come_up();
		for (m.qos = 0; m.qos < 3; m.qos++) {
			if (CALL(mqk_publish(w.client, &m)) > 0)
				w.accepted++;
			publish(1, 100, NULL);
			serve();
		}
	}
	end();
}

static void
subscribing(void)
{
	static const struct mqk_filter	 filters[] = {
		{ .topic = "a/+", .on_message = on_message },
		{ .topic = "b" },
		{ .topic = "$share/g/c", .qos = 2 },
	};
	static const char *const	 gone[] = { "b", "d" };
	struct mqk_props		*props = mqk_props_new();

	assert_non_null(props);
	assert_int_equal(mqk_props_add_pair(props, text_bytes("k"),
	    text_bytes("v")), MQK_OK);
	if (make_plain(MQK_V5)) {
		(void)CALL(mqk_subscribe(w.client, filters, 3, props));
		come_up();
		(void)CALL(mqk_subscribe(w.client, filters, 2, NULL));
		serve();
		(void)CALL(mqk_unsubscribe(w.client, gone, 2, props));
		serve();
		lose();
		w.fresh = true;
		come_up();
	}
	end();
	mqk_props_free(props);
}

static void
receiving(void)
{
	static uint8_t	 large[4 + 3 + BIG] = { 0x30, 0xa3, 0x9c, 0x01,
			    0, 1, 'a' };

	if (make_plain(MQK_V311)) {
		come_up();
		say("30 04 0001'a' 'x' 32 05 0001'a' 0001 34 05 0001'a' 0002");
		serve();
		mempipe_say(&memclient_pipe, large, sizeof(large));
		serve();
		say("34 05 0001'b' 0003 34 05 0001'c' 0004 32 05 0001'a' 0005");
		serve();
		if (!failing_happened())
			assert_int_equal(w.messages, 7);
	}
	end();
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
	if (make(&o)) {
		come_up();
		say("32 09 0004'a/bc' 0001 00 32 0a 0001'a' 0002 03 23 0001'x'"
		    "34 0a 0001'b' 0003 03 23 0009'y'"
		    "30 06 0000 03 23 0001");
		serve();
		mqk_props_free(props);
		props = mqk_props_new();
		assert_non_null(props);
		assert_int_equal(mqk_props_add_str(props, MQK_P_REASON_STRING,
		    text_bytes("no")), MQK_OK);
		for (int i = w.messages == 4 ? 2 : -1; i >= 0; i--)
			(void)CALL(mqk_ack(w.client, w.later[i], 0x80, props));
		serve();
	}
	end();
	mqk_props_free(props);
}

static void
reconnecting(void)
{
	if (make_plain(MQK_V5)) {
		come_up();
		w.silent = true;
		for (int i = 0; i < 9; i++)
			publish((uint8_t)(i % 3), 200, NULL);
		serve();
		lose();
		publish(2, 100, NULL);
		w.silent = false;
		come_up();
	}
	end();
}

/* The broker comes back as one that knows 3.1.1 only. */
static void
changing_the_version(void)
{
	struct mqk_props	*props = props_with_alias();

	if (make_plain(MQK_V_AUTO)) {
		publish(1, 100, props);
		publish(2, 100, props);
		publish(0, 100, props);
		w.refused = MQK_V5;
		come_up();
	}
	end();
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
	struct mqk_handlers	 all = handlers;
	struct mqk_hook		 hook = {
		.directions = MQK_IN | MQK_OUT, .run = see_packet,
	};

	all.on_log = on_log;
	if (make_plain(MQK_V311)) {
		mqk_set_handlers(w.client, &all);
		(void)CALL(mqk_hook_add(w.client, &hook));
		come_up();
		publish(1, 100, NULL);
		say("30 04 0001'a' 'x' d0 00");
		serve();
	}
	end();
}

static void
being_refused(void)
{
	if (make_plain(MQK_V5)) {
		come_up();
		w.silent = true;
		publish(1, 10, NULL);
		publish(2, 10, NULL);
		serve();
		say("40 03 0001 87 50 03 0002 97");
		serve();
		w.silent = false;
	}
	end();
}

static void
leaving(void)
{
	struct mqk_props	*props = mqk_props_new();

	assert_non_null(props);
	assert_int_equal(mqk_props_add_str(props, MQK_P_REASON_STRING,
	    text_bytes("enough")), MQK_OK);
	if (make_plain(MQK_V5)) {
		come_up();
		publish(1, 10, NULL);
		(void)CALL(mqk_ping(w.client));
		serve();
		/* That it has ended is what the turns tell. */
		w.lost = true;
		if (CALL(mqk_disconnect(w.client, 0, props)) == MQK_OK)
			serve();
		w.lost = false;
	}
	end();
	mqk_props_free(props);
}

static void
assigned_id(void)
{
	struct mqk_options	 o = { .version = MQK_V5, .client_id = "" };

	w.connack = "07 00 00 04 12 0001'i'";
	if (make(&o))
		come_up();
	end();
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

	w.deaf = 2;
	if (make(&o)) {
		w.lost = true;
		come_up();
		w.lost = false;
		publish(1, 10, NULL);
		serve();
	}
	end();
}

/* In the end the broker says no: it can't know the password here. */
static void
authenticating(void)
{
	static const struct mqk_auth_options	 auth = {
		.method = "SCRAM-SHA-256",
	};

	if (make_plain(MQK_V5)) {
		(void)CALL(mqk_set_credentials(w.client, "user",
		    text_bytes("pencil")));
		(void)CALL(mqk_set_auth(w.client, &auth));
		w.lost = true;
		come_up();
		failing_stop();
		lose();
		assert_int_equal(mqk_set_auth(w.client, NULL), MQK_OK);
	}
	end();
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
		w.noticed = true;
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

	memset(&w, 0, sizeof(w));
	w.version = MQK_V5;
	w.connack = "03 00 00 00";
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
	if (!more && !w.noticed && (w.published != all->published ||
	    w.messages != all->messages))
		fail_msg("allocation %u failed silently", n);
}

static void
tell_all(void (*story)(void))
{
	struct world	 all;
	unsigned	 n;

	tell(story, 0, false);
	assert_false(w.noticed);
	all = w;
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
	{ "acknowledging", acknowledging },
	{ "reconnecting", reconnecting },
	{ "changing the version", changing_the_version },
	{ "watching", watching },
	{ "being refused", being_refused },
	{ "leaving", leaving },
	{ "an assigned id", assigned_id },
	{ "failing over", failing_over },
	{ "authenticating", authenticating },
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

int
main(void)
{
	struct CMUnitTest	 tests[N(stories)] = { { 0 } };
	struct error		 e;

	assert_int_equal(digest_load(&e), MQK_OK);
	memclient_init();
	for (size_t i = 0; i < N(stories); i++) {
		tests[i].name = stories[i].name;
		tests[i].test_func = tell_story;
		tests[i].initial_state = (void *)&stories[i];
	}
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
