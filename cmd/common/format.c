/* SPDX-License-Identifier: MIT */

/*
 * The grammar of formats, and printing with width and padding.  Which fields
 * there are is known to format_fields.c alone.
 */

#include "common/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/format_item.h"

enum {
	MAX_WIDTH = 10000,	/* of width and precision */
	TIME_TEXT = 128		/* the longest result of one @ item */
};

struct format {
	struct format_item *items;
	size_t		 n;
	bool		 needs_time;
	char		*text;		/* literals, escapes resolved */
	size_t		 text_len;
};

static bool
print_literal(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)source;
	outbuf_add(out, item->text, item->len);
	return (true);
}

static bool
print_strftime(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	const char	conversion[] = { '%', item->conversion, '\0' };
	char		*to = outbuf_reserve(out, TIME_TEXT);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	outbuf_commit(out, strftime(to, TIME_TEXT, conversion,
	    &source->time->local));
#pragma GCC diagnostic pop
	return (true);
}

static bool
print_nanoseconds(struct outbuf *out, struct format_source *source,
    const struct format_item *item)
{
	(void)item;
	outbuf_digits(out, (uint32_t)source->time->at.tv_nsec, 9);
	return (true);
}

/* Items that have no letter. */
static const struct format_field literal = { .print = print_literal };
static const struct format_field date = {
	.print = print_strftime, .traits = FORMAT_TIME
};
static const struct format_field nanoseconds = {
	.print = print_nanoseconds, .traits = FORMAT_TIME
};

/* ---- compiling ------------------------------------------------------ */

struct compiler {
	struct format	*format;
	const char	*p;		/* next character */
	const char	*why;		/* what is wrong at p; NULL: nothing */
};

static struct format_item *
add_item(struct compiler *c, const struct format_field *field)
{
	struct format	*f = c->format;

	f->items = xrealloc(f->items, (f->n + 1) * sizeof *f->items);
	f->items[f->n] = (struct format_item){ .field = field };
	if ((field->traits & FORMAT_TIME) != 0)
		f->needs_time = true;
	return (&f->items[f->n++]);
}

/* Literal text grows the item before it if that is literal, too. */
static void
add_literal(struct compiler *c, char ch)
{
	struct format		*f = c->format;
	struct format_item	*last = f->n == 0 ? NULL : &f->items[f->n - 1];

	if (last == NULL || last->field != &literal) {
		last = add_item(c, &literal);
		last->text = f->text + f->text_len;
	}
	f->text[f->text_len++] = ch;
	last->len++;
}

static size_t
scan_number(struct compiler *c)
{
	size_t	n = 0;

	for (; isdigit((unsigned char)*c->p); c->p++) {
		n = 10 * n + (size_t)(*c->p - '0');
		if (n > MAX_WIDTH) {
			c->why = "a width or precision is at most 10000";
			return (0);
		}
	}
	return (n);
}

static const struct format_field *
find_field(char letter)
{
	const struct format_field	*field;

	for (field = format_fields; field->name != NULL; field++) {
		if (field->letter == letter)
			return (field);
	}
	return (NULL);
}

static bool
is_separator(char c)
{
	return (ispunct((unsigned char)c) && c != '%');
}

/* Behind the %: flags, width, precision, separator, letter or another %. */
static void
compile_field(struct compiler *c)
{
	struct format_item		 item = { .separator = ' ' };
	const struct format_field	*field;

	for (; *c->p == '-' || *c->p == '0'; c->p++) {
		if (*c->p == '-')
			item.left = true;
		else
			item.zero = true;
	}
	item.width = scan_number(c);
	if (c->why == NULL && *c->p == '.') {
		c->p++;
		item.has_precision = true;
		item.precision = scan_number(c);
		if (is_separator(*c->p))
			item.separator = *c->p++;
	}
	if (c->why != NULL)
		return;
	if (*c->p == '%') {
		add_literal(c, *c->p++);
		return;
	}
	field = find_field(*c->p);
	if (field == NULL) {
		c->why = *c->p == '\0' ? "a letter is missing behind %" :
		    "there is no such field";
		return;
	}
	c->p++;
	item.field = field;
	item.zero = item.zero && (field->traits & FORMAT_TEXT) == 0;
	*add_item(c, field) = item;
}

/* strftime's conversions, those of POSIX and the common %k %l %s %P. */
static const char conversions[] = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ+%";

