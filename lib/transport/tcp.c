/* SPDX-License-Identifier: MIT */

/*
 * TCP: look the names up, ours and the peer's, try its addresses one after the
 * other, each for a limited time, then move bytes.  One descriptor at any
 * moment: the resolver's, or that of the one attempt under way.
 */

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compat.h"
#include "base/str.h"
#include "transport/resolve.h"
#include "transport/socket.h"
#include "transport/transport.h"

/* Reads until a TLS handshake and CONNACK are through, with some to spare. */
#define EARLY_READS	8

/* Only needed until the connection stands. */
struct dialing {
	struct resolve	*job;		/* for one of the two lists */
	struct addresses *local;	/* of bind_address */
	struct addresses *list;
	size_t		 next;		/* of it, to be tried */
	const char	*service;	/* static; NULL: the host itself */
	char		 failed[200];	/* "ADDRESS: CAUSE; …" so far */
	int		 os_error;	/* of the last one */
	bool		 refused;	/* one failed otherwise than by time */
	bool		 bound;		/* bind_address was of use */
	uint16_t	 port;
	struct mqk_tcp	 options;
	uint32_t	 limit_ms;	/* for each address */
	int64_t		 deadline;	/* of this one */
	char		*bind_address;
	char		 host[];
};

struct tcp {
	struct pipe	 pipe;
	struct dialing	*dialing;	/* NULL: connected */
	int		 fd;
	uint8_t		 early;		/* reads so far, up to EARLY_READS */
	union address	 peer;
};

/* mqk_disconnected.cause where the peer is not to blame. */
static const char bind_cause[] = "bind_address";

static const struct pipe_ops tcp_ops;

static struct tcp *
tcp_of(struct pipe *p)
{
	return ((struct tcp *)p);
}

static const struct tcp *
tcp_of_const(const struct pipe *p)
{
	return ((const struct tcp *)p);
}

static void
dialing_free(struct dialing *d)
{
	if (d == NULL)
		return;
	resolve_free(d->job);
	free(d->local);
	free(d->list);
	free(d->bind_address);
	free(d);
}

int
tcp_new(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	struct tcp	*t = calloc(1, sizeof(*t));
	size_t		 len = strlen(o->url->host) + 1;
	struct dialing	*d = calloc(1, sizeof(*d) + len);

	if (t == NULL || d == NULL)
		goto nomem;
	memcpy(d->host, o->url->host, len);
	if (str_set(&d->bind_address, o->bind_address) < 0)
		goto nomem;
	d->port = port;
	d->service = o->service;
	d->limit_ms = o->address_timeout_ms;
	t->pipe.ops = &tcp_ops;
	t->dialing = d;
	t->fd = -1;
	d->options = o->tcp;
	*pipe = &t->pipe;
	return (MQK_OK);
nomem:
	free(t);
	dialing_free(d);
	return (errf(e, MQK_ENOMEM, "connect: out of memory"));
}

