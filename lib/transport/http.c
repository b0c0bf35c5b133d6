/* SPDX-License-Identifier: MIT */

#include "transport/http.h"

#include <string.h>
#include <strings.h>

struct cursor {
	const char	*at;
	const char	*end;
};

static bool
is_token(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL));
}

/* May stand in a field's value; the bytes above ASCII are opaque. */
static bool
is_text(char c)
{
	return (c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f));
}

static bool
is_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* Up to the end of the line, which is skipped; false: there is none. */
static bool
take_line(struct cursor *c, struct mqk_bytes *line)
{
	const char	*lf = memchr(c->at, '\n', (size_t)(c->end - c->at));

	if (lf == NULL)
		return (false);
	line->data = c->at;
	line->len = (size_t)(lf - c->at);
	if (line->len > 0 && lf[-1] == '\r')
		line->len--;
	c->at = lf + 1;
	return (true);
}

/* The length with the blank line that ends it; 0: not there yet. */
static size_t
find_end(const char *text, size_t len, size_t known)
{
	struct cursor	 c = { text + (known > 3 ? known - 3 : 0),
			    text + len };
	const char	*lf;

	while ((lf = memchr(c.at, '\n', (size_t)(c.end - c.at))) != NULL) {
		c.at = lf + 1;
		if (c.end - c.at >= 1 && c.at[0] == '\n')
			return ((size_t)(c.at + 1 - text));
		if (c.end - c.at >= 2 && c.at[0] == '\r' && c.at[1] == '\n')
			return ((size_t)(c.at + 2 - text));
	}
	return (0);
}

/* "HTTP/1.1 101 Switching Protocols", or the first bytes of it. */
static bool
status_line_ok(const char *text, size_t len)
{
	static const char	 shape[] = "HTTP/1.d ddd";

	for (size_t i = 0; i < len && i < sizeof(shape) - 1; i++) {
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' :
		    text[i] != shape[i])
			return (false);
	}
	return (len < sizeof(shape) || text[12] == ' ' || text[12] == '\r' ||
	    text[12] == '\n');
}

/* Folded lines are refused, as RFC 9112 (5.2) wants it. */
static bool
field_ok(struct mqk_bytes line)
{
	const char	*s = line.data;
	size_t		 n = 0;

	while (n < line.len && is_token(s[n]))
		n++;
	if (n == 0 || n == line.len || s[n] != ':')
		return (false);
	while (n < line.len)
		if (!is_text(s[n++]))
			return (false);
	return (true);
}

static bool
fields_ok(const struct http_head *head)
{
	struct cursor	 c = { head->fields.data, NULL };
	struct mqk_bytes line;

	c.end = c.at + head->fields.len;
	while (take_line(&c, &line))
		if (!field_ok(line))
			return (false);
	return (true);
}

static bool
all_text(struct mqk_bytes b)
{
	const char	*s = b.data;

	for (size_t i = 0; i < b.len; i++)
		if (!is_text(s[i]))
			return (false);
	return (true);
}

static int
split(struct http_head *head, const char *text, size_t len)
{
	struct cursor	 c = { text, text + len };
	size_t		 blank = text[len - 2] == '\r' ? 2 : 1;

	if (!take_line(&c, &head->line) || head->line.len < 12 ||
	    text[9] == '0' || !all_text(head->line))
		return (MQK_EMALFORMED);
	head->status = (text[9] - '0') * 100 + (text[10] - '0') * 10 +
	    (text[11] - '0');
	head->fields.data = c.at;
	head->fields.len = c.at < c.end ?
	    (size_t)(c.end - c.at) - blank : 0;
	return (fields_ok(head) ? MQK_OK : MQK_EMALFORMED);
}

int
http_parse(struct http_head *head, const char *text, size_t len, size_t known)
{
	size_t	 end;

	if (!status_line_ok(text, len))
		return (MQK_EMALFORMED);
	end = find_end(text, len, known);
	if (end > HTTP_HEAD_MAX || (end == 0 && len >= HTTP_HEAD_MAX))
		return (MQK_ETOOBIG);
	if (end == 0)
		return (0);
	if (split(head, text, end) < 0)
		return (MQK_EMALFORMED);
	return ((int)end);
}

static struct mqk_bytes
trim(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	while (at < end && is_blank(end[-1]))
		end--;
	return ((struct mqk_bytes){ at, (size_t)(end - at) });
}

bool
http_equal(struct mqk_bytes b, const char *word)
{
	return (b.len == strlen(word) &&
	    strncasecmp(b.data, word, b.len) == 0);
}

bool
http_field(const struct http_head *head, const char *name,
    struct mqk_bytes *value)
{
	struct cursor	 c = { head->fields.data, NULL };
	struct mqk_bytes line;
	const char	*s;
	size_t		 len = strlen(name);

	c.end = c.at + head->fields.len;
	while (take_line(&c, &line)) {
		s = line.data;
		if (line.len > len && s[len] == ':' &&
		    strncasecmp(s, name, len) == 0) {
			*value = trim(s + len + 1, s + line.len);
			return (true);
		}
	}
	return (false);
}

bool
http_has_token(struct mqk_bytes values, const char *word)
{
	const char	*at = values.data, *end = at + values.len, *comma;

	while (at <= end) {
		comma = memchr(at, ',', (size_t)(end - at));
		if (comma == NULL)
			comma = end;
		if (http_equal(trim(at, comma), word))
			return (true);
		at = comma + 1;
	}
	return (false);
}

bool
http_field_valid(const char *line)
{
	return (field_ok((struct mqk_bytes){ line, strlen(line) }));
}
