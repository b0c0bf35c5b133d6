/* SPDX-License-Identifier: MIT */

/*
 * From struct config to a client, and what the tools have in common around its
 * connection.  What messages are published or received is not known here.
 */

#include "common/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/brokers.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/explain.h"

enum { ANY_REASON = -1, SESSION_TAKEN_OVER = 0x8e, SERVER_MOVED = 0x9d };

/* Which option, or which question, helps with a failed attempt. */
struct hint {
	int		 error;
	int		 reason;	/* of the CONNACK, or ANY_REASON */
	const char	*text;
};

static const struct hint hints[] = {
	{ MQK_ERESOLVE, ANY_REASON, "--host" },
	{ MQK_EDIAL, ANY_REASON, "is a broker running there? --host, --port" },
	{ MQK_ETIMEOUT, ANY_REASON, "--host, --port, --connect-timeout" },
	{ MQK_EREFUSED, 0x01, "--protocol-version" },
	{ MQK_EREFUSED, 0x02, "--id" },
	{ MQK_EREFUSED, 0x04, "--username, --pw" },
	{ MQK_EREFUSED, 0x05, "--username, --pw" },
	{ MQK_EREFUSED, 0x84, "--protocol-version" },
	{ MQK_EREFUSED, 0x85, "--id" },
	{ MQK_EREFUSED, 0x86, "--username, --pw" },
	{ MQK_EREFUSED, 0x87, "--username, --pw" },
	{ MQK_EREFUSED, 0x8a, "--id, --username" },
	{ MQK_EREFUSED, 0x8c, "--auth-method" },
	{ MQK_EREFUSED, 0x90, "--will-topic" },
	{ MQK_EREFUSED, 0x99, "--will-payload" },
	{ MQK_EREFUSED, 0x9a, "--will-retain" },
	{ MQK_EREFUSED, 0x9b, "--will-qos" },
	{ MQK_ECLOSED, ANY_REASON,
	  "is that an MQTT port, does it want TLS or WebSocket, or neither? "
	    "--port, --cafile, --ws" },
	{ MQK_EAUTH, ANY_REASON, "is it the right broker? --username, --pw" },
	{ MQK_EPROXY, ANY_REASON, "--proxy" },
	{ MQK_EWEBSOCKET, ANY_REASON, "--ws-path, --ws-header, --port" },
	{ MQK_EMALFORMED, ANY_REASON, "is that an MQTT port? --port" },
	{ MQK_EPROTOCOL, ANY_REASON, "is that an MQTT port? --port" },
};

/* The same by mqk_disconnected.cause; NULL: any other. */
static const struct cause_hint {
	int		 error;
	const char	*cause;
	const char	*text;
} cause_hints[] = {
	{ MQK_ERESOLVE, "bind_address", "--bind-address" },
	{ MQK_EDIAL, "bind_address", "--bind-address" },
	{ MQK_EVERIFY, "HOSTNAME_MISMATCH", "--host, --tls-server-name" },
	{ MQK_EVERIFY, "IP_ADDRESS_MISMATCH", "--host, --tls-server-name" },
	{ MQK_EVERIFY, "CERT_HAS_EXPIRED", "is the clock right? --insecure" },
	{ MQK_EVERIFY, "CERT_NOT_YET_VALID", "is the clock right? --insecure" },
	{ MQK_EVERIFY, "CERT_REVOKED", "--tls-crl" },
	{ MQK_EVERIFY, "UNABLE_TO_GET_CRL", "--tls-crl" },
	{ MQK_EVERIFY, "CRL_HAS_EXPIRED", "--tls-crl" },
	{ MQK_EVERIFY, NULL, "--cafile, --capath, --tls-use-os-certs" },
	{ MQK_ETLS, "not_tls", "--port, --no-tls" },
	{ MQK_ETLS, "certificate_required", "--cert, --key" },
	{ MQK_ETLS, "bad_certificate", "--cert, --key" },
	{ MQK_ETLS, "unsupported_certificate", "--cert, --key" },
	{ MQK_ETLS, "certificate_revoked", "--cert, --key" },
	{ MQK_ETLS, "certificate_expired", "--cert, --key" },
	{ MQK_ETLS, "certificate_unknown", "--cert, --key" },
	{ MQK_ETLS, "unknown_ca", "--cert, --key" },
	{ MQK_ETLS, "access_denied", "--cert, --key" },
	{ MQK_ETLS, "handshake_failure",
	  "--ciphers, --tls-version, --cert, --psk" },
	{ MQK_ETLS, "protocol_version", "--tls-version, --tls-max-version" },
	{ MQK_ETLS, "insufficient_security", "--ciphers" },
	{ MQK_ETLS, "unrecognized_name", "--host, --tls-server-name" },
	{ MQK_ETLS, "bad_record_mac", "--psk" },
	{ MQK_ETLS, "decrypt_error", "--psk, --key" },
	{ MQK_ETLS, "unknown_psk_identity", "--psk-identity" },
	{ MQK_ETLS, "no_application_protocol", "--tls-alpn" },
	{ MQK_EPROTOCOL, "TLS", "--cafile, mqtts://" },
};

