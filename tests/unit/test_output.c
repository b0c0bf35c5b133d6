/* SPDX-License-Identifier: MIT */

/* Standard output that is full, slow, closed or a file. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mqsub/output.h"

enum { LARGE = 1024 * 1024 };

/* Standard output is a pipe; the test holds the other end. */
struct reader {
	struct output	 output;
	int		 from;
	int		 saved;
};

static void
reader_open(struct reader *r)
{
	int	fd[2];

	assert_int_equal(pipe(fd), 0);
	r->saved = dup(STDOUT_FILENO);
	dup2(fd[1], STDOUT_FILENO);
	close(fd[1]);
	r->from = fd[0];
	assert_int_equal(output_open(&r->output), MQK_OK);
}

static void
reader_close(struct reader *r)
{
	output_close(&r->output);
	dup2(r->saved, STDOUT_FILENO);
	close(r->saved);
	if (r->from >= 0)
		close(r->from);
}

static void
append_pattern(struct output *o, size_t len)
{
	for (size_t i = 0; i < len; i++)
		outbuf_char(&o->buf, (char)(i % 251));
}

static void
look(struct output *o, int timeout_ms)
{
	struct pollfd	pfd = { o->fd, output_poll_events(o), 0 };

	poll(&pfd, 1, timeout_ms);
	output_polled(o, pfd.revents);
}

/* Read what is there, and check it; at is where the pattern stands. */
static size_t
read_some(struct reader *r, size_t at)
{
	uint8_t	block[10000];
	ssize_t	n = read(r->from, block, sizeof block);

	assert_true(n > 0);
	for (size_t i = 0; i < (size_t)n; i++)
		assert_int_equal(block[i], (at + i) % 251);
	return ((size_t)n);
}

static void
write_through_a_slow_reader(struct reader *r)
{
	size_t	got = 0;
	bool	was_blocked = false;

	append_pattern(&r->output, LARGE);
	while (!output_flush(&r->output)) {
		assert_true(r->output.blocked);
		was_blocked = true;
		got += read_some(r, got);
		look(&r->output, 1000);
		assert_false(output_is_dead(&r->output));
	}
	while (got < LARGE)
		got += read_some(r, got);
	assert_true(was_blocked);
}

static void
a_full_pipe_blocks_and_goes_on(void **state)
{
	struct reader	r;

	(void)state;
	reader_open(&r);
	write_through_a_slow_reader(&r);
	reader_close(&r);
}

/* As where a descriptor can't be opened anew. */
static void
a_full_pipe_never_makes_write_wait(void **state)
{
	struct reader	r;

	(void)state;
	reader_open(&r);
	if (r.output.own_fd)
		close(r.output.fd);
	r.output.fd = STDOUT_FILENO;
	r.output.own_fd = false;
	r.output.ask_first = true;
	r.output.at_once = 4096;
	write_through_a_slow_reader(&r);
	reader_close(&r);
}

static void
flags_of_the_shared_descriptor_stay(void **state)
{
	struct reader	r;
	int		flags;

	(void)state;
	reader_open(&r);
	flags = fcntl(STDOUT_FILENO, F_GETFL);
	reader_close(&r);
	assert_int_equal(flags & O_NONBLOCK, 0);
}

static void
a_reader_that_leaves_is_noticed_without_writing(void **state)
{
	struct reader	r;

	(void)state;
	reader_open(&r);
	close(r.from);
	r.from = -1;
	look(&r.output, 1000);
	assert_true(r.output.closed);
	reader_close(&r);
}

static void
writing_to_a_reader_that_left_is_no_error(void **state)
{
	struct reader	r;

	(void)state;
	reader_open(&r);
	close(r.from);
	r.from = -1;
	append_pattern(&r.output, 10);
	assert_false(output_flush(&r.output));
	assert_true(r.output.closed);
	assert_int_equal(r.output.error, 0);
	reader_close(&r);
}

static void
a_full_disk_is_an_error(void **state)
{
	struct reader	r;
	int		full = open("/dev/full", O_WRONLY);

	(void)state;
	if (full < 0)
		skip();
	reader_open(&r);
	output_close(&r.output);
	dup2(full, STDOUT_FILENO);
	close(full);
	assert_int_equal(output_open(&r.output), MQK_OK);
	append_pattern(&r.output, 10);
	assert_false(output_flush(&r.output));
	assert_int_equal(r.output.error, ENOSPC);
	assert_false(r.output.closed);
	reader_close(&r);
}

static void
a_large_message_does_not_keep_its_memory(void **state)
{
	struct reader	r;
	int		null = open("/dev/null", O_WRONLY);

	(void)state;
	reader_open(&r);
	output_close(&r.output);
	dup2(null, STDOUT_FILENO);
	close(null);
	assert_int_equal(output_open(&r.output), MQK_OK);
	append_pattern(&r.output, 4 * LARGE);
	assert_true(output_flush(&r.output));
	assert_true(r.output.buf.cap <= LARGE);
	reader_close(&r);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(a_full_pipe_blocks_and_goes_on),
		cmocka_unit_test(a_full_pipe_never_makes_write_wait),
		cmocka_unit_test(flags_of_the_shared_descriptor_stay),
		cmocka_unit_test(
		    a_reader_that_leaves_is_noticed_without_writing),
		cmocka_unit_test(writing_to_a_reader_that_left_is_no_error),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_large_message_does_not_keep_its_memory)
	};
	struct sigaction	ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, NULL);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
