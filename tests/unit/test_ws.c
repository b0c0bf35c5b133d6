/* SPDX-License-Identifier: MIT */

/* The WebSocket pipe against a server of canned bytes. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "transport/ws.h"
#include "transport/ws_lib.h"
#include "transport/ws_mask.h"
#include "unit/fixture.h"
#include "unit/mempipe.h"

#define UPGRADE "HTTP/1.1 101 Switching Protocols\r\n" \
	"Upgrade: websocket\r\nConnection: Upgrade\r\n"

struct world {
	struct mempipe	 mem;
	struct pipe	*ws;
	struct error	 e;
	uint8_t		 got[1u << 18];
	size_t		 n;
};

static int
set_up(void **state)
{
	static const struct ws_options	 o = { .host = "h", .port = 81,
					    .path = "/a b?c",
					    .fields = "X: y\r\n" };
	struct world			*w = calloc(1, sizeof(*w));

	assert_non_null(w);
	mempipe_init(&w->mem);
	assert_int_equal(ws_take(&w->ws, &w->mem.pipe, &o, &w->e), MQK_OK);
	*state = w;
	return (0);
}

static int
tear_down(void **state)
{
	struct world	*w = *state;

	w->ws->ops->free(w->ws);
	assert_true(w->mem.freed);
	mempipe_fini(&w->mem);
	free(w);
	return (0);
}

/* ---- the handshake --------------------------------------------------- */

