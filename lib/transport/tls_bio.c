/* SPDX-License-Identifier: MIT */

/*
 * A BIO that calls the pipe below, whatever that is: a socket, a proxy.
 *
 * With kernel TLS, OpenSSL asks it by BIO_CTRL_SET_KTLS to hand the keys to the
 * kernel.  A socket BIO of OpenSSL's on the same descriptor does that, since
 * only it knows what they look like, and nothing else: it writes with write(),
 * so that a peer that is gone would raise SIGPIPE in a program that did not ask
 * for it.  Only sending is for the kernel.  Receiving would rule out the
 * read-ahead that brings many records with one system call.
 */

#include "transport/tls_bio.h"

#include <sys/socket.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/compat.h"

/* Commands that bio.h keeps for OpenSSL itself, the same since 3.0. */
#define SET_KEYS		72
#define SET_RECORD_TYPE		74
#define CLEAR_RECORD_TYPE	75

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

/* ---- kernel TLS ------------------------------------------------------ */

/* -1: others' bytes would come between, or there is none. */
static int
descriptor(const struct tls_wire *w)
{
	struct pipe_wait	 wait;

	if (w->below->below != NULL)
		return (-1);
	w->below->ops->wait(w->below, &wait);
	return (wait.fd);
}

/* A kernel that can't is not asked again. */
static long
hand_over(struct tls_wire *w, long sending, void *keys)
{
	int	 fd = descriptor(w);
	BIO	*bio;

	if (sending == 0 || fd < 0 || w->asked || KTLS_LEVEL < 0)
		return (0);
	w->asked = true;
	bio = ossl.BIO_new_socket(fd, BIO_NOCLOSE);
	if (bio != NULL)
		w->kernel = ossl.BIO_ctrl(bio, SET_KEYS, sending, keys) > 0;
	ossl.BIO_free(bio);
	return (w->kernel);
}

/* Something else than data: the kernel is told what the record is. */
static ssize_t
write_record(struct tls_wire *w, const void *from, size_t len)
{
	union {
		char		 room[CMSG_SPACE(1)];
		struct cmsghdr	 head;
	} type = { { 0 } };
	struct iovec	 data = { (void *)(uintptr_t)from, len };
	struct msghdr	 m = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t		 n;

	type.head.cmsg_level = KTLS_LEVEL;
	type.head.cmsg_type = KTLS_SET_RECORD_TYPE;
	type.head.cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(&type.head) = w->record_type;
	m.msg_control = &type;
	m.msg_controllen = sizeof(type.room);
	n = sendmsg(descriptor(w), &m, MSG_NOSIGNAL);
	if (n >= 0)
		w->record_type = 0;
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return (n >= 0 ? n : 0);
	return (errf(&w->error, MQK_EIO, "TLS: %s", strerror(errno)));
}

static long
control(BIO *bio, int command, long arg, void *more)
{
	struct tls_wire	*w = ossl.BIO_get_data(bio);

	switch (command) {
	case BIO_CTRL_FLUSH:
		return (1);
	case BIO_CTRL_GET_KTLS_SEND:
		return (w->kernel);
	case SET_KEYS:
		return (hand_over(w, arg, more));
	case SET_RECORD_TYPE:
	case CLEAR_RECORD_TYPE:
		w->record_type = command == SET_RECORD_TYPE ? (uint8_t)arg : 0;
		return (1);
	default:
		return (0);
	}
}

/* ---- the BIO --------------------------------------------------------- */

static int
write_below(BIO *bio, const char *from, int len)
{
	struct tls_wire	*w = ossl.BIO_get_data(bio);
	ssize_t		 n;

	n = w->record_type != 0 ? write_record(w, from, (size_t)len) :
	    w->below->ops->write(w->below, from, (size_t)len, &w->error);
	return (result(bio, w, n, BIO_FLAGS_WRITE));
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
