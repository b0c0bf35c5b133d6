/* SPDX-License-Identifier: MIT */

/*
 * The TLS pipe: handshake, records and how they end, and what went wrong in
 * words.  How OpenSSL reaches the pipe below is in tls_bio.c.
 */

#include <sys/socket.h>

#include <arpa/inet.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/foreign.h"
#include "transport/report.h"
#include "transport/tls.h"
#include "transport/tls_bio.h"
#include "transport/tls_context.h"

struct tls {
	struct pipe	 pipe;
	struct mqk_tls	*context;
	SSL		*ssl;		/* NULL: the pipe below is not open */
	struct tls_link	 link;
	struct tls_wire	 wire;
	unsigned	 want;		/* what OpenSSL waits for */
	bool		 up;		/* the handshake is done */
	bool		 dry;		/* nothing whole left to decrypt */
	bool		 broken;	/* a failure that ends the session */
	struct error	 late;		/* to be told by the next read */
	char		*peer;		/* "broker.example:8883" */
	char		 host[];
};

static const struct pipe_ops tls_ops;

static struct tls *
tls_of(struct pipe *p)
{
	return ((struct tls *)p);
}

static const struct tls *
tls_of_const(const struct pipe *p)
{
	return ((const struct tls *)p);
}

/* ---- failures -------------------------------------------------------- */

static void
tls_address(const struct pipe *p, char *text, size_t size)
{
	p->below->ops->address(p->below, text, size);
}

static void
tls_stage(const struct pipe *p, char *text, size_t size)
{
	const struct tls	*t = tls_of_const(p);
	char			 address[PIPE_ADDRESS_MAX];

	if (t->ssl == NULL || t->up) {
		p->below->ops->stage(p->below, text, size);
		return;
	}
	tls_address(p, address, sizeof(address));
	snprintf(text, size, "TLS with %s", address);
}

static enum mqk_stage
tls_reached(const struct pipe *p)
{
	return (tls_of_const(p)->ssl != NULL ? MQK_STAGE_TLS :
	    p->below->ops->reached(p->below));
}

/* "TLS with 127.0.0.1:8883", also when the handshake is over. */
static void
prefix_text(const struct tls *t, char *text, size_t size)
{
	char	 address[PIPE_ADDRESS_MAX];

	tls_address(&t->pipe, address, sizeof(address));
	snprintf(text, size, "TLS with %s", address);
}

/* The handshake found something else than TLS at the other end. */
static int
explain_foreign(const struct tls_wire *w, const char *prefix, struct error *e)
{
	const char	*other = foreign_protocol(w->first, w->nfirst);

	if (w->nfirst == 0)
		errf(e, MQK_ETLS, "%s: closed without an answer; this port "
		    "does not speak TLS", prefix);
	else
		errf(e, MQK_ETLS, "%s: this port does not speak TLS%s%s",
		    prefix, other != NULL ? " but " : "",
		    other != NULL ? other : "");
	e->cause = "not_tls";
	return (MQK_ETLS);
}

/* A fatal alert is an error whose number begins at SSL_AD_REASON_OFFSET. */
static int
alert_of(unsigned long code)
{
	int	 reason = ERR_GET_REASON(code) - SSL_AD_REASON_OFFSET;

	return (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > 0 &&
	    reason <= UCHAR_MAX ? reason : 0);
}

static bool
speaks_tls(const struct tls_wire *w)
{
	const char	*protocol = foreign_protocol(w->first, w->nfirst);

	return (protocol != NULL && strcmp(protocol, "TLS") == 0);
}

static int
explain(struct tls *t, struct error *e)
{
	const struct tls_wire	*w = &t->wire;
	char			 prefix[PIPE_ADDRESS_MAX + 16];
	const char		*name = t->context->server_name;

	t->broken = w->err == MQK_OK;
	t->link.report.alert = alert_of(ossl.ERR_peek_last_error());
	prefix_text(t, prefix, sizeof(prefix));
	if (t->link.report.verify_error != 0)
		return (tls_explain_verify(&t->link.report, prefix,
		    name != NULL ? name : t->host, e));
	if (t->link.report.alert != 0)
		return (tls_explain_alert(&t->link.report, prefix, e));
	if (!t->up && !speaks_tls(w) &&
	    (w->nfirst > 0 || w->err == MQK_ECLOSED))
		return (explain_foreign(w, prefix, e));
	if (w->err == MQK_OK)
		return (errf(e, MQK_ETLS, "%s: %s", prefix, openssl_reason()));
	*e = w->error;
	return (w->err);
}

/*
 * After an operation that moved nothing: 0 for the moment, or the failure.
 * OpenSSL needs an empty error queue before each operation for this.
 */
