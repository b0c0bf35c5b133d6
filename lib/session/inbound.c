/* SPDX-License-Identifier: MIT */

/*
 * Messages from the broker: topic aliases, the receiver's side of QoS 1 and 2
 * (section 4.3) and acknowledgements in the order of arrival.
 *
 * QoS 2 is known by its packet id from PUBLISH to PUBREL, over connections.
 * The application hears of it once, at the first PUBLISH.  PUBREC goes out
 * when two things have happened on whatever connections: the application has
 * acknowledged, and the PUBLISH has come on this connection.
 */

#include <stdlib.h>

#include "codec/reason.h"
#include "session/internal.h"

static void
forget_known(struct session *s, struct slot *slot)
{
	if (s->keep != NULL)
		keep_unknown(s, slot->mid);
	slots_del(&s->known, slot);
}

/* ---- PUBLISH --------------------------------------------------------- */

/* If there is an alias, what it stands for [MQTT-3.3.2-8 … 12]. */
static ASIDE int
resolve_alias(struct session *s, const struct packet_publish *m,
    struct mqk_bytes *topic)
{
	struct mqk_value	 alias;

	if (!mqk_props_get(&m->props, MQK_P_TOPIC_ALIAS, &alias))
		return (MQK_OK);
	if (alias.num == 0 || alias.num > s->ours.alias_max)
		return (session_fail(s, 0x94, errf(session_text(s),
		    MQK_EPROTOCOL,
		    "PUBLISH: topic alias %u, allowed are 1 to %u",
		    (unsigned)alias.num, (unsigned)s->ours.alias_max)));
	if (m->topic.len > 0)
		return (alias_bind(&s->alias_in, alias.num, m->topic));
	*topic = alias_topic(&s->alias_in, alias.num);
	if (topic->data == NULL)
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL, "PUBLISH: topic alias %u has no topic",
		    (unsigned)alias.num)));
	return (MQK_OK);
}

static struct mqk_ack
token(const struct session *s, const struct packet_publish *m)
{
	return ((struct mqk_ack){
		.epoch = s->epoch, .mid = m->mid, .qos = m->qos
	});
}

void
inbound_push(struct session *s, const struct packet_publish *m,
    struct mqk_bytes topic)
{
	struct event	*e = event_push(s, EVENT_MESSAGE);

	e->u.message.packet = m;
	e->u.message.topic = topic;
	e->u.message.ack = token(s, m);
}

int
inbound_open(struct session *s)
{
	if (s->inbox.open >= s->ours.receive_max)
		return (session_fail(s, 0x93, errf(session_text(s),
		    MQK_EPROTOCOL,
		    "PUBLISH: more than %u unacknowledged messages",
		    (unsigned)s->ours.receive_max)));
	s->inbox.open++;
	return (MQK_OK);
}

int
inbound_await(struct session *s, const struct packet_publish *m, uint32_t seq)
{
	struct arrival	 a = { .seq = seq, .mid = m->mid, .qos = m->qos };

	/* 3.x has no receive-maximum, but ids repeat after that many. */
	if (s->inbox.n >= UINT16_MAX)
		return (session_fail(s, 0x93, errf(session_text(s),
		    MQK_EPROTOCOL,
		    "PUBLISH: more messages unacknowledged than packet ids")));
	return (inbox_add(&s->inbox, &a));
}

/* QoS 2 with an id that is known: no second event [MQTT-4.3.3-10]. */
static ASIDE int
repeated(struct session *s, const struct packet_publish *m, struct slot *slot)
{
	struct arrival	*a;
	int		 err;

	if ((slot->state & KNOWN_WAITING) != 0)
		return (MQK_OK);
	if ((slot->state & KNOWN_HERE) == 0) {
		err = inbound_open(s);
		if (err < 0)
			return (err);
	}
	err = inbound_await(s, m, slot->u.seq);
	if (err < 0)
		return (err);
	slot->state |= KNOWN_WAITING | KNOWN_HERE;
	if ((slot->state & KNOWN_ACKED) == 0) {
		s->inbox.away--;
		return (MQK_OK);
	}
	a = inbox_at(&s->inbox, s->inbox.n - 1);
	a->done = true;
	a->reason = slot->reason;
	return (MQK_OK);
}

