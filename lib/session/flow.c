/* SPDX-License-Identifier: MIT */

/*
 * Answers to what we have sent: the sender's side of QoS 1 and 2 (section 4.3)
 * and the answers to SUBSCRIBE and UNSUBSCRIBE, as one table.
 */

#include "codec/wire.h"
#include "session/internal.h"

/* An answer without reason code: type, length, packet id. */
#define SHORT_ANSWER	4

enum answer {
	ANSWER_PUBACK,
	ANSWER_PUBREC,
	ANSWER_PUBREC_REFUSED,		/* reason >= 0x80 */
	ANSWER_PUBCOMP,
	ANSWER_SUBACK,
	ANSWER_UNSUBACK,
	ANSWERS
};

typedef int flow_action_fn(struct session *, struct slot *,
    const struct packet *);

static flow_action_fn answered, received, release, completed, not_found,
    ignored, listed;

/*
 * What an answer does in each state; an empty place is a protocol violation.
 * A late PUBACK, PUBCOMP or SUBACK for an id we do not know harms nobody: we
 * may have forgotten a session that the broker remembers.
 */
static const struct {
	flow_action_fn	*act;
	enum flow_state	 next;
} flows[FLOW_STATES][ANSWERS] = {
	[FLOW_UNKNOWN][ANSWER_PUBACK] =		{ ignored, FLOW_UNKNOWN },
	[FLOW_UNKNOWN][ANSWER_PUBREC] =		{ not_found, FLOW_UNKNOWN },
	[FLOW_UNKNOWN][ANSWER_PUBREC_REFUSED] =	{ ignored, FLOW_UNKNOWN },
	[FLOW_UNKNOWN][ANSWER_PUBCOMP] =	{ ignored, FLOW_UNKNOWN },
	[FLOW_UNKNOWN][ANSWER_SUBACK] =		{ ignored, FLOW_UNKNOWN },
	[FLOW_UNKNOWN][ANSWER_UNSUBACK] =	{ ignored, FLOW_UNKNOWN },
	[FLOW_PUBACK][ANSWER_PUBACK] =		{ answered, FLOW_UNKNOWN },
	[FLOW_PUBREC][ANSWER_PUBREC] =		{ received, FLOW_PUBCOMP },
	[FLOW_PUBREC][ANSWER_PUBREC_REFUSED] =	{ answered, FLOW_UNKNOWN },
	[FLOW_PUBCOMP][ANSWER_PUBREC] =		{ release, FLOW_PUBCOMP },
	[FLOW_PUBCOMP][ANSWER_PUBREC_REFUSED] =	{ ignored, FLOW_PUBCOMP },
	[FLOW_PUBCOMP][ANSWER_PUBCOMP] =	{ completed, FLOW_UNKNOWN },
	[FLOW_SUBACK][ANSWER_SUBACK] =		{ listed, FLOW_UNKNOWN },
	[FLOW_UNSUBACK][ANSWER_UNSUBACK] =	{ listed, FLOW_UNKNOWN },
};

static const uint8_t answers[16] = {
	[MQK_PUBACK] = ANSWER_PUBACK,
	[MQK_PUBREC] = ANSWER_PUBREC,
	[MQK_PUBCOMP] = ANSWER_PUBCOMP,
	[MQK_SUBACK] = ANSWER_SUBACK,
	[MQK_UNSUBACK] = ANSWER_UNSUBACK,
};

/* ---- PUBRELs in the order of their PUBRECs [MQTT-4.6.0-4] ------------ */

static void
push_rel(struct session *s, struct slot *slot)
{
	slot->order.prev = s->rel_tail;
	slot->order.next = 0;
	if (s->rel_tail != 0)
		slots_find(&s->mids, s->rel_tail)->order.next = slot->mid;
	else
		s->rel_head = slot->mid;
	s->rel_tail = slot->mid;
}

