/* SPDX-License-Identifier: MIT */

/*
 * A session that finds in its store what the input says.  It refuses what is
 * damaged, or goes on with it: then all that it says is well-formed, names a
 * topic, and gets to its end with a broker that answers.
 *
 * A row is a byte for shelf and length, one for the key, and the value; with
 * the length's top bit set a message is made of it that is sound.
 */

#include <string.h>

#include "codec/frame.h"
#include "fuzz/broker.h"
#include "fuzz/input.h"
#include "fuzz/must.h"
#include "session/session.h"

#define ROWS		32
#define VALUE_MAX	128
#define ROUNDS_MAX	(8 * ROWS)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* ---- a store in memory ----------------------------------------------- */

struct row {
	enum mqk_shelf	 shelf;
	uint64_t	 key;
	uint8_t		 value[VALUE_MAX];
	size_t		 len;
	bool		 used;
};

static struct row	 rows[2 * ROWS];
static struct row	 committed[2 * ROWS];

/* The row with the least key from that on; NULL: none. */
static struct row *
find(enum mqk_shelf shelf, uint64_t from)
{
	struct row	*best = NULL;

	for (size_t i = 0; i < 2 * ROWS; i++)
		if (rows[i].used && rows[i].shelf == shelf &&
		    rows[i].key >= from &&
		    (best == NULL || rows[i].key < best->key))
			best = &rows[i];
	return (best);
}

static int
put(void *ctx, enum mqk_shelf shelf, uint64_t key, struct mqk_bytes value)
{
	struct row	*r = find(shelf, key);

	(void)ctx;
	for (size_t i = 0; (r == NULL || r->key != key) && i < 2 * ROWS; i++)
		if (!rows[i].used)
			r = &rows[i];
	if (r == NULL || (r->used && r->key != key) || value.len > VALUE_MAX)
		return (MQK_ESTORE);
	*r = (struct row){ .shelf = shelf, .key = key, .len = value.len,
	    .used = true };
	memcpy(r->value, value.data, value.len);
	return (MQK_OK);
}

static int
del(void *ctx, enum mqk_shelf shelf, uint64_t key)
{
	struct row	*r = find(shelf, key);

	(void)ctx;
	if (r != NULL && r->key == key)
		r->used = false;
	return (MQK_OK);
}

static int
next(void *ctx, enum mqk_shelf shelf, uint64_t *key, struct mqk_bytes *value)
{
	const struct row	*r = find(shelf, *key + 1);

	(void)ctx;
	if (r == NULL)
		return (0);
	*key = r->key;
	*value = (struct mqk_bytes){ r->value, r->len };
	return (1);
}

static int
last(void *ctx, enum mqk_shelf shelf, uint64_t *key)
{
	const struct row	*r;
	int			 found = 0;

	(void)ctx;
	for (r = find(shelf, 1); r != NULL; r = find(shelf, r->key + 1)) {
		*key = r->key;
		found = 1;
	}
	return (found);
}

static int
commit(void *ctx)
{
	(void)ctx;
	memcpy(committed, rows, sizeof(rows));
	return (MQK_OK);
}

static void
rollback(void *ctx)
{
	(void)ctx;
	memcpy(rows, committed, sizeof(rows));
}

static const char *
why(void *ctx)
{
	(void)ctx;
	return ("full");
}

static void
no_close(void *ctx)
{
	(void)ctx;
}

static const struct mqk_store store = {
	.put = put, .del = del, .next = next, .last = last, .commit = commit,
	.rollback = rollback, .why = why, .close = no_close
};

/* ---- filling it ------------------------------------------------------ */

/* Packet id, tag, PUBLISH; as keep.c has it. */
static size_t
make_sound(uint8_t *to, uint8_t key, uint8_t how)
{
	struct packet	 p = { .type = MQK_PUBLISH };
	struct buf	 b;
	size_t		 n;

	p.u.publish.qos = 1 + (how & 1);
	p.u.publish.mid = 1;
	p.u.publish.topic = (struct mqk_bytes){ "t", 1 };
	memset(to, 0, 10);
	to[1] = (how & 2) != 0 ? key : 0;
	buf_init(&b, VALUE_MAX);
	must(packet_encode(&b, MQK_V5, &p) == MQK_OK);
	n = buf_len(&b);
	memcpy(to + 10, buf_data(&b), n);
	buf_fini(&b);
	return (10 + n);
}

