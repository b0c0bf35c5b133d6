/* SPDX-License-Identifier: MIT */

#include "fuzz/ledger.h"

#include <string.h>

#include "codec/frame.h"
#include "codec/wire.h"
#include "fuzz/must.h"

#define WINDOW_3X	1000u
#define WINDOW_3X_QOS2	20u

enum asked { ASKED_PUBACK = 1, ASKED_PUBREC = 2, ASKED_PUBCOMP = 4 };

void
ledger_init(struct ledger *l, uint32_t own_window)
{
	memset(l, 0, sizeof(*l));
	l->own_window = own_window;
	l->max_packet = PACKET_MAX;
	buf_init(&l->sent, PACKET_MAX);
	buf_init(&l->heard, PACKET_MAX);
}

void
ledger_fini(struct ledger *l)
{
	buf_fini(&l->sent);
	buf_fini(&l->heard);
}

void
ledger_number(uint32_t number, uint8_t to[LEDGER_NUMBER])
{
	wr_u32(to, number);
}

/* ---- requests -------------------------------------------------------- */

/*
 * Of QoS 0 messages it is known which went over the wire, and that is the end
 * of them.  One that fails has no id, and of one that was cut off only a part
 * is seen; so many may be missing at the end.
 */

uint32_t
ledger_next(const struct ledger *l)
{
	return (l->n);
}

bool
ledger_settled(const struct ledger *l)
{
	return (l->nopen == 0 && l->nopen_qos0 <= l->excused);
}

static uint32_t *
open_count(struct ledger *l, const struct request *r)
{
	return (r->qos == 0 ? &l->nopen_qos0 : &l->nopen);
}

void
ledger_accepted(struct ledger *l, enum mqk_packet_type type,
    const struct mqk_publish *m, int result)
{
	struct request	*r = &l->at[l->n];

	if (result < 0)
		return;
	must(l->n < LEDGER_MAX && result < 65536);
	*r = (struct request){
		.type = type,
		.mid = (uint16_t)result,
		.qos = m != NULL ? m->qos : 1,
		.streamed = m != NULL && m->source != NULL,
		.open = true
	};
	must((result > 0) == (r->qos > 0));
	l->n++;
	++*open_count(l, r);
	if (result == 0)
		return;
	must(l->owner[result] == 0);
	l->owner[result] = (uint16_t)l->n;
}

static void
close_request(struct ledger *l, struct request *r)
{
	must(r->open);
	r->open = false;
	r->closed_on = l->connection;
	--*open_count(l, r);
	l->owner[r->mid] = 0;
	if (r->on_wire)
		l->inflight--;
}

/* The request that an answer is for. */
static struct request *
find(struct ledger *l, enum mqk_packet_type type, const struct mqk_result *r)
{
	uint32_t	 number = type == MQK_PUBLISH ?
			    (uint32_t)(uintptr_t)r->tag :
			    l->owner[r->mid] - 1u;

	must(number < l->n);
	must(l->at[number].type == type && l->at[number].mid == r->mid);
	return (&l->at[number]);
}

void
ledger_answered(struct ledger *l, enum mqk_packet_type type,
    const struct mqk_result *r)
{
	must(r->error <= 0 && r->error >= MQK_ERROR_LAST);
	must(r->error < 0 || r->mid != 0 || r->filter != NULL);
	must(r->error < 0 || type != MQK_PUBLISH || r->nreasons == 1);
	if (r->mid != 0)
		close_request(l, find(l, type, r));
	else if (r->filter == NULL)
		l->excused++;
}

void
ledger_dropped(struct ledger *l, uint32_t number)
{
	must(number < l->n);
	if (l->at[number].qos == 0)
		close_request(l, &l->at[number]);
}

void
ledger_message(struct ledger *l, const struct mqk_message *m)
{
	must(m->topic[m->topic_len] == '\0');
	must(mqk_topic_valid(m->topic) && strlen(m->topic) == m->topic_len);
	must(m->qos <= 2 && (m->mid != 0) == (m->qos > 0));
	must(m->ack.mid == m->mid);
	if (m->qos < 2)
		return;
	must(!l->known[m->mid]);
	l->known[m->mid] = true;
}

