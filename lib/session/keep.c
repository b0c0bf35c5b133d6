/* SPDX-License-Identifier: MIT */

/* A session and its store; knows nothing of when packets are due. */

#include "session/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "codec/publish.h"
#include "codec/wire.h"
#include "session/internal.h"

#define RECORD_HEAD	10		/* packet id, or 0, and tag */
#define RECORD_MAX	(PACKET_MAX + (size_t)RECORD_HEAD)
#define STATE_LEN	10		/* packet id, order of PUBREC or 0 */
#define STATES_MAX	((size_t)64 * 1024 * 1024)
#define ID_KEY		1

/* A message as the store has it: always a packet of MQTT 5. */
struct record {
	uint64_t	 number;
	uint64_t	 tag;
	uint16_t	 mid;		/* 0: none yet */
	struct mqk_bytes wire;
};

/* Of a message under way, as the store has it. */
struct state {
	uint64_t	 number;
	uint64_t	 order;		/* of its PUBREC, 0: none came */
	uint16_t	 mid;
};

static uint64_t
get_u64(const uint8_t *at)
{
	uint64_t	 v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | at[i];
	return (v);
}

static uint8_t *
put_u64(uint8_t *at, uint64_t v)
{
	for (int i = 8; i-- > 0; v >>= 8)
		at[i] = (uint8_t)v;
	return (at + 8);
}

/* ---- the store ------------------------------------------------------- */

/* Take all back since the last commit, with the store's sentence. */
static int
store_failed(struct session *s, int err)
{
	const struct mqk_store *store = &s->keep->store;

	err = errf(session_text(s), err == MQK_ENOMEM ? err : MQK_ESTORE,
	    "%s", store->why(store->ctx));
	store->rollback(store->ctx);
	return (err);
}

static int
damaged(struct session *s, const char *what)
{
	return (errf(session_text(s), MQK_ESTORE,
	    "the store is damaged: %s", what));
}

int
keep_put_state(struct keep *k, uint64_t number, uint16_t mid, uint64_t order)
{
	uint8_t		 state[STATE_LEN];

	put_u64(wr_u16(state, mid), order);
	return (k->store.put(k->store.ctx, MQK_SHELF_STATES, number,
	    (struct mqk_bytes){ state, sizeof(state) }));
}

/* All that has changed since the last time, or nothing of it. */
static int
commit(struct session *s)
{
	struct keep	*k = s->keep;
	int		 err = changes_apply(s);

	if (err >= 0)
		err = k->store.commit(k->store.ctx);
	if (err < 0)
		return (store_failed(s, err));
	changes_clear(k);
	return (MQK_OK);
}

/* ---- from the store to the log --------------------------------------- */

static int
parse_record(struct session *s, struct record *r, struct mqk_bytes value)
{
	const uint8_t	*at = value.data;

	if (value.len <= RECORD_HEAD)
		return (damaged(s, "a message is too short"));
	r->mid = (uint16_t)(at[0] << 8 | at[1]);
	r->tag = get_u64(at + 2);
	r->wire.data = at + RECORD_HEAD;
	r->wire.len = value.len - RECORD_HEAD;
	return (MQK_OK);
}

/* The slot for a message that has an id already, or gets one now. */
static struct slot *
take_slot(struct session *s, uint16_t mid, int *err)
{
	struct slot	*slot;

	if (mid == 0)
		return (slots_next(&s->mids, err));
	if (slots_find(&s->mids, mid) != NULL) {
		*err = damaged(s, "two messages with one packet id");
		return (NULL);
	}
	slot = slots_add(&s->mids, mid);
	*err = MQK_ENOMEM;
	return (slot);
}

static void
fill_slot(struct session *s, struct slot *slot, const struct record *r,
    uint8_t qos)
{
	slot->state = qos == 1 ? FLOW_PUBACK : FLOW_PUBREC;
	slot->epoch = (uint32_t)r->number;
	slot->high = (uint32_t)(r->number >> 32);
	if (r->number >= s->keep->first)
		slot->tag = (void *)(uintptr_t)r->tag;
}