/* QoS 1, or QoS 2 with a new id. */
static int
first_seen(struct session *s, const struct packet_publish *m)
{
	struct slot	*slot;
	int		 err = inbound_open(s);

	if (err == MQK_OK)
		err = inbound_await(s, m, s->inbox.seq + 1);
	if (err < 0)
		return (err);
	s->inbox.seq++;
	if (m->qos == 2) {
		slot = slots_add(&s->known, m->mid);
		if (slot == NULL) {
			inbox_drop_last(&s->inbox);
			return (MQK_ENOMEM);
		}
		slot->state = KNOWN_WAITING | KNOWN_HERE;
		slot->epoch = s->epoch;
		slot->u.seq = s->inbox.seq;
	}
	return (MQK_OK);
}

static int
take_message(struct session *s, const struct packet_publish *m,
    struct mqk_bytes topic)
{
	struct slot	*slot;
	int		 err = MQK_OK;

	if (m->qos == 2 && s->options.qos2_at_release)
		return (hold_publish(s, m, topic));
	slot = m->qos == 2 ? slots_find(&s->known, m->mid) : NULL;
	if (slot != NULL) {
		err = repeated(s, m, slot);
		return (err < 0 ? err : inbound_release(s));
	}
	if (m->qos > 0)
		err = first_seen(s, m);
	if (err == MQK_OK)
		inbound_push(s, m, topic);
	return (err);
}

int
inbound_take(struct session *s, const struct packet_publish *m,
    struct mqk_ack *ack)
{
	int	 err;

	if (m->qos == 2 && (s->options.qos2_at_release ||
	    slots_find(&s->known, m->mid) != NULL))
		return (0);
	*ack = token(s, m);
	err = m->qos > 0 ? first_seen(s, m) : MQK_OK;
	return (err < 0 ? err : 1);
}

int
inbound_publish(struct session *s, int64_t now, const struct packet *p)
{
	const struct packet_publish *m = &p->u.publish;
	struct mqk_bytes	 topic;
	int			 err;

	(void)now;
	if (m->props.len == 0)
		return (take_message(s, m, m->topic));
	topic = m->topic;
	err = resolve_alias(s, m, &topic);
	return (err < 0 ? err : take_message(s, m, topic));
}

int
inbound_pubrel(struct session *s, int64_t now, const struct packet *p)
{
	uint16_t	 mid = p->u.answer.mid;
	struct slot	*slot = slots_find(&s->known, mid);

	(void)now;
	if (slot == NULL)
		return (output_answer(s, MQK_PUBCOMP, mid, 0x92));
	if (s->options.qos2_at_release)
		return (hold_pubrel(s, slot));
	if ((slot->state & (KNOWN_ACKED | KNOWN_WAITING)) != KNOWN_ACKED)
		return (session_fail(s, 0x82, errf(session_text(s),
		    MQK_EPROTOCOL,
		    "PUBREL: packet id %u has had no PUBREC", (unsigned)mid)));
	if ((slot->state & KNOWN_HERE) != 0)
		s->inbox.open--;
	forget_known(s, slot);
	return (output_answer(s, MQK_PUBCOMP, mid, 0));
}

/* The short way of session_answers(), for those that are expected. */
size_t
inbound_pubrels(struct session *s, const uint8_t *wire, size_t n)
{
	struct buf	*b = output_sink(s);
	uint8_t		*to = s->options.qos2_at_release ? NULL :
			    buf_reserve(b, n * SHORT_ANSWER);
	struct slot	*slot;
	size_t		 i;

	if (to == NULL) {
		buf_truncate(b, buf_len(b));
		return (0);
	}
	for (i = 0; i < n && wire[0] == (MQK_PUBREL << 4 | 2) &&
	    wire[1] == SHORT_ANSWER - 2; i++, wire += SHORT_ANSWER) {
		slot = slots_find(&s->known,
		    (uint16_t)(wire[2] << 8 | wire[3]));
		if (slot == NULL || (slot->state &
		    (KNOWN_ACKED | KNOWN_WAITING)) != KNOWN_ACKED)
			break;
		to = wr_u16(wr_u16(to, MQK_PUBCOMP << 12 | 2), slot->mid);
		s->inbox.open -= (slot->state & KNOWN_HERE) != 0;
		slots_del(&s->known, slot);
	}
	buf_commit(b, i * SHORT_ANSWER);
	s->packets_out += i;
	return (i);
}

