/* SPDX-License-Identifier: MIT */

/*
 * What the wire scenarios cannot say: amounts, memory, partial writes.  How
 * packets answer each other is told there.
 */

#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "session/internal.h"
#include "unit/fixture.h"

static struct session *s;
static unsigned	 answers, dones, messages;

static void
pull(void)
{
	const struct event	*e;

	while ((e = session_event(s)) != NULL) {
		answers += e->type == EVENT_ANSWERED;
		dones += e->type == EVENT_SOURCE_DONE;
		messages += e->type == EVENT_MESSAGE;
	}
}

/* The broker says that; the result of session_receive(). */
static int
hear(const char *hex)
{
	struct packet	 p;
	const char	*why;
	size_t		 len;
	uint8_t		*wire = bytes_of(hex, &len);
	int		 err;

	assert_int_equal(packet_decode(&p, session_version(s), wire, len,
	    &why), MQK_OK);
	err = session_receive(s, 0, &p);
	pull();
	free(wire);
	return (err);
}

static size_t
unsent(void)
{
	return (buf_len(session_output(s)));
}

static void
send_all(void)
{
	session_sent(s, 0, unsent());
}

static void
open_again(const char *connack)
{
	struct packet_connect	 c = { .version = MQK_V5, .keepalive_s = 60 };

	assert_int_equal(session_open(s, 0, &c, 1000), MQK_OK);
	send_all();
	assert_int_equal(hear(connack), MQK_OK);
}

static int
begin(const struct session_options *o)
{
	answers = dones = messages = 0;
	assert_int_equal(session_new(&s, o), MQK_OK);
	open_again("20 03 00 00 00");
	return (0);
}

static int
setup(void **state)
{
	struct session_options	 o = { 0 };

	(void)state;
	return (begin(&o));
}

static int
teardown(void **state)
{
	(void)state;
	session_free(s);
	return (0);
}

static int
publish(uint8_t qos, size_t size)
{
	static uint8_t		 bytes[300000];
	struct mqk_publish	 m = { .topic = "t", .qos = qos };

	m.payload = (struct mqk_bytes){ bytes, size };
	return (session_publish(s, &m));
}

static void
puback(int mid)
{
	struct packet	 p = { .type = MQK_PUBACK };

	p.u.answer.mid = (uint16_t)mid;
	assert_int_equal(session_receive(s, 0, &p), MQK_OK);
	pull();
}

/* ---- amounts --------------------------------------------------------- */

/* Publish until nothing more is taken; the number of messages. */
static uint32_t
fill_up(void)
{
	uint32_t	 n = 0;

	while (publish(1, 0) > 0) {
		n++;
		send_all();
	}
	return (n);
}

static uint32_t
inflight(void)
{
	struct mqk_stats	 stats;

	session_stats(s, &stats);
	return (stats.inflight);
}

/* The answer to that message comes that late. */
static void
puback_at(int64_t now, uint16_t mid)
{
	struct packet	 p = { .type = MQK_PUBACK, .u.answer.mid = mid };

	assert_int_equal(session_receive(s, now, &p), MQK_OK);
	pull();
}

static void
the_window_grows_while_it_is_too_small(void **state)
{
	(void)state;
	fill_up();
	assert_int_equal(inflight(), WINDOW_FIRST);
	puback_at(WINDOW_PAUSE_MS - 1, 1);
	fill_up();
	assert_int_equal(inflight(), WINDOW_FIRST);
	puback_at(WINDOW_PAUSE_MS, 2);
	fill_up();
	assert_int_equal(inflight(), 2 * WINDOW_FIRST);
}

static void
all_ids_can_be_in_flight_at_once(void **state)
{
	uint16_t	 mid = 0;
	uint32_t	 n = fill_up();

	(void)state;
	while (inflight() < 65535) {
		puback_at(1000, ++mid);
		n += fill_up();
	}
	assert_int_equal(n, 65535 + mid);
	assert_int_equal(publish(1, 0), MQK_EAGAIN);
	for (mid = 65535; mid > 0; mid--)
		puback(mid);
	assert_int_equal(inflight(), 0);
	assert_int_equal(answers, n);
	assert_true(publish(1, 0) > 0);
}

