/* SPDX-License-Identifier: MIT */

/* What the pipes know about a connection, to be asked when it has failed. */

#ifndef TRANSPORT_REPORT_H
#define TRANSPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

/* Texts are cut off where they don't fit. */
struct cert_text {
	char		 subject[128];	/* "CN=localhost,O=Example" */
	char		 issuer[128];
	char		 names[256];	/* "broker.example, 10.0.0.1" */
	char		 from[24];	/* "2026-01-31 12:00:00 UTC" */
	char		 until[24];
};

struct pipe_report {
	uint8_t		 first[32];	/* bytes that were not understood */
	size_t		 nfirst;
	uint8_t		 alert;		/* that the peer sent; 0: none */
	const char	*alert_name;	/* static; NULL: none */
	long		 verify_error;	/* of OpenSSL; 0: none */
	const char	*verify_name;	/* static; NULL: none */
	size_t		 verify_depth;
	struct cert_text *chain;	/* allocated, for the asker to free */
	size_t		 nchain;
};

struct pipe;

/* Ask it and all below it; the report is cleared before. */
void	 report_pipes(struct pipe_report *, const struct pipe *);

/* For them: the beginning of an answer. */
void	 report_first(struct pipe_report *, const void *, size_t);

#endif
