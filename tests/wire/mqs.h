/* SPDX-License-Identifier: MIT */

/*
 * Wire scenarios: the lines of an .mqs file, packets made from them and packets
 * compared with them; see README.md.  Knows the codec and no session, so that
 * whoever plays a scenario may do it in memory or over a socket.
 */

#ifndef WIRE_MQS_H
#define WIRE_MQS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "codec/packet.h"
#include "mqk.h"

enum mqs_kind {
	MQS_OPTION,			/* option name=value … */
	MQS_EXPECT,			/* > the client sends */
	MQS_SEND,			/* < the broker sends */
	MQS_DO,				/* do: the application calls */
	MQS_EVENT,			/* event: the application hears */
	MQS_ERROR,			/* error: the connection fails */
	MQS_LOST,			/* the connection breaks */
	MQS_RECONNECT,
	MQS_AT,				/* at 61s: until then, time passes */
	MQS_STALL,			/* the socket takes nothing … */
	MQS_FLOW,			/* … and takes everything again */
	MQS_KINDS
};

struct mqs_field {
	char		*name;		/* "": a word without "=" */
	char		*value;		/* escapes resolved, NUL behind */
	size_t		 len;
};

struct mqs_line {
	enum mqs_kind	 kind;
	int		 number;	/* in the file */
	char		*verb;		/* "CONNACK", "publish"; "" if none */
	struct mqs_field *fields;
	size_t		 n;
};

struct mqs {
	struct mqs_line	*lines;
	size_t		 n;
};

/* Read a file; on failure a sentence in why (of that size), and false. */
bool	 mqs_load(struct mqs *, const char *path, char *why, size_t size);
void	 mqs_free(struct mqs *);

/* The index-th field of that name (from 0), or NULL. */
const struct mqs_field *mqs_field(const struct mqs_line *, const char *name,
	    size_t index);
const char *mqs_text(const struct mqs_line *, const char *name,
	    const char *dflt);
long	 mqs_num(const struct mqs_line *, const char *name, long dflt);

/* "5", "311", "31" and so on; MQK_V5 if the field is not there. */
enum mqk_version mqs_version(const struct mqs_line *);

/* The fields of a line that name properties, as a list to free; or NULL. */
struct mqk_props *mqs_props(const struct mqs_line *);

/* Append the bytes of a "<" line; false: why. */
bool	 mqs_encode(const struct mqs_line *, enum mqk_version, struct buf *,
	    char *why, size_t size);

/* A packet as the text mqs_compare() compares with. */
void	 mqs_describe(const struct packet *, enum mqk_version, char *to,
	    size_t size);

/* Does the text have the line's verb and every field it names?  Else why. */
bool	 mqs_compare(const struct mqs_line *, const char *text, char *why,
	    size_t size);

/* Append ' name="…"' with escapes, as mqs_describe() does. */
void	 mqs_quote(char *to, size_t size, const char *name,
	    struct mqk_bytes);

#endif
