/* SPDX-License-Identifier: MIT */

#include "transport/ws_lib.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/compat.h"

struct ws_lib wslay;

static const char *const names[] = {
#define FN(name) "wslay_" #name,
#include "transport/ws_lib.def"
#undef FN
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

_Static_assert(sizeof(struct ws_lib) == (N_NAMES + 1) * sizeof(void *),
    "the table must hold nothing but pointers");

/* Any of these will do: SHA1() is older than all of them. */
static const char *const wslay_files[] = { WSLAY_NAMES, NULL };
static const char *const crypto_files[] = { LIBCRYPTO_NAMES, NULL };

static pthread_once_t	 once = PTHREAD_ONCE_INIT;
static struct error	 failure;	/* of the one attempt */

static void *
open_one(const char *const *files)
{
	void	*lib = NULL;

	for (; *files != NULL && lib == NULL; files++)
		lib = dlopen(*files, RTLD_NOW);
	return (lib);
}

/* The i-th pointer of the table. */
static int
find(void *lib, const char *name, size_t i)
{
	void	*fn = dlsym(lib, name);

	if (fn == NULL)
		return (errf(&failure, MQK_ENOTSUP,
		    "WebSocket: there is no %s()", name));
	memcpy((char *)&wslay + i * sizeof(fn), &fn, sizeof(fn));
	return (MQK_OK);
}

static int
fill(void)
{
	void	*frames = open_one(wslay_files);
	void	*crypto = open_one(crypto_files);
	int	 err = MQK_OK;

	if (frames == NULL || crypto == NULL)
		return (errf(&failure, MQK_ENOTSUP,
		    "WebSocket needs %s, which can't be loaded",
		    frames == NULL ? "wslay" : "OpenSSL's libcrypto"));
	for (size_t i = 0; i < N_NAMES && err == MQK_OK; i++)
		err = find(frames, names[i], i);
	return (err < 0 ? err : find(crypto, "SHA1", N_NAMES));
}

static void
load(void)
{
	failure.code = fill();
}

int
ws_lib_load(struct error *e)
{
	pthread_once(&once, load);
	if (failure.code < 0)
		*e = failure;
	return (failure.code);
}
