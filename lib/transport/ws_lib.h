/* SPDX-License-Identifier: MIT */

/*
 * What WebSocket needs of other libraries, found when it is first used: a
 * program that speaks plain TCP must not wait for the loader.  Frames come
 * from wslay.  The one SHA-1 of a handshake proves no more than that the peer
 * knows WebSocket; it comes from OpenSSL's libcrypto, which who uses wss://
 * has loaded anyway, and not from a copy of our own.
 */

#ifndef TRANSPORT_WS_LIB_H
#define TRANSPORT_WS_LIB_H

#include <wslay/wslay.h>

#include "base/error.h"
#include "mqk.h"

#define SHA1_SIZE	20

struct ws_lib {
#define FN(name)	__typeof__(wslay_##name) *name;
#include "transport/ws_lib.def"
#undef FN
	unsigned char	*(*sha1)(const unsigned char *, size_t,
			    unsigned char *);
};

extern struct ws_lib wslay;

/* Fill the table; costs nothing when it is filled.  MQK_ENOTSUP. */
MQK_USE int ws_lib_load(struct error *);

#endif
