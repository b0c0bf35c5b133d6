/* SPDX-License-Identifier: MIT */

/*
 * mqk_url_parse(): SCHEME://[USER[:PASSWORD]@]HOST[:PORT][/PATH], split first
 * and decoded afterwards, so that an encoded separator stays data.
 */

#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "mqk.h"
#include "transport/url.h"

/* A part of the text, not decoded. */
struct part {
	const char	*at;
	const char	*end;
};

/* The schemes that are possible; the sentences when there is another, none. */
struct kind {
	const char	*schemes[6];
	const char	*why;
	const char	*why_none;
};

static const struct kind brokers = {
	{ "mqtt", "mqtts", "ws", "wss", "unix", NULL },
	"the scheme is none of mqtt mqtts ws wss unix",
	"there is no scheme such as mqtt://"
};
static const struct kind proxies = {
	{ "http", "socks5h", NULL }, "the scheme is none of http socks5h",
	"there is no scheme such as http://"
};

static const char no_memory[] = "out of memory";

static size_t
part_len(struct part p)
{
	return ((size_t)(p.end - p.at));
}

static const char *
find(struct part p, int c)
{
	return (memchr(p.at, c, part_len(p)));
}

static const char *
find_last(struct part p, int c)
{
	for (const char *s = p.end; s > p.at; s--)
		if (s[-1] == c)
			return (s - 1);
	return (NULL);
}

static int
invalid(const char **why, const char *text)
{
	*why = text;
	return (MQK_EINVAL);
}

static int
hex_digit(char c)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c == '\0' ? NULL : strchr(digits, c);
	return (at == NULL ? -1 : (int)(at - digits));
}

/* *to is allocated and has a NUL behind its len bytes. */
static int
decode(struct part p, char **to, size_t *len, const char **why)
{
	char	*out = malloc(part_len(p) + 1), *o = out;
	int	 hi, lo;

	if (out == NULL) {
		*why = no_memory;
		return (MQK_ENOMEM);
	}
	while (p.at < p.end) {
		if (*p.at != '%') {
			*o++ = *p.at++;
			continue;
		}
		hi = part_len(p) < 3 ? -1 : hex_digit(p.at[1]);
		lo = part_len(p) < 3 ? -1 : hex_digit(p.at[2]);
		if (hi < 0 || lo < 0) {
			free(out);
			return (invalid(why,
			    "% must be followed by two hexadecimal digits"));
		}
		*o++ = (char)(hi << 4 | lo);
		p.at += 3;
	}
	*o = '\0';
	*to = out;
	*len = (size_t)(o - out);
	return (MQK_OK);
}

/* As decode(), for what must be a C string. */
static int
decode_text(struct part p, char **to, const char **why)
{
	size_t	 len;
	int	 err = decode(p, to, &len, why);

	if (err < 0)
		return (err);
	if (strlen(*to) == len)
		return (MQK_OK);
	free(*to);
	*to = NULL;
	return (invalid(why, "%00 is allowed in a password only"));
}

