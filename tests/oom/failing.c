/* SPDX-License-Identifier: MIT */

#include "oom/failing.h"

#include <stddef.h>

/* What the linker calls in place of the names behind __wrap_, and those. */
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
void	 __wrap_free(void *);
void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	 __real_free(void *);

static struct {
	unsigned	 at;		/* so many to the one that fails */
	bool		 more;
	bool		 on;
	bool		 happened;
	long		 live;
} state;

void
failing_set(unsigned n, bool more)
{
	state.at = n;
	state.more = more;
	state.on = false;
	state.happened = false;
}

void
failing_on(void)
{
	state.on = true;
}

void
failing_off(void)
{
	state.on = false;
}

bool
failing_pause(void)
{
	bool	 on = state.on;

	state.on = false;
	return (on);
}

void
failing_resume(bool on)
{
	state.on = on;
}

void
failing_stop(void)
{
	state.at = 0;
	state.more = false;
}

bool
failing_happened(void)
{
	return (state.happened);
}

long
failing_live(void)
{
	return (state.live);
}

static bool
fails(void)
{
	if (!state.on)
		return (false);
	if (state.at == 0)
		return (state.more && state.happened);
	state.at--;
	if (state.at == 0)
		state.happened = true;
	return (state.at == 0);
}

void *
__wrap_malloc(size_t n)
{
	void	*p = fails() ? NULL : __real_malloc(n);

	state.live += p != NULL;
	return (p);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	void	*p = fails() ? NULL : __real_calloc(n, size);

	state.live += p != NULL;
	return (p);
}

void *
__wrap_realloc(void *old, size_t n)
{
	void	*p = fails() ? NULL : __real_realloc(old, n);

	state.live += old == NULL && p != NULL;
	return (p);
}

void
__wrap_free(void *p)
{
	state.live -= p != NULL;
	__real_free(p);
}