/* As a server has to, from the request that was written. */
static void
prove(const char *key, char *to)
{
	unsigned char	 digest[SHA1_SIZE];
	char		 text[80];

	snprintf(text, sizeof(text),
	    "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	wslay.sha1((unsigned char *)text, strlen(text), digest);
	base64(to, digest, sizeof(digest));
}

static void
the_proof_is_that_of_the_rfc(void **state)
{
	char	 proof[BASE64_SIZE(SHA1_SIZE)];

	(void)state;
	prove("dGhlIHNhbXBsZSBub25jZQ==", proof);
	assert_string_equal(proof, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/* Answer with the proof behind those lines; the result of opening. */
static int
shake_hands(struct world *w, const char *lines, const char *rest)
{
	char	 request[2048] = "", proof[BASE64_SIZE(SHA1_SIZE)];
	const char *key;

	assert_int_equal(w->ws->ops->open(w->ws, 1, &w->e), MQK_EAGAIN);
	memcpy(request, buf_data(&w->mem.out), buf_len(&w->mem.out));
	key = strstr(request, "Sec-WebSocket-Key: ");
	assert_non_null(key);
	prove(key + strlen("Sec-WebSocket-Key: "), proof);
	buf_truncate(&w->mem.out, 0);
	mempipe_say(&w->mem, lines, strlen(lines));
	if (strstr(lines, "\r\n\r\n") == NULL) {
		mempipe_say(&w->mem, "Sec-WebSocket-Accept: ", 22);
		mempipe_say(&w->mem, proof, strlen(proof));
		mempipe_say(&w->mem, "\r\n\r\n", 4);
	}
	mempipe_say(&w->mem, rest, strlen(rest));
	return (w->ws->ops->open(w->ws, 2, &w->e));
}

static void
go_up(struct world *w)
{
	assert_int_equal(shake_hands(w, UPGRADE
	    "Sec-WebSocket-Protocol: mqtt\r\n", ""), MQK_OK);
}

static void
the_request_says_what_was_asked_for(void **state)
{
	static const char	 start[] = "GET /a%20b?c HTTP/1.1\r\n"
				    "Host: h:81\r\nUpgrade: websocket\r\n"
				    "Connection: Upgrade\r\n"
				    "Sec-WebSocket-Version: 13\r\n"
				    "Sec-WebSocket-Protocol: mqtt\r\n"
				    "X: y\r\nSec-WebSocket-Key: ";
	struct world		*w = *state;
	struct pipe_wait	 wait;

	w->mem.room = 10;
	assert_int_equal(w->ws->ops->open(w->ws, 1, &w->e), MQK_EAGAIN);
	w->ws->ops->wait(w->ws, &wait);
	assert_int_equal(wait.want, MQK_READ | MQK_WRITE);
	w->mem.room = SIZE_MAX;
	assert_int_equal(w->ws->ops->open(w->ws, 1, &w->e), MQK_EAGAIN);
	w->ws->ops->wait(w->ws, &wait);
	assert_int_equal(wait.want, MQK_READ);
	assert_int_equal(buf_len(&w->mem.out), sizeof(start) - 1 + 28);
	assert_memory_equal(buf_data(&w->mem.out), start, sizeof(start) - 1);
}

static void
answers_that_do_not_agree_are_refused(void **state)
{
	static const struct {
		const char	*lines, *rest, *why;
	} cases[] = {
		{ UPGRADE, "", "does not agree to the protocol mqtt" },
		{ UPGRADE "Sec-WebSocket-Protocol: mqttv3.1\r\n", "",
		  "does not agree to the protocol mqtt" },
		{ UPGRADE "Sec-WebSocket-Protocol: mqtt\r\n"
		  "Sec-WebSocket-Extensions: permessage-deflate\r\n", "",
		  "extension that nobody asked for" },
		{ UPGRADE "Sec-WebSocket-Protocol: mqtt\r\n"
		  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		  "", "is not the answer to our key" },
		{ "HTTP/1.1 101 x\r\nConnection: upgrade\r\n", "",
		  "does not upgrade to WebSocket" },
		{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n", "",
		  "does not upgrade the connection" },
		{ "HTTP/1.1 100 Continue\r\n\r\n", "", "is not 101" },
		{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n",
		  "go\r\naway\x1b more", "WebSocket handshake with memory: "
		  "HTTP/1.1 403 Forbidden: go away more" },
		{ "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n"
		  "Content-Length: 1\r\n\r\n", "5\r\nhello\r\n",
		  "HTTP/1.1 400 Bad: hello" },
		{ "SSH-2.0-OpenSSH\r\n\r\n", "", "the answer is not HTTP" },
	};
	struct world	*w;
	void		*fresh;

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		set_up(&fresh);
		w = fresh;
		assert_int_equal(shake_hands(w, cases[i].lines, cases[i].rest),
		    MQK_EWEBSOCKET);
		if (strstr(w->e.text, cases[i].why) == NULL)
			fail_msg("\"%s\" without \"%s\"", w->e.text,
			    cases[i].why);
		tear_down(&fresh);
	}
}

static void
a_refusal_is_not_waited_for_forever(void **state)
{
	struct world	*w = *state;
	struct pipe_wait wait;

	assert_int_equal(shake_hands(w, "HTTP/1.1 403 No\r\n\r\n", "why"),
	    MQK_EAGAIN);
	w->ws->ops->wait(w->ws, &wait);
	assert_true(wait.deadline < 10000);
	assert_int_equal(w->ws->ops->open(w->ws, wait.deadline, &w->e),
	    MQK_EWEBSOCKET);
	assert_non_null(strstr(w->e.text, "HTTP/1.1 403 No: why"));
}

static void
silence_ends_with_the_connection(void **state)
{
	struct world	*w = *state;

	w->mem.ended = true;
	assert_int_equal(w->ws->ops->open(w->ws, 1, &w->e), MQK_ECLOSED);
}

/* ---- reading --------------------------------------------------------- */

/* Read until nothing comes; the last result. */
static ssize_t
read_all(struct world *w)
{
	ssize_t	 n;

	do {
		n = w->ws->ops->read(w->ws, w->got + w->n,
		    sizeof(w->got) - w->n, &w->e);
		if (n > 0)
			w->n += (size_t)n;
	} while (n > 0 || (n == 0 && buf_len(&w->mem.in) > 0));
	return (n);
}

static const struct stream {
	const char	*bytes;
	const char	*data;		/* that must come out */
	int		 end;		/* then */
	const char	*why;
	uint8_t		 answer;	/* first byte of what we say; 0: none */
} streams[] = {
	{ "82 02 'hi'", "hi", 0, NULL, 0 },
	{ "82 01 'h' 82 01 'i' 82 00", "hi", 0, NULL, 0 },
	{ "02 01 'h' 00 00 80 01 'i'", "hi", 0, NULL, 0 },
	{ "02 01 'h' 89 02 'xy' 80 01 'i'", "hi", 0, NULL, 0x8a },
	{ "8a 02 'xy' 82 01 'h'", "h", 0, NULL, 0 },
	{ "82 7e 00 05 'hello'", "", MQK_EPROTOCOL, "rules", 0x88 },
	{ "82 01 'h' 88 02 03e9", "h", MQK_ECLOSED, "status 1001", 0x88 },
	{ "88 05 03f3 'bye' 82 01 'x'", "", MQK_ECLOSED,
	  "status 1011: bye", 0x88 },
	{ "88 00", "", MQK_ECLOSED, "WebSocket closed by peer", 0x88 },
	{ "82 01 'h' 81 02 'no'", "h", MQK_EPROTOCOL, "binary frames", 0x88 },
	{ "01 02 'no' 80 02 'no'", "", MQK_EPROTOCOL, "binary frames", 0x88 },
	{ "82 01 'h' 80 01 'i'", "h", MQK_EPROTOCOL, "rules", 0x88 },
	{ "02 01 'h' 82 01 'i'", "h", MQK_EPROTOCOL, "rules", 0x88 },
	{ "c2 01 'h'", "", MQK_EPROTOCOL, "rules", 0x88 },
	{ "83 01 'h'", "", MQK_EPROTOCOL, "rules", 0x88 },
	{ "09 01 'h'", "", MQK_EPROTOCOL, "rules", 0x88 },
	{ "89 7e 0080", "", MQK_EPROTOCOL, "rules", 0x88 },
	{ "82 7f ffffffffffffffff", "", MQK_EPROTOCOL, "rules", 0x88 },
	{ "88 01 'x'", "", MQK_ECLOSED, "closed by peer", 0x88 },
};

/* All at once, or a byte at a time. */
static void
play(const struct stream *s, size_t step)
{
	struct world	*w;
	void		*fresh;
	uint8_t		*bytes;
	size_t		 len;
	ssize_t		 end = 0;

	set_up(&fresh);
	w = fresh;
	go_up(w);
	bytes = bytes_of(s->bytes, &len);
	for (size_t i = 0; i < len && end == 0; i += step) {
		mempipe_say(&w->mem, bytes + i,
		    len - i < step ? len - i : step);
		end = read_all(w);
	}
	free(bytes);
	if (end != s->end || w->n != strlen(s->data) ||
	    memcmp(w->got, s->data, w->n) != 0)
		fail_msg("%s: %d, %zu bytes", s->bytes, (int)end, w->n);
	if (s->why != NULL && strstr(w->e.text, s->why) == NULL)
		fail_msg("%s: \"%s\"", s->bytes, w->e.text);
	if (s->answer == 0)
		assert_int_equal(buf_len(&w->mem.out), 0);
	else
		assert_int_equal(buf_data(&w->mem.out)[0], s->answer);
	tear_down(&fresh);
}

static void
frames_become_bytes_however_they_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(streams); i++) {
		play(&streams[i], 1000);
		play(&streams[i], 1);
	}
}