static void
unlink_rel(struct session *s, struct slot *slot)
{
	uint16_t	 prev = slot->order.prev;
	uint16_t	 next = slot->order.next;

	if (prev != 0)
		slots_find(&s->mids, prev)->order.next = next;
	else
		s->rel_head = next;
	if (next != 0)
		slots_find(&s->mids, next)->order.prev = prev;
	else
		s->rel_tail = prev;
}

int
flow_release_all(struct session *s)
{
	struct slot	*slot = slots_find(&s->mids, s->rel_head);
	int		 err = MQK_OK;

	while (slot != NULL && err == MQK_OK) {
		err = output_answer(s, MQK_PUBREL, slot->mid, 0);
		slot = slots_find(&s->mids, slot->order.next);
	}
	return (err);
}

void
flow_released(struct session *s, struct slot *slot)
{
	slot->state = FLOW_PUBCOMP;
	log_release(&s->log, slot->u.entry);
	push_rel(s, slot);
}

void
flow_forget_rels(struct session *s)
{
	s->rel_head = 0;
	s->rel_tail = 0;
}

static void
send_again(struct session *s, struct entry *e)
{
	struct slot	*slot = slots_find(&s->mids, e->mid);

	slot->state = FLOW_PUBREC;
	log_again(&s->log, e);
	if (s->keep != NULL)
		keep_again(s, slot);
}

/*
 * A message whose PUBREC came goes out again too: a broker may pass it on at
 * PUBREL only, and has forgotten it now.  With the session goes the promise
 * not to double it; what is left is not to lose it.
 */
void
flow_session_gone(struct session *s)
{
	struct log	*l = &s->log;

	flow_forget_rels(s);
	for (struct entry *e = log_walk(l, NULL); e != NULL;
	    e = log_walk(l, e)) {
		if ((e->flags & ENTRY_RELEASED) != 0)
			send_again(s, e);
		e->flags &= (uint8_t)~ENTRY_REPEAT;
	}
}

/* ---- actions --------------------------------------------------------- */

/* The message is done: its place in the window [4.9], log and ids is free. */
static inline void
finish(struct session *s, struct slot *slot)
{
	struct entry	*e = slot->u.entry;

	if ((e->flags & ENTRY_COUNTED) != 0)
		s->inflight--;
	log_kill(&s->log, e);
	slots_del(&s->mids, slot);
}

static struct event *
push_answer(struct session *s, enum mqk_packet_type type,
    const struct slot *slot, struct mqk_bytes reasons, struct mqk_props props)
{
	struct event	*e = event_push(s, EVENT_ANSWERED);

	e->u.answer.type = type;
	e->u.answer.mid = slot->mid;
	e->u.answer.tag = slot->tag;
	e->u.answer.error = MQK_OK;
	e->u.answer.reasons = reasons;
	e->u.answer.props = props;
	return (e);
}

static int
answered(struct session *s, struct slot *slot, const struct packet *p)
{
	struct mqk_bytes reason = { &p->u.answer.reason, 1 };

	push_answer(s, MQK_PUBLISH, slot, reason, p->u.answer.props);
	event_source_done(s, slot->u.entry);
	if (s->keep != NULL)
		keep_done(s, slot);
	finish(s, slot);
	return (MQK_OK);
}

static int
received(struct session *s, struct slot *slot, const struct packet *p)
{
	/* From here on the PUBLISH must not be sent again [MQTT-4.3.3-6]. */
	log_release(&s->log, slot->u.entry);
	push_rel(s, slot);
	if (s->keep != NULL)
		keep_received(s, slot);
	return (release(s, slot, p));
}

static int
release(struct session *s, struct slot *slot, const struct packet *p)
{
	(void)p;
	return (output_answer(s, MQK_PUBREL, slot->mid, 0));
}

