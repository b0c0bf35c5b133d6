/* SPDX-License-Identifier: MIT */

/*
 * Bytes on their way to the wire: packets are appended to a buffer, what waits
 * in the log follows when the window and the buffer have room, and a payload
 * from a source goes between two buffers.
 */

#include <string.h>

#include "codec/frame.h"
#include "codec/wire.h"
#include "session/internal.h"

#define OUTPUT_MAX	(PACKET_MAX + (size_t)OUTPUT_FULL)

void
output_init(struct session *s)
{
	buf_init(&s->o.out, OUTPUT_MAX);
	buf_init(&s->o.rest, OUTPUT_MAX);
}

void
output_fini(struct session *s)
{
	buf_fini(&s->o.out);
	buf_fini(&s->o.rest);
}

void
output_drop(struct session *s)
{
	output_fini(s);
	s->o.front_left = 0;
	s->o.body = NULL;
}

void
output_trim(struct session *s)
{
	if (buf_len(&s->o.out) == 0)
		buf_release(&s->o.out);
	if (buf_len(&s->o.rest) == 0)
		buf_release(&s->o.rest);
}

/* ---- appending ------------------------------------------------------- */

int
output_packet(struct session *s, const struct packet *p)
{
	struct buf	*b = output_sink(s);
	size_t		 len = buf_len(b);
	int		 err;

	err = packet_encode(b, s->version, p);
	if (err == MQK_OK && buf_len(b) - len > s->peer.max_packet)
		err = MQK_ETOOBIG;		/* [MQTT-3.2.2-15] */
	if (err < 0)
		buf_truncate(b, len);
	else
		s->packets_out++;
	return (err);
}

/* ---- the log --------------------------------------------------------- */

/* Has this entry to wait for the window? */
static bool
is_counted(const struct entry *e)
{
	return (e->type == MQK_PUBLISH && e->mid != 0);
}

static bool
may_go(const struct session *s, struct entry *e)
{
	return ((!is_counted(e) || output_window_open(s, e)) &&
	    (s->o.body == NULL || (e->flags & ENTRY_SOURCE) == 0));
}

static void
start_body(struct session *s, struct log *l, struct entry *e)
{
	if (e->body > 0) {
		s->o.body = e;
		s->o.body_at = 0;
		return;
	}
	if (e->mid == 0) {
		event_source_done(s, e);
		log_kill(l, e);
	}
}

void
output_passed(struct session *s, struct log *l, struct entry *e)
{
	if (is_counted(e)) {
		e->flags |= ENTRY_COUNTED;
		s->inflight++;
	}
	log_pass(l, e);
	if ((e->flags & ENTRY_SOURCE) != 0)
		start_body(s, l, e);
	else if (e->mid == 0)
		log_kill(l, e);
}

/* Copy the entry to the output; false: no memory for it now. */
static bool
send_entry(struct session *s, struct log *l, struct entry *e)
{
	struct buf	*b = output_sink(s);
	uint8_t		*at = buf_reserve(b, e->len);

	if (at == NULL) {
		buf_truncate(b, buf_len(b));
		return (false);
	}
	memcpy(at, entry_wire(e), e->len);
	if (is_counted(e) && (e->flags & ENTRY_REPEAT) != 0)
		at[0] |= PUBLISH_DUP;		/* [MQTT-3.3.1-1] */
	buf_commit(b, e->len);
	s->packets_out++;
	output_passed(s, l, e);
	return (true);
}

/*
 * What is due: a PUBLISH that has to wait, for the window or the end of a
 * payload, holds up those behind it and nothing else [MQTT-3.3.4-8].
 */
static struct entry *
next_entry(const struct session *s, struct log *l)
{
	struct entry	*e = log_next(l);

	return (e == NULL || may_go(s, e) ? e : log_request(l));
}

static void
pump_log(struct session *s, struct log *l)
{
	struct entry	*e;
	int		 err;

	/* An entry that fails makes an event; there is room for one. */
	while (output_unsent(s) < OUTPUT_FULL && s->events.n == 0) {
		e = next_entry(s, l);
		if (e == NULL)
			return;
		err = (e->flags & ENTRY_CHECKED) != 0 ? MQK_OK :
		    limits_entry(&s->peer, s->version, e);
		if (err < 0)
			flow_fail(s, l, e, err);
		else if (!send_entry(s, l, e))
			return;
	}
}

/* May what waits in the log follow? */
static bool
is_flowing(const struct session *s)
{
	return (s->state == SESSION_UP && !s->held && !s->batch);
}

/*
 * New QoS 1 and 2 messages in a row, to the end of their chunk: what nearly
 * all of a busy log is, without the questions that the rest needs.  The number
 * of them.
 */
static uint32_t
send_run(struct session *s)
{
	struct buf	*b = output_sink(s);
	struct log	*l = &s->log;
	struct entry	*e;
	uint32_t	 at = l->cur_at, n = 0;
	uint8_t		*to, *begin;

	if (l->cur == NULL || output_unsent(s) >= OUTPUT_FULL)
		return (0);
	begin = to = buf_reserve(b, l->cur->used - at);
	if (to == NULL) {
		buf_truncate(b, buf_len(b));
		return (0);
	}
	for (; at < l->cur->used; at += entry_span(e), n++) {
		e = chunk_entry(l->cur, at);
		if (e->flags != ENTRY_CHECKED || !is_counted(e) ||
		    !output_window_open(s, e))
			break;
		to = wr_mem(to, entry_wire(e), e->len);
		e->flags = ENTRY_CHECKED | ENTRY_PASSED | ENTRY_COUNTED;
		s->inflight++;
	}
	buf_commit(b, (size_t)(to - begin));
	s->packets_out += n;
	log_passed(l, at, n);
	return (n);
}

