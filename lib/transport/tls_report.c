/* SPDX-License-Identifier: MIT */

/* Certificates as text, read from OpenSSL's structures while they live. */

#include "transport/tls_report.h"

#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 10 };

void
tls_report_fini(struct tls_report *r)
{
	free(r->chain);
	memset(r, 0, sizeof(*r));
}

/* RFC 4514, but with UTF-8 as it is; control characters are escaped. */
static void
name_text(const X509_NAME *name, char *to, size_t size)
{
	BIO	*mem = ossl.BIO_new(ossl.BIO_s_mem());
	int	 n;

	to[0] = '\0';
	if (mem == NULL)
		return;
	ossl.X509_NAME_print_ex(mem, name, 0,
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	n = ossl.BIO_read(mem, to, (int)size - 1);
	to[n > 0 ? n : 0] = '\0';
	ossl.BIO_free(mem);
}

static void
time_text(const ASN1_TIME *at, char *to, size_t size)
{
	struct tm	 tm;

	if (ossl.ASN1_TIME_to_tm(at, &tm) != 1)
		snprintf(to, size, "an unknown date");
	else
		strftime(to, size, "%Y-%m-%d %H:%M:%S UTC", &tm);
}

static void
append_name(char *to, size_t size, const char *name, size_t len)
{
	size_t	 used = strlen(to);

	snprintf(to + used, size - used, "%s%.*s", used > 0 ? ", " : "",
	    (int)len, name);
}

static void
append_address(char *to, size_t size, const uint8_t *bytes, size_t len)
{
	char	 text[INET6_ADDRSTRLEN];
	int	 family = len == 4 ? AF_INET : AF_INET6;

	if ((len == 4 || len == 16) &&
	    inet_ntop(family, bytes, text, sizeof(text)) != NULL)
		append_name(to, size, text, strlen(text));
}

static void
append_general(char *to, size_t size, const GENERAL_NAME *name)
{
	const uint8_t	*at;
	size_t		 len;

	if (name->type != GEN_DNS && name->type != GEN_IPADD)
		return;
	at = ossl.ASN1_STRING_get0_data(name->d.ip);
	len = (size_t)ossl.ASN1_STRING_length(name->d.ip);
	if (name->type == GEN_DNS)
		append_name(to, size, (const char *)at, len);
	else
		append_address(to, size, at, len);
}

/* The names it is for; those that are no host are left out. */
static void
names_text(const X509 *cert, char *to, size_t size)
{
	GENERAL_NAMES		*names;
	const OPENSSL_STACK	*stack;

	to[0] = '\0';
	names = ossl.X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	stack = (const OPENSSL_STACK *)names;
	if (names == NULL)
		return;
	for (int i = 0; i < ossl.OPENSSL_sk_num(stack); i++)
		append_general(to, size, ossl.OPENSSL_sk_value(stack, i));
	ossl.GENERAL_NAMES_free(names);
}

static void
read_cert(struct cert_text *to, const X509 *cert)
{
	name_text(ossl.X509_get_subject_name(cert), to->subject,
	    sizeof(to->subject));
	name_text(ossl.X509_get_issuer_name(cert), to->issuer,
	    sizeof(to->issuer));
	names_text(cert, to->names, sizeof(to->names));
	time_text(ossl.X509_get0_notBefore(cert), to->from, sizeof(to->from));
	time_text(ossl.X509_get0_notAfter(cert), to->until, sizeof(to->until));
}

/* How many; 0 without the memory for them. */
static size_t
read_chain(struct cert_text **to, const OPENSSL_STACK *chain)
{
	int	 n = chain != NULL ? ossl.OPENSSL_sk_num(chain) : 0;

	if (n > MAX_CHAIN)
		n = MAX_CHAIN;
	*to = n > 0 ? calloc((size_t)n, sizeof(**to)) : NULL;
	if (*to == NULL)
		return (0);
	for (int i = 0; i < n; i++)
		read_cert(&(*to)[i], ossl.OPENSSL_sk_value(chain, i));
	return ((size_t)n);
}

void
tls_report_verify(struct tls_report *r, X509_STORE_CTX *x)
{
	tls_report_fini(r);
	r->verify_error = ossl.X509_STORE_CTX_get_error(x);
	r->depth = (size_t)ossl.X509_STORE_CTX_get_error_depth(x);
	r->n = read_chain(&r->chain,
	    (const OPENSSL_STACK *)ossl.X509_STORE_CTX_get0_chain(x));
}

void
tls_report_tell(const struct tls_report *r, const SSL *ssl,
    struct pipe_report *to)
{
	to->alert = (uint8_t)r->alert;
	to->verify_error = r->verify_error;
	to->verify_depth = r->depth;
	if (r->alert != 0)
		to->alert_name = tls_alert_name(r->alert);
	if (r->verify_error != 0)
		to->verify_name = tls_verify_name(r->verify_error);
	if (r->n == 0) {
		to->nchain = read_chain(&to->chain, (const OPENSSL_STACK *)
		    ossl.SSL_get_peer_cert_chain(ssl));
		return;
	}
	to->chain = malloc(r->n * sizeof(*r->chain));
	if (to->chain == NULL)
		return;
	memcpy(to->chain, r->chain, r->n * sizeof(*r->chain));
	to->nchain = r->n;
}
