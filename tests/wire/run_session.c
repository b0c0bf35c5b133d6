/* SPDX-License-Identifier: MIT */

/*
 * Plays wire scenarios against a session in memory.  Everything the session
 * does waits in three queues (packets, events, a failure), and the scenario
 * must have named all of it before the next line acts upon the session.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "session/session.h"
#include "wire/mqs.h"

#define TEXT_MAX	16384
#define QUEUE_MAX	2048
#define FILTERS_MAX	64
#define CONNACK_MS	30000

struct queue {
	char		*at[QUEUE_MAX];
	size_t		 head, n;
};

struct player {
	const struct mqs *script;
	const struct mqs_line *line;	/* played now */
	char		 why[TEXT_MAX + 256];
	struct session	*session;
	int64_t		 now;
	bool		 manual_ack;
	bool		 stalled;
	struct buf	 rx;		/* from the broker */
	struct buf	 tx;		/* taken from the session */
	struct queue	 packets, events;
	int		 error;		/* not named yet */
	struct mqk_ack	 acks[QUEUE_MAX];
	size_t		 nacks;
};

static bool
fail(struct player *p, const char *text)
{
	if (p->why[0] == '\0')
		snprintf(p->why, sizeof(p->why), "%s", text);
	return (false);
}

static void
push(struct queue *q, const char *text)
{
	if (q->n == QUEUE_MAX)
		abort();
	q->at[q->n] = strdup(text);
	if (q->at[q->n++] == NULL)
		abort();
}

static void
clear(struct queue *q)
{
	for (size_t i = q->head; i < q->n; i++)
		free(q->at[i]);
	q->head = q->n = 0;
}

/* ---- what the session says ------------------------------------------- */

static void
note_failure(struct player *p, int err)
{
	if (err < 0)
		p->error = err;
}

/* A packet as an event shows it, under the event's name. */
static void
push_event(struct player *p, const char *name, const struct packet *packet)
{
	char	 text[TEXT_MAX], line[TEXT_MAX + 32];

	mqs_describe(packet, session_version(p->session), text, sizeof(text));
	snprintf(line, sizeof(line), "%s%s", name, text + strcspn(text, " "));
	push(&p->events, line);
}

static void
on_message(struct player *p, const struct event *e)
{
	struct packet	 packet = { .type = MQK_PUBLISH };

	packet.u.publish = *e->u.message.packet;
	packet.u.publish.topic = e->u.message.topic;
	push_event(p, "MESSAGE", &packet);
	if (e->u.message.ack.qos == 0)
		return;
	p->acks[p->nacks++ % QUEUE_MAX] = e->u.message.ack;
	if (!p->manual_ack)
		note_failure(p, session_ack(p->session, e->u.message.ack, 0,
		    NULL));
}

static void
on_answered(struct player *p, const struct event *e)
{
	static const char *const names[16] = {
		[MQK_PUBLISH] = "PUBLISHED",
		[MQK_SUBSCRIBE] = "SUBSCRIBED",
		[MQK_UNSUBSCRIBE] = "UNSUBSCRIBED",
	};
	struct packet	 packet = { .type = MQK_SUBACK };
	char		 line[TEXT_MAX];
	size_t		 len;

	packet.u.suback.mid = e->u.answer.mid;
	packet.u.suback.reasons = e->u.answer.reasons;
	packet.u.suback.props = e->u.answer.props;
	push_event(p, names[e->u.answer.type], &packet);
	snprintf(line, sizeof(line), "%s error=%d tag=%zu",
	    p->events.at[p->events.n - 1], e->u.answer.error,
	    (size_t)e->u.answer.tag);
	len = strlen(line) + 1;
	p->events.at[p->events.n - 1] = realloc(p->events.at[p->events.n - 1],
	    len);
	memcpy(p->events.at[p->events.n - 1], line, len);
}

static void
on_bye(struct player *p, const struct event *e)
{
	struct packet	 packet = { .type = MQK_DISCONNECT };

	packet.u.bye = e->u.bye;
	push_event(p, e->type == EVENT_AUTH ? "AUTH" : "DISCONNECTED",
	    &packet);
}