void
output_collect(struct session *s)
{
	if (!is_flowing(s) || s->late.waiting > 0)
		return;
	while (send_run(s) > 0)
		continue;
}

void
output_pump(struct session *s)
{
	if (!is_flowing(s))
		return;
	if (s->late.waiting > 0)
		pump_log(s, &s->late);
	output_collect(s);
	if (s->late.waiting == 0 && s->log.waiting > 0)
		pump_log(s, &s->log);
}

/*
 * Nothing is on its way although something waits: perhaps there was no memory
 * for it when it was due.  What this peer does not take is left to
 * output_pump(), since it makes an event; the end of an empty source makes one
 * too, so none may be waiting.
 */
static void
send_overdue(struct session *s)
{
	struct log	*l = s->late.waiting > 0 ? &s->late : &s->log;
	struct entry	*e;

	if (!is_flowing(s) || s->events.n > 0)
		return;
	e = next_entry(s, l);
	if (e != NULL && ((e->flags & ENTRY_CHECKED) != 0 ||
	    limits_entry(&s->peer, s->version, e) == MQK_OK))
		(void)send_entry(s, l, e);
}

/* ---- the wire -------------------------------------------------------- */

struct buf *
session_output(struct session *s)
{
	if ((s->log.waiting | s->late.waiting) > 0) {
		output_collect(s);
		if (output_unsent(s) == 0)
			send_overdue(s);
	}
	return (&s->o.out);
}

size_t
session_unsent(const struct session *s)
{
	return (output_unsent(s));
}

/*
 * Where does the packet end that n bytes, all sent, have cut?  Only asked when
 * the socket did not take everything.
 */
static void
note_front(struct output *o, size_t n)
{
	const uint8_t	*at = buf_data(&o->out);
	size_t		 end = o->front_left, len;

	while (end < n) {
		if (frame_next(at + end, buf_len(&o->out) - end, PACKET_MAX,
		    &len) < 0 || len == 0)
			break;
		end += len;
	}
	o->front_left = end > n ? end - n : 0;
}

/* A peer need not answer a PINGREQ that is still on its way out. */
static void
note_sent(struct session *s, int64_t now, size_t n)
{
	s->sent_at = now;
	if (s->ping_ahead == 0)
		return;
	s->ping_ahead -= n < s->ping_ahead ? (uint32_t)n : s->ping_ahead;
	s->pinged_at = now;
}

void
session_sent(struct session *s, int64_t now, size_t n)
{
	note_sent(s, now, n);
	if (n < buf_len(&s->o.out))
		note_front(&s->o, n);
	else
		s->o.front_left = 0;
	buf_consume(&s->o.out, n);
	output_pump(s);
}

bool
session_body(struct session *s, struct session_body *b)
{
	struct entry	*e = s->o.body;

	if (e == NULL || buf_len(&s->o.out) > 0)
		return (false);
	b->source = *entry_source(e);
	b->offset = s->o.body_at;
	b->n = e->body - s->o.body_at;
	return (true);
}

void
session_body_sent(struct session *s, int64_t now, uint32_t n)
{
	struct entry	*e = s->o.body;
	struct buf	 b;

	note_sent(s, now, n);
	s->o.body_at += n;
	if (s->o.body_at < e->body)
		return;
	s->o.body = NULL;
	b = s->o.out;
	s->o.out = s->o.rest;
	s->o.rest = b;
	if (e->mid == 0) {
		event_source_done(s, e);
		log_kill(&s->log, e);
	}
	output_pump(s);
}

/* ---- after a loss ---------------------------------------------------- */

static void
save_message(struct session *s, const struct packet *p)
{
	struct packet_publish m = p->u.publish;
	struct mqk_props props;
	struct buf	 b;
	uint32_t	 alias = prop_num(&m.props, MQK_P_TOPIC_ALIAS, 0);

	if (m.topic.len == 0)
		m.topic = alias_topic(&s->alias_out, alias);
	if (prop_copy(&props, &m.props) < 0)
		return;
	prop_remove(&props, MQK_P_TOPIC_ALIAS);
	m.props = props;
	if (log_begin(&s->late, &b, p->wire.len + m.topic.len, SIZE_MAX, NULL)
	    == MQK_OK && packet_encode_publish(&b, s->version, &m) == MQK_OK)
		log_commit(&s->late, &b, MQK_PUBLISH, 0);
	prop_fini(&props);
}

static void
save_from(struct session *s, const struct buf *b, size_t at)
{
	const uint8_t	*wire;
	struct packet	 p;
	const char	*why;
	size_t		 len;

	for (; at < buf_len(b); at += len) {
		wire = buf_data(b) + at;
		if (frame_next(wire, buf_len(b) - at, PACKET_MAX, &len) != 1)
			return;
		if ((wire[0] & 0xf6) == MQK_PUBLISH << 4 &&
		    packet_decode(&p, s->version, wire, len, &why) == MQK_OK)
			save_message(s, &p);
	}
}

void
output_save(struct session *s)
{
	save_from(s, &s->o.out, s->o.front_left);
	save_from(s, &s->o.rest, 0);
}
