/* SPDX-License-Identifier: MIT */

#include "oom/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/packet.h"
#include "unit/fixture.h"
#include "unit/memclient.h"

struct world	 world;

/* ---- calls with failing allocations ---------------------------------- */

int
world_note(int result)
{
	failing_off();
	if (result == MQK_ENOMEM)
		world.noticed = true;
	else if (result < 0 && !world.lost && !failing_happened())
		fail_msg("a call failed: %s", mqk_strerror(result));
	return (result);
}

/* ---- what the client tells ------------------------------------------- */

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	(void)c;
	(void)user;
	if (d->error != MQK_ENOMEM)
		return;
	world.noticed = true;
	if (world.text[0] == '\0')
		snprintf(world.text, sizeof(world.text), "%s", d->text);
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	if (r->error == MQK_ENOMEM)
		world.noticed = true;
	world.published++;
}

static void
on_answered(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	if (r->error == MQK_ENOMEM)
		world.noticed = true;
}

int
world_on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)user;
	if (m->ack.qos > 0)
		world.later[world.messages % 3] = m->ack;
	world.messages++;
	return (0);
}

const struct mqk_handlers world_handlers = {
	.on_disconnected = on_disconnected,
	.on_published = on_published,
	.on_subscribed = on_answered,
	.on_unsubscribed = on_answered,
	.on_message = world_on_message,
};

/* ---- a broker -------------------------------------------------------- */

void
world_say(const char *text)
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
	bool	 v5 = world.version == MQK_V5;
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
	bool			 present = !p->u.connect.clean && !world.fresh;
	struct mqk_value	 data;

	world.version = p->u.connect.version;
	if (world.deaf > 0) {
		world.deaf--;
		memclient_pipe.ended = true;
	} else if (mqk_props_get(&p->u.connect.props,
	    MQK_P_AUTHENTICATION_DATA, &data))
		challenge(data.str);
	else if (world.version == world.refused)
		world_say("20 03 00 84 00");
	else if (world.version != MQK_V5)
		world_say(present ? "20 02 01 00" : "20 02 00 00");
	else {
		snprintf(text, sizeof(text), "20 %s", world.connack);
		if (present)
			text[7] = '1';
		world_say(text);
	}
}

static void
answer(const struct packet *p)
{
	if (p->type == MQK_CONNECT)
		on_connect(p);
	else if (p->type == MQK_AUTH)
		world_say("20 03 00 87 00");
	else if (p->type == MQK_PUBREC)
		say_answer(0x62, p->u.answer.mid);
	else if (p->type == MQK_DISCONNECT)
		memclient_pipe.ended = true;
	else if (world.silent)
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
	assert_int_equal(packet_decode(&p, world.version, buf_data(out), len,
	    &why), MQK_OK);
	answer(&p);
	buf_consume(out, len);
	return (true);
}

void
world_serve(void)
{
	bool	 busy = true;

	for (int i = 0; busy && i < 50; i++) {
		(void)CALL(memclient_turn(world.client));
		busy = buf_len(&memclient_pipe.in) > 0 ||
		    mqk_state(world.client) == MQK_DIALING;
		while (mqk_state(world.client) != MQK_IDLE && answer_next())
			busy = true;
	}
}

/* ---- parts of stories ------------------------------------------------ */

bool
world_make(struct mqk_options *o)
{
	o->reconnect.off = true;
	if (o->client_id == NULL)
		o->client_id = "x";
	if (CALL(mqk_client_new(&world.client, o)) < 0)
		return (false);
	mqk_set_handlers(world.client, &world_handlers);
	return (true);
}

bool
world_make_plain(enum mqk_version version)
{
	struct mqk_options	 o = { .version = version };

	return (world_make(&o));
}

void
world_connect(void)
{
	if (CALL(mqk_connect(world.client)) == MQK_OK)
		world_serve();
}

void
world_lose(void)
{
	world.lost = true;
	for (int i = 0; i < 3 && mqk_state(world.client) != MQK_IDLE; i++) {
		memclient_pipe.ended = true;
		(void)CALL(memclient_turn(world.client));
	}
	world.lost = false;
}

void
world_publish(uint8_t qos, size_t len, const struct mqk_props *props)
{
	struct mqk_publish	 m = { .topic = "a/b", .qos = qos,
				    .props = props };

	m.payload = (struct mqk_bytes){ world.big, len };
	if (CALL(mqk_publish(world.client, &m)) > 0)
		world.accepted++;
}

static void
assert_usable(void)
{
	failing_stop();
	world.silent = false;
	world.refused = 0;
	memclient_pipe.ended = false;
	for (int i = 0; i < 3 && mqk_state(world.client) != MQK_UP; i++) {
		if (mqk_state(world.client) == MQK_IDLE)
			world_connect();
		else
			world_serve();
	}
	assert_int_equal(mqk_state(world.client), MQK_UP);
	world_publish(1, 10, NULL);
	world_publish(2, 10, NULL);
	world_serve();
	assert_int_equal(world.published, world.accepted);
}

void
world_end(void)
{
	if (world.client != NULL)
		assert_usable();
	mqk_client_free(world.client);
}
