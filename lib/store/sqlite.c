/* SPDX-License-Identifier: MIT */

/*
 * The store in a file of SQLite's: a table for each shelf, a write-ahead log,
 * one process at a time.  What the values mean is the session's.
 *
 * A file that exists is looked at before SQLite may touch it, and is checked
 * by SQLite before anything is written to it, so that what is not ours, or
 * damaged, stays as it is.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "store/sqlite_lib.h"

#define APPLICATION_ID	0x6d716b73	/* "mqks" */
#define FORMAT		1		/* in user_version */
#define HEAD_SIZE	100		/* of a database file */
#define SQL_MAX		80
#define VALUE_MAX	((size_t)1 << 30)

enum action { PUT, DEL, NEXT, LAST, ACTIONS };

struct file {
	char		*path;
	sqlite3		*db;
	sqlite3_stmt	*stmts[MQK_SHELVES][ACTIONS];
	struct buf	 value;		/* that next() lends */
	struct error	 error;
};

struct shelf {
	const char	*create;
	const char	*actions[ACTIONS];
};

#define SHELF(name) {							\
	.create = "CREATE TABLE " name					\
	    " (key INTEGER PRIMARY KEY, value BLOB NOT NULL)",		\
	.actions = {							\
		[PUT] = "INSERT OR REPLACE INTO " name " VALUES (?1, ?2)", \
		[DEL] = "DELETE FROM " name " WHERE key = ?1",		\
		[NEXT] = "SELECT key, value FROM " name			\
		    " WHERE key > ?1 ORDER BY key LIMIT 1",		\
		[LAST] = "SELECT key, value FROM " name			\
		    " ORDER BY key DESC LIMIT 1",			\
	},								\
}

static const struct shelf shelves[MQK_SHELVES] = {
	[MQK_SHELF_MESSAGES] = SHELF("messages"),
	[MQK_SHELF_STATES] = SHELF("states"),
	[MQK_SHELF_RECEIVED] = SHELF("received"),
	[MQK_SHELF_IDENTITY] = SHELF("identity"),
};

/* ---- failures -------------------------------------------------------- */

static int
failed(struct file *f)
{
	int	 code = sqlite.extended_errcode(f->db);

	if ((code & 0xff) == SQLITE_BUSY)
		return (errf(&f->error, MQK_ESTORE,
		    "%s: in use by another process", f->path));
	if ((code & 0xff) == SQLITE_NOMEM)
		return (errf(&f->error, MQK_ENOMEM, "%s: out of memory",
		    f->path));
	return (errf(&f->error, MQK_ESTORE, "%s: %s", f->path,
	    sqlite.errmsg(f->db)));
}

static int
failed_system(struct file *f)
{
	return (errf(&f->error, MQK_ESTORE, "%s: %s", f->path,
	    strerror(errno)));
}

static const char *
why(void *ctx)
{
	const struct file	*f = ctx;

	return (f->error.text);
}

/* ---- transactions ---------------------------------------------------- */

static int
run(struct file *f, const char *sql)
{
	return (sqlite.exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK ?
	    MQK_OK : failed(f));
}

/* The first change begins one. */
static int
begin(struct file *f)
{
	return (sqlite.get_autocommit(f->db) != 0 ? run(f, "BEGIN IMMEDIATE") :
	    MQK_OK);
}

static int
commit(void *ctx)
{
	struct file	*f = ctx;

	return (sqlite.get_autocommit(f->db) == 0 ? run(f, "COMMIT") :
	    MQK_OK);
}

