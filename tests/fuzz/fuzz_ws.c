/* SPDX-License-Identifier: MIT */

/*
 * A WebSocket server's bytes, after a handshake that is right or in place of
 * it: taken at once and in pieces they must give the same data and the same
 * end, and what is written meanwhile must arrive in whole masked frames.
 */

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/random.h"
#include "fuzz/input.h"
#include "fuzz/must.h"
#include "transport/ws.h"
#include "transport/ws_lib.h"
#include "unit/mempipe.h"

#define GOOD_ANSWER "HTTP/1.1 101 Switching Protocols\r\n" \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: %s\r\n\r\n"
#define READ_MAX	8192
#define WRITE_MAX	200

enum { CONTINUED = 0x00, FIN_BINARY = 0x82, FIN_CLOSE = 0x88, FIN_PONG = 0x8a,
    MASKED = 0x80 };

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* In place of the system's, so that an input does the same every time. */
int
random_bytes(void *to, size_t len)
{
	memset(to, 0x5a, len);
	return (MQK_OK);
}

struct end {
	struct buf	 got;
	int		 err;		/* of the handshake, or of reading */
};

struct world {
	struct mempipe	 mem;
	struct pipe	*ws;
	struct error	 e;
	size_t		 written;	/* bytes 0, 1, 2 … */
	struct end	 end;
};

static void
set_up(struct world *w)
{
	static const struct ws_options	 o = { .host = "h" };

	memset(w, 0, sizeof(*w));
	mempipe_init(&w->mem);
	buf_init(&w->end.got, SIZE_MAX);
	must(ws_take(&w->ws, &w->mem.pipe, &o, &w->e) == MQK_OK);
	must(w->ws->ops->open(w->ws, 1, &w->e) == MQK_EAGAIN);
}

static void
tear_down(struct world *w)
{
	w->ws->ops->free(w->ws);
	mempipe_fini(&w->mem);
	buf_fini(&w->end.got);
}

