/* SPDX-License-Identifier: MIT */

/*
 * session_answers(), session_message() and session_publish_many() are short
 * ways for what session_receive() and session_publish() do too: two sessions
 * live the same life, one of them by the short way where it can, and must not
 * differ in anything that can be seen.
 */

#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/publish.h"
#include "session/internal.h"
#include "unit/fixture.h"

#define ROUNDS		2000
#define ANSWERS_MAX	300		/* of a round */
#define MESSAGES_MAX	40
#define QUEUE_MAX	60
#define LARGE		600		/* bytes, more than the broker takes */

struct life {
	struct session	*session;
	struct buf	 told;		/* what the application heard */
	size_t		 runs;		/* times the short way was taken */
	size_t		 messages;	/* that came by the short way */
	size_t		 refused;	/* messages */
	struct mqk_ack	 last;		/* message that came */
	bool		 short_way;
};

static uint32_t	 seed;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return ((seed >> 8) % sides);
}

/* ---- one life -------------------------------------------------------- */

static void
tell(struct life *l, uint16_t mid, const void *tag, int reason)
{
	buf_append(&l->told, &mid, sizeof(mid));
	buf_append(&l->told, &tag, sizeof(tag));
	buf_append(&l->told, &reason, sizeof(reason));
}

static void
tell_message(struct life *l, const struct packet_publish *m,
    struct mqk_bytes topic, struct mqk_ack ack)
{
	buf_append(&l->told, topic.data, topic.len);
	buf_append(&l->told, m->payload.data, m->payload.len);
	tell(l, ack.mid, NULL, ack.qos << 1 | m->retain);
	assert_int_equal(ack.epoch, l->session->epoch);
	if (ack.qos > 0)
		l->last = ack;
}

static void
pull(struct life *l)
{
	const struct event	*e;

	while ((e = session_event(l->session)) != NULL) {
		if (e->type == EVENT_ANSWERED)
			tell(l, e->u.answer.mid, e->u.answer.tag,
			    *(const uint8_t *)e->u.answer.reasons.data);
		else if (e->type == EVENT_MESSAGE)
			tell_message(l, e->u.message.packet,
			    e->u.message.topic, e->u.message.ack);
	}
}

static size_t
hear_packet(struct life *l, const uint8_t *wire, size_t len)
{
	struct packet	 p;
	const char	*why;
	size_t		 n;

	assert_int_equal(frame_next(wire, len, PACKET_MAX, &n), 1);
	assert_int_equal(packet_decode(&p, MQK_V5, wire, n, &why), MQK_OK);
	assert_int_equal(session_receive(l->session, 0, &p), MQK_OK);
	pull(l);
	return (n);
}

static size_t
hear_run(struct life *l, const uint8_t *wire, size_t len)
{
	struct session_answer	 answers[SESSION_ANSWERS];
	size_t			 n, used;

	used = session_answers(l->session, 0, wire, len, answers, &n);
	assert_true(n <= SESSION_ANSWERS && used <= len);
	for (size_t i = 0; i < n; i++)
		tell(l, answers[i].mid, answers[i].tag, 0);
	l->runs += used > 4;
	pull(l);
	return (used);
}

static size_t
hear_message(struct life *l, const uint8_t *wire, size_t len)
{
	struct packet_publish	 m;
	struct mqk_ack		 ack;
	int			 taken;

	len = publish_plain(&m, MQK_V5, wire, len);
	if (len == 0)
		return (0);
	taken = session_message(l->session, &m, &ack);
	assert_true(taken >= 0);
	if (taken == 0)
		return (0);
	tell_message(l, &m, m.topic, ack);
	l->messages++;
	return (len);
}

static size_t
hear_short(struct life *l, const uint8_t *wire, size_t len)
{
	return (wire[0] >> 4 == MQK_PUBLISH ? hear_message(l, wire, len) :
	    hear_run(l, wire, len));
}

static void
hear(struct life *l, const uint8_t *wire, size_t len)
{
	for (size_t n; len > 0; wire += n, len -= n) {
		n = l->short_way ? hear_short(l, wire, len) : 0;
		if (n == 0)
			n = hear_packet(l, wire, len);
	}
}

/* CONNACK with Maximum Packet Size 500 and Topic Alias Maximum 2. */
static void
begin(struct life *l, bool session_present)
{
	struct packet_connect	 c = { .version = MQK_V5, .keepalive_s = 60 };
	uint8_t			 connack[] = {
		0x20, 11, session_present, 0, 8, 0x27, 0, 0, 1, 0xf4, 0x22, 0, 2
	};
	struct buf		*out;

	assert_int_equal(session_open(l->session, 0, &c, 1000), MQK_OK);
	out = session_output(l->session);
	session_sent(l->session, 0, buf_len(out));
	hear(l, connack, sizeof(connack));
}

