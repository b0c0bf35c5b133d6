/* SPDX-License-Identifier: MIT */

/*
 * The way through a proxy of either kind over a connection that takes and
 * gives bytes as the input says.  When the way is open the request has been
 * sent whole, and what comes behind the answer is handed on as it is.
 */

#include <stdint.h>
#include <string.h>

#include "fuzz/input.h"
#include "fuzz/must.h"
#include "transport/proxy.h"
#include "unit/mempipe.h"

#define PORT	1883

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct mempipe	 mem;

/* In place of the one that connects. */
int
tcp_new(struct pipe **pipe, const struct transport_options *o, uint16_t port,
    struct error *e)
{
	(void)o;
	(void)port;
	(void)e;
	*pipe = &mem.pipe;
	return (MQK_OK);
}

struct world {
	struct input	 in;
	struct pipe	*pipe;
	struct buf	 said;		/* by the proxy */
	int64_t		 now;
};

static void
say(struct world *w, size_t n)
{
	const uint8_t	*at = input_take(&w->in, &n);

	mempipe_say(&mem, at, n);
	buf_append(&w->said, at, n);
}

/* One step of the other side, then one of ours. */
static int
step(struct world *w)
{
	uint8_t		 how = input_byte(&w->in);
	struct error	 e = { .code = MQK_OK };
	int		 err;

	if ((how & 3) == 0)
		mem.room += how >> 2;
	else if ((how & 3) == 1)
		w->now += how >> 2 << 4;
	else if (how == 0xff)
		mem.ended = true;
	else
		say(w, how >> 2);
	err = w->pipe->ops->open(w->pipe, w->now, &e);
	must(err == MQK_OK || err == MQK_EAGAIN || e.code == err);
	return (err);
}

static void
check_request(const char *kind)
{
	static const uint8_t	 port[] = { PORT >> 8, PORT & 0xff };
	const uint8_t		*end = mem.out.mem + mem.out.end;

	if (strcmp(kind, "http") == 0)
		must(buf_len(&mem.out) > 4 && memcmp(end - 4, "\r\n\r\n",
		    4) == 0);
	else
		must(buf_len(&mem.out) > 2 && memcmp(end - 2, port, 2) == 0);
}

static void
check_rest(struct world *w)
{
	struct error	 e;
	uint8_t		 piece[64];
	struct buf	 got;
	ssize_t		 n;

	say(w, SIZE_MAX);
	buf_init(&got, SIZE_MAX);
	while ((n = w->pipe->ops->read(w->pipe, piece, sizeof(piece), &e)) > 0)
		buf_append(&got, piece, (size_t)n);
	must(buf_len(&got) <= buf_len(&w->said));
	must(buf_len(&got) == 0 || memcmp(buf_data(&got), w->said.mem +
	    w->said.end - buf_len(&got), buf_len(&got)) == 0);
	buf_fini(&got);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	char			 user[] = "user", http[] = "http";
	char			 socks[] = "socks5h", host[] = "broker.example";
	struct mqk_url		 proxy = { .host = host,
				    .password = { "secret", 6 } };
	struct mqk_url		 broker = { .host = host };
	struct transport_options o = { .url = &broker, .proxy = &proxy };
	struct world		 w = { .in = { at + 1, at + n } };
	struct error		 e;
	int			 err = MQK_EAGAIN;

	if (n == 0)
		return (0);
	proxy.scheme = (at[0] & 1) != 0 ? http : socks;
	proxy.user = (at[0] & 2) != 0 ? user : NULL;
	mempipe_init(&mem);
	mem.room = at[0] >> 2;
	buf_init(&w.said, SIZE_MAX);
	must(proxy_new(&w.pipe, &o, PORT, &e) == MQK_OK);
	while (input_left(&w.in) > 0 && err == MQK_EAGAIN)
		err = step(&w);
	if (err == MQK_OK) {
		check_request(proxy.scheme);
		check_rest(&w);
	}
	w.pipe->ops->free(w.pipe);
	mempipe_fini(&mem);
	buf_fini(&w.said);
	return (0);
}