static int
parse_scheme(struct mqk_url *url, const struct kind *kind, struct part p,
    const char **why)
{
	url->scheme = str_ndup(p.at, part_len(p));
	if (url->scheme == NULL) {
		*why = no_memory;
		return (MQK_ENOMEM);
	}
	for (char *s = url->scheme; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	for (size_t i = 0; kind->schemes[i] != NULL; i++)
		if (strcmp(url->scheme, kind->schemes[i]) == 0)
			return (MQK_OK);
	return (invalid(why, kind->why));
}

static int
parse_user(struct mqk_url *url, struct part p, const char **why)
{
	struct part	 user = p, password;
	const char	*colon = find(p, ':');
	char		*secret;
	size_t		 len;
	int		 err;

	if (colon != NULL)
		user.end = colon;
	err = decode_text(user, &url->user, why);
	if (err < 0 || colon == NULL)
		return (err);
	password.at = colon + 1;
	password.end = p.end;
	err = decode(password, &secret, &len, why);
	if (err < 0)
		return (err);
	url->password.data = secret;
	url->password.len = len;
	return (MQK_OK);
}

static int
parse_port(struct mqk_url *url, struct part p, const char **why)
{
	uint32_t	 port = 0;

	if (p.at == p.end)
		return (MQK_OK);
	for (; p.at < p.end; p.at++) {
		if (*p.at < '0' || *p.at > '9')
			return (invalid(why, "the port is not a number"));
		port = port * 10 + (uint32_t)(*p.at - '0');
		if (port > 65535)
			break;
	}
	if (port == 0 || port > 65535)
		return (invalid(why, "the port is not between 1 and 65535"));
	url->port = (uint16_t)port;
	return (MQK_OK);
}

static bool
is_host(const char *host)
{
	for (const char *s = host; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f ||
		    strchr("\"#%/:<>?@[\\]^`{|}", *s) != NULL)
			return (false);
	return (*host != '\0');
}

/* An address, with or without a zone behind it. */
static bool
is_ipv6(const char *text)
{
	char		 address[INET6_ADDRSTRLEN];
	struct in6_addr	 in6;
	size_t		 len = strcspn(text, "%");

	if (len >= sizeof(address) ||
	    (text[len] == '%' && !is_host(text + len + 1)))
		return (false);
	memcpy(address, text, len);
	address[len] = '\0';
	return (inet_pton(AF_INET6, address, &in6) == 1);
}

bool
url_host_valid(const char *host)
{
	return (is_host(host) || is_ipv6(host));
}

static int
parse_literal(struct mqk_url *url, struct part p, const char **why)
{
	const char	*zone = find(p, '%');
	int		 err;

	/* RFC 6874 writes the zone's % as %25, people write it as it is. */
	if (zone != NULL && strncmp(zone, "%25", 3) != 0) {
		url->host = str_ndup(p.at, part_len(p));
		err = url->host == NULL ? MQK_ENOMEM : MQK_OK;
	} else {
		err = decode_text(p, &url->host, why);
	}
	if (err < 0)
		return (err);
	if (!is_ipv6(url->host))
		return (invalid(why, "no IPv6 address between [ and ]"));
	return (MQK_OK);
}

static int
parse_name(struct mqk_url *url, struct part p, const char **why)
{
	int	 err = decode_text(p, &url->host, why);

	if (err < 0)
		return (err);
	if (url->host[0] == '\0')
		return (invalid(why, "there is no host"));
	if (!is_host(url->host))
		return (invalid(why,
		    "the host has a character that no host name has"));
	return (MQK_OK);
}

static int
parse_host(struct mqk_url *url, struct part p, const char **why)
{
	struct part	 host = p, port = { p.end, p.end };
	bool		 literal = p.at < p.end && *p.at == '[';
	int		 err;

	if (literal) {
		host.at++;
		host.end = find(p, ']');
		if (host.end == NULL)
			return (invalid(why, "[ without ]"));
		port.at = host.end + 1;
	} else {
		host.end = find(p, ':') != NULL ? find(p, ':') : p.end;
		port.at = host.end;
	}
	err = literal ? parse_literal(url, host, why) :
	    parse_name(url, host, why);
	if (err < 0 || port.at == port.end)
		return (err);
	if (*port.at != ':')
		return (invalid(why, "only a port may follow ]"));
	port.at++;
	return (parse_port(url, port, why));
}

static int
parse_authority(struct mqk_url *url, struct part p, const char **why)
{
	const char	*at = find_last(p, '@');
	struct part	 user = { p.at, at };
	int		 err;

	if (at != NULL) {
		err = parse_user(url, user, why);
		if (err < 0)
			return (err);
		p.at = at + 1;
	}
	return (parse_host(url, p, why));
}

/* unix:///path: what would be the host is the path of the socket. */
static int
parse_unix(struct mqk_url *url, struct part authority, struct part path,
    const char **why)
{
	int	 err;

	if (authority.at != authority.end || part_len(path) < 2)
		return (invalid(why, "unix: must be followed by ///path"));
	err = decode_text(path, &url->host, why);
	return (err);
}

static int
parse_parts(struct mqk_url *url, const struct kind *kind, const char *text,
    const char **why)
{
	const char	*colon = strstr(text, "://");
	struct part	 scheme = { text, colon }, authority, path;
	int		 err;

	if (colon == NULL)
		return (invalid(why, kind->why_none));
	err = parse_scheme(url, kind, scheme, why);
	if (err < 0)
		return (err);
	authority.at = colon + 3;
	authority.end = authority.at + strcspn(authority.at, "/");
	path.at = authority.end;
	path.end = path.at + strlen(path.at);
	if (strcmp(url->scheme, "unix") == 0)
		return (parse_unix(url, authority, path, why));
	err = parse_authority(url, authority, why);
	if (err < 0 || path.at == path.end)
		return (err);
	path.at++;
	return (decode_text(path, &url->path, why));
}

static int
parse(struct mqk_url *url, const struct kind *kind, const char *text,
    const char **why)
{
	const char	*ignored;
	int		 err;

	memset(url, 0, sizeof(*url));
	err = parse_parts(url, kind, text, why != NULL ? why : &ignored);
	if (err < 0)
		mqk_url_clear(url);
	return (err);
}

int
mqk_url_parse(struct mqk_url *url, const char *text, const char **why)
{
	return (parse(url, &brokers, text, why));
}

int
url_parse_proxy(struct mqk_url *url, const char *text, const char **why)
{
	return (parse(url, &proxies, text, why));
}

void
mqk_url_clear(struct mqk_url *url)
{
	free(url->scheme);
	free(url->user);
	str_wipe((void *)(uintptr_t)url->password.data, url->password.len);
	free(url->host);
	free(url->path);
	memset(url, 0, sizeof(*url));
}
