/* SPDX-License-Identifier: MIT */

/* See proxyenv.h. */

#include "common/proxyenv.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char separators[] = ", \t";

/* The host itself or a domain that it is in. */
static bool
covers(const char *word, size_t len, const char *host)
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

bool
proxyenv_exempt(const char *list, const char *host)
{
	size_t	 len;

	for (; *list != '\0'; list += len) {
		list += strspn(list, separators);
		len = strcspn(list, separators);
		if (covers(list, len, host))
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
proxyenv_for(const char *host)
{
	const char	*proxy = either("ALL_PROXY", "all_proxy");
	const char	*exempt = either("NO_PROXY", "no_proxy");

	if (proxy != NULL && exempt != NULL && proxyenv_exempt(exempt, host))
		return (NULL);
	return (proxy);
}