static int
outcome(struct tls *t, struct error *e)
{
	char	 address[PIPE_ADDRESS_MAX];
	int	 err;

	switch (ossl.SSL_get_error(t->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
		t->want = MQK_READ;
		return (MQK_OK);
	case SSL_ERROR_WANT_WRITE:
		t->want = MQK_WRITE;
		return (MQK_OK);
	case SSL_ERROR_ZERO_RETURN:
		tls_address(&t->pipe, address, sizeof(address));
		return (errf(e, MQK_ECLOSED, "%s: connection closed by peer",
		    address));
	}
	err = explain(t, e);
	ossl.ERR_clear_error();
	return (err);
}

/* ---- opening --------------------------------------------------------- */

static bool
is_address(const char *host)
{
	struct in6_addr	 ignored;

	return (inet_pton(AF_INET, host, &ignored) == 1 ||
	    inet_pton(AF_INET6, host, &ignored) == 1);
}

/* Whom we call and whom the certificate must be for. */
static bool
set_name(struct tls *t)
{
	X509_VERIFY_PARAM	*param = ossl.SSL_get0_param(t->ssl);
	const char		*name = t->context->server_name;

	if (name == NULL)
		name = t->host;
	if (is_address(name))
		return (t->context->insecure ||
		    ossl.X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1);
	if (ossl.SSL_ctrl(t->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
	    TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)name) != 1)
		return (false);
	ossl.X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return (t->context->insecure ||
	    ossl.X509_VERIFY_PARAM_set1_host(param, name, 0) == 1);
}

static void
resume(struct tls *t)
{
	SSL_SESSION	*session;

	session = tls_sessions_get(&t->context->sessions, t->peer);
	if (session == NULL)
		return;
	/* One that does not fit only means a full handshake. */
	(void)ossl.SSL_set_session(t->ssl, session);
	ossl.SSL_SESSION_free(session);
}

static int
start(struct tls *t, struct error *e)
{
	BIO	*bio = NULL;

	t->ssl = ossl.SSL_new(t->context->ctx);
	if (t->ssl != NULL)
		bio = tls_bio_new(&t->wire);
	if (bio == NULL)
		return (errf(e, MQK_ENOMEM, "TLS: out of memory"));
	ossl.SSL_set_bio(t->ssl, bio, bio);
	ossl.SSL_set_ex_data(t->ssl, 0, &t->link);
	ossl.SSL_set_connect_state(t->ssl);
	if (!set_name(t))
		return (errf(e, MQK_ETLS, "TLS: %s can't be a server's name",
		    t->host));
	resume(t);
	return (MQK_OK);
}

static int
tls_open(struct pipe *p, int64_t now, struct error *e)
{
	struct tls	*t = tls_of(p);
	int		 err;

	if (t->ssl == NULL) {
		err = p->below->ops->open(p->below, now, e);
		if (err == MQK_OK)
			err = start(t, e);
		if (err < 0)
			return (err);
	}
	ossl.ERR_clear_error();
	if (ossl.SSL_do_handshake(t->ssl) == 1) {
		t->up = true;
		t->want = 0;
		return (MQK_OK);
	}
	err = outcome(t, e);
	return (err < 0 ? err : MQK_EAGAIN);
}

/* ---- connected ------------------------------------------------------- */

/* As many records as fit and are there; the last read tells why no more. */
static ssize_t
tls_read(struct pipe *p, void *to, size_t size, struct error *e)
{
	struct tls	*t = tls_of(p);
	size_t		 done = 0, n;
	int		 err = MQK_OK;

	if (t->late.code < 0) {
		*e = t->late;
		return (e->code);
	}
	t->want = 0;
	ossl.ERR_clear_error();
	do {
		t->dry = ossl.SSL_read_ex(t->ssl, (char *)to + done,
		    size - done, &n) != 1;
		if (t->dry)
			break;
		done += n;
	} while (done < size && ossl.SSL_has_pending(t->ssl));
	if (t->dry)
		err = outcome(t, e);
	if (err < 0 && done > 0)
		t->late = *e;
	return (done > 0 ? (ssize_t)done : err);
}

/* A peer that closes while we write has often said why, in an alert. */
static int
last_words(struct tls *t, int err, struct error *e)
{
	char	 byte;
	size_t	 n;

	ossl.ERR_clear_error();
	if (ossl.SSL_peek_ex(t->ssl, &byte, 1, &n) == 1 ||
	    outcome(t, &t->late) != MQK_ETLS) {
		t->late.code = MQK_OK;
		return (err);
	}
	*e = t->late;
	return (e->code);
}

