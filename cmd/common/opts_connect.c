/* SPDX-License-Identifier: MIT */

/* Options: where the broker is, who we are, and how the line is kept. */

#include <string.h>

#include "mqk.h"

#include "common/brokers.h"
#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/units.h"

enum {
	DAY_MS = 86400000,
	PREFIX_MAX = UINT16_MAX - 20	/* a process id finds room behind it */
};

const struct opt_choice auth_methods[] = {
	{ "SCRAM-SHA-1", 1 }, { "SCRAM-SHA-256", 2 }, { "SCRAM-SHA-512", 3 },
	{ NULL, 0 }
};

/* --tcp-keepalive COUNT,IDLE,INTERVAL */
static int
call_tcp_keepalive(struct opt_env *env, const char *arg)
{
	struct mqk_tcp	*tcp = &opt_config(env)->connect.tcp;
	uint16_t	*const to[] = {
		&tcp->keep_count, &tcp->keep_idle_s, &tcp->keep_interval_s
	};
	int64_t		 n;
	char		 part[16];

	for (size_t i = 0; i < 3; i++) {
		size_t	 len = strcspn(arg, ",");

		if (len >= sizeof(part) || (arg[len] == ',') != (i < 2))
			return (opt_error(env, "three numbers are needed: "
			    "COUNT,IDLE,INTERVAL"));
		memcpy(part, arg, len);
		part[len] = '\0';
		if (units_scan_int(part, &n) != 0 || n < 1 || n > 32767) {
			return (opt_error(env, "'%s' is not a number between "
			    "1 and 32767", part));
		}
		*to[i] = (uint16_t)n;
		arg += len + (i < 2);
	}
	return (0);
}

static bool
is_ws(const struct mqk_url *url)
{
	return (strncmp(url->scheme, "ws", 2) == 0);
}

static bool
has_tls(const struct mqk_url *url)
{
	return (strcmp(url->scheme, "mqtts") == 0 ||
	    strcmp(url->scheme, "wss") == 0);
}

/* The only one so far: the same as options for each of its parts. */
static void
take_url(struct config *config, const struct mqk_url *url)
{
	struct config_connect *c = &config->connect;
	bool	 is_unix = strcmp(url->scheme, "unix") == 0;

	opt_set_string(&config->transport.unix_path,
	    is_unix ? url->host : NULL);
	config->transport.ws = is_ws(url);
	config->tls.url = has_tls(url);
	if (is_unix)
		return;
	opt_set_string(&c->host, url->host);
	c->port = url->port;
	if (url->user != NULL)
		opt_set_string(&c->username, url->user);
	if (url->password.data != NULL) {
		wipe_free(c->password);
		c->password = xcalloc(url->password.len + 1, 1);
		memcpy(c->password, url->password.data, url->password.len);
	}
	opt_set_string(&c->url_topic, url->path);
}

/* One more: the list says where they are, no longer what the first set. */
static void
join_url(struct opt_env *env, const struct mqk_url *url)
{
	struct config	*config = opt_config(env);
	struct config_connect *c = &config->connect;

	if (!opt_given(env, "unix"))
		opt_set_string(&config->transport.unix_path, NULL);
	if (!opt_given(env, "port"))
		c->port = 0;
	if (!opt_given(env, "username"))
		opt_set_string(&c->username, NULL);
	if (!opt_given(env, "pw")) {
		wipe_free(c->password);
		c->password = NULL;
	}
	config->transport.ws |= is_ws(url);
	config->tls.url |= has_tls(url);
	if (url->path != NULL)
		opt_set_string(&c->url_topic, url->path);
}

static int
call_url(struct opt_env *env, const char *arg)
{
	struct config_brokers *brokers = &opt_config(env)->connect.brokers;
	struct mqk_url	 url;
	const char	*why = "not a URL";
	int		 err;

	err = mqk_url_parse(&url, arg, &why);
	if (err == MQK_ENOMEM)
		diag_die(STATUS_INTERNAL, "out of memory");
	if (err < 0)
		return (opt_error(env, "%s", why));
	brokers_add(brokers, arg, &url);
	if (brokers->n == 1)
		take_url(opt_config(env), &url);
	else
		join_url(env, &url);
	mqk_url_clear(&url);
	return (err);
}

