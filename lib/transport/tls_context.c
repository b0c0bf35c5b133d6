/* SPDX-License-Identifier: MIT */

/* From mqk_tls_options to an SSL_CTX that any number of connections share. */

#include "transport/tls_context.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "transport/tls.h"

/* Records of 16 KiB that one system call may bring. */
#define READ_AHEAD	(64u * 1024)

#define PSK_MAX		512
#define ALPN_MAX	255

typedef int set_fn(struct mqk_tls *, const struct mqk_tls_options *,
    struct error *);

static struct mqk_tls *
tls_of(const SSL *ssl)
{
	return (ossl.SSL_CTX_get_ex_data(ossl.SSL_get_SSL_CTX(ssl), 0));
}

/* Say that a file can't be read before OpenSSL says it in its own way. */
static int
need_file(const char *what, const char *path, bool directory, struct error *e)
{
	struct stat	 st;

	if (access(path, directory ? R_OK | X_OK : R_OK) != 0 ||
	    stat(path, &st) != 0)
		return (errf(e, MQK_EIO, "%s %s: %s", what, path,
		    strerror(errno)));
	if (S_ISDIR(st.st_mode) != directory)
		return (errf(e, MQK_EIO, "%s %s: %s", what, path,
		    directory ? "not a directory" : "is a directory"));
	return (MQK_OK);
}

/* ---- whom to trust --------------------------------------------------- */

static int
set_ca_file(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	int	 err;

	if (o->ca_file == NULL)
		return (MQK_OK);
	err = need_file("CA file", o->ca_file, false, e);
	if (err == MQK_OK &&
	    ossl.SSL_CTX_load_verify_file(t->ctx, o->ca_file) != 1)
		err = errf(e, MQK_EINVAL, "CA file %s: no certificate in it "
		    "(%s)", o->ca_file, openssl_reason());
	return (err);
}

static int
set_ca_dir(struct mqk_tls *t, const struct mqk_tls_options *o, struct error *e)
{
	int	 err;

	if (o->ca_dir == NULL)
		return (MQK_OK);
	err = need_file("CA directory", o->ca_dir, true, e);
	if (err == MQK_OK &&
	    ossl.SSL_CTX_load_verify_dir(t->ctx, o->ca_dir) != 1)
		err = errf(e, MQK_EINVAL, "CA directory %s: %s", o->ca_dir,
		    openssl_reason());
	return (err);
}

static int
set_system_ca(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	if (!o->system_ca && (o->ca_file != NULL || o->ca_dir != NULL))
		return (MQK_OK);
	if (ossl.SSL_CTX_set_default_verify_paths(t->ctx) != 1)
		return (errf(e, MQK_ETLS, "the system's CAs: %s",
		    openssl_reason()));
	return (MQK_OK);
}

/* How many were added to the store. */
static int
add_crls(X509_STORE *store, BIO *in)
{
	X509_CRL	*crl;
	int		 n = 0;

	while ((crl = ossl.PEM_read_bio_X509_CRL(in, NULL, NULL, NULL)) !=
	    NULL) {
		n += ossl.X509_STORE_add_crl(store, crl);
		ossl.X509_CRL_free(crl);
	}
	ossl.ERR_clear_error();		/* the end of the file is one */
	return (n);
}

static int
set_crl(struct mqk_tls *t, const struct mqk_tls_options *o, struct error *e)
{
	X509_STORE	*store = ossl.SSL_CTX_get_cert_store(t->ctx);
	BIO		*in;
	int		 n, err;

	if (o->crl_file == NULL)
		return (MQK_OK);
	err = need_file("CRL file", o->crl_file, false, e);
	if (err < 0)
		return (err);
	in = ossl.BIO_new_file(o->crl_file, "r");
	n = in != NULL ? add_crls(store, in) : 0;
	ossl.BIO_free(in);
	if (n == 0)
		return (errf(e, MQK_EINVAL,
		    "CRL file %s: no revocation list in it", o->crl_file));
	ossl.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return (MQK_OK);
}

static int
on_verify(int ok, X509_STORE_CTX *x)
{
	SSL		*ssl;
	struct tls_link	*link;

	if (ok == 1)
		return (ok);
	ssl = ossl.X509_STORE_CTX_get_ex_data(x,
	    ossl.SSL_get_ex_data_X509_STORE_CTX_idx());
	link = ossl.SSL_get_ex_data(ssl, 0);
	tls_report_verify(&link->report, x);
	return (ok);
}

static int
set_verify(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	(void)e;
	t->insecure = o->insecure;
	if (o->insecure)
		ossl.SSL_CTX_set_verify(t->ctx, SSL_VERIFY_NONE, NULL);
	else
		ossl.SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, on_verify);
	return (MQK_OK);
}

/* ---- who we are ------------------------------------------------------ */

