/* SPDX-License-Identifier: MIT */

/*
 * JSON strings, eight bytes at a time where nothing needs an escape, and a
 * strict reader that copies a value while it checks it.
 */

#include "common/json.h"

#include <stdint.h>
#include <string.h>

#include "common/utf8.h"

enum {
	CHUNK = 4096,		/* bytes escaped per reservation */
	LONGEST_ESCAPE = 6,	/* \u001f */
	MAX_DEPTH = 256
};

#define EVERY(byte)	(UINT64_C(0x0101010101010101) * (byte))

/* 0: stands for itself; 'u': \u00xx; else what follows the backslash. */
static const char escapes[128] = {
	['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
	['"'] = '"', ['\\'] = '\\',
	[0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u',
	[0x06] = 'u', [0x07] = 'u', [0x0b] = 'u', [0x0e] = 'u', [0x0f] = 'u',
	[0x10] = 'u', [0x11] = 'u', [0x12] = 'u', [0x13] = 'u', [0x14] = 'u',
	[0x15] = 'u', [0x16] = 'u', [0x17] = 'u', [0x18] = 'u', [0x19] = 'u',
	[0x1a] = 'u', [0x1b] = 'u', [0x1c] = 'u', [0x1d] = 'u', [0x1e] = 'u',
	[0x1f] = 'u'
};

/*
 * Eight bytes of ASCII that need no escape.  A borrow starts only at a byte
 * that is special itself, so the answer is exact.
 */
static inline bool
is_plain(uint64_t word)
{
	uint64_t	quote = word ^ EVERY('"');
	uint64_t	slash = word ^ EVERY('\\');

	return (((word | (word - EVERY(0x20)) | (quote - EVERY(1)) |
	    (slash - EVERY(1))) & EVERY(0x80)) == 0);
}

static char *
escape(char *to, uint8_t c)
{
	static const char hex[] = "0123456789abcdef";

	*to++ = '\\';
	*to++ = escapes[c];
	if (escapes[c] != 'u')
		return (to);
	*to++ = '0';
	*to++ = '0';
	*to++ = hex[c >> 4];
	*to++ = hex[c & 15];
	return (to);
}

/* Copy one character; bytes used, 0 if it can't stand in a string. */
static size_t
copy_char(char **to, const uint8_t *p, size_t len)
{
	size_t	n;

	if (*p >= 0x80) {
		n = utf8_sequence(p, len);
		memcpy(*to, p, n);
		*to += n;
		return (n);
	}
	if (*p == 0)
		return (0);
	if (escapes[*p] != 0)
		*to = escape(*to, *p);
	else
		*(*to)++ = (char)*p;
	return (1);
}

/*
 * Copy from p up to stop, or just past it when a character straddles it; end
 * is the end of all.  NULL: not UTF-8.
 */
static const uint8_t *
copy_chunk(char **to, const uint8_t *p, const uint8_t *stop,
    const uint8_t *end)
{
	uint64_t	word;
	size_t		n;

	while (p < stop) {
		if (stop - p >= 8) {
			memcpy(&word, p, 8);
			if (is_plain(word)) {
				memcpy(*to, &word, 8);
				*to += 8;
				p += 8;
				continue;
			}
		}
		/* What made this word special is among its next 8 bytes. */
		for (int i = 0; i < 8 && p < stop; i++) {
			n = copy_char(to, p, (size_t)(end - p));
			if (n == 0)
				return (NULL);
			p += n;
		}
	}
	return (p);
}

static bool
append_escaped(struct outbuf *out, const uint8_t *p, const uint8_t *end)
{
	const uint8_t	*stop;
	char		*to, *start;

	while (p < end) {
		stop = end - p > CHUNK ? p + CHUNK : end;
		start = to = outbuf_reserve(out,
		    (size_t)(stop - p) * LONGEST_ESCAPE + LONGEST_ESCAPE);
		p = copy_chunk(&to, p, stop, end);
		if (p == NULL)
			return (false);
		outbuf_commit(out, (size_t)(to - start));
	}
	return (true);
}

bool
json_string(struct outbuf *out, const void *data, size_t len)
{
	const uint8_t	*p = data;
	size_t		 before = out->len;

	outbuf_char(out, '"');
	if (len != 0 && !append_escaped(out, p, p + len)) {
		out->len = before;
		return (false);
	}
	outbuf_char(out, '"');
	return (true);
}

/* ---- a value that is JSON already ----------------------------------- */

struct reader {
	const uint8_t	*p, *end;
	struct outbuf	*out;
};

static bool copy_value(struct reader *, unsigned depth);

/* The next byte, or 0 at the end; no token begins with NUL. */
static uint8_t
peek(const struct reader *r)
{
	return (r->p < r->end ? *r->p : 0);
}

static void
skip_space(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' ||
	    peek(r) == '\r')
		r->p++;
}

static bool
is_digit(uint8_t c)
{
	return (c >= '0' && c <= '9');
}

static bool
is_hex(uint8_t c)
{
	return (is_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F'));
}

static void
copy_from(struct reader *r, const uint8_t *start)
{
	outbuf_add(r->out, start, (size_t)(r->p - start));
}

static bool
copy_byte(struct reader *r, uint8_t wanted)
{
	if (peek(r) != wanted)
		return (false);
	outbuf_char(r->out, (char)wanted);
	r->p++;
	return (true);
}

/* Behind the backslash. */
static bool
skip_escape(struct reader *r)
{
	uint8_t	c = peek(r);

	if (c == 0 || strchr("\"\\/bfnrtu", c) == NULL)
		return (false);
	r->p++;
	if (c != 'u')
		return (true);
	for (int i = 0; i < 4; i++, r->p++) {
		if (!is_hex(peek(r)))
			return (false);
	}
	return (true);
}

static bool
skip_char(struct reader *r)
{
	size_t	n;

	if (*r->p == '\\') {
		r->p++;
		return (skip_escape(r));
	}
	if (*r->p < 0x20)
		return (false);
	n = *r->p < 0x80 ? 1 : utf8_sequence(r->p, (size_t)(r->end - r->p));
	r->p += n;
	return (n != 0);
}

static bool
copy_string(struct reader *r)
{
	const uint8_t	*start = r->p;

	if (peek(r) != '"')
		return (false);
	r->p++;
	while (peek(r) != '"') {
		if (r->p == r->end || !skip_char(r))
			return (false);
	}
	r->p++;
	copy_from(r, start);
	return (true);
}

static bool
skip_digits(struct reader *r)
{
	const uint8_t	*start = r->p;

	while (is_digit(peek(r)))
		r->p++;
	return (r->p != start);
}

static bool
copy_number(struct reader *r)
{
	const uint8_t	*start = r->p;

	if (peek(r) == '-')
		r->p++;
	if (peek(r) == '0')
		r->p++;
	else if (!skip_digits(r))
		return (false);
	if (peek(r) == '.') {
		r->p++;
		if (!skip_digits(r))
			return (false);
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		r->p++;
		if (peek(r) == '+' || peek(r) == '-')
			r->p++;
		if (!skip_digits(r))
			return (false);
	}
	copy_from(r, start);
	return (true);
}

static bool
copy_word(struct reader *r, const char *word)
{
	size_t	len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return (false);
	r->p += len;
	outbuf_add(r->out, word, len);
	return (true);
}

static bool
copy_key(struct reader *r)
{
	skip_space(r);
	if (!copy_string(r))
		return (false);
	skip_space(r);
	return (copy_byte(r, ':'));
}

/* An array, or an object: the same with keys. */
static bool
copy_members(struct reader *r, bool keys, unsigned depth)
{
	uint8_t	close = keys ? '}' : ']';

	outbuf_char(r->out, (char)*r->p++);
	skip_space(r);
	if (copy_byte(r, close))
		return (true);
	do {
		if (keys && !copy_key(r))
			return (false);
		if (!copy_value(r, depth + 1))
			return (false);
		skip_space(r);
	} while (copy_byte(r, ','));
	return (copy_byte(r, close));
}

static bool
copy_value(struct reader *r, unsigned depth)
{
	if (depth == MAX_DEPTH)
		return (false);
	skip_space(r);
	switch (peek(r)) {
	case '{':
	case '[':
		return (copy_members(r, *r->p == '{', depth));
	case '"':
		return (copy_string(r));
	case 't':
		return (copy_word(r, "true"));
	case 'f':
		return (copy_word(r, "false"));
	case 'n':
		return (copy_word(r, "null"));
	default:
		return (copy_number(r));
	}
}

bool
json_embed(struct outbuf *out, const void *data, size_t len)
{
	struct reader	 r = { data, NULL, out };
	size_t		 before = out->len;

	if (len == 0)
		return (false);
	r.end = r.p + len;
	if (copy_value(&r, 0)) {
		skip_space(&r);
		if (r.p == r.end)
			return (true);
	}
	out->len = before;
	return (false);
}
