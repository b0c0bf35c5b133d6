/* SPDX-License-Identifier: MIT */

/*
 * A whole client between a user and a broker that both do what the input says,
 * in callbacks too, over a connection that takes, gives and breaks off as the
 * input says.  At the end comes a broker that does everything right, and with
 * it every request must come to its end.  What has to hold meanwhile is in
 * the ledger.
 */

#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "fuzz/broker.h"
#include "fuzz/input.h"
#include "fuzz/ledger.h"
#include "fuzz/must.h"
#include "transport/transport.h"
#include "unit/mempipe.h"

#define TOKENS		16
#define HOOKS		4
#define PAYLOAD_MAX	2048
#define MEMORY_MAX	(8u << 20)
#define SPINS_MAX	64
#define SILENCE_MAX	2	/* keep-alives without a byte */
#define PATIENCE	2000	/* turns until all must be done */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);
/* Only where there is a sanitizer. */
size_t	__sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static struct world {
	struct input	 in;
	struct mqk_client *client;	/* NULL: freed */
	struct ledger	 ledger;
	int64_t		 now;
	uint32_t	 random;
	struct pipe_ops	 ops;
	struct mempipe	 mem;
	bool		 broken;	/* neither read nor write */
	bool		 pending;	/* bytes wait above the descriptor */
	size_t		 piece;		/* of a read */
	bool		 present;	/* the last broker remembers sessions */
	bool		 by_filter;	/* messages go to filters' callbacks */
	struct mqk_ack	 tokens[TOKENS];
	uint32_t	 ntokens;
	int		 hooks[HOOKS];
	uint32_t	 nhooks;
	uint32_t	 sources;	/* given and not done */
	int64_t		 heard_at;
	uint32_t	 keepalive_s, asked_keepalive_s;
	size_t		 memory;	/* before */
} world;

/* ---- in place of the system's ---------------------------------------- */

int64_t
clock_ms(void)
{
	return (world.now);
}

int
random_bytes(void *to, size_t len)
{
	memset(to, (int)(++world.random & 0xff), len);
	return (MQK_OK);
}

uint32_t
random_below(uint32_t below)
{
	return (below - 1);
}

static void
flush_ledger(ledger_packet_fn *show)
{
	struct buf	*out = &world.mem.out;

	ledger_sent(&world.ledger, buf_data(out), buf_len(out), show, NULL);
	buf_truncate(out, 0);
}

/* Mostly they come about. */
static int
open_pipe(struct pipe *p, int64_t now, struct error *e)
{
	uint8_t	 how = input_byte(&world.in);

	(void)p;
	(void)now;
	if (how == 0xff)
		return (errf(e, MQK_EDIAL, "refused"));
	return (how > 0xf0 ? MQK_EAGAIN : MQK_OK);
}

static ssize_t
read_pipe(struct pipe *p, void *to, size_t size, struct error *e)
{
	struct mempipe	*m = (struct mempipe *)p;
	size_t		 n = buf_len(&m->in);

	if (n == 0 && (m->ended || world.broken))
		return (errf(e, m->ended ? MQK_ECLOSED : MQK_EIO, "over"));
	n = n < size ? n : size;
	n = n < world.piece ? n : world.piece;
	if (n > 0)
		memcpy(to, buf_data(&m->in), n);
	buf_consume(&m->in, n);
	return ((ssize_t)n);
}

static ssize_t
write_pipe(struct pipe *p, const void *from, size_t len, struct error *e)
{
	struct mempipe	*m = (struct mempipe *)p;

	must(len > 0);
	if (world.broken)
		return (errf(e, MQK_EIO, "broken"));
	len = len < m->room ? len : m->room;
	m->room -= len;
	buf_append(&m->out, from, len);
	return ((ssize_t)len);
}

static void
wait_pipe(const struct pipe *p, struct pipe_wait *w)
{
	(void)p;
	w->fd = -1;
	w->want = MQK_READ;
	w->deadline = INT64_MAX;
}

