/* SPDX-License-Identifier: MIT */

/*
 * A session and its store, against a broker that forgets nothing, with the
 * world cut at every operation of the store: nothing that was accepted is
 * lost, nothing at QoS 2 is doubled, and the order stays.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "session/internal.h"
#include "unit/arraystore.h"
#include "unit/fixture.h"

#define MESSAGES	24
#define BATCH		6
#define INCOMING	3
#define BURST		8		/* messages between two turns */
#define LITTLE		100		/* bytes, a few changes */

struct broker {
	bool		 has_session;
	bool		 forgets;	/* the session, once */
	bool		 open[65536];	/* QoS 2 ids until PUBREL */
	unsigned	 seen[MESSAGES];	/* deliveries */
	int		 last;		/* newest message delivered first */
	bool		 deaf;		/* to PUBREC, which is lost then */
	bool		 told[INCOMING];	/* PUBREC was written */
	bool		 confirmed[INCOMING];	/* PUBREC came */
	bool		 done[INCOMING];	/* PUBCOMP sent */
	uint8_t		 to_client[65536];
	size_t		 len;
};

struct world {
	struct broker	 broker;
	struct arraystore array;
	struct session	*session;
	enum mqk_version version;
	unsigned	 offered;	/* accepted so far */
	unsigned	 answered;
	bool		 batches;
	size_t		 room;		/* for changes, in bytes; 0: enough */
};

/* ---- the broker ------------------------------------------------------ */

static void
say(struct broker *b, const void *bytes, size_t len)
{
	assert_true(b->len + len <= sizeof(b->to_client));
	memcpy(b->to_client + b->len, bytes, len);
	b->len += len;
}

static void
answer(struct broker *b, uint8_t first, uint16_t mid)
{
	uint8_t	 p[4] = { first, 2, (uint8_t)(mid >> 8), (uint8_t)mid };

	say(b, p, sizeof(p));
}

static void
deliver(struct broker *b, const struct packet_publish *m)
{
	char	 text[8] = "";
	int	 i;

	assert_in_range(m->payload.len, 1, sizeof(text) - 1);
	memcpy(text, m->payload.data, m->payload.len);
	i = (int)strtol(text, NULL, 10);
	assert_in_range(i, 0, MESSAGES - 1);
	if (b->seen[i]++ == 0) {
		assert_true(i > b->last);
		b->last = i;
	}
}

static void
on_publish(struct broker *b, const struct packet_publish *m)
{
	assert_in_range(m->qos, 1, 2);
	if (m->qos == 1 || !b->open[m->mid])
		deliver(b, m);
	if (m->qos == 2)
		b->open[m->mid] = true;
	answer(b, m->qos == 1 ? 0x40 : 0x50, m->mid);
}

static void
send_incoming(struct broker *b, enum mqk_version version)
{
	uint8_t	 wire[] = { 0x34, 6, 0, 1, 't', 0, 0, 0 };

	wire[1] = version == MQK_V5 ? 6 : 5;
	for (uint8_t i = 0; i < INCOMING; i++) {
		wire[6] = (uint8_t)(i + 1);
		if (b->confirmed[i])
			answer(b, 0x62, (uint16_t)(i + 1));
		else
			say(b, wire, 2 + wire[1]);
	}
}

static void
on_connect(struct broker *b, enum mqk_version version, bool clean)
{
	uint8_t	 connack[] = { 0x20, 3, b->has_session, 0, 0 };

	assert_false(clean);
	connack[1] = version == MQK_V5 ? 3 : 2;
	say(b, connack, 2 + connack[1]);
	b->has_session = true;
	send_incoming(b, version);
}

static void
on_pubrec(struct broker *b, uint16_t mid)
{
	assert_in_range(mid, 1, INCOMING);
	b->told[mid - 1] = true;
	if (b->deaf)
		return;
	b->confirmed[mid - 1] = true;
	answer(b, 0x62, mid);
}

