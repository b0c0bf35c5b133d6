/* SPDX-License-Identifier: MIT */

/* What platforms spell differently; the only file with #if for them. */

#ifndef BASE_COMPAT_H
#define BASE_COMPAT_H

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

/* getentropy() */
#if defined(__linux__) || defined(__APPLE__)
#include <sys/random.h>
#else
#include <unistd.h>
#endif

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL	0
#endif

#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE	TCP_KEEPALIVE
#endif

/* Elsewhere there is nothing like it, and no option of that number. */
#ifndef TCP_QUICKACK
#define TCP_QUICKACK	(-1)
#endif

/* How a socket with kernel TLS is told the type of a record (linux/tls.h). */
#ifdef __linux__
#define KTLS_LEVEL		282
#define KTLS_SET_RECORD_TYPE	1
#else
#define KTLS_LEVEL		(-1)
#define KTLS_SET_RECORD_TYPE	0
#endif

/* Files of libraries that are loaded when they are needed. */
#ifdef __APPLE__
#define WSLAY_NAMES	"libwslay.1.dylib", "libwslay.dylib"
#define LIBIDN_NAMES	"libidn.12.dylib", "libidn.dylib"
#define LIBCRYPTO_NAMES	"libcrypto.3.dylib", "libcrypto.dylib"
#define SQLITE_NAMES	"libsqlite3.dylib"
#else
#define WSLAY_NAMES	"libwslay.so.1", "libwslay.so"
#define LIBIDN_NAMES	"libidn.so.12", "libidn.so.11", "libidn.so"
#define LIBCRYPTO_NAMES	"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"
#define SQLITE_NAMES	"libsqlite3.so.0", "libsqlite3.so"
#endif

/* The file of libssl, by the version of its ABI. */
#define LIBSSL_NAME(version)	LIBSSL_NAME_(version)
#ifdef __APPLE__
#define LIBSSL_NAME_(version)	"libssl." #version ".dylib"
#else
#define LIBSSL_NAME_(version)	"libssl.so." #version
#endif

#endif