static bool
pipe_pending(const struct pipe *p)
{
	const struct mempipe	*m = (const struct mempipe *)p;

	return (world.pending && buf_len(&m->in) > 0);
}

static void
free_pipe(struct pipe *p)
{
	(void)p;
	flush_ledger(NULL);
	mempipe_fini(&world.mem);
	world.mem.freed = true;
	ledger_lost(&world.ledger);
}

int
transport_check(const struct mqk_url *url, struct error *e)
{
	(void)url;
	(void)e;
	return (MQK_OK);
}

int
transport_new(struct pipe **pipe, const struct transport_options *o,
    struct error *e)
{
	(void)o;
	(void)e;
	must(world.mem.freed);
	mempipe_init(&world.mem);
	world.ops = *world.mem.pipe.ops;
	world.ops.open = open_pipe;
	world.ops.read = read_pipe;
	world.ops.write = write_pipe;
	world.ops.wait = wait_pipe;
	world.ops.pending = pipe_pending;
	world.ops.free = free_pipe;
	world.mem.pipe.ops = &world.ops;
	world.broken = false;
	*pipe = &world.mem.pipe;
	return (MQK_OK);
}

/* ---- the user -------------------------------------------------------- */

static mqk_on_message_fn on_filtered;
static void act_in_callback(void);

static uint8_t
byte(void)
{
	return (input_byte(&world.in));
}

static int64_t
read_source(void *arg, uint32_t offset, void *to, size_t len)
{
	uint8_t		 how = byte(), number[LEDGER_NUMBER];
	size_t		 n = how < 0x40 ? len : 1;

	if (how > 0xf0)
		return (-1);
	ledger_number((uint32_t)(uintptr_t)arg, number);
	memset(to, 0, n);
	for (size_t i = 0; i < n && offset + i < LEDGER_NUMBER; i++)
		((uint8_t *)to)[i] = number[offset + i];
	act_in_callback();
	return ((int64_t)n);
}

static void
source_done(void *arg)
{
	(void)arg;
	must(world.sources-- > 0);
}

static void
do_publish(void)
{
	static const char *const topics[] = { "a", "b/c", "$x", "+", "" };
	static uint8_t		 payload[PAYLOAD_MAX];
	uint8_t			 how = byte(), more = byte();
	uint32_t		 number = ledger_next(&world.ledger);
	void			*tag = (void *)(uintptr_t)number;
	struct mqk_source	 source = { .read = read_source,
				    .done = source_done, .arg = tag };
	struct mqk_props	*props = NULL;
	struct mqk_publish	 m = {
		.topic = topics[more % 5],
		.payload = { payload, LEDGER_NUMBER + (how >> 4) * 120u },
		.qos = how & 3,
		.retain = (how & 4) != 0,
		.tag = tag,
	};
	int			 result;

	if (number == LEDGER_MAX)
		return;
	ledger_number(number, payload);
	if ((more & 0x40) != 0) {
		source.len = LEDGER_NUMBER + (more & 0x3f);
		m.source = &source;
	}
	if ((more & 0x80) != 0) {
		props = mqk_props_new();
		must(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS,
		    1 + (how >> 4) % 4) == MQK_OK);
		m.props = props;
	}
	result = mqk_publish(world.client, &m);
	mqk_props_free(props);
	world.sources += result >= 0 && m.source != NULL;
	ledger_accepted(&world.ledger, MQK_PUBLISH, &m, result);
}

static void
do_subscribe(void)
{
	static const char *const topics[] = { "t", "a/+", "$share/g/b", "#/" };
	uint8_t			 how = byte();
	struct mqk_filter	 f[2] = {
		{ .topic = topics[how & 3], .qos = how >> 2 & 3 },
		{ .topic = "c" },
	};
	size_t			 n = 1 + (how >> 4 & 1);

	if (ledger_next(&world.ledger) == LEDGER_MAX)
		return;
	if (world.by_filter && (how & 0x20) != 0)
		f[0].on_message = on_filtered;
	if ((how & 0x80) != 0)
		ledger_accepted(&world.ledger, MQK_UNSUBSCRIBE, NULL,
		    mqk_unsubscribe(world.client, (const char *[]){
		    f[0].topic, f[1].topic }, n, NULL));
	else
		ledger_accepted(&world.ledger, MQK_SUBSCRIBE, NULL,
		    mqk_subscribe(world.client, f, n, NULL));
}

