/* SPDX-License-Identifier: MIT */

/* Topic names and filters: their form, and which match. */

#include "codec/topic.h"

#include <string.h>

#include "base/utf8.h"
#include "base/word.h"
#include "mqk.h"

#define TOPIC_MAX	65535u
#define SHARE		"$share/"
#define SHARE_LEN	(sizeof(SHARE) - 1)

/*
 * Non-zero unless all bytes are plain ASCII without wildcards.  '#' and '+'
 * differ in one bit, so that one comparison finds both.
 */
static uint64_t
find_odd(uint64_t w)
{
	uint64_t	 marks = w & ~(WORD_ONES * ('#' ^ '+'));

	return (word_find_odd(w) | word_find(marks, '#'));
}

/* What nearly all topics are; the last word may overlap the one before. */
static bool
is_simple(const uint8_t *p, size_t len)
{
	uint64_t	 odd = 0;

	if (len < 8)
		return (find_odd(word_load_short(p, len)) == 0);
	for (size_t i = 0; i < len - 8; i += 8)
		odd |= find_odd(word_load(p + i));
	return ((odd | find_odd(word_load(p + len - 8))) == 0);
}

static bool
has_wildcard(const char *s, size_t len)
{
	return (memchr(s, '+', len) != NULL || memchr(s, '#', len) != NULL);
}

bool
topic_valid(const char *topic, size_t len)
{
	if (len == 0 || len > TOPIC_MAX)
		return (false);
	return (is_simple((const uint8_t *)topic, len) ||
	    (utf8_valid(topic, len) && !has_wildcard(topic, len)));
}

/* Wildcards fill their level, and '#' is the last one. */
static bool
wildcards_fit(const char *f, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (f[i] != '+' && f[i] != '#')
			continue;
		if (i > 0 && f[i - 1] != '/')
			return (false);		/* [MQTT-4.7.1-1] [-2] */
		if (i + 1 < len && (f[i] == '#' || f[i + 1] != '/'))
			return (false);
	}
	return (true);
}

/* Length of "$share/GROUP/" in front, 0 if it is not of that form. */
static size_t
share_len(const char *f, size_t len)
{
	const char	*slash;

	if (len < SHARE_LEN || memcmp(f, SHARE, SHARE_LEN) != 0)
		return (0);
	slash = memchr(f + SHARE_LEN, '/', len - SHARE_LEN);
	if (slash == NULL || slash == f + SHARE_LEN)
		return (0);
	return ((size_t)(slash - f) + 1);
}

bool
filter_is_shared(const char *f, size_t len)
{
	return (share_len(f, len) > 0);
}

bool
filter_valid(const char *f, size_t len)
{
	size_t	 share;

	if (len == 0 || len > TOPIC_MAX || !utf8_valid(f, len))
		return (false);
	if (len >= SHARE_LEN && memcmp(f, SHARE, SHARE_LEN) == 0) {
		share = share_len(f, len);
		if (share == 0 || share == len)		/* [MQTT-4.8.2-1] */
			return (false);
		if (has_wildcard(f, share))		/* [MQTT-4.8.2-2] */
			return (false);
		f += share;
		len -= share;
	}
	return (wildcards_fit(f, len));
}

static const char *
level_end(const char *at, const char *end)
{
	const char	*slash = memchr(at, '/', (size_t)(end - at));

	return (slash == NULL ? end : slash);
}

static bool
level_matches(const char *f, size_t flen, const char *t, size_t tlen)
{
	if (flen == 1 && *f == '+')
		return (true);
	return (flen == tlen && memcmp(f, t, flen) == 0);
}

static bool
levels_match(const char *f, const char *fend, const char *t, const char *tend)
{
	const char	*fe, *te;

	for (;;) {
		if (f < fend && *f == '#')
			return (true);
		fe = level_end(f, fend);
		te = level_end(t, tend);
		if (!level_matches(f, (size_t)(fe - f), t, (size_t)(te - t)))
			return (false);
		if (fe == fend || te == tend)
			break;
		f = fe + 1;
		t = te + 1;
	}
	if (te < tend)
		return (false);
	/* "a/#" matches "a" too [4.7.1.2] */
	return (fe == fend || (fend - fe == 2 && fe[1] == '#'));
}

bool
topic_matches(const char *filter, size_t flen, const char *topic, size_t tlen)
{
	size_t	 share = share_len(filter, flen);

	filter += share;
	flen -= share;
	if (tlen > 0 && topic[0] == '$' && flen > 0 &&
	    (filter[0] == '+' || filter[0] == '#'))
		return (false);				/* [MQTT-4.7.2-1] */
	return (levels_match(filter, filter + flen, topic, topic + tlen));
}

bool
mqk_topic_valid(const char *topic)
{
	return (topic != NULL && topic_valid(topic, strlen(topic)));
}

bool
mqk_filter_valid(const char *filter)
{
	return (filter != NULL && filter_valid(filter, strlen(filter)));
}

bool
mqk_topic_matches(const char *filter, const char *topic)
{
	return (filter != NULL && topic != NULL &&
	    topic_matches(filter, strlen(filter), topic, strlen(topic)));
}
