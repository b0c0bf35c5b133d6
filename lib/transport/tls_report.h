/* SPDX-License-Identifier: MIT */

/*
 * What is known about a TLS connection that failed: the certificate error and
 * the chain it was found in, or the alert that the peer sent.
 */

#ifndef TRANSPORT_TLS_REPORT_H
#define TRANSPORT_TLS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "transport/openssl.h"
#include "transport/report.h"

struct tls_report {
	int		 verify_error;	/* X509_V_ERR_…; 0: none */
	size_t		 depth;		/* of the certificate it is about */
	size_t		 n;
	struct cert_text *chain;	/* the broker's first; NULL: unknown */
	bool		 cert_wanted;	/* it asked for ours and got none */
	int		 alert;		/* that the peer sent; 0: none */
};

void	 tls_report_fini(struct tls_report *);

/* Record the error that a verification has come upon. */
void	 tls_report_verify(struct tls_report *, X509_STORE_CTX *);

/* All of it, with the chain of the connection if none was recorded. */
void	 tls_report_tell(const struct tls_report *, const SSL *,
	    struct pipe_report *);

/* Static: "CERT_HAS_EXPIRED", "unknown_ca"; others are "OTHER". */
const char *tls_verify_name(int error);
const char *tls_alert_name(int alert);

/*
 * Tell it as a sentence behind "prefix: ".  Both need that there is such an
 * error, and return the code for it.
 */
int	 tls_explain_verify(const struct tls_report *, const char *prefix,
	    const char *host, struct error *);
int	 tls_explain_alert(const struct tls_report *, const char *prefix,
	    struct error *);

#endif