static void
on_connack(struct player *p, const struct event *e)
{
	struct packet	 packet = { .type = MQK_CONNACK };

	packet.u.connack = e->u.connack;
	push_event(p, e->type == EVENT_CONNECTED ? "CONNECTED" : "REFUSED",
	    &packet);
}

static void
on_source_done(struct player *p, const struct event *e)
{
	(void)e;
	push(&p->events, "SOURCE_DONE");
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

	for (e = session_event(p->session); e != NULL;
	    e = session_event(p->session))
		handlers[e->type](p, e);
	if (session_drained(p->session))
		push(&p->events, "WRITABLE");
}

/* A payload source: "abcdefgh" over and over. */
static int64_t
read_source(void *arg, uint32_t offset, void *to, size_t len)
{
	char	*at = to;

	(void)arg;
	for (size_t i = 0; i < len; i++)
		at[i] = (char)('a' + (offset + i) % 8);
	return ((int64_t)len);
}

/* In pieces, as a socket would take it. */
static void
take_body(struct player *p, const struct session_body *b)
{
	uint8_t		 piece[5];
	uint32_t	 n = b->n < sizeof(piece) ? b->n : sizeof(piece);

	b->source.read(b->source.arg, b->offset, piece, n);
	buf_append(&p->tx, piece, n);
	session_body_sent(p->session, p->now, n);
}

static void
take_bytes(struct player *p)
{
	struct session_body	 body;
	struct buf		*out = session_output(p->session);

	while (!p->stalled) {
		if (buf_len(out) > 0) {
			buf_append(&p->tx, buf_data(out), buf_len(out));
			session_sent(p->session, p->now, buf_len(out));
		} else if (session_body(p->session, &body)) {
			take_body(p, &body);
		} else {
			break;
		}
	}
}

/* Queue every whole packet of what the session has written. */
static bool
cut_packets(struct player *p)
{
	struct packet	 packet;
	const char	*why;
	char		 text[TEXT_MAX];
	size_t		 len;
	int		 err;

	for (;;) {
		err = frame_next(buf_data(&p->tx), buf_len(&p->tx), PACKET_MAX,
		    &len);
		if (err == 0)
			return (true);
		if (err > 0)
			err = packet_decode(&packet,
			    session_version(p->session), buf_data(&p->tx), len,
			    &why);
		if (err < 0)
			return (fail(p, "the session wrote a bad packet"));
		mqs_describe(&packet, session_version(p->session), text,
		    sizeof(text));
		push(&p->packets, text);
		buf_consume(&p->tx, len);
	}
}

/* After anything that was done to the session. */
static bool
settle(struct player *p)
{
	take_events(p);
	take_bytes(p);
	take_events(p);
	take_bytes(p);
	return (cut_packets(p));
}

/* ---- lines ----------------------------------------------------------- */

/* Nothing may be left unnamed when the scenario goes on. */
static bool
all_named(struct player *p)
{
	char	 text[TEXT_MAX + 64];

	if (p->packets.head < p->packets.n) {
		snprintf(text, sizeof(text), "unexpected packet: %s",
		    p->packets.at[p->packets.head]);
		return (fail(p, text));
	}
	if (p->events.head < p->events.n) {
		snprintf(text, sizeof(text), "unexpected event: %s",
		    p->events.at[p->events.head]);
		return (fail(p, text));
	}
	if (p->error < 0) {
		snprintf(text, sizeof(text), "unexpected error %d: %s",
		    p->error, session_error(p->session)->text);
		return (fail(p, text));
	}
	return (true);
}

static bool
expect(struct player *p, struct queue *q)
{
	char	*text;
	bool	 same;

	if (q->head == q->n)
		return (fail(p, "nothing came"));
	text = q->at[q->head++];
	same = mqs_compare(p->line, text, p->why, sizeof(p->why));
	free(text);
	return (same);
}

static bool
play_expect(struct player *p)
{
	return (expect(p, &p->packets));
}

