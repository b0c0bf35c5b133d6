/* SPDX-License-Identifier: MIT */

/* See proxyenv.h. */

#include "common/proxyenv.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char separators[] = ", \t";

/* One word of the list. */
struct entry {
	const char	*host;
	size_t		 len;
	const char	*port;		/* digits; NULL: any */
	size_t		 port_len;
};

/* "host", "host:port", "::1", "[::1]", "[::1]:port" */
static struct entry
split(const char *word, size_t len)
{
	struct entry	 e = { word, len, NULL, 0 };
	const char	*end = word + len, *last;

	last = *word == '[' ? memchr(word, ']', len) :
	    memchr(word, ':', len);
	if (last == NULL)
		return (e);
	if (*last == ']') {
		e.host++;
		e.len = (size_t)(last++ - e.host);
	} else if (memchr(last + 1, ':', (size_t)(end - last - 1)) != NULL) {
		return (e);
	} else {
		e.len = (size_t)(last - word);
	}
	if (last < end && *last == ':') {
		e.port = last + 1;
		e.port_len = (size_t)(end - e.port);
	}
	return (e);
}

/* The host itself or a domain that it is in. */
static bool
covers_host(const char *word, size_t len, const char *host)
{
	size_t	 host_len = strlen(host);

	if (len == 1 && *word == '*')
		return (true);
	if (len > 0 && *word == '.') {
		word++;
		len--;
	}
	if (len == 0 || len > host_len ||
	    strncasecmp(host + host_len - len, word, len) != 0)
		return (false);
	return (len == host_len || host[host_len - len - 1] == '.');
}

static bool
covers_port(const struct entry *e, uint16_t port)
{
	char	 text[6];

	snprintf(text, sizeof(text), "%u", (unsigned)port);
	return (e->port == NULL || (e->port_len == strlen(text) &&
	    memcmp(e->port, text, e->port_len) == 0));
}

bool
proxyenv_exempt(const char *list, const char *host, uint16_t port)
{
	struct entry	 e;
	size_t		 len;

	for (; *list != '\0'; list += len) {
		list += strspn(list, separators);
		len = strcspn(list, separators);
		e = split(list, len);
		if (covers_host(e.host, e.len, host) && covers_port(&e, port))
			return (true);
	}
	return (false);
}

/* A variable in capitals or, as some write it, in small letters. */
static const char *
either(const char *upper, const char *lower)
{
	const char	*value = getenv(upper);

	if (value == NULL || *value == '\0')
		value = getenv(lower);
	return (value == NULL || *value == '\0' ? NULL : value);
}

const char *
proxyenv_for(const char *host, uint16_t port)
{
	const char	*proxy = either("ALL_PROXY", "all_proxy");
	const char	*exempt = either("NO_PROXY", "no_proxy");

	if (proxy != NULL && exempt != NULL &&
	    proxyenv_exempt(exempt, host, port))
		return (NULL);
	return (proxy);
}
