/* SPDX-License-Identifier: MIT */

#include "transport/socks.h"

#include <string.h>

enum { VERSION = 5, LOGIN_VERSION = 1 };
enum { NO_LOGIN = 0, BY_PASSWORD = 2, NONE_FITS = 0xff };
enum { CONNECT = 1 };
enum { IPV4 = 1, NAME = 3, IPV6 = 4 };

/* Version, code, reserved, type of address, and its first byte. */
#define REPLY_START	5

static const char *const refusals[] = {
	[1] = "general failure",
	[2] = "not allowed by its rules",
	[3] = "network unreachable",
	[4] = "host unreachable",
	[5] = "connection refused",
	[6] = "time to live expired",
	[7] = "it knows no CONNECT",
	[8] = "it does not look up names"
};

static void
add_byte(struct socks *s, unsigned byte)
{
	s->out[s->out_len++] = (uint8_t)byte;
}

/* Behind a byte of length; longer ones have been refused before. */
static void
add_counted(struct socks *s, const void *data, size_t len)
{
	add_byte(s, (unsigned)len);
	memcpy(s->out + s->out_len, data, len);
	s->out_len += len;
}

static int
expect(struct socks *s, enum socks_stage stage, size_t want)
{
	s->stage = stage;
	s->want = want;
	s->n = 0;
	return (MQK_EAGAIN);
}

void
socks_start(struct socks *s, const struct mqk_url *url, const char *host,
    uint16_t port)
{
	memset(s, 0, sizeof(*s));
	s->url = url;
	s->host = host;
	s->port = port;
	add_byte(s, VERSION);
	add_byte(s, url->user != NULL ? 2 : 1);
	add_byte(s, NO_LOGIN);
	if (url->user != NULL)
		add_byte(s, BY_PASSWORD);
	(void)expect(s, SOCKS_METHOD, 2);
}

static int
ask_to_connect(struct socks *s)
{
	add_byte(s, VERSION);
	add_byte(s, CONNECT);
	add_byte(s, 0);
	add_byte(s, NAME);
	add_counted(s, s->host, strlen(s->host));
	add_byte(s, s->port >> 8);
	add_byte(s, s->port & 0xff);
	return (expect(s, SOCKS_CONNECT, REPLY_START));
}

static int
log_in(struct socks *s)
{
	const char	*password = s->url->password.data;

	add_byte(s, LOGIN_VERSION);
	add_counted(s, s->url->user, strlen(s->url->user));
	add_counted(s, password != NULL ? password : "",
	    s->url->password.len);
	return (expect(s, SOCKS_LOGIN, 2));
}

static int
take_method(struct socks *s, struct error *e)
{
	if (s->in[0] != VERSION)
		return (errf(e, MQK_EPROXY, "that is no SOCKS5"));
	if (s->in[1] == NO_LOGIN)
		return (ask_to_connect(s));
	if (s->in[1] == BY_PASSWORD && s->url->user != NULL)
		return (log_in(s));
	return (errf(e, MQK_EPROXY, s->in[1] != NONE_FITS ?
	    "it chose a method that was not offered" : s->url->user == NULL ?
	    "it wants a user name and a password" :
	    "it takes no user name and password"));
}

static int
take_login(struct socks *s, struct error *e)
{
	if (s->in[1] != 0)
		return (errf(e, MQK_EPROXY, "user name or password refused"));
	return (ask_to_connect(s));
}

static int
take_reply(struct socks *s, struct error *e)
{
	static const size_t	 n_refusals = sizeof(refusals) /
				    sizeof(refusals[0]);
	const size_t		 sizes[] = { [IPV4] = 10, [IPV6] = 22,
				    [NAME] = 7 + (size_t)s->in[4] };
	uint8_t			 code = s->in[1], type = s->in[3];

	if (s->in[0] != VERSION)
		return (errf(e, MQK_EPROXY, "that is no SOCKS5"));
	if (code != 0)
		return (errf(e, MQK_EPROXY, "%s:%u: %s", s->host,
		    (unsigned)s->port, code < n_refusals ? refusals[code] :
		    "refused for an unknown reason"));
	if (type >= sizeof(sizes) / sizeof(sizes[0]) || sizes[type] == 0)
		return (errf(e, MQK_EPROXY, "malformed reply"));
	s->want = sizes[type];
	if (s->n < s->want)
		return (MQK_EAGAIN);
	s->stage = SOCKS_DONE;
	return (MQK_OK);
}

int
socks_step(struct socks *s, struct error *e)
{
	static int (*const take[])(struct socks *, struct error *) = {
		[SOCKS_METHOD] = take_method,
		[SOCKS_LOGIN] = take_login,
		[SOCKS_CONNECT] = take_reply,
	};

	if (s->stage == SOCKS_DONE)
		return (MQK_OK);
	return (s->n < s->want ? MQK_EAGAIN : take[s->stage](s, e));
}