static void
many_messages_pass_in_little_memory(void **state)
{
	struct mqk_stats	 stats;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		int	 mid = publish(1, 100);

		assert_true(mid > 0);
		send_all();
		puback(mid);
	}
	session_stats(s, &stats);
	assert_int_equal(answers, 200000);
	assert_int_equal(stats.inflight, 0);
	assert_true(stats.bytes_held < 2048);
	assert_true(s->o.out.cap < 2048);
}

static void
qos0_waits_for_the_socket(void **state)
{
	unsigned	 n = 0;

	(void)state;
	while (publish(0, 1000) == 0)
		n++;
	assert_true(n >= OUTPUT_FULL / 1010 && n <= OUTPUT_FULL / 1000 + 1);
	assert_false(session_drained(s));
	session_sent(s, 0, 1000);
	assert_int_equal(publish(0, 1000), 0);
	assert_int_equal(publish(0, 1000), MQK_EAGAIN);
	assert_false(session_drained(s));
	session_sent(s, 0, OUTPUT_FULL / 2 + 3000);
	assert_true(session_drained(s));
	assert_false(session_drained(s));
}

static void
a_large_message_goes_when_there_is_room_at_all(void **state)
{
	(void)state;
	assert_int_equal(publish(0, 300000), 0);
	assert_int_equal(publish(0, 1), MQK_EAGAIN);
	assert_int_equal(publish(1, 300000), 1);
	send_all();
	assert_true(unsent() > 300000);
}

static void
output_that_is_full_holds_the_log_back(void **state)
{
	struct mqk_stats	 stats;

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		assert_true(publish(1, 1000) > 0);
	session_stats(s, &stats);
	assert_true(stats.bytes_unsent < OUTPUT_FULL + 2000);
	assert_int_equal(stats.queued + stats.inflight, 600);
	assert_true(stats.queued > 300);
	for (unsigned i = 0; i < 4; i++)
		send_all();
	session_stats(s, &stats);
	assert_int_equal(stats.queued, 0);
	assert_int_equal(stats.inflight, 600);
}

static void
bytes_are_bounded_and_room_is_told_once(void **state)
{
	struct session_options	 o = { .max_bytes = 100000 };
	int			 last = 0, mid;

	(void)state;
	session_free(s);
	begin(&o);
	while ((mid = publish(1, 900)) > 0) {
		last = mid;
		send_all();
	}
	assert_int_equal(mid, MQK_EAGAIN);
	assert_true(last > 80 && last <= 110);
	for (mid = 1; mid <= last && !session_drained(s); mid++)
		puback(mid);
	assert_true(mid > last / 4 && mid < last);
	assert_false(session_drained(s));
	assert_true(publish(1, 900) > 0);
}

/* Acknowledged, released, and one that is never acknowledged. */
static void
qos2_messages_are_counted_until_their_pubrel(void **state)
{
	struct mqk_ack		 first = { .mid = 1, .qos = 2 };
	struct mqk_stats	 stats;

	(void)state;
	first.epoch = s->epoch;
	assert_int_equal(hear("34 06 00 01 'a' 00 01 00"), MQK_OK);
	assert_int_equal(hear("34 06 00 01 'a' 00 02 00"), MQK_OK);
	assert_int_equal(hear("32 06 00 01 'a' 00 03 00"), MQK_OK);
	session_stats(s, &stats);
	assert_int_equal(stats.unacked_in, 3);
	assert_int_equal(stats.unreleased_in, 0);
	assert_int_equal(session_ack(s, first, 0, NULL), MQK_OK);
	session_stats(s, &stats);
	assert_int_equal(stats.unacked_in, 2);
	assert_int_equal(stats.unreleased_in, 1);
	assert_int_equal(hear("62 02 00 01"), MQK_OK);
	session_stats(s, &stats);
	assert_int_equal(stats.unacked_in, 2);
	assert_int_equal(stats.unreleased_in, 0);
}

/* ---- memory ---------------------------------------------------------- */

static void
an_idle_session_is_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct session) < 800);
	for (unsigned i = 0; i < 100; i++)
		assert_true(publish(1, 1000) > 0);
	send_all();
	for (int mid = 1; mid <= 100; mid++)
		puback(mid);
	assert_int_equal(session_tick(s, 60000), MQK_OK);
	session_sent(s, 60000, unsent());
	assert_int_equal(session_tick(s, 60001), MQK_OK);
	assert_int_equal(s->log.held, 0);
	assert_null(s->log.head);
	assert_null(s->mids.at);
	assert_true(s->o.out.cap <= 512);
	assert_null(s->o.rest.mem);
}

