/* SPDX-License-Identifier: MIT */

/* The way through a proxy over a connection of canned bytes. */

#include <stdio.h>
#include <string.h>

#include "transport/proxy.h"
#include "unit/fixture.h"
#include "unit/mempipe.h"

struct world {
	struct mempipe	 mem;
	struct pipe	*pipe;
	struct error	 e;
};

static struct world	 world;

/* In place of the one that connects. */
int
tcp_new(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	(void)o;
	(void)port;
	(void)e;
	*pipe = &world.mem.pipe;
	return (MQK_OK);
}

static struct world *
set_up(const char *scheme, size_t room)
{
	static char		 kind[16];
	static struct mqk_url	 proxy;
	char			 host[] = "host";
	struct mqk_url		 broker = { .host = host };
	struct transport_options o = { .url = &broker, .proxy = &proxy };
	struct world		*w = &world;

	snprintf(kind, sizeof(kind), "%s", scheme);
	proxy.scheme = kind;
	mempipe_init(&w->mem);
	w->mem.room = room;
	assert_int_equal(proxy_new(&w->pipe, &o, 1883, &w->e), MQK_OK);
	return (w);
}

static void
tear_down(struct world *w)
{
	w->pipe->ops->free(w->pipe);
	assert_true(w->mem.freed);
	mempipe_fini(&w->mem);
}

static int
turn(struct world *w)
{
	return (w->pipe->ops->open(w->pipe, 1, &w->e));
}

static void
what_follows_the_answer_is_handed_on(void **state)
{
	static const char *const answers[][2] = {
		{ "http", "HTTP/1.1 200 OK\r\n\r\n" },
		{ "socks5h", "\5\0\5\0\0\1xxxxpp" },
	};
	struct world	*w;
	char		 got[8];

	(void)state;
	for (size_t i = 0; i < N(answers); i++) {
		w = set_up(answers[i][0], SIZE_MAX);
		assert_int_equal(turn(w), MQK_EAGAIN);
		mempipe_say(&w->mem, answers[i][1], i == 0 ? 19 : 12);
		mempipe_say(&w->mem, "mqtt", 4);
		assert_int_equal(turn(w), MQK_OK);
		assert_int_equal(w->pipe->ops->read(w->pipe, got, sizeof(got),
		    &w->e), 4);
		assert_memory_equal(got, "mqtt", 4);
		tear_down(w);
	}
}

/* It could make the next request overrun the place of the one before. */
static void
a_hasty_socks_proxy_has_to_listen_first(void **state)
{
	struct world	*w = set_up("socks5h", 2);
	struct pipe_wait wait;

	(void)state;
	mempipe_say(&w->mem, "\5\0\5\0\0\1xxxxpp", 12);
	assert_int_equal(turn(w), MQK_EAGAIN);
	assert_int_equal(buf_len(&w->mem.in), 12);
	/* bytes that are not read would wake the loop again and again */
	w->pipe->ops->wait(w->pipe, &wait);
	assert_int_equal(wait.want, MQK_WRITE);
	w->mem.room = 3;
	assert_int_equal(turn(w), MQK_EAGAIN);
	assert_int_equal(buf_len(&w->mem.in), 10);
	w->mem.room = SIZE_MAX;
	assert_int_equal(turn(w), MQK_OK);
	assert_int_equal(buf_len(&w->mem.out), 3 + 11);
	tear_down(w);
}

static void
a_hasty_http_proxy_may_only_refuse(void **state)
{
	static const char	 yes[] = "HTTP/1.1 200 OK\r\n\r\n";
	static const char	 no[] = "HTTP/1.1 403 No\r\n"
				    "Content-Length: 0\r\n\r\n";
	struct world		*w = set_up("http", 2);

	(void)state;
	mempipe_say(&w->mem, yes, sizeof(yes) - 1);
	assert_int_equal(turn(w), MQK_EPROXY);
	assert_non_null(strstr(w->e.text, "older than the request"));
	tear_down(w);
	w = set_up("http", 2);
	mempipe_say(&w->mem, no, sizeof(no) - 1);
	assert_int_equal(turn(w), MQK_EPROXY);
	assert_non_null(strstr(w->e.text, "403 No"));
	tear_down(w);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(what_follows_the_answer_is_handed_on),
		cmocka_unit_test(a_hasty_socks_proxy_has_to_listen_first),
		cmocka_unit_test(a_hasty_http_proxy_may_only_refuse),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