static void
do_ack(void)
{
	uint8_t		 how = byte();
	struct mqk_ack	 ack = world.tokens[how % TOKENS];

	if ((how & 0x40) != 0) {
		may_fail(mqk_ack_through(world.client, ack));
		return;
	}
	if ((how & 0x80) != 0)
		ledger_refused(&world.ledger, ack.mid);
	may_fail(mqk_ack(world.client, ack, (how & 0x80) != 0 ? 0x87 : 0,
	    NULL));
}

static void
do_connect(void)
{
	may_fail(mqk_connect(world.client));
}

static void
do_disconnect(void)
{
	may_fail(mqk_disconnect(world.client, (byte() & 1) != 0 ? 4 : 0,
	    NULL));
}

static void
do_reconnect(void)
{
	may_fail(mqk_reconnect(world.client));
}

static void
do_ping(void)
{
	may_fail(mqk_ping(world.client));
}

static void
do_auth(void)
{
	if ((byte() & 1) != 0)
		may_fail(mqk_reauthenticate(world.client));
	else
		may_fail(mqk_auth(world.client, 0x18, NULL));
}

static void
do_will(void)
{
	uint8_t			 how = byte();
	struct mqk_publish	 will = { .topic = "w", .qos = how & 3 };

	may_fail(mqk_set_will(world.client, (how & 4) != 0 ? NULL : &will));
	may_fail(mqk_set_credentials(world.client, (how & 8) != 0 ? "u" :
	    NULL, (struct mqk_bytes){ "p", how >> 4 & 1 }));
	if ((how & 0x20) != 0)
		may_fail(mqk_set_url(world.client, "mqtt://u:p@other"));
}

static void
do_free(void)
{
	mqk_client_free(world.client);
	world.client = NULL;
}

static uint32_t
number_of(const struct mqk_message *m)
{
	const uint8_t	*at = m->payload.data;

	return ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3]);
}

/* Answers have to leave, or the ledger would miss them. */
static bool
may_drop(const struct mqk_packet *p)
{
	return (p->direction == MQK_IN || p->type == MQK_PUBLISH ||
	    p->type == MQK_SUBSCRIBE || p->type == MQK_PINGREQ);
}

static enum mqk_verdict
on_packet(struct mqk_client *c, const struct mqk_packet *p, void *user)
{
	uint8_t	 how = byte();

	(void)c;
	(void)user;
	must(p->wire.len >= 2 && (p->type == MQK_PUBLISH) ==
	    (p->message != NULL));
	act_in_callback();
	if (how < 0xe0 || !may_drop(p))
		return (how < 0xc0 ? MQK_PASS : MQK_SKIP_REST);
	if (p->direction == MQK_OUT && p->type == MQK_PUBLISH)
		ledger_dropped(&world.ledger, number_of(p->message));
	return (MQK_DROP);
}

static void
do_hook(void)
{
	uint8_t		 how = byte();
	struct mqk_hook	 h = { .priority = how & 3, .run = on_packet,
			    .types = (how & 4) != 0 ? MQK_TYPE(how >> 4) : 0,
			    .directions = how >> 2 & 3 };

	if ((how & 8) != 0 && world.nhooks > 0)
		mqk_hook_remove(world.client, world.hooks[--world.nhooks]);
	else if (world.nhooks < HOOKS)
		world.hooks[world.nhooks++] = mqk_hook_add(world.client, &h);
}

static void (*const users[])(void) = {
	do_publish, do_publish, do_publish, do_publish, do_subscribe,
	do_subscribe, do_ack, do_ack, do_hook, do_connect, do_reconnect,
	do_disconnect, do_ping, do_auth, do_will, do_free
};

