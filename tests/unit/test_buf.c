/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void
what_is_appended_comes_out_in_order(void **state)
{
	uint8_t		 bytes[7];
	uint8_t		 next = 0;
	struct buf	 b;

	(void)state;
	buf_init(&b, 4096);
	for (unsigned i = 0; i < 5000; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = (uint8_t)(i * sizeof(bytes) + j);
		buf_append(&b, bytes, sizeof(bytes));
		while (buf_len(&b) > 3000) {
			assert_int_equal(*buf_data(&b), next++);
			buf_consume(&b, 1);
		}
	}
	assert_int_equal(b.err, 0);
	assert_true(b.cap <= 4096);
	while (buf_len(&b) > 0) {
		assert_int_equal(*buf_data(&b), next++);
		buf_consume(&b, 1);
	}
	buf_fini(&b);
}

static void
the_maximum_is_reached_and_not_passed(void **state)
{
	static const uint8_t	 zeros[1000];
	struct buf		 b;

	(void)state;
	buf_init(&b, 1000);
	buf_append(&b, zeros, 999);
	buf_append(&b, zeros, 1);
	assert_int_equal(b.err, 0);
	assert_int_equal(buf_len(&b), 1000);
	buf_append(&b, zeros, 1);
	assert_int_equal(b.err, MQK_ETOOBIG);
	assert_int_equal(buf_len(&b), 1000);
	buf_fini(&b);
}

static void
an_error_sticks_until_the_buffer_is_cut_back(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 4);
	buf_append(&b, "abc", 3);
	buf_append(&b, "de", 2);
	assert_int_equal(b.err, MQK_ETOOBIG);
	assert_null(buf_reserve(&b, 1));
	buf_truncate(&b, 2);
	buf_append(&b, "xy", 2);
	assert_int_equal(b.err, 0);
	assert_memory_equal(buf_data(&b), "abxy", 4);
	buf_fini(&b);
}

static void
a_length_that_wraps_is_refused(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_append(&b, "a", 1);
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_int_equal(b.err, MQK_ETOOBIG);
	buf_fini(&b);
}

static void
consuming_all_makes_all_room_usable_again(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 8);
	for (int i = 0; i < 100; i++) {
		buf_append(&b, "12345678", 8);
		buf_consume(&b, 5);
		buf_append(&b, "12345", 5);
		assert_int_equal(b.err, 0);
		assert_memory_equal(buf_data(&b), "67812345", 8);
		buf_consume(&b, 8);
	}
	assert_int_equal(b.cap, 8);
	buf_fini(&b);
}

static void
a_released_buffer_holds_no_memory_and_works(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 64);
	buf_append(&b, "abc", 3);
	buf_consume(&b, 3);
	buf_release(&b);
	assert_null(b.mem);
	assert_non_null(buf_reserve(&b, 0));
	buf_append(&b, "x", 1);
	assert_memory_equal(buf_data(&b), "x", 1);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(what_is_appended_comes_out_in_order),
		cmocka_unit_test(the_maximum_is_reached_and_not_passed),
		cmocka_unit_test(an_error_sticks_until_the_buffer_is_cut_back),
		cmocka_unit_test(a_length_that_wraps_is_refused),
		cmocka_unit_test(consuming_all_makes_all_room_usable_again),
		cmocka_unit_test(a_released_buffer_holds_no_memory_and_works),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
