/* SPDX-License-Identifier: MIT */

#include "store/sqlite_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/compat.h"

struct sqlite_lib sqlite;

static const char *const names[] = {
#define FN(name) "sqlite3_" #name,
#include "store/sqlite.def"
#undef FN
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

_Static_assert(sizeof(struct sqlite_lib) == N_NAMES * sizeof(void *),
    "the table must hold nothing but pointers");

static const char *const files[] = { SQLITE_NAMES, NULL };

static pthread_once_t	 once = PTHREAD_ONCE_INIT;
static struct error	 failure;	/* of the one attempt */

static int
fill(void)
{
	void	*lib = NULL, *fn;

	for (size_t i = 0; files[i] != NULL && lib == NULL; i++)
		lib = dlopen(files[i], RTLD_NOW);
	if (lib == NULL)
		return (errf(&failure, MQK_ENOTSUP,
		    "a store needs SQLite, which can't be loaded: %s",
		    dlerror()));
	for (size_t i = 0; i < N_NAMES; i++) {
		fn = dlsym(lib, names[i]);
		if (fn == NULL)
			return (errf(&failure, MQK_ENOTSUP,
			    "this SQLite has no %s()", names[i]));
		memcpy((char *)&sqlite + i * sizeof(fn), &fn, sizeof(fn));
	}
	return (MQK_OK);
}

static void
load(void)
{
	failure.code = fill();
}

int
sqlite_load(struct error *e)
{
	pthread_once(&once, load);
	if (failure.code < 0)
		*e = failure;
	return (failure.code);
}