static void
act_in_callback(void)
{
	uint8_t	 how;

	if (input_left(&world.in) == 0 || world.client == NULL)
		return;
	how = byte();
	if (how >= 0xe0)
		users[how & 15]();
}

/* ---- callbacks ------------------------------------------------------- */

static int
message(const struct mqk_message *m)
{
	uint8_t	 how = byte();

	if (m->qos > 0)
		world.tokens[world.ntokens++ % TOKENS] = m->ack;
	act_in_callback();
	if (how < 0xc0)
		return (0);
	if (how < 0xe0)
		return (MQK_ACK_LATER);
	if (m->qos == 2)
		ledger_refused(&world.ledger, m->mid);
	return (0x87);
}

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)user;
	if (!world.by_filter)
		ledger_message(&world.ledger, m);
	return (message(m));
}

static int
on_filtered(struct mqk_client *c, const struct mqk_message *m, void *user)
{
	(void)c;
	(void)user;
	return (message(m));
}

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *user)
{
	(void)c;
	(void)user;
	ledger_connected(&world.ledger, con);
	world.heard_at = world.now;
	world.keepalive_s = prop_num(con->props, MQK_P_SERVER_KEEP_ALIVE,
	    world.asked_keepalive_s);
	act_in_callback();
}

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	(void)c;
	(void)user;
	ledger_disconnected(&world.ledger, d);
	act_in_callback();
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	ledger_answered(&world.ledger, MQK_PUBLISH, r);
	act_in_callback();
}

static void
on_subscribed(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	ledger_answered(&world.ledger, MQK_SUBSCRIBE, r);
	act_in_callback();
}

static void
on_unsubscribed(struct mqk_client *c, const struct mqk_result *r, void *user)
{
	(void)c;
	(void)user;
	ledger_answered(&world.ledger, MQK_UNSUBSCRIBE, r);
	act_in_callback();
}

static void
on_auth(struct mqk_client *c, uint8_t reason, const struct mqk_props *props,
    void *user)
{
	(void)c;
	(void)reason;
	(void)props;
	(void)user;
	act_in_callback();
}

static void
on_writable(struct mqk_client *c, void *user)
{
	(void)c;
	(void)user;
	act_in_callback();
}

static enum mqk_policy
before_reconnect(struct mqk_client *c, struct mqk_attempt *a, void *user)
{
	(void)c;
	(void)user;
	must(a->number > 0 && a->last_error < 0);
	act_in_callback();
	return (input_left(&world.in) > 0 && byte() > 0xe0 ? MQK_GIVE_UP :
	    MQK_RETRY);
}

static void
on_log(struct mqk_client *c, enum mqk_log kind, const char *text, void *user)
{
	(void)c;
	(void)kind;
	(void)user;
	must(text[strcspn(text, "\n\r\x1b")] == '\0');
	act_in_callback();
}

/* ---- the connection and the broker ----------------------------------- */

static void
turn(unsigned events)
{
	size_t	 unread = world.mem.freed ? 0 : buf_len(&world.mem.in);
	int	 err;

	if (world.client == NULL)
		return;
	err = mqk_ready(world.client, events);
	must(err <= 0 && err >= MQK_ERROR_LAST);
	flush_ledger(NULL);
	/* What was said long ago may be heard only now. */
	if (!world.mem.freed && buf_len(&world.mem.in) < unread)
		world.heard_at = world.now;
}

/* Turns until there is nothing to do; the time until there is. */
static int
settle(void)
{
	struct mqk_interest	 want = { .timeout_ms = 0 };
	size_t			 most = SPINS_MAX + input_left(&world.in);

	/* without news and the user's ado a client must come to rest */
	if (!world.mem.freed)
		most += buf_len(&world.mem.in);
	for (size_t i = 0; world.client != NULL && want.timeout_ms == 0; i++) {
		must(i < most);
		mqk_interest(world.client, &want);
		if (want.timeout_ms == 0)
			turn(0);
	}
	return (want.timeout_ms);
}

static void
do_turn(void)
{
	turn(byte() & 3);
	(void)settle();
}

