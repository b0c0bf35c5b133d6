/* SPDX-License-Identifier: MIT */

/*
 * The pipe of both kinds of proxy.  Once the way is open it only hands on what
 * the pipe below says.
 */

#include "transport/proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/str.h"
#include "transport/exchange.h"
#include "transport/report.h"
#include "transport/socks.h"

struct proxy;

struct kind {
	const char	*scheme;
	uint16_t	 port;
	int		(*start)(struct proxy *, struct error *);
	int		(*step)(struct proxy *, int64_t now, struct error *);
};

struct proxy {
	struct pipe	 pipe;
	const struct kind *kind;
	const struct mqk_url *url;	/* its own; the client keeps it */
	uint16_t	 port;		/* of the broker */
	bool		 below_up;
	bool		 up;
	struct exchange	*x;		/* HTTP, and what came behind */
	struct socks	*socks;
	char		 host[];	/* of the broker */
};

static struct proxy *
proxy_of(struct pipe *p)
{
	return ((struct proxy *)p);
}

static const struct proxy *
proxy_of_const(const struct pipe *p)
{
	return ((const struct proxy *)p);
}

/* ---- HTTP ------------------------------------------------------------ */

/* RFC 7617 */
static void
add_basic(struct exchange *x, const struct mqk_url *url)
{
	char	 login[2 * SOCKS_TEXT_MAX + 1];
	char	 coded[BASE64_SIZE(sizeof(login))];
	size_t	 len = strlen(url->user);

	memcpy(login, url->user, len);
	login[len++] = ':';
	if (url->password.len > 0)
		memcpy(login + len, url->password.data, url->password.len);
	base64(coded, login, len + url->password.len);
	exchange_add(x, "Proxy-Authorization: Basic ");
	exchange_add(x, coded);
	exchange_add(x, "\r\n");
	str_clear(login, sizeof(login));
	str_clear(coded, sizeof(coded));
}

static int
http_start(struct proxy *p, struct error *e)
{
	bool	 literal = strchr(p->host, ':') != NULL;
	char	 target[SOCKS_TEXT_MAX + 16];

	snprintf(target, sizeof(target), literal ? "[%s]:%u" : "%s:%u",
	    p->host, (unsigned)p->port);
	p->x = exchange_new("proxy handshake", MQK_EPROXY, 200);
	if (p->x == NULL)
		return (errf(e, MQK_ENOMEM, "proxy: out of memory"));
	exchange_add(p->x, "CONNECT ");
	exchange_add(p->x, target);
	exchange_add(p->x, " HTTP/1.1\r\nHost: ");
	exchange_add(p->x, target);
	exchange_add(p->x, "\r\n");
	if (p->url->user != NULL)
		add_basic(p->x, p->url);
	exchange_add(p->x, "\r\n");
	return (MQK_OK);
}

static int
http_step(struct proxy *p, int64_t now, struct error *e)
{
	return (exchange_step(p->x, p->pipe.below, now, e));
}

/* ---- SOCKS ----------------------------------------------------------- */

static int
socks_begin(struct proxy *p, struct error *e)
{
	p->socks = malloc(sizeof(*p->socks));
	if (p->socks == NULL)
		return (errf(e, MQK_ENOMEM, "proxy: out of memory"));
	socks_start(p->socks, p->url, p->host, p->port);
	return (MQK_OK);
}

static int
send_out(struct socks *s, struct pipe *below, struct error *e)
{
	ssize_t	 n = 0;

	if (s->out_len > 0)
		n = below->ops->write(below, s->out, s->out_len, e);
	if (n < 0)
		return ((int)n);
	s->out_len -= (size_t)n;
	memmove(s->out, s->out + n, s->out_len);
	return (MQK_OK);
}

/* Name the proxy in front of what it did. */
static int
blame(const struct proxy *p, struct error *e)
{
	struct error	 why = *e;
	char		 address[PIPE_ADDRESS_MAX];

	p->pipe.below->ops->address(p->pipe.below, address, sizeof(address));
	return (errf(e, why.code, "proxy handshake with %s: %.120s", address,
	    why.text));
}

/* Never reads further than the reply under way. */
static int
socks_talk(struct proxy *p, int64_t now, struct error *e)
{
	struct socks	*s = p->socks;
	struct pipe	*below = p->pipe.below;
	ssize_t		 n;
	int		 err;

	(void)now;
	for (;;) {
		err = send_out(s, below, e);
		if (err < 0)
			return (err);
		/* Who answers early is not read before it has heard all. */
		if (s->out_len > 0)
			return (MQK_EAGAIN);
		n = below->ops->read(below, s->in + s->n, s->want - s->n, e);
		if (n < 0)
			return ((int)n);
		s->n += (size_t)n;
		err = socks_step(s, e);
		if (err == MQK_EAGAIN && n > 0)
			continue;
		return (err == MQK_EPROXY ? blame(p, e) : err);
	}
}

/* ---- the pipe -------------------------------------------------------- */

static const struct kind kinds[] = {
	{ "http",	8080,	http_start,	http_step },
	{ "socks5h",	1080,	socks_begin,	socks_talk },
};

static const struct kind *
find_kind(const char *scheme)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].scheme, scheme) == 0)
			return (&kinds[i]);
	return (NULL);
}

