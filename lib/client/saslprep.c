/* SPDX-License-Identifier: MIT */

#include "client/saslprep.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/compat.h"
#include "base/str.h"
#include "base/utf8.h"

/* libidn's, as it has been since its first version; 0 is success. */
typedef int stringprep_fn(const char *from, char **to, const char *profile,
    int flags);
typedef void free_fn(void *);

static struct {
	stringprep_fn	*prepare;	/* NULL: there is no libidn */
	free_fn		*free;
} idn;

/* The library stays loaded for good. */
static void
load(void)
{
	static const char *const files[] = { LIBIDN_NAMES };
	void	*lib = NULL, *fn;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && lib == NULL;
	    i++)
		lib = dlopen(files[i], RTLD_NOW);
	if (lib == NULL)
		return;
	fn = dlsym(lib, "idn_free");
	memcpy(&idn.free, &fn, sizeof(fn));
	fn = fn != NULL ? dlsym(lib, "stringprep_profile") : NULL;
	memcpy(&idn.prepare, &fn, sizeof(fn));
}

static int
prepare_unicode(char **to, const char *from, const char *what,
    struct error *e)
{
	static pthread_once_t	 once = PTHREAD_ONCE_INIT;
	char			*prepared;

	pthread_once(&once, load);
	if (idn.prepare == NULL)
		return (errf(e, MQK_ENOTSUP, "%s: characters outside ASCII "
		    "need libidn, which can't be loaded", what));
	if (idn.prepare(from, &prepared, "SASLprep", 0) != 0)
		return (errf(e, MQK_EINVAL,
		    "%s: SASLprep forbids one of its characters", what));
	*to = str_dup(prepared);
	str_clear(prepared, strlen(prepared));
	idn.free(prepared);
	return (*to != NULL ? MQK_OK :
	    errf(e, MQK_ENOMEM, "%s: out of memory", what));
}

/* Characters that are not ASCII, or controls. */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e)
			return (false);
	return (true);
}

static bool
has_control(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return (true);
	return (false);
}

int
saslprep(char **to, struct mqk_bytes from, const char *what, struct error *e)
{
	char	*copy;
	int	 err;

	*to = NULL;
	if (!utf8_valid(from.data, from.len))
		return (errf(e, MQK_EINVAL, "%s: not UTF-8 text", what));
	copy = str_ndup(from.data, from.len);
	if (copy == NULL)
		return (errf(e, MQK_ENOMEM, "%s: out of memory", what));
	if (is_plain(copy)) {
		*to = copy;
		return (MQK_OK);
	}
	err = has_control(copy) ?
	    errf(e, MQK_EINVAL, "%s: a control character in it", what) :
	    prepare_unicode(to, copy, what, e);
	str_wipe(copy, from.len);
	return (err);
}