/* A broker that says nothing is not waited for for ever. */
static void
check_silence(void)
{
	if (world.client == NULL || world.keepalive_s == 0 ||
	    mqk_state(world.client) != MQK_UP)
		return;
	must(world.now - world.heard_at <=
	    world.keepalive_s * 1000 * SILENCE_MAX);
}

static void
do_wait(void)
{
	int64_t	 until = world.now + (int64_t)byte() * 250;
	int	 left = settle();

	while (world.client != NULL && left > 0 && world.now + left < until) {
		world.now += left;
		left = settle();
		check_silence();
	}
	world.now = until;
	do_turn();
	check_silence();
}

static void
do_connection(void)
{
	uint8_t	 how = byte();

	world.piece = 1u + (how >> 4) * 16;
	world.mem.room = (how & 1) != 0 ? SIZE_MAX : how;
	world.mem.ended = (how & 6) == 6;
	world.broken = (how & 14) == 14;
	do_turn();
}

static void
hear(const void *data, size_t n)
{
	if (world.mem.freed || world.mem.ended)
		return;
	mempipe_say(&world.mem, data, n);
	ledger_heard(&world.ledger, data, n);
	world.heard_at = world.now;
	turn(MQK_READ);
}

static void
hear_bytes(void)
{
	size_t		 n = byte() & 0x3f;
	const uint8_t	*at = input_take(&world.in, &n);

	hear(at, n);
}

static void
hear_packet(void)
{
	struct buf	 b;

	buf_init(&b, PACKET_MAX);
	broker_any(&b, world.ledger.version, &world.in);
	hear(buf_data(&b), buf_len(&b));
	buf_fini(&b);
}

/* One byte of it is another. */
static void
hear_mutated_packet(void)
{
	struct buf	 b;
	uint8_t		 at, value;

	buf_init(&b, PACKET_MAX);
	broker_any(&b, world.ledger.version, &world.in);
	at = byte();
	value = byte();
	if (buf_len(&b) > 0)
		b.mem[at % buf_len(&b)] ^= value;
	hear(buf_data(&b), buf_len(&b));
	buf_fini(&b);
}

static void
show_to_broker(void *arg, const struct packet *p)
{
	struct buf	 b;

	(void)arg;
	buf_init(&b, PACKET_MAX);
	broker_answer(&b, world.ledger.version, world.present, p);
	mempipe_say(&world.mem, buf_data(&b), buf_len(&b));
	ledger_heard(&world.ledger, buf_data(&b), buf_len(&b));
	buf_fini(&b);
}

/* A round in which the broker does what is right. */
static void
hear_answers(void)
{
	if (world.client == NULL || world.mem.freed)
		return;
	may_fail(mqk_ready(world.client, MQK_READ | MQK_WRITE));
	flush_ledger(show_to_broker);
	turn(MQK_READ);
}

static void (*const others[])(void) = {
	do_turn, do_turn, do_wait, do_connection, hear_bytes, hear_packet,
	hear_packet, hear_packet, hear_mutated_packet, hear_answers
};

static void
act(void)
{
	uint8_t	 how = byte();

	if (how < 0x80)
		users[how & 15]();
	else
		others[how % (sizeof(others) / sizeof(others[0]))]();
}

/* ---- one run --------------------------------------------------------- */

static void
check_bounds(const struct mqk_options *o)
{
	struct mqk_stats	 stats;

	if (__sanitizer_get_current_allocated_bytes != NULL)
		must(__sanitizer_get_current_allocated_bytes() <
		    world.memory + MEMORY_MAX);
	if (world.client == NULL)
		return;
	mqk_stats(world.client, &stats);
	must(stats.queued <= o->max_queue + world.ledger.n);
	must(stats.inflight + stats.queued >= world.ledger.nopen ||
	    stats.bytes_unsent > 0);
}