static bool
play_event(struct player *p)
{
	return (expect(p, &p->events));
}

static int
error_code(const char *name)
{
	static const struct {
		const char	*name;
		int		 code;
	} codes[] = {
		{ "OK", MQK_OK },
#define X(name, code, text) { #name, code },
		MQK_ERROR_MAP(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].name, name) == 0)
			return (codes[i].code);
	return (1);
}

static bool
play_error(struct player *p)
{
	const char	*text = session_error(p->session)->text;
	int		 got = p->error;
	char		 why[1024];

	p->error = MQK_OK;
	if (got != error_code(p->line->verb) ||
	    (p->line->n > 0 &&
	    strstr(text, p->line->fields[0].value) == NULL)) {
		snprintf(why, sizeof(why), "error %d: %s", got, text);
		return (fail(p, why));
	}
	return (true);
}

/* One packet of what has come; 0: none is complete. */
static int
receive_one(struct player *p)
{
	struct packet	 packet;
	const char	*why = "not a packet";
	size_t		 len;
	int		 err;

	err = frame_next(buf_data(&p->rx), buf_len(&p->rx),
	    session_max_packet(p->session), &len);
	if (err == 0)
		return (0);
	if (err > 0)
		err = packet_decode(&packet, session_version(p->session),
		    buf_data(&p->rx), len, &why);
	if (err < 0)
		return (session_bad_packet(p->session, p->now, err, why));
	err = session_receive(p->session, p->now, &packet);
	take_events(p);
	buf_consume(&p->rx, len);
	return (err < 0 ? err : 1);
}

static bool
play_send(struct player *p)
{
	int	 err;

	if (!mqs_encode(p->line, session_version(p->session), &p->rx, p->why,
	    sizeof(p->why)))
		return (false);
	p->why[0] = '\0';
	do {
		err = receive_one(p);
	} while (err > 0);
	note_failure(p, err);
	return (settle(p));
}

static const struct mqs_line *
first_option(const struct player *p)
{
	static const struct mqs_line none;

	return (p->script->n > 0 && p->script->lines[0].kind == MQS_OPTION ?
	    &p->script->lines[0] : &none);
}

/* A property list of the fields that begin with "will-", without that. */
static struct mqk_props *
will_props(const struct mqs_line *l)
{
	struct mqs_line	 w = { .number = l->number };
	struct mqk_props *props;
	struct mqs_field *fields = calloc(l->n + 1, sizeof(*fields));
	bool		 is_prop;

	if (fields == NULL)
		abort();
	for (size_t i = 0; i < l->n; i++) {
		if (strncmp(l->fields[i].name, "will-", 5) != 0)
			continue;
		fields[w.n] = l->fields[i];
		/* will-delay-interval keeps its name. */
		is_prop = mqk_prop_by_name(l->fields[i].name) >= 0;
		if (!is_prop)
			fields[w.n].name += 5;
		w.n++;
	}
	w.fields = fields;
	props = mqs_props(&w);
	free(fields);
	return (props);
}

/* Take out of the CONNECT's list what only a will carries. */
static struct mqk_props *
connect_props(const struct mqs_line *l)
{
	struct mqk_props	*props = mqs_props(l);

	if (props != NULL)
		prop_remove(props, MQK_P_WILL_DELAY_INTERVAL);
	return (props);
}

static struct mqk_bytes
bytes_of_field(const struct mqs_line *l, const char *name)
{
	const struct mqs_field	*f = mqs_field(l, name, 0);

	if (f == NULL)
		return ((struct mqk_bytes){ NULL, 0 });
	return ((struct mqk_bytes){ f->value, f->len });
}

