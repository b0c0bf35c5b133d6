/* SPDX-License-Identifier: MIT */

/* The log of packets: order, cursor, chunks that come and go. */

#include <stdlib.h>
#include <string.h>

#include "session/log.h"
#include "unit/fixture.h"

#define LIMIT	(64u * 1024)

/* An entry of size bytes, all with the value mid. */
static int
append(struct log *l, enum mqk_packet_type type, uint16_t mid, size_t size,
    size_t limit, struct entry **e)
{
	struct buf	 b;
	uint8_t		*at;
	int		 err = log_begin(l, &b, size, limit, NULL);

	if (err < 0)
		return (err);
	at = buf_reserve(&b, size);
	assert_non_null(at);
	memset(at, mid, size);
	buf_commit(&b, size);
	*e = log_commit(l, &b, type, mid);
	return (MQK_OK);
}

static struct entry *
add(struct log *l, uint16_t mid, size_t size)
{
	struct entry	*e = NULL;

	assert_int_equal(append(l, MQK_PUBLISH, mid, size, SIZE_MAX, &e),
	    MQK_OK);
	return (e);
}

static struct entry *
add_request(struct log *l, uint16_t mid)
{
	struct entry	*e = NULL;

	assert_int_equal(append(l, MQK_SUBSCRIBE, mid, 10, SIZE_MAX, &e),
	    MQK_OK);
	return (e);
}

/* The ids of what waits, passing all of it. */
static void
assert_waiting(struct log *l, const uint16_t *mids, size_t n)
{
	struct entry	*e;

	for (size_t i = 0; i < n; i++) {
		e = log_next(l);
		assert_non_null(e);
		assert_int_equal(e->mid, mids[i]);
		log_pass(l, e);
	}
	assert_null(log_next(l));
	assert_int_equal(l->waiting, 0);
}

static void
entries_come_back_in_order(void **state)
{
	struct log	 l = { 0 };
	uint16_t	 mids[300];

	(void)state;
	for (uint16_t i = 0; i < 300; i++) {
		mids[i] = (uint16_t)(i + 1);
		assert_int_equal(add(&l, mids[i], i)->len, i);
	}
	assert_waiting(&l, mids, 300);
	log_rewind(&l);
	assert_int_equal(l.waiting, 300);
	assert_true((log_next(&l)->flags & ENTRY_REPEAT) != 0);
	assert_waiting(&l, mids, 300);
	log_fini(&l);
}

static void
dead_entries_are_skipped(void **state)
{
	struct log	 l = { 0 };
	struct entry	*e[4];

	(void)state;
	for (uint16_t i = 0; i < 4; i++)
		e[i] = add(&l, (uint16_t)(i + 1), 10);
	log_pass(&l, log_next(&l));
	log_kill(&l, e[0]);
	log_kill(&l, e[2]);
	assert_int_equal(l.waiting, 2);
	assert_waiting(&l, (uint16_t[]){ 2, 4 }, 2);
	log_kill(&l, e[1]);
	log_kill(&l, e[3]);
	assert_int_equal(l.live, 0);
	log_fini(&l);
}

static void
requests_may_pass_what_waits(void **state)
{
	struct log	 l = { 0 };
	struct entry	*gone;

	(void)state;
	add(&l, 1, 2000);
	add_request(&l, 2);
	gone = add_request(&l, 3);
	add(&l, 4, 2000);
	add_request(&l, 5);
	log_kill(&l, gone);
	assert_int_equal(l.requests, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(log_request(&l)->mid, 2);
		log_pass(&l, log_request(&l));
		assert_int_equal(log_request(&l)->mid, 5);
		assert_int_equal(log_next(&l)->mid, 1);
		log_pass(&l, log_request(&l));
		assert_null(log_request(&l));
		assert_waiting(&l, (uint16_t[]){ 1, 4 }, 2);
		log_rewind(&l);
	}
	assert_waiting(&l, (uint16_t[]){ 1, 2, 4, 5 }, 4);
	assert_int_equal(l.requests, 0);
	log_fini(&l);
}

static void
an_empty_log_begins_anew_in_its_place(void **state)
{
	struct log	 l = { 0 };
	struct entry	*first = add(&l, 1, 100), *e = first;
	size_t		 held = l.held;

	(void)state;
	for (uint16_t i = 0; i < 1000; i++) {
		assert_ptr_equal(e, first);
		log_pass(&l, log_next(&l));
		log_kill(&l, e);
		e = add(&l, 2, 100);
	}
	assert_int_equal(l.held, held);
	log_fini(&l);
}

