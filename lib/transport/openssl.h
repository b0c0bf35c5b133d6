/* SPDX-License-Identifier: MIT */

/*
 * OpenSSL through a table of functions that is filled when TLS is first used.
 * Loading libssl and libcrypto takes longer than all the rest of a program
 * that publishes one message, so a connection without TLS must not do it.
 * Only what openssl.def names can be called, always as ossl.NAME(); the link
 * fails for a call past the table, hidden in a macro of OpenSSL's headers.
 */

#ifndef TRANSPORT_OPENSSL_H
#define TRANSPORT_OPENSSL_H

/* Engines are deprecated, and still what PKCS#11 users have. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "mqk.h"

#ifdef OPENSSL_NO_ENGINE
#define ENGINE_FN(name)
#else
#define ENGINE_FN(name)	FN(name)
#endif

struct openssl {
#define FN(name)	__typeof__(name) *name;
#include "transport/openssl.def"
#undef FN
};

extern struct openssl ossl;

/* Fill the table; costs nothing when it is filled.  MQK_ENOTSUP. */
MQK_USE int openssl_load(struct error *);

/* The reason of the last error in this thread's queue, which is emptied. */
const char *openssl_reason(void);

#endif