static void
fill(struct input *in)
{
	uint8_t		 value[VALUE_MAX], how, key;
	const uint8_t	*at;
	size_t		 n;

	memset(rows, 0, sizeof(rows));
	for (int i = 0; i < ROWS && input_left(in) > 0; i++) {
		how = input_byte(in);
		key = input_byte(in);
		n = how >> 2 & 0x1f;
		at = input_take(in, &n);
		memcpy(value, at, n);
		if ((how & 0x80) != 0)
			n = make_sound(value, key, how >> 2);
		if (key > 0)
			must(put(NULL, (enum mqk_shelf)(how & 3), key,
			    (struct mqk_bytes){ value, n }) == MQK_OK);
	}
	(void)commit(NULL);
}

/* ---- going on with it ------------------------------------------------ */

static void
pull(struct session *s)
{
	while (session_event(s) != NULL)
		continue;
}

/* Encoded answers to the first packet of the output, which is taken. */
static bool
take_packet(struct session *s, bool present, struct buf *answers)
{
	struct buf	*out = session_output(s);
	struct packet	 p;
	const char	*text;
	size_t		 len;

	if (buf_len(out) == 0)
		return (false);
	must(frame_next(buf_data(out), buf_len(out), PACKET_MAX, &len) == 1);
	must(packet_decode(&p, session_version(s), buf_data(out), len,
	    &text) == MQK_OK);
	must(p.type != MQK_PUBLISH || p.u.publish.topic.len > 0);
	broker_answer(answers, session_version(s), present, &p);
	session_sent(s, 3, len);
	return (true);
}

/* False: the connection has ended. */
static bool
hear(struct session *s, struct buf *answers)
{
	struct packet	 p;
	const char	*text;
	size_t		 len;

	while (frame_next(buf_data(answers), buf_len(answers), PACKET_MAX,
	    &len) == 1) {
		must(packet_decode(&p, session_version(s), buf_data(answers),
		    len, &text) == MQK_OK);
		if (session_receive(s, 3, &p) < 0)
			return (false);
		pull(s);
		buf_consume(answers, len);
	}
	return (true);
}

static void
go_on(struct session *s, enum mqk_version version, bool present)
{
	struct packet_connect	 c = { .version = version,
				    .client_id = { "c", 1 } };
	struct buf		 answers;
	struct mqk_stats	 stats = { .queued = 0 };
	bool			 alive = true, busy = true;

	buf_init(&answers, PACKET_MAX);
	must(session_open(s, 2, &c, 100) == MQK_OK);
	for (int i = 0; alive && busy; i++) {
		must(i < ROUNDS_MAX);
		if (session_settle(s) < 0)
			break;
		busy = take_packet(s, present, &answers);
		alive = hear(s, &answers);
	}
	session_stats(s, &stats);
	must(!alive || busy || stats.inflight + stats.queued == 0);
	session_lost(s, 4);
	pull(s);
	buf_fini(&answers);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const enum mqk_version versions[] = {
		MQK_V5, MQK_V311, MQK_V31, MQK_V5
	};
	struct session_options	 o = { .max_queue = 4, .max_bytes = 512 };
	struct input		 in = { at, at + n };
	struct session		*s;
	uint8_t			 how = input_byte(&in);
	int			 err;

	fill(&in);
	must(session_new(&s, &o) == MQK_OK);
	err = session_store_take(s, &store);
	must(err == MQK_OK || err == MQK_ESTORE);
	if (err == MQK_OK) {
		go_on(s, versions[how & 3], (how & 4) != 0);
		session_close(s);
	}
	session_free(s);
	return (0);
}
