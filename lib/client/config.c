/* SPDX-License-Identifier: MIT */

/* What the user has set: checked, copied, defaults filled in. */

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "client/internal.h"
#include "codec/topic.h"
#include "transport/proxy.h"
#include "transport/tls.h"
#include "transport/url.h"
#include "transport/ws.h"

#define STRING_MAX		65535
#define WS_FIELDS_MAX		32768

#define DEFAULT_KEEPALIVE_S	60
#define DEFAULT_CONNECT_MS	30000
#define DEFAULT_ADDRESS_MS	5000
#define DEFAULT_BACKOFF_MS	1000
#define DEFAULT_BACKOFF_MAX_MS	60000

static uint32_t
or_default(uint32_t value, uint32_t dflt)
{
	return (value != 0 ? value : dflt);
}

/* Owned copy; data is never NULL for bytes that are there, empty or not. */
int
config_copy_bytes(struct mqk_bytes *to, struct mqk_bytes from)
{
	to->data = NULL;
	to->len = 0;
	if (from.data == NULL)
		return (MQK_OK);
	to->data = str_ndup(from.data, from.len);
	if (to->data == NULL)
		return (MQK_ENOMEM);
	to->len = from.len;
	return (MQK_OK);
}

void
config_wipe_bytes(struct mqk_bytes *b)
{
	str_wipe((void *)(uintptr_t)b->data, b->len);
	b->data = NULL;
	b->len = 0;
}

static bool
string_ok(const char *s)
{
	return (s == NULL ||
	    (strlen(s) <= STRING_MAX && utf8_valid(s, strlen(s))));
}

static bool
version_ok(enum mqk_version v)
{
	return (v == MQK_V_AUTO || v == MQK_V31 || v == MQK_V311 ||
	    v == MQK_V5);
}

/* ---- credentials and will -------------------------------------------- */

/* The lock is not held. */
static int
fail(struct mqk_client *c, int err, const char *text)
{
	client_lock(c);
	(void)client_failed(c, err, text);
	client_unlock(c);
	return (err);
}

bool
config_credentials_ok(const char *user, struct mqk_bytes password)
{
	return (string_ok(user) && password.len <= STRING_MAX);
}

int
mqk_set_credentials(struct mqk_client *c, const char *user,
    struct mqk_bytes password)
{
	struct mqk_bytes copy;
	char		*name;

	if (!config_credentials_ok(user, password))
		return (fail(c, MQK_EINVAL, "credentials: user or password is "
		    "too long or not UTF-8"));
	name = str_dup(user);
	if ((user != NULL && name == NULL) ||
	    config_copy_bytes(&copy, password) < 0) {
		free(name);
		return (fail(c, MQK_ENOMEM, "credentials: out of memory"));
	}
	client_lock(c);
	free(c->config.user);
	config_wipe_bytes(&c->config.password);
	c->config.user = name;
	c->config.password = copy;
	client_unlock(c);
	return (MQK_OK);
}

/* What was set for one broker, or by hand, goes before what its URL says. */
void
config_credentials(const struct config *config, const char **user,
    struct mqk_bytes *password)
{
	const struct broker	*b = brokers_current(&config->brokers);

	if (b->user != NULL || b->password.data != NULL) {
		*user = b->user;
		*password = b->password;
	} else if (config->user != NULL || config->password.data != NULL) {
		*user = config->user;
		*password = config->password;
	} else {
		*user = b->url.user;
		*password = b->url.password;
	}
}

static void
will_free(struct will *w)
{
	if (w == NULL)
		return;
	free(w->topic);
	config_wipe_bytes(&w->payload);
	prop_fini(&w->props);
	free(w);
}