/* Append it to the log; NULL: *err, MQK_EAGAIN when there is no place. */
static struct slot *
admit(struct session *s, const struct record *r, size_t limit, int *err)
{
	struct packet	 p;
	struct slot	*slot;
	struct buf	 b;
	const char	*why;

	if (packet_decode(&p, MQK_V5, r->wire.data, r->wire.len, &why) < 0 ||
	    p.type != MQK_PUBLISH || p.u.publish.qos == 0) {
		*err = damaged(s, "not a message");
		return (NULL);
	}
	*err = log_begin(&s->log, &b, r->wire.len, limit, NULL);
	slot = *err == MQK_OK ? take_slot(s, r->mid, err) : NULL;
	if (slot == NULL)
		return (NULL);
	p.u.publish.mid = slot->mid;
	*err = packet_encode_publish(&b, s->version, &p.u.publish);
	if (*err < 0) {
		slots_del(&s->mids, slot);
		return (NULL);
	}
	fill_slot(s, slot, r, p.u.publish.qos);
	slot->u.entry = log_commit(&s->log, &b, MQK_PUBLISH, slot->mid);
	if (s->state == SESSION_UP &&
	    limits_entry(&s->peer, s->version, slot->u.entry) == MQK_OK)
		slot->u.entry->flags |= ENTRY_CHECKED;
	return (slot);
}

/* The first message behind that number; 0: there is none. */
static int
next_record(struct session *s, uint64_t behind, struct record *r)
{
	const struct mqk_store	*store = &s->keep->store;
	struct mqk_bytes	 value;
	int			 found, err;

	r->number = behind;
	found = store->next(store->ctx, MQK_SHELF_MESSAGES, &r->number,
	    &value);
	if (found < 0)
		return (store_failed(s, found));
	err = found > 0 ? parse_record(s, r, value) : MQK_OK;
	return (err < 0 ? err : found);
}

/* The next message of the store gets a packet id and a place in the log. */
static int
load_next(struct session *s)
{
	struct keep	*k = s->keep;
	struct record	 r;
	struct slot	*slot;
	int		 err = next_record(s, k->loaded, &r);

	if (err <= 0)
		return (err < 0 ? err : damaged(s, "a message is missing"));
	r.mid = 0;
	slot = admit(s, &r, s->options.max_bytes, &err);
	if (slot == NULL)
		return (err);
	k->loaded = r.number;
	keep_again(s, slot);
	return (MQK_OK);
}

static int
fill(struct session *s)
{
	int	 err = MQK_OK;

	if (s->state != SESSION_UP ||
	    s->log.waiting > s->options.max_queue / 2)
		return (MQK_OK);
	while (err == MQK_OK && keep_behind(s->keep) > 0 &&
	    s->log.waiting < s->options.max_queue)
		err = load_next(s);
	return (err == MQK_EAGAIN ? MQK_OK : err);
}

int
session_settle(struct session *s)
{
	int	 err;

	if (s->keep == NULL)
		return (MQK_OK);
	if (s->batch)
		return (MQK_EAGAIN);
	err = keep_behind(s->keep) > 0 ? fill(s) : MQK_OK;
	return (err == MQK_OK && changes_due(s) ? commit(s) : err);
}

/* ---- from the application to the store ------------------------------- */

static int
write_record(struct keep *k, const struct packet_publish *p, void *tag)
{
	struct packet_publish	 m = *p;
	int64_t			 remaining = publish_remaining(MQK_V5, p);
	size_t			 len;
	uint8_t			*at;

	if (remaining < 0)
		return ((int)remaining);
	len = publish_len(remaining);
	buf_truncate(&k->record, 0);
	at = buf_reserve(&k->record, RECORD_HEAD + len);
	if (at == NULL)
		return (k->record.err);
	m.mid = 1;			/* any but 0 makes it a whole packet */
	at = put_u64(wr_u16(at, 0), (uintptr_t)tag);
	publish_write(at, MQK_V5, &m, remaining);
	buf_commit(&k->record, RECORD_HEAD + len);
	return (MQK_OK);
}

/* Forget the messages from that number on, which were never accepted. */
static void
undo(struct session *s, uint64_t from)
{
	struct keep	*k = s->keep;
	struct entry	*e = log_walk(&s->log, NULL), *next;
	struct slot	*slot;

	for (; e != NULL; e = next) {
		next = log_walk(&s->log, e);
		slot = slots_find(&s->mids, e->mid);
		if (e->type != MQK_PUBLISH || slot == NULL ||
		    slot_number(slot) < from)
			continue;
		slots_del(&s->mids, slot);
		log_kill(&s->log, e);
	}
	k->next = from;
	if (k->loaded >= from)
		k->loaded = from - 1;
}