/* Called only when the broker asks for a certificate and there is none. */
static int
on_cert_wanted(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	struct tls_link	*link = ossl.SSL_get_ex_data(ssl, 0);

	(void)cert;
	(void)key;
	link->report.cert_wanted = true;
	return (0);
}

static int
set_identity(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	ossl.SSL_CTX_set_client_cert_cb(t->ctx, on_cert_wanted);
	return (tls_load_identity(t->ctx, o, e));
}

static unsigned
on_psk(SSL *ssl, const char *hint, char *identity, unsigned max_identity,
    unsigned char *psk, unsigned max_psk)
{
	const struct mqk_tls	*t = tls_of(ssl);
	size_t			 len = strlen(t->psk_identity) + 1;

	(void)hint;
	if (len > max_identity || t->psk.len > max_psk)
		return (0);
	memcpy(identity, t->psk_identity, len);
	memcpy(psk, t->psk.data, t->psk.len);
	return ((unsigned)t->psk.len);
}

static int
set_psk(struct mqk_tls *t, const struct mqk_tls_options *o, struct error *e)
{
	if (o->psk_identity == NULL && o->psk.len == 0)
		return (MQK_OK);
	if (o->psk_identity == NULL || o->psk.len == 0)
		return (errf(e, MQK_EINVAL,
		    "a pre-shared key and its identity go together"));
	if (o->psk.len > PSK_MAX || strlen(o->psk_identity) > PSK_MAX)
		return (errf(e, MQK_EINVAL,
		    "the pre-shared key is longer than %d bytes", PSK_MAX));
	if (o->min_version > MQK_TLS_1_2)
		return (errf(e, MQK_EINVAL,
		    "pre-shared keys need TLS 1.2"));
	t->psk_identity = str_dup(o->psk_identity);
	t->psk.data = str_ndup(o->psk.data, o->psk.len);
	t->psk.len = o->psk.len;
	if (t->psk_identity == NULL || t->psk.data == NULL)
		return (errf(e, MQK_ENOMEM, "TLS: out of memory"));
	ossl.SSL_CTX_set_psk_client_callback(t->ctx, on_psk);
	return (MQK_OK);
}

/* ---- what to speak --------------------------------------------------- */

static int
set_versions(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	long	 min = o->min_version != MQK_TLS_ANY ? (long)o->min_version :
		    TLS1_2_VERSION;
	long	 max = o->psk_identity != NULL ? TLS1_2_VERSION :
		    (long)o->max_version;

	if ((max != 0 && max < min) || min < TLS1_2_VERSION ||
	    ossl.SSL_CTX_ctrl(t->ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, min,
	    NULL) != 1 ||
	    ossl.SSL_CTX_ctrl(t->ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, max,
	    NULL) != 1)
		return (errf(e, MQK_EINVAL,
		    "there is no TLS version between these limits"));
	return (MQK_OK);
}

static int
set_ciphers(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	const char	*list = o->ciphers;

	if (list == NULL && o->psk_identity != NULL)
		list = "PSK";
	if (list != NULL && ossl.SSL_CTX_set_cipher_list(t->ctx, list) != 1)
		return (errf(e, MQK_EINVAL,
		    "ciphers %s: OpenSSL knows none of them", list));
	list = o->ciphersuites;
	if (list != NULL && ossl.SSL_CTX_set_ciphersuites(t->ctx, list) != 1)
		return (errf(e, MQK_EINVAL,
		    "cipher suites %s: not all are TLS 1.3's", list));
	return (MQK_OK);
}

static int
set_alpn(struct mqk_tls *t, const struct mqk_tls_options *o, struct error *e)
{
	unsigned char	 wire[1 + ALPN_MAX];
	size_t		 len = o->alpn != NULL ? strlen(o->alpn) : 0;

	if (o->alpn == NULL)
		return (MQK_OK);
	if (len < 1 || len > ALPN_MAX)
		return (errf(e, MQK_EINVAL,
		    "an ALPN protocol has 1 to %d bytes", ALPN_MAX));
	wire[0] = (unsigned char)len;
	memcpy(wire + 1, o->alpn, len);
	/* The one function of them all that says 0 when it went well. */
	if (ossl.SSL_CTX_set_alpn_protos(t->ctx, wire,
	    (unsigned)(len + 1)) != 0)
		return (errf(e, MQK_ENOMEM, "TLS: out of memory"));
	return (MQK_OK);
}

static int
set_server_name(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	if (str_set(&t->server_name, o->server_name) < 0)
		return (errf(e, MQK_ENOMEM, "TLS: out of memory"));
	return (MQK_OK);
}

/*
 * Writes may be short, so that a full socket does not hold back what is sent;
 * idle connections keep no buffers; nobody needs renegotiation, and without
 * it a write never waits for the peer.
 */
