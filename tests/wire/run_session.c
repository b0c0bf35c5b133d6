/* SPDX-License-Identifier: MIT */

/* Plays wire scenarios against a session in memory, where time is a number. */

#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "session/session.h"
#include "wire/play.h"
#include "wire/request.h"

#define CONNACK_MS	30000

/* One scenario is played at a time. */
static struct {
	struct session	*session;
	int64_t		 now;
	bool		 stalled;
	struct buf	 rx;		/* from the broker */
	struct buf	 tx;		/* taken from the session */
} mem;

/* ---- what the session says ------------------------------------------- */

static void
note_failure(struct player *p, int err)
{
	if (err < 0)
		play_error(p, err, session_error(mem.session)->text);
}

static void
on_message(struct player *p, const struct event *e)
{
	struct packet_publish	 publish = *e->u.message.packet;
	struct mqk_ack		 ack = e->u.message.ack;

	publish.topic = e->u.message.topic;
	play_message(p, &publish, ack);
	if (ack.qos > 0 && !p->manual_ack)
		note_failure(p, session_ack(mem.session, ack, 0, NULL));
}

static void
on_answered(struct player *p, const struct event *e)
{
	static const char *const names[16] = {
		[MQK_PUBLISH] = "PUBLISHED",
		[MQK_SUBSCRIBE] = "SUBSCRIBED",
		[MQK_UNSUBSCRIBE] = "UNSUBSCRIBED",
	};
	struct packet_suback	 answer = {
		.mid = e->u.answer.mid,
		.reasons = e->u.answer.reasons,
		.props = e->u.answer.props,
	};

	play_answer(p, names[e->u.answer.type], &answer, e->u.answer.error,
	    e->u.answer.tag);
}

static void
on_bye(struct player *p, const struct event *e)
{
	struct packet	 packet = { .type = MQK_DISCONNECT };

	packet.u.bye = e->u.bye;
	play_event(p, e->type == EVENT_AUTH ? "AUTH" : "DISCONNECTED",
	    &packet);
}

static void
on_connack(struct player *p, const struct event *e)
{
	struct packet	 packet = { .type = MQK_CONNACK };

	packet.u.connack = e->u.connack;
	play_event(p, e->type == EVENT_CONNECTED ? "CONNECTED" : "REFUSED",
	    &packet);
}

static void
on_source_done(struct player *p, const struct event *e)
{
	(void)e;
	play_word(p, "SOURCE_DONE");
}

static void
take_events(struct player *p)
{
	static void (*const handlers[])(struct player *,
	    const struct event *) = {
		[EVENT_CONNECTED] = on_connack,
		[EVENT_REFUSED] = on_connack,
		[EVENT_MESSAGE] = on_message,
		[EVENT_ANSWERED] = on_answered,
		[EVENT_AUTH] = on_bye,
		[EVENT_DISCONNECTED] = on_bye,
		[EVENT_SOURCE_DONE] = on_source_done,
	};
	const struct event	*e;

	for (e = session_event(mem.session); e != NULL;
	    e = session_event(mem.session))
		handlers[e->type](p, e);
	if (session_drained(mem.session))
		play_word(p, "WRITABLE");
}

/* In pieces, as a socket would take it. */
static void
take_body(const struct session_body *b)
{
	uint8_t		 piece[5];
	uint32_t	 n = b->n < sizeof(piece) ? b->n : sizeof(piece);

	b->source.read(b->source.arg, b->offset, piece, n);
	buf_append(&mem.tx, piece, n);
	session_body_sent(mem.session, mem.now, n);
}

static void
take_bytes(void)
{
	struct session_body	 body;
	struct buf		*out = session_output(mem.session);

	while (!mem.stalled) {
		if (buf_len(out) > 0) {
			buf_append(&mem.tx, buf_data(out), buf_len(out));
			session_sent(mem.session, mem.now, buf_len(out));
		} else if (session_body(mem.session, &body)) {
			take_body(&body);
		} else {
			break;
		}
	}
}

/* After anything that was done to the session. */
static bool
settle(struct player *p)
{
	take_events(p);
	take_bytes();
	take_events(p);
	take_bytes();
	return (play_packets(p, &mem.tx));
}

/* ---- lines ----------------------------------------------------------- */

