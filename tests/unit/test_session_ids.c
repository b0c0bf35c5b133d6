/* SPDX-License-Identifier: MIT */

/* Packet ids, the ring of received messages, topic aliases. */

#include <stdlib.h>
#include <string.h>

#include "session/alias.h"
#include "session/inbox.h"
#include "session/slots.h"
#include "unit/fixture.h"

static uint16_t
next_id(struct slots *t)
{
	int		 err = MQK_OK;
	struct slot	*slot = slots_next(t, &err);

	assert_non_null(slot);
	return (slot->mid);
}

static void
ids_count_up_and_wrap_to_1(void **state)
{
	struct slots	 t = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 65535; i++) {
		assert_int_equal(next_id(&t), i);
		slots_del(&t, slots_find(&t, (uint16_t)i));
	}
	assert_int_equal(next_id(&t), 1);
	assert_int_equal(t.cap, 8);
	slots_fini(&t);
}

/* In the next round, or in this one if it is still to come. */
static void
the_turn_of_an_id_comes_again(void **state)
{
	struct slots	 t = { 0 };
	uint64_t	 turn7 = slots_turn(t.last, 7);

	(void)state;
	for (uint32_t i = 1; i < 7; i++)
		slots_del(&t, slots_find(&t, next_id(&t)));
	assert_true(t.last < turn7);
	slots_del(&t, slots_find(&t, next_id(&t)));
	assert_true(t.last == turn7);
	turn7 = slots_turn(t.last, 7);
	for (uint32_t i = 1; i < 65535; i++) {
		slots_del(&t, slots_find(&t, next_id(&t)));
		assert_true(t.last < turn7);
	}
	assert_int_equal(next_id(&t), 7);
	assert_true(t.last == turn7);
	slots_fini(&t);
}

static void
ids_in_use_are_never_given_again(void **state)
{
	struct slots	 t = { 0 };
	static uint8_t	 used[65536];
	uint16_t	 mid;
	int		 err = MQK_OK;

	(void)state;
	for (uint32_t i = 0; i < 65535; i++) {
		mid = next_id(&t);
		assert_int_equal(used[mid], 0);
		used[mid] = 1;
	}
	assert_null(slots_next(&t, &err));
	assert_int_equal(err, MQK_EAGAIN);
	slots_del(&t, slots_find(&t, 77));
	assert_int_equal(next_id(&t), 77);
	slots_fini(&t);
}

static void
an_id_that_stays_in_use_is_passed_over(void **state)
{
	struct slots	 t = { 0 };
	uint16_t	 old = next_id(&t), mid;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		mid = next_id(&t);
		assert_int_not_equal(mid, old);
		slots_del(&t, slots_find(&t, mid));
	}
	assert_int_equal(t.n, 1);
	slots_fini(&t);
}

static void
ids_of_the_peer_may_collide(void **state)
{
	struct slots	 t = { 0 };

	(void)state;
	for (uint32_t mid = 8; mid < 65536; mid *= 2)
		assert_int_equal(slots_add(&t, (uint16_t)mid)->mid, mid);
	for (uint32_t mid = 8; mid < 65536; mid *= 2)
		assert_int_equal(slots_find(&t, (uint16_t)mid)->mid, mid);
	assert_null(slots_find(&t, 9));
	assert_null(slots_find(&t, 0));
	slots_trim(&t);
	assert_true(t.cap > 0);
	for (uint32_t mid = 8; mid < 65536; mid *= 2)
		slots_del(&t, slots_find(&t, (uint16_t)mid));
	slots_trim(&t);
	assert_int_equal(t.cap, 0);
}

static void
add_arrival(struct inbox *b, uint16_t mid, uint8_t qos)
{
	struct arrival	 a = { .mid = mid, .qos = qos, .seq = ++b->seq };

	assert_int_equal(inbox_add(b, &a), MQK_OK);
}

static void
messages_are_found_in_any_order(void **state)
{
	struct inbox	 b = { 0 };

	(void)state;
	for (uint16_t round = 0; round < 20; round++) {
		for (uint16_t i = 1; i <= 100; i++)
			add_arrival(&b, i, 1 + i % 2);
		for (uint16_t i = 100; i >= 1; i--) {
			assert_null(inbox_find(&b, i, i % 2 + 2));
			inbox_find(&b, i, 1 + i % 2)->done = true;
			assert_null(inbox_find(&b, i, 1 + i % 2));
		}
		while (b.n > 0)
			inbox_pop(&b);
	}
	inbox_fini(&b);
}

static void
the_newest_of_an_id_can_be_found(void **state)
{
	struct inbox	 b = { 0 };

	(void)state;
	add_arrival(&b, 5, 1);
	add_arrival(&b, 6, 1);
	add_arrival(&b, 5, 1);
	assert_int_equal(inbox_find_last(&b, 5, 1)->seq, 3);
	assert_int_equal(inbox_find(&b, 5, 1)->seq, 1);
	assert_null(inbox_find_last(&b, 7, 1));
	inbox_fini(&b);
}

static void
aliases_are_bound_anew_and_forgotten(void **state)
{
	struct aliases	 t = { 0 };

	(void)state;
	assert_null(alias_topic(&t, 1).data);
	assert_int_equal(alias_bind(&t, 7, text_bytes("long/topic")), MQK_OK);
	assert_null(alias_topic(&t, 1).data);
	assert_int_equal(alias_topic(&t, 7).len, 10);
	assert_int_equal(alias_bind(&t, 7, text_bytes("b")), MQK_OK);
	assert_int_equal(alias_topic(&t, 7).len, 1);
	assert_int_equal(alias_bind(&t, 65535, text_bytes("c")), MQK_OK);
	assert_int_equal(alias_topic(&t, 65535).len, 1);
	alias_unbind(&t, 7);
	assert_null(alias_topic(&t, 7).data);
	alias_fini(&t);
	assert_null(alias_topic(&t, 65535).data);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(ids_count_up_and_wrap_to_1),
		cmocka_unit_test(the_turn_of_an_id_comes_again),
		cmocka_unit_test(ids_in_use_are_never_given_again),
		cmocka_unit_test(an_id_that_stays_in_use_is_passed_over),
		cmocka_unit_test(ids_of_the_peer_may_collide),
		cmocka_unit_test(messages_are_found_in_any_order),
		cmocka_unit_test(the_newest_of_an_id_can_be_found),
		cmocka_unit_test(aliases_are_bound_anew_and_forgotten),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