/* What strftime may not know is spelt out as the GNU C library does. */
static void
compile_at(struct compiler *c)
{
	char	ch = *c->p;

	if (ch == '\0') {
		c->why = "a letter is missing behind @";
		return;
	}
	if (ch == '@')
		add_literal(c, '@');
	else if (ch == 'N')
		add_item(c, &nanoseconds);
	else if (strchr(conversions, ch) != NULL)
		add_item(c, &date)->conversion = ch;
	else {
		add_literal(c, '%');
		add_literal(c, ch);
	}
	c->p++;
}

static void
compile_escape(struct compiler *c)
{
	static const char	 letters[] = "\\0aenrtv";
	static const char	 values[] = "\\\0\a\033\n\r\t\v";
	const char		*found;

	found = *c->p == '\0' ? NULL : strchr(letters, *c->p);
	if (found == NULL) {
		c->why = *c->p == '\0' ? "a letter is missing behind \\" :
		    "there is no such escape";
		return;
	}
	add_literal(c, values[found - letters]);
	c->p++;
}

static void
compile_next(struct compiler *c)
{
	char	ch = *c->p++;

	if (ch == '%')
		compile_field(c);
	else if (ch == '@')
		compile_at(c);
	else if (ch == '\\')
		compile_escape(c);
	else
		add_literal(c, ch);
}

struct format *
format_compile(const char *text, const char **why, size_t *at)
{
	struct compiler	c = { .p = text };

	c.format = xcalloc(1, sizeof *c.format);
	c.format->text = xmalloc(strlen(text) + 1);
	while (c.why == NULL && *c.p != '\0')
		compile_next(&c);
	if (c.why == NULL)
		return (c.format);
	*why = c.why;
	*at = (size_t)(c.p - text) + 1;
	format_free(c.format);
	return (NULL);
}

void
format_free(struct format *f)
{
	if (f == NULL)
		return;
	free(f->items);
	free(f->text);
	free(f);
}

bool
format_needs_time(const struct format *f)
{
	return (f->needs_time);
}

/* ---- printing ------------------------------------------------------- */

/* Shift what stands behind start to the right and fill the gap. */
static void
pad_left(struct outbuf *out, size_t start, size_t n, char with)
{
	outbuf_reserve(out, n);
	memmove(out->mem + start + n, out->mem + start, out->len - start);
	memset(out->mem + start, with, n);
	outbuf_commit(out, n);
}

static void
pad_right(struct outbuf *out, size_t n)
{
	memset(outbuf_reserve(out, n), ' ', n);
	outbuf_commit(out, n);
}

static bool
begins_with_sign(const struct outbuf *out, size_t start)
{
	return (start < out->len && out->mem[start] == '-');
}

/* As in C, "inf" and "nan" don't. */
static bool
takes_zeros(const struct outbuf *out, const struct format_item *item)
{
	return ((item->field->traits & FORMAT_SIGNED) == 0 ||
	    isdigit((unsigned char)out->mem[out->len - 1]));
}

/* Fill up what was printed from start on to the width. */
static void
pad(struct outbuf *out, size_t start, const struct format_item *item,
    bool zero)
{
	size_t	len = out->len - start;
	size_t	n = item->width - len;

	if (len >= item->width)
		return;
	if (item->left)
		pad_right(out, n);
	else if (!zero || !takes_zeros(out, item))
		pad_left(out, start, n, ' ');
	else if ((item->field->traits & FORMAT_SIGNED) != 0 &&
	    begins_with_sign(out, start))
		pad_left(out, start + 1, n, '0');
	else
		pad_left(out, start, n, '0');
}

static void
cut(struct outbuf *out, size_t start, const struct format_item *item)
{
	if ((item->field->traits & FORMAT_CUT) != 0 && item->has_precision &&
	    out->len - start > item->precision)
		out->len = start + item->precision;
}

static void
print_item(const struct format_item *item, struct outbuf *out,
    struct format_source *source)
{
	size_t	start = out->len;

	if (item->field->print(out, source, item)) {
		cut(out, start, item);
		pad(out, start, item, item->zero);
	} else if ((item->field->traits & FORMAT_BLANKS) != 0)
		pad(out, start, item, false);
}

void
format_print(const struct format *f, struct outbuf *out,
    struct format_source *source)
{
	for (size_t i = 0; i < f->n; i++)
		print_item(&f->items[i], out, source);
}
