/* SPDX-License-Identifier: MIT */

/* Topic names and filters (section 4.7) given by length. */

#ifndef CODEC_TOPIC_H
#define CODEC_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

bool	 topic_valid(const char *, size_t len);
bool	 filter_valid(const char *, size_t len);
bool	 filter_is_shared(const char *, size_t len);	/* $share/GROUP/… */
bool	 topic_matches(const char *filter, size_t flen, const char *topic,
	    size_t tlen);

#endif