static void
what_came_with_the_answer_is_read_first(void **state)
{
	struct world	*w = *state;

	assert_int_equal(shake_hands(w, UPGRADE
	    "Sec-WebSocket-Protocol: mqtt\r\n", "\x82\x02hi"), MQK_OK);
	assert_true(w->ws->ops->pending(w->ws));
	mempipe_say(&w->mem, "\x82\x01!", 3);
	assert_int_equal(read_all(w), 0);
	assert_int_equal(w->n, 3);
	assert_memory_equal(w->got, "hi!", 3);
	assert_false(w->ws->ops->pending(w->ws));
}

/* Pings without end, and nobody takes the answers. */
static void
answers_are_not_hoarded(void **state)
{
	struct world	*w = *state;
	ssize_t		 end = 0;

	go_up(w);
	w->mem.room = 0;
	for (int i = 0; i < 1000000 && end == 0; i++) {
		mempipe_say(&w->mem, "\x89\x04ping", 6);
		end = read_all(w);
	}
	assert_true(end < 0);
}

/* ---- writing --------------------------------------------------------- */

/* The next frame of what was written: its first byte, and the data. */
static uint8_t
take_frame(struct world *w, uint8_t *to, size_t *len)
{
	const uint8_t	*at = buf_data(&w->mem.out), *key;
	size_t		 n = 2;
	uint8_t		 first = at[0];

	assert_true((at[1] & 0x80) != 0);
	*len = at[1] & 0x7f;
	if (*len == 126) {
		*len = (size_t)at[2] << 8 | at[3];
		n = 4;
	} else if (*len == 127) {
		*len = (size_t)at[7] << 16 | (size_t)at[8] << 8 | at[9];
		n = 10;
	}
	key = at + n;
	for (size_t i = 0; i < *len; i++)
		to[i] = key[4 + i] ^ key[i % 4];
	buf_consume(&w->mem.out, n + 4 + *len);
	return (first);
}