void
ledger_refused(struct ledger *l, uint16_t mid)
{
	l->known[mid] = false;
}

/* ---- connections ----------------------------------------------------- */

static void
set_window(struct ledger *l, const struct mqk_props *props)
{
	uint32_t	 own = l->own_window, theirs;

	theirs = prop_num(props, MQK_P_RECEIVE_MAXIMUM, 65535);
	if (l->version != MQK_V5) {
		l->window = own != 0 ? own : WINDOW_3X;
		l->window_qos2 = own != 0 ? own : WINDOW_3X_QOS2;
		return;
	}
	l->window = own != 0 && own < theirs ? own : theirs;
	l->window_qos2 = l->window;
}

void
ledger_connected(struct ledger *l, const struct mqk_connected *c)
{
	must(!l->up);
	/* CONNACK may come while part of CONNECT is in our buffer */
	must(!l->greeted || c->version == l->version);
	l->version = c->version;
	l->up = true;
	set_window(l, c->props);
	l->max_packet = prop_num(c->props, MQK_P_MAXIMUM_PACKET_SIZE,
	    PACKET_MAX);
	if (c->session_present)
		return;
	memset(l->known, 0, sizeof(l->known));
	for (uint32_t i = 0; i < l->n; i++)
		l->at[i].sent = l->at[i].released = false;
}

void
ledger_disconnected(struct ledger *l, const struct mqk_disconnected *d)
{
	must(d->was_up == l->up);
	must(d->text != NULL && d->error <= 0 && d->error >= MQK_ERROR_LAST);
	l->up = false;
}

/* Part of a QoS 0 message was handed over: nobody waits for the rest. */
static void
note_cut_off(struct ledger *l)
{
	if (buf_len(&l->sent) > 0 &&
	    (buf_data(&l->sent)[0] & 0xf6) == MQK_PUBLISH << 4)
		l->excused++;
}

void
ledger_lost(struct ledger *l)
{
	note_cut_off(l);
	l->connection++;
	l->greeted = l->gone = false;
	l->max_packet = PACKET_MAX;
	l->inflight = 0;
	l->next = l->next_qos0 = 0;
	for (uint32_t i = 0; i < l->n; i++)
		l->at[i].on_wire = false;
	l->sent.off = l->sent.end = 0;
	l->heard.off = l->heard.end = 0;
}

/* ---- the broker's bytes ---------------------------------------------- */

static const uint8_t asks[16][4] = {	/* type, bits where PUBLISH has QoS */
	[MQK_PUBLISH] = { 0, ASKED_PUBACK, ASKED_PUBREC, 0 },
	[MQK_PUBREL] = { ASKED_PUBCOMP, ASKED_PUBCOMP, ASKED_PUBCOMP,
	    ASKED_PUBCOMP },
};

/* Where a packet has its id, 0: it has none; it may be cut off. */
static uint16_t
find_mid(const uint8_t *at, size_t len)
{
	struct rd	 r = { at + 1, at + len, false };

	(void)rd_varint(&r);
	if (at[0] >> 4 == MQK_PUBLISH)
		(void)rd_bytes(&r);
	return (rd_u16(&r));
}

void
ledger_heard(struct ledger *l, const void *data, size_t n)
{
	const uint8_t	*at;
	size_t		 len;
	unsigned	 type, qos;
	uint16_t	 mid;

	buf_append(&l->heard, data, n);
	while (frame_next(buf_data(&l->heard), buf_len(&l->heard), PACKET_MAX,
	    &len) == 1) {
		at = buf_data(&l->heard);
		type = at[0] >> 4;
		qos = at[0] >> 1 & 3;
		mid = find_mid(at, len);
		l->asked[mid] |= asks[type][qos];
		if (type == MQK_PUBREL)
			l->known[mid] = false;
		buf_consume(&l->heard, len);
	}
}

/* ---- the client's bytes ---------------------------------------------- */