static int
completed(struct session *s, struct slot *slot, const struct packet *p)
{
	static const uint8_t success = 0;

	/*
	 * PUBREC was the answer; a PUBCOMP that does not know the id says
	 * that the broker is done with it.
	 */
	push_answer(s, MQK_PUBLISH, slot, (struct mqk_bytes){ &success, 1 },
	    p->u.answer.props);
	event_source_done(s, slot->u.entry);
	unlink_rel(s, slot);
	if (s->keep != NULL)
		keep_done(s, slot);
	finish(s, slot);
	return (MQK_OK);
}

/* The broker waits for this PUBREL to forget the id. */
static int
not_found(struct session *s, struct slot *slot, const struct packet *p)
{
	(void)slot;
	return (output_answer(s, MQK_PUBREL, p->u.answer.mid, 0x92));
}

static int
ignored(struct session *s, struct slot *slot, const struct packet *p)
{
	(void)s;
	(void)slot;
	(void)p;
	return (MQK_OK);
}

static int
listed(struct session *s, struct slot *slot, const struct packet *p)
{
	struct entry	*e = slot->u.entry;

	push_answer(s, p->type == MQK_SUBACK ? MQK_SUBSCRIBE :
	    MQK_UNSUBSCRIBE, slot, p->u.suback.reasons, p->u.suback.props);
	if (e != NULL)
		log_kill(&s->log, e);
	else
		s->unlogged--;
	slots_del(&s->mids, slot);
	return (MQK_OK);
}

/* ---- entry points ---------------------------------------------------- */

/* An id whose packet has not been sent on this connection is unknown yet. */
static enum flow_state
state_of(const struct session *s, const struct slot *slot)
{
	if (slot == NULL)
		return (FLOW_UNKNOWN);
	if (slot->state != FLOW_PUBCOMP && slot->u.entry != NULL &&
	    ((slot->u.entry->flags & ENTRY_PASSED) == 0 ||
	    slot->u.entry == s->o.body))
		return (FLOW_UNKNOWN);
	return (slot->state);
}

static enum answer
answer_of(const struct packet *p)
{
	if (p->type == MQK_PUBREC && p->u.answer.reason >= 0x80)
		return (ANSWER_PUBREC_REFUSED);
	return (answers[p->type]);
}

static const char *const awaited[FLOW_STATES] = {
	[FLOW_UNKNOWN] = "nothing",
	[FLOW_PUBACK] = "PUBACK",
	[FLOW_PUBREC] = "PUBREC",
	[FLOW_PUBCOMP] = "PUBCOMP",
	[FLOW_SUBACK] = "SUBACK",
	[FLOW_UNSUBACK] = "UNSUBACK",
};

static int
run_flow(struct session *s, struct slot *slot, uint16_t mid,
    const struct packet *p)
{
	enum flow_state	 state = state_of(s, slot);
	enum answer	 answer = answer_of(p);

	if (flows[state][answer].act == NULL)
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL,
		    "%s for packet id %u, which awaits %s",
		    mqk_packet_name(p->type), (unsigned)mid,
		    awaited[state])));
	if (state != FLOW_UNKNOWN)
		slot->state = (uint8_t)flows[state][answer].next;
	/* What the window has room for now follows the events. */
	return (flows[state][answer].act(s, slot, p));
}

int
flow_answer(struct session *s, int64_t now, const struct packet *p)
{
	uint16_t	 mid = p->u.answer.mid;

	output_widen(s, now);
	return (run_flow(s, slots_find(&s->mids, mid), mid, p));
}

/* One reason code for each filter [MQTT-3.9.3-1]; UNSUBACK of 3.x has none. */
static bool
reasons_fit(const struct session *s, const struct slot *slot,
    const struct packet *p)
{
	return (p->u.suback.reasons.len == slot->epoch ||
	    (p->type == MQK_UNSUBACK && s->version != MQK_V5));
}