/* One packet of what has come; 0: none is complete. */
static int
receive_one(struct player *p)
{
	struct packet	 packet;
	const char	*why = "not a packet";
	size_t		 len;
	int		 err;

	err = frame_next(buf_data(&mem.rx), buf_len(&mem.rx),
	    session_max_packet(mem.session), &len);
	if (err == 0)
		return (0);
	if (err > 0)
		err = packet_decode(&packet, session_version(mem.session),
		    buf_data(&mem.rx), len, &why);
	if (err < 0)
		return (session_bad_packet(mem.session, mem.now, err, why));
	err = session_receive(mem.session, mem.now, &packet);
	take_events(p);
	buf_consume(&mem.rx, len);
	return (err < 0 ? err : 1);
}

static bool
play_send(struct player *p)
{
	int	 err;

	if (!mqs_encode(p->line, session_version(mem.session), &mem.rx, p->why,
	    sizeof(p->why)))
		return (false);
	p->why[0] = '\0';
	do {
		err = receive_one(p);
	} while (err > 0);
	note_failure(p, err);
	return (settle(p));
}

static bool
dial(struct player *p, const struct mqs_line *l, bool clean)
{
	struct packet_connect	 c = { 0 };
	struct mqk_props	*props = request_connect_props(l);
	struct mqk_props	*will = request_will_props(l);
	int			 err;

	c.version = mqs_version(l);
	c.clean = mqs_num(l, "clean", clean) != 0;
	c.keepalive_s = (uint16_t)mqs_num(l, "keepalive", 60);
	c.client_id = request_bytes(l, "id");
	c.user = request_bytes(l, "user");
	c.password = request_bytes(l, "password");
	c.will.topic = request_bytes(l, "will-topic");
	c.will.payload = request_bytes(l, "will-payload");
	c.will.qos = (uint8_t)mqs_num(l, "will-qos", 0);
	c.will.retain = mqs_num(l, "will-retain", 0) != 0;
	c.will.set = c.will.topic.data != NULL;
	if (props != NULL)
		c.props = *props;
	if (will != NULL)
		c.will.props = *will;
	err = session_open(mem.session, mem.now, &c, mem.now + CONNACK_MS);
	p->version = session_version(mem.session);
	mqk_props_free(props);
	mqk_props_free(will);
	if (err < 0)
		return (play_fail(p, mqk_strerror(err)));
	return (settle(p));
}

static bool
play_lost(struct player *p)
{
	session_lost(mem.session, mem.now);
	mem.rx.off = mem.rx.end = 0;
	mem.tx.off = mem.tx.end = 0;
	return (settle(p));
}

/* With the fields of the line or, if it has none, of the option line. */
static bool
play_reconnect(struct player *p)
{
	return (dial(p, p->line->n > 0 ? p->line : play_options(p->script),
	    false));
}

static bool
play_at(struct player *p)
{
	char		*unit;
	long		 n = strtol(p->line->verb, &unit, 10);
	int64_t		 until = strcmp(unit, "ms") == 0 ? n : n * 1000;
	int64_t		 deadline;
	bool		 ok = true;

	while (ok) {
		deadline = session_deadline(mem.session);
		if (deadline > until || p->error < 0)
			break;
		mem.now = deadline;
		note_failure(p, session_tick(mem.session, mem.now));
		ok = settle(p);
	}
	mem.now = until;
	return (ok);
}

static bool
play_stall(struct player *p)
{
	(void)p;
	mem.stalled = true;
	return (true);
}

static bool
play_flow(struct player *p)
{
	mem.stalled = false;
	return (settle(p));
}

/* ---- do -------------------------------------------------------------- */

static int
do_publish(struct player *p, const struct mqk_publish *m)
{
	(void)p;
	return (session_publish(mem.session, m));
}

static int
do_subscribe(struct player *p, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	(void)p;
	return (session_subscribe(mem.session, f, n, props));
}

static int
do_unsubscribe(struct player *p, const char *const *topics, size_t n,
    const struct mqk_props *props)
{
	(void)p;
	return (session_unsubscribe(mem.session, topics, n, props));
}

static int
do_ack(struct player *p, struct mqk_ack ack, uint8_t reason,
    const struct mqk_props *props)
{
	(void)p;
	return (session_ack(mem.session, ack, reason, props));
}

