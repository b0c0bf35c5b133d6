/* SPDX-License-Identifier: MIT */

/*
 * Which brokers there are and what each is told about us.  When which of them
 * is tried is the business of dial.c.
 */

#include "client/brokers.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "client/internal.h"
#include "transport/tls.h"
#include "transport/transport.h"
#include "transport/url.h"

#define REFERENCE_MAX	1024
#define REDIRECTS_MAX	5

/* A URL made of its parts. */
static int
plain_url(struct mqk_url *url, const struct mqk_options *o, struct error *e)
{
	url->scheme = str_dup(o->scheme != NULL ? o->scheme :
	    o->tls != NULL ? "mqtts" : "mqtt");
	url->host = str_dup(o->host != NULL ? o->host : "localhost");
	url->port = o->port;
	if (url->scheme == NULL || url->host == NULL)
		return (errf(e, MQK_ENOMEM, "broker: out of memory"));
	if (strcmp(url->scheme, "unix") == 0 ? url->host[0] != '\0' :
	    url_host_valid(url->host))
		return (MQK_OK);
	return (errf(e, MQK_EINVAL, "host: '%s' is no name or address",
	    url->host));
}

static int
parse_url(struct mqk_url *url, const char *text, struct error *e)
{
	const char	*why;
	int		 err;

	if (text == NULL)
		return (errf(e, MQK_EINVAL, "URL: there is none"));
	err = mqk_url_parse(url, text, &why);
	return (err < 0 ? errf(e, err, "URL: %s", why) : MQK_OK);
}

static int
copy_broker(struct broker *to, const struct mqk_broker *from, struct error *e)
{
	int	 err = parse_url(&to->url, from->url, e);

	if (err < 0)
		return (err);
	err = transport_check(&to->url, e);
	if (err < 0)
		return (err);
	if (!config_credentials_ok(from->user, from->password) ||
	    !config_credentials_ok(to->url.user, to->url.password))
		return (errf(e, MQK_EINVAL, "%s: user or password is too "
		    "long or not UTF-8", to->url.host));
	if (str_set(&to->user, from->user) < 0 ||
	    config_copy_bytes(&to->password, from->password) < 0)
		return (errf(e, MQK_ENOMEM, "%s: out of memory",
		    to->url.host));
	to->tls = tls_ref(from->tls);
	return (MQK_OK);
}

static int
copy_list(struct brokers *to, const struct mqk_broker *from, size_t n,
    struct error *e)
{
	struct error	 why;
	int		 err = MQK_OK;

	if (from == NULL)
		return (errf(e, MQK_EINVAL, "brokers: %zu, but the list is "
		    "NULL", n));
	if (n == 0 || n > MQK_MAX_BROKERS)
		return (errf(e, MQK_EINVAL, "brokers: %zu, not 1 to %d", n,
		    MQK_MAX_BROKERS));
	to->v = calloc(n, sizeof(*to->v));
	if (to->v == NULL)
		return (errf(e, MQK_ENOMEM, "brokers: out of memory"));
	to->n = n;
	for (size_t i = 0; i < n && err == MQK_OK; i++) {
		err = copy_broker(&to->v[i], &from[i], &why);
		if (err < 0 && n > 1)
			errf(e, err, "brokers[%zu]: %s", i, why.text);
		else if (err < 0)
			*e = why;
	}
	if (err < 0)
		brokers_fini(to);
	return (err);
}

/* Without a list or a URL. */
static int
from_parts(struct brokers *to, const struct mqk_options *o, struct error *e)
{
	int	 err;

	to->v = calloc(1, sizeof(*to->v));
	if (to->v == NULL)
		return (errf(e, MQK_ENOMEM, "brokers: out of memory"));
	to->n = 1;
	err = plain_url(&to->v[0].url, o, e);
	return (err < 0 ? err : transport_check(&to->v[0].url, e));
}

int
brokers_init(struct brokers *to, const struct mqk_options *o, struct error *e)
{
	const struct mqk_broker	 one = { .url = o->url };

	if (o->nbrokers > 0 || o->brokers != NULL)
		return (copy_list(to, o->brokers, o->nbrokers, e));
	return (o->url != NULL ? copy_list(to, &one, 1, e) :
	    from_parts(to, o, e));
}

/* ---- going elsewhere ------------------------------------------------- */

