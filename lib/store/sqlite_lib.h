/* SPDX-License-Identifier: MIT */

/*
 * SQLite through a table of functions that is filled when a store is first
 * opened: who has none must not wait for the loader.
 */

#ifndef STORE_SQLITE_LIB_H
#define STORE_SQLITE_LIB_H

#include <sqlite3.h>

#include "base/error.h"
#include "mqk.h"

struct sqlite_lib {
#define FN(name)	__typeof__(sqlite3_##name) *name;
#include "store/sqlite.def"
#undef FN
};

extern struct sqlite_lib sqlite;

/* Fill the table; costs nothing when it is filled.  MQK_ENOTSUP. */
MQK_USE int sqlite_load(struct error *);

#endif