static void
refused(struct life *l, const struct mqk_publish *m, int err)
{
	tell(l, 0, m->tag, err);
	l->refused++;
}

static void
publish_each(struct life *l, const struct mqk_publish *m, size_t n)
{
	int	 err;

	for (size_t i = 0; i < n; i++) {
		err = session_publish(l->session, &m[i]);
		if (err < 0)
			refused(l, &m[i], err);
	}
}

static void
publish_runs(struct life *l, const struct mqk_publish *m, size_t n)
{
	int	 k;

	for (size_t i = 0; i < n; i += k > 0 ? (size_t)k : 1) {
		k = session_publish_many(l->session, m + i, n - i);
		assert_true(k != 0 && k <= (int)(n - i));
		if (k < 0)
			refused(l, &m[i], k);
	}
}

/* ---- two lives ------------------------------------------------------- */

/* Often like the one before, and now and then one that can't be sent. */
static void
make_message(struct mqk_publish *m, const struct mqk_publish *before,
    const struct mqk_props *alias)
{
	static const char *const topics[] = { "t", "rooms/kitchen", "u", "#" };
	static const uint8_t	 payload[LARGE] = "payload";
	static char		 tags[8];

	if (before != NULL)
		*m = *before;
	if (before == NULL || dice(6) == 0) {
		m->topic = topics[dice(dice(10) == 0 ? 4 : 3)];
		m->qos = (uint8_t)dice(dice(10) == 0 ? 4 : 3);
		m->retain = dice(2) == 0;
		m->props = dice(4) == 0 ? alias : NULL;
	}
	m->payload.data = dice(20) == 0 ? NULL : payload;
	m->payload.len = dice(10) == 0 ? LARGE : dice(LARGE / 3);
	if (m->payload.data == NULL && dice(2) == 0)
		m->payload.len = 0;
	m->tag = &tags[dice(8)];
}

static void
publish_some(struct life *l)
{
	struct mqk_publish	 m[MESSAGES_MAX] = { { .topic = NULL } };
	struct mqk_props	*alias = mqk_props_new();
	size_t			 n = dice(MESSAGES_MAX);

	assert_int_equal(mqk_props_add_num(alias, MQK_P_TOPIC_ALIAS,
	    1 + dice(3)), MQK_OK);
	for (size_t i = 0; i < n; i++)
		make_message(&m[i], i > 0 ? &m[i - 1] : NULL, alias);
	publish_runs(&l[0], m, n);
	publish_each(&l[1], m, n);
	mqk_props_free(alias);
	/* Messages that wait would go between the answers, or after them. */
	session_output(l[0].session);
	session_output(l[1].session);
}

static void
hear_both(struct life *l, struct buf *wire)
{
	hear(&l[0], buf_data(wire), buf_len(wire));
	hear(&l[1], buf_data(wire), buf_len(wire));
	buf_fini(wire);
}

/* What a broker might say: mostly what is due, in order. */
static void
answer_some(struct life *l)
{
	static const uint8_t	 types[] = { MQK_PUBACK, MQK_PUBREC,
		MQK_PUBCOMP };
	static const uint8_t	 due[16] = {
		[MQK_PUBACK] = FLOW_PUBACK,
		[MQK_PUBREC] = FLOW_PUBREC,
		[MQK_PUBCOMP] = FLOW_PUBCOMP
	};
	static const uint8_t	 reasons[] = { 0x00, 0x10, 0x87, 0x97 };
	struct buf		 wire;
	uint8_t			 type = types[dice(3)];
	uint32_t		 mid = l[0].session->mids.last;

	buf_init(&wire, SIZE_MAX);
	mid -= dice(mid);
	for (uint32_t i = dice(ANSWERS_MAX); i > 0; i--, mid++) {
		struct packet	 p = {
			.type = type, .u.answer.mid = (uint16_t)mid
		};
		struct slot	*slot = slots_find(&l[0].session->mids,
				    (uint16_t)mid);

		if (dice(20) == 0)
			p.u.answer.reason = reasons[dice(
			    type == MQK_PUBCOMP ? 1 : 4)];
		if (slot != NULL && slot->state != due[type])
			continue;
		assert_int_equal(packet_encode(&wire, MQK_V5, &p), MQK_OK);
	}
	hear_both(l, &wire);
}

