/* SPDX-License-Identifier: MIT */

/*
 * A plugin for Mosquitto that knows one user by SCRAM (RFC 5802), and can be
 * as wrong as a hostile broker.  It shares no code with the library, so that
 * they can't agree on a mistake.
 *
 * plugin_opt_user, plugin_opt_password; plugin_opt_fault: silent (accepts
 * without a proof), forged (a wrong one), nonce (not the client's), weak (one
 * iteration), late (the proof in AUTH, ahead of CONNACK).
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define CLIENTS_MAX	1000
#define TEXT_MAX	4096

static const struct hash {
	const char	*method;
	const char	*name;
	int		 size;
} hashes[] = {
	{ "SCRAM-SHA-1", "SHA1", 20 },
	{ "SCRAM-SHA-256", "SHA256", 32 },
	{ "SCRAM-SHA-512", "SHA512", 64 },
};

/* An exchange that runs, or has ended well. */
static struct exchange {
	const struct mosquitto *client;	/* NULL: free */
	const struct hash *hash;
	const EVP_MD	*md;
	int		 step;
	char		 first[TEXT_MAX];	/* of the client, bare */
	char		 challenge[TEXT_MAX];
	char		 nonce[TEXT_MAX];
} clients[CLIENTS_MAX];

static const char *user = "", *password = "", *fault = "";
static mosquitto_plugin_id_t *self;

static bool
is_fault(const char *name)
{
	return (strcmp(fault, name) == 0);
}

static struct exchange *
find(const struct mosquitto *client)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (clients[i].client == client)
			return (&clients[i]);
	return (NULL);
}

static bool
say(struct mosquitto_evt_extended_auth *e, const char *text)
{
	size_t	 len = strlen(text);

	e->data_out = mosquitto_malloc(len + 1);
	if (e->data_out == NULL)
		return (false);
	memcpy(e->data_out, text, len + 1);
	e->data_out_len = (uint16_t)len;
	return (true);
}

/* The value of "x=…" in a message; false: there is none. */
static bool
field(const char *text, char letter, char *to)
{
	const char	 name[] = { letter, '=', '\0' };
	const char	*at = text;
	size_t		 len;

	while (strncmp(at, name, 2) != 0) {
		at = strchr(at, ',');
		if (at++ == NULL)
			return (false);
	}
	len = strcspn(at + 2, ",");
	if (len >= TEXT_MAX)
		return (false);
	memcpy(to, at + 2, len);
	to[len] = '\0';
	return (true);
}

/* ---- the client's first message --------------------------------------- */

static bool
is_our_user(const char *first)
{
	char	 name[TEXT_MAX];

	return (field(first, 'n', name) && strcmp(name, user) == 0);
}

static int
challenge(struct exchange *x, struct mosquitto_evt_extended_auth *e)
{
	static const char	 salt64[] = "W22ZaJ0SNY7soEsUEjb6gQ==";
	unsigned char		 random[12];
	char			 theirs[TEXT_MAX / 2], extra[17];

	if (!field(x->first, 'r', x->nonce) ||
	    strlen(x->nonce) >= sizeof(theirs) ||
	    RAND_bytes(random, sizeof(random)) != 1)
		return (MOSQ_ERR_AUTH);
	memcpy(theirs, x->nonce, strlen(x->nonce) + 1);
	if (is_fault("nonce"))
		theirs[0] ^= 1;
	EVP_EncodeBlock((unsigned char *)extra, random, sizeof(random));
	snprintf(x->nonce, sizeof(x->nonce), "%s%s", theirs, extra);
	snprintf(x->challenge, sizeof(x->challenge), "r=%s%s,s=%s,i=%d",
	    theirs, extra, salt64, is_fault("weak") ? 1 : 4096);
	x->step = 1;
	return (say(e, x->challenge) ? MOSQ_ERR_AUTH_CONTINUE :
	    MOSQ_ERR_NOMEM);
}

static int
on_start(int event, void *data, void *arg)
{
	struct mosquitto_evt_extended_auth *e = data;
	struct exchange	*x = find(e->client);
	const struct hash *h = NULL;
	size_t		 len = e->data_in_len;

	(void)event;
	(void)arg;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (strcmp(hashes[i].method, e->auth_method) == 0)
			h = &hashes[i];
	if (h == NULL)
		return (MOSQ_ERR_NOT_SUPPORTED);
	if (x == NULL)
		x = find(NULL);
	if (x == NULL)
		return (MOSQ_ERR_AUTH);
	if (is_fault("silent"))
		return (MOSQ_ERR_SUCCESS);
	if (len < 3 || len >= TEXT_MAX || memcmp(e->data_in, "n,,", 3) != 0)
		return (MOSQ_ERR_AUTH);
	x->client = e->client;
	x->hash = h;
	x->md = EVP_get_digestbyname(h->name);
	memcpy(x->first, (const char *)e->data_in + 3, len - 3);
	x->first[len - 3] = '\0';
	return (is_our_user(x->first) ? challenge(x, e) : MOSQ_ERR_AUTH);
}

/* ---- its second -------------------------------------------------------- */