static void
say_good_answer(struct world *w)
{
	static const char	 name[] = "Sec-WebSocket-Key: ";
	unsigned char		 digest[SHA1_SIZE];
	char			 text[400], proof[BASE64_SIZE(SHA1_SIZE)];
	const char		*key;

	buf_append(&w->mem.out, "", 1);
	key = strstr((const char *)buf_data(&w->mem.out), name);
	must(key != NULL);
	snprintf(text, sizeof(text),
	    "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + strlen(name));
	wslay.sha1((unsigned char *)text, strlen(text), digest);
	base64(proof, digest, sizeof(digest));
	snprintf(text, sizeof(text), GOOD_ANSWER, proof);
	mempipe_say(&w->mem, text, strlen(text));
}

/* ---- reading and writing --------------------------------------------- */

static void
read_some(struct world *w, size_t size)
{
	uint8_t	 piece[READ_MAX];
	ssize_t	 n;

	if (w->end.err == MQK_EAGAIN)
		w->end.err = w->ws->ops->open(w->ws, 2, &w->e);
	do {
		if (w->end.err != MQK_OK)
			return;
		n = w->ws->ops->read(w->ws, piece, size, &w->e);
		must(n <= (ssize_t)size);
		if (n < 0)
			w->end.err = (int)n;
		else
			buf_append(&w->end.got, piece, (size_t)n);
	} while (n > 0 || w->ws->ops->pending(w->ws) ||
	    buf_len(&w->mem.in) > 0);
}

static void
write_some(struct world *w, size_t room)
{
	uint8_t	 data[WRITE_MAX];
	ssize_t	 n;

	if (w->end.err != MQK_OK)
		return;
	w->mem.room = room;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(w->written + i);
	n = w->ws->ops->write(w->ws, data, sizeof(data), &w->e);
	if (n < 0)
		w->end.err = (int)n;
	else
		w->written += (size_t)n;
}

/* ---- what was written ------------------------------------------------ */

/* Bytes of the frame's header with its mask; 0: it is not all there. */
static size_t
frame_header(const uint8_t *at, size_t n, size_t *len)
{
	static const size_t	 wide[] = { 0, 2, 8 };
	size_t			 k;

	if (n < 2)
		return (0);
	must((at[1] & MASKED) != 0);
	*len = at[1] & 0x7f;
	k = *len < 126 ? 0 : *len - 125;
	if (n < 2 + wide[k] + 4)
		return (0);
	if (k > 0)
		*len = 0;
	for (size_t i = 0; i < wide[k]; i++)
		*len = *len << 8 | at[2 + i];
	return (2 + wide[k] + 4);
}

static size_t
check_data(const uint8_t *at, size_t n, const uint8_t *mask, size_t offset)
{
	for (size_t i = 0; i < n; i++)
		must((at[i] ^ mask[i % 4]) == (uint8_t)(offset + i));
	return (n);
}

/* Data comes in order, what was reported is there, nothing else is. */
static void
check_written(const struct world *w)
{
	const uint8_t	*at = buf_data(&w->mem.out);
	const uint8_t	*end = at + buf_len(&w->mem.out);
	size_t		 header, len, data = 0;

	while ((header = frame_header(at, (size_t)(end - at), &len)) > 0) {
		must(at[0] == FIN_BINARY || at[0] == FIN_CLOSE ||
		    at[0] == FIN_PONG);
		must(at[0] == FIN_BINARY || len <= 125);
		if (len > (size_t)(end - at) - header)
			len = (size_t)(end - at) - header;
		if (at[0] == FIN_BINARY)
			data += check_data(at + header, len, at + header - 4,
			    data);
		at += header + len;
	}
	must(data == w->written);
}

/* ---- one run --------------------------------------------------------- */

static void
start(struct world *w, bool good)
{
	set_up(w);
	w->end.err = MQK_EAGAIN;
	if (good)
		say_good_answer(w);
	buf_truncate(&w->mem.out, 0);
}

static void
at_once(struct world *w, bool good, const uint8_t *at, size_t n)
{
	start(w, good);
	mempipe_say(&w->mem, at, n);
	read_some(w, READ_MAX);
}

/* A byte says how long the next piece is, and what is done behind it. */
static void
in_pieces(struct world *w, bool good, struct input in)
{
	const uint8_t	*at;
	uint8_t		 how;
	size_t		 n;

	start(w, good);
	while (input_left(&in) > 0) {
		how = input_byte(&in);
		n = how & 0x1f;
		at = input_take(&in, &n);
		mempipe_say(&w->mem, at, n);
		read_some(w, (how & 0x20) != 0 ? 1 : READ_MAX);
		if ((how & 0xc0) != 0)
			write_some(w, (how & 0x80) != 0 ? 2 * how : SIZE_MAX);
	}
	read_some(w, READ_MAX);
}

/* The same bytes without what says how they come. */
static size_t
join_pieces(struct input in, uint8_t *to)
{
	const uint8_t	*at;
	size_t		 n, len = 0;

	while (input_left(&in) > 0) {
		n = input_byte(&in) & 0x1f;
		at = input_take(&in, &n);
		memcpy(to + len, at, n);
		len += n;
	}
	return (len);
}

/*
 * Whether the reason in a farewell is UTF-8 is noticed by wslay more or less,
 * depending on how it comes.
 */
static void
compare(const struct end *a, const struct end *b, bool farewell)
{
	must(a->err == b->err || farewell);
	must(buf_len(&a->got) == buf_len(&b->got));
	must(buf_len(&a->got) == 0 || memcmp(buf_data(&a->got),
	    buf_data(&b->got), buf_len(&a->got)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct world	 whole, pieces;
	static uint8_t		 joined[1u << 20];
	struct input		 in = { at + 1, at + n };
	size_t			 len;

	if (n == 0 || n > sizeof(joined))
		return (0);
	len = join_pieces(in, joined);
	at_once(&whole, (at[0] & 1) != 0, joined, len);
	in_pieces(&pieces, (at[0] & 1) != 0, in);
	compare(&whole.end, &pieces.end,
	    memchr(joined, FIN_CLOSE, len) != NULL);
	pieces.mem.room = SIZE_MAX;
	while (pieces.end.err == MQK_OK &&
	    pieces.ws->ops->shut(pieces.ws) == MQK_EAGAIN)
		continue;
	if (pieces.end.err == MQK_OK || pieces.written > 0)
		check_written(&pieces);
	tear_down(&whole);
	tear_down(&pieces);
	return (0);
}