static void
address_text(const union address *a, char *text, size_t size)
{
	char	 host[PIPE_ADDRESS_MAX - 8] = "?", port[6] = "?";

	getnameinfo(&a->any, address_len(a), host, sizeof(host), port,
	    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(text, size, a->any.sa_family == AF_INET6 ? "[%s]:%s" :
	    "%s:%s", host, port);
}

static void
tcp_address(const struct pipe *p, char *text, size_t size)
{
	address_text(&tcp_of_const(p)->peer, text, size);
}

static void
tcp_stage(const struct pipe *p, char *text, size_t size)
{
	const struct tcp	*t = tcp_of_const(p);
	char			 address[PIPE_ADDRESS_MAX];

	if (t->dialing != NULL && t->dialing->list == NULL) {
		snprintf(text, size, "resolve %s", t->dialing->job != NULL ?
		    resolve_name(t->dialing->job) : t->dialing->host);
		return;
	}
	tcp_address(p, address, sizeof(address));
	snprintf(text, size, "%s%s", t->dialing != NULL ? "connect to " : "",
	    address);
}

static enum mqk_stage
tcp_reached(const struct pipe *p)
{
	const struct dialing	*d = tcp_of_const(p)->dialing;

	return (d != NULL && d->list == NULL ? MQK_STAGE_RESOLVE :
	    MQK_STAGE_CONNECT);
}

static void
tcp_wait(const struct pipe *p, struct pipe_wait *w)
{
	const struct tcp	*t = tcp_of_const(p);

	w->fd = t->fd;
	w->want = MQK_READ;
	w->deadline = INT64_MAX;
	if (t->dialing == NULL)
		return;
	if (t->dialing->job != NULL) {
		w->fd = resolve_fd(t->dialing->job);
	} else if (t->fd != -1) {
		w->want = MQK_WRITE;
		w->deadline = t->dialing->deadline;
	} else {
		w->deadline = 0;	/* not begun: open it at once */
	}
}

/* ---- connecting ------------------------------------------------------ */

static void
set_option(int fd, int level, int option, int value)
{
	/* A refused tuning option is no reason not to connect. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static void
set_options(int fd, const struct mqk_tcp *o)
{
	if (!o->delay)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (o->keep_idle_s == 0)
		return;
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, o->keep_idle_s);
	if (o->keep_interval_s != 0)
		set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, o->keep_interval_s);
	if (o->keep_count != 0)
		set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, o->keep_count);
}

/* To the first local address of that family that can be had: 0, or errno. */
static int
bind_to(struct dialing *d, int fd, sa_family_t family)
{
	const union address	*a = d->local->at;
	int			 err = EADDRNOTAVAIL;

	for (size_t i = 0; i < d->local->n; i++, a++) {
		if (a->any.sa_family != family)
			continue;
		if (bind(fd, &a->any, address_len(a)) == 0) {
			d->bound = true;
			return (0);
		}
		err = errno;
	}
	return (err);
}

/* Begin with one address: 0 connected, EINPROGRESS, or another errno. */
static int
connect_to(struct tcp *t, const union address *a)
{
	int	 err;

	t->peer = *a;
	t->fd = socket_open(a->any.sa_family);
	if (t->fd == -1)
		return (errno);
	if (t->dialing->local != NULL) {
		err = bind_to(t->dialing, t->fd, a->any.sa_family);
		if (err != 0)
			return (err);
	}
	set_options(t->fd, &t->dialing->options);
	if (connect(t->fd, &a->any, address_len(a)) == 0)
		return (0);
	return (errno == EINTR ? EINPROGRESS : errno);
}

/*
 * A port of the ephemeral range on this host that nobody listens on can be
 * given to the connecting socket itself, which then talks to itself.
 */
static bool
is_self(const struct tcp *t)
{
	union address	 a, b;
	socklen_t	 alen = sizeof(a), blen = sizeof(b);

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	return (getsockname(t->fd, &a.any, &alen) == 0 &&
	    getpeername(t->fd, &b.any, &blen) == 0 && alen == blen &&
	    memcmp(&a, &b, sizeof(a)) == 0);
}

/* The attempt under way: 0 connected, EINPROGRESS, or why it failed. */
static int
connect_result(const struct tcp *t)
{
	union address	 a;
	socklen_t	 len = sizeof(a), errlen = sizeof(int);
	int		 err = 0;

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &err, &errlen) == -1)
		return (errno);
	if (err != 0)
		return (err);
	if (getpeername(t->fd, &a.any, &len) == -1)
		return (errno == ENOTCONN ? EINPROGRESS : errno);
	return (is_self(t) ? ECONNREFUSED : 0);
}

/* This address is done for: remember why. */
static void
give_up(struct tcp *t, int err)
{
	struct dialing	*d = t->dialing;
	char		 address[PIPE_ADDRESS_MAX];
	size_t		 len = strlen(d->failed);

	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
	d->os_error = err;
	if (err != ETIMEDOUT)
		d->refused = true;
	address_text(&t->peer, address, sizeof(address));
	snprintf(d->failed + len, sizeof(d->failed) - len, "%s%s%s%s: %s",
	    len > 0 ? "; " : "", address,
	    d->bind_address != NULL ? " from " : "",
	    d->bind_address != NULL ? d->bind_address : "", strerror(err));
}

