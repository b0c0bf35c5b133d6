/* SPDX-License-Identifier: MIT */

/* The store in a file: what it keeps, and what it refuses to touch. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/fixture.h"

#define PATH_SIZE	128
#define PAGE		4096

struct place {
	char		 dir[PATH_SIZE];
	char		 path[PATH_SIZE + 16];
	struct mqk_store store;
};

static const struct mqk_store_options quick = { .no_power_loss = true };

static void
open_store(struct place *p)
{
	char	 why[256] = "";

	if (mqk_store_sqlite(&p->store, p->path, &quick, why, sizeof(why)) < 0)
		fail_msg("%s", why);
}

static void
close_store(struct place *p)
{
	p->store.close(p->store.ctx);
}

static void
put_text(struct place *p, enum mqk_shelf shelf, uint64_t key, const char *text)
{
	assert_int_equal(p->store.put(p->store.ctx, shelf, key,
	    text_bytes(text)), 0);
}

/* The first entry behind that key is this one. */
static void
assert_next(struct place *p, uint64_t behind, uint64_t key, const char *text)
{
	struct mqk_bytes	 value;

	assert_int_equal(p->store.next(p->store.ctx, MQK_SHELF_MESSAGES,
	    &behind, &value), 1);
	assert_int_equal(behind, key);
	assert_int_equal(value.len, strlen(text));
	assert_memory_equal(value.data, text, value.len);
}

static void
assert_none(struct place *p, enum mqk_shelf shelf, uint64_t behind)
{
	struct mqk_bytes	 value;

	assert_int_equal(p->store.next(p->store.ctx, shelf, &behind, &value),
	    0);
}

static int
set_up(void **state)
{
	struct place	*p = calloc(1, sizeof(*p));
	const char	*tmp = getenv("TMPDIR");

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "%s/mqk-store-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/s", p->dir);
	*state = p;
	return (0);
}

