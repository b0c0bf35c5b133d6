/* SPDX-License-Identifier: MIT */

#ifndef CODEC_DESCRIBE_H
#define CODEC_DESCRIBE_H

#include <stddef.h>

#include "codec/packet.h"

/*
 * One line for a packet, such as
 *	PUBLISH qos=1 mid=7 topic="a/b" payload=5 content-type="x"
 * cut to fit size (NUL included).  Strings are quoted, with \xNN for bytes
 * that are not printable ASCII or valid UTF-8; passwords are not shown.
 * Returns the length written, without the NUL.  The wire scenarios use the
 * same words, see tests/wire/README.md.
 */
size_t	 packet_describe(const struct packet *, enum mqk_version, char *,
	    size_t size);

#endif
