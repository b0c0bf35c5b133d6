/* SPDX-License-Identifier: MIT */

/*
 * Files that are, or pretend to be, a store.  One that is refused is left as
 * it was, one that is taken can be read, changed and closed; and nothing else
 * appears in its place.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/must.h"
#include "mqk.h"

#define ROWS_MAX	1000	/* a damaged index may go round */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char	 folder[] = "/tmp/fuzz_sqlite.XXXXXX";
static char	 path[64];

static void
remove_all(void)
{
	static const char *const tails[] = { "", "-wal", "-journal", "-shm" };
	char			 name[80];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}

static void
remove_folder(void)
{
	remove_all();
	(void)rmdir(folder);
}

static void
write_file(const uint8_t *at, size_t n)
{
	int	 fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(fd != -1 && write(fd, at, n) == (ssize_t)n);
	close(fd);
}

static bool
is_as_it_was(const uint8_t *at, size_t n)
{
	uint8_t	*now = malloc(n + 1);
	int	 fd = open(path, O_RDONLY);
	bool	 same;

	must(now != NULL && fd != -1);
	same = read(fd, now, n + 1) == (ssize_t)n &&
	    (n == 0 || memcmp(now, at, n) == 0);
	close(fd);
	free(now);
	return (same);
}

static void
use(const struct mqk_store *s)
{
	struct mqk_bytes	 value;
	uint64_t		 key;
	int			 found;

	for (int shelf = 0; shelf < MQK_SHELVES; shelf++) {
		key = 0;
		for (int i = 0; i < ROWS_MAX; i++) {
			found = s->next(s->ctx, (enum mqk_shelf)shelf, &key,
			    &value);
			must(found < 0 || value.data != NULL ||
			    value.len == 0);
			if (found <= 0)
				break;
		}
		found = s->last(s->ctx, (enum mqk_shelf)shelf, &key);
		if (found >= 0)
			found = s->put(s->ctx, (enum mqk_shelf)shelf, 7,
			    (struct mqk_bytes){ "value", 5 });
		if (found >= 0)
			found = s->commit(s->ctx);
		if (found < 0)
			s->rollback(s->ctx);
		must(s->why(s->ctx) != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	const struct mqk_store_options	 o = { .no_power_loss = true };
	struct mqk_store		 s;
	char				 text[200] = "";
	int				 err;

	if (path[0] == '\0') {
		must(mkdtemp(folder) != NULL && atexit(remove_folder) == 0);
		snprintf(path, sizeof(path), "%s/store", folder);
	}
	write_file(at, n);
	err = mqk_store_sqlite(&s, path, &o, text, sizeof(text));
	must(err == MQK_OK || err == MQK_ESTORE);
	if (err == MQK_OK) {
		use(&s);
		s.close(s.ctx);
	} else {
		must(text[0] != '\0' && is_as_it_was(at, n));
	}
	remove_all();
	return (0);
}
