/* SPDX-License-Identifier: MIT */

/* Lines: any bytes, any length, any way they are split by read(2). */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/input.h"

enum { NO_LIMIT = 268435455 };

/* An input whose data the test writes. */
struct feed {
	struct input	 in;
	int		 to;
	int		 from;
};

static void
feed_open(struct feed *f, size_t max)
{
	int	fd[2];

	assert_int_equal(pipe(fd), 0);
	f->from = fd[0];
	f->to = fd[1];
	input_init(&f->in, f->from, max);
}

static void
feed_write(struct feed *f, const void *p, size_t len)
{
	assert_int_equal(write(f->to, p, len), len);
	assert_int_equal(input_fill(&f->in), MQK_OK);
}

static void
feed_end(struct feed *f)
{
	close(f->to);
	assert_int_equal(input_fill(&f->in), MQK_OK);
	assert_true(f->in.ended);
}

static void
feed_close(struct feed *f)
{
	close(f->from);
	input_fini(&f->in);
}

static void
expect(struct feed *f, const char *bytes, size_t len)
{
	struct mqk_bytes	record;

	assert_true(input_peek(&f->in, &record, 1));
	assert_int_equal(record.len, len);
	if (len != 0)
		assert_memory_equal(record.data, bytes, len);
	input_take(&f->in, &record, 1);
}

static void
expect_none(struct feed *f)
{
	struct mqk_bytes	record;

	assert_false(input_peek(&f->in, &record, 1));
}

static void
nul_and_carriage_return_are_data(void **state)
{
	struct feed	f;

	(void)state;
	feed_open(&f, NO_LIMIT);
	feed_write(&f, "a\0b\r\n\0\n", 7);
	expect(&f, "a\0b\r", 4);
	expect(&f, "\0", 1);
	expect_none(&f);
	feed_end(&f);
	expect_none(&f);
	feed_close(&f);
}

static void
empty_lines_are_records(void **state)
{
	struct feed	f;

	(void)state;
	feed_open(&f, NO_LIMIT);
	feed_write(&f, "\n\nx\n", 4);
	expect(&f, "", 0);
	expect(&f, "", 0);
	expect(&f, "x", 1);
	feed_end(&f);
	expect_none(&f);
	assert_int_equal(f.in.taken, 3);
	feed_close(&f);
}

static void
last_line_needs_no_newline(void **state)
{
	struct feed	f;

	(void)state;
	feed_open(&f, NO_LIMIT);
	feed_write(&f, "one\ntwo", 7);
	expect(&f, "one", 3);
	expect_none(&f);
	feed_end(&f);
	expect(&f, "two", 3);
	expect_none(&f);
	feed_close(&f);
}

static void
a_record_stays_until_it_is_taken(void **state)
{
	struct feed		f;
	struct mqk_bytes	record;

	(void)state;
	feed_open(&f, NO_LIMIT);
	feed_write(&f, "one\ntwo\n", 8);
	for (int i = 0; i < 3; i++) {
		assert_true(input_peek(&f.in, &record, 1));
		assert_int_equal(record.len, 3);
		assert_memory_equal(record.data, "one", 3);
	}
	input_take(&f.in, &record, 1);
	expect(&f, "two", 3);
	close(f.to);
	feed_close(&f);
}

static void
many_records_are_shown_at_once(void **state)
{
	struct feed		f;
	struct mqk_bytes	r[3];

	(void)state;
	feed_open(&f, NO_LIMIT);
	feed_write(&f, "one\ntwo\nthree\nfour\nfi", 21);
	assert_int_equal(input_peek(&f.in, r, 3), 3);
	assert_memory_equal(r[2].data, "three", r[2].len);
	input_take(&f.in, r, 2);
	assert_int_equal(input_peek(&f.in, r, 3), 2);
	assert_memory_equal(r[0].data, "three", r[0].len);
	assert_memory_equal(r[1].data, "four", r[1].len);
	input_take(&f.in, r, 2);
	assert_int_equal(input_peek(&f.in, r, 3), 0);
	feed_write(&f, "ve\nsix", 6);
	feed_end(&f);
	assert_int_equal(input_peek(&f.in, r, 3), 2);
	assert_int_equal(r[0].len, 4);
	assert_memory_equal(r[0].data, "five", 4);
	assert_int_equal(r[1].len, 3);
	assert_memory_equal(r[1].data, "six", 3);
	input_take(&f.in, r, 2);
	expect_none(&f);
	assert_int_equal(f.in.taken, 6);
	feed_close(&f);
}