static const char *
find_cause_hint(const struct mqk_disconnected *d)
{
	const struct cause_hint	*h = cause_hints;

	for (size_t i = 0; i < sizeof(cause_hints) / sizeof(*h); i++, h++) {
		if (h->error == d->error && (h->cause == NULL ||
		    (d->cause != NULL && strcmp(h->cause, d->cause) == 0)))
			return (h->text);
	}
	return (NULL);
}

static const char *
find_hint(const struct mqk_disconnected *d)
{
	const char	*known = find_cause_hint(d);

	if (known != NULL)
		return (known);
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (hints[i].error == d->error &&
		    (hints[i].reason == ANY_REASON ||
		    hints[i].reason == d->reason))
			return (hints[i].text);
	}
	return (NULL);
}

/* Options that worked are not to blame, but for one that others have too. */
static const char *
find_late_hint(const struct mqk_disconnected *d)
{
	return (d->reason == SESSION_TAKEN_OVER ?
	    "does another client use this --id?" : NULL);
}

/* Add to a text that is never longer than its buffer. */
static void append(char *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static void
append(char *to, size_t cap, const char *fmt, ...)
{
	size_t	 n = strlen(to);
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(to + n, cap - n, fmt, ap);
	va_end(ap);
}

void
setup_explain(const struct mqk_disconnected *d, char *to, size_t cap)
{
	const char	*hint = d->was_up ? find_late_hint(d) : find_hint(d);
	struct mqk_value other;

	snprintf(to, cap, "%s", d->text);
	if (mqk_props_get(d->props, MQK_P_SERVER_REFERENCE, &other)) {
		append(to, cap, "; it refers to %.*s", (int)other.str.len,
		    (const char *)other.str.data);
		/* It is being followed if there is more to come. */
		if (hint == NULL && !d->was_up && !d->more)
			hint = "--follow-redirects";
	}
	if (hint != NULL)
		append(to, cap, " (%s)", hint);
}

/* Two clients with one id would throw each other out for ever. */
static bool
is_final(const struct config *config, const struct mqk_attempt *attempt)
{
	return (attempt->last_reason == SESSION_TAKEN_OVER ||
	    (attempt->last_reason == SERVER_MOVED &&
	    !config->connect.follow));
}

static enum mqk_policy
before_reconnect(struct mqk_client *client, struct mqk_attempt *attempt,
    void *user)
{
	struct uplink	*up = user;

	if ((!up->ever_up && !up->patient) || up->leaving ||
	    is_final(up->config, attempt))
		return (MQK_GIVE_UP);
	if (up->tool.before_reconnect != NULL)
		return (up->tool.before_reconnect(client, attempt, user));
	return (MQK_RETRY);
}

static void
on_connected(struct mqk_client *client, const struct mqk_connected *c,
    void *user)
{
	struct uplink	*up = user;

	if (up->lost)
		diag_warn("connected to %s again", c->address);
	up->ever_up = true;
	up->lost = false;
	up->said[0] = '\0';
	up->status = STATUS_OK;
	if (up->tool.on_connected != NULL)
		up->tool.on_connected(client, c, user);
}

/*
 * Once per cause: brokers that are away do not fill the terminal.  Of several
 * only the last is told about once they are known to work.
 */
static void
report(struct uplink *up, const struct mqk_disconnected *d)
{
	struct mqk_disconnected told = *d;
	char	 text[sizeof(up->said)];

	if (up->lost && d->more)
		return;
	/* Options that worked once need no hints. */
	told.was_up = up->ever_up;
	setup_explain(&told, text, sizeof(text));
	if (strcmp(text, up->said) != 0) {
		if (d->was_up)
			diag_warn("connection lost: %s", text);
		else
			diag_warn("%s", text);
		if (up->config->general.explain && !up->config->general.quiet)
			explain(d->post_mortem);
	}
	memcpy(up->said, text, sizeof(text));
}

static void
on_disconnected(struct mqk_client *client, const struct mqk_disconnected *d,
    void *user)
{
	struct uplink	*up = user;

	if (d->error != MQK_OK && !d->by_us && !up->leaving) {
		report(up, d);
		up->status = exitcode_of(d->error, d->reason, up->ever_up);
		up->lost = up->ever_up;
	}
	if (up->tool.on_disconnected != NULL)
		up->tool.on_disconnected(client, d, user);
}

/* The library answers for --auth-method; nobody does for another method. */
static void
on_auth(struct mqk_client *client, uint8_t reason,
    const struct mqk_props *props, void *user)
{
	enum { BAD_METHOD = 0x8c };
	struct uplink	*up = user;

	(void)props;
	if (up->config->connect.auth_method != 0 || reason == 0)
		return;
	diag_warn("the broker wants another step of authentication than "
	    "CONNECT (--auth-method)");
	up->status = BAD_METHOD;
	mqk_disconnect(client, 0, NULL);
}

/* Warnings are what on_disconnected() tells, unless it keeps silent. */
static void
on_log(struct mqk_client *client, enum mqk_log kind, const char *text,
    void *user)
{
	const struct uplink *up = user;

	(void)client;
	if (kind != MQK_LOG_WARNING || up->leaving)
		diag_say("%s", text);
}

static void
set_broker(const struct config *config, struct mqk_options *o)
{
	const struct config_transport *t = &config->transport;

	o->host = config->connect.host;
	o->port = (uint16_t)config->connect.port;
	o->tls = config->tls.context;
	if (config->connect.brokers.n > 1) {
		o->brokers = config->connect.brokers.v;
		o->nbrokers = config->connect.brokers.n;
	}
	o->proxy = t->proxy;
	o->ws_path = t->ws_path;
	o->ws_headers = (const char *const *)t->ws_headers.v;
	if (t->unix_path != NULL) {
		o->scheme = "unix";
		o->host = t->unix_path;
	} else if (t->ws) {
		o->scheme = o->tls != NULL ? "wss" : "ws";
	}
}

void
setup_options(const struct config *config, struct mqk_options *o)
{
	const struct config_connect *c = &config->connect;
	const struct config_session *s = &config->session;

	memset(o, 0, sizeof(*o));
	set_broker(config, o);
	o->srv = c->srv;
	o->follow_redirects = c->follow;
	o->client_id = c->id;
	o->bind_address = c->bind_address;
	o->connect_timeout_ms = (uint32_t)c->timeout_ms;
	o->tcp = c->tcp;
	o->tcp.delay = !c->nodelay;
	o->reconnect = (struct mqk_reconnect){
		.min_ms = (uint32_t)c->retry_ms,
		.max_ms = (uint32_t)c->retry_max_ms,
		.max_tries = (uint32_t)c->retry_tries,
		.off = !c->reconnect,
	};
	o->version = (enum mqk_version)s->version;
	o->resume = s->resume;
	o->keepalive_s = s->keepalive_ms == 0 ? -1 :
	    (int32_t)((s->keepalive_ms + 999) / 1000);
	o->max_inflight = (uint32_t)s->max_inflight;
	o->props = s->props[PROPS_CONNECT];
}

static int
set_credentials(const struct config_connect *c, struct mqk_client *client)
{
	struct mqk_bytes password = { NULL, 0 };

	if (c->username == NULL && c->password == NULL)
		return (MQK_OK);
	if (c->password != NULL) {
		password.data = c->password;
		password.len = strlen(c->password);
	}
	return (mqk_set_credentials(client, c->username, password));
}

static int
set_will(const struct config_session *s, struct mqk_client *client)
{
	const char	*payload = s->will.payload;
	struct mqk_publish will = {
		.topic = s->will.topic,
		.qos = (uint8_t)s->will.qos,
		.retain = s->will.retain,
		.props = s->props[PROPS_WILL],
	};

	if (s->will.topic == NULL)
		return (MQK_OK);
	if (payload != NULL)
		will.payload = (struct mqk_bytes){ payload, strlen(payload) };
	return (mqk_set_will(client, &will));
}

static int
set_auth(const struct config_connect *c, struct mqk_client *client)
{
	struct mqk_auth_options o = { .interval_ms = (uint32_t)c->reauth_ms };

	if (c->auth_method == 0)
		return (MQK_OK);
	o.method = auth_methods[c->auth_method - 1].name;
	return (mqk_set_auth(client, &o));
}

int
setup_identity(const struct config *config, struct mqk_client *client)
{
	int	 err;

	err = set_credentials(&config->connect, client);
	if (err == MQK_OK)
		err = set_auth(&config->connect, client);
	if (err == MQK_OK)
		err = set_will(&config->session, client);
	return (err);
}

static void
set_handlers(struct uplink *up, struct mqk_client *client)
{
	struct mqk_handlers h = up->tool;

	h.on_connected = on_connected;
	h.on_disconnected = on_disconnected;
	h.on_auth = on_auth;
	h.before_reconnect = before_reconnect;
	if (up->config->general.debug)
		h.on_log = on_log;
	mqk_set_handlers(client, &h);
}

/* --id-prefix and the process id; NULL: none asked for. */
static char *
make_id(const struct config_connect *c)
{
	enum { PID_DIGITS = 24 };
	size_t	 cap;
	char	*id;

	if (c->id_prefix == NULL)
		return (NULL);
	cap = strlen(c->id_prefix) + PID_DIGITS;
	id = xmalloc(cap);
	snprintf(id, cap, "%s%ld", c->id_prefix, (long)getpid());
	return (id);
}

/* Without a client the text is about that. */
static const char *
why(const struct mqk_client *client, int err)
{
	const char	*text = mqk_last_error_text(client);

	return (*text != '\0' ? text : mqk_strerror(err));
}

void
setup_disconnect(const struct config *config, struct mqk_client *client)
{
	const struct mqk_props *props =
	    config->session.props[PROPS_DISCONNECT];
	int	 err = mqk_disconnect(client, 0, props);

	if (props == NULL || err == MQK_OK || err == MQK_ESTATE)
		return;
	diag_warn("--property disconnect: left out: %s",
	    mqk_last_error_text(client));
	mqk_disconnect(client, 0, NULL);
}

/* What was kept by an earlier run is the client's from here on. */
static int
open_store(const struct config_session *s, struct mqk_client *client)
{
	struct mqk_store store;
	char	 text[256] = "";
	int	 err;

	if (s->store == NULL)
		return (STATUS_OK);
	err = mqk_store_sqlite(&store, s->store, NULL, text, sizeof(text));
	if (err == MQK_OK) {
		err = mqk_set_store(client, &store);
		snprintf(text, sizeof(text), "%s", why(client, err));
	}
	if (err != MQK_OK)
		diag_warn("--store: %s", text);
	return (err == MQK_OK ? STATUS_OK : STATUS_STORE);
}

int
setup_client(struct config *config, struct uplink *up,
    const struct mqk_handlers *handlers, struct mqk_client **client)
{
	struct mqk_options o;
	char	*made_id = make_id(&config->connect);
	int	 err;

	diag_set_quiet(config->general.quiet);
	memset(up, 0, sizeof(*up));
	up->config = config;
	up->tool = *handlers;
	setup_options(config, &o);
	o.user = up;
	if (made_id != NULL)
		o.client_id = made_id;
	err = mqk_client_new(client, &o);
	free(made_id);
	if (err == MQK_OK)
		err = setup_identity(config, *client);
	opt_set_string(&config->connect.password, NULL);
	brokers_free(&config->connect.brokers);
	if (err != MQK_OK) {
		diag_warn("cannot set up the client: %s", why(*client, err));
		return (err == MQK_EINVAL ? STATUS_USAGE :
		    exitcode_of(err, 0, false));
	}
	set_handlers(up, *client);
	return (open_store(&config->session, *client));
}
