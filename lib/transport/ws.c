/* SPDX-License-Identifier: MIT */

/*
 * wslay takes the frames that come apart and answers those that want an
 * answer.  What we send is put into frames here, because wslay would do it in
 * pieces of 4 KiB and byte by byte: one frame and one write for all that there
 * is, up to FRAME_MAX.
 *
 * A frame that has been masked is sent as it is.  Its bytes count as written
 * when the pipe below has taken them; so the caller offers the rest of them
 * again, and they are not looked at a second time.
 */

#include "transport/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/random.h"
#include "base/str.h"
#include "transport/exchange.h"
#include "transport/report.h"
#include "transport/ws_lib.h"
#include "transport/ws_mask.h"

#define FRAME_MAX	(64u * 1024)
#define HEADER_MAX	14
#define OUT_MAX		(FRAME_MAX * 4)
#define FEED		4096	/* bytes between two looks at what to answer */
#define ANSWERS_MAX	4096	/* pongs that a peer leaves lying */
#define NONCE_SIZE	16
#define KEY_TEXT	BASE64_SIZE(NONCE_SIZE)
#define FIN_BINARY	(0x80u | WSLAY_BINARY_FRAME)
#define MASKED		0x80u

struct ws {
	struct pipe	 pipe;
	struct exchange	*x;		/* the handshake and what came on */
	bool		 below_up;
	bool		 up;
	bool		 text;		/* a frame came that is not binary */
	wslay_event_context_ptr frames;

	/* One ws_read() works in the caller's memory: fed, then decoded. */
	uint8_t		*to;
	size_t		 fed, limit, done;
	bool		 control;	/* the frame is no data */

	struct buf	 out;		/* frames, ready to be sent */
	size_t		 frame;		/* bytes of data not reported yet */
	struct error	 late;		/* failure behind bytes that came */
	char		 bye[124];	/* the peer's reason */

	uint8_t		 keys[16][WS_KEY_SIZE];
	unsigned	 keys_left;
	char		 key[KEY_TEXT];	/* of the handshake */
	char		 request[];
};

static const struct pipe_ops ws_ops;

static struct ws *
ws_of(struct pipe *p)
{
	return ((struct ws *)p);
}

static const struct ws *
ws_of_const(const struct pipe *p)
{
	return ((const struct ws *)p);
}

/* Masks must not be predictable; the system is asked once for several. */
static int
next_key(struct ws *w, uint8_t key[WS_KEY_SIZE])
{
	enum { KEYS = sizeof(w->keys) / sizeof(w->keys[0]) };

	if (w->keys_left == 0) {
		if (random_bytes(w->keys, sizeof(w->keys)) < 0)
			return (MQK_EIO);
		w->keys_left = KEYS;
	}
	memcpy(key, w->keys[--w->keys_left], WS_KEY_SIZE);
	return (MQK_OK);
}

/* ---- what wslay calls ------------------------------------------------ */

static ssize_t
on_want_bytes(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags,
    void *user)
{
	struct ws	*w = user;

	(void)flags;
	if (len > w->limit - w->fed)
		len = w->limit - w->fed;
	if (len == 0 || w->text) {
		wslay.event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return (-1);
	}
	memcpy(buf, w->to + w->fed, len);
	w->fed += len;
	return ((ssize_t)len);
}

static ssize_t
on_answer(wslay_event_context_ptr ctx, const uint8_t *data, size_t len,
    int flags, void *user)
{
	struct ws	*w = user;

	(void)flags;
	buf_append(&w->out, data, len);
	if (w->out.err == 0)
		return ((ssize_t)len);
	wslay.event_set_error(ctx, WSLAY_ERR_CALLBACK_FAILURE);
	return (-1);
}

static int
on_want_key(wslay_event_context_ptr ctx, uint8_t *key, size_t len, void *user)
{
	(void)ctx;
	return (len == WS_KEY_SIZE && next_key(user, key) == MQK_OK ? 0 : -1);
}

static void
on_frame(wslay_event_context_ptr ctx,
    const struct wslay_event_on_frame_recv_start_arg *frame, void *user)
{
	struct ws	*w = user;

	(void)ctx;
	if (frame->opcode == WSLAY_TEXT_FRAME)
		w->text = true;
	w->control = wslay_is_ctrl_frame(frame->opcode);
}