/* What would say the same for all brokers of a list. */
static int
check_brokers(struct opt_env *env, size_t n)
{
	static const char *const others[] = {
		"host", "port", "unix", "ws", "no-tls"
	};

	if (n < 2)
		return (0);
	if (n > MQK_MAX_BROKERS)
		return (opt_error(env, "--url: more than %d",
		    MQK_MAX_BROKERS));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (opt_given(env, others[i]))
			return (opt_error(env, "--%s and several --url "
			    "exclude each other", others[i]));
	}
	return (0);
}

/* What --url takes and many would write here; the library looks closer. */
static int
check_host(struct opt_env *env, const char *host)
{
	const char	*colon = strchr(host, ':');

	if (*host == '\0')
		return (opt_error(env, "--host: the name is empty"));
	if (*host == '[')
		return (opt_error(env, "--host: %s: an IPv6 address is "
		    "written without brackets", host));
	if (strstr(host, "://") != NULL)
		return (opt_error(env, "--host: %s is for --url", host));
	if (colon != NULL && strchr(colon + 1, ':') == NULL)
		return (opt_error(env, "--host: %s: the port is for --port",
		    host));
	return (0);
}

static int
check_connect(struct opt_env *env)
{
	const struct config_connect *c = &opt_config(env)->connect;

	if (check_brokers(env, c->brokers.n) != 0)
		return (OPT_BAD);
	if (c->srv && (opt_given(env, "port") || opt_given(env, "unix") ||
	    opt_given(env, "ws") || opt_given(env, "proxy")))
		return (opt_error(env, "--srv excludes --port, --unix, --ws "
		    "and --proxy"));
	if (c->id != NULL && c->id_prefix != NULL)
		return (opt_error(env, "--id and --id-prefix exclude each "
		    "other"));
	if (check_host(env, c->host) != 0)
		return (OPT_BAD);
	if (c->bind_address != NULL && *c->bind_address == '\0')
		return (opt_error(env, "--bind-address: the name is empty"));
	if (c->retry_ms > c->retry_max_ms)
		return (opt_error(env, "--reconnect-delay is longer than "
		    "--reconnect-max-delay"));
	return (0);
}

/* For every broker: what its URL has goes before what is for all others. */
static bool
has_credentials(const struct config_connect *c)
{
	const struct mqk_broker	*b = c->brokers.v;
	bool	 shared = c->username != NULL && c->password != NULL, user, pw;

	if (c->brokers.n < 2)
		return (shared);
	for (size_t i = 0; i < c->brokers.n; i++) {
		user = b[i].user != NULL;
		pw = b[i].password.data != NULL;
		if (user != pw || (!user && !shared))
			return (false);
	}
	return (true);
}

static int
check_auth(struct opt_env *env)
{
	const struct config *config = opt_config(env);
	const struct config_connect *c = &config->connect;
	struct mqk_value given;

	if (c->auth_method == 0)
		return (c->reauth_ms == 0 ? 0 : opt_error(env,
		    "--reauth-interval needs --auth-method"));
	if (!has_credentials(c))
		return (opt_error(env, "--auth-method needs --username and "
		    "--pw"));
	if (mqk_props_get(config->session.props[PROPS_CONNECT],
	    MQK_P_AUTHENTICATION_METHOD, &given))
		return (opt_error(env, "--auth-method and --property connect "
		    "authentication-method exclude each other"));
	return (0);
}

static int
check_connection(struct opt_env *env)
{
	int	 err = check_connect(env);

	return (err == 0 ? check_auth(env) : err);
}