/* From here on everything is well, and everything has to end well. */
static void
end_well(void)
{
	struct mqk_interest	 want;

	world.piece = SIZE_MAX;
	world.mem.ended = true;
	may_fail(mqk_disconnect(world.client, 0, NULL));
	while (world.nhooks > 0)
		mqk_hook_remove(world.client, world.hooks[--world.nhooks]);
	for (int i = 0; !ledger_settled(&world.ledger); i++) {
		must(i < PATIENCE);
		if (mqk_state(world.client) == MQK_IDLE) {
			may_fail(mqk_set_auth(world.client, NULL));
			may_fail(mqk_connect(world.client));
		}
		world.mem.room = SIZE_MAX;
		may_fail(mqk_ready(world.client, MQK_READ | MQK_WRITE));
		if (!world.mem.freed)
			flush_ledger(show_to_broker);
		mqk_interest(world.client, &want);
		if (world.mem.freed || buf_len(&world.mem.in) == 0)
			world.now += want.timeout_ms > 0 ? want.timeout_ms : 0;
	}
}

static int
set_up(struct mqk_options *o, struct mqk_props *props)
{
	static const enum mqk_version versions[] = {
		MQK_V_AUTO, MQK_V5, MQK_V311, MQK_V31
	};
	uint8_t	 how = byte(), more = byte();

	o->version = versions[how & 3];
	o->resume = (how & 4) != 0;
	o->manual_ack = (how & 8) != 0;
	o->client_id = (how & 0x10) != 0 ? "c" : NULL;
	world.by_filter = (how & 0x20) != 0;
	world.pending = (how & 0x40) != 0;
	world.present = (how & 0x80) != 0;
	o->max_inflight = more & 3;
	o->keepalive_s = (more & 4) != 0 ? 2 : 20;
	world.asked_keepalive_s = (uint32_t)o->keepalive_s;
	o->max_queue = 30;
	o->max_bytes = 16384;
	o->max_packet = 65536;
	if ((more & 8) != 0)
		must(mqk_props_add_num(props, MQK_P_SESSION_EXPIRY_INTERVAL,
		    100) == MQK_OK);
	if ((more & 0x10) != 0)
		must(mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
		    (struct mqk_bytes){ "m", 1 }) == MQK_OK);
	must(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS_MAXIMUM, 3) == MQK_OK);
	must(mqk_props_add_num(props, MQK_P_RECEIVE_MAXIMUM, 4) == MQK_OK);
	o->props = props;
	return (more);
}

static void
start(struct mqk_options *o)
{
	struct mqk_props	*props = mqk_props_new();
	struct mqk_handlers	 on = {
		.on_message = on_message,
		.on_connected = on_connected,
		.on_disconnected = on_disconnected,
		.on_published = on_published,
		.on_subscribed = on_subscribed,
		.on_unsubscribed = on_unsubscribed,
		.on_auth = on_auth,
		.on_writable = on_writable,
		.before_reconnect = before_reconnect,
	};
	struct mqk_auth_options	 auth = { .method = "SCRAM-SHA-256" };
	int			 more = set_up(o, props);

	on.on_log = (more & 0x80) != 0 ? on_log : NULL;
	must(mqk_client_new(&world.client, o) == MQK_OK);
	mqk_props_free(props);
	o->props = NULL;
	mqk_set_handlers(world.client, &on);
	if ((more & 0x40) != 0) {
		may_fail(mqk_set_credentials(world.client, "u",
		    (struct mqk_bytes){ "p", 1 }));
		may_fail(mqk_set_auth(world.client, &auth));
	}
	ledger_init(&world.ledger, o->max_inflight);
	world.mem.freed = true;
	do_connect();
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct mqk_options	 o = { 0 };

	memset(&world, 0, sizeof(world));
	world.in = (struct input){ at, at + n };
	world.piece = SIZE_MAX;
	world.now = 1;
	if (__sanitizer_get_current_allocated_bytes != NULL)
		world.memory = __sanitizer_get_current_allocated_bytes();
	start(&o);
	while (input_left(&world.in) > 0 && world.client != NULL) {
		act();
		check_bounds(&o);
	}
	if (world.client != NULL)
		end_well();
	if (world.client != NULL)
		do_free();
	must(world.sources == 0);
	ledger_fini(&world.ledger);
	return (0);
}