static void
on_packet(struct broker *b, const struct packet *p, enum mqk_version version)
{
	uint16_t	 mid = p->u.answer.mid;

	switch (p->type) {
	case MQK_CONNECT:
		on_connect(b, version, p->u.connect.clean);
		break;
	case MQK_PUBLISH:
		on_publish(b, &p->u.publish);
		break;
	case MQK_PUBREL:
		b->open[mid] = false;
		answer(b, 0x70, mid);
		break;
	case MQK_PUBREC:
		on_pubrec(b, mid);
		break;
	case MQK_PUBCOMP:
		b->done[mid - 1] = true;
		break;
	default:
		fail_msg("type %d", p->type);
	}
}

static void
hear(struct broker *b, const uint8_t *wire, size_t n, enum mqk_version version)
{
	struct packet	 p;
	const char	*why;
	size_t		 len;

	for (; n > 0; wire += len, n -= len) {
		assert_int_equal(frame_next(wire, n, PACKET_MAX, &len), 1);
		assert_int_equal(packet_decode(&p, version, wire, len, &why),
		    MQK_OK);
		on_packet(b, &p, version);
	}
}

/* ---- the client ------------------------------------------------------ */

/* The application has a message at last; it must not come again then. */
static int
on_message(struct world *w, const struct event *e)
{
	assert_in_range(e->u.message.ack.mid, 1, INCOMING);
	assert_false(w->broker.told[e->u.message.ack.mid - 1]);
	return (session_ack(w->session, e->u.message.ack, 0, NULL));
}

static int
pull_events(struct world *w)
{
	const struct event	*e;
	int			 err = MQK_OK;

	while (err == MQK_OK && (e = session_event(w->session)) != NULL) {
		if (e->type == EVENT_MESSAGE)
			err = on_message(w, e);
		if (e->type == EVENT_ANSWERED)
			w->answered++;
	}
	return (err);
}

static int
receive_all(struct world *w)
{
	struct broker	*b = &w->broker;
	struct packet	 p;
	const char	*why;
	size_t		 at = 0, len;
	int		 err = MQK_OK;

	for (; err == MQK_OK && at < b->len; at += len) {
		assert_int_equal(frame_next(b->to_client + at, b->len - at,
		    PACKET_MAX, &len), 1);
		assert_int_equal(packet_decode(&p, w->version,
		    b->to_client + at, len, &why), MQK_OK);
		err = session_receive(w->session, 0, &p);
		if (err == MQK_OK)
			err = pull_events(w);
	}
	b->len = 0;
	return (err);
}

/* Commit, write, hear; *quiet: nothing was written. */
static int
turn(struct world *w, bool *quiet)
{
	struct buf	*out;
	int		 err = session_settle(w->session);

	if (err < 0)
		return (err);
	out = session_output(w->session);
	*quiet = buf_len(out) == 0;
	hear(&w->broker, buf_data(out), buf_len(out), w->version);
	session_sent(w->session, 0, buf_len(out));
	return (receive_all(w));
}

static int
connect_session(struct world *w)
{
	struct packet_connect	 c = { .version = w->version };
	bool			 quiet;

	w->broker.len = 0;
	if (session_open(w->session, 0, &c, INT64_MAX) < 0)
		return (MQK_ENOMEM);
	return (turn(w, &quiet));
}

static int
publish_one(struct world *w, unsigned i)
{
	char			 text[8];
	struct mqk_publish	 m = { .topic = "t", .qos = 1 };

	snprintf(text, sizeof(text), "%u", i);
	m.payload = text_bytes(text);
	m.qos = (uint8_t)(i % 3 == 0 ? 1 : 2);
	return (session_publish(w->session, &m));
}

static int
publish_single(struct world *w)
{
	int	 err = publish_one(w, w->offered);

	if (err >= 0)
		w->offered++;
	return (err);
}

/* All or none; the application offers what was not accepted once more. */
static int
publish_batch(struct world *w)
{
	int	 err = session_begin(w->session), commit_err;

	for (unsigned i = 0; i < BATCH && err >= 0; i++)
		err = publish_one(w, w->offered + i);
	commit_err = session_commit(w->session);
	if (err >= 0 && commit_err >= 0)
		w->offered += BATCH;
	else
		assert_true(commit_err < 0);
	return (commit_err);
}

static int
publish_some(struct world *w)
{
	int	 err = MQK_OK;

	if (w->batches)
		return (w->offered < MESSAGES ? publish_batch(w) : MQK_OK);
	for (unsigned i = 0; i < BURST && w->offered < MESSAGES && err >= 0;
	    i++)
		err = publish_single(w);
	return (err);
}

