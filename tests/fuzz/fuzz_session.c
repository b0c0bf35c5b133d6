/* SPDX-License-Identifier: MIT */

/*
 * A session between an application and a broker that both do what the input
 * says, with a model that knows what must hold whatever they do: ids in use
 * are not given again, the window is kept, nobody hears of a QoS 2 message
 * twice, every accepted request ends exactly once, output can be decoded.
 */

#include <string.h>

#include "codec/frame.h"
#include "fuzz/broker.h"
#include "fuzz/input.h"
#include "fuzz/must.h"
#include "session/session.h"

#define IDS		65536
#define TOKENS		64
#define WINDOW_3X	1000
#define WINDOW_3X_QOS2	20
#define BURST		24	/* more than the smaller of the two */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct world {
	struct input	 in;
	struct session	*session;
	int64_t		 now;
	bool		 open;
	enum mqk_version version;
	struct buf	 tx, rx;
	uint32_t	 window;
	uint32_t	 window_qos2;
	uint32_t	 inflight;	/* of both QoS */
	uint32_t	 sources;	/* given and not done */
	uint32_t	 npending;
	uint16_t	 last;		/* packet id given */
	uint8_t		 pending[IDS];	/* accepted, not answered: 1, 2 */
	uint8_t		 sent[IDS];	/* PUBLISH sent on this connection */
	uint8_t		 known[IDS];	/* QoS 2 messages heard of */
	struct mqk_ack	 tokens[TOKENS];
	uint32_t	 ntokens;
};

static uint8_t
byte(struct world *w)
{
	return (input_byte(&w->in));
}

/* ---- what comes out -------------------------------------------------- */

static void
note_publish(struct world *w, const struct packet_publish *m)
{
	if (m->qos == 0)
		return;
	must(w->pending[m->mid] == 1);
	must(!w->sent[m->mid]);
	w->sent[m->mid] = 1;
	w->inflight++;
	must(w->inflight <= (m->qos == 2 ? w->window_qos2 : w->window));
}

static void
note_packet(struct world *w, const struct packet *p)
{
	switch (p->type) {
	case MQK_PUBLISH:
		note_publish(w, &p->u.publish);
		break;
	case MQK_SUBSCRIBE:
		must(w->pending[p->u.subscribe.mid] == 2);
		break;
	case MQK_UNSUBSCRIBE:
		must(w->pending[p->u.unsubscribe.mid] == 2);
		break;
	case MQK_PUBCOMP:
		w->known[p->u.answer.mid] = 0;
		break;
	case MQK_PUBREC:
		if (p->u.answer.reason >= 0x80)
			w->known[p->u.answer.mid] = 0;
		break;
	default:
		break;
	}
}

static void
read_output(struct world *w)
{
	struct packet	 p;
	const char	*why;
	size_t		 len;

	while (frame_next(buf_data(&w->tx), buf_len(&w->tx), PACKET_MAX,
	    &len) == 1) {
		must(packet_decode(&p, w->version, buf_data(&w->tx), len,
		    &why) == MQK_OK);
		must(p.type != MQK_CONNACK && p.type != MQK_SUBACK &&
		    p.type != MQK_UNSUBACK && p.type != MQK_PINGRESP);
		note_packet(w, &p);
		buf_consume(&w->tx, len);
	}
	must(frame_next(buf_data(&w->tx), buf_len(&w->tx), PACKET_MAX,
	    &len) == 0);
}

static void
note_answer(struct world *w, const struct event *e)
{
	uint16_t	 mid = e->u.answer.mid;

	if (mid == 0) {
		must(e->u.answer.error < 0);
		return;
	}
	must(w->pending[mid] == (e->u.answer.type == MQK_PUBLISH ? 1 : 2));
	w->pending[mid] = 0;
	w->npending--;
	w->inflight -= w->sent[mid];
	w->sent[mid] = 0;
}