static bool
dial(struct player *p, const struct mqs_line *l, bool clean)
{
	struct packet_connect	 c = { 0 };
	struct mqk_props	*props = connect_props(l);
	struct mqk_props	*will = will_props(l);
	int			 err;

	c.version = mqs_version(l);
	c.clean = mqs_num(l, "clean", clean) != 0;
	c.keepalive_s = (uint16_t)mqs_num(l, "keepalive", 60);
	c.client_id = bytes_of_field(l, "id");
	c.user = bytes_of_field(l, "user");
	c.password = bytes_of_field(l, "password");
	c.will.topic = bytes_of_field(l, "will-topic");
	c.will.payload = bytes_of_field(l, "will-payload");
	c.will.qos = (uint8_t)mqs_num(l, "will-qos", 0);
	c.will.retain = mqs_num(l, "will-retain", 0) != 0;
	c.will.set = c.will.topic.data != NULL;
	if (props != NULL)
		c.props = *props;
	if (will != NULL)
		c.will.props = *will;
	err = session_open(p->session, p->now, &c, p->now + CONNACK_MS);
	mqk_props_free(props);
	mqk_props_free(will);
	if (err < 0)
		return (fail(p, mqk_strerror(err)));
	return (settle(p));
}

static bool
play_lost(struct player *p)
{
	session_lost(p->session, p->now);
	p->rx.off = p->rx.end = 0;
	p->tx.off = p->tx.end = 0;
	return (settle(p));
}

/* With the fields of the line or, if it has none, of the option line. */
static bool
play_reconnect(struct player *p)
{
	return (dial(p, p->line->n > 0 ? p->line : first_option(p), false));
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
		deadline = session_deadline(p->session);
		if (deadline > until || p->error < 0)
			break;
		p->now = deadline;
		note_failure(p, session_tick(p->session, p->now));
		ok = settle(p);
	}
	p->now = until;
	return (ok);
}

static bool
play_stall(struct player *p)
{
	p->stalled = true;
	return (true);
}

static bool
play_flow(struct player *p)
{
	p->stalled = false;
	return (settle(p));
}

/* ---- do -------------------------------------------------------------- */

static int
do_publish(struct player *p, const struct mqs_line *l)
{
	struct mqk_props	*props = mqs_props(l);
	struct mqk_source	 source = { .read = read_source };
	struct mqk_publish	 m = {
		.topic = mqs_text(l, "topic", ""),
		.payload = bytes_of_field(l, "payload"),
		.qos = (uint8_t)mqs_num(l, "qos", 0),
		.retain = mqs_num(l, "retain", 0) != 0,
		.tag = (void *)(size_t)mqs_num(l, "tag", 0),
		.props = props,
	};
	char	*fill = NULL;
	long	 size = mqs_num(l, "size", -1), n = mqs_num(l, "times", 1);
	int	 err = MQK_OK;

	if (mqs_field(l, "source", 0) != NULL) {
		source.len = (uint32_t)mqs_num(l, "source", 0);
		m.source = &source;
	}
	if (size >= 0) {
		fill = calloc(1, (size_t)size + 1);
		m.payload = (struct mqk_bytes){ fill, (size_t)size };
	}
	while (n-- > 0 && err >= 0)
		err = session_publish(p->session, &m);
	free(fill);
	mqk_props_free(props);
	return (err);
}

static size_t
filters_of(const struct mqs_line *l, struct mqk_filter *f)
{
	size_t	 n = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char	*name = l->fields[i].name;
		long		 v = strtol(l->fields[i].value, NULL, 0);

		if (strcmp(name, "filter") == 0 && n < FILTERS_MAX)
			f[n++].topic = l->fields[i].value;
		else if (n == 0)
			continue;
		else if (strcmp(name, "qos") == 0)
			f[n - 1].qos = (uint8_t)v;
		else if (strcmp(name, "nl") == 0)
			f[n - 1].no_local = v != 0;
		else if (strcmp(name, "rap") == 0)
			f[n - 1].retain_as_published = v != 0;
		else if (strcmp(name, "rh") == 0)
			f[n - 1].retain_handling = (uint8_t)v;
	}
	return (n);
}

