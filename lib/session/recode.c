/* SPDX-License-Identifier: MIT */

/*
 * A log written for one version of MQTT, written anew for another: after the
 * version was not known in advance, or has changed between connections.
 */

#include <stdlib.h>
#include <string.h>

#include "codec/wire.h"
#include "session/internal.h"

#define SLACK	64			/* other headers may be longer */

/*
 * Decode an entry.  One with a source has only its header, so a copy with a
 * remaining length of just that is made in *copy.
 */
static int
decode_entry(struct packet *p, struct entry *e, enum mqk_version version,
    uint8_t **copy)
{
	uint8_t		*wire = entry_wire(e), *at;
	size_t		 head = 1, len = e->len;
	const char	*why;

	*copy = NULL;
	if ((e->flags & ENTRY_SOURCE) != 0) {
		while ((wire[head++] & 0x80) != 0)
			continue;
		at = *copy = malloc(e->len);
		if (at == NULL)
			return (MQK_ENOMEM);
		*at = *wire;
		at = wr_varint(at + 1, (uint32_t)(len - head));
		at = wr_mem(at, wire + head, len - head);
		wire = *copy;
		len = (size_t)(at - wire);
	}
	return (packet_decode(p, version, wire, len, &why));
}

/* 3.x knows nothing but the QoS among the options of a filter. */
static void
keep_qos_only(const struct packet *p, const struct buf *b)
{
	size_t		 len = p->u.subscribe.list.len, cursor = 0;
	uint8_t		*list = b->mem + b->end - len;
	struct mqk_bytes filter;
	uint8_t		 options;

	while (subscribe_next(p, &cursor, &filter, &options))
		list[cursor - 1] &= 3;
}

static int
encode_entry(struct log *to, enum mqk_version version, const struct packet *p,
    const struct entry *old, const struct mqk_source *source)
{
	struct packet	 q = *p;
	struct entry	*e;
	struct buf	 b;
	int		 err;

	if (source != NULL)
		q.u.publish.payload = (struct mqk_bytes){ NULL, source->len };
	err = log_begin(to, &b, old->len + SLACK, SIZE_MAX, source);
	if (err == MQK_OK)
		err = packet_encode(&b, version, &q);
	if (err < 0)
		return (err);
	if (p->type == MQK_SUBSCRIBE && version != MQK_V5)
		keep_qos_only(p, &b);
	e = log_commit(to, &b, p->type, old->mid);
	e->flags |= old->flags & ENTRY_REPEAT;
	if ((old->flags & ENTRY_RELEASED) != 0)
		log_release(to, e);
	return (MQK_OK);
}

static int
recode_entry(struct log *to, struct entry *e, enum mqk_version from,
    enum mqk_version version)
{
	struct mqk_source	*source = NULL;
	struct packet		 p;
	uint8_t			*copy;
	int			 err;

	if ((e->flags & ENTRY_SOURCE) != 0)
		source = entry_source(e);
	err = decode_entry(&p, e, from, &copy);
	if (err == MQK_OK)
		err = encode_entry(to, version, &p, e, source);
	free(copy);
	return (err);
}

int
recode_log(struct log *l, struct slots *slots, enum mqk_version from,
    enum mqk_version to)
{
	struct log	 fresh = { 0 };
	struct slot	*slot;
	int		 err;

	for (struct entry *e = log_walk(l, NULL); e != NULL;
	    e = log_walk(l, e)) {
		err = recode_entry(&fresh, e, from, to);
		if (err < 0) {
			log_fini(&fresh);
			return (err);
		}
	}
	log_fini(l);
	*l = fresh;
	for (struct entry *e = log_walk(l, NULL); e != NULL;
	    e = log_walk(l, e)) {
		slot = slots_find(slots, e->mid);
		if (slot != NULL)
			slot->u.entry = e;
	}
	return (MQK_OK);
}