/* SQLite may have done it already, when the disk was full. */
static void
rollback(void *ctx)
{
	struct file	*f = ctx;

	if (sqlite.get_autocommit(f->db) == 0)
		(void)sqlite.exec(f->db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- shelves --------------------------------------------------------- */

/* The statement for that, with its key; NULL: failed. */
static sqlite3_stmt *
prepare(struct file *f, enum mqk_shelf shelf, enum action action, uint64_t key)
{
	sqlite3_stmt	**stmt = &f->stmts[shelf][action];

	if (*stmt == NULL && sqlite.prepare_v2(f->db,
	    shelves[shelf].actions[action], -1, stmt, NULL) != SQLITE_OK)
		return (NULL);
	if (action != LAST &&
	    sqlite.bind_int64(*stmt, 1, (sqlite3_int64)key) != SQLITE_OK)
		return (NULL);
	return (*stmt);
}

/* Run a statement that changes something. */
static int
change(struct file *f, sqlite3_stmt *stmt)
{
	int	 code;

	if (stmt == NULL)
		return (failed(f));
	code = sqlite.step(stmt);
	if (code != SQLITE_DONE)
		(void)failed(f);
	(void)sqlite.reset(stmt);
	return (code == SQLITE_DONE ? MQK_OK : f->error.code);
}

static int
put(void *ctx, enum mqk_shelf shelf, uint64_t key, struct mqk_bytes value)
{
	struct file	*f = ctx;
	sqlite3_stmt	*stmt;
	int		 err = begin(f);

	if (err < 0)
		return (err);
	stmt = prepare(f, shelf, PUT, key);
	/* NULL would be no value at all. */
	if (stmt != NULL && sqlite.bind_blob64(stmt, 2,
	    value.len > 0 ? value.data : "", value.len, SQLITE_STATIC) !=
	    SQLITE_OK)
		stmt = NULL;
	return (change(f, stmt));
}

static int
del(void *ctx, enum mqk_shelf shelf, uint64_t key)
{
	struct file	*f = ctx;
	int		 err = begin(f);

	return (err < 0 ? err : change(f, prepare(f, shelf, DEL, key)));
}

/* Copied, because an open statement would keep the log from being emptied. */
static int
keep_row(struct file *f, sqlite3_stmt *stmt, uint64_t *key)
{
	const void	*data = sqlite.column_blob(stmt, 1);
	int		 len = sqlite.column_bytes(stmt, 1);

	*key = (uint64_t)sqlite.column_int64(stmt, 0);
	buf_truncate(&f->value, 0);
	buf_append(&f->value, data, data != NULL ? (size_t)len : 0);
	return (f->value.err == 0 ? 1 : errf(&f->error, f->value.err,
	    "%s: out of memory", f->path));
}

/* Run a statement that gives one row or none. */
static int
look(struct file *f, sqlite3_stmt *stmt, uint64_t *key)
{
	int	 code, found = 0;

	if (stmt == NULL)
		return (failed(f));
	code = sqlite.step(stmt);
	if (code == SQLITE_ROW)
		found = keep_row(f, stmt, key);
	else if (code != SQLITE_DONE)
		found = failed(f);
	(void)sqlite.reset(stmt);
	return (found);
}

static int
next(void *ctx, enum mqk_shelf shelf, uint64_t *key, struct mqk_bytes *value)
{
	struct file	*f = ctx;
	int		 found = look(f, prepare(f, shelf, NEXT, *key), key);

	value->data = buf_data(&f->value);
	value->len = buf_len(&f->value);
	return (found);
}

static int
last(void *ctx, enum mqk_shelf shelf, uint64_t *key)
{
	struct file	*f = ctx;

	return (look(f, prepare(f, shelf, LAST, 0), key));
}

/* ---- closing --------------------------------------------------------- */

static void
close_file(void *ctx)
{
	struct file	*f = ctx;

	for (int shelf = 0; shelf < MQK_SHELVES; shelf++)
		for (int action = 0; action < ACTIONS; action++)
			(void)sqlite.finalize(f->stmts[shelf][action]);
	(void)sqlite.close(f->db);
	buf_fini(&f->value);
	free(f->path);
	free(f);
}

/* ---- is it ours? ----------------------------------------------------- */

static uint32_t
number_at(const uint8_t *at)
{
	return ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3]);
}

/* The head of the file, as its format describes it. */
static int
check_head(struct file *f, const uint8_t *head, size_t n)
{
	if (n < HEAD_SIZE || memcmp(head, "SQLite format 3", 16) != 0 ||
	    number_at(head + 68) != APPLICATION_ID)
		return (errf(&f->error, MQK_ESTORE,
		    "%s: not a store of messages, left as it is", f->path));
	if (number_at(head + 60) != FORMAT)
		return (errf(&f->error, MQK_ESTORE,
		    "%s: a store of another version (%u), left as it is",
		    f->path, (unsigned)number_at(head + 60)));
	return (MQK_OK);
}

/* 1: it is empty or new; 0: one of ours. */
static int
examine(struct file *f)
{
	uint8_t		 head[HEAD_SIZE];
	struct stat	 st;
	ssize_t		 n;
	int		 fd;

	fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd == -1)
		return (failed_system(f));
	n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ?
	    read(fd, head, sizeof(head)) : -1;
	close(fd);
	if (n < 0)
		return (errf(&f->error, MQK_ESTORE,
		    "%s: not a regular file that can be read", f->path));
	return (n == 0 ? 1 : check_head(f, head, (size_t)n));
}

