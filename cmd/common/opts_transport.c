/* SPDX-License-Identifier: MIT */

/* Options: what carries the bytes to the broker, if not plain TCP. */

#include <string.h>

#include "common/config.h"
#include "common/opt.h"
#include "common/proxyenv.h"

/* The library looks closer; this is for the commonest mistakes. */
static bool
is_header(const char *line)
{
	size_t	 name = strcspn(line, ":");

	return (name > 0 && line[name] == ':' &&
	    strcspn(line, " \t") > name && strpbrk(line, "\r\n") == NULL);
}

static uint16_t
port_of(const struct config *config)
{
	static const uint16_t usual[2][2] = { { 1883, 8883 }, { 80, 443 } };

	if (config->connect.port != 0)
		return ((uint16_t)config->connect.port);
	return (usual[config->transport.ws][tls_is_wanted(config)]);
}

/*
 * What the option for one proxy would have said.  Of brokers whose names come
 * later, or are several, no name can be exempt, only all.
 */
static int
take_proxy_env(struct opt_env *env)
{
	const struct config_connect *c = &opt_config(env)->connect;
	struct config_transport *t = &opt_config(env)->transport;
	bool	 unknown = c->brokers.n > 1 || c->srv;

	if (!t->proxy_env || t->proxy != NULL || t->unix_path != NULL)
		return (0);
	opt_set_string(&t->proxy, proxyenv_for(unknown ? "" : c->host,
	    port_of(opt_config(env))));
	if (t->proxy != NULL && unknown)
		return (opt_error(env, "--proxy-env excludes --srv and "
		    "several --url while ALL_PROXY is set"));
	return (0);
}

static int
check_transport(struct opt_env *env)
{
	const struct config_transport *t = &opt_config(env)->transport;

	if (take_proxy_env(env) != 0)
		return (OPT_BAD);
	if (t->unix_path != NULL && *t->unix_path == '\0')
		return (opt_error(env, "--unix: the path is empty"));
	if (t->proxy != NULL && strncmp(t->proxy, "socks5h://", 10) != 0 &&
	    strncmp(t->proxy, "http://", 7) != 0)
		return (opt_error(env, "%s: a URL such as "
		    "socks5h://host or http://host is needed",
		    opt_given(env, "proxy") ? "--proxy" : "ALL_PROXY"));
	if (t->unix_path != NULL && t->proxy != NULL)
		return (opt_error(env, "--unix and --proxy exclude each "
		    "other"));
	if (t->unix_path != NULL && t->ws)
		return (opt_error(env, "--unix and --ws exclude each other"));
	if (!t->ws && (t->ws_path != NULL || t->ws_headers.n > 0))
		return (opt_error(env, "%s needs --ws", t->ws_path != NULL ?
		    "--ws-path" : "--ws-header"));
	for (size_t i = 0; i < t->ws_headers.n; i++)
		if (!is_header(t->ws_headers.v[i]))
			return (opt_error(env, "--ws-header: a header is one "
			    "line 'Name: value'"));
	return (0);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 0, "unix", "path", OPT_STRING, AT(transport.unix_path),
	  .hint = HINT_FILE,
	  .help = "connect to a socket in the file system",
	  .man = "Connect to the broker's socket in the file system instead "
	    "of to\n.Fl -host ." },
	{ 0, "proxy", "url", OPT_STRING, AT(transport.proxy),
	  .flags = OPT_SECRET,
	  .help = "go through a proxy: socks5h:// or http://",
	  .man = "Go to the broker through a proxy, which looks its name up:\n"
	    ".Sm off\n"
	    ".Li socks5h://\n"
	    ".Oo Ar user Oo : Ar password Oc @ Oc\n"
	    ".Ar host Oo : Ar port Oc\n"
	    ".Sm on\n"
	    "for SOCKS5, port 1080 unless given, or\n"
	    ".Li http://\n"
	    "and the same for HTTP CONNECT with Basic authentication, port\n"
	    "8080.\n"
	    "TLS and WebSocket go through it as well.\n"
	    "Environment variables do not matter without\n"
	    ".Fl -proxy-env ." },
	{ 0, "proxy-env", NULL, OPT_FLAG, AT(transport.proxy_env),
	  .help = "take the proxy from ALL_PROXY and NO_PROXY",
	  .man = "Without\n"
	    ".Fl -proxy ,\n"
	    "use the one in the environment variable\n"
	    ".Ev ALL_PROXY\n"
	    "or\n"
	    ".Ev all_proxy ,\n"
	    "unless\n"
	    ".Ev NO_PROXY\n"
	    "or\n"
	    ".Ev no_proxy\n"
	    "has the host, a domain it is in, or\n"
	    ".Li * ,\n"
	    "each with a colon and a port behind it if it is for that port\n"
	    "only." },
	{ 0, "ws", NULL, OPT_FLAG, AT(transport.ws),
	  .help = "MQTT over WebSocket",
	  .man = "Speak MQTT over WebSocket, with\n"
	    ".Fl -cafile\n"
	    "and its like over TLS; the port is 80, with TLS 443, unless\n"
	    "given.\n"
	    "The same as\n"
	    ".Li ws://\n"
	    "or\n"
	    ".Li wss://\n"
	    "in\n"
	    ".Fl -url ." },
	{ 0, "ws-path", "path", OPT_STRING, AT(transport.ws_path),
	  .help = "path of the WebSocket (/mqtt)",
	  .man = "Path of the HTTP request that opens the WebSocket, without\n"
	    "percent-encoding, but with a query if need be;\n"
	    ".Pa /mqtt\n"
	    "unless given.\n"
	    "What\n"
	    ".Fl -url\n"
	    "has behind the host is the topic for every scheme." },
	{ 0, "ws-header", "line", OPT_LIST, AT(transport.ws_headers),
	  .flags = OPT_SECRET,
	  .help = "header of the WebSocket request, repeatable",
	  .man = "A header for the HTTP request that opens the WebSocket, as\n"
	    ".Ar Name : Ar value ,\n"
	    "for bearer tokens, cookies or a\n"
	    ".Li Host\n"
	    "of its own; may be given more than once.\n"
	    "It is removed from the process list as soon as it has been "
	    "read." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_transport = {
	"transport", "Transport", rows, check_transport, NULL
};
