/* SPDX-License-Identifier: MIT */

/*
 * Messages on stderr and memory that does not run out; see diag.h.  A line is
 * built first and written in one go.
 */

#include "common/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/exitcode.h"

/* Process-wide, because stderr is. */
static struct {
	const char	*tool;
	FILE		*to;		/* NULL: stderr */
	bool		 quiet;
	bool		 progress;	/* an unfinished line is on show */
} diag = { .tool = "mqkit" };

void
diag_init(const char *tool)
{
	diag.tool = tool;
}

void
diag_set_quiet(bool quiet)
{
	diag.quiet = quiet;
}

void
diag_set_stream(FILE *to)
{
	diag.to = to;
}

static FILE *
stream(void)
{
	return (diag.to != NULL ? diag.to : stderr);
}

/* U+0080 to U+009F, which some terminals obey too. */
static bool
is_c1(const char *s)
{
	return ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] >= 0x80 &&
	    (unsigned char)s[1] < 0xa0);
}

/* Control characters from a peer must not reach the terminal. */
static void
blank_controls(char *text)
{
	for (; *text != '\0'; text++) {
		if (is_c1(text))
			*text++ = ' ';
		else if ((unsigned char)*text >= 0x20 && *text != 0x7f)
			continue;
		*text = ' ';
	}
}

static void put_line(const char *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
put_line(const char *prefix, const char *fmt, va_list ap)
{
	char	 text[2048], line[2200];
	FILE	*to = stream();

	vsnprintf(text, sizeof(text), fmt, ap);
	blank_controls(text);
	snprintf(line, sizeof(line), "%s%s%s%s\n",
	    diag.progress ? "\r\033[K" : "", prefix,
	    *prefix != '\0' ? ": " : "", text);
	diag.progress = false;
	fputs(line, to);
	fflush(to);
}

void
diag_warn(const char *fmt, ...)
{
	va_list	 ap;

	if (diag.quiet)
		return;
	va_start(ap, fmt);
	put_line(diag.tool, fmt, ap);
	va_end(ap);
}

void
diag_say(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	put_line(diag.tool, fmt, ap);
	va_end(ap);
}

void
diag_plain(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	put_line("", fmt, ap);
	va_end(ap);
}

void
diag_progress(const char *line)
{
	FILE	*to = stream();

	if (line == NULL && !diag.progress)
		return;
	fprintf(to, "\r\033[K%s", line != NULL ? line : "");
	fflush(to);
	diag.progress = line != NULL;
}

void
diag_die(int status, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	put_line(diag.tool, fmt, ap);
	va_end(ap);
	exit(status);
}

static void *
must(void *p)
{
	if (p == NULL)
		diag_die(STATUS_INTERNAL, "out of memory");
	return (p);
}

void *
xmalloc(size_t n)
{
	return (must(malloc(n > 0 ? n : 1)));
}

void *
xcalloc(size_t n, size_t size)
{
	return (must(calloc(n > 0 ? n : 1, size > 0 ? size : 1)));
}

void *
xrealloc(void *p, size_t n)
{
	return (must(realloc(p, n > 0 ? n : 1)));
}

char *
xstrdup(const char *s)
{
	return (must(strdup(s)));
}

void
wipe(void *p, size_t n)
{
	volatile unsigned char	*at = p;

	while (n-- > 0)
		*at++ = 0;
}

void
wipe_free(char *s)
{
	if (s != NULL)
		wipe(s, strlen(s));
	free(s);
}
