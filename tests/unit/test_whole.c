/* SPDX-License-Identifier: MIT */

/* Whole files as payloads: in memory, streamed, spooled. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/diag.h"
#include "common/exitcode.h"
#include "common/whole.h"

enum { LARGE = 3 * 1024 * 1024 + 11 };

static uint8_t
byte_at(size_t i)
{
	return ((uint8_t)(i * 7 + i / 251));
}

static void
write_pattern(int fd, size_t len)
{
	uint8_t	block[4096];
	size_t	n;

	for (size_t at = 0; at < len; at += n) {
		n = len - at < sizeof block ? len - at : sizeof block;
		for (size_t i = 0; i < n; i++)
			block[i] = byte_at(at + i);
		assert_int_equal(write(fd, block, n), n);
	}
}

static void
make_file(char *path, size_t len)
{
	int	fd;

	memcpy(path, "/tmp/whole.XXXXXX", sizeof "/tmp/whole.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	write_pattern(fd, len);
	close(fd);
}

/* Read it all, in pieces that fit no block size. */
static void
expect_stream(struct whole *w, size_t len)
{
	uint8_t	piece[70001];
	size_t	at = 0;
	int64_t	n;

	assert_true(w->streamed);
	assert_int_equal(w->source.len, len);
	while (at < len) {
		n = w->source.read(w->source.arg, (uint32_t)at, piece,
		    len - at < sizeof piece ? len - at : sizeof piece);
		assert_true(n > 0);
		for (size_t i = 0; i < (size_t)n; i++)
			assert_int_equal(piece[i], byte_at(at + i));
		at += (size_t)n;
	}
}

static void
a_small_file_is_held_in_memory(void **state)
{
	struct whole	w;
	char		path[32];

	(void)state;
	make_file(path, 5000);
	assert_int_equal(whole_open(&w, path, -1), STATUS_OK);
	assert_false(w.streamed);
	assert_int_equal(w.bytes.len, 5000);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(((const uint8_t *)w.bytes.data)[i],
		    byte_at(i));
	whole_fini(&w);
	unlink(path);
}

static void
an_empty_file_is_an_empty_payload(void **state)
{
	struct whole	w;

	(void)state;
	assert_int_equal(whole_open(&w, "/dev/null", -1), STATUS_OK);
	assert_false(w.streamed);
	assert_int_equal(w.bytes.len, 0);
	whole_fini(&w);
}

static void
a_large_file_is_streamed(void **state)
{
	struct whole	w;
	char		path[32];

	(void)state;
	make_file(path, LARGE);
	assert_int_equal(whole_open(&w, path, -1), STATUS_OK);
	expect_stream(&w, LARGE);
	expect_stream(&w, LARGE);
	whole_fini(&w);
	unlink(path);
}

static void
a_file_that_shrinks_fails(void **state)
{
	struct whole	w;
	char		path[32];
	uint8_t		piece[16];

	(void)state;
	make_file(path, LARGE);
	assert_int_equal(whole_open(&w, path, -1), STATUS_OK);
	assert_int_equal(truncate(path, 1000), 0);
	assert_int_equal(w.source.read(w.source.arg, 990, piece, 16), 10);
	assert_false(w.failed);
	assert_true(w.source.read(w.source.arg, 1000, piece, 16) < 0);
	assert_true(w.failed);
	whole_fini(&w);
	unlink(path);
}

/* The writing end of a pipe with LARGE bytes. */
static void *
write_large(void *arg)
{
	write_pattern(*(int *)arg, LARGE);
	close(*(int *)arg);
	return (NULL);
}

static void
a_large_pipe_is_spooled(void **state)
{
	struct whole	w;
	pthread_t	writer;
	int		fd[2];
	char		path[32];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_large, &fd[1]),
	    0);
	snprintf(path, sizeof path, "/dev/fd/%d", fd[0]);
	assert_int_equal(whole_open(&w, path, -1), STATUS_OK);
	expect_stream(&w, LARGE);
	pthread_join(writer, NULL);
	close(fd[0]);
	whole_fini(&w);
}

static void
standard_input_is_taken_from_where_it_stands(void **state)
{
	struct whole	w;
	char		path[32];
	int		saved = dup(STDIN_FILENO);

	(void)state;
	make_file(path, LARGE);
	assert_non_null(freopen(path, "r", stdin));
	assert_int_equal(lseek(STDIN_FILENO, LARGE - 2, SEEK_SET), LARGE - 2);
	assert_int_equal(whole_open(&w, NULL, -1), STATUS_OK);
	assert_int_equal(w.bytes.len, 2);
	whole_fini(&w);
	lseek(STDIN_FILENO, 1, SEEK_SET);
	assert_int_equal(whole_open(&w, NULL, -1), STATUS_OK);
	assert_int_equal(w.source.len, LARGE - 1);
	whole_fini(&w);
	dup2(saved, STDIN_FILENO);
	close(saved);
	unlink(path);
}

static void
a_pipe_is_left_when_told_to_stop(void **state)
{
	struct whole	w;
	char		path[32];
	int		data[2], stop[2];

	(void)state;
	assert_int_equal(pipe(data), 0);
	assert_int_equal(pipe(stop), 0);
	assert_int_equal(write(stop[1], "", 1), 1);
	snprintf(path, sizeof path, "/dev/fd/%d", data[0]);
	assert_int_equal(whole_open(&w, path, stop[0]), STATUS_INTERRUPTED);
	whole_fini(&w);
	for (int i = 0; i < 2; i++) {
		close(data[i]);
		close(stop[i]);
	}
}

static void
what_cannot_be_read_is_an_input_error(void **state)
{
	struct whole	w;

	(void)state;
	assert_int_equal(whole_open(&w, "/nonexistent", -1), STATUS_INPUT);
	whole_fini(&w);
	assert_int_equal(whole_open(&w, "/", -1), STATUS_INPUT);
	whole_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(a_small_file_is_held_in_memory),
		cmocka_unit_test(an_empty_file_is_an_empty_payload),
		cmocka_unit_test(a_large_file_is_streamed),
		cmocka_unit_test(a_file_that_shrinks_fails),
		cmocka_unit_test(a_large_pipe_is_spooled),
		cmocka_unit_test(standard_input_is_taken_from_where_it_stands),
		cmocka_unit_test(a_pipe_is_left_when_told_to_stop),
		cmocka_unit_test(what_cannot_be_read_is_an_input_error)
	};

	diag_set_quiet(true);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
