/* SPDX-License-Identifier: MIT */

/*
 * A message as one line of JSON, from which every byte of it can be had back.
 * The keys, in order; those in brackets only when there is something to say:
 *
 *	tst		local time of arrival, to the microsecond
 *	topic, qos	a string, a number
 *	retain		true or false
 *	payloadlen	bytes of the payload
 *	[mid]		the packet id, with QoS 1 and 2
 *	[properties]	an object, see record.c
 *	payload		see encoding
 *	encoding	"utf8": payload is the text, or null if it is empty;
 *			"base64": it is not UTF-8 or holds U+0000;
 *			"json": payload is the value that was sent
 */

#ifndef COMMON_RECORD_H
#define COMMON_RECORD_H

#include "mqk.h"

#include "common/outbuf.h"
#include "common/timestamp.h"

enum record_payload {
	RECORD_STRING,		/* always a string */
	RECORD_VALUE		/* a payload that is JSON stands as a value */
};

/* Append the object, without a newline. */
void	record_print(struct outbuf *, const struct mqk_message *,
	    const struct timestamp *, enum record_payload);

#endif
