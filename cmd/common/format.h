/* SPDX-License-Identifier: MIT */

/*
 * Output formats (mqsub -F): compiled once into a list of items, printed by
 * walking it.
 *
 *	%[-][0][width][.precision][separator]letter	a field, see below
 *	@c	strftime's %c in local time	@N	nanoseconds, 9 digits
 *		(what strftime does not know: the text %c)
 *	%% @@	the characters themselves
 *	\\ \0 \a \e \n \r \t \v
 */

#ifndef COMMON_FORMAT_H
#define COMMON_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "mqk.h"

#include "common/outbuf.h"
#include "common/timestamp.h"

struct format;
struct format_item;

/* What is printed, and what went wrong with it. */
struct format_source {
	const struct mqk_message *message;
	const struct timestamp	*time;
	const char		*problem;	/* static text, or NULL */
};

/* Append the field; false: the message has none. */
typedef bool format_print_fn(struct outbuf *, struct format_source *,
    const struct format_item *);

enum format_trait {
	FORMAT_CUT = 1,		/* precision: at most so many bytes */
	FORMAT_SIGNED = 2,	/* zeros go behind the sign */
	FORMAT_BLANKS = 4,	/* if missing, blanks of the width */
	FORMAT_GROUPS = 8,	/* precision and separator group the digits */
	FORMAT_TIME = 16,	/* looks at the clock */
	FORMAT_TEXT = 32	/* never filled up with zeros */
};

struct format_field {
	char		 letter;
	const char	*name;
	format_print_fn	*print;
	unsigned	 traits;	/* enum format_trait */
	const char	*help;		/* sentence for the manual, in mdoc */
};

/* Ends with name NULL. */
extern const struct format_field format_fields[];

/*
 * Compile.  NULL when the text is no format: then *why is a static text and
 * *at the place in the text, counted from 1.
 */
struct format	*format_compile(const char *text, const char **why,
		    size_t *at);
void		 format_free(struct format *);	/* NULL is fine */

/* Does it print the time, so that source.time must have been read? */
bool		 format_needs_time(const struct format *);

/* Append everything; no newline is added. */
void		 format_print(const struct format *, struct outbuf *,
		    struct format_source *);

#endif