static int
check_will(const struct mqk_publish *p, struct error *e)
{
	enum mqk_prop	 bad;

	if (p->topic == NULL || !mqk_topic_valid(p->topic))
		return (errf(e, MQK_ETOPIC, "will: '%.100s' is no valid topic",
		    p->topic != NULL ? p->topic : "(null)"));
	if (p->qos > 2)
		return (errf(e, MQK_EINVAL, "will: qos: %d is above 2",
		    p->qos));
	if (p->payload.len > STRING_MAX)
		return (errf(e, MQK_EINVAL, "will: payload: %zu bytes are more "
		    "than %d", p->payload.len, STRING_MAX));
	if (p->source != NULL)
		return (errf(e, MQK_EINVAL, "will: source: not for a will"));
	if (p->props != NULL && prop_fits(p->props, PROP_WILL, &bad) < 0)
		return (errf(e, MQK_EINVAL, "will: props: a will can't have "
		    "%s", mqk_prop_name(bad)));
	return (MQK_OK);
}

static struct will *
will_new(const struct mqk_publish *p)
{
	struct will	*w = calloc(1, sizeof(*w));

	if (w == NULL)
		return (NULL);
	w->topic = str_dup(p->topic);
	w->qos = p->qos;
	w->retain = p->retain;
	if (w->topic == NULL ||
	    config_copy_bytes(&w->payload, p->payload) < 0 ||
	    prop_copy(&w->props, p->props) < 0) {
		will_free(w);
		return (NULL);
	}
	return (w);
}

int
mqk_set_will(struct mqk_client *c, const struct mqk_publish *p)
{
	struct will	*w = NULL;
	struct error	 e;

	if (p != NULL) {
		if (check_will(p, &e) < 0)
			return (fail(c, e.code, e.text));
		w = will_new(p);
		if (w == NULL)
			return (fail(c, MQK_ENOMEM, "will: out of memory"));
	}
	client_lock(c);
	will_free(c->config.will);
	c->config.will = w;
	client_unlock(c);
	return (MQK_OK);
}

/* ---- proxy ----------------------------------------------------------- */

static int
set_proxy(struct route *route, const char *text, struct error *e)
{
	const char	*why;
	int		 err;

	if (text == NULL)
		return (MQK_OK);
	route->proxy = calloc(1, sizeof(*route->proxy));
	if (route->proxy == NULL)
		return (errf(e, MQK_ENOMEM, "proxy: out of memory"));
	err = url_parse_proxy(route->proxy, text, &why);
	return (err < 0 ? errf(e, err, "proxy: %s", why) :
	    proxy_check(route->proxy, e));
}

/* ---- WebSocket ------------------------------------------------------- */

/* What stands behind the name may be a secret. */
static int
check_headers(const char *const *headers, struct error *e)
{
	for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
		if (!ws_field_valid(headers[i]))
			return (errf(e, MQK_EINVAL, "ws_headers[%zu]: not of "
			    "the form 'Name: value'", i));
	return (MQK_OK);
}

/* As they stand in the request. */
static int
join_headers(char **to, const char *const *headers, struct error *e)
{
	struct buf	 b;

	if (headers == NULL || *headers == NULL)
		return (MQK_OK);
	buf_init(&b, WS_FIELDS_MAX);
	for (; *headers != NULL; headers++) {
		buf_append(&b, *headers, strlen(*headers));
		buf_append(&b, "\r\n", 2);
	}
	buf_append(&b, "", 1);
	if (b.err != 0) {
		str_wipe(b.mem, b.cap);
		return (b.err == MQK_ENOMEM ?
		    errf(e, b.err, "ws_headers: out of memory") :
		    errf(e, b.err, "ws_headers: more than %d bytes",
		    WS_FIELDS_MAX));
	}
	*to = (char *)b.mem;
	return (MQK_OK);
}

/* ---- route ----------------------------------------------------------- */

static int
copy_route(struct route **to, const struct mqk_options *o, struct error *e)
{
	struct route	*route;
	int		 err;

	if (o->bind_address == NULL && o->ws_path == NULL &&
	    o->ws_headers == NULL && o->proxy == NULL)
		return (MQK_OK);
	route = *to = calloc(1, sizeof(*route));
	if (route == NULL || str_set(&route->bind_address, o->bind_address) < 0
	    || str_set(&route->ws_path, o->ws_path) < 0)
		return (errf(e, MQK_ENOMEM, "options: out of memory"));
	err = join_headers(&route->ws_fields, o->ws_headers, e);
	return (err < 0 ? err : set_proxy(route, o->proxy, e));
}