static int
proxy_open(struct pipe *pipe, int64_t now, struct error *e)
{
	struct proxy	*p = proxy_of(pipe);
	int		 err;

	if (!p->below_up) {
		err = pipe->below->ops->open(pipe->below, now, e);
		if (err == MQK_OK)
			err = p->kind->start(p, e);
		if (err < 0)
			return (err);
		p->below_up = true;
	}
	err = p->kind->step(p, now, e);
	p->up = err == MQK_OK;
	return (err);
}

static ssize_t
proxy_read(struct pipe *pipe, void *to, size_t size, struct error *e)
{
	struct proxy	*p = proxy_of(pipe);
	size_t		 n;

	if (p->x != NULL) {
		n = exchange_rest(p->x, to, size);
		if (n > 0)
			return ((ssize_t)n);
		exchange_free(p->x);
		p->x = NULL;
	}
	return (pipe->below->ops->read(pipe->below, to, size, e));
}

static ssize_t
proxy_write(struct pipe *pipe, const void *from, size_t len, struct error *e)
{
	return (pipe->below->ops->write(pipe->below, from, len, e));
}

static void
proxy_wait(const struct pipe *pipe, struct pipe_wait *w)
{
	const struct proxy	*p = proxy_of_const(pipe);

	pipe->below->ops->wait(pipe->below, w);
	if (!p->below_up || p->up)
		return;
	if (p->x != NULL)
		exchange_wait(p->x, w);
	if (p->socks != NULL && p->socks->out_len > 0)
		w->want = MQK_WRITE;
}

static bool
proxy_pending(const struct pipe *pipe)
{
	const struct proxy	*p = proxy_of_const(pipe);

	return ((p->up && p->x != NULL) ||
	    pipe->below->ops->pending(pipe->below));
}

static int
proxy_shut(struct pipe *pipe)
{
	return (pipe->below->ops->shut(pipe->below));
}

static void
proxy_address(const struct pipe *pipe, char *text, size_t size)
{
	const struct proxy	*p = proxy_of_const(pipe);
	char			 address[PIPE_ADDRESS_MAX];

	pipe->below->ops->address(pipe->below, address, sizeof(address));
	snprintf(text, size, "%s:%u via %.64s", p->host, (unsigned)p->port,
	    address);
}

static void
proxy_stage(const struct pipe *pipe, char *text, size_t size)
{
	const struct proxy	*p = proxy_of_const(pipe);
	char			 address[PIPE_ADDRESS_MAX];

	if (!p->below_up) {
		pipe->below->ops->stage(pipe->below, text, size);
		return;
	}
	proxy_address(pipe, address, sizeof(address));
	snprintf(text, size, "%s%s", p->up ? "" : "connect to ", address);
}

static enum mqk_stage
proxy_reached(const struct pipe *pipe)
{
	return (proxy_of_const(pipe)->below_up ? MQK_STAGE_PROXY :
	    pipe->below->ops->reached(pipe->below));
}

static void
proxy_report(const struct pipe *pipe, struct pipe_report *r)
{
	const struct proxy	*p = proxy_of_const(pipe);

	if (p->up)
		return;
	if (p->x != NULL)
		report_first(r, p->x->in, p->x->n);
	else if (p->socks != NULL)
		report_first(r, p->socks->in, p->socks->n);
}

static void
proxy_free(struct pipe *pipe)
{
	struct proxy	*p = proxy_of(pipe);

	pipe->below->ops->free(pipe->below);
	exchange_free(p->x);
	str_wipe(p->socks, sizeof(*p->socks));
	free(p);
}

static const struct pipe_ops proxy_ops = {
	.name = "proxy",
	.open = proxy_open,
	.read = proxy_read,
	.write = proxy_write,
	.wait = proxy_wait,
	.pending = proxy_pending,
	.shut = proxy_shut,
	.reached = proxy_reached,
	.report = proxy_report,
	.stage = proxy_stage,
	.address = proxy_address,
	.free = proxy_free,
};

/* ---- making ---------------------------------------------------------- */

int
proxy_check(const struct mqk_url *url, struct error *e)
{
	if (find_kind(url->scheme) == NULL)
		return (errf(e, MQK_EINVAL, "proxy: %s:// is none of http "
		    "socks5h", url->scheme));
	if ((url->user != NULL && strlen(url->user) > SOCKS_TEXT_MAX) ||
	    url->password.len > SOCKS_TEXT_MAX)
		return (errf(e, MQK_EINVAL, "proxy: user or password is "
		    "longer than %d bytes", SOCKS_TEXT_MAX));
	return (MQK_OK);
}

int
proxy_new(struct pipe **pipe, const struct transport_options *o,
    uint16_t port, struct error *e)
{
	const struct kind	*kind = find_kind(o->proxy->scheme);
	struct transport_options to_proxy = *o;
	size_t			 len = strlen(o->url->host) + 1;
	struct proxy		*p;
	int			 err;

	if (len > SOCKS_TEXT_MAX + 1)
		return (errf(e, MQK_EINVAL, "%s: too long for a host name",
		    o->url->host));
	p = calloc(1, sizeof(*p) + len);
	if (p == NULL)
		return (errf(e, MQK_ENOMEM, "proxy: out of memory"));
	to_proxy.url = o->proxy;
	err = tcp_new(&p->pipe.below, &to_proxy, o->proxy->port != 0 ?
	    o->proxy->port : kind->port, e);
	if (err < 0) {
		free(p);
		return (err);
	}
	memcpy(p->host, o->url->host, len);
	p->pipe.ops = &proxy_ops;
	p->kind = kind;
	p->url = o->proxy;
	p->port = port;
	*pipe = &p->pipe;
	return (MQK_OK);
}
