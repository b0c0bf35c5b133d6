/* SPDX-License-Identifier: MIT */

/* The client's side of SOCKS5. */

#include <stdlib.h>
#include <string.h>

#include "transport/socks.h"
#include "unit/fixture.h"

struct dialogue {
	bool		 login;		/* user u, password pw */
	const char	*replies;	/* all of them, one behind the other */
	const char	*requests;	/* that must have been made of them */
	int		 end;
	const char	*why;
};

#define GREETING	"05 01 00 "
#define GREETING_LOGIN	"05 02 00 02 "
#define LOGIN		"01 01 'u' 02 'pw' "
#define CONNECT		"05 01 00 03 04 'host' 075b"

static const struct dialogue dialogues[] = {
	{ false, "0500 05000001 7f000001 0001", GREETING CONNECT, MQK_OK,
	  NULL },
	{ false, "0500 05000003 00 0001", GREETING CONNECT, MQK_OK, NULL },
	{ false, "0500 05000003 03 'abc' 0001", GREETING CONNECT, MQK_OK,
	  NULL },
	{ false, "0500 05000004 00000000000000000000000000000001 0001",
	  GREETING CONNECT, MQK_OK, NULL },
	{ true, "0500 05000001 7f000001 0001", GREETING_LOGIN CONNECT, MQK_OK,
	  NULL },
	{ true, "0502 0100 05000001 7f000001 0001",
	  GREETING_LOGIN LOGIN CONNECT, MQK_OK, NULL },
	{ true, "0502 0101", GREETING_LOGIN LOGIN, MQK_EPROXY,
	  "user name or password refused" },
	{ false, "05ff", GREETING, MQK_EPROXY, "it wants a user name" },
	{ true, "05ff", GREETING_LOGIN, MQK_EPROXY,
	  "it takes no user name and password" },
	{ false, "0502", GREETING, MQK_EPROXY, "not offered" },
	{ true, "0501", GREETING_LOGIN, MQK_EPROXY, "not offered" },
	{ false, "0400", GREETING, MQK_EPROXY, "no SOCKS5" },
	{ false, "'HT'", GREETING, MQK_EPROXY, "no SOCKS5" },
	{ false, "0500 04000001 00", GREETING CONNECT, MQK_EPROXY,
	  "no SOCKS5" },
	{ false, "0500 05050001 00", GREETING CONNECT, MQK_EPROXY,
	  "host:1883: connection refused" },
	{ false, "0500 05000001 7f", GREETING CONNECT, MQK_EAGAIN, NULL },
	{ false, "0500 05090001 00", GREETING CONNECT, MQK_EPROXY,
	  "unknown reason" },
	{ false, "0500 05ff0001 00", GREETING CONNECT, MQK_EPROXY,
	  "unknown reason" },
	{ false, "0500 05000000 00", GREETING CONNECT, MQK_EPROXY,
	  "malformed" },
	{ false, "0500 05000002 00", GREETING CONNECT, MQK_EPROXY,
	  "malformed" },
	{ false, "0500 050000ff 00", GREETING CONNECT, MQK_EPROXY,
	  "malformed" },
};

struct talk {
	struct socks	 s;
	struct error	 e;
	uint8_t		 said[600];
	size_t		 n;
};

static void
take_request(struct talk *t)
{
	memcpy(t->said + t->n, t->s.out, t->s.out_len);
	t->n += t->s.out_len;
	t->s.out_len = 0;
}

/* Replies in pieces of so many bytes; the last result. */
static int
play(struct talk *t, const uint8_t *replies, size_t len, size_t step)
{
	size_t	 n;
	int	 err = MQK_EAGAIN;

	take_request(t);
	while (len > 0 && err == MQK_EAGAIN) {
		n = t->s.want - t->s.n;
		if (n > step)
			n = step;
		if (n > len)
			n = len;
		memcpy(t->s.in + t->s.n, replies, n);
		t->s.n += n;
		replies += n;
		len -= n;
		err = socks_step(&t->s, &t->e);
		take_request(t);
	}
	assert_int_equal(len, 0);
	return (err);
}

static void
check(const struct dialogue *d, size_t step)
{
	char		 user[] = "u";
	struct mqk_url	 url = { .user = d->login ? user : NULL,
			    .password = { "pw", 2 } };
	struct talk	 t = { .n = 0 };
	size_t		 len, want_len;
	uint8_t		*replies = bytes_of(d->replies, &len);
	uint8_t		*want = bytes_of(d->requests, &want_len);

	socks_start(&t.s, &url, "host", 1883);
	assert_int_equal(play(&t, replies, len, step), d->end);
	assert_int_equal(t.n, want_len);
	assert_memory_equal(t.said, want, want_len);
	if (d->why != NULL && strstr(t.e.text, d->why) == NULL)
		fail_msg("%s: \"%s\"", d->replies, t.e.text);
	free(replies);
	free(want);
}

static void
dialogues_end_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(dialogues); i++) {
		check(&dialogues[i], 1);
		check(&dialogues[i], 1000);
	}
}

static void
the_longest_texts_fit(void **state)
{
	char		 text[SOCKS_TEXT_MAX + 1];
	struct mqk_url	 url = { .user = text,
			    .password = { text, SOCKS_TEXT_MAX } };
	struct talk	 t = { .n = 0 };

	(void)state;
	memset(text, 'x', SOCKS_TEXT_MAX);
	text[SOCKS_TEXT_MAX] = '\0';
	socks_start(&t.s, &url, text, 1883);
	assert_int_equal(play(&t, (const uint8_t *)"\5\2", 2, 2), MQK_EAGAIN);
	assert_int_equal(t.n, 4 + 3 + 2 * SOCKS_TEXT_MAX);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(dialogues_end_as_they_should),
		cmocka_unit_test(the_longest_texts_fit),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
