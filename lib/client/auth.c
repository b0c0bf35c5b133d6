/* SPDX-License-Identifier: MIT */

/*
 * From the mechanism's messages to properties and packets, and back.  What
 * the messages say is the mechanism's affair (scram.c).
 */

#include "client/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "client/internal.h"
#include "client/saslprep.h"

#define SUCCESS		0x00		/* reason codes of AUTH, table 3-11 */
#define CONTINUE	0x18
#define BEGIN_AGAIN	0x19

#define DATA_MAX	65535		/* authentication-data */

struct auth_method {
	const char	*name;
	enum digest	 digest;
};

static const struct auth_method methods[] = {
	{ "SCRAM-SHA-1", DIGEST_SHA1 },
	{ "SCRAM-SHA-256", DIGEST_SHA256 },
	{ "SCRAM-SHA-512", DIGEST_SHA512 },
};

static const struct auth_method *
find_method(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (name != NULL && strcmp(methods[i].name, name) == 0)
			return (&methods[i]);
	return (NULL);
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	scram_reset(&a->scram);
	free(a);
}

/* ---- messages of ours ------------------------------------------------ */

/* User and password as the mechanism wants them, to be wiped. */
static int
prepare(const struct config *config, char **user, char **password,
    struct error *e)
{
	struct mqk_bytes secret;
	const char	*name;
	int		 err;

	*user = *password = NULL;
	config_credentials(config, &name, &secret);
	if (name == NULL || secret.data == NULL)
		return (errf(e, MQK_EINVAL, "authentication needs a user name "
		    "and a password"));
	err = saslprep(user, (struct mqk_bytes){ name, strlen(name) },
	    "user name", e);
	if (err == MQK_OK)
		err = saslprep(password, secret, "password", e);
	return (err);
}

static void
wipe_string(char *s)
{
	if (s != NULL)
		str_wipe(s, strlen(s));
}

/* The first message of an exchange. */
static int
begin(struct mqk_client *c, struct buf *out, struct error *e)
{
	struct auth	*a = c->auth;
	char		 random[SCRAM_NONCE_SIZE], *user, *password;
	const char	*nonce = a->nonce;
	int		 err = prepare(&c->config, &user, &password, e);

	if (err == MQK_OK && nonce == NULL) {
		nonce = random;
		err = scram_make_nonce(random, e);
	}
	if (err == MQK_OK)
		err = scram_begin(&a->scram, a->method->digest, nonce, user,
		    (struct mqk_bytes){ password, strlen(password) }, out, e);
	wipe_string(user);
	wipe_string(password);
	return (err);
}

/* Method and data, in this order; no data if there is none to send. */
static int
add_props(const struct auth *a, struct mqk_props *props,
    const struct buf *data, struct error *e)
{
	const char	*name = a->method->name;
	int		 err;

	err = mqk_props_add_str(props, MQK_P_AUTHENTICATION_METHOD,
	    (struct mqk_bytes){ name, strlen(name) });
	if (err == MQK_OK && buf_len(data) > 0)
		err = mqk_props_add_str(props, MQK_P_AUTHENTICATION_DATA,
		    (struct mqk_bytes){ buf_data(data), buf_len(data) });
	if (err == MQK_EINVAL)
		return (errf(e, err, "authentication: user name or nonce is "
		    "too long"));
	return (err < 0 ? errf(e, err, "authentication: out of memory") :
	    MQK_OK);
}

static int
send_auth(struct mqk_client *c, uint8_t reason, const struct buf *data,
    struct error *e)
{
	struct mqk_props	 props = { .len = 0 };
	int			 err = add_props(c->auth, &props, data, e);

	if (err == MQK_OK) {
		err = session_wake(&c->session);
		if (err == MQK_OK)
			err = session_auth(c->session, reason, &props);
		if (err < 0)
			errf(e, err, "AUTH: %s", mqk_strerror(err));
	}
	prop_fini(&props);
	return (err);
}

int
auth_connect(struct mqk_client *c, struct mqk_props *props, struct error *e)
{
	struct buf	 data;
	int		 err;

	if (c->auth == NULL)
		return (MQK_OK);
	c->auth->again = false;
	c->auth->deadline = INT64_MAX;
	buf_init(&data, DATA_MAX);
	err = begin(c, &data, e);
	if (err == MQK_OK)
		err = add_props(c->auth, props, &data, e);
	buf_fini(&data);
	return (err);
}

/* A new exchange on the connection that stands. */
static int
begin_again(struct mqk_client *c, int64_t now, struct error *e)
{
	struct buf	 data;
	int		 err;

	buf_init(&data, DATA_MAX);
	err = begin(c, &data, e);
	if (err == MQK_OK)
		err = send_auth(c, BEGIN_AGAIN, &data, e);
	buf_fini(&data);
	if (err < 0)
		return (err);
	c->auth->again = true;
	c->auth->deadline = now + c->config.connect_timeout_ms;
	return (MQK_OK);
}

/* ---- messages of the broker ------------------------------------------ */

/* Whoever that is, nothing of what waits for a broker is for it. */
static int
part(struct mqk_client *c, const struct error *e)
{
	return (session_bad_packet(c->session, clock_ms(), e->code, e->text));
}

/* Take what the properties bring; the answer goes to out. */
static int
take_data(struct mqk_client *c, const struct mqk_props *props,
    struct buf *out, struct error *e)
{
	struct mqk_value	 v;

