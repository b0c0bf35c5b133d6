/* SPDX-License-Identifier: MIT */

/*
 * URLs of brokers and proxies.  What is accepted can be written down again
 * from its parts, every byte of them encoded, and gives the same parts; no
 * host can break a line of an HTTP request.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz/must.h"
#include "transport/url.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

typedef int parse_fn(struct mqk_url *, const char *, const char **);

static void
add(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

static void
add_encoded(struct buf *b, const void *data, size_t len)
{
	const uint8_t	*at = data;
	char		 code[4];

	for (size_t i = 0; i < len; i++) {
		snprintf(code, sizeof(code), "%%%02x", at[i]);
		add(b, code);
	}
}

/* [IPv6%25zone] */
static void
add_literal(struct buf *b, const char *host)
{
	size_t	 len = strcspn(host, "%");

	add(b, "[");
	buf_append(b, host, len);
	add_encoded(b, host + len, strlen(host + len));
	add(b, "]");
}

static void
add_authority(struct buf *b, const struct mqk_url *url)
{
	char	 port[8] = "";

	if (url->user != NULL) {
		add_encoded(b, url->user, strlen(url->user));
		if (url->password.data != NULL) {
			add(b, ":");
			add_encoded(b, url->password.data, url->password.len);
		}
		add(b, "@");
	}
	if (strchr(url->host, ':') != NULL)
		add_literal(b, url->host);
	else
		add_encoded(b, url->host, strlen(url->host));
	if (url->port != 0)
		snprintf(port, sizeof(port), ":%u", (unsigned)url->port);
	add(b, port);
}

static void
write_url(struct buf *b, const struct mqk_url *url)
{
	add(b, url->scheme);
	add(b, "://");
	if (strcmp(url->scheme, "unix") == 0) {
		add(b, "/");
		add_encoded(b, url->host + 1, strlen(url->host) - 1);
	} else {
		add_authority(b, url);
		if (url->path != NULL) {
			add(b, "/");
			add_encoded(b, url->path, strlen(url->path));
		}
	}
	buf_append(b, "", 1);
}

static bool
same_text(const char *a, const char *b)
{
	return (a == NULL || b == NULL ? a == b : strcmp(a, b) == 0);
}

static bool
same(const struct mqk_url *a, const struct mqk_url *b)
{
	return (same_text(a->scheme, b->scheme) &&
	    same_text(a->user, b->user) && same_text(a->host, b->host) &&
	    same_text(a->path, b->path) && a->port == b->port &&
	    a->password.len == b->password.len &&
	    (a->password.len == 0 || memcmp(a->password.data,
	    b->password.data, a->password.len) == 0));
}

static bool
fits_a_line(const char *host)
{
	for (; *host != '\0'; host++)
		if ((unsigned char)*host <= ' ' || *host == 0x7f)
			return (false);
	return (true);
}

static void
check(parse_fn *parse, const char *text)
{
	static const struct mqk_url none;
	struct mqk_url		 url, again;
	const char		*why = NULL;
	struct buf		 b;

	if (parse(&url, text, &why) < 0) {
		must(why != NULL && memcmp(&url, &none, sizeof(url)) == 0);
		return;
	}
	must(url.host[0] != '\0');
	must(fits_a_line(url.host) || strcmp(url.scheme, "unix") == 0);
	buf_init(&b, 1u << 20);
	write_url(&b, &url);
	must(parse(&again, (const char *)buf_data(&b), &why) == MQK_OK);
	must(same(&url, &again));
	mqk_url_clear(&url);
	mqk_url_clear(&again);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	char	*text = malloc(n + 1);

	must(text != NULL);
	memcpy(text, at, n);
	text[n] = '\0';
	check(mqk_url_parse, text);
	check(url_parse_proxy, text);
	free(text);
	return (0);
}
