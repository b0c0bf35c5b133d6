/* SPDX-License-Identifier: MIT */

/*
 * Answers to what we have sent: the sender's side of QoS 1 and 2 (section 4.3)
 * and the answers to SUBSCRIBE and UNSUBSCRIBE, as one table.
 */

#include <stdlib.h>

#include "codec/wire.h"
#include "session/internal.h"

enum answer {
	ANSWER_PUBACK,
	ANSWER_PUBREC,
	ANSWER_PUBREC_REFUSED,		/* reason >= MQK_REFUSAL */
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

/* The numbers may go round, but what is under way is never that far apart. */
static int
compare_order(const void *a, const void *b)
{
	const struct slot *const	*x = a, *const *y = b;
	uint32_t			 d = (*x)->order - (*y)->order;

	return (d == 0 ? 0 : d < UINT32_MAX / 2 ? 1 : -1);
}

int
flow_release_all(struct session *s)
{
	struct slot	**list, *slot;
	size_t		  n = 0;
	int		  err = MQK_OK;

	if (s->mids.n == 0)
		return (MQK_OK);
	list = malloc(s->mids.n * sizeof(*list));
	if (list == NULL)
		return (MQK_ENOMEM);
	for (slot = s->mids.at; slot < s->mids.at + s->mids.cap; slot++)
		if (slot->mid != 0 && slot->state == FLOW_PUBCOMP)
			list[n++] = slot;
	qsort(list, n, sizeof(*list), compare_order);
	for (size_t i = 0; i < n && err == MQK_OK; i++)
		err = output_answer(s, MQK_PUBREL, list[i]->mid, 0);
	free(list);
	return (err);
}

/* From here on the PUBLISH must not be sent again [MQTT-4.3.3-6]. */
static inline void
await_pubcomp(struct session *s, struct slot *slot)
{
	log_release(&s->log, slot->u.entry);
	slot->state = FLOW_PUBCOMP;
	slot->order = ++s->order;
}

void
flow_released(struct session *s, struct slot *slot, uint32_t order)
{
	await_pubcomp(s, slot);
	slot->order = order;
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
	await_pubcomp(s, slot);
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
	if (p->type == MQK_PUBREC && p->u.answer.reason >= MQK_REFUSAL)
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

/* The rows of the table above that a busy publisher needs: packets that say
 * nothing but the id, due, for messages without a source. */

static inline struct slot *
find_due(const struct session *s, enum flow_state state, uint8_t first,
    const uint8_t *wire)
{
	struct slot	*slot;

	if (wire[0] != first || wire[1] != SHORT_ANSWER - 2)
		return (NULL);
	slot = slots_find(&s->mids, (uint16_t)(wire[2] << 8 | wire[3]));
	if (slot == NULL || slot->state != state ||
	    (slot->u.entry->flags & (ENTRY_PASSED | ENTRY_SOURCE)) !=
	    ENTRY_PASSED)
		return (NULL);
	return (slot);
}

/* PUBACKs or PUBCOMPs: the message is done. */
static size_t
take_last(struct session *s, enum flow_state state, const uint8_t *wire,
    size_t n, struct session_answer *to)
{
	const uint8_t	 first = wire[0];
	struct slot	*slot;
	size_t		 i;

	for (i = 0; i < n; i++, wire += SHORT_ANSWER) {
		slot = find_due(s, state, first, wire);
		if (slot == NULL)
			break;
		to[i].tag = slot->tag;
		to[i].mid = slot->mid;
		finish(s, slot);
	}
	return (i);
}

static size_t
take_pubrecs(struct session *s, const uint8_t *wire, size_t n)
{
	struct buf	*b = output_sink(s);
	uint8_t		*to = buf_reserve(b, n * SHORT_ANSWER);
	struct slot	*slot;
	size_t		 i;

	if (to == NULL) {
		buf_truncate(b, buf_len(b));
		return (0);
	}
	for (i = 0; i < n; i++, wire += SHORT_ANSWER) {
		slot = find_due(s, FLOW_PUBREC, MQK_PUBREC << 4, wire);
		if (slot == NULL)
			break;
		to = wr_u16(wr_u16(to, MQK_PUBREL << 12 | 0x0202), slot->mid);
		await_pubcomp(s, slot);
	}
	buf_commit(b, i * SHORT_ANSWER);
	s->packets_out += i;
	return (i);
}

size_t
session_answers(struct session *s, int64_t now, const uint8_t *wire,
    size_t len, struct session_answer to[SESSION_ANSWERS], size_t *n)
{
	size_t	 most = len / SHORT_ANSWER, taken = 0;

	*n = 0;
	if (s->state != SESSION_UP || s->held || s->events.n > 0 ||
	    s->keep != NULL)
		return (0);
	if (most > SESSION_ANSWERS)
		most = SESSION_ANSWERS;
	output_widen(s, now);
	if (wire[0] == MQK_PUBACK << 4)
		*n = taken = take_last(s, FLOW_PUBACK, wire, most, to);
	else if (wire[0] == MQK_PUBREC << 4)
		taken = take_pubrecs(s, wire, most);
	else if (wire[0] == MQK_PUBCOMP << 4)
		*n = taken = take_last(s, FLOW_PUBCOMP, wire, most, to);
	else if (wire[0] == (MQK_PUBREL << 4 | 2))
		taken = inbound_pubrels(s, wire, most);
	s->packets_in += taken;
	return (taken * SHORT_ANSWER);
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