/* ---- acknowledgements ------------------------------------------------ */

static enum mqk_packet_type
ack_type(const struct session *s, uint8_t qos)
{
	if (qos == 1)
		return (MQK_PUBACK);
	return (s->options.qos2_at_release ? MQK_PUBCOMP : MQK_PUBREC);
}

static int
send_ack(struct session *s, const struct arrival *a)
{
	struct packet	 p = { 0 };
	int		 err;

	p.type = ack_type(s, a->qos);
	if (a->props == NULL)
		return (output_answer(s, p.type, a->mid, a->reason));
	p.u.answer.mid = a->mid;
	p.u.answer.reason = a->reason;
	p.u.answer.props = *a->props;
	err = output_packet(s, &p);
	if (err == MQK_ETOOBIG)			/* [MQTT-3.4.2-2] */
		err = output_answer(s, p.type, a->mid, a->reason);
	return (err);
}

/* After PUBREC the id stays known, unless it said no [MQTT-4.3.3-9]. */
static void
leave_inbox(struct session *s, const struct arrival *a)
{
	struct slot	*slot;

	if (a->qos == 1) {
		s->inbox.open--;
		return;
	}
	slot = slots_find(&s->known, a->mid);
	if (s->options.qos2_at_release) {
		if ((slot->state & KNOWN_HERE) != 0)
			s->inbox.open--;
		slots_del(&s->known, slot);
		return;
	}
	slot->state &= (uint8_t)~KNOWN_WAITING;
	if (a->reason >= MQK_REFUSAL && s->version == MQK_V5) {
		s->inbox.open--;
		forget_known(s, slot);
	}
}

int
inbound_release(struct session *s)
{
	struct arrival	*a;
	int		 err;

	if (s->state != SESSION_UP)
		return (MQK_OK);
	while (s->inbox.n > 0) {
		a = inbox_at(&s->inbox, 0);
		if (!a->done)
			break;
		err = send_ack(s, a);
		if (err < 0)
			return (err);
		leave_inbox(s, a);
		inbox_pop(&s->inbox);
	}
	return (MQK_OK);
}

static int
check_ack(const struct session *s, struct mqk_ack ack, uint8_t reason,
    const struct mqk_props *props)
{
	enum mqk_packet_type	 type = ack.qos == 1 ? MQK_PUBACK : MQK_PUBREC;
	enum mqk_prop		 bad;

	if (ack.qos < 1 || ack.qos > 2 ||
	    (s->version == MQK_V5 && !reason_allowed(type, reason)))
		return (MQK_EINVAL);
	if (reason == 0x95)	/* only taken from brokers, see reason.def */
		return (MQK_EINVAL);
	return (props == NULL ? MQK_OK : prop_fits(props, type, &bad));
}

/* The message of a QoS 2 token that is not acknowledged yet. */
static int
find_known(const struct session *s, struct mqk_ack ack, struct slot **slot)
{
	*slot = slots_find(&s->known, ack.mid);
	if (*slot == NULL || (*slot)->epoch != ack.epoch)
		return (ack.epoch == s->epoch ? MQK_EINVAL : MQK_ESTALE);
	return (((*slot)->state & (KNOWN_ACKED | KNOWN_HELD)) != 0 ?
	    MQK_EINVAL : MQK_OK);
}

static void
mark_known(struct session *s, struct slot *slot, uint8_t reason)
{
	slot->state |= KNOWN_ACKED;
	slot->reason = reason;
	if (s->keep != NULL)
		keep_known(s, slot->mid, reason);
	if ((slot->state & KNOWN_WAITING) == 0)
		s->inbox.away--;
}

static int
keep_props(struct arrival *a, const struct mqk_props *props)
{
	if (props == NULL || props->len == 0)
		return (MQK_OK);
	mqk_props_free(a->props);
	a->props = mqk_props_new();
	if (a->props == NULL)
		return (MQK_ENOMEM);
	return (prop_append(a->props, props));
}