static void
note_message(struct world *w, const struct event *e)
{
	must(e->u.message.topic.len > 0);
	if (e->u.message.ack.qos == 2) {
		must(!w->known[e->u.message.ack.mid]);
		w->known[e->u.message.ack.mid] = 1;
	}
	if (e->u.message.ack.qos > 0)
		w->tokens[w->ntokens++ % TOKENS] = e->u.message.ack;
}

static void
note_connected(struct world *w, const struct event *e)
{
	if (!e->u.connack.session_present)
		memset(w->known, 0, sizeof(w->known));
	w->window = w->version == MQK_V5 ? prop_num(&e->u.connack.props,
	    MQK_P_RECEIVE_MAXIMUM, 65535) : WINDOW_3X;
	w->window_qos2 = w->version == MQK_V5 ? w->window : WINDOW_3X_QOS2;
}

static void
pull(struct world *w)
{
	const struct event	*e;

	for (e = session_event(w->session); e != NULL;
	    e = session_event(w->session)) {
		if (e->type == EVENT_ANSWERED)
			note_answer(w, e);
		else if (e->type == EVENT_MESSAGE)
			note_message(w, e);
		else if (e->type == EVENT_CONNECTED)
			note_connected(w, e);
		else if (e->type == EVENT_SOURCE_DONE)
			must(w->sources-- > 0);
	}
}

static void
take(struct world *w, size_t max)
{
	struct buf		*out = session_output(w->session);
	struct session_body	 body;
	size_t			 n = buf_len(out);
	uint8_t			 zeros[256] = { 0 };

	if (n > 0) {
		n = n < max ? n : max;
		buf_append(&w->tx, buf_data(out), n);
		session_sent(w->session, w->now, n);
	} else if (session_body(w->session, &body)) {
		must(body.n > 0);
		n = body.n < sizeof(zeros) ? body.n : sizeof(zeros);
		n = n < max ? n : max;
		buf_append(&w->tx, zeros, n);
		session_body_sent(w->session, w->now, (uint32_t)n);
	}
	pull(w);
	read_output(w);
}

/* A broker answers only what has reached it. */
static void
take_all(struct world *w)
{
	struct session_body	 body;

	while (buf_len(session_output(w->session)) > 0 ||
	    session_body(w->session, &body))
		take(w, SIZE_MAX);
}

/* ---- the application ------------------------------------------------- */

static void
accepted(struct world *w, int mid, uint8_t kind)
{
	if (mid <= 0)
		return;
	must(w->pending[mid] == 0);
	w->last = (uint16_t)mid;
	w->pending[mid] = kind;
	w->npending++;
}

static int64_t
never_read(void *arg, uint32_t offset, void *to, size_t len)
{
	(void)arg;
	(void)offset;
	(void)to;
	return ((int64_t)len);
}

static void
do_publish(struct world *w)
{
	static const char *const topics[] = { "a", "b/c", "$x", "+", "" };
	static const uint8_t	 payload[2048] = { 1 };
	uint8_t			 how = byte(w), more = byte(w);
	struct mqk_source	 source = { .read = never_read };
	struct mqk_props	*props = NULL;
	struct mqk_publish	 m = {
		.topic = topics[more % 5],
		.payload = { payload, (size_t)(how >> 4) * 128 },
		.qos = how & 3,
		.retain = (how & 4) != 0,
	};
	int			 result;

	if ((more & 0x40) != 0) {
		source.len = more & 0x3f;
		m.source = &source;
	}
	if ((more & 0x80) != 0) {
		props = mqk_props_new();
		must(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS,
		    1 + (how >> 4) % 4) == MQK_OK);
		m.props = props;
	}
	result = session_publish(w->session, &m);
	must(result <= 0 || m.qos > 0);
	if (result >= 0 && m.source != NULL)
		w->sources++;
	accepted(w, result, 1);
	mqk_props_free(props);
}