/* What does not fit is as if there had been no memory for it. */
static int
open_session(struct world *w)
{
	struct session_options	 o = {
		.max_queue = 4, .max_inflight = 3
	};
	struct mqk_store	 store;
	int			 err;

	assert_int_equal(session_new(&w->session, &o), MQK_OK);
	arraystore_open(&w->array, &store);
	err = session_store_take(w->session, &store);
	if (w->room > 0)
		w->session->keep->changes.max = w->room;
	return (err);
}

static void
close_session(struct world *w)
{
	session_free(w->session);
	assert_int_equal(w->array.opened, 0);
}

/* A life of the process: until all is done or something fails. */
static int
live(struct world *w)
{
	bool	 quiet = false;
	int	 err = open_session(w);

	if (err == MQK_OK)
		err = publish_some(w);
	if (err >= 0)
		err = connect_session(w);
	while (err >= 0 && (!quiet || w->offered < MESSAGES)) {
		err = publish_some(w);
		if (err >= 0)
			err = turn(w, &quiet);
	}
	return (err);
}

/* The process lives on after a failure of the store, as a client would. */
static int
live_through(struct world *w)
{
	bool	 quiet = false;
	int	 err = open_session(w);

	if (err < 0)
		return (err);
	(void)publish_some(w);
	while (connect_session(w) < 0)
		session_lost(w->session, 0);
	while (!quiet || w->offered < MESSAGES) {
		(void)publish_some(w);
		if (turn(w, &quiet) == MQK_OK)
			continue;
		session_lost(w->session, 0);
		quiet = false;
		while (connect_session(w) < 0)
			session_lost(w->session, 0);
	}
	return (MQK_OK);
}

/* ---- what must hold -------------------------------------------------- */

static void
assert_all_arrived(struct world *w, bool once)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		if (w->broker.seen[i] == 0)
			fail_msg("message %u is lost", i);
		if (once && i % 3 != 0 && w->broker.seen[i] > 1)
			fail_msg("message %u is doubled", i);
	}
	for (unsigned i = 0; i < INCOMING; i++)
		assert_true(w->broker.done[i]);
	assert_int_equal(arraystore_count(&w->array, MQK_SHELF_MESSAGES), 0);
	assert_int_equal(arraystore_count(&w->array, MQK_SHELF_STATES), 0);
	assert_int_equal(arraystore_count(&w->array, MQK_SHELF_RECEIVED), 0);
}

static struct world *
world_new(enum mqk_version version, bool batches)
{
	struct world	*w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->version = version;
	w->batches = batches;
	w->broker.last = -1;
	return (w);
}

static void
world_free(struct world *w)
{
	arraystore_fini(&w->array);
	free(w);
}

/*
 * Cut at that operation, live again; false: it was never reached.  What the
 * first life says about the broker's messages does not get through.
 */
static bool
cut_once(enum mqk_version version, bool batches, size_t room, unsigned at)
{
	struct world	*w = world_new(version, batches);
	bool		 was_cut;

	w->room = room;
	w->array.fail_at = at;
	w->array.cut = true;
	w->broker.deaf = true;
	was_cut = live(w) < 0;
	close_session(w);
	w->array.fail_at = 0;
	w->broker.deaf = false;
	assert_int_equal(live(w), MQK_OK);
	close_session(w);
	assert_all_arrived(w, true);
	world_free(w);
	return (was_cut);
}

static void
cut_everywhere(enum mqk_version version, bool batches, size_t room)
{
	unsigned	 at = 1;

	while (cut_once(version, batches, room, at))
		at++;
	assert_true(at > 3 * MESSAGES);
}

static void
test_cut_everywhere(void **state)
{
	(void)state;
	cut_everywhere(MQK_V5, false, 0);
	cut_everywhere(MQK_V311, false, 0);
}

static void
test_cut_everywhere_in_batches(void **state)
{
	(void)state;
	cut_everywhere(MQK_V5, true, 0);
	cut_everywhere(MQK_V311, true, 0);
}

