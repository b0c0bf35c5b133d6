/* SPDX-License-Identifier: MIT */

/* What is wrong with a certificate and what an alert means, in words. */

#include <stdio.h>
#include <string.h>

#include "transport/tls_report.h"

/* ---- certificates ---------------------------------------------------- */

typedef void say_fn(const struct cert_text *, const char *host, char *, size_t);

static void
say_expired(const struct cert_text *c, const char *host, char *to, size_t size)
{
	(void)host;
	snprintf(to, size, "the certificate of %s expired on %s", c->subject,
	    c->until);
}

static void
say_early(const struct cert_text *c, const char *host, char *to, size_t size)
{
	(void)host;
	snprintf(to, size, "the certificate of %s is not valid before %s",
	    c->subject, c->from);
}

static void
say_host(const struct cert_text *c, const char *host, char *to, size_t size)
{
	snprintf(to, size, "the certificate is for %s, not for %s",
	    c->names[0] != '\0' ? c->names : c->subject, host);
}

static void
say_unknown_ca(const struct cert_text *c, const char *host, char *to,
    size_t size)
{
	(void)host;
	snprintf(to, size, "the certificate of %s was issued by %s, "
	    "which is not a trusted CA", c->subject, c->issuer);
}

static void
say_self_signed(const struct cert_text *c, const char *host, char *to,
    size_t size)
{
	(void)host;
	snprintf(to, size, "the certificate of %s is self-signed and not "
	    "among the trusted ones", c->subject);
}

static void
say_unknown_root(const struct cert_text *c, const char *host, char *to,
    size_t size)
{
	(void)host;
	snprintf(to, size, "the certificate comes from the CA %s, which is "
	    "not a trusted one", c->subject);
}

static void
say_revoked(const struct cert_text *c, const char *host, char *to, size_t size)
{
	(void)host;
	snprintf(to, size, "the certificate of %s has been revoked by %s",
	    c->subject, c->issuer);
}

static void
say_no_crl(const struct cert_text *c, const char *host, char *to, size_t size)
{
	(void)host;
	snprintf(to, size, "the revocation list has nothing from %s, "
	    "which issued the certificate", c->issuer);
}

static const struct verify_row {
	int		 error;
	const char	*name;
	say_fn		*say;		/* NULL: OpenSSL's own words */
} verify_rows[] = {
#define ROW(name, say) { X509_V_ERR_##name, #name, say }
	ROW(CERT_HAS_EXPIRED, say_expired),
	ROW(CERT_NOT_YET_VALID, say_early),
	ROW(HOSTNAME_MISMATCH, say_host),
	ROW(IP_ADDRESS_MISMATCH, say_host),
	ROW(UNABLE_TO_GET_ISSUER_CERT, say_unknown_ca),
	ROW(UNABLE_TO_GET_ISSUER_CERT_LOCALLY, say_unknown_ca),
	ROW(UNABLE_TO_VERIFY_LEAF_SIGNATURE, say_unknown_ca),
	ROW(DEPTH_ZERO_SELF_SIGNED_CERT, say_self_signed),
	ROW(SELF_SIGNED_CERT_IN_CHAIN, say_unknown_root),
	ROW(CERT_REVOKED, say_revoked),
	ROW(UNABLE_TO_GET_CRL, say_no_crl),
	ROW(CRL_HAS_EXPIRED, NULL),
	ROW(CRL_NOT_YET_VALID, NULL),
	ROW(CRL_SIGNATURE_FAILURE, NULL),
	ROW(CERT_SIGNATURE_FAILURE, NULL),
	ROW(CERT_CHAIN_TOO_LONG, NULL),
	ROW(CERT_UNTRUSTED, NULL),
	ROW(CERT_REJECTED, NULL),
	ROW(INVALID_CA, NULL),
	ROW(INVALID_PURPOSE, NULL),
	ROW(PATH_LENGTH_EXCEEDED, NULL),
	ROW(KEYUSAGE_NO_CERTSIGN, NULL),
	ROW(UNHANDLED_CRITICAL_EXTENSION, NULL),
	ROW(PERMITTED_VIOLATION, NULL),
	ROW(EXCLUDED_VIOLATION, NULL),
	ROW(EE_KEY_TOO_SMALL, NULL),
	ROW(CA_KEY_TOO_SMALL, NULL),
	ROW(CA_MD_TOO_WEAK, NULL),
#undef ROW
};