/* If all before it have had a place in the log, it may have one now. */
static int
admit_new(struct session *s, uint16_t *mid)
{
	struct keep	*k = s->keep;
	struct record	 r = { .number = k->next };
	struct slot	*slot;
	int		 err;

	if (keep_behind(k) > 0 || s->log.waiting >= s->options.max_queue)
		return (MQK_OK);
	err = parse_record(s, &r, (struct mqk_bytes){ buf_data(&k->record),
	    buf_len(&k->record) });
	if (err < 0)
		return (err);
	slot = admit(s, &r, s->options.max_bytes, &err);
	if (slot == NULL)
		return (err == MQK_EAGAIN ? MQK_OK : err);
	k->loaded = k->next;
	*mid = slot->mid;
	wr_u16(k->record.mem + k->record.off, slot->mid);
	return (MQK_OK);
}

/* Into the store's transaction, and the log if it has place. */
static int
put_message(struct session *s, uint16_t *mid)
{
	struct keep	*k = s->keep;
	uint64_t	 from = s->batch ? k->batch : k->next;
	int		 err = admit_new(s, mid);

	if (err < 0)
		return (err);
	err = k->store.put(k->store.ctx, MQK_SHELF_MESSAGES, k->next++,
	    (struct mqk_bytes){ buf_data(&k->record), buf_len(&k->record) });
	if (err >= 0)
		err = s->batch ? MQK_OK : commit(s);
	else
		err = store_failed(s, err);
	if (err >= 0)
		return (MQK_OK);
	undo(s, from);
	if (s->batch)
		k->failed = err;
	return (err);
}

int
keep_fits(const struct session *s, const struct packet_publish *p)
{
	int64_t		 remaining = publish_remaining(s->version, p);

	if (remaining < 0)
		return ((int)remaining);
	if (publish_len(remaining) > s->peer.max_packet)
		return (MQK_ETOOBIG);		/* [MQTT-3.2.2-15] */
	return (s->batch ? s->keep->failed : MQK_OK);
}

int
keep_publish(struct session *s, const struct packet_publish *p, void *tag)
{
	uint16_t	 mid = 0;
	int		 err = keep_fits(s, p);

	if (err == MQK_OK)
		err = write_record(s->keep, p, tag);
	if (err == MQK_OK)
		err = put_message(s, &mid);
	return (err < 0 ? err : mid);
}

int
session_begin(struct session *s)
{
	if (s->keep == NULL || s->batch)
		return (MQK_ESTATE);
	s->batch = true;
	s->keep->batch = s->keep->next;
	s->keep->failed = MQK_OK;
	return (MQK_OK);
}

bool
session_in_batch(const struct session *s)
{
	return (s->batch);
}

int
session_commit(struct session *s)
{
	int	 err;

	if (!s->batch)
		return (MQK_ESTATE);
	s->batch = false;
	if (s->keep->failed < 0)
		return (s->keep->failed);
	err = commit(s);
	if (err < 0)
		undo(s, s->keep->batch);
	return (err);
}

/* ---- recovery -------------------------------------------------------- */

static int
parse_state(struct session *s, struct state *to, struct mqk_bytes value)
{
	const uint8_t	*at = value.data;

	if (value.len != STATE_LEN)
		return (damaged(s, "not a state"));
	to->mid = (uint16_t)(at[0] << 8 | at[1]);
	to->order = get_u64(at + 2);
	return (to->mid != 0 ? MQK_OK : damaged(s, "a state without id"));
}

/* All states, with one behind the end that belongs to no message. */
static int
load_states(struct session *s, struct buf *list)
{
	const struct mqk_store	*store = &s->keep->store;
	struct state		 state = { .number = 0 };
	struct mqk_bytes	 value;
	int			 found, err = MQK_OK;

	while (err == MQK_OK) {
		found = store->next(store->ctx, MQK_SHELF_STATES,
		    &state.number, &value);
		if (found < 0)
			return (store_failed(s, found));
		if (found == 0)
			break;
		err = parse_state(s, &state, value);
		buf_append(list, &state, sizeof(state));
	}
	state = (struct state){ .number = UINT64_MAX };
	buf_append(list, &state, sizeof(state));
	return (err < 0 ? err : list->err);
}

/* A message that had its packet id; how far it was sent is not known. */
static int
recover_message(struct session *s, const struct record *r, uint64_t order)
{
	struct slot	*slot;
	int		 err;

	slot = admit(s, r, SIZE_MAX, &err);
	if (slot == NULL)
		return (err);
	slot->u.entry->flags |= ENTRY_REPEAT;
	if (order > 0 && slot->state == FLOW_PUBREC)
		flow_released(s, slot, (uint32_t)order);
	if (order > s->keep->order)
		s->keep->order = order;
	return (MQK_OK);
}

