/* SPDX-License-Identifier: MIT */

/*
 * From a URL to a stack of pipes.  A transport is a row of the table; nothing
 * above this file knows which ones there are.
 */

#include <string.h>

#include "transport/proxy.h"
#include "transport/tls.h"
#include "transport/transport.h"
#include "transport/ws.h"

typedef int build_fn(struct pipe **, const struct transport_options *,
    uint16_t port, struct error *);

/* A pipe on top of the one that is there, which it takes. */
typedef int cover_fn(struct pipe **, const struct transport_options *,
    uint16_t port, struct error *);

#define N_COVERS	2

/* From the bottom to the top. */
struct scheme {
	const char	*name;
	const char	*service;	/* in SRV records; NULL: has none */
	uint16_t	 port;
	build_fn	*bottom;
	cover_fn	*cover[N_COVERS];	/* NULL: none */
};

/* What this build lacks; transport_check() tells before it is called. */
static int
absent(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	(void)pipe;
	(void)port;
	return (errf(e, MQK_ENOTSUP, "%s://: this build has no such transport",
	    o->url->scheme));
}

#if WITH_TLS
static int
cover_tls(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	return (tls_take(pipe, *pipe, o->tls, o->url->host, port, e));
}
#else
#define cover_tls	absent
#endif

#if WITH_WS
static int
cover_ws(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	const char	*path = o->url->path;
	struct ws_options ws = {
		.host = o->url->host,
		.port = o->url->port,
		.path = path != NULL && *path != '\0' ? path : o->ws_path,
		.fields = o->ws_fields,
	};

	(void)port;
	return (ws_take(pipe, *pipe, &ws, e));
}
#else
#define cover_ws	absent
#endif

static int
internet(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	return (o->proxy != NULL ? proxy_new(pipe, o, port, e) :
	    tcp_new(pipe, o, port, e));
}

static const struct scheme schemes[] = {
	{ "mqtt", "mqtt", 1883, internet, { NULL } },
	{ "mqtts", "secure-mqtt", 8883, internet, { cover_tls } },
	{ "ws", NULL, 80, internet, { cover_ws } },
	{ "wss", NULL, 443, internet, { cover_tls, cover_ws } },
	{ "unix", NULL, 0, unix_new, { NULL } },
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
	for (size_t i = 0; i < N_COVERS; i++)
		if (s->cover[i] == absent)
			return (errf(e, MQK_ENOTSUP,
			    "%s://: this build has no such transport",
			    url->scheme));
	return (MQK_OK);
}

/* A URL with a port says where the broker is; SRV records would say more. */
static int
choose_service(struct transport_options *o, const struct scheme *s,
    struct error *e)
{
	if (!o->srv || o->url->port != 0)
		return (MQK_OK);
	if (s->service == NULL)
		return (errf(e, MQK_EINVAL, "%s://: there are no SRV records "
		    "for that", s->name));
	if (o->proxy != NULL)
		return (errf(e, MQK_EINVAL, "%s://%s: SRV records can't be "
		    "looked up through a proxy", s->name, o->url->host));
	o->service = s->service;
	return (MQK_OK);
}

int
transport_new(struct pipe **pipe, const struct transport_options *options,
    struct error *e)
{
	struct transport_options all = *options, *o = &all;
	const struct scheme	*s;
	uint16_t		 port;
	int			 err;

	*pipe = NULL;
	err = transport_check(o->url, e);
	if (err < 0)
		return (err);
	s = find_scheme(o->url->scheme);
	port = o->url->port != 0 ? o->url->port : s->port;
	err = choose_service(o, s, e);
	if (err == MQK_OK)
		err = s->bottom(pipe, o, port, e);
	for (size_t i = 0; i < N_COVERS && err == MQK_OK; i++)
		if (s->cover[i] != NULL)
			err = s->cover[i](pipe, o, port, e);
	return (err);
}
