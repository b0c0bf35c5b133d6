/* SPDX-License-Identifier: MIT */

/* Options: TLS.  Which of them asks for it, and what they mean together. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqk.h"

#include "common/config.h"
#include "common/diag.h"
#include "common/opt.h"
#include "common/passphrase.h"

enum { TLS_PORT = 8883, KEY_PEM = 0, KEY_ENGINE = 1 };

static const struct opt_choice key_forms[] = {
	{ "pem", KEY_PEM }, { "engine", KEY_ENGINE }, { NULL, 0 }
};

static const struct opt_choice versions[] = {
	{ "tlsv1.2", MQK_TLS_1_2 }, { "tlsv1.3", MQK_TLS_1_3 }, { NULL, 0 }
};

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char	*at = c == '\0' ? NULL : strchr(digits, c);
	int		 n = at == NULL ? -1 : (int)(at - digits);

	return (n < 16 ? n : n - 6);
}

/* --psk, hexadecimal; kept as it is, for opt_free() to wipe. */
static int
call_psk(struct opt_env *env, const char *arg)
{
	struct config_tls *tls = &opt_config(env)->tls;
	size_t	 len = strlen(arg);

	wipe_free(tls->psk);
	tls->psk = xcalloc(len / 2 + 1, 1);
	tls->psk_len = len / 2;
	for (size_t i = 0; i < len; i++) {
		int	 digit = hex_digit(arg[i]);

		if (digit < 0 || len % 2 != 0) {
			return (opt_error(env,
			    "pairs of hexadecimal digits are needed"));
		}
		tls->psk[i / 2] = (char)((unsigned char)tls->psk[i / 2] << 4 |
		    digit);
	}
	return (len > 0 ? 0 : opt_error(env, "the key is empty"));
}

/* Port 8883 asks for it as mosquitto has it. */
bool
tls_is_wanted(const struct config *config)
{
	const struct config_tls *tls = &config->tls;

	return (!tls->off && (tls->url || tls->ca_file != NULL ||
	    tls->ca_dir != NULL || tls->psk != NULL || tls->system_ca ||
	    config->connect.port == TLS_PORT));
}

/* What was given for TLS would be passed over without a word. */
static int
check_unused(struct opt_env *env)
{
	if (opt_config(env)->tls.off)
		return (0);
	for (const struct opt *o = group_tls.rows; o->name != NULL; o++) {
		if (opt_given(env, o->name)) {
			return (opt_error(env, "--%s is for TLS, which needs "
			    "--cafile, --capath, --tls-use-os-certs, --psk, "
			    "port %d or mqtts://", o->name, TLS_PORT));
		}
	}
	return (0);
}

static int
check_together(struct opt_env *env)
{
	const struct config_tls *tls = &opt_config(env)->tls;
	bool	 engine = tls->key_form == KEY_ENGINE;

	if (tls->psk != NULL && (tls->ca_file != NULL || tls->ca_dir != NULL))
		return (opt_error(env, "--psk excludes --cafile and "
		    "--capath"));
	if ((tls->psk != NULL) != (tls->psk_identity != NULL))
		return (opt_error(env, "--psk and --psk-identity go "
		    "together"));
	if (tls->key != NULL && tls->cert == NULL)
		return (opt_error(env, "--key needs --cert"));
	if (engine != (tls->engine != NULL) || (engine && tls->key == NULL))
		return (opt_error(env, "--tls-engine, --keyform engine and "
		    "--key go together"));
	if (tls->engine_pin != NULL && !engine)
		return (opt_error(env, "--tls-engine-kpass-sha1 needs "
		    "--tls-engine"));
	return (0);
}

static int
on_key_password(char *to, size_t size, void *arg)
{
	struct config_tls *tls = arg;
	char	 prompt[256];
	int	 len;

	if (tls->key_password_file != NULL)
		return (passphrase_read(tls->key_password_file, to, size));
	snprintf(prompt, sizeof(prompt), "Pass-phrase for %s: ",
	    tls->key != NULL ? tls->key : tls->cert);
	len = passphrase_ask(prompt, to, size);
	tls->unanswered = len < 0;
	return (len);
}