static void
note_publish(struct ledger *l, const struct packet *p)
{
	const struct packet_publish *m = &p->u.publish;
	struct rd	 r = { m->payload.data, NULL, false };
	uint32_t	 number, *next = m->qos > 0 ? &l->next :
			    &l->next_qos0;
	struct request	*q;

	must(m->payload.len >= LEDGER_NUMBER);
	r.end = r.at + m->payload.len;
	number = rd_u32(&r);
	must(number < l->n);
	q = &l->at[number];
	/* at QoS 0 one that was cut off may follow those behind it */
	must(number >= *next || (q->streamed && q->qos == 0));
	*next = number >= *next ? number + 1 : *next;
	must(q->type == MQK_PUBLISH && q->qos == m->qos && q->mid == m->mid);
	/* a broker may answer what is still in our buffer */
	must(q->open || q->closed_on == l->connection);
	if (!q->open)
		return;
	if (q->qos == 0) {
		close_request(l, q);
		return;
	}
	must(!q->released);
	q->on_wire = q->sent = true;
	l->inflight++;
	must(l->inflight <= (q->qos == 2 ? l->window_qos2 : l->window));
}

static void
note_connect(struct ledger *l, const struct packet *p)
{
	must(!l->greeted);
	l->greeted = true;
	l->version = p->u.connect.version;
}

static void
note_disconnect(struct ledger *l, const struct packet *p)
{
	(void)p;
	l->gone = true;
}

/* It answers a PUBREC for what was never sent as well. */
static void
note_pubrel(struct ledger *l, const struct packet *p)
{
	uint32_t	 owner = l->owner[p->u.answer.mid];

	if (owner != 0 && l->at[owner - 1].qos == 2)
		l->at[owner - 1].released = l->at[owner - 1].sent;
}

static void
note_answer(struct ledger *l, const struct packet *p)
{
	static const uint8_t	 what[16] = {
		[MQK_PUBACK] = ASKED_PUBACK,
		[MQK_PUBREC] = ASKED_PUBREC,
		[MQK_PUBCOMP] = ASKED_PUBCOMP,
	};

	must((l->asked[p->u.answer.mid] & what[p->type]) != 0);
}

static void
note_nothing(struct ledger *l, const struct packet *p)
{
	(void)l;
	(void)p;
}

/* What a client may send. */
static void (*const notes[16])(struct ledger *, const struct packet *) = {
	[MQK_CONNECT] = note_connect,
	[MQK_PUBLISH] = note_publish,
	[MQK_PUBACK] = note_answer,
	[MQK_PUBREC] = note_answer,
	[MQK_PUBREL] = note_pubrel,
	[MQK_PUBCOMP] = note_answer,
	[MQK_SUBSCRIBE] = note_nothing,
	[MQK_UNSUBSCRIBE] = note_nothing,
	[MQK_PINGREQ] = note_nothing,
	[MQK_DISCONNECT] = note_disconnect,
	[MQK_AUTH] = note_nothing,
};

/* Those that a hasty CONNACK may come before. */
static bool
is_greeting(const struct packet *p)
{
	return (p->type == MQK_CONNECT || p->type == MQK_AUTH);
}

void
ledger_sent(struct ledger *l, const void *data, size_t n,
    ledger_packet_fn *show, void *arg)
{
	struct packet	 p;
	const char	*why;
	size_t		 len;

	buf_append(&l->sent, data, n);
	while (frame_next(buf_data(&l->sent), buf_len(&l->sent), PACKET_MAX,
	    &len) == 1) {
		must(packet_decode(&p, l->version, buf_data(&l->sent), len,
		    &why) == MQK_OK);
		must(l->greeted || p.type == MQK_CONNECT);
		must(!l->gone);
		must(len <= l->max_packet || is_greeting(&p));
		must(notes[p.type] != NULL);
		notes[p.type](l, &p);
		if (show != NULL)
			show(arg, &p);
		buf_consume(&l->sent, len);
	}
	must(frame_next(buf_data(&l->sent), buf_len(&l->sent), PACKET_MAX,
	    &len) == 0);
}