static void
every_split_gives_the_same_records(void **state)
{
	static const char	text[] = "ab\n\ncdef\n\0\ng";
	const size_t		len = sizeof text - 1;

	(void)state;
	for (size_t cut = 1; cut < len; cut++) {
		struct feed	f;
		struct mqk_bytes record;
		char		got[64];
		size_t		n = 0;

		feed_open(&f, NO_LIMIT);
		for (int part = 0; part < 3; part++) {
			if (part == 0)
				feed_write(&f, text, cut);
			else if (part == 1)
				feed_write(&f, text + cut, len - cut);
			else
				feed_end(&f);
			while (input_peek(&f.in, &record, 1)) {
				memcpy(got + n, record.data, record.len);
				n += record.len;
				got[n++] = '|';
				input_take(&f.in, &record, 1);
			}
		}
		assert_int_equal(n, 13);
		assert_memory_equal(got, "ab||cdef|\0|g|", n);
		feed_close(&f);
	}
}

static void
a_line_longer_than_the_block_grows_the_buffer(void **state)
{
	const size_t		 len = 3 * 1024 * 1024 + 7;
	FILE			*file = tmpfile();
	uint8_t			*long_line = malloc(len);
	struct input		 in;
	struct mqk_bytes	 record;

	(void)state;
	assert_non_null(file);
	assert_non_null(long_line);
	for (size_t i = 0; i < len; i++)
		long_line[i] = (uint8_t)(i % 251 == 10 ? 0 : i % 251);
	fwrite(long_line, 1, len, file);
	fwrite("\nshort\n", 1, 7, file);
	rewind(file);
	input_init(&in, fileno(file), NO_LIMIT);
	while (!input_peek(&in, &record, 1)) {
		assert_false(in.ended);
		assert_int_equal(input_fill(&in), MQK_OK);
	}
	assert_int_equal(record.len, len);
	assert_memory_equal(record.data, long_line, len);
	input_take(&in, &record, 1);
	while (!input_peek(&in, &record, 1))
		assert_int_equal(input_fill(&in), MQK_OK);
	assert_int_equal(record.len, 5);
	input_take(&in, &record, 1);
	assert_int_equal(input_fill(&in), MQK_OK);
	assert_true(in.ended);
	assert_true(in.cap < len);
	input_fini(&in);
	free(long_line);
	fclose(file);
}

static void
a_line_over_the_limit_is_refused(void **state)
{
	struct feed	f;

	(void)state;
	feed_open(&f, 4);
	feed_write(&f, "1234\n12345", 10);
	expect(&f, "1234", 4);
	expect_none(&f);
	assert_int_equal(input_fill(&f.in), MQK_ETOOBIG);
	close(f.to);
	feed_close(&f);
}

static void
a_read_error_is_reported(void **state)
{
	struct input	in;

	(void)state;
	input_init(&in, -1, NO_LIMIT);
	assert_int_equal(input_fill(&in), MQK_EIO);
	assert_int_equal(errno, EBADF);
	input_fini(&in);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(nul_and_carriage_return_are_data),
		cmocka_unit_test(empty_lines_are_records),
		cmocka_unit_test(last_line_needs_no_newline),
		cmocka_unit_test(a_record_stays_until_it_is_taken),
		cmocka_unit_test(many_records_are_shown_at_once),
		cmocka_unit_test(every_split_gives_the_same_records),
		cmocka_unit_test(a_line_longer_than_the_block_grows_the_buffer),
		cmocka_unit_test(a_line_over_the_limit_is_refused),
		cmocka_unit_test(a_read_error_is_reported)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
