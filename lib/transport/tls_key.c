/* SPDX-License-Identifier: MIT */

/*
 * Our certificate and its private key, which may be in a file, in whatever a
 * provider of OpenSSL's reaches by URI, such as a PKCS#11 token, or in an
 * engine.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "transport/tls_context.h"

/* What OpenSSL's pass-phrase callback is given and leaves behind. */
struct asking {
	const struct mqk_tls_options *options;
	bool		 asked;
	bool		 answered;
};

static int
on_password(char *to, int size, int writing, void *arg)
{
	struct asking			*a = arg;
	const struct mqk_tls_options	*o = a->options;
	int				 n = -1;

	(void)writing;
	/* Once is enough: the store tries one format after the other. */
	if (a->asked && !a->answered)
		return (-1);
	a->asked = true;
	if (o->key_password != NULL)
		n = o->key_password(to, (size_t)size, o->key_password_arg);
	a->answered = n >= 0;
	return (n <= size ? n : -1);
}

/* The first private key in the store. */
static EVP_PKEY *
first_key(OSSL_STORE_CTX *store)
{
	OSSL_STORE_INFO	*info;
	EVP_PKEY	*key = NULL;

	while (key == NULL && !ossl.OSSL_STORE_eof(store)) {
		info = ossl.OSSL_STORE_load(store);
		if (info == NULL)
			continue;
		key = ossl.OSSL_STORE_INFO_get1_PKEY(info);
		ossl.OSSL_STORE_INFO_free(info);
	}
	return (key);
}

/* A URI that is a provider's affair. */
static bool
is_elsewhere(const char *name)
{
	size_t	 scheme = strcspn(name, ":/");

	return (name[scheme] == ':' && strncmp(name, "file:", 5) != 0 &&
	    access(name, F_OK) != 0);
}

static int
no_key(const char *name, const struct asking *a, struct error *e)
{
	static const char *const causes[2][2] = {
		{ "no private key in it", "the pass-phrase is wrong" },
		{ "no provider of OpenSSL has it",
		  "the PIN is wrong, or there is no such key" },
	};

	if (a->asked && !a->answered)
		return (errf(e, MQK_EINVAL, "key %s: it is encrypted, and "
		    "there is no pass-phrase for it", name));
	return (errf(e, MQK_EINVAL, "key %s: %s (%s)", name,
	    causes[is_elsewhere(name)][a->asked], openssl_reason()));
}

static EVP_PKEY *
key_from_store(const char *name, const struct mqk_tls_options *o,
    struct error *e)
{
	struct asking	 asking = { .options = o };
	UI_METHOD	*ui;
	OSSL_STORE_CTX	*store;
	EVP_PKEY	*key = NULL;

	ui = ossl.UI_UTIL_wrap_read_pem_callback(on_password, 0);
	store = ossl.OSSL_STORE_open(name, ui, &asking, NULL, NULL);
	if (store != NULL) {
		/* A hint that some stores don't know; the others are faster. */
		(void)ossl.OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
		key = first_key(store);
		ossl.OSSL_STORE_close(store);
	}
	ossl.UI_destroy_method(ui);
	if (key == NULL)
		no_key(name, &asking, e);
	return (key);
}

#ifdef OPENSSL_NO_ENGINE

static EVP_PKEY *
key_from_engine(const struct mqk_tls_options *o, struct error *e)
{
	errf(e, MQK_ENOTSUP, "engine %s: this OpenSSL has no engines",
	    o->engine);
	return (NULL);
}

#else

/* Mosquitto's way to hand over a PIN: as a SHA-1, in hexadecimal. */
static bool
set_pin(ENGINE *engine, const char *pin)
{
	const long	 sha1 = 0x1000;

	if (pin == NULL)
		return (true);
	return (ossl.ENGINE_ctrl_cmd(engine, "SECRET_MODE", sha1, NULL, NULL,
	    0) == 1 && ossl.ENGINE_ctrl_cmd(engine, "PIN", 0,
	    (void *)(uintptr_t)pin, NULL, 0) == 1);
}

static EVP_PKEY *
load_from(ENGINE *engine, const struct mqk_tls_options *o)
{
	struct asking	 asking = { .options = o };
	UI_METHOD	*ui;
	EVP_PKEY	*key;

	if (!set_pin(engine, o->engine_pin_sha1))
		return (NULL);
	ui = ossl.UI_UTIL_wrap_read_pem_callback(on_password, 0);
	key = ossl.ENGINE_load_private_key(engine, o->key_file, ui, &asking);
	ossl.UI_destroy_method(ui);
	return (key);
}

static EVP_PKEY *
key_from_engine(const struct mqk_tls_options *o, struct error *e)
{
	ENGINE		*engine;
	EVP_PKEY	*key = NULL;

	ossl.OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC |
	    OPENSSL_INIT_LOAD_CONFIG, NULL);
	engine = ossl.ENGINE_by_id(o->engine);
	if (engine != NULL && ossl.ENGINE_init(engine) == 1) {
		key = load_from(engine, o);
		ossl.ENGINE_finish(engine);
	}
	if (key == NULL)
		errf(e, MQK_EINVAL, "key %s of engine %s: %s", o->key_file,
		    o->engine, openssl_reason());
	ossl.ENGINE_free(engine);
	return (key);
}

#endif

static int
load_key(SSL_CTX *ctx, const struct mqk_tls_options *o, struct error *e)
{
	const char	*name = o->key_file != NULL ? o->key_file :
			    o->cert_file;
	EVP_PKEY	*key;
	int		 ok;

	key = o->engine != NULL ? key_from_engine(o, e) :
	    key_from_store(name, o, e);
	if (key == NULL)
		return (e->code);
	ok = ossl.SSL_CTX_use_PrivateKey(ctx, key);
	ossl.EVP_PKEY_free(key);
	if (ok != 1 || ossl.SSL_CTX_check_private_key(ctx) != 1)
		return (errf(e, MQK_EINVAL, "key %s does not belong to the "
		    "certificate in %s (%s)", name, o->cert_file,
		    openssl_reason()));
	return (MQK_OK);
}

int
tls_load_identity(SSL_CTX *ctx, const struct mqk_tls_options *o,
    struct error *e)
{
	if (o->cert_file == NULL && o->key_file == NULL && o->engine == NULL)
		return (MQK_OK);
	if (o->cert_file == NULL)
		return (errf(e, MQK_EINVAL, "a key needs its certificate"));
	if (o->engine != NULL && o->key_file == NULL)
		return (errf(e, MQK_EINVAL, "an engine needs a key's name"));
	if (access(o->cert_file, R_OK) != 0)
		return (errf(e, MQK_EIO, "certificate %s: %s", o->cert_file,
		    strerror(errno)));
	if (ossl.SSL_CTX_use_certificate_chain_file(ctx, o->cert_file) != 1)
		return (errf(e, MQK_EINVAL, "certificate %s: %s",
		    o->cert_file, openssl_reason()));
	return (load_key(ctx, o, e));
}