/* All that have a packet id; they come before those that have none. */
static int
recover_messages(struct session *s, const struct state *state)
{
	struct keep	*k = s->keep;
	struct record	 r = { .number = 0 };
	uint64_t	 order;
	int		 found, err = MQK_OK;

	while (err == MQK_OK) {
		found = next_record(s, r.number, &r);
		if (found <= 0) {
			k->loaded = k->next - 1;
			return (found);
		}
		k->loaded = r.number - 1;
		while (state->number < r.number)
			state++;
		order = 0;
		if (state->number == r.number) {
			r.mid = state->mid;
			order = state->order;
		}
		if (r.mid == 0)
			return (MQK_OK);
		err = recover_message(s, &r, order);
	}
	return (err);
}

static int
recover_log(struct session *s)
{
	struct buf	 states;
	int		 err;

	buf_init(&states, STATES_MAX);
	err = load_states(s, &states);
	if (err == MQK_OK)
		err = recover_messages(s, (const struct state *)
		    (const void *)buf_data(&states));
	s->order = (uint32_t)s->keep->order;
	buf_fini(&states);
	return (err);
}

static int
recover_known(struct session *s)
{
	const struct mqk_store	*store = &s->keep->store;
	struct mqk_bytes	 value;
	struct slot		*slot;
	uint64_t		 key = 0;
	int			 found;

	while ((found = store->next(store->ctx, MQK_SHELF_RECEIVED, &key,
	    &value)) > 0) {
		if (key > UINT16_MAX || value.len != 1)
			return (damaged(s, "not a received message"));
		slot = inbound_recover(s, (uint16_t)key,
		    *(const uint8_t *)value.data);
		if (slot == NULL)
			return (MQK_ENOMEM);
	}
	return (found < 0 ? store_failed(s, found) : MQK_OK);
}

static int
recover_id(struct session *s)
{
	struct keep		*k = s->keep;
	struct mqk_bytes	 value;
	uint64_t		 key = 0;
	int			 found;

	found = k->store.next(k->store.ctx, MQK_SHELF_IDENTITY, &key, &value);
	if (found < 0)
		return (store_failed(s, found));
	if (found == 0)
		return (MQK_OK);
	k->id = str_ndup(value.data, value.len);
	return (k->id != NULL ? MQK_OK : MQK_ENOMEM);
}

static int
recover(struct session *s)
{
	struct keep	*k = s->keep;
	uint64_t	 key = 0;
	int		 err;

	err = k->store.last(k->store.ctx, MQK_SHELF_MESSAGES, &key);
	if (err < 0)
		return (store_failed(s, err));
	if (key >= INT64_MAX)
		return (damaged(s, "a message has too high a number"));
	k->next = k->first = key + 1;
	err = recover_log(s);
	if (err == MQK_OK)
		err = recover_known(s);
	return (err < 0 ? err : recover_id(s));
}

/* ---- birth and death ------------------------------------------------- */

/* The same one, given once more, is in use. */
static bool
has_store(const struct session *s, const struct mqk_store *store)
{
	return (s->keep != NULL && s->keep->store.ctx == store->ctx &&
	    s->keep->store.close == store->close);
}

int
session_store_take(struct session *s, const struct mqk_store *store)
{
	int	 err = MQK_ESTATE;

	if (s->options.qos2_at_release) {
		err = MQK_ENOTSUP;
	} else if (s->keep == NULL && s->state == SESSION_DOWN &&
	    s->mids.n == 0) {
		s->keep = calloc(1, sizeof(*s->keep));
		err = s->keep != NULL ? MQK_OK : MQK_ENOMEM;
	}
	if (err < 0) {
		if (!has_store(s, store))
			store->close(store->ctx);
		return (err);
	}
	s->keep->store = *store;
	changes_init(s->keep);
	buf_init(&s->keep->record, RECORD_MAX);
	return (recover(s));
}

/* Changes from now on are not the application's. */
void
session_close(struct session *s)
{
	if (s->keep != NULL && !s->batch && commit(s) < 0)
		return;
}

void
keep_free(struct keep *k)
{
	if (k == NULL)
		return;
	k->store.close(k->store.ctx);
	buf_fini(&k->changes);
	buf_fini(&k->record);
	free(k->id);
	free(k);
}

const char *
session_kept_id(const struct session *s)
{
	return (s->keep != NULL ? s->keep->id : NULL);
}

int
session_keep_id(struct session *s, const char *id)
{
	struct keep	*k = s->keep;
	int		 err = str_set(&k->id, id);

	if (err < 0)
		return (err);
	err = k->store.put(k->store.ctx, MQK_SHELF_IDENTITY, ID_KEY,
	    (struct mqk_bytes){ id, strlen(id) });
	return (err < 0 ? store_failed(s, err) : commit(s));
}