/* Messages of few ids, so that some come again; and that are special. */
static void
deliver_some(struct life *l)
{
	static const char	 text[] = "rooms/kitchen";
	struct mqk_props	*props = mqk_props_new();
	struct buf		 wire;

	buf_init(&wire, SIZE_MAX);
	assert_int_equal(mqk_props_add_num(props,
	    MQK_P_PAYLOAD_FORMAT_INDICATOR, 0), MQK_OK);
	for (uint32_t i = dice(MESSAGES_MAX); i > 0; i--) {
		struct packet	 p = { .type = MQK_PUBLISH };

		p.u.publish.qos = (uint8_t)dice(3);
		p.u.publish.mid = (uint16_t)(p.u.publish.qos > 0 ?
		    1 + dice(30) : 0);
		p.u.publish.dup = p.u.publish.qos > 0 && dice(10) == 0;
		p.u.publish.retain = dice(2) == 0;
		p.u.publish.topic = (struct mqk_bytes){ text, 1 + dice(13) };
		p.u.publish.payload = (struct mqk_bytes){ text, dice(14) };
		if (dice(10) == 0)
			p.u.publish.props = *props;
		assert_int_equal(packet_encode(&wire, MQK_V5, &p), MQK_OK);
	}
	mqk_props_free(props);
	hear_both(l, &wire);
}

/* PUBRELs that are due, or of ids that nobody knows. */
static void
release_some(struct life *l)
{
	struct buf	 wire;
	struct slot	*slot;

	buf_init(&wire, SIZE_MAX);
	for (uint16_t mid = 1; mid < 40; mid++) {
		struct packet	 p = {
			.type = MQK_PUBREL, .u.answer.mid = mid
		};

		slot = slots_find(&l[0].session->known, mid);
		if (dice(8) == 0 || (slot != NULL && (slot->state &
		    (KNOWN_ACKED | KNOWN_WAITING)) != KNOWN_ACKED))
			continue;
		assert_int_equal(packet_encode(&wire, MQK_V5, &p), MQK_OK);
	}
	hear_both(l, &wire);
}

static void
acknowledge(struct life *l)
{
	int	 a = session_ack_through(l[0].session, l[0].last);
	int	 b = session_ack_through(l[1].session, l[1].last);

	assert_int_equal(a, b);
}

static void
assert_equal_bytes(const struct buf *a, const struct buf *b)
{
	assert_int_equal(buf_len(a), buf_len(b));
	if (buf_len(a) > 0)
		assert_memory_equal(buf_data(a), buf_data(b), buf_len(a));
}

static void
compare_and_send(struct life *l)
{
	struct mqk_stats	 stats[2];

	memset(stats, 0, sizeof(stats));
	assert_equal_bytes(session_output(l[0].session),
	    session_output(l[1].session));
	assert_equal_bytes(&l[0].told, &l[1].told);
	for (int i = 0; i < 2; i++) {
		session_stats(l[i].session, &stats[i]);
		session_sent(l[i].session, 0,
		    buf_len(session_output(l[i].session)));
		pull(&l[i]);
		buf_truncate(&l[i].told, 0);
	}
	assert_memory_equal(&stats[0], &stats[1], sizeof(stats[0]));
}

static void
both_ways_lead_to_the_same(void **state)
{
	struct session_options	 o = { .max_queue = QUEUE_MAX };
	struct life		 l[2] = { { .short_way = true } };

	(void)state;
	seed = 1;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(session_new(&l[i].session, &o), MQK_OK);
		buf_init(&l[i].told, SIZE_MAX);
		begin(&l[i], false);
	}
	for (int round = 0; round < ROUNDS; round++) {
		bool	 present = dice(4) > 0;

		publish_some(l);
		if (dice(2) == 0)
			compare_and_send(l);
		answer_some(l);
		deliver_some(l);
		compare_and_send(l);
		if (dice(2) == 0)
			acknowledge(l);
		release_some(l);
		compare_and_send(l);
		if (dice(20) > 0)
			continue;
		for (int i = 0; i < 2; i++) {
			session_lost(l[i].session, 0);
			begin(&l[i], present);
		}
	}
	assert_true(l[0].runs > ROUNDS / 10);
	assert_true(l[0].refused > ROUNDS / 10);
	assert_true(l[0].messages > ROUNDS);
	for (int i = 0; i < 2; i++) {
		session_free(l[i].session);
		buf_fini(&l[i].told);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(both_ways_lead_to_the_same),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
