/* SPDX-License-Identifier: MIT */

/*
 * From a URL to a stack of pipes.  A transport is a row of the table; nothing
 * above this file knows which ones there are.
 */

#include <string.h>

#include "transport/tls.h"
#include "transport/transport.h"

typedef int build_fn(struct pipe **, const struct transport_options *,
    uint16_t port, struct error *);

struct scheme {
	const char	*name;
	uint16_t	 port;
	build_fn	*build;		/* NULL: not in this build */
};

#if WITH_TLS
static int
tls_over_tcp(struct pipe **pipe, const struct transport_options *o,
    uint16_t port, struct error *e)
{
	struct pipe	*tcp;
	int		 err;

	err = tcp_new(&tcp, o, port, e);
	if (err < 0)
		return (err);
	return (tls_take(pipe, tcp, o->tls, o->url->host, port, e));
}
#else
#define tls_over_tcp	NULL
#endif

static const struct scheme schemes[] = {
	{ "mqtt",	1883,	tcp_new },
	{ "mqtts",	8883,	tls_over_tcp },
	{ "ws",		80,	NULL },
	{ "wss",	443,	NULL },
	{ "unix",	0,	unix_new },
};

static const struct scheme *
find_scheme(const char *name)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strcmp(schemes[i].name, name) == 0)
			return (&schemes[i]);
	return (NULL);
}

int
transport_check(const struct mqk_url *url, struct error *e)
{
	const struct scheme	*s = find_scheme(url->scheme);

	if (s == NULL)
		return (errf(e, MQK_EINVAL, "%s://: no such transport",
		    url->scheme));
	if (s->build == NULL)
		return (errf(e, MQK_ENOTSUP,
		    "%s://: this build has no such transport", url->scheme));
	return (MQK_OK);
}

int
transport_new(struct pipe **pipe, const struct transport_options *o,
    struct error *e)
{
	const struct scheme	*s;
	int			 err;

	*pipe = NULL;
	err = transport_check(o->url, e);
	if (err < 0)
		return (err);
	s = find_scheme(o->url->scheme);
	return (s->build(pipe, o, o->url->port != 0 ? o->url->port : s->port,
	    e));
}
