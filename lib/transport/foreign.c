/* SPDX-License-Identifier: MIT */

/* Servers that speak first, or answer what they did not understand. */

#include "transport/foreign.h"

#include <string.h>

static const struct {
	const char	*begin;
	size_t		 len;
	const char	*name;
} protocols[] = {
	{ "\x15\x03", 2, "TLS" },	/* an alert */
	{ "\x16\x03", 2, "TLS" },
	{ "HTTP/", 5, "HTTP" },
	{ "SSH-", 4, "SSH" },
	{ "220", 3, "SMTP or FTP" },
	{ "+OK", 3, "POP3" },
	{ "* OK", 4, "IMAP" },
	{ "-ERR", 4, "Redis or POP3" },
	{ "AMQP", 4, "AMQP" },
};

const char *
foreign_protocol(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (len >= protocols[i].len &&
		    memcmp(at, protocols[i].begin, protocols[i].len) == 0)
			return (protocols[i].name);
	return (NULL);
}
