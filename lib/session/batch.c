/* SPDX-License-Identifier: MIT */

/*
 * Messages of QoS 1 and 2 that differ in payload and tag only.  The first one
 * has been checked and logged; of its packet the others take what they have in
 * common with it as it stands there.
 */

#include "codec/publish.h"
#include "session/internal.h"

struct model {
	const uint8_t	*head;		/* topic, packet id, properties */
	size_t		 len;		/* of that */
	size_t		 mid_at;	/* in it */
	uint8_t		 first;		/* byte of the packet */
	uint8_t		 state;		/* enum flow_state */
	uint8_t		 flags;		/* enum entry_flag bits */
};

static void
look_at(struct model *model, const struct slot *slot, size_t payload_len)
{
	struct entry	*e = slot->u.entry;
	const uint8_t	*wire = entry_wire(e), *at = wire + 1;

	while ((*at++ & 0x80) != 0)
		continue;
	model->head = at;
	model->len = (size_t)(wire + e->len - at) - payload_len;
	model->mid_at = 2u + (size_t)(at[0] << 8 | at[1]);
	model->first = wire[0];
	model->state = slot->state;
	model->flags = e->flags & ENTRY_CHECKED;
}

static void
write_like(uint8_t *at, const struct model *model, uint16_t mid,
    struct mqk_bytes payload)
{
	*at++ = model->first;
	at = wr_varint(at, (uint32_t)(model->len + payload.len));
	wr_mem(at, model->head, model->len);
	wr_u16(at + model->mid_at, mid);
	wr_mem(at + model->len, payload.data, payload.len);
}

/* False: it can't be logged now, or not at all. */
static bool
log_like(struct session *s, const struct model *model,
    const struct mqk_publish *m)
{
	struct entry	*e;
	struct slot	*slot;
	size_t		 len;
	int		 err;

	if (m->payload.len > PACKET_MAX_REMAINING - model->len ||
	    (m->payload.data == NULL && m->payload.len > 0))
		return (false);
	len = publish_len((int64_t)(model->len + m->payload.len));
	if (len > s->peer.max_packet || s->log.waiting >= s->options.max_queue)
		return (false);
	e = log_room(&s->log, len, s->options.max_bytes, NULL, &err);
	slot = e != NULL ? slots_next(&s->mids, &err) : NULL;
	if (slot == NULL)
		return (false);
	slot->state = model->state;
	slot->tag = m->tag;
	slot->u.entry = e;
	write_like(entry_wire(e), model, slot->mid, m->payload);
	log_add(&s->log, e, len, MQK_PUBLISH, slot->mid);
	e->flags = model->flags;
	return (true);
}

size_t
batch_log(struct session *s, uint16_t mid, const struct mqk_publish *m,
    size_t n)
{
	struct model	 model;
	size_t		 i;

	look_at(&model, slots_find(&s->mids, mid), m[0].payload.len);
	for (i = 1; i < n; i++)
		if (!log_like(s, &model, &m[i]))
			break;
	return (i - 1);
}
