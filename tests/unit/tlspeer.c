/* SPDX-License-Identifier: MIT */

#include "unit/tlspeer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "transport/tls.h"

#define DAY_S	(24 * 60 * 60L)

char	tlspeer_cert_file[] = "/tmp/mqk-cert-XXXXXX";
char	tlspeer_key_file[] = "/tmp/mqk-key-XXXXXX";

/* ---- files ----------------------------------------------------------- */

static X509 *
make_cert(EVP_PKEY *key)
{
	X509		*cert = X509_new();
	X509_NAME	*name = X509_get_subject_name(cert);
	X509_EXTENSION	*san;

	san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
	    "DNS:broker.example,IP:127.0.0.1");
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(cert), DAY_S);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"unit test", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, key);
	X509_add_ext(cert, san, -1);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	X509_EXTENSION_free(san);
	return (cert);
}

int
tlspeer_make_files(void **state)
{
	EVP_PKEY	*key = EVP_EC_gen("P-256");
	X509		*cert = make_cert(key);
	FILE		*f;

	(void)state;
	f = fdopen(mkstemp(tlspeer_cert_file), "w");
	PEM_write_X509(f, cert);
	fclose(f);
	f = fdopen(mkstemp(tlspeer_key_file), "w");
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(cert);
	EVP_PKEY_free(key);
	return (0);
}

int
tlspeer_remove_files(void **state)
{
	(void)state;
	unlink(tlspeer_cert_file);
	unlink(tlspeer_key_file);
	return (0);
}

/* ---- the pipe below -------------------------------------------------- */

static int
memory_open(struct pipe *p, int64_t now, struct error *e)
{
	(void)p;
	(void)now;
	(void)e;
	return (MQK_OK);
}

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

static ssize_t
memory_read(struct pipe *p, void *to, size_t size, struct error *e)
{
	struct memory	*m = (struct memory *)p;
	size_t		 n = least(size, m->nin);

	if (n == 0 && m->ended)
		return (errf(e, MQK_ECLOSED, "memory: closed by peer"));
	if (m->chunk != 0)
		n = least(n, m->chunk);
	memcpy(to, m->in, n);
	memmove(m->in, m->in + n, m->nin - n);
	m->nin -= n;
	return ((ssize_t)n);
}

static ssize_t
memory_write(struct pipe *p, const void *from, size_t len, struct error *e)
{
	struct memory	*m = (struct memory *)p;
	size_t		 room = m->room != 0 ? m->room : sizeof(m->out);
	size_t		 n = room > m->nout ? least(len, room - m->nout) : 0;

	if (m->deaf)
		return (errf(e, MQK_ECLOSED, "memory: reset by peer"));
	if (m->chunk != 0)
		n = least(n, m->chunk);
	memcpy(m->out + m->nout, from, n);
	m->nout += n;
	return ((ssize_t)n);
}

static void
memory_wait(const struct pipe *p, struct pipe_wait *w)
{
	(void)p;
	w->fd = 7;
	w->want = MQK_READ;
	w->deadline = INT64_MAX;
}

static bool
memory_pending(const struct pipe *p)
{
	(void)p;
	return (false);
}

static int
memory_shut(struct pipe *p)
{
	(void)p;
	return (MQK_OK);
}

static void
memory_text(const struct pipe *p, char *to, size_t size)
{
	(void)p;
	snprintf(to, size, "memory");
}

static void
memory_free(struct pipe *p)
{
	((struct memory *)p)->freed = true;
}

static const struct pipe_ops memory_ops = {
	.name = "memory",
	.open = memory_open,
	.read = memory_read,
	.write = memory_write,
	.wait = memory_wait,
	.pending = memory_pending,
	.shut = memory_shut,
	.stage = memory_text,
	.address = memory_text,
	.free = memory_free,
};

/* ---- the server ------------------------------------------------------ */

void
tlspeer_new(struct tlspeer *t, int version)
{
	memset(t, 0, sizeof(*t));
	t->ctx = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate_file(t->ctx, tlspeer_cert_file,
	    SSL_FILETYPE_PEM), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(t->ctx, tlspeer_key_file,
	    SSL_FILETYPE_PEM), 1);
	SSL_CTX_set_session_id_context(t->ctx, (const unsigned char *)"t", 1);
	SSL_CTX_set_min_proto_version(t->ctx, version);
	SSL_CTX_set_max_proto_version(t->ctx, version);
}

void
tlspeer_free(struct tlspeer *t)
{
	tlspeer_drop(t);
	SSL_CTX_free(t->ctx);
}

void
tlspeer_connect(struct tlspeer *t, struct mqk_tls **context, const char *host)
{
	memset(&t->memory, 0, sizeof(t->memory));
	t->memory.pipe.ops = &memory_ops;
	t->server = SSL_new(t->ctx);
	SSL_set_bio(t->server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(t->server);
	assert_int_equal(tls_take(&t->pipe, &t->memory.pipe, context, host,
	    8883, &t->e), MQK_OK);
}

void
tlspeer_drop(struct tlspeer *t)
{
	if (t->pipe != NULL)
		t->pipe->ops->free(t->pipe);
	SSL_free(t->server);
	t->pipe = NULL;
	t->server = NULL;
}

void
tlspeer_turn(struct tlspeer *t)
{
	struct memory	*m = &t->memory;
	int		 n;

	if (m->nout > 0)
		BIO_write(SSL_get_rbio(t->server), m->out, (int)m->nout);
	m->nout = 0;
	if (!SSL_is_init_finished(t->server))
		SSL_do_handshake(t->server);
	n = BIO_read(SSL_get_wbio(t->server), m->in + m->nin,
	    (int)(sizeof(m->in) - m->nin));
	if (n > 0)
		m->nin += (size_t)n;
}

int
tlspeer_handshake(struct tlspeer *t)
{
	int	 err = MQK_EAGAIN;

	for (int i = 0; i < 20000 && err == MQK_EAGAIN; i++) {
		err = t->pipe->ops->open(t->pipe, 0, &t->e);
		tlspeer_turn(t);
	}
	return (err);
}