static void
bytes_become_masked_frames(void **state)
{
	static const size_t	 sizes[] = { 1, 7, 8, 9, 125, 126, 127, 4097,
				    65535, 65536, 65537, 200000 };
	static uint8_t		 data[200000], back[200000];
	struct world		*w = *state;
	size_t			 done, len;

	go_up(w);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	for (size_t i = 0; i < N(sizes); i++) {
		assert_int_equal(w->ws->ops->write(w->ws, data, sizes[i],
		    &w->e), sizes[i]);
		for (done = 0; done < sizes[i]; done += len)
			assert_int_equal(take_frame(w, back + done, &len),
			    0x82);
		assert_int_equal(done, sizes[i]);
		assert_memory_equal(data, back, done);
		assert_int_equal(buf_len(&w->mem.out), 0);
	}
}

/* The pipe below takes a few bytes at a time, and a ping comes meanwhile. */
static void
a_slow_pipe_gets_whole_frames(void **state)
{
	static uint8_t	 data[3000], back[3000];
	struct world	*w = *state;
	size_t		 done = 0, len;
	ssize_t		 n;

	go_up(w);
	memset(data, 'x', sizeof(data));
	w->mem.room = 0;
	while (done < sizeof(data)) {
		w->mem.room = 13;
		n = w->ws->ops->write(w->ws, data + done, sizeof(data) - done,
		    &w->e);
		assert_true(n >= 0 && n <= 13);
		done += (size_t)n;
		if (done < 1000 || done > 1010)
			continue;
		mempipe_say(&w->mem, "\x89\x01p", 3);
		assert_int_equal(read_all(w), 0);
	}
	w->mem.room = SIZE_MAX;
	assert_int_equal(take_frame(w, back, &len), 0x82);
	assert_int_equal(len, sizeof(data));
	assert_memory_equal(data, back, len);
	assert_int_equal(w->ws->ops->write(w->ws, "y", 1, &w->e), 1);
	assert_int_equal(take_frame(w, back, &len), 0x8a);
	assert_memory_equal(back, "p", 1);
	assert_int_equal(take_frame(w, back, &len), 0x82);
}

static void
the_farewell_has_a_status(void **state)
{
	struct world	*w = *state;
	uint8_t		 data[125];
	size_t		 len;

	go_up(w);
	w->mem.room = 3;
	assert_int_equal(w->ws->ops->shut(w->ws), MQK_EAGAIN);
	w->mem.room = SIZE_MAX;
	assert_int_equal(w->ws->ops->shut(w->ws), MQK_OK);
	assert_int_equal(take_frame(w, data, &len), 0x88);
	assert_int_equal(len, 2);
	assert_memory_equal(data, "\x03\xe8", 2);
	assert_int_equal(buf_len(&w->mem.out), 0);
}

static void
headers_of_the_handshake_are_not_the_users(void **state)
{
	(void)state;
	assert_true(ws_field_valid("Host: other"));
	assert_true(ws_field_valid("Cookie: a=b"));
	assert_false(ws_field_valid("sec-websocket-key: x"));
	assert_false(ws_field_valid("Upgrade: h2c"));
	assert_false(ws_field_valid("A: b\r\nC: d"));
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		FRESH(the_proof_is_that_of_the_rfc),
		FRESH(the_request_says_what_was_asked_for),
		cmocka_unit_test(answers_that_do_not_agree_are_refused),
		FRESH(a_refusal_is_not_waited_for_forever),
		FRESH(silence_ends_with_the_connection),
		cmocka_unit_test(frames_become_bytes_however_they_come),
		FRESH(what_came_with_the_answer_is_read_first),
		FRESH(answers_are_not_hoarded),
		FRESH(bytes_become_masked_frames),
		FRESH(a_slow_pipe_gets_whole_frames),
		FRESH(the_farewell_has_a_status),
		cmocka_unit_test(headers_of_the_handshake_are_not_the_users),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