int
session_ack(struct session *s, struct mqk_ack ack, uint8_t reason,
    const struct mqk_props *props)
{
	struct slot	*slot = NULL;
	struct arrival	*a = NULL;
	int		 err = check_ack(s, ack, reason, props);

	if (err == MQK_OK && ack.qos == 2)
		err = find_known(s, ack, &slot);
	if (err < 0)
		return (err);
	if (slot == NULL && ack.epoch != s->epoch)
		return (MQK_ESTALE);
	if (ack.qos == 2 && s->options.qos2_at_release)
		reason = 0;	/* it is too late to refuse */
	if (slot == NULL || (slot->state & KNOWN_WAITING) != 0) {
		a = inbox_find(&s->inbox, ack.mid, ack.qos);
		if (a == NULL)
			return (MQK_EINVAL);
		err = keep_props(a, props);
		if (err < 0)
			return (err);
		a->reason = reason;
		a->done = true;
	}
	if (slot != NULL)
		mark_known(s, slot, reason);
	return (inbound_release(s));
}

/* Arrived no later than that message; the count may wrap. */
static bool
is_through(uint32_t seq, uint32_t last)
{
	return ((int32_t)(seq - last) <= 0);
}

static void
ack_inbox_through(struct session *s, uint32_t last)
{
	struct arrival	*a;

	for (uint32_t i = 0; i < s->inbox.n; i++) {
		a = inbox_at(&s->inbox, i);
		if (a->done || !is_through(a->seq, last))
			continue;
		a->done = true;
		if (a->qos == 2)
			mark_known(s, slots_find(&s->known, a->mid), 0);
	}
}

/* QoS 2 messages of lost connections that have not come again. */
static void
ack_away_through(struct session *s, uint32_t last)
{
	struct slot	*slot = s->known.at;

	for (uint32_t i = 0; s->inbox.away > 0 && i < s->known.cap; i++, slot++)
		if (slot->mid != 0 &&
		    (slot->state & (KNOWN_ACKED | KNOWN_WAITING |
		    KNOWN_HELD)) == 0 && is_through(slot->u.seq, last))
			mark_known(s, slot, 0);
}

int
session_ack_through(struct session *s, struct mqk_ack ack)
{
	struct slot	*slot = NULL;
	struct arrival	*a;
	uint32_t	 last;
	int		 err = check_ack(s, ack, 0, NULL);

	if (err == MQK_OK && ack.qos == 2)
		err = find_known(s, ack, &slot);
	if (err < 0)
		return (err);
	if (slot != NULL) {
		last = slot->u.seq;
	} else if (ack.epoch != s->epoch) {
		return (MQK_ESTALE);
	} else {
		a = inbox_find_last(&s->inbox, ack.mid, ack.qos);
		if (a == NULL)
			return (MQK_EINVAL);
		last = a->seq;
	}
	ack_inbox_through(s, last);
	ack_away_through(s, last);
	return (inbound_release(s));
}

/* ---- the end of a connection or session ------------------------------ */

void
inbound_lost(struct session *s)
{
	struct slot	*slot = s->known.at;

	inbox_clear(&s->inbox);
	s->inbox.open = 0;
	s->inbox.away = 0;
	for (uint32_t i = 0; i < s->known.cap; i++, slot++) {
		if (slot->mid == 0)
			continue;
		slot->state &= KNOWN_ACKED | KNOWN_HELD;
		if (slot->state == 0)
			s->inbox.away++;
	}
	alias_fini(&s->alias_in);
}

struct slot *
inbound_recover(struct session *s, uint16_t mid, uint8_t reason)
{
	struct slot	*slot = slots_add(&s->known, mid);

	if (slot == NULL)
		return (NULL);
	slot->state = KNOWN_ACKED;
	slot->reason = reason;
	return (slot);
}

void
inbound_forget(struct session *s)
{
	struct slot	*slot = s->known.at;

	for (uint32_t i = 0; s->keep != NULL && i < s->known.cap; i++, slot++)
		if (slot->mid != 0 && (slot->state & KNOWN_ACKED) != 0)
			keep_unknown(s, slot->mid);
	hold_forget(s);
	slots_fini(&s->known);
	inbox_fini(&s->inbox);
	s->inbox.open = 0;
	s->inbox.away = 0;
}
