/* SPDX-License-Identifier: MIT */

/* The head of an HTTP/1 answer, as much of it as has come. */

#ifndef TRANSPORT_HTTP_H
#define TRANSPORT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "mqk.h"

#define HTTP_HEAD_MAX	8192

/* Views on the text that was parsed. */
struct http_head {
	int		 status;	/* 100 … 999 */
	struct mqk_bytes line;		/* "HTTP/1.1 404 Not Found" */
	struct mqk_bytes fields;	/* the lines between it and the blank */
};

/*
 * The length of the head if it is all there, 0: more is needed.  known is how
 * many of the bytes the last call for the same answer has seen, so that one
 * that comes in pieces is not searched from the start each time.
 * MQK_EMALFORMED: that is no HTTP.  MQK_ETOOBIG: longer than HTTP_HEAD_MAX.
 */
MQK_USE int http_parse(struct http_head *, const char *text, size_t len,
    size_t known);

/*
 * The value of the first field of that name, case ignored; false: there is
 * none.
 */
bool	 http_field(const struct http_head *, const char *name,
	    struct mqk_bytes *value);

/* Is the word one of the values, separated by commas, case ignored? */
bool	 http_has_token(struct mqk_bytes values, const char *word);

/* "Name: value" that can be sent: a token, a colon, no control characters. */
bool	 http_field_valid(const char *line);

/* Case ignored. */
bool	 http_equal(struct mqk_bytes, const char *word);

#endif
