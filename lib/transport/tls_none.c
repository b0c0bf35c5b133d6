/* SPDX-License-Identifier: MIT */

/* What is left of TLS in a build without it. */

#include <stdio.h>

#include "transport/tls.h"

static const char missing[] = "this build has no TLS";

int
mqk_tls_new(struct mqk_tls **tls, const struct mqk_tls_options *o, char *why,
    size_t size)
{
	(void)o;
	*tls = NULL;
	if (why != NULL)
		snprintf(why, size, "%s", missing);
	return (MQK_ENOTSUP);
}

void
mqk_tls_free(struct mqk_tls *tls)
{
	(void)tls;
}

void *
mqk_tls_native(struct mqk_tls *tls)
{
	(void)tls;
	return (NULL);
}

struct mqk_tls *
tls_ref(struct mqk_tls *tls)
{
	return (tls);
}

int
tls_take(struct pipe **pipe, struct pipe *below, struct mqk_tls **context,
    const char *host, uint16_t port, struct error *e)
{
	(void)context;
	(void)host;
	(void)port;
	*pipe = NULL;
	below->ops->free(below);
	return (errf(e, MQK_ENOTSUP, "%s", missing));
}