static int
do_subscribe(struct player *p, const struct mqs_line *l)
{
	struct mqk_filter	 f[FILTERS_MAX] = { 0 };
	size_t			 n = filters_of(l, f);
	struct mqk_props	*props = mqs_props(l);
	int			 err;

	if (strcmp(l->verb, "resubscribe") == 0)
		err = session_resubscribe(p->session, f, n, props);
	else
		err = session_subscribe(p->session, f, n, props);
	mqk_props_free(props);
	return (err);
}

static int
do_unsubscribe(struct player *p, const struct mqs_line *l)
{
	struct mqk_filter	 f[FILTERS_MAX] = { 0 };
	const char		*topics[FILTERS_MAX];
	size_t			 n = filters_of(l, f);
	struct mqk_props	*props = mqs_props(l);
	int			 err;

	for (size_t i = 0; i < n; i++)
		topics[i] = f[i].topic;
	err = session_unsubscribe(p->session, topics, n, props);
	mqk_props_free(props);
	return (err);
}

/* "do ack 2": the second QoS 1 or 2 message of the scenario; "last". */
static int
do_ack(struct player *p, const struct mqs_line *l)
{
	const char		*which = mqs_text(l, "", "last");
	struct mqk_props	*props = mqs_props(l);
	size_t			 i = strtoul(which, NULL, 10);
	int			 err = MQK_EINVAL;

	if (i == 0)
		i = p->nacks;
	if (i > 0 && i <= p->nacks && strcmp(l->verb, "ack") == 0)
		err = session_ack(p->session, p->acks[i - 1],
		    (uint8_t)mqs_num(l, "reason", 0), props);
	else if (i > 0 && i <= p->nacks)
		err = session_ack_through(p->session, p->acks[i - 1]);
	mqk_props_free(props);
	return (err);
}

static int
do_bye(struct player *p, const struct mqs_line *l)
{
	struct mqk_props	*props = mqs_props(l);
	uint8_t			 reason = (uint8_t)mqs_num(l, "reason", 0);
	int			 err;

	if (strcmp(l->verb, "auth") == 0)
		err = session_auth(p->session, reason, props);
	else
		err = session_disconnect(p->session, reason, props);
	mqk_props_free(props);
	return (err);
}

static int
do_ping(struct player *p, const struct mqs_line *l)
{
	(void)l;
	return (session_ping(p->session));
}

static int
do_heard(struct player *p, const struct mqs_line *l)
{
	(void)l;
	session_heard(p->session);
	return (MQK_OK);
}

static int
do_reset(struct player *p, const struct mqs_line *l)
{
	(void)l;
	session_reset(p->session, MQK_ESTOPPED);
	return (MQK_OK);
}

/* n bytes of the output are taken, whatever stalls. */
static int
do_take(struct player *p, const struct mqs_line *l)
{
	struct buf	*out = session_output(p->session);
	size_t		 n = strtoul(mqs_text(l, "", "0"), NULL, 10);

	if (n > buf_len(out))
		return (MQK_EINVAL);
	buf_append(&p->tx, buf_data(out), n);
	session_sent(p->session, p->now, n);
	return (MQK_OK);
}

static const struct {
	const char	*verb;
	int		(*call)(struct player *, const struct mqs_line *);
} calls[] = {
	{ "publish", do_publish },
	{ "subscribe", do_subscribe },
	{ "resubscribe", do_subscribe },
	{ "unsubscribe", do_unsubscribe },
	{ "ack", do_ack },
	{ "ack-through", do_ack },
	{ "auth", do_bye },
	{ "disconnect", do_bye },
	{ "ping", do_ping },
	{ "heard", do_heard },
	{ "reset", do_reset },
	{ "take", do_take },
};

static bool
play_do(struct player *p)
{
	int	 want = error_code(mqs_text(p->line, "result", "OK"));
	int	 got;
	char	 text[128];

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].verb, p->line->verb) != 0)
			continue;
		got = calls[i].call(p, p->line);
		if (got > 0)
			got = MQK_OK;
		if (got != want) {
			snprintf(text, sizeof(text), "result %d, not %d", got,
			    want);
			return (fail(p, text));
		}
		return (settle(p));
	}
	return (fail(p, "no such call"));
}