static void
the_limit_holds_unless_the_log_is_empty(void **state)
{
	struct log	 l = { 0 };
	struct entry	*e;
	uint16_t	 n = 0;

	(void)state;
	while (append(&l, MQK_PUBLISH, 1, 1000, LIMIT, &e) == MQK_OK)
		n++;
	assert_true(n >= 55);
	assert_true(l.held <= LIMIT);
	assert_int_equal(append(&l, MQK_PUBLISH, 1, 1000, LIMIT, &e),
	    MQK_EAGAIN);
	log_fini(&l);
	assert_int_equal(append(&l, MQK_PUBLISH, 1, 10 * LIMIT, LIMIT, &e),
	    MQK_OK);
	assert_int_equal(append(&l, MQK_PUBLISH, 1, 1, LIMIT, &e), MQK_EAGAIN);
	log_kill(&l, e);
	assert_int_equal(append(&l, MQK_PUBLISH, 1, 1, LIMIT, &e), MQK_OK);
	log_fini(&l);
}

static void
what_is_not_committed_is_not_there(void **state)
{
	struct log	 l = { 0 };
	struct buf	 b;

	(void)state;
	add(&l, 1, 10);
	assert_int_equal(log_begin(&l, &b, 100000, SIZE_MAX, NULL), MQK_OK);
	assert_int_equal(log_begin(&l, &b, 200000, SIZE_MAX, NULL), MQK_OK);
	assert_int_equal(l.live, 1);
	add(&l, 2, 10);
	assert_waiting(&l, (uint16_t[]){ 1, 2 }, 2);
	log_fini(&l);
}

/* The broker answers all but one message of every chunk. */
static void
stragglers_cannot_exceed_the_limit(void **state)
{
	struct log	 l = { 0 };
	struct entry	*e;
	unsigned	 refused = 0;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		if (append(&l, MQK_PUBLISH, 1, 500, LIMIT, &e) < 0) {
			refused++;
			continue;
		}
		log_pass(&l, log_next(&l));
		if (i % 20 != 0)
			log_kill(&l, e);
	}
	assert_true(refused > 0);
	assert_true(l.held <= LIMIT);
	log_fini(&l);
}

static void
sources_are_kept_with_their_entry(void **state)
{
	struct log		 l = { 0 };
	struct mqk_source	 source = { .len = 77, .arg = &l };
	struct buf		 b;
	struct entry		*e;

	(void)state;
	assert_int_equal(log_begin(&l, &b, 4, SIZE_MAX, &source), MQK_OK);
	memcpy(buf_reserve(&b, 4), "head", 4);
	buf_commit(&b, 4);
	e = log_commit(&l, &b, MQK_PUBLISH, 9);
	add(&l, 10, 3);
	assert_int_equal(entry_size(e), 81);
	assert_memory_equal(entry_wire(e), "head", 4);
	assert_ptr_equal(entry_source(e)->arg, &l);
	assert_waiting(&l, (uint16_t[]){ 9, 10 }, 2);
	log_fini(&l);
}

static void
trimming_gives_back_an_empty_log(void **state)
{
	struct log	 l = { 0 };
	struct entry	*e[2000];

	(void)state;
	for (size_t i = 0; i < N(e); i++)
		e[i] = add(&l, 1, 200);
	for (size_t i = 0; i < N(e); i++)
		log_kill(&l, e[i]);
	assert_int_equal(l.live, 0);
	log_trim(&l);
	assert_int_equal(l.held, 0);
	assert_null(l.head);
	assert_null(l.spare);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(entries_come_back_in_order),
		cmocka_unit_test(dead_entries_are_skipped),
		cmocka_unit_test(requests_may_pass_what_waits),
		cmocka_unit_test(an_empty_log_begins_anew_in_its_place),
		cmocka_unit_test(the_limit_holds_unless_the_log_is_empty),
		cmocka_unit_test(what_is_not_committed_is_not_there),
		cmocka_unit_test(stragglers_cannot_exceed_the_limit),
		cmocka_unit_test(sources_are_kept_with_their_entry),
		cmocka_unit_test(trimming_gives_back_an_empty_log),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