/* Of all changes, or all but a few, nothing can be noted. */
static void
test_cut_everywhere_without_memory(void **state)
{
	(void)state;
	cut_everywhere(MQK_V5, false, 1);
	cut_everywhere(MQK_V5, false, LITTLE);
	cut_everywhere(MQK_V5, true, LITTLE);
}

/* Each operation fails once, and the process goes on. */
static void
fail_everywhere(bool batches, size_t room)
{
	struct world	*w;
	bool		 failed = true;

	for (unsigned at = 1; failed; at++) {
		w = world_new(MQK_V5, batches);
		w->array.fail_at = at;
		w->room = room;
		if (live_through(w) < 0) {
			close_session(w);
			assert_int_equal(live_through(w), MQK_OK);
		}
		failed = w->array.ops >= at;
		close_session(w);
		assert_all_arrived(w, true);
		world_free(w);
	}
}

static void
test_fail_everywhere(void **state)
{
	(void)state;
	fail_everywhere(false, 0);
	fail_everywhere(true, 0);
	fail_everywhere(false, LITTLE);
}

/* The broker has forgotten the session: all goes out as new. */
static void
lose_session_everywhere(size_t room)
{
	struct world	*w;
	bool		 was_cut = true;

	for (unsigned at = 1; was_cut; at++) {
		w = world_new(MQK_V5, false);
		w->room = room;
		w->array.fail_at = at;
		w->array.cut = true;
		was_cut = live(w) < 0;
		close_session(w);
		w->array.fail_at = 0;
		if (was_cut) {
			memset(w->broker.open, 0, sizeof(w->broker.open));
			memset(w->broker.confirmed, 0,
			    sizeof(w->broker.confirmed));
			memset(w->broker.told, 0, sizeof(w->broker.told));
			w->broker.has_session = false;
			assert_int_equal(live(w), MQK_OK);
			close_session(w);
		}
		assert_all_arrived(w, false);
		world_free(w);
	}
}

static void
test_session_gone(void **state)
{
	(void)state;
	lose_session_everywhere(0);
	lose_session_everywhere(1);
}

/* ---- single questions ------------------------------------------------ */

/* What waits in the store alone has no packet id, and takes no memory. */
static void
test_queue_is_in_the_store(void **state)
{
	struct world		*w = world_new(MQK_V5, false);
	struct mqk_stats	 stats = { 0 };

	(void)state;
	assert_int_equal(open_session(w), MQK_OK);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(publish_one(w, i), (int)i + 1);
	for (unsigned i = 4; i < MESSAGES; i++)
		assert_int_equal(publish_one(w, i), 0);
	session_stats(w->session, &stats);
	assert_int_equal(stats.queued, MESSAGES);
	assert_int_equal(arraystore_count(&w->array, MQK_SHELF_MESSAGES),
	    MESSAGES);
	assert_true(session_pending(w->session, 0));
	close_session(w);

	assert_int_equal(open_session(w), MQK_OK);
	memset(&stats, 0, sizeof(stats));
	session_stats(w->session, &stats);
	assert_int_equal(stats.queued, MESSAGES);
	close_session(w);
	world_free(w);
}

/* A commit that fails leaves no trace. */
static void
test_batch_that_fails(void **state)
{
	struct world		*w = world_new(MQK_V5, true);
	struct mqk_stats	 stats = { 0 };

	(void)state;
	assert_int_equal(open_session(w), MQK_OK);
	assert_int_equal(session_commit(w->session), MQK_ESTATE);
	assert_int_equal(publish_one(w, 0), 1);
	assert_int_equal(session_begin(w->session), MQK_OK);
	assert_int_equal(session_begin(w->session), MQK_ESTATE);
	for (unsigned i = 1; i < MESSAGES; i++)
		assert_true(publish_one(w, i) >= 0);
	assert_int_equal(session_settle(w->session), MQK_EAGAIN);
	w->array.fail_at = w->array.ops + 1;
	assert_int_equal(session_commit(w->session), MQK_ESTORE);
	assert_string_equal(session_error(w->session)->text,
	    "the array said no");
	session_stats(w->session, &stats);
	assert_int_equal(stats.queued, 1);
	assert_int_equal(arraystore_count(&w->array, MQK_SHELF_MESSAGES), 1);
	assert_int_equal(publish_one(w, 1), MESSAGES > 4 ? 5 : 0);
	close_session(w);
	world_free(w);
}