static const struct verify_row *
find_verify(int error)
{
	static const struct verify_row	 other = { 0, "OTHER", NULL };

	for (size_t i = 0; i < sizeof(verify_rows) / sizeof(verify_rows[0]);
	    i++)
		if (verify_rows[i].error == error)
			return (&verify_rows[i]);
	return (&other);
}

const char *
tls_verify_name(int error)
{
	return (find_verify(error)->name);
}

int
tls_explain_verify(const struct tls_report *r, const char *prefix,
    const char *host, struct error *e)
{
	const struct verify_row	*row = find_verify(r->verify_error);
	char			 text[sizeof(e->text)];

	if (row->say != NULL && r->depth < r->n)
		row->say(&r->chain[r->depth], host, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "the certificate: %s",
		    ossl.X509_verify_cert_error_string(r->verify_error));
	errf(e, MQK_EVERIFY, "%s: %s", prefix, text);
	e->cause = row->name;
	return (MQK_EVERIFY);
}

/* ---- alerts (RFC 8446, section 6, and earlier ones) ------------------ */

static const struct alert_row {
	int		 alert;
	const char	*name;
	const char	*text;		/* NULL: the name says it */
} alert_rows[] = {
	{ 10, "unexpected_message", NULL },
	{ 20, "bad_record_mac", "the pre-shared key may be a wrong one" },
	{ 22, "record_overflow", NULL },
	{ 40, "handshake_failure",
	  "no common version and cipher, or it misses a certificate of ours" },
	{ 42, "bad_certificate", "it cannot read our certificate" },
	{ 43, "unsupported_certificate",
	  "our certificate is of a kind it does not take" },
	{ 44, "certificate_revoked", "our certificate has been revoked" },
	{ 45, "certificate_expired", "our certificate has expired" },
	{ 46, "certificate_unknown", "it does not accept our certificate" },
	{ 47, "illegal_parameter", NULL },
	{ 48, "unknown_ca", "it does not know the CA of our certificate" },
	{ 49, "access_denied", "our certificate may not connect" },
	{ 50, "decode_error", NULL },
	{ 51, "decrypt_error", "a signature of ours or the pre-shared key "
	  "is wrong" },
	{ 70, "protocol_version", "no TLS version in common" },
	{ 71, "insufficient_security", "it wants stronger ciphers" },
	{ 80, "internal_error", "the fault is the broker's" },
	{ 86, "inappropriate_fallback", NULL },
	{ 90, "user_canceled", NULL },
	{ 109, "missing_extension", NULL },
	{ 110, "unsupported_extension", NULL },
	{ 112, "unrecognized_name", "it is not the server of that name" },
	{ 115, "unknown_psk_identity", "it does not know our PSK identity" },
	{ 116, "certificate_required", "it wants a certificate of ours" },
	{ 120, "no_application_protocol", "no ALPN protocol in common" },
};

static const struct alert_row *
find_alert(int alert)
{
	static const struct alert_row	 other = { 0, "unknown alert", NULL };

	for (size_t i = 0; i < sizeof(alert_rows) / sizeof(alert_rows[0]); i++)
		if (alert_rows[i].alert == alert)
			return (&alert_rows[i]);
	return (&other);
}

const char *
tls_alert_name(int alert)
{
	return (find_alert(alert)->name);
}

/* TLS 1.2 has no alert of its own for a certificate that was not sent. */
static int
true_alert(const struct tls_report *r)
{
	const int	 handshake_failure = 40, certificate_required = 116;

	if (r->alert == handshake_failure && r->cert_wanted)
		return (certificate_required);
	return (r->alert);
}

int
tls_explain_alert(const struct tls_report *r, const char *prefix,
    struct error *e)
{
	const struct alert_row	*row = find_alert(true_alert(r));

	errf(e, MQK_ETLS, "%s: the broker refused with alert %d, %s%s%s",
	    prefix, r->alert, find_alert(r->alert)->name,
	    row->text != NULL ? ": " : "", row->text != NULL ? row->text : "");
	e->cause = row->name;
	return (MQK_ETLS);
}