/* ---- scenarios ------------------------------------------------------- */

static bool
play_option(struct player *p)
{
	return (p->line == &p->script->lines[0] ? true :
	    fail(p, "options belong into the first line"));
}

static bool (*const players[MQS_KINDS])(struct player *) = {
	[MQS_OPTION] = play_option,
	[MQS_EXPECT] = play_expect,
	[MQS_SEND] = play_send,
	[MQS_DO] = play_do,
	[MQS_EVENT] = play_event,
	[MQS_ERROR] = play_error,
	[MQS_LOST] = play_lost,
	[MQS_RECONNECT] = play_reconnect,
	[MQS_AT] = play_at,
	[MQS_STALL] = play_stall,
	[MQS_FLOW] = play_flow,
};

static bool
is_question(enum mqs_kind kind)
{
	return (kind == MQS_EXPECT || kind == MQS_EVENT || kind == MQS_ERROR);
}

static bool
play_lines(struct player *p)
{
	const struct mqs_line	*o = first_option(p);

	if (mqs_num(o, "offline", 0) == 0 &&
	    !dial(p, o, mqs_num(o, "resume", 0) == 0))
		return (false);
	for (size_t i = 0; i < p->script->n; i++) {
		p->line = &p->script->lines[i];
		if (!is_question(p->line->kind) &&
		    p->line->kind != MQS_OPTION && !all_named(p))
			return (false);
		if (!players[p->line->kind](p))
			return (false);
	}
	return (all_named(p));
}

static bool
play(const char *path)
{
	static struct player	 p;
	struct mqs		 script;
	const struct mqs_line	*o;
	struct session_options	 options = { 0 };
	bool			 ok;

	memset(&p, 0, sizeof(p));
	buf_init(&p.rx, PACKET_MAX);
	buf_init(&p.tx, PACKET_MAX);
	ok = mqs_load(&script, path, p.why, sizeof(p.why));
	p.script = &script;
	if (ok) {
		o = first_option(&p);
		options.max_inflight = (uint32_t)mqs_num(o, "max_inflight", 0);
		options.max_queue = (uint32_t)mqs_num(o, "max_queue", 0);
		options.max_bytes = (uint32_t)mqs_num(o, "max_bytes", 0);
		options.max_packet = (uint32_t)mqs_num(o, "max_packet", 0);
		p.manual_ack = mqs_num(o, "manual_ack", 0) != 0;
		if (session_new(&p.session, &options) < 0)
			abort();
		ok = play_lines(&p);
	}
	if (!ok)
		printf("%s:%d: %s\n", path, p.line != NULL ? p.line->number :
		    0, p.why);
	session_free(p.session);
	clear(&p.packets);
	clear(&p.events);
	buf_fini(&p.rx);
	buf_fini(&p.tx);
	mqs_free(&script);
	return (ok);
}

static int
is_scenario(const struct dirent *d)
{
	size_t	 len = strlen(d->d_name);

	return (len > 4 && strcmp(d->d_name + len - 4, ".mqs") == 0);
}

static void
play_folder(const char *folder, unsigned *passed, unsigned *failed)
{
	struct dirent	**names;
	char		 path[1024];
	int		 n = scandir(folder, &names, is_scenario, alphasort);

	/* A folder without scenarios is a mistake, not a success. */
	if (n <= 0) {
		printf("%s: no scenarios\n", folder);
		++*failed;
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder,
		    names[i]->d_name);
		++*(play(path) ? passed : failed);
		free(names[i]);
	}
	free(names);
}

int
main(int argc, char **argv)
{
	static const char *const folders[] = {
		"tests/wire/v31", "tests/wire/v311", "tests/wire/v5"
	};
	unsigned	 passed = 0, failed = 0;

	for (int i = 1; i < argc; i++)
		++*(play(argv[i]) ? &passed : &failed);
	for (size_t i = 0; argc == 1 && i < 3; i++)
		play_folder(folders[i], &passed, &failed);
	printf("%u passed, %u failed\n", passed, failed);
	return (failed > 0);
}