/* Only what is empty is given up; the rest is there after the rest. */
static void
a_session_rests_when_there_is_nothing_to_do(void **state)
{
	struct mqk_stats	 stats = { .inflight = 1 };

	(void)state;
	assert_int_equal(publish(0, 1), 0);
	session_rest(&s);
	assert_false(session_resting(s));
	send_all();
	assert_int_equal(publish(1, 1000), 1);
	send_all();
	session_rest(&s);
	assert_false(session_resting(s));
	puback(1);
	session_rest(&s);
	assert_true(session_resting(s));
	assert_int_equal(session_version(s), MQK_V5);
	assert_int_equal(session_deadline(s), 60000);
	assert_false(session_pending(s, 0));
	session_stats(s, &stats);
	assert_int_equal(stats.packets_in, 2);
	assert_int_equal(session_wake(&s), MQK_OK);
	assert_true(session_is_up(s));
	assert_int_equal(publish(1, 1000), 2);
	assert_int_equal(hear("32 07 00 01 74 00 05 00 78"), MQK_OK);
	session_rest(&s);
	assert_false(session_resting(s));
}

static void
a_resting_session_can_be_freed(void **state)
{
	(void)state;
	session_rest(&s);
	assert_true(session_resting(s));
	session_rest(&s);
}

/* ---- partial writes -------------------------------------------------- */

/* Wherever the connection breaks, what no byte of was sent comes again. */
static void
a_loss_at_any_byte_saves_whole_qos0_messages(void **state)
{
	const size_t	 sizes[] = { 0, 1, 130, 20000, 3 };
	size_t		 ends[N(sizes)], total;
	struct mqk_stats stats;

	(void)state;
	for (size_t i = 0; i < N(sizes); i++) {
		assert_int_equal(publish(0, sizes[i]), 0);
		ends[i] = unsent();
	}
	total = unsent();
	for (size_t cut = 0; cut <= total; cut += cut < 200 ||
	    cut > total - 40 ? 1 : 997) {
		unsigned	 whole = 0;

		session_lost(s, 0);
		session_reset(s, MQK_ESTOPPED);
		pull();
		open_again("20 03 00 00 00");
		for (size_t i = 0; i < N(sizes); i++) {
			assert_int_equal(publish(0, sizes[i]), 0);
			whole += (i == 0 ? 0 : ends[i - 1]) >= cut;
		}
		/* In two steps, so that the second begins within a packet. */
		session_sent(s, 0, cut / 2);
		session_sent(s, 0, cut - cut / 2);
		session_lost(s, 0);
		session_stats(s, &stats);
		assert_int_equal(stats.queued, whole);
	}
}

/* A slow line is no dead one; it is when nothing moves any more. */
static void
a_pingreq_behind_other_output_has_time_to_leave(void **state)
{
	(void)state;
	assert_int_equal(publish(0, 100000), 0);
	session_sent(s, 59000, 1000);
	assert_int_equal(session_tick(s, 60000), MQK_OK);
	for (int64_t now = 80000; now <= 200000; now += 20000) {
		assert_true(session_deadline(s) > now);
		session_sent(s, now, 1000);
	}
	session_sent(s, 220000, unsent() - 1);
	assert_int_equal(session_deadline(s), 250000);
	session_sent(s, 221000, 1);
	assert_int_equal(publish(0, 1), 0);
	session_sent(s, 230000, unsent());
	assert_int_equal(session_deadline(s), 251000);
	assert_int_equal(session_tick(s, 251000), MQK_ETIMEOUT);
}

static int64_t
read_nothing(void *arg, uint32_t offset, void *to, size_t len)
{
	(void)arg;
	(void)offset;
	(void)to;
	(void)len;
	return (0);
}

static void
other_packets_wait_for_the_end_of_a_body(void **state)
{
	struct mqk_source	 source = { .len = 1000, .read = read_nothing };
	struct mqk_publish	 m = { .topic = "t", .qos = 1,
		.source = &source };
	struct session_body	 body;

	(void)state;
	assert_int_equal(session_publish(s, &m), 1);
	assert_false(session_body(s, &body));	/* the header comes first */
	assert_true(unsent() > 0 && unsent() < 20);
	send_all();
	assert_true(session_body(s, &body));
	assert_int_equal(body.n, 1000);
	assert_int_equal(publish(0, 5), 0);
	assert_int_equal(session_publish(s, &m), 2);
	assert_int_equal(session_ping(s), MQK_OK);
	assert_int_equal(unsent(), 0);
	session_body_sent(s, 0, 999);
	assert_true(session_body(s, &body));
	assert_int_equal(body.offset, 999);
	assert_int_equal(unsent(), 0);
	session_body_sent(s, 0, 1);
	assert_false(session_body(s, &body));
	assert_true(unsent() > 10);
	send_all();
	assert_true(session_body(s, &body));
	assert_int_equal(body.offset, 0);
	session_body_sent(s, 0, 1000);
	puback(1);
	assert_int_equal(dones, 1);
}