static int
make_context(struct config *config)
{
	struct config_tls *tls = &config->tls;
	struct mqk_tls_options o = {
		.ca_file = tls->ca_file,
		.ca_dir = tls->ca_dir,
		.system_ca = tls->system_ca,
		.crl_file = tls->crl_file,
		.cert_file = tls->cert,
		.key_file = tls->key,
		.key_password = on_key_password,
		.key_password_arg = tls,
		.engine = tls->engine,
		.engine_pin_sha1 = tls->engine_pin,
		.psk_identity = tls->psk_identity,
		.psk = { tls->psk, tls->psk_len },
		.alpn = tls->alpn,
		.server_name = tls->server_name,
		.min_version = (enum mqk_tls_version)tls->min_version,
		.max_version = (enum mqk_tls_version)tls->max_version,
		.ciphers = tls->ciphers,
		.ciphersuites = tls->ciphersuites,
		.keylog_file = tls->keylog,
		.kernel = tls->kernel,
		.insecure = tls->insecure,
	};
	char	 why[256];

	if (mqk_tls_new(&tls->context, &o, why, sizeof(why)) < 0) {
		diag_say("%s%s", why, tls->unanswered ?
		    " (--key-password-file)" : "");
		return (-1);
	}
	if (tls->insecure && !config->general.quiet) {
		diag_warn("--insecure: the broker's certificate is not "
		    "checked, anybody may be at the other end");
	}
	return (0);
}

static int
check_tls(struct opt_env *env)
{
	struct config	*config = opt_config(env);
	int		 err;

	if (!tls_is_wanted(config))
		return (check_unused(env));
	err = check_together(env);
	return (err == 0 ? make_context(config) : err);
}

static void
fini_tls(struct config *config)
{
	struct config_tls *tls = &config->tls;

	if (tls->psk != NULL)
		wipe(tls->psk, tls->psk_len);
	free(tls->psk);
	mqk_tls_free(tls->context);
	tls->psk = NULL;
	tls->context = NULL;
}

