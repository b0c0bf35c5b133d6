/* SPDX-License-Identifier: MIT */

#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "mqk.h"

/* The last failure: a code and one sentence, without a final period. */
struct error {
	int		 code;
	int		 os_error;	/* errno behind it; 0: none */
	const char	*cause;		/* static: mqk_disconnected.cause */
	char		 text[256];	/* UTF-8 without control characters */
};

/*
 * Record text for code, without cause and errno, and return code:
 * "return (errf(&x->error, …));".  NULL (no memory to record it in) just
 * returns it.
 */
int	 errf(struct error *, int code, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