static void
a_body_cut_off_begins_anew(void **state)
{
	struct mqk_source	 source = { .len = 10, .read = read_nothing };
	struct mqk_publish	 m = { .topic = "t", .source = &source };
	struct session_body	 body;

	(void)state;
	assert_int_equal(session_publish(s, &m), 0);
	send_all();
	session_body_sent(s, 0, 9);
	session_lost(s, 0);
	pull();
	assert_int_equal(dones, 0);
	open_again("20 03 00 00 00");
	send_all();
	assert_true(session_body(s, &body));
	assert_int_equal(body.offset, 0);
	session_body_sent(s, 0, 10);
	pull();
	assert_int_equal(dones, 1);
}

static void
a_source_ends_with_the_session(void **state)
{
	struct mqk_source	 source = { .len = 10, .read = read_nothing };
	struct mqk_publish	 m = { .topic = "t", .qos = 2,
		.source = &source };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_true(session_publish(s, &m) > 0);
	session_reset(s, MQK_ESTOPPED);
	pull();
	assert_int_equal(dones, 3);
	assert_int_equal(answers, 3);
}

/* ---- hostile --------------------------------------------------------- */

static void
unanswered_messages_are_bounded_in_3_1_1_too(void **state)
{
	struct packet_connect	 c = { .version = MQK_V311 };
	struct packet		 p = { .type = MQK_PUBLISH };
	unsigned		 n = 0;

	(void)state;
	session_lost(s, 0);
	assert_int_equal(session_open(s, 0, &c, 1000), MQK_OK);
	assert_int_equal(hear("20 02 00 00"), MQK_OK);
	p.u.publish.qos = 1;
	p.u.publish.mid = 1;
	p.u.publish.topic = text_bytes("t");
	while (session_receive(s, 0, &p) == MQK_OK) {
		pull();
		assert_true(++n <= 65535);
	}
	assert_int_equal(session_error(s)->code, MQK_EPROTOCOL);
	assert_int_equal(messages, 65535);
}

static void
calls_in_the_wrong_state_are_refused(void **state)
{
	struct packet_connect	 c = { .version = MQK_V5 };
	struct packet		 p = { .type = MQK_PINGRESP };

	(void)state;
	assert_int_equal(session_open(s, 0, &c, 1000), MQK_ESTATE);
	session_lost(s, 0);
	assert_int_equal(session_receive(s, 0, &p), MQK_ESTATE);
	assert_int_equal(session_ping(s), MQK_ESTATE);
	assert_int_equal(session_disconnect(s, 0, NULL), MQK_ESTATE);
	assert_int_equal(session_deadline(s), INT64_MAX);
	assert_false(session_is_up(s));
	session_lost(s, 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		TEST(the_window_grows_while_it_is_too_small),
		TEST(all_ids_can_be_in_flight_at_once),
		TEST(many_messages_pass_in_little_memory),
		TEST(qos0_waits_for_the_socket),
		TEST(a_large_message_goes_when_there_is_room_at_all),
		TEST(output_that_is_full_holds_the_log_back),
		TEST(bytes_are_bounded_and_room_is_told_once),
		TEST(qos2_messages_are_counted_until_their_pubrel),
		TEST(an_idle_session_is_small),
		TEST(a_session_rests_when_there_is_nothing_to_do),
		TEST(a_resting_session_can_be_freed),
		TEST(a_loss_at_any_byte_saves_whole_qos0_messages),
		TEST(a_pingreq_behind_other_output_has_time_to_leave),
		TEST(other_packets_wait_for_the_end_of_a_body),
		TEST(a_body_cut_off_begins_anew),
		TEST(a_source_ends_with_the_session),
		TEST(unanswered_messages_are_bounded_in_3_1_1_too),
		TEST(calls_in_the_wrong_state_are_refused),
	};
#undef TEST

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