/*
 * [MQTT-4.11] "broker.example:8883", maybe behind a scheme.  That must be the
 * one we came with: who sends us elsewhere must not take TLS away.
 */
static int
parse_reference(struct mqk_url *url, const char *scheme,
    struct mqk_bytes reference)
{
	const char	*end = reference.len > 0 ?
			    memchr(reference.data, ' ', reference.len) : NULL;
	size_t		 len = end == NULL ? reference.len :
			    (size_t)(end - (const char *)reference.data);
	struct buf	 text;
	const char	*whole;
	bool		 own;		/* a scheme of its own */
	int		 err;

	buf_init(&text, REFERENCE_MAX);
	buf_append(&text, scheme, strlen(scheme));
	buf_append(&text, "://", 3);
	buf_append(&text, reference.data, len);
	buf_append(&text, "", 1);
	err = text.err;
	whole = (const char *)text.mem;
	if (err == MQK_OK) {
		own = strstr(whole + strlen(scheme) + 3, "://") != NULL;
		err = mqk_url_parse(url, own ? whole + strlen(scheme) + 3 :
		    whole, NULL);
	}
	buf_fini(&text);
	if (err == MQK_OK && strcmp(url->scheme, scheme) != 0) {
		mqk_url_clear(url);
		err = MQK_EINVAL;
	}
	return (err);
}

static void
clear_broker(struct broker *b)
{
	mqk_url_clear(&b->url);
	free(b->user);
	config_wipe_bytes(&b->password);
	mqk_tls_free(b->tls);
}

/* All but the place, which the reference gave. */
static int
copy_terms(struct broker *to, const struct broker *from)
{
	free(to->url.user);
	to->url.user = NULL;
	config_wipe_bytes(&to->url.password);
	free(to->url.path);
	to->url.path = NULL;
	if (str_set(&to->url.user, from->url.user) < 0 ||
	    str_set(&to->url.path, from->url.path) < 0 ||
	    str_set(&to->user, from->user) < 0 ||
	    config_copy_bytes(&to->url.password, from->url.password) < 0 ||
	    config_copy_bytes(&to->password, from->password) < 0)
		return (MQK_ENOMEM);
	to->tls = tls_ref(from->tls);
	return (MQK_OK);
}

bool
brokers_redirect(struct brokers *b, struct mqk_bytes reference)
{
	const struct broker	*from = brokers_current(b);
	struct broker		*to;

	if (b->sent >= REDIRECTS_MAX ||
	    strcmp(from->url.scheme, "unix") == 0)
		return (false);
	to = calloc(1, sizeof(*to));
	if (to == NULL)
		return (false);
	if (parse_reference(&to->url, from->url.scheme, reference) < 0 ||
	    copy_terms(to, from) < 0) {
		clear_broker(to);
		free(to);
		return (false);
	}
	brokers_return(b);
	b->other = to;
	b->sent++;
	return (true);
}

void
brokers_return(struct brokers *b)
{
	if (b->other != NULL)
		clear_broker(b->other);
	free(b->other);
	b->other = NULL;
}

void
brokers_restart(struct brokers *b)
{
	brokers_return(b);
	b->at = 0;
	b->sent = 0;
}

void
brokers_fini(struct brokers *b)
{
	brokers_return(b);
	for (size_t i = 0; i < b->n; i++)
		clear_broker(&b->v[i]);
	free(b->v);
	memset(b, 0, sizeof(*b));
}

void
broker_list_free(struct brokers *b)
{
	if (b == NULL)
		return;
	brokers_fini(b);
	free(b);
}

int
mqk_set_brokers(struct mqk_client *c, const struct mqk_broker *from, size_t n)
{
	struct brokers	*list = calloc(1, sizeof(*list));
	struct error	 e;
	int		 err;

	err = list == NULL ? errf(&e, MQK_ENOMEM, "brokers: out of memory") :
	    copy_list(list, from, n, &e);
	client_lock(c);
	if (err < 0) {
		client_failed(c, err, e.text);
		free(list);
	} else {
		broker_list_free(c->config.new_brokers);
		c->config.new_brokers = list;
	}
	client_unlock(c);
	return (err);
}

int
mqk_set_url(struct mqk_client *c, const char *url)
{
	const struct mqk_broker	 one = { .url = url };

	return (mqk_set_brokers(c, &one, 1));
}
