/* SPDX-License-Identifier: MIT */

/*
 * Topic names and filters against a second opinion that is short and slow: the
 * input is a filter, a NUL, and a topic.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "codec/topic.h"
#include "fuzz/must.h"
#include "mqk.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* ---- UTF-8 by code points -------------------------------------------- */

/* Bytes of the character in front, 0: none. */
static size_t
decode(const uint8_t *s, size_t n)
{
	static const uint32_t	 least[] = { 0, 1, 0x80, 0x800, 0x10000 };
	size_t			 len = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 :
				    s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
				    s[0] < 0xf8 ? 4 : 0;
	uint32_t		 c;

	if (len == 0 || len > n)
		return (0);
	c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return (0);
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return (0);
	return (len);
}

static bool
is_text(const uint8_t *s, size_t n)
{
	size_t	 len;

	for (; n > 0; s += len, n -= len) {
		len = decode(s, n);
		if (len == 0)
			return (false);
	}
	return (true);
}

/* ---- matching, a byte at a time -------------------------------------- */

static bool
match(const char *f, const char *t)
{
	if (strcmp(f, "#") == 0 || (strcmp(f, "/#") == 0 && *t == '\0'))
		return (true);
	if (*f == '+') {
		t += strcspn(t, "/");
		return (match(f + 1, t));
	}
	if (*f != *t)
		return (false);
	return (*f == '\0' || match(f + 1, t + 1));
}

static const char *
behind_share(const char *f)
{
	const char	*slash;

	if (strncmp(f, "$share/", 7) != 0)
		return (f);
	slash = strchr(f + 7, '/');
	return (slash != NULL ? slash + 1 : f);
}

static bool
expected(const char *f, const char *t)
{
	f = behind_share(f);
	if (*t == '$' && (*f == '+' || *f == '#'))
		return (false);
	return (match(f, t));
}

/* ---- one run --------------------------------------------------------- */

/* A string of its own memory, so that a sanitizer sees every overrun. */
static char *
string_of(const uint8_t *at, size_t n)
{
	char	*s = malloc(n + 1);

	must(s != NULL);
	memcpy(s, at, n);
	s[n] = '\0';
	return (s);
}

static void
check(const char *f, const char *t)
{
	const uint8_t	*bytes = (const uint8_t *)t;
	bool		 text = is_text(bytes, strlen(t));

	must(utf8_valid(t, strlen(t)) == text);
	must(mqk_topic_valid(t) == (*t != '\0' && text && strlen(t) < 65536 &&
	    strpbrk(t, "+#") == NULL));
	if (mqk_topic_valid(t) && strncmp(t, "$share/", 7) != 0)
		must(mqk_filter_valid(t) && mqk_topic_matches(t, t));
	if (mqk_topic_valid(t) && mqk_filter_valid(f))
		must(mqk_topic_matches(f, t) == expected(f, t));
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	const uint8_t	*nul = n > 0 ? memchr(at, 0, n) : NULL;
	size_t		 len = nul != NULL ? (size_t)(nul - at) : n;
	char		*f = string_of(at, len);
	char		*t = string_of(at + len + (nul != NULL),
			    n - len - (nul != NULL));

	(void)topic_valid((const char *)at, n);
	(void)filter_valid((const char *)at, n);
	check(f, t);
	free(f);
	free(t);
	return (0);
}