/* Which n ids were given: those after the last one that are pending now. */
static void
accepted_many(struct world *w, int n)
{
	for (int i = 0; i < IDS && n > 0; i++) {
		w->last = (uint16_t)(w->last + 1);
		if (w->last != 0 && w->pending[w->last] == 0 &&
		    session_pending(w->session, w->last)) {
			accepted(w, w->last, 1);
			n--;
		}
	}
	must(n == 0);
}

/* Enough to fill a window, in runs that are cut here and there. */
static void
do_burst(struct world *w)
{
	static const char	*topic = "a";
	struct mqk_publish	 m[BURST];
	uint8_t			 how = byte(w);
	int			 k;

	for (int i = 0; i < BURST; i++)
		m[i] = (struct mqk_publish){
			.topic = topic, .qos = 1 + (how & 1),
			.retain = (how & 2) != 0 && i % 5 == 0,
			.payload = { topic, how >> 3 == i },
		};
	for (int i = 0; i < BURST; i += k > 0 ? k : 1) {
		k = session_publish_many(w->session, m + i,
		    (size_t)(BURST - i));
		must(k != 0 && k <= BURST - i);
		accepted_many(w, k > 0 ? k : 0);
	}
}

static void
do_subscribe(struct world *w)
{
	uint8_t			 how = byte(w);
	struct mqk_filter	 f[2] = {
		{ .topic = "a/+", .qos = how & 3, .no_local = (how & 4) != 0 },
		{ .topic = "$share/g/b" },
	};
	const char *const	 topics[] = { "a/+", "b" };
	size_t			 n = 1 + (how >> 3 & 1);

	if ((how & 0x80) != 0)
		accepted(w, session_unsubscribe(w->session, topics, n, NULL),
		    2);
	else if ((how & 0x40) != 0)
		accepted(w, session_resubscribe(w->session, f, n, NULL), 2);
	else
		accepted(w, session_subscribe(w->session, f, n, NULL), 2);
}

static void
do_ack(struct world *w)
{
	uint8_t		 how = byte(w);
	struct mqk_ack	 ack = w->tokens[how % TOKENS];
	int		 err;

	if ((how & 0x40) != 0) {
		may_fail(session_ack_through(w->session, ack));
		return;
	}
	err = session_ack(w->session, ack, (how & 0x80) != 0 ? MQK_REFUSAL : 0,
	    NULL);
	may_fail(err);
	/* The refusal may be lost, and the message come again. */
	if (err == MQK_OK && (how & 0x80) != 0)
		w->known[ack.mid] = 0;
}

static void
do_lost(struct world *w)
{
	session_lost(w->session, w->now);
	w->open = false;
	w->inflight = 0;
	memset(w->sent, 0, sizeof(w->sent));
	w->tx.off = w->tx.end = 0;
	w->rx.off = w->rx.end = 0;
}

static void
do_open(struct world *w)
{
	static const enum mqk_version versions[] = {
		MQK_V5, MQK_V5, MQK_V311, MQK_V31
	};
	uint8_t			 how = byte(w);
	struct packet_connect	 c = {
		.version = versions[how & 3],
		.clean = (how & 4) != 0,
		.keepalive_s = how >> 4,
		.client_id = { "c", 1 },
	};
	struct mqk_props	*props = mqk_props_new();

	must(mqk_props_add_num(props, MQK_P_TOPIC_ALIAS_MAXIMUM, 3) == MQK_OK);
	must(mqk_props_add_num(props, MQK_P_RECEIVE_MAXIMUM, 4) == MQK_OK);
	if ((how & 8) != 0)
		must(mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
		    (struct mqk_bytes){ "m", 1 }) == MQK_OK);
	c.props = *props;
	must((session_open(w->session, w->now, &c, w->now + 1000) == MQK_OK) ==
	    !w->open);
	if (!w->open)
		w->version = c.version;
	w->open = true;
	mqk_props_free(props);
}

static void
take_a_rest(struct world *w)
{
	session_rest(&w->session);
	must(session_deadline(w->session) > 0);
	must(session_wake(&w->session) == MQK_OK);
}