static void
mac(const struct exchange *x, const void *key, const char *text,
    unsigned char *to)
{
	HMAC(x->md, key, x->hash->size, (const unsigned char *)text,
	    strlen(text), to, NULL);
}

/* Is the proof right?  Then ours, as base64. */
static bool
compare(const struct exchange *x, const char *talk, const char *proof,
    char *ours)
{
	unsigned char	 salt[24], salted[64], key[64], stored[64], sign[64];
	unsigned char	 theirs[128];
	int		 size = x->hash->size, salt_len = 16;

	EVP_DecodeBlock(salt, (const unsigned char *)
	    strstr(x->challenge, ",s=") + 3, 24);
	PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, salt_len,
	    4096, x->md, size, salted);
	mac(x, salted, "Client Key", key);
	EVP_Digest(key, (size_t)size, stored, NULL, x->md, NULL);
	mac(x, stored, talk, sign);
	if (strlen(proof) > 100 || EVP_DecodeBlock(theirs,
	    (const unsigned char *)proof, (int)strlen(proof)) < size)
		return (false);
	for (int i = 0; i < size; i++)
		if (theirs[i] != (key[i] ^ sign[i]))
			return (false);
	mac(x, salted, "Server Key", key);
	mac(x, key, talk, sign);
	if (is_fault("forged"))
		sign[0] ^= 1;
	EVP_EncodeBlock((unsigned char *)ours, sign, size);
	return (true);
}

static int
verify(struct exchange *x, struct mosquitto_evt_extended_auth *e)
{
	char	 last[TEXT_MAX], talk[3 * TEXT_MAX + 3], answer[100] = "v=";
	char	 proof[TEXT_MAX], nonce[TEXT_MAX], binding[TEXT_MAX];
	size_t	 len = e->data_in_len;

	if (len >= sizeof(last))
		return (MOSQ_ERR_AUTH);
	memcpy(last, e->data_in, len);
	last[len] = '\0';
	if (!field(last, 'p', proof) || !field(last, 'r', nonce) ||
	    !field(last, 'c', binding) || strcmp(binding, "biws") != 0 ||
	    strcmp(nonce, x->nonce) != 0)
		return (MOSQ_ERR_AUTH);
	*strstr(last, ",p=") = '\0';
	snprintf(talk, sizeof(talk), "%s,%s,%s", x->first, x->challenge, last);
	if (!compare(x, talk, proof, answer + 2))
		return (MOSQ_ERR_AUTH);
	mosquitto_set_username(e->client, user);
	if (!say(e, answer))
		return (MOSQ_ERR_NOMEM);
	x->step = 2;
	return (is_fault("late") ? MOSQ_ERR_AUTH_CONTINUE : MOSQ_ERR_SUCCESS);
}

static int
on_continue(int event, void *data, void *arg)
{
	struct mosquitto_evt_extended_auth *e = data;
	struct exchange	*x = find(e->client);

	(void)event;
	(void)arg;
	if (x == NULL)
		return (MOSQ_ERR_AUTH);
	if (x->step == 1)
		return (verify(x, e));
	return (x->step == 2 && e->data_in_len == 0 ? MOSQ_ERR_SUCCESS :
	    MOSQ_ERR_AUTH);
}

static int
on_disconnect(int event, void *data, void *arg)
{
	const struct mosquitto_evt_disconnect *e = data;
	struct exchange	*x = find(e->client);

	(void)event;
	(void)arg;
	if (x != NULL)
		memset(x, 0, sizeof(*x));
	return (MOSQ_ERR_SUCCESS);
}

/* ---- what Mosquitto calls ----------------------------------------------- */

int
mosquitto_plugin_version(int n, const int *versions)
{
	for (int i = 0; i < n; i++)
		if (versions[i] == 5)
			return (5);
	return (-1);
}

int
mosquitto_plugin_init(mosquitto_plugin_id_t *id, void **data,
    struct mosquitto_opt *options, int n)
{
	(void)data;
	self = id;
	for (int i = 0; i < n; i++) {
		if (strcmp(options[i].key, "user") == 0)
			user = options[i].value;
		else if (strcmp(options[i].key, "password") == 0)
			password = options[i].value;
		else if (strcmp(options[i].key, "fault") == 0)
			fault = options[i].value;
	}
	return (mosquitto_callback_register(id, MOSQ_EVT_EXT_AUTH_START,
	    on_start, NULL, NULL) |
	    mosquitto_callback_register(id, MOSQ_EVT_EXT_AUTH_CONTINUE,
	    on_continue, NULL, NULL) |
	    mosquitto_callback_register(id, MOSQ_EVT_DISCONNECT,
	    on_disconnect, NULL, NULL));
}

int
mosquitto_plugin_cleanup(void *data, struct mosquitto_opt *options, int n)
{
	(void)data;
	(void)options;
	(void)n;
	mosquitto_callback_unregister(self, MOSQ_EVT_EXT_AUTH_START, on_start,
	    NULL);
	mosquitto_callback_unregister(self, MOSQ_EVT_EXT_AUTH_CONTINUE,
	    on_continue, NULL);
	mosquitto_callback_unregister(self, MOSQ_EVT_DISCONNECT,
	    on_disconnect, NULL);
	return (MOSQ_ERR_SUCCESS);
}