/* ---- opening --------------------------------------------------------- */

/*
 * Exclusive locking keeps others out from the first look on, and the log's
 * index in memory.  That the log is not copied to the file when it is closed
 * holds until the file is known to be sound.
 */
static int
lock(struct file *f)
{
	int	 err;

	if (sqlite.open_v2(f->path, &f->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return (f->db != NULL ? failed(f) : errf(&f->error, MQK_ENOMEM,
		    "%s: out of memory", f->path));
	(void)sqlite.db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    NULL);
	err = run(f, "PRAGMA locking_mode = EXCLUSIVE");
	return (err < 0 ? err : run(f, "BEGIN IMMEDIATE"));
}

static int
create(struct file *f)
{
	char	 sql[SQL_MAX];
	int	 err;

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d;"
	    "PRAGMA user_version = %d", APPLICATION_ID, FORMAT);
	err = run(f, sql);
	for (int i = 0; i < MQK_SHELVES && err == MQK_OK; i++)
		err = run(f, shelves[i].create);
	return (err);
}

static int
check(struct file *f)
{
	const unsigned char	*text = NULL;
	sqlite3_stmt		*stmt;
	int			 err = MQK_OK;

	if (sqlite.prepare_v2(f->db, "PRAGMA quick_check(1)", -1, &stmt,
	    NULL) != SQLITE_OK)
		return (failed(f));
	if (sqlite.step(stmt) == SQLITE_ROW)
		text = sqlite.column_text(stmt, 0);
	if (text == NULL || strcmp((const char *)text, "ok") != 0)
		err = errf(&f->error, MQK_ESTORE,
		    "%s: damaged, left as it is", f->path);
	(void)sqlite.finalize(stmt);
	for (int i = 0; i < MQK_SHELVES && err == MQK_OK; i++)
		if (prepare(f, (enum mqk_shelf)i, NEXT, 0) == NULL)
			err = failed(f);
	return (err);
}

static int
prepare_file(struct file *f, const struct mqk_store_options *o)
{
	int	 new = examine(f), err = new;

	if (err >= 0)
		err = lock(f);
	if (err == MQK_OK)
		err = new == 1 ? create(f) : check(f);
	if (err == MQK_OK)
		err = commit(f);
	if (err == MQK_OK)
		err = run(f, "PRAGMA journal_mode = WAL");
	if (err == MQK_OK)
		err = run(f, o->no_power_loss ? "PRAGMA synchronous = NORMAL" :
		    "PRAGMA synchronous = FULL");
	if (err == MQK_OK)
		(void)sqlite.db_config(f->db,
		    SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	else if (f->db != NULL)
		rollback(f);
	return (err);
}

static struct file *
new_file(const char *path)
{
	struct file	*f = calloc(1, sizeof(*f));

	if (f == NULL)
		return (NULL);
	buf_init(&f->value, VALUE_MAX);
	f->path = str_dup(path);
	if (f->path != NULL)
		return (f);
	free(f);
	return (NULL);
}

/* NULL: *e. */
static struct file *
open_file(const char *path, const struct mqk_store_options *o,
    struct error *e)
{
	struct file	*f;

	if (path == NULL) {
		(void)errf(e, MQK_EINVAL, "store: there is no path");
		return (NULL);
	}
	if (sqlite_load(e) < 0)
		return (NULL);
	f = new_file(path);
	if (f == NULL)
		(void)errf(e, MQK_ENOMEM, "%s: out of memory", path);
	else if (prepare_file(f, o) < 0) {
		*e = f->error;
		close_file(f);
		f = NULL;
	}
	return (f);
}

int
mqk_store_sqlite(struct mqk_store *to, const char *path,
    const struct mqk_store_options *options, char *why_not, size_t size)
{
	static const struct mqk_store_options	defaults;
	struct error				e;
	struct file				*f;

	memset(to, 0, sizeof(*to));
	f = open_file(path, options != NULL ? options : &defaults, &e);
	if (f == NULL) {
		if (why_not != NULL)
			snprintf(why_not, size, "%s", e.text);
		return (e.code);
	}
	*to = (struct mqk_store){
		.put = put, .del = del, .next = next, .last = last,
		.commit = commit, .rollback = rollback, .why = why,
		.close = close_file, .ctx = f
	};
	return (MQK_OK);
}