static void
hear_answer(struct world *w, uint8_t first, uint8_t mid)
{
	const uint8_t	 wire[] = { first, 2, 0, mid };
	struct packet	 p;
	const char	*why;

	assert_int_equal(packet_decode(&p, w->version, wire, sizeof(wire),
	    &why), MQK_OK);
	assert_int_equal(session_receive(w->session, 0, &p), MQK_OK);
}

/* Connect to a broker that has the session and says no more. */
static void
resume_quietly(struct world *w)
{
	const struct packet_connect	 c = { .version = w->version };
	const struct packet		 connack = {
		.type = MQK_CONNACK, .u.connack.session_present = true,
	};

	assert_int_equal(session_open(w->session, 0, &c, INT64_MAX), MQK_OK);
	session_sent(w->session, 0, buf_len(session_output(w->session)));
	assert_int_equal(session_receive(w->session, 0, &connack), MQK_OK);
	assert_int_equal(pull_events(w), MQK_OK);
}

/* PUBRELs follow the order of PUBRECs into the next process [MQTT-4.6.0-4]. */
static void
test_order_of_pubrecs(void **state)
{
	static const uint8_t	 order[] = { 2, 3, 1 };
	struct world		*w = world_new(MQK_V5, false);
	const uint8_t		*at;

	(void)state;
	w->room = 1;
	assert_int_equal(open_session(w), MQK_OK);
	for (size_t i = 0; i < N(order); i++)
		assert_true(publish_one(w, 3 * (unsigned)i + 1) > 0);
	resume_quietly(w);
	session_sent(w->session, 0, buf_len(session_output(w->session)));
	for (size_t i = 0; i < N(order); i++)
		hear_answer(w, 0x50, order[i]);
	assert_int_equal(session_settle(w->session), MQK_OK);
	close_session(w);

	assert_int_equal(open_session(w), MQK_OK);
	resume_quietly(w);
	at = buf_data(session_output(w->session));
	assert_int_equal(buf_len(session_output(w->session)), 4 * N(order));
	for (size_t i = 0; i < N(order); i++, at += 4) {
		assert_int_equal(at[0], 0x62);
		assert_int_equal(at[3], order[i]);
	}
	close_session(w);
	world_free(w);
}

static void
test_identity(void **state)
{
	struct world	*w = world_new(MQK_V5, false);

	(void)state;
	assert_int_equal(open_session(w), MQK_OK);
	assert_null(session_kept_id(w->session));
	assert_int_equal(session_keep_id(w->session, "me"), MQK_OK);
	close_session(w);
	assert_int_equal(open_session(w), MQK_OK);
	assert_string_equal(session_kept_id(w->session), "me");
	close_session(w);
	world_free(w);
}

/* Any byte of what is stored changed: refused or read, never worse. */
static void
test_damaged_values(void **state)
{
	struct world	*w = world_new(MQK_V5, false);
	struct item	*item;

	(void)state;
	assert_int_equal(open_session(w), MQK_OK);
	for (unsigned i = 0; i < 3; i++)
		assert_true(publish_one(w, i) >= 0);
	close_session(w);
	for (size_t i = 0; i < w->array.committed.n; i++) {
		item = &w->array.committed.at[i];
		for (size_t at = 0; at < item->len; at++) {
			item->data[at] ^= 0xff;
			if (open_session(w) < 0)
				assert_int_equal(session_error(
				    w->session)->code, MQK_ESTORE);
			close_session(w);
			item->data[at] ^= 0xff;
		}
		item->len--;
		if (open_session(w) < 0)
			assert_int_equal(session_error(w->session)->code,
			    MQK_ESTORE);
		close_session(w);
		item->len++;
	}
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_cut_everywhere_in_batches),
		cmocka_unit_test(test_cut_everywhere_without_memory),
		cmocka_unit_test(test_fail_everywhere),
		cmocka_unit_test(test_session_gone),
		cmocka_unit_test(test_queue_is_in_the_store),
		cmocka_unit_test(test_batch_that_fails),
		cmocka_unit_test(test_order_of_pubrecs),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_damaged_values),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
