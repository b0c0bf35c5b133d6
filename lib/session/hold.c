/* SPDX-License-Identifier: MIT */

/*
 * The other way to receive QoS 2 (section 4.3.3, figure 4.3, method A): a
 * message is kept at its PUBLISH, which PUBREC answers at once, and given to
 * the application at its PUBREL, whose PUBCOMP waits for the application.  So
 * it is PUBREL that arrives in the inbox here.
 */

#include <stdlib.h>
#include <string.h>

#include "session/internal.h"

struct held {
	struct packet_publish publish;	/* a view on what follows */
	size_t		 size;
	size_t		 topic_len;
	uint8_t		 bytes[];	/* topic, NUL, properties, payload */
};

static uint8_t *
put(uint8_t *to, const void *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
	return (to + len);
}

static struct held *
held_new(const struct packet_publish *m, struct mqk_bytes topic)
{
	size_t		 size = topic.len + 1 + m->props.len + m->payload.len;
	struct held	*h = malloc(sizeof(*h) + size);
	uint8_t		*at;

	if (h == NULL)
		return (NULL);
	h->publish = *m;
	h->publish.topic.data = NULL;
	h->publish.topic.len = 0;
	h->size = size;
	h->topic_len = topic.len;
	at = put(h->bytes, topic.data, topic.len);
	*at++ = '\0';
	h->publish.props.data = at;
	at = put(at, m->props.data, m->props.len);
	h->publish.payload.data = at;
	put(at, m->payload.data, m->payload.len);
	return (h);
}

/* One is always taken, however large: else it would come again and again. */
static int
check_room(struct session *s, const struct held *h)
{
	if (s->hold.bytes == 0 ||
	    s->hold.bytes + h->size <= s->options.max_bytes)
		return (MQK_OK);
	return (session_fail(s, 0x97, errf(session_text(s), MQK_ETOOBIG,
	    "PUBLISH: more than %u bytes wait for PUBREL",
	    (unsigned)s->options.max_bytes)));
}

static int
keep(struct session *s, const struct packet_publish *m,
    struct mqk_bytes topic)
{
	struct held	*h = held_new(m, topic);
	struct slot	*slot;
	int		 err;

	if (h == NULL)
		return (MQK_ENOMEM);
	err = check_room(s, h);
	if (err == MQK_OK)
		err = inbound_open(s);
	if (err < 0) {
		free(h);
		return (err);
	}
	slot = slots_add(&s->known, m->mid);
	if (slot == NULL) {
		s->inbox.open--;
		free(h);
		return (MQK_ENOMEM);
	}
	slot->state = KNOWN_HELD | KNOWN_HERE;
	slot->u.held = h;
	s->hold.bytes += h->size;
	return (MQK_OK);
}

int
hold_publish(struct session *s, const struct packet_publish *m,
    struct mqk_bytes topic)
{
	struct slot	*slot = slots_find(&s->known, m->mid);
	int		 err = MQK_OK;

	if (slot == NULL) {
		err = keep(s, m, topic);
	} else if ((slot->state & KNOWN_HERE) == 0) {
		err = inbound_open(s);
		if (err == MQK_OK)
			slot->state |= KNOWN_HERE;
	}
	return (err < 0 ? err : output_answer(s, MQK_PUBREC, m->mid, 0));
}

static int
await_application(struct session *s, uint16_t mid, uint32_t seq)
{
	struct packet_publish	 m = { .mid = mid, .qos = 2 };

	return (inbound_await(s, &m, seq));
}

/* The first PUBREL. */
static int
give(struct session *s, struct slot *slot)
{
	struct held		*h = slot->u.held;
	struct mqk_bytes	 topic = { h->bytes, h->topic_len };
	int			 err;

	err = await_application(s, slot->mid, s->inbox.seq + 1);
	if (err < 0)
		return (err);
	free(s->hold.given);
	s->hold.given = h;
	s->hold.bytes -= h->size;
	slot->u.seq = ++s->inbox.seq;
	slot->epoch = s->epoch;
	slot->state ^= KNOWN_HELD | KNOWN_WAITING;
	inbound_push(s, &h->publish, topic);
	return (MQK_OK);
}

/* Given on an earlier connection: PUBCOMP goes out when it may. */
static int
give_again(struct session *s, struct slot *slot)
{
	struct arrival	*a;
	int		 err = await_application(s, slot->mid, slot->u.seq);

	if (err < 0)
		return (err);
	slot->state |= KNOWN_WAITING;
	if ((slot->state & KNOWN_ACKED) == 0) {
		s->inbox.away--;
		return (MQK_OK);
	}
	a = inbox_at(&s->inbox, s->inbox.n - 1);
	a->done = true;
	return (inbound_release(s));
}

int
hold_pubrel(struct session *s, struct slot *slot)
{
	if ((slot->state & KNOWN_WAITING) != 0)
		return (MQK_OK);
	return ((slot->state & KNOWN_HELD) != 0 ? give(s, slot) :
	    give_again(s, slot));
}

void
hold_forget(struct session *s)
{
	struct slot	*slot = s->known.at;

	for (uint32_t i = 0; s->hold.bytes > 0 && i < s->known.cap; i++, slot++)
		if (slot->mid != 0 && (slot->state & KNOWN_HELD) != 0)
			free(slot->u.held);
	s->hold.bytes = 0;
	free(s->hold.given);
	s->hold.given = NULL;
}
