/* SPDX-License-Identifier: MIT */

/*
 * A BIO that calls the pipe below, whatever that is: a socket, a proxy.
 *
 * Kernel TLS is not used.  OpenSSL gives keys to the kernel through its own
 * socket BIO only.  That one writes with write(), so that a peer that is gone
 * raises SIGPIPE in a program that did not ask for it; it works on a socket
 * and nothing else; and it rules out the read-ahead that brings four records
 * with one system call.
 */

#include "transport/tls_bio.h"

#include <pthread.h>
#include <string.h>

/* What a BIO says about n bytes moved by the pipe below. */
static int
result(BIO *bio, struct tls_wire *w, ssize_t n, int retry)
{
	ossl.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
	if (n > 0)
		return ((int)n);
	if (n == 0)
		ossl.BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
	else
		w->err = (int)n;
	return (-1);
}

static void
remember_first(struct tls_wire *w, const char *from, size_t len)
{
	size_t	 n = sizeof(w->first) - w->nfirst;

	n = len < n ? len : n;
	memcpy(w->first + w->nfirst, from, n);
	w->nfirst += n;
}

static int
read_below(BIO *bio, char *to, int size)
{
	struct tls_wire	*w = ossl.BIO_get_data(bio);
	ssize_t		 n;

	n = w->below->ops->read(w->below, to, (size_t)size, &w->error);
	if (n > 0)
		remember_first(w, to, (size_t)n);
	return (result(bio, w, n, BIO_FLAGS_READ));
}

static int
write_below(BIO *bio, const char *from, int len)
{
	struct tls_wire	*w = ossl.BIO_get_data(bio);
	ssize_t		 n;

	n = w->below->ops->write(w->below, from, (size_t)len, &w->error);
	return (result(bio, w, n, BIO_FLAGS_WRITE));
}

static long
control(BIO *bio, int command, long arg, void *more)
{
	(void)bio;
	(void)arg;
	(void)more;
	return (command == BIO_CTRL_FLUSH);
}

static BIO_METHOD	*method;

/* Kept for good, as OpenSSL is. */
static void
make_method(void)
{
	method = ossl.BIO_meth_new(ossl.BIO_get_new_index() |
	    BIO_TYPE_SOURCE_SINK, "pipe");
	if (method == NULL)
		return;
	ossl.BIO_meth_set_read(method, read_below);
	ossl.BIO_meth_set_write(method, write_below);
	ossl.BIO_meth_set_ctrl(method, control);
}

BIO *
tls_bio_new(struct tls_wire *w)
{
	static pthread_once_t	 once = PTHREAD_ONCE_INIT;
	BIO			*bio;

	pthread_once(&once, make_method);
	bio = method != NULL ? ossl.BIO_new(method) : NULL;
	if (bio != NULL) {
		ossl.BIO_set_data(bio, w);
		ossl.BIO_set_init(bio, 1);
	}
	return (bio);
}
