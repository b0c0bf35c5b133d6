/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>

#include "codec/wire.h"

static const struct {
	uint32_t	 value;
	const char	*bytes;
} varints[] = {
	{ 0, "00" }, { 127, "7f" }, { 128, "8001" }, { 16383, "ff7f" },
	{ 16384, "808001" }, { 2097151, "ffff7f" }, { 2097152, "80808001" },
	{ 268435455, "ffffff7f" },
};

static void
varints_at_every_edge_go_both_ways(void **state)
{
	uint8_t		 out[4], *at;
	struct rd	 r;
	size_t		 n;

	(void)state;
	for (size_t i = 0; i < N(varints); i++) {
		at = bytes_of(varints[i].bytes, &n);
		assert_int_equal(varint_len(varints[i].value), n);
		assert_int_equal(wr_varint(out, varints[i].value) - out, n);
		assert_memory_equal(out, at, n);
		r = (struct rd){ at, at + n, false };
		assert_int_equal(rd_varint(&r), varints[i].value);
		assert_false(r.bad);
		assert_int_equal(rd_left(&r), 0);
		free(at);
	}
}

static void
varints_cut_too_long_or_not_shortest_are_bad(void **state)
{
	static const char *const	 bad[] = {
		"", "80", "ffff", "ffffff", "ffffffff7f", "8080808001",
		"8000", "ff00", "808000", "80808000",
	};
	struct rd			 r;
	uint8_t				*at;
	size_t				 n;

	(void)state;
	for (size_t i = 0; i < N(bad); i++) {
		at = bytes_of(bad[i], &n);
		r = (struct rd){ at, at + n, false };
		(void)rd_varint(&r);
		assert_true(r.bad);
		free(at);
	}
}

static void
reading_past_the_end_gives_zero_and_sticks(void **state)
{
	static const uint8_t	 bytes[] = { 0xff, 0xff, 0xff };
	struct rd		 r = { bytes, bytes + 3, false };

	(void)state;
	assert_int_equal(rd_u32(&r), 0xffff0000);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(rd_u16(&r), 0);
	assert_int_equal(rd_bytes(&r).len, 0);
	assert_true(r.bad);
}

static void
a_string_longer_than_what_is_left_is_empty(void **state)
{
	static const uint8_t	 bytes[] = { 0, 4, 'a', 'b', 'c' };
	struct rd		 r = { bytes, bytes + 5, false };

	(void)state;
	assert_int_equal(rd_bytes(&r).len, 0);
	assert_true(r.bad);
}

static void
numbers_are_big_endian(void **state)
{
	uint8_t		 out[6];
	struct rd	 r = { out, out + 6, false };

	(void)state;
	wr_u32(wr_u16(out, 0x0102), 0x03040506);
	assert_memory_equal(out, "\1\2\3\4\5\6", 6);
	assert_int_equal(rd_u16(&r), 0x0102);
	assert_int_equal(rd_u32(&r), 0x03040506);
	assert_false(r.bad);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(varints_at_every_edge_go_both_ways),
		cmocka_unit_test(varints_cut_too_long_or_not_shortest_are_bad),
		cmocka_unit_test(reading_past_the_end_gives_zero_and_sticks),
		cmocka_unit_test(a_string_longer_than_what_is_left_is_empty),
		cmocka_unit_test(numbers_are_big_endian),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
