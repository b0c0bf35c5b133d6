/* SPDX-License-Identifier: MIT */

/*
 * What session_event() hands out: first what the last packet made, then, one
 * by one, requests that ended because their session or connection is gone.
 * Those are not queued but taken from where they are, so that their number
 * needs no memory.
 */

#include "session/internal.h"

static const uint8_t success = 0;

void
event_answered(struct session *s, enum mqk_packet_type type, uint16_t mid,
    void *tag, int error)
{
	struct event	*e = event_push(s, EVENT_ANSWERED);

	e->u.answer.type = type;
	e->u.answer.mid = mid;
	e->u.answer.tag = tag;
	e->u.answer.error = error;
	e->u.answer.reasons.data = &success;
	e->u.answer.reasons.len = error == MQK_OK ? 1 : 0;
	e->u.answer.props = (struct mqk_props){ 0 };
}

void
event_source_done(struct session *s, struct entry *entry)
{
	if ((entry->flags & ENTRY_SOURCE) != 0)
		event_push(s, EVENT_SOURCE_DONE)->u.source =
		    *entry_source(entry);
}

/* Events out of a log that ends. */
static bool
end_entry(struct session *s, struct log *l, uint32_t *left)
{
	if (*left == 0)
		return (false);
	--*left;
	flow_fail(s, l, log_walk(l, NULL), s->ending);
	return (true);
}

/* SUBSCRIBEs that were sent ahead of the log end with their connection. */
static bool
end_unlogged(struct session *s)
{
	struct slot	*slot = s->mids.at;

	if (s->unlogged == 0 || s->state != SESSION_DOWN)
		return (false);
	while (slot->mid == 0 || slot->state != FLOW_SUBACK ||
	    slot->u.entry != NULL)
		slot++;
	s->unlogged--;
	event_answered(s, MQK_SUBSCRIBE, slot->mid, slot->tag, MQK_ECLOSED);
	slots_del(&s->mids, slot);
	return (true);
}

static bool
end_something(struct session *s)
{
	return (end_entry(s, &s->late, &s->ending_late) ||
	    end_entry(s, &s->log, &s->ending_log) || end_unlogged(s));
}

/* The quick look that tells whether find_more() could find anything. */
static bool
is_unsettled(const struct session *s)
{
	return (s->log.waiting != 0 || s->held || (s->late.waiting |
	    s->ending_late | s->ending_log | s->unlogged) != 0);
}

/* The events so far have been dealt with; what follows from that? */
static ASIDE bool
find_more(struct session *s)
{
	if (end_something(s))
		return (true);
	/* CONNACK has been dealt with: the log may follow. */
	if (s->state == SESSION_UP)
		s->held = false;
	output_pump(s);
	return (s->events.n > 0);
}

bool
session_has_event(struct session *s)
{
	return (s->events.n > 0 || (is_unsettled(s) && find_more(s)));
}

const struct event *
session_event(struct session *s)
{
	struct events		*q = &s->events;
	const struct event	*e = &q->at[q->first];

	if (!session_has_event(s))
		return (NULL);
	if (++q->first == EVENTS_SLOTS)
		q->first = 0;
	q->n--;
	return (e);
}