/* Never more bytes than were fed, so the place for them has been read. */
static void
on_data(wslay_event_context_ptr ctx,
    const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *user)
{
	struct ws	*w = user;

	(void)ctx;
	if (w->control || w->text)
		return;
	memcpy(w->to + w->done, chunk->data, chunk->data_length);
	w->done += chunk->data_length;
}

/* Control frames only. */
static void
on_control(wslay_event_context_ptr ctx,
    const struct wslay_event_on_msg_recv_arg *msg, void *user)
{
	struct ws	*w = user;
	size_t		 n = 0;

	(void)ctx;
	if (msg->opcode != WSLAY_CONNECTION_CLOSE)
		return;
	/* Behind two bytes of status. */
	for (size_t i = 2; i < msg->msg_length && n < sizeof(w->bye) - 1; i++)
		w->bye[n++] = msg->msg[i] >= ' ' && msg->msg[i] != 0x7f ?
		    (char)msg->msg[i] : '?';
	w->bye[n] = '\0';
}

static const struct wslay_event_callbacks callbacks = {
	on_want_bytes, on_answer, on_want_key, on_frame, on_data, NULL,
	on_control
};

/* ---- opening --------------------------------------------------------- */

/* RFC 6455, 4.2.2: what proves that the key was understood. */
static void
expected_proof(const char *key, char *to)
{
	unsigned char	 digest[SHA1_SIZE];
	char		 text[KEY_TEXT + 40];

	snprintf(text, sizeof(text), "%s%s", key,
	    "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	wslay.sha1((const unsigned char *)text, strlen(text), digest);
	base64(to, digest, sizeof(digest));
}

/* NULL: the answer agrees to what was asked. */
static const char *
find_fault(const struct ws *w)
{
	const struct http_head	*head = &w->x->head;
	struct mqk_bytes	 v;
	char			 proof[BASE64_SIZE(SHA1_SIZE)];

	expected_proof(w->key, proof);
	if (head->status != 101)
		return ("the answer is not 101");
	if (!http_field(head, "Upgrade", &v) || !http_equal(v, "websocket"))
		return ("the answer does not upgrade to WebSocket");
	if (!http_field(head, "Connection", &v) ||
	    !http_has_token(v, "upgrade"))
		return ("the answer does not upgrade the connection");
	if (!http_field(head, "Sec-WebSocket-Accept", &v) ||
	    v.len != strlen(proof) || memcmp(v.data, proof, v.len) != 0)
		return ("Sec-WebSocket-Accept is not the answer to our key");
	if (!http_field(head, "Sec-WebSocket-Protocol", &v) ||
	    !http_equal(v, "mqtt"))
		return ("the server does not agree to the protocol mqtt");
	if (http_field(head, "Sec-WebSocket-Extensions", &v) && v.len > 0)
		return ("the server uses an extension that nobody asked for");
	return (NULL);
}

static int
ask(struct ws *w, struct error *e)
{
	uint8_t	 nonce[NONCE_SIZE];

	if (random_bytes(nonce, sizeof(nonce)) < 0)
		return (errf(e, MQK_EIO, "WebSocket: no random numbers"));
	base64(w->key, nonce, sizeof(nonce));
	w->x = exchange_new("WebSocket handshake", MQK_EWEBSOCKET, 101);
	if (w->x == NULL)
		return (errf(e, MQK_ENOMEM, "WebSocket: out of memory"));
	exchange_add(w->x, w->request);
	exchange_add(w->x, "Sec-WebSocket-Key: ");
	exchange_add(w->x, w->key);
	exchange_add(w->x, "\r\n\r\n");
	return (MQK_OK);
}

static int
start_frames(struct ws *w, struct error *e)
{
	if (wslay.event_context_client_init(&w->frames, &callbacks, w) != 0)
		return (errf(e, MQK_ENOMEM, "WebSocket: out of memory"));
	wslay.event_config_set_no_buffering(w->frames, 1);
	wslay.event_config_set_max_recv_msg_length(w->frames, INT64_MAX);
	w->up = true;
	return (MQK_OK);
}

static int
ws_open(struct pipe *p, int64_t now, struct error *e)
{
	struct ws	*w = ws_of(p);
	const char	*fault;
	int		 err;

	if (!w->below_up) {
		err = p->below->ops->open(p->below, now, e);
		if (err == MQK_OK)
			err = ask(w, e);
		if (err < 0)
			return (err);
		w->below_up = true;
	}
	err = exchange_step(w->x, p->below, now, e);
	if (err < 0)
		return (err);
	fault = find_fault(w);
	if (fault != NULL)
		return (exchange_fail(w->x, p->below, fault, e));
	return (start_frames(w, e));
}

/* ---- writing --------------------------------------------------------- */

static size_t
write_header(uint8_t *to, size_t len)
{
	to[0] = FIN_BINARY;
	if (len < 126) {
		to[1] = (uint8_t)(MASKED | len);
		return (2);
	}
	if (len < 65536) {
		to[1] = MASKED | 126;
		to[2] = (uint8_t)(len >> 8);
		to[3] = (uint8_t)len;
		return (4);
	}
	to[1] = MASKED | 127;
	for (int i = 0; i < 8; i++)
		to[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
	return (10);
}

static int
add_frame(struct ws *w, const uint8_t *data, size_t len, struct error *e)
{
	uint8_t	 key[WS_KEY_SIZE], *to;
	size_t	 n;

	to = buf_reserve(&w->out, len + HEADER_MAX);
	if (to == NULL || next_key(w, key) < 0)
		return (errf(e, to == NULL ? w->out.err : MQK_EIO,
		    "WebSocket: no %s", to == NULL ? "memory" :
		    "random numbers"));
	n = write_header(to, len);
	memcpy(to + n, key, WS_KEY_SIZE);
	n += WS_KEY_SIZE;
	ws_mask(to + n, data, len, key);
	buf_commit(&w->out, n + len);
	w->frame = len;
	return (MQK_OK);
}

/* Send what is ready; the bytes of data among it are the end of the buffer. */
static ssize_t
flush(struct ws *w, struct error *e)
{
	struct pipe	*below = w->pipe.below;
	size_t		 before = w->frame;
	ssize_t		 n = 0;

	if (buf_len(&w->out) > 0)
		n = below->ops->write(below, buf_data(&w->out),
		    buf_len(&w->out), e);
	if (n < 0)
		return (n);
	buf_consume(&w->out, (size_t)n);
	if (w->frame > buf_len(&w->out))
		w->frame = buf_len(&w->out);
	if (buf_len(&w->out) == 0)
		buf_release(&w->out);
	return ((ssize_t)(before - w->frame));
}

/* Answers go between frames of data, never into one. */
static void
collect_answers(struct ws *w)
{
	if (w->frame == 0)
		(void)wslay.event_send(w->frames);
}

static ssize_t
ws_write(struct pipe *p, const void *from, size_t len, struct error *e)
{
	struct ws	*w = ws_of(p);
	const uint8_t	*at = from;
	size_t		 done = 0, left;
	ssize_t		 n;
	int		 err;

	do {
		left = len - done;
		if (w->frame == 0 && left > 0) {
			collect_answers(w);
			err = add_frame(w, at + done,
			    left < FRAME_MAX ? left : FRAME_MAX, e);
			if (err < 0)
				return (err);
		}
		n = flush(w, e);
		if (n < 0)
			return (done > 0 ? (ssize_t)done : n);
		done += (size_t)n;
	} while (done < len && buf_len(&w->out) == 0);
	return ((ssize_t)done);
}

/* ---- reading --------------------------------------------------------- */

/* Why nothing more will come. */
static int
end_reason(struct ws *w, struct error *e)
{
	char		 address[PIPE_ADDRESS_MAX];
	unsigned	 status;

	w->pipe.ops->address(&w->pipe, address, sizeof(address));
	if (w->text)
		return (errf(e, MQK_EPROTOCOL, "%s: sent text over WebSocket, "
		    "where MQTT needs binary frames", address));
	if (!wslay.event_get_close_received(w->frames))
		return (errf(e, MQK_EPROTOCOL,
		    "%s: broke the rules of WebSocket", address));
	status = wslay.event_get_status_code_received(w->frames);
	return (errf(e, MQK_ECLOSED, "%s: WebSocket closed by peer, status %u"
	    "%s%s", address, status, w->bye[0] != '\0' ? ": " : "", w->bye));
}

/* One piece of what came: MQK_OK, or why it was the last. */
static int
feed(struct ws *w, struct error *e)
{
	int	 err = wslay.event_recv(w->frames);

	if (w->text)
		(void)wslay.event_queue_close(w->frames,
		    WSLAY_CODE_UNSUPPORTED_DATA, NULL, 0);
	collect_answers(w);
	if (err == WSLAY_ERR_NOMEM || w->out.err != 0)
		return (errf(e, MQK_ENOMEM, "WebSocket: out of memory"));
	if (wslay.event_get_queued_msg_count(w->frames) > ANSWERS_MAX)
		return (errf(e, MQK_EPROTOCOL,
		    "WebSocket: pings that leave no time for answers"));
	if (err != 0 || w->text || !wslay.event_get_read_enabled(w->frames))
		return (end_reason(w, e));
	return (MQK_OK);
}

/* All that is there, in place: bytes of data to the front. */
static int
decode(struct ws *w, void *to, size_t len, struct error *e)
{
	int	 err = MQK_OK;

	w->to = to;
	w->fed = w->done = 0;
	while (w->fed < len && err == MQK_OK) {
		w->limit = len - w->fed < FEED ? len : w->fed + FEED;
		err = feed(w, e);
	}
	return (err);
}

static ssize_t
fetch(struct ws *w, void *to, size_t size, struct error *e)
{
	struct pipe	*below = w->pipe.below;
	size_t		 n;

	if (w->x != NULL) {
		n = exchange_rest(w->x, to, size);
		if (n > 0)
			return ((ssize_t)n);
		exchange_free(w->x);
		w->x = NULL;
	}
	return (below->ops->read(below, to, size, e));
}

static ssize_t
ws_read(struct pipe *p, void *to, size_t size, struct error *e)
{
	struct ws	*w = ws_of(p);
	struct error	 ignored;
	ssize_t		 n;
	int		 err;

	if (w->late.code < 0) {
		*e = w->late;
		return (e->code);
	}
	n = fetch(w, to, size, e);
	if (n <= 0)
		return (n);
	err = decode(w, to, (size_t)n, e);
	/* A write that fails is told by the next one. */
	if (w->frame == 0)
		(void)flush(w, &ignored);
	if (err < 0 && w->done > 0)
		w->late = *e;
	return (w->done > 0 ? (ssize_t)w->done : err);
}

/* ---- the rest -------------------------------------------------------- */

static void
ws_wait(const struct pipe *p, struct pipe_wait *wait)
{
	const struct ws	*w = ws_of_const(p);

	p->below->ops->wait(p->below, wait);
	if (w->below_up && !w->up)
		exchange_wait(w->x, wait);
}

static bool
ws_pending(const struct pipe *p)
{
	const struct ws	*w = ws_of_const(p);

	return (w->late.code < 0 || (w->up && w->x != NULL) ||
	    p->below->ops->pending(p->below));
}

/* The peer ends the connection when it has seen our farewell. */
static int
ws_shut(struct pipe *p)
{
	struct ws	*w = ws_of(p);
	struct error	 ignored;

	if (!w->up)
		return (p->below->ops->shut(p->below));
	if (w->frame == 0) {
		(void)wslay.event_queue_close(w->frames,
		    WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
		collect_answers(w);
	}
	if (flush(w, &ignored) < 0)
		return (MQK_OK);
	return (buf_len(&w->out) > 0 ? MQK_EAGAIN : MQK_OK);
}

static void
ws_address(const struct pipe *p, char *text, size_t size)
{
	p->below->ops->address(p->below, text, size);
}

static void
ws_stage(const struct pipe *p, char *text, size_t size)
{
	const struct ws	*w = ws_of_const(p);
	char		 address[PIPE_ADDRESS_MAX];

	if (!w->below_up) {
		p->below->ops->stage(p->below, text, size);
		return;
	}
	ws_address(p, address, sizeof(address));
	snprintf(text, size, "%s%s", w->up ? "" : "WebSocket handshake with ",
	    address);
}

static enum mqk_stage
ws_reached(const struct pipe *p)
{
	return (ws_of_const(p)->below_up ? MQK_STAGE_WEBSOCKET :
	    p->below->ops->reached(p->below));
}

static void
ws_report(const struct pipe *p, struct pipe_report *r)
{
	const struct ws	*w = ws_of_const(p);

	if (!w->up && w->x != NULL)
		report_first(r, w->x->in, w->x->n);
}

static void
ws_free(struct pipe *p)
{
	struct ws	*w = ws_of(p);

	if (w->frames != NULL)
		wslay.event_context_free(w->frames);
	p->below->ops->free(p->below);
	exchange_free(w->x);
	buf_fini(&w->out);
	str_wipe(w, sizeof(*w) + strlen(w->request));
}

static const struct pipe_ops ws_ops = {
	.name = "ws",
	.open = ws_open,
	.read = ws_read,
	.write = ws_write,
	.wait = ws_wait,
	.pending = ws_pending,
	.shut = ws_shut,
	.reached = ws_reached,
	.report = ws_report,
	.stage = ws_stage,
	.address = ws_address,
	.free = ws_free,
};

/* ---- making ---------------------------------------------------------- */

/* As a request line can have it; a '?' stays what it is. */
static void
add_path(struct buf *b, const char *path)
{
	static const char	 hex[] = "0123456789ABCDEF";
	uint8_t			 c, code[3] = { '%' };

	if (*path != '/')
		buf_append(b, "/", 1);
	for (; *path != '\0'; path++) {
		c = (uint8_t)*path;
		code[1] = (uint8_t)hex[c >> 4];
		code[2] = (uint8_t)hex[c & 15];
		if (c > ' ' && c < 0x7f && strchr("\"#%<>\\^`{|}", c) == NULL)
			buf_append(b, &c, 1);
		else
			buf_append(b, code, sizeof(code));
	}
}

static void
add_text(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

static bool
names_host(const char *fields)
{
	struct http_head	 head = { 0 };
	struct mqk_bytes	 ignored;

	head.fields = (struct mqk_bytes){ fields, strlen(fields) };
	return (http_field(&head, "Host", &ignored));
}

/* All of the request but the key, which each attempt chooses anew. */
static void
write_request(struct buf *b, const struct ws_options *o)
{
	bool	 literal = strchr(o->host, ':') != NULL;
	char	 port[8] = "";

	if (o->port != 0)
		snprintf(port, sizeof(port), ":%u", (unsigned)o->port);
	add_text(b, "GET ");
	add_path(b, o->path != NULL ? o->path : "/mqtt");
	add_text(b, " HTTP/1.1\r\n");
	if (o->fields == NULL || !names_host(o->fields)) {
		add_text(b, literal ? "Host: [" : "Host: ");
		/* A zone means nothing to the other side (RFC 6874, 4). */
		buf_append(b, o->host, strcspn(o->host, "%"));
		add_text(b, literal ? "]" : "");
		add_text(b, port);
		add_text(b, "\r\n");
	}
	add_text(b, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n");
	if (o->fields != NULL)
		add_text(b, o->fields);
}

static int
make(struct ws **to, const struct ws_options *o, struct error *e)
{
	struct buf	 request;
	int		 err = ws_lib_load(e);

	if (err < 0)
		return (err);
	buf_init(&request, FRAME_MAX);
	write_request(&request, o);
	*to = request.err == 0 ?
	    calloc(1, sizeof(**to) + buf_len(&request) + 1) : NULL;
	if (*to != NULL)
		memcpy((*to)->request, buf_data(&request), buf_len(&request));
	else
		err = errf(e, MQK_ENOMEM, "WebSocket: request too long, or "
		    "out of memory");
	str_wipe(request.mem, request.end);
	return (err);
}

int
ws_take(struct pipe **pipe, struct pipe *below, const struct ws_options *o,
    struct error *e)
{
	struct ws	*w;
	int		 err = make(&w, o, e);

	*pipe = NULL;
	if (err < 0) {
		below->ops->free(below);
		return (err);
	}
	w->pipe.ops = &ws_ops;
	w->pipe.below = below;
	buf_init(&w->out, OUT_MAX);
	*pipe = &w->pipe;
	return (MQK_OK);
}

bool
ws_field_valid(const char *line)
{
	static const char *const ours[] = {
		"Upgrade", "Connection", "Sec-WebSocket-Key",
		"Sec-WebSocket-Version", "Sec-WebSocket-Protocol",
		"Sec-WebSocket-Extensions", "Content-Length",
		"Transfer-Encoding"
	};
	struct mqk_bytes	 name = { line, strcspn(line, ":") };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (http_equal(name, ours[i]))
			return (false);
	return (http_field_valid(line));
}