/* clang-format off */
static const struct opt rows[] = {
	{ 0, "cafile", "file", OPT_STRING, AT(tls.ca_file), .hint = HINT_FILE,
	  .help = "trust the CAs in this file; use TLS",
	  .man = "Use TLS and trust the CA certificates in this file (PEM),\n"
	    "and no others." },
	{ 0, "capath", "directory", OPT_STRING, AT(tls.ca_dir),
	  .hint = HINT_DIR,
	  .help = "trust the CAs in this directory; use TLS",
	  .man = "Use TLS and trust the CA certificates in this directory,\n"
	    "which\n"
	    ".Ql openssl rehash\n"
	    "has prepared." },
	{ 0, "tls-use-os-certs", NULL, OPT_FLAG, AT(tls.system_ca),
	  .help = "trust the system's CAs; use TLS",
	  .man = "Use TLS and trust the CA certificates of the system, beside\n"
	    "those of\n"
	    ".Fl -cafile\n"
	    "and\n"
	    ".Fl -capath .\n"
	    "This is what\n"
	    ".Li mqtts://\n"
	    "and port 8883 do when neither is given." },
	{ 0, "insecure", NULL, OPT_FLAG, AT(tls.insecure),
	  .help = "accept any certificate (no protection)",
	  .man = "Accept any certificate for any host, so that anybody who\n"
	    "can get between can read and change everything.\n"
	    "A message says so." },
	{ 0, "cert", "file", OPT_STRING, AT(tls.cert), .hint = HINT_FILE,
	  .help = "our certificate",
	  .man = "File with the certificate to show to the broker, and those\n"
	    "that lead to its CA (PEM)." },
	{ 0, "key", "file", OPT_STRING, AT(tls.key), .hint = HINT_FILE,
	  .help = "private key of our certificate",
	  .man = "File with the private key of\n"
	    ".Fl -cert ,\n"
	    "or a URI such as\n"
	    ".Li pkcs11:token=t;object=k\n"
	    "for a provider of OpenSSL; without it the key is looked for in\n"
	    "the file of\n"
	    ".Fl -cert .\n"
	    "The terminal is asked for the pass-phrase of an encrypted key." },
	{ 0, "key-password-file", "file", OPT_STRING,
	  AT(tls.key_password_file), .hint = HINT_FILE,
	  .help = "file with the key's pass-phrase",
	  .man = "Read the pass-phrase of the key, or the PIN of its token,\n"
	    "from the first line of this file." },
	{ 0, "keyform", "form", OPT_CHOICE, AT(tls.key_form),
	  .choices = key_forms, .dflt = "pem",
	  .help = "where the key is",
	  .man = "With\n"
	    ".Cm engine\n"
	    "the key is in the engine that\n"
	    ".Fl -tls-engine\n"
	    "names, where it is called as\n"
	    ".Fl -key\n"
	    "says." },
	{ 0, "tls-crl", "file", OPT_STRING, AT(tls.crl_file),
	  .hint = HINT_FILE,
	  .help = "refuse certificates revoked in this file",
	  .man = "Refuse a broker whose certificate is in this revocation\n"
	    "list (PEM), or whose CA has none there." },
	{ 0, "tls-server-name", "name", OPT_STRING, AT(tls.server_name),
	  .hint = HINT_HOST,
	  .help = "name to expect in the certificate",
	  .man = "Ask for this server by SNI and expect its name in the\n"
	    "certificate, instead of that of\n"
	    ".Fl -host ." },
	{ 0, "tls-version", "version", OPT_CHOICE, AT(tls.min_version),
	  .choices = versions, .dflt = "tlsv1.2",
	  .help = "oldest version of TLS to use",
	  .man = "Oldest version of TLS to use." },
	{ 0, "tls-max-version", "version", OPT_CHOICE, AT(tls.max_version),
	  .choices = versions,
	  .help = "newest version of TLS to use",
	  .man = "Newest version of TLS to use." },
	{ 0, "ciphers", "list", OPT_STRING, AT(tls.ciphers),
	  .help = "ciphers of TLS 1.2 to use",
	  .man = "Ciphers to use with TLS 1.2, as in\n"
	    ".Xr openssl-ciphers 1 ." },
	{ 0, "tls-ciphersuites", "list", OPT_STRING, AT(tls.ciphersuites),
	  .help = "cipher suites of TLS 1.3 to use",
	  .man = "Cipher suites to use with TLS 1.3, separated by colons." },
	{ 0, "tls-alpn", "protocol", OPT_STRING, AT(tls.alpn),
	  .help = "protocol to ask for by ALPN",
	  .man = "Name of the protocol to ask for, for brokers that share\n"
	    "their port with other servers." },
	{ 0, "psk", "key", OPT_CALL, .call = call_psk, .flags = OPT_SECRET,
	  .help = "pre-shared key in hexadecimal; use TLS",
	  .man = "Use TLS 1.2 with a pre-shared key, given in hexadecimal,\n"
	    "instead of certificates." },
	{ 0, "psk-identity", "name", OPT_STRING, AT(tls.psk_identity),
	  .help = "name of the pre-shared key",
	  .man = "Name under which the broker knows the key of\n"
	    ".Fl -psk ." },
	{ 0, "tls-keylog", "file", OPT_STRING, AT(tls.keylog),
	  .hint = HINT_FILE,
	  .help = "append the secrets for Wireshark to a file",
	  .man = "Append the secrets of each connection to this file, in the\n"
	    "format that Wireshark reads.\n"
	    "Who has them can read what was sent." },
	{ 0, "tls-kernel", NULL, OPT_FLAG, AT(tls.kernel),
	  .help = "have the kernel encrypt, where it can",
	  .man = "Have the kernel encrypt what is sent, where it and OpenSSL\n"
	    "can and no proxy is between.\n"
	    "Where they can't this changes nothing." },
	{ 0, "tls-engine", "name", OPT_STRING, AT(tls.engine),
	  .help = "OpenSSL engine that has the key",
	  .man = "OpenSSL engine that has the key; needs\n"
	    ".Fl -keyform Cm engine ." },
	{ 0, "tls-engine-kpass-sha1", "hex", OPT_STRING, AT(tls.engine_pin),
	  .flags = OPT_SECRET,
	  .help = "SHA-1 of the PIN, for some engines",
	  .man = "SHA-1 of the password of the key, in hexadecimal, for\n"
	    "engines that want it so." },
	{ 0, "no-tls", NULL, OPT_FLAG, AT(tls.off),
	  .help = "no TLS, whatever else is given",
	  .man = "Connect without TLS, whatever other options say, and to\n"
	    "port 8883 too." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_tls = {
	"tls", "TLS", rows, check_tls, fini_tls
};