static int
set_modes(struct mqk_tls *t, const struct mqk_tls_options *o, struct error *e)
{
	(void)e;
	ossl.SSL_CTX_ctrl(t->ctx, SSL_CTRL_MODE, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
	    NULL);
	ossl.SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION |
	    (o->kernel ? SSL_OP_ENABLE_KTLS : 0));
	ossl.SSL_CTX_ctrl(t->ctx, SSL_CTRL_SET_READ_AHEAD, 1, NULL);
	ossl.SSL_CTX_set_default_read_buffer_len(t->ctx, READ_AHEAD);
	return (MQK_OK);
}

/* ---- sessions and key log -------------------------------------------- */

static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	const struct tls_link	*link = ossl.SSL_get_ex_data(ssl, 0);

	tls_sessions_take(&tls_of(ssl)->sessions, link->peer, session);
	return (1);
}

static int
set_resumption(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	(void)e;
	if (o->no_resume)
		return (MQK_OK);
	ossl.SSL_CTX_ctrl(t->ctx, SSL_CTRL_SET_SESS_CACHE_MODE,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL, NULL);
	ossl.SSL_CTX_sess_set_new_cb(t->ctx, on_session);
	return (MQK_OK);
}

/* One write for each line, so that several processes may share the file. */
static void
on_keylog(const SSL *ssl, const char *line)
{
	char	 text[512];
	ssize_t	 n;

	snprintf(text, sizeof(text), "%s\n", line);
	n = write(tls_of(ssl)->keylog_fd, text, strlen(text));
	(void)n;			/* no reason to fail a connection */
}

static int
set_keylog(struct mqk_tls *t, const struct mqk_tls_options *o,
    struct error *e)
{
	if (o->keylog_file == NULL)
		return (MQK_OK);
	t->keylog_fd = open(o->keylog_file,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (t->keylog_fd == -1)
		return (errf(e, MQK_EIO, "key log %s: %s", o->keylog_file,
		    strerror(errno)));
	ossl.SSL_CTX_set_keylog_callback(t->ctx, on_keylog);
	return (MQK_OK);
}

/* ---- the whole ------------------------------------------------------- */

static set_fn *const settings[] = {
	set_modes, set_versions, set_verify, set_ca_file, set_ca_dir,
	set_system_ca, set_crl, set_identity, set_psk, set_ciphers, set_alpn,
	set_server_name, set_resumption, set_keylog,
};

static int
configure(struct mqk_tls *t, const struct mqk_tls_options *o, struct error *e)
{
	int	 err = MQK_OK;

	t->ctx = ossl.SSL_CTX_new(ossl.TLS_client_method());
	if (t->ctx == NULL)
		return (errf(e, MQK_ENOMEM, "TLS: %s", openssl_reason()));
	ossl.SSL_CTX_set_ex_data(t->ctx, 0, t);
	for (size_t i = 0; err == MQK_OK &&
	    i < sizeof(settings) / sizeof(settings[0]); i++)
		err = settings[i](t, o, e);
	ossl.ERR_clear_error();
	return (err);
}

int
tls_context_new(struct mqk_tls **tls, const struct mqk_tls_options *o,
    struct error *e)
{
	struct mqk_tls	*t;
	int		 err;

	*tls = NULL;
	err = openssl_load(e);
	if (err < 0)
		return (err);
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return (errf(e, MQK_ENOMEM, "TLS: out of memory"));
	atomic_init(&t->refs, 1);
	t->keylog_fd = -1;
	tls_sessions_init(&t->sessions);
	err = configure(t, o, e);
	if (err < 0)
		mqk_tls_free(t);
	else
		*tls = t;
	return (err);
}

int
mqk_tls_new(struct mqk_tls **tls, const struct mqk_tls_options *o, char *why,
    size_t size)
{
	static const struct mqk_tls_options defaults;
	struct error	 e;
	int		 err = tls_context_new(tls, o != NULL ? o : &defaults,
			    &e);

	if (err < 0 && why != NULL)
		snprintf(why, size, "%s", e.text);
	return (err);
}

struct mqk_tls *
tls_ref(struct mqk_tls *t)
{
	if (t != NULL)
		atomic_fetch_add(&t->refs, 1);
	return (t);
}

void
mqk_tls_free(struct mqk_tls *t)
{
	if (t == NULL || atomic_fetch_sub(&t->refs, 1) > 1)
		return;
	tls_sessions_fini(&t->sessions);
	ossl.SSL_CTX_free(t->ctx);
	if (t->keylog_fd != -1)
		close(t->keylog_fd);
	str_wipe((void *)(uintptr_t)t->psk.data, t->psk.len);
	free(t->psk_identity);
	free(t->server_name);
	free(t);
}

void *
mqk_tls_native(struct mqk_tls *t)
{
	return (t->ctx);
}