int
flow_list_answer(struct session *s, int64_t now, const struct packet *p)
{
	uint16_t	 mid = p->u.suback.mid;
	struct slot	*slot = slots_find(&s->mids, mid);

	(void)now;
	if ((state_of(s, slot) == FLOW_SUBACK ||
	    state_of(s, slot) == FLOW_UNSUBACK) && !reasons_fit(s, slot, p))
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "%s: %zu reason codes for %u filters",
		    mqk_packet_name(p->type), p->u.suback.reasons.len,
		    (unsigned)slot->epoch)));
	return (run_flow(s, slot, mid, p));
}

/* ---- answers in runs ------------------------------------------------- */

static int
run_answered(struct session *s, struct slot *slot)
{
	finish(s, slot);
	return (MQK_OK);
}

static int
run_received(struct session *s, struct slot *slot)
{
	struct buf	*b = output_sink(s);
	uint8_t		*at = buf_reserve(b, SHORT_ANSWER);

	if (at == NULL)
		return (b->err);
	wr_u16(wr_u16(at, MQK_PUBREL << 12 | 0x0202), slot->mid);
	buf_commit(b, SHORT_ANSWER);
	log_release(&s->log, slot->u.entry);
	push_rel(s, slot);
	slot->state = FLOW_PUBCOMP;
	return (MQK_OK);
}

static int
run_completed(struct session *s, struct slot *slot)
{
	unlink_rel(s, slot);
	finish(s, slot);
	return (MQK_OK);
}

/* Rows of the table above, for packets that say nothing but the id. */
static const struct run {
	int		(*act)(struct session *, struct slot *);
	enum flow_state	 state;
	bool		 ends;		/* it is the answer to the message */
} runs[16] = {
	[MQK_PUBACK] = { run_answered, FLOW_PUBACK, true },
	[MQK_PUBREC] = { run_received, FLOW_PUBREC, false },
	[MQK_PUBCOMP] = { run_completed, FLOW_PUBCOMP, true },
};

/* The slot of such a packet, if it is due and its message has no source. */
static inline struct slot *
find_due(const struct session *s, const struct run *run, const uint8_t *wire)
{
	struct slot	*slot;

	slot = slots_find(&s->mids, (uint16_t)(wire[2] << 8 | wire[3]));
	if (slot == NULL || slot->state != run->state ||
	    (slot->u.entry->flags & (ENTRY_PASSED | ENTRY_SOURCE)) !=
	    ENTRY_PASSED)
		return (NULL);
	return (slot);
}

size_t
session_answers(struct session *s, int64_t now, const uint8_t *wire,
    size_t len, struct session_answer to[SESSION_ANSWERS], size_t *n)
{
	const struct run *run = &runs[wire[0] >> 4];
	const uint8_t	 first = wire[0];
	struct slot	*slot;
	size_t		 i = 0;

	*n = 0;
	if (run->act == NULL || (first & 0x0f) != 0 ||
	    s->state != SESSION_UP || s->held || s->events.n > 0 ||
	    s->keep != NULL)
		return (0);
	output_widen(s, now);
	for (; i < SESSION_ANSWERS && len >= SHORT_ANSWER; i++) {
		slot = wire[0] == first && wire[1] == SHORT_ANSWER - 2 ?
		    find_due(s, run, wire) : NULL;
		if (slot == NULL)
			break;
		to[i].tag = slot->tag;
		to[i].mid = slot->mid;
		if (run->act(s, slot) < 0)
			break;
		wire += SHORT_ANSWER;
		len -= SHORT_ANSWER;
	}
	s->packets_in += i;
	if (run->ends)
		*n = i;
	else
		s->packets_out += i;
	return (i * SHORT_ANSWER);
}

void
flow_fail(struct session *s, struct log *l, struct entry *e, int error)
{
	struct slot	*slot = slots_find(&s->mids, e->mid);
	void		*tag = NULL;

	if (slot != NULL) {
		tag = slot->tag;
		if (s->keep != NULL && e->type == MQK_PUBLISH)
			keep_done(s, slot);
		slots_del(&s->mids, slot);
	}
	event_answered(s, e->type, e->mid, tag, error);
	event_source_done(s, e);
	log_kill(l, e);
}