	if (!mqk_props_get(props, MQK_P_AUTHENTICATION_DATA, &v))
		return (MQK_OK);
	return (scram_answer(&c->auth->scram, v.str, out, e));
}

/* The exchange is said to be over: is it? */
static int
finish(struct mqk_client *c, const struct mqk_props *props, struct error *e)
{
	struct auth	*a = c->auth;
	struct buf	 none;
	int		 err;

	buf_init(&none, DATA_MAX);
	err = take_data(c, props, &none, e);
	buf_fini(&none);
	if (err == MQK_OK && a->scram.step != SCRAM_PROVEN)
		err = errf(e, MQK_EAUTH, "%s: the broker accepted us without "
		    "a proof that it knows the password", a->method->name);
	scram_reset(&a->scram);
	if (err < 0)
		return (part(c, e));
	a->again = false;
	a->deadline = a->interval_ms == 0 ? INT64_MAX :
	    clock_ms() + a->interval_ms;
	return (MQK_OK);
}

int
auth_connected(struct mqk_client *c, const struct packet_connack *p,
    struct error *e)
{
	return (c->auth != NULL ? finish(c, &p->props, e) : MQK_OK);
}

static int
go_on(struct mqk_client *c, const struct mqk_props *props, struct error *e)
{
	struct mqk_value	 v = { .str = { "", 0 } };
	struct buf		 answer;
	int			 err;

	(void)mqk_props_get(props, MQK_P_AUTHENTICATION_DATA, &v);
	buf_init(&answer, DATA_MAX);
	err = scram_answer(&c->auth->scram, v.str, &answer, e);
	if (err == MQK_OK)
		err = send_auth(c, CONTINUE, &answer, e);
	buf_fini(&answer);
	return (err < 0 ? part(c, e) : MQK_OK);
}

int
auth_received(struct mqk_client *c, const struct packet_bye *p, bool *done,
    struct error *e)
{
	*done = c->auth == NULL || p->reason == SUCCESS;
	if (c->auth == NULL)
		return (MQK_OK);
	return (p->reason == SUCCESS ? finish(c, &p->props, e) :
	    go_on(c, &p->props, e));
}

/* ---- time ------------------------------------------------------------ */

int64_t
auth_deadline(const struct mqk_client *c)
{
	return (c->auth != NULL && c->state == MQK_UP ? c->auth->deadline :
	    INT64_MAX);
}

int
auth_tick(struct mqk_client *c, int64_t now, struct error *e)
{
	if (now < auth_deadline(c))
		return (MQK_OK);
	if (c->auth->again)
		return (errf(e, MQK_ETIMEOUT, "%s: no answer to the "
		    "re-authentication", c->auth->method->name));
	return (begin_again(c, now, e));
}

/* ---- public ---------------------------------------------------------- */

static int
check(const struct mqk_client *c, const struct auth_method *method,
    struct error *e)
{
	struct mqk_value	 v;

	if (method == NULL)
		return (errf(e, MQK_EINVAL, "authentication: no such method"));
	if (c->config.version != MQK_V_AUTO && c->config.version != MQK_V5)
		return (errf(e, MQK_EINVAL, "%s needs MQTT 5.0",
		    method->name));
	if (mqk_props_get(&c->config.props, MQK_P_AUTHENTICATION_METHOD, &v))
		return (errf(e, MQK_EINVAL, "%s: CONNECT has an "
		    "authentication method already", method->name));
	return (digest_load(e));
}

/* Credentials that can't be used are better told now than when dialing. */
static int
check_credentials(const struct config *config, struct error *e)
{
	struct mqk_bytes secret;
	const char	*name;
	char		*user, *password;
	int		 err;

	config_credentials(config, &name, &secret);
	if (name == NULL || secret.data == NULL)
		return (MQK_OK);
	err = prepare(config, &user, &password, e);
	wipe_string(user);
	wipe_string(password);
	return (err);
}

static int
make_auth(struct auth **to, const struct mqk_client *c,
    const struct mqk_auth_options *o, struct error *e)
{
	const struct auth_method *method = find_method(o->method);
	struct auth		*a;
	int			 err = check(c, method, e);

	if (err == MQK_OK)
		err = check_credentials(&c->config, e);
	if (err < 0)
		return (err);
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return (errf(e, MQK_ENOMEM, "authentication: out of memory"));
	a->method = method;
	a->interval_ms = o->interval_ms;
	a->deadline = INT64_MAX;
	*to = a;
	return (MQK_OK);
}

int
mqk_set_auth(struct mqk_client *c, const struct mqk_auth_options *o)
{
	struct auth	*a = NULL;
	struct error	 e;
	int		 err = MQK_OK;

	client_lock(c);
	if (c->state != MQK_IDLE)
		err = errf(&e, MQK_ESTATE,
		    "authentication: the client is not idle");
	else if (o != NULL)
		err = make_auth(&a, c, o, &e);
	if (err < 0) {
		client_failed(c, err, e.text);
	} else {
		auth_free(c->auth);
		c->auth = a;
	}
	client_unlock(c);
	return (err);
}

int
mqk_reauthenticate(struct mqk_client *c)
{
	struct error	 e;
	int		 err;

	client_lock(c);
	if (c->auth == NULL || c->auth->again || c->state != MQK_UP)
		err = errf(&e, MQK_ESTATE, "re-authentication: not possible "
		    "in this state");
	else
		err = begin_again(c, clock_ms(), &e);
	if (err < 0)
		client_failed(c, err, e.text);
	else
		thread_wake(c);
	client_unlock(c);
	return (err);
}
