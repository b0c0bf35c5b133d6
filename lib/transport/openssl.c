/* SPDX-License-Identifier: MIT */

/*
 * Finding OpenSSL at run time.  The libraries stay loaded for good, for they
 * register clean-up code with the C library.
 */

#include "transport/openssl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/compat.h"

struct openssl ossl;

static const char *const names[] = {
#define FN(name) #name,
#include "transport/openssl.def"
#undef FN
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

_Static_assert(sizeof(struct openssl) == N_NAMES * sizeof(void *),
    "the table must hold nothing but pointers");

static pthread_once_t	 once = PTHREAD_ONCE_INIT;
static struct error	 failure;	/* of the one attempt */

/* libssl brings libcrypto along, and dlsym() looks there too. */
static int
fill(void)
{
	void	*lib, *fn;

	lib = dlopen(LIBSSL_NAME(OPENSSL_SHLIB_VERSION), RTLD_NOW);
	if (lib == NULL)
		return (errf(&failure, MQK_ENOTSUP,
		    "TLS needs OpenSSL, which can't be loaded: %s",
		    dlerror()));
	for (size_t i = 0; i < N_NAMES; i++) {
		fn = dlsym(lib, names[i]);
		if (fn == NULL)
			return (errf(&failure, MQK_ENOTSUP,
			    "this OpenSSL has no %s()", names[i]));
		memcpy((char *)&ossl + i * sizeof(fn), &fn, sizeof(fn));
	}
	return (MQK_OK);
}

static void
load(void)
{
	failure.code = fill();
}

int
openssl_load(struct error *e)
{
	pthread_once(&once, load);
	if (failure.code < 0)
		*e = failure;
	return (failure.code);
}

const char *
openssl_reason(void)
{
	const char	*reason;

	reason = ossl.ERR_reason_error_string(ossl.ERR_peek_last_error());
	ossl.ERR_clear_error();
	return (reason != NULL ? reason : "unknown cause");
}