static void
do_other(struct world *w)
{
	uint8_t	 how = byte(w);

	if ((how & 3) == 0)
		may_fail(session_ping(w->session));
	else if ((how & 3) == 1)
		may_fail(session_disconnect(w->session, how >> 4, NULL));
	else if ((how & 3) == 2)
		may_fail(session_auth(w->session, 0x18, NULL));
	else if ((how & 0x40) != 0)
		take_a_rest(w);
	else
		session_heard(w->session, w->now);
}

static void
do_wait(struct world *w)
{
	w->now += (int64_t)byte(w) * 100;
	may_fail(session_tick(w->session, w->now));
	must(session_deadline(w->session) > w->now);
}

static void
do_take(struct world *w)
{
	uint8_t	 n = byte(w);

	take(w, n < 128 ? (size_t)n + 1 : SIZE_MAX);
}

/* Ends everything; afterwards nothing may be pending. */
static void
do_reset(struct world *w)
{
	do_lost(w);
	session_reset(w->session, MQK_ESTOPPED);
	pull(w);
	must(w->npending == 0);
	must(w->sources == 0);
	memset(w->known, 0, sizeof(w->known));
}

/* ---- the broker ------------------------------------------------------ */

static void
deliver(struct world *w)
{
	struct packet	 p;
	const char	*why = "frame";
	size_t		 len;
	int		 err;

	for (;;) {
		take_all(w);
		err = frame_next(buf_data(&w->rx), buf_len(&w->rx),
		    session_max_packet(w->session), &len);
		if (err == 0)
			return;
		if (err > 0)
			err = packet_decode(&p, w->version, buf_data(&w->rx),
			    len, &why);
		if (err == MQK_OK)
			err = session_receive(w->session, w->now, &p);
		else
			must(session_bad_packet(w->session, w->now, err,
			    why) == err);
		pull(w);
		if (err < 0) {
			must(session_error(w->session)->code == err);
			w->rx.off = w->rx.end = 0;
			return;
		}
		buf_consume(&w->rx, len);
	}
}

static void
broker_raw(struct world *w)
{
	size_t		 n = byte(w) & 0x3f;
	const uint8_t	*at = input_take(&w->in, &n);

	if (!w->open)
		return;
	buf_append(&w->rx, at, n);
	deliver(w);
}

/* A well-formed packet, so that flows get somewhere. */
static void
broker_packet(struct world *w)
{
	struct buf	 nowhere;

	buf_init(&nowhere, PACKET_MAX);
	broker_any(w->open ? &w->rx : &nowhere, w->version, &w->in);
	buf_fini(&nowhere);
	if (w->open)
		deliver(w);
}

/* ---- one run --------------------------------------------------------- */

static void (*const actions[])(struct world *) = {
	do_publish, do_publish, do_subscribe, do_ack, do_lost, do_open,
	do_other, do_wait, do_take, do_burst, do_reset, broker_raw,
	broker_packet, broker_packet, broker_packet, broker_packet
};

static void
check_counts(const struct world *w)
{
	struct mqk_stats	 stats = { 0 };

	session_stats(w->session, &stats);
	must(stats.inflight + stats.queued >= w->npending);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct world	 w;
	/* Both ways to receive QoS 2, without a byte of input for it. */
	struct session_options	 o = { .max_queue = 30, .max_bytes = 4096,
				    .qos2_at_release = n % 2 != 0 };

	memset(&w, 0, sizeof(w));
	w.in.at = at;
	w.in.end = at + n;
	w.version = MQK_V5;
	buf_init(&w.tx, PACKET_MAX);
	buf_init(&w.rx, PACKET_MAX);
	must(session_new(&w.session, &o) == MQK_OK);
	while (input_left(&w.in) > 0) {
		actions[byte(&w) & 15](&w);
		pull(&w);
		check_counts(&w);
		(void)session_drained(w.session);
	}
	do_reset(&w);
	session_free(w.session);
	buf_fini(&w.tx);
	buf_fini(&w.rx);
	return (0);
}