static void
route_free(struct route *route)
{
	if (route == NULL)
		return;
	free(route->bind_address);
	free(route->ws_path);
	if (route->proxy != NULL)
		mqk_url_clear(route->proxy);
	free(route->proxy);
	if (route->ws_fields != NULL)
		str_wipe(route->ws_fields, strlen(route->ws_fields));
	free(route);
}

/* ---- options --------------------------------------------------------- */

static int
check_options(const struct mqk_options *o, struct error *e)
{
	enum mqk_prop	 bad;

	if (!version_ok(o->version))
		return (errf(e, MQK_EINVAL, "version: %d is none of 0 (auto) "
		    "3 4 5", (int)o->version));
	if (!string_ok(o->client_id))
		return (errf(e, MQK_EINVAL, "client_id: longer than %d bytes "
		    "or not UTF-8", STRING_MAX));
	if (o->keepalive_s > UINT16_MAX)
		return (errf(e, MQK_EINVAL, "keepalive_s: %ld is above %d",
		    (long)o->keepalive_s, UINT16_MAX));
	if (o->props != NULL && prop_fits(o->props, MQK_CONNECT, &bad) < 0)
		return (errf(e, MQK_EINVAL, "props: CONNECT can't have %s",
		    mqk_prop_name(bad)));
	return (check_headers(o->ws_headers, e));
}

static void
copy_numbers(struct config *to, const struct mqk_options *o)
{
	int32_t	 keepalive = o->keepalive_s;

	to->version = o->version;
	to->srv = o->srv;
	to->follow = o->follow_redirects;
	to->resume = o->resume;
	to->manual_ack = o->manual_ack;
	to->background = o->background;
	to->tcp = o->tcp;
	to->reconnect = o->reconnect;
	to->reconnect.min_ms = or_default(o->reconnect.min_ms,
	    DEFAULT_BACKOFF_MS);
	to->reconnect.max_ms = or_default(o->reconnect.max_ms,
	    DEFAULT_BACKOFF_MAX_MS);
	to->connect_timeout_ms = or_default(o->connect_timeout_ms,
	    DEFAULT_CONNECT_MS);
	to->address_timeout_ms = or_default(o->address_timeout_ms,
	    DEFAULT_ADDRESS_MS);
	if (keepalive == 0)
		keepalive = DEFAULT_KEEPALIVE_S;
	to->keepalive_s = keepalive < 0 ? 0 : (uint16_t)keepalive;
}

/* An empty id is none: the broker is to choose. */
static int
copy_strings(struct config *to, const struct mqk_options *o, struct error *e)
{
	if ((o->client_id != NULL && o->client_id[0] != '\0' &&
	    str_set(&to->client_id, o->client_id) < 0) ||
	    prop_copy(&to->props, o->props) < 0)
		return (errf(e, MQK_ENOMEM, "options: out of memory"));
	return (copy_route(&to->route, o, e));
}

int
config_init(struct config *to, const struct mqk_options *o, struct error *e)
{
	int	 err = check_options(o, e);

	if (err < 0)
		return (err);
	copy_numbers(to, o);
	err = brokers_init(&to->brokers, o, e);
	if (err < 0)
		return (err);
	to->tls = tls_ref(o->tls);
	return (copy_strings(to, o, e));
}

void
config_fini(struct config *config)
{
	brokers_fini(&config->brokers);
	broker_list_free(config->new_brokers);
	free(config->client_id);
	free(config->user);
	config_wipe_bytes(&config->password);
	will_free(config->will);
	route_free(config->route);
	mqk_tls_free(config->tls);
	prop_fini(&config->props);
}