/* Addresses in order until one connects or is in progress. */
static int
try_addresses(struct tcp *t, int64_t now, struct error *e)
{
	struct dialing	*d = t->dialing;
	int		 err;

	while (d->next < d->list->n) {
		err = connect_to(t, &d->list->at[d->next++]);
		d->deadline = now + d->limit_ms;
		if (err == EINPROGRESS)
			return (MQK_EAGAIN);
		if (err == 0)
			return (MQK_OK);
		give_up(t, err);
	}
	errf(e, d->refused ? MQK_EDIAL : MQK_ETIMEOUT, "connect to %s",
	    d->failed);
	e->os_error = d->os_error;
	if (d->local != NULL && !d->bound)
		e->cause = bind_cause;
	return (e->code);
}

/* With the job, begun if there is none. */
static int
look_up(struct dialing *d, struct addresses **to, const char *host,
    const char *service, struct error *e)
{
	int	 err;

	if (d->job == NULL) {
		err = resolve_start(&d->job, to, host,
		    to == &d->list ? d->port : 0, service, e);
		if (err < 0)
			return (err);
	}
	if (d->job != NULL) {
		err = resolve_result(d->job, to, e);
		if (err < 0)
			return (err);
		resolve_free(d->job);
		d->job = NULL;
	}
	return (MQK_OK);
}

static int
resolve(struct dialing *d, struct error *e)
{
	int	 err;

	if (d->bind_address != NULL && d->local == NULL) {
		err = look_up(d, &d->local, d->bind_address, NULL, e);
		if (err == MQK_ERESOLVE)
			e->cause = bind_cause;
		if (err < 0)
			return (err);
	}
	return (look_up(d, &d->list, d->host, d->service, e));
}

static int
continue_connect(struct tcp *t, int64_t now, struct error *e)
{
	int	 err = connect_result(t);

	if (err == 0)
		return (MQK_OK);
	if (err == EINPROGRESS && now < t->dialing->deadline)
		return (MQK_EAGAIN);
	give_up(t, err == EINPROGRESS ? ETIMEDOUT : err);
	return (try_addresses(t, now, e));
}

static int
tcp_open(struct pipe *p, int64_t now, struct error *e)
{
	struct tcp	*t = tcp_of(p);
	int		 err;

	if (t->dialing->list == NULL) {
		err = resolve(t->dialing, e);
		if (err < 0)
			return (err);
	}
	err = t->fd == -1 ? try_addresses(t, now, e) :
	    continue_connect(t, now, e);
	if (err < 0)
		return (err);
	dialing_free(t->dialing);
	t->dialing = NULL;
	return (MQK_OK);
}

/* ---- connected ------------------------------------------------------- */

/*
 * A broker that writes its part of a TLS handshake and its CONNACK in pieces,
 * without TCP_NODELAY, waits for our ACK in between; a delayed one costs
 * 40 ms.  The kernel forgets the wish with the next read or write.
 */
static void
ack_early_reads(struct tcp *t)
{
	if (t->early < EARLY_READS) {
		t->early++;
		set_option(t->fd, IPPROTO_TCP, TCP_QUICKACK, 1);
	}
}

static ssize_t
tcp_read(struct pipe *p, void *to, size_t size, struct error *e)
{
	struct tcp	*t = tcp_of(p);
	ssize_t		 n = socket_read(p, t->fd, to, size, e);

	if (n > 0)
		ack_early_reads(t);
	return (n);
}

static ssize_t
tcp_write(struct pipe *p, const void *from, size_t len, struct error *e)
{
	return (socket_write(p, tcp_of(p)->fd, from, len, e));
}

static bool
tcp_pending(const struct pipe *p)
{
	(void)p;
	return (false);
}

static int
tcp_shut(struct pipe *p)
{
	return (socket_shut(tcp_of(p)->fd));
}

static void
tcp_free(struct pipe *p)
{
	struct tcp	*t = tcp_of(p);

	dialing_free(t->dialing);
	if (t->fd != -1)
		close(t->fd);
	free(t);
}

static const struct pipe_ops tcp_ops = {
	.name = "tcp",
	.open = tcp_open,
	.read = tcp_read,
	.write = tcp_write,
	.wait = tcp_wait,
	.pending = tcp_pending,
	.shut = tcp_shut,
	.reached = tcp_reached,
	.stage = tcp_stage,
	.address = tcp_address,
	.free = tcp_free,
};