static int
do_ack_through(struct player *p, struct mqk_ack ack)
{
	(void)p;
	return (session_ack_through(mem.session, ack));
}

static int
do_auth(struct player *p, uint8_t reason, const struct mqk_props *props)
{
	(void)p;
	return (session_auth(mem.session, reason, props));
}

static int
do_disconnect(struct player *p, uint8_t reason, const struct mqk_props *props)
{
	(void)p;
	return (session_disconnect(mem.session, reason, props));
}

static int
do_ping(struct player *p)
{
	(void)p;
	return (session_ping(mem.session));
}

static int
do_resubscribe(struct player *p, const struct mqs_line *l)
{
	struct mqk_filter	 f[REQUEST_FILTERS_MAX] = { 0 };
	size_t			 n = request_filters(l, f);
	struct mqk_props	*props = mqs_props(l);
	int			 err;

	(void)p;
	err = session_resubscribe(mem.session, f, n, props);
	mqk_props_free(props);
	return (err);
}

static int
do_heard(struct player *p, const struct mqs_line *l)
{
	(void)p;
	(void)l;
	session_heard(mem.session, mem.now);
	return (MQK_OK);
}

static int
do_reset(struct player *p, const struct mqs_line *l)
{
	(void)p;
	(void)l;
	session_reset(mem.session, MQK_ESTOPPED);
	return (MQK_OK);
}

/* n bytes of the output are taken, whatever stalls. */
static int
do_take(struct player *p, const struct mqs_line *l)
{
	struct buf	*out = session_output(mem.session);
	size_t		 n = strtoul(mqs_text(l, "", "0"), NULL, 10);

	(void)p;
	if (n > buf_len(out))
		return (MQK_EINVAL);
	buf_append(&mem.tx, buf_data(out), n);
	session_sent(mem.session, mem.now, n);
	return (MQK_OK);
}

static const struct request_extra extra[] = {
	{ "resubscribe", do_resubscribe },
	{ "heard", do_heard },
	{ "reset", do_reset },
	{ "take", do_take },
	{ NULL, NULL },
};

static const struct request_side requests = {
	.publish = do_publish,
	.subscribe = do_subscribe,
	.unsubscribe = do_unsubscribe,
	.ack = do_ack,
	.ack_through = do_ack_through,
	.auth = do_auth,
	.disconnect = do_disconnect,
	.ping = do_ping,
	.extra = extra,
};

/* ---- scenarios ------------------------------------------------------- */

static bool
begin(struct player *p, const struct mqs_line *o)
{
	struct session_options	 options = {
		.max_inflight = (uint32_t)mqs_num(o, "max_inflight", 0),
		.max_queue = (uint32_t)mqs_num(o, "max_queue", 0),
		.max_bytes = (uint32_t)mqs_num(o, "max_bytes", 0),
		.qos2_at_release = mqs_num(o, "qos2_at_release", 0) != 0,
		.max_packet = (uint32_t)mqs_num(o, "max_packet", 0),
	};

	memset(&mem, 0, sizeof(mem));
	buf_init(&mem.rx, PACKET_MAX);
	buf_init(&mem.tx, PACKET_MAX);
	if (session_new(&mem.session, &options) < 0)
		abort();
	return (mqs_num(o, "offline", 0) != 0 ||
	    dial(p, o, mqs_num(o, "resume", 0) == 0));
}

static void
end(struct player *p)
{
	(void)p;
	session_free(mem.session);
	buf_fini(&mem.rx);
	buf_fini(&mem.tx);
}

static const char *
unfit(const struct mqs *script)
{
	return (mqs_text(play_options(script), "scram", NULL) != NULL ?
	    "authenticates, which a session does not" : NULL);
}

static const struct play_side in_memory = {
	.unfit = unfit,
	.begin = begin,
	.end = end,
	.settle = settle,
	.acts = {
		[MQS_SEND] = play_send,
		[MQS_LOST] = play_lost,
		[MQS_RECONNECT] = play_reconnect,
		[MQS_AT] = play_at,
		[MQS_STALL] = play_stall,
		[MQS_FLOW] = play_flow,
	},
	.requests = &requests,
};

int
main(int argc, char **argv)
{
	return (play_main(&in_memory, argc - 1, argv + 1));
}