static int
tear_down(void **state)
{
	static const char *const names[] = {
		"s", "s-wal", "s-journal", "s-shm", "t", "t-wal"
	};
	struct place	*p = *state;
	char		 path[PATH_SIZE + 16];

	for (size_t i = 0; i < N(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->dir, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(p->dir), 0);
	free(p);
	return (0);
}

/* ---- what it keeps --------------------------------------------------- */

static void
test_keeps_what_is_committed(void **state)
{
	struct place	*p = *state;
	struct stat	 st;
	uint64_t	 key = 0;

	open_store(p);
	put_text(p, MQK_SHELF_MESSAGES, 7, "seven");
	put_text(p, MQK_SHELF_MESSAGES, 5, "");
	put_text(p, MQK_SHELF_STATES, 5, "five");
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	put_text(p, MQK_SHELF_MESSAGES, 9, "not committed");
	close_store(p);

	open_store(p);
	assert_next(p, 0, 5, "");
	assert_next(p, 5, 7, "seven");
	assert_none(p, MQK_SHELF_MESSAGES, 7);
	assert_none(p, MQK_SHELF_RECEIVED, 0);
	assert_int_equal(p->store.last(p->store.ctx, MQK_SHELF_MESSAGES,
	    &key), 1);
	assert_int_equal(key, 7);
	assert_int_equal(p->store.last(p->store.ctx, MQK_SHELF_RECEIVED,
	    &key), 0);
	close_store(p);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
test_takes_back(void **state)
{
	struct place	*p = *state;

	open_store(p);
	put_text(p, MQK_SHELF_MESSAGES, 1, "one");
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	put_text(p, MQK_SHELF_MESSAGES, 1, "other");
	assert_int_equal(p->store.del(p->store.ctx, MQK_SHELF_MESSAGES, 2), 0);
	assert_next(p, 0, 1, "other");
	p->store.rollback(p->store.ctx);
	p->store.rollback(p->store.ctx);
	assert_next(p, 0, 1, "one");
	assert_int_equal(p->store.del(p->store.ctx, MQK_SHELF_MESSAGES, 1), 0);
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	assert_none(p, MQK_SHELF_MESSAGES, 0);
	close_store(p);
}

/* ---- what it refuses ------------------------------------------------- */

static uint8_t *
read_file(const char *path, size_t *len)
{
	struct stat	 st;
	uint8_t		*mem;
	int		 fd = open(path, O_RDONLY);

	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	mem = malloc(*len + 1);
	assert_non_null(mem);
	assert_int_equal(read(fd, mem, *len), (ssize_t)*len);
	close(fd);
	return (mem);
}

static void
write_file(const char *path, const void *data, size_t len)
{
	int	 fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	close(fd);
}

/* It is refused with that word, and stays as it is. */
static void
assert_refused(struct place *p, const char *word)
{
	char	 why[256] = "";
	size_t	 len, after;
	uint8_t	*before = read_file(p->path, &len), *now;
	int	 err;

	err = mqk_store_sqlite(&p->store, p->path, &quick, why, sizeof(why));
	if (err != MQK_ESTORE || strstr(why, word) == NULL)
		fail_msg("%d: %s", err, why);
	now = read_file(p->path, &after);
	assert_int_equal(after, len);
	assert_memory_equal(before, now, len);
	free(before);
	free(now);
}

static void
test_foreign_files(void **state)
{
	static const char	 text[] = "a text, and no database\n";
	struct place		*p = *state;
	uint8_t			*mem;
	size_t			 len;

	write_file(p->path, text, sizeof(text));
	assert_refused(p, "not a store");
	unlink(p->path);

	open_store(p);
	close_store(p);
	mem = read_file(p->path, &len);
	mem[60 + 3]++;
	write_file(p->path, mem, len);
	assert_refused(p, "another version (2)");
	mem[60 + 3]--;
	mem[68]++;
	write_file(p->path, mem, len);
	assert_refused(p, "not a store");
	mem[68]--;
	write_file(p->path, mem, 99);
	assert_refused(p, "not a store");
	write_file(p->path, mem, len);
	free(mem);
	open_store(p);
	close_store(p);
}

static void
test_no_file(void **state)
{
	struct place		*p = *state;
	struct mqk_store	 store;
	char			 why[256];

	assert_int_equal(mqk_store_sqlite(&store, p->dir, NULL, why,
	    sizeof(why)), MQK_ESTORE);
	assert_int_equal(mqk_store_sqlite(&store, NULL, NULL, why,
	    sizeof(why)), MQK_EINVAL);
	assert_string_equal(why, "store: there is no path");
	assert_int_equal(mqk_store_sqlite(&store, "/nowhere/at/all", NULL,
	    why, sizeof(why)), MQK_ESTORE);
	assert_non_null(strstr(why, "/nowhere/at/all: No such file"));
}

static void
test_in_use(void **state)
{
	struct place	*p = *state;
	char		 why[256];
	struct mqk_store other;
	int		 status;
	pid_t		 pid;

	open_store(p);
	put_text(p, MQK_SHELF_MESSAGES, 1, "one");
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		status = mqk_store_sqlite(&other, p->path, NULL, why,
		    sizeof(why));
		_exit(status == MQK_ESTORE &&
		    strstr(why, "in use by another process") != NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_next(p, 0, 1, "one");
	close_store(p);
}

/* Enough for pages of every kind. */
static void
fill(struct place *p)
{
	char	 text[600];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (uint64_t key = 1; key <= 40; key++)
		put_text(p, MQK_SHELF_MESSAGES, key, text);
	put_text(p, MQK_SHELF_RECEIVED, 1, "r");
	assert_int_equal(p->store.commit(p->store.ctx), 0);
}

/* The head of every page broken, one after the other. */
static void
test_damaged_pages(void **state)
{
	struct place	*p = *state;
	uint8_t		*mem, saved[16];
	size_t		 len, at;

	open_store(p);
	fill(p);
	close_store(p);
	mem = read_file(p->path, &len);
	assert_true(len >= 8 * PAGE && len % PAGE == 0);
	for (size_t page = 0; page < len; page += PAGE) {
		at = page == 0 ? 100 : page;
		memcpy(saved, mem + at, sizeof(saved));
		memset(mem + at, 0x5a, sizeof(saved));
		write_file(p->path, mem, len);
		assert_refused(p, p->path);
		memcpy(mem + at, saved, sizeof(saved));
	}
	write_file(p->path, mem, len - PAGE);
	assert_refused(p, p->path);
	free(mem);
}

/*
 * The disk is full: the failure is told, what was there stays, and it goes on
 * when there is room.
 */
static void
test_full_disk(void **state)
{
	struct sigaction	 ignore = { .sa_handler = SIG_IGN };
	struct place		*p = *state;
	struct rlimit		 old, small;
	uint64_t		 key = 1;
	int			 err = MQK_OK;

	assert_int_equal(sigaction(SIGXFSZ, &ignore, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 40 * PAGE;
	open_store(p);
	put_text(p, MQK_SHELF_MESSAGES, key, "first");
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (err == MQK_OK && key < 1000) {
		err = p->store.put(p->store.ctx, MQK_SHELF_MESSAGES, ++key,
		    text_bytes("another"));
		if (err == MQK_OK)
			err = p->store.commit(p->store.ctx);
	}
	p->store.rollback(p->store.ctx);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(err, MQK_ESTORE);
	assert_non_null(strstr(p->store.why(p->store.ctx), p->path));
	assert_next(p, 0, 1, "first");
	assert_next(p, key - 2, key - 1, "another");
	assert_none(p, MQK_SHELF_MESSAGES, key - 1);
	put_text(p, MQK_SHELF_MESSAGES, key, "another");
	assert_int_equal(p->store.commit(p->store.ctx), 0);
	close_store(p);
	open_store(p);
	assert_next(p, key - 1, key, "another");
	close_store(p);
}

/*
 * Power fails: the log ends anywhere.  What was committed before its last
 * whole transaction is there, in order, and nothing else.
 */
static void
test_log_cut_anywhere(void **state)
{
	struct place	*p = *state;
	char		 wal[PATH_SIZE + 32], path[PATH_SIZE + 16];
	char		 other[PATH_SIZE + 16], other_wal[PATH_SIZE + 32];
	struct mqk_bytes value;
	uint8_t		*mem, *log;
	size_t		 len, log_len;
	uint64_t	 key, n, most = 0;

	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	snprintf(other, sizeof(other), "%s/t", p->dir);
	snprintf(other_wal, sizeof(other_wal), "%s/t-wal", p->dir);
	open_store(p);
	for (key = 1; key <= 20; key++) {
		put_text(p, MQK_SHELF_MESSAGES, key, "message");
		assert_int_equal(p->store.commit(p->store.ctx), 0);
	}
	mem = read_file(p->path, &len);
	log = read_file(wal, &log_len);
	close_store(p);
	assert_true(log_len > 20 * PAGE);

	memcpy(path, p->path, sizeof(path));
	memcpy(p->path, other, sizeof(path));
	for (size_t cut = 0; cut <= log_len; cut += 997) {
		write_file(other, mem, len);
		write_file(other_wal, log, cut);
		open_store(p);
		for (key = 0, n = 0; p->store.next(p->store.ctx,
		    MQK_SHELF_MESSAGES, &key, &value) == 1; n++)
			assert_int_equal(key, n + 1);
		assert_true(n >= most);
		most = n;
		close_store(p);
	}
	assert_in_range(most, 19, 20);
	memcpy(p->path, path, sizeof(path));
	free(mem);
	free(log);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(test_keeps_what_is_committed),
		T(test_takes_back),
		T(test_foreign_files),
		T(test_no_file),
		T(test_in_use),
		T(test_damaged_pages),
		T(test_full_disk),
		T(test_log_cut_anywhere),
#undef T
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