static ssize_t
tls_write(struct pipe *p, const void *from, size_t len, struct error *e)
{
	struct tls	*t = tls_of(p);
	size_t		 done = 0, n;
	int		 err;

	t->want = 0;
	ossl.ERR_clear_error();
	while (done < len && ossl.SSL_write_ex(t->ssl,
	    (const char *)from + done, len - done, &n) == 1)
		done += n;
	/* A failure behind bytes that went out comes again. */
	if (done > 0)
		return ((ssize_t)done);
	err = outcome(t, e);
	return (err == MQK_ECLOSED ? last_words(t, err, e) : err);
}

static bool
tls_pending(const struct pipe *p)
{
	const struct tls	*t = tls_of_const(p);

	return (t->late.code < 0 || (t->up && !t->dry &&
	    ossl.SSL_has_pending(t->ssl)) || p->below->ops->pending(p->below));
}

static void
tls_wait(const struct pipe *p, struct pipe_wait *w)
{
	const struct tls	*t = tls_of_const(p);

	p->below->ops->wait(p->below, w);
	if (t->ssl == NULL)
		return;
	if (!t->up)
		w->want = t->want;
	else
		w->want |= t->want;
}

static int
tls_shut(struct pipe *p)
{
	struct tls	*t = tls_of(p);

	ossl.ERR_clear_error();
	if (t->up && !t->broken && ossl.SSL_shutdown(t->ssl) < 0 &&
	    ossl.SSL_get_error(t->ssl, -1) == SSL_ERROR_WANT_WRITE)
		return (MQK_EAGAIN);
	ossl.ERR_clear_error();
	return (p->below->ops->shut(p->below));
}

static void
tls_free(struct pipe *p)
{
	struct tls	*t = tls_of(p);

	/* Or else OpenSSL takes a lost connection's session for a bad one. */
	if (t->ssl != NULL && !t->broken)
		ossl.SSL_set_shutdown(t->ssl,
		    SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	if (t->ssl != NULL)
		ossl.SSL_free(t->ssl);
	p->below->ops->free(p->below);
	tls_report_fini(&t->link.report);
	mqk_tls_free(t->context);
	free(t->peer);
	free(t);
}

static void
tls_report(const struct pipe *p, struct pipe_report *r)
{
	const struct tls	*t = tls_of_const(p);

	if (t->ssl == NULL)
		return;
	tls_report_tell(&t->link.report, t->ssl, r);
	if (!t->up && !speaks_tls(&t->wire))
		report_first(r, t->wire.first, t->wire.nfirst);
}

static const struct pipe_ops tls_ops = {
	.name = "tls",
	.open = tls_open,
	.read = tls_read,
	.write = tls_write,
	.wait = tls_wait,
	.pending = tls_pending,
	.shut = tls_shut,
	.reached = tls_reached,
	.report = tls_report,
	.stage = tls_stage,
	.address = tls_address,
	.free = tls_free,
};

/* "HOST:PORT", which sessions are kept under. */
static char *
peer_name(const char *host, uint16_t port)
{
	size_t	 size = strlen(host) + sizeof(":65535");
	char	*name = malloc(size);

	if (name != NULL)
		snprintf(name, size, "%s:%u", host, (unsigned)port);
	return (name);
}

static struct tls *
make_pipe(struct pipe *below, const char *host, uint16_t port)
{
	size_t		 len = strlen(host) + 1;
	struct tls	*t = calloc(1, sizeof(*t) + len);

	if (t == NULL)
		return (NULL);
	t->peer = peer_name(host, port);
	if (t->peer == NULL) {
		free(t);
		return (NULL);
	}
	memcpy(t->host, host, len);
	t->host[strcspn(host, "%")] = '\0';	/* "fe80::1%eth0" */
	t->pipe.ops = &tls_ops;
	t->pipe.below = below;
	t->link.peer = t->peer;
	t->wire.below = below;
	return (t);
}

int
tls_take(struct pipe **pipe, struct pipe *below, struct mqk_tls **context,
    const char *host, uint16_t port, struct error *e)
{
	static const struct mqk_tls_options defaults;
	struct tls	*t = NULL;
	int		 err = MQK_OK;

	*pipe = NULL;
	if (*context == NULL)
		err = tls_context_new(context, &defaults, e);
	if (err == MQK_OK) {
		t = make_pipe(below, host, port);
		if (t == NULL)
			err = errf(e, MQK_ENOMEM, "TLS: out of memory");
	}
	if (err < 0) {
		below->ops->free(below);
		return (err);
	}
	t->context = tls_ref(*context);
	*pipe = &t->pipe;
	return (MQK_OK);
}