static void
fini_connect(struct config *config)
{
	opt_set_string(&config->connect.url_topic, NULL);
	brokers_free(&config->connect.brokers);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 'h', "host", "name", OPT_STRING, AT(connect.host),
	  .dflt = "localhost", .hint = HINT_HOST,
	  .help = "broker to connect to",
	  .man = "Name or address of the broker.\n"
	    "An IPv6 address is written without brackets.\n"
	    "All addresses of a name are tried in order." },
	{ 'p', "port", "number", OPT_INT, AT(connect.port),
	  .min = 1, .max = 65535,
	  .help = "port of the broker (1883, with TLS 8883)",
	  .man = "TCP port of the broker; 1883 unless given, 8883 with TLS.\n"
	    "To ask for port 8883 is to ask for TLS, with\n"
	    ".Fl -tls-use-os-certs\n"
	    "unless another option says whom to trust." },
	{ 'L', "url", "url", OPT_CALL, .call = call_url, .flags = OPT_SECRET,
	  .help = "broker, credentials and topic in one, repeatable",
	  .man = "Broker, credentials and topic in one, as\n"
	    ".Sm off\n"
	    ".Ar scheme No ://\n"
	    ".Oo Ar user Oo : Ar password Oc @ Oc\n"
	    ".Ar host Oo : Ar port Oc Oo / Ar topic Oc .\n"
	    ".Sm on\n"
	    "The scheme is\n"
	    ".Li mqtt ,\n"
	    ".Li mqtts\n"
	    "for TLS,\n"
	    ".Li ws\n"
	    "for WebSocket or\n"
	    ".Li wss\n"
	    "for both;\n"
	    ".Li unix:// Ns Ar /path\n"
	    "is a socket in the file system.\n"
	    "Parts may be percent-encoded, an IPv6 address stands in "
	    "brackets.\n"
	    "Options that follow replace what it sets.\n"
	    ".Pp\n"
	    "It may be given more than once, for brokers to fall back on:\n"
	    "they are tried in order, one right after the other, and after\n"
	    "the last one\n"
	    ".Fl -reconnect-delay\n"
	    "matters.\n"
	    "When a connection is lost, the first is tried first again.\n"
	    "User and password in a URL go before\n"
	    ".Fl -username\n"
	    "and\n"
	    ".Fl -pw ,\n"
	    "which are for those that have none; the scheme alone says which\n"
	    "ones use TLS." },
	{ 'S', "srv", NULL, OPT_FLAG, AT(connect.srv),
	  .help = "take host and port from SRV records",
	  .man = "Ask DNS where the service of\n"
	    ".Fl -host\n"
	    "or\n"
	    ".Fl -url\n"
	    "is: in the SRV records of\n"
	    ".Li _mqtt._tcp. Ns Ar host ,\n"
	    "with TLS of\n"
	    ".Li _secure-mqtt._tcp. Ns Ar host .\n"
	    "Their hosts are tried in order of priority, at random by weight\n"
	    "where that is the same.\n"
	    "Certificates are verified for\n"
	    ".Ar host ,\n"
	    "not for what the records say, which anybody could have sent.\n"
	    "A URL with a port is not looked up so." },
	{ 0, "follow-redirects", NULL, OPT_FLAG, AT(connect.follow),
	  .help = "go to the broker that the broker refers to",
	  .man = "When a broker refuses or ends a connection and refers to\n"
	    "another one, go there, with the same user and password.\n"
	    "Without this option the reference is only told." },
	{ 'A', "bind-address", "address", OPT_STRING,
	  AT(connect.bind_address), .hint = HINT_HOST,
	  .help = "local address to connect from",
	  .man = "Local address or host name to connect from." },
	{ 'u', "username", "name", OPT_STRING, AT(connect.username),
	  .max = UINT16_MAX, .flags = OPT_UTF8,
	  .help = "user name for the broker",
	  .man = "User name to log in with." },
	{ 'P', "pw", "password", OPT_STRING, AT(connect.password),
	  .max = UINT16_MAX,
	  .flags = OPT_SECRET,
	  .help = "password for the broker",
	  .man = "Password to log in with.\n"
	    "It is removed from the process list as soon as it has been "
	    "read.\n"
	    "Without\n"
	    ".Fl -username\n"
	    "it needs MQTT 5." },
	{ 0, "auth-method", "method", OPT_CHOICE, AT(connect.auth_method),
	  .choices = auth_methods,
	  .help = "log in with SCRAM, which does not send the password",
	  .man = "Log in with this method of enhanced authentication, by\n"
	    "which user and broker prove to each other that they know the\n"
	    "password, without sending it.\n"
	    "A broker that does not prove it is not talked to.\n"
	    "Needs\n.Fl -username\nand\n.Fl -pw ;\n"
	    "implies MQTT 5." },
	{ 0, "reauth-interval", "time", OPT_DURATION, AT(connect.reauth_ms),
	  .min = 1, .max = DAY_MS,
	  .help = "repeat the authentication of --auth-method",
	  .man = "Repeat the authentication of\n.Fl -auth-method\n"
	    "on the living connection after each such time.\n"
	    "Unless given, only a new connection authenticates anew." },
	{ 'i', "id", "id", OPT_STRING, AT(connect.id),
	  .max = UINT16_MAX, .flags = OPT_UTF8,
	  .help = "client id (the broker assigns one)",
	  .man = "Client id.\n"
	    "Without it the broker assigns one; where the protocol does not\n"
	    "allow that, a random one is made up." },
	{ 'I', "id-prefix", "prefix", OPT_STRING, AT(connect.id_prefix),
	  .max = PREFIX_MAX, .flags = OPT_UTF8,
	  .help = "client id: this and the process id",
	  .man = "Use this text followed by the process id as client id." },
	{ 0, "connect-timeout", "time", OPT_DURATION, AT(connect.timeout_ms),
	  .min = 1, .max = DAY_MS, .dflt = "30s",
	  .help = "limit for one attempt to connect",
	  .man = "Give up an attempt to connect after this time, name look-up\n"
	    "and the broker's answer included." },
	{ 0, "nodelay", NULL, OPT_FLAG, AT(connect.nodelay),
	  .flags = OPT_NEGATABLE, .dflt = "on",
	  .help = "send small packets at once (TCP_NODELAY)",
	  .man = "Send small packets at once (TCP_NODELAY).\n"
	    "This is the default." },
	{ 0, "tcp-keepalive", "count,idle,interval", OPT_CALL,
	  .call = call_tcp_keepalive,
	  .help = "probe an idle connection by TCP",
	  .man = "Let the system probe the connection when it has been idle\n"
	    "for\n.Ar idle\n"
	    "seconds, every\n.Ar interval\n"
	    "seconds, and drop it after\n.Ar count\n"
	    "probes without answer." },
	{ 0, "reconnect", NULL, OPT_FLAG, AT(connect.reconnect),
	  .flags = OPT_NEGATABLE, .dflt = "on",
	  .help = "connect again after a lost connection",
	  .man = "Connect again when a connection is lost.\n"
	    "This is the default.\n"
	    "The first connection is not tried again when it fails." },
	{ 0, "reconnect-delay", "time", OPT_DURATION, AT(connect.retry_ms),
	  .min = 1, .max = DAY_MS, .dflt = "1s",
	  .help = "longest wait before the first new attempt",
	  .man = "Upper limit of the wait before the first new attempt.\n"
	    "It doubles with every attempt that fails; the wait itself is\n"
	    "random up to the limit, so that many clients do not come back\n"
	    "at the same moment." },
	{ 0, "reconnect-max-delay", "time", OPT_DURATION,
	  AT(connect.retry_max_ms), .min = 1, .max = DAY_MS, .dflt = "60s",
	  .help = "longest wait before any new attempt",
	  .man = "The wait between two attempts grows up to this time." },
	{ 0, "reconnect-tries", "number", OPT_INT, AT(connect.retry_tries),
	  .max = UINT32_MAX, .dflt = "0",
	  .help = "attempts before giving up (0: no limit)",
	  .man = "Give up after this many failed attempts in a row,\n"
	    "which a connection that the broker accepts ends;\n"
	    "0 means never." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_connect = {
	"connection", "Connection", rows, check_connection, fini_connect
};
