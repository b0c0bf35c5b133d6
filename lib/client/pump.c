/* SPDX-License-Identifier: MIT */

/*
 * The place where the layers meet: bytes from the pipe become packets for the
 * session, the session's output becomes bytes for the pipe.  One read and one
 * write for as many packets as there are.
 */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/internal.h"
#include "codec/frame.h"
#include "codec/publish.h"
#include "transport/foreign.h"

#define RX_MIN		16384u
#define RX_MAX		(256u * 1024)
#define READS_PER_TURN	4
#define FLUSH_AT	(64u * 1024)
#define BODY_SIZE	(128u * 1024)
#define MESSAGES_MAX	64	/* in a row, before anything else is done */

/* A peer that does not read while it makes us answer is not read either. */
#define OUTPUT_PAUSE	(16u * 1024 * 1024)

static void
drop_body(struct mqk_client *c)
{
	free(c->body);
	c->body = NULL;
}

void
pump_reset(struct mqk_client *c)
{
	buf_fini(&c->rx);
	memset(&c->rx, 0, sizeof(c->rx));
	drop_body(c);
	c->rx_need = 0;
	c->rx_filled = false;
	c->seen_out = 0;
	c->blocked = false;
}

/* The session's failure, with the address it happened at. */
static void
tell_failure(struct mqk_client *c, int err, struct error *e)
{
	char	 address[PIPE_ADDRESS_MAX];

	c->pipe->ops->address(c->pipe, address, sizeof(address));
	errf(e, err, "%s: %s", address, session_error(c->session)->text);
}

/* ---- writing --------------------------------------------------------- */

static size_t
output_len(struct mqk_client *c)
{
	return (session_resting(c->session) ? 0 :
	    buf_len(session_output(c->session)));
}

bool
pump_wants_write(struct mqk_client *c)
{
	struct session_body	 body;

	return (!c->dial.shut && !session_resting(c->session) &&
	    !session_in_batch(c->session) &&
	    (output_len(c) > 0 || session_body(c->session, &body)));
}

bool
pump_may_read(struct mqk_client *c)
{
	return (!c->blocked || output_len(c) < OUTPUT_PAUSE);
}

/* Write once; a short write means that the socket is full. */
static int
write_some(struct mqk_client *c, const void *data, size_t len, size_t *done,
    struct error *e)
{
	ssize_t	 n = c->pipe->ops->write(c->pipe, data, len, e);

	*done = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return ((int)n);
	c->bytes_out += *done;
	c->blocked = *done < len;
	return (MQK_OK);
}

/* Commit what has changed, which goes before what is written. */
static int
settle(struct mqk_client *c, struct error *e)
{
	int	 err = session_settle(c->session);

	if (err < 0 && err != MQK_EAGAIN)
		tell_failure(c, err, e);
	return (err);
}

static int
write_output(struct mqk_client *c, int64_t now, struct error *e)
{
	struct buf	*out = session_output(c->session);
	size_t		 n;
	int		 err;

	if (watch_wanted(c)) {
		watch_out(c, out);
		if (c->dying || buf_len(out) == 0)
			return (MQK_OK);
		err = settle(c, e);
		if (err < 0)
			return (err);
	}
	err = write_some(c, buf_data(out), buf_len(out), &n, e);
	if (err < 0)
		return (err);
	/* A hook that is added now begins behind it, with a whole packet. */
	c->seen_out = buf_len(out) - n;
	session_sent(c->session, now, n);
	return (MQK_OK);
}

/* The source may read but once, so what it gave is kept until written. */
static int
fill_body(struct mqk_client *c, const struct session_body *b, struct error *e)
{
	int64_t	 n;
	size_t	 want = b->n < BODY_SIZE ? b->n : BODY_SIZE;

	if (c->body != NULL && c->body->off < c->body->end)
		return (MQK_OK);
	if (c->body == NULL) {
		c->body = malloc(sizeof(*c->body) + BODY_SIZE);
		if (c->body == NULL)
			return (errf(e, MQK_ENOMEM, "payload: out of memory"));
		c->body->off = c->body->end = 0;
	}
	call_begin(c);
	n = b->source.read(b->source.arg, b->offset, c->body->mem, want);
	call_end(c);
	if (n <= 0 || (uint64_t)n > want)
		return (errf(e, MQK_ESOURCE,
		    "payload source failed at byte %u of %u",
		    (unsigned)b->offset, (unsigned)b->source.len));
	c->body->off = 0;
	c->body->end = (size_t)n;
	return (MQK_OK);
}

static int
write_body(struct mqk_client *c, const struct session_body *b, int64_t now,
    struct error *e)
{
	size_t	 n;
	int	 err = fill_body(c, b, e);

	if (err < 0 || c->dying)
		return (err);
	err = write_some(c, c->body->mem + c->body->off,
	    c->body->end - c->body->off, &n, e);
	if (err < 0)
		return (err);
	c->body->off += n;
	session_body_sent(c->session, now, (uint32_t)n);
	return (MQK_OK);
}

/* Write until there is nothing left or the socket is full. */
static int
flush(struct mqk_client *c, int64_t now, struct error *e)
{
	struct session_body	 body;
	int			 err = MQK_OK;

	c->blocked = false;
	while (err == MQK_OK && !c->blocked && !c->dying) {
		err = settle(c, e);
		if (err < 0)
			break;
		if (output_len(c) > 0)
			err = write_output(c, now, e);
		else if (session_body(c->session, &body))
			err = write_body(c, &body, now, e);
		else if (!session_has_event(c->session))
			break;
		/* Sources that are done, entries that can't be sent. */
		if (err == MQK_OK)
			err = dispatch_events(c, e);
	}
	if (c->body != NULL && c->body->off == c->body->end)
		drop_body(c);
	/* A batch is open: later. */
	return (err == MQK_EAGAIN ? MQK_OK : err);
}

void
pump_last_words(struct mqk_client *c, int64_t now)
{
	struct error	 e;
	size_t		 n;
	struct buf	*out = session_output(c->session);

	if (watch_wanted(c))
		watch_out(c, out);
	/* A QoS 0 message that leaves now must not leave again. */
	if (!c->dying && session_settle(c->session) == MQK_OK &&
	    buf_len(out) > 0 &&
	    write_some(c, buf_data(out), buf_len(out), &n, &e) == MQK_OK)
		session_sent(c->session, now, n);
	(void)c->pipe->ops->shut(c->pipe);
}

/* ---- reading --------------------------------------------------------- */

/*
 * How large the buffer should be.  It grows when a read has filled it, beyond
 * RX_MAX only for a packet that is larger, and never far ahead of what has
 * really come in, whatever length the peer announces.
 */
static size_t
wanted_size(const struct mqk_client *c)
{
	size_t	 cap = c->rx.cap;

	if (cap == 0)
		return (RX_MIN);
	if (!c->rx_filled || (cap >= RX_MAX && c->rx_need <= cap))
		return (cap);
	return (cap * 4);
}

/* Room behind what is there: a part of a packet, moved to the front. */
static size_t
make_room(struct mqk_client *c)
{
	struct buf	*rx = &c->rx;
	size_t		 len = buf_len(rx), want = wanted_size(c);
	uint8_t		*mem;

	if (rx->off > 0) {
		memmove(rx->mem, rx->mem + rx->off, len);
		rx->off = 0;
		rx->end = len;
	}
	if (want > rx->cap) {
		mem = realloc(rx->mem, want);
		if (mem == NULL)
			return (0);
		rx->mem = mem;
		rx->cap = want;
	}
	return (rx->cap - rx->end);
}

static int
bad_packet(struct mqk_client *c, int64_t now, int err, const char *why,
    struct error *e)
{
	err = session_bad_packet(c->session, now, err, why);
	tell_failure(c, err, e);
	return (err);
}

/* Not every sentence of the decoder says which packet is meant. */
static int
undecodable(struct mqk_client *c, int64_t now, int err, uint8_t first,
    const char *why, struct error *e)
{
	const char	*name;
	char		 text[sizeof(e->text)];

	name = mqk_packet_name((enum mqk_packet_type)(first >> 4));
	if (strncmp(why, name, strlen(name)) == 0)
		return (bad_packet(c, now, err, why, e));
	snprintf(text, sizeof(text), "%s: %s", name, why);
	return (bad_packet(c, now, err, text, e));
}

static int
one_packet(struct mqk_client *c, const uint8_t *wire, size_t len, int64_t now,
    struct error *e)
{
	struct packet	 p;
	const char	*why;
	bool		 drop;
	int		 err, event_err;

	err = packet_decode(&p, session_version(c->session), wire, len, &why);
	if (err < 0)
		return (undecodable(c, now, err, wire[0], why, e));
	if (watch_wanted(c)) {
		drop = watch_in(c, &p) == MQK_DROP;
		/* What a hook has published may be over already. */
		err = dispatch_events(c, e);
		if (drop || err < 0)
			return (err);
	}
	err = session_receive(c->session, now, &p);
	if (err < 0)
		tell_failure(c, err, e);
	event_err = dispatch_events(c, e);
	return (event_err < 0 ? event_err : err);
}

/* A run of short answers; false: there is something else. */
static bool
short_answers(struct mqk_client *c, int64_t now)
{
	struct session_answer	 answers[SESSION_ANSWERS];
	size_t			 n, len;

	len = session_answers(c->session, now, buf_data(&c->rx),
	    buf_len(&c->rx), answers, &n);
	if (len == 0)
		return (false);
	buf_consume(&c->rx, len);
	dispatch_answers(c, answers, n);
	return (true);
}

/* A message without properties: 1; 0: there is something else. */
static int
short_message(struct mqk_client *c, struct error *e)
{
	struct packet_publish	 m;
	struct mqk_ack		 ack;
	size_t			 len;
	int			 err;

	len = publish_plain(&m, session_version(c->session),
	    buf_data(&c->rx), buf_len(&c->rx));
	if (len == 0 || len > session_max_packet(c->session))
		return (0);
	err = session_message(c->session, &m, &ack);
	if (err < 0)
		tell_failure(c, err, e);
	if (err <= 0)
		return (err);
	err = dispatch_message(c, &m, m.topic, ack, e);
	if (err < 0)
		return (err);
	if (!client_interrupted(c))
		buf_consume(&c->rx, len);
	return (1);
}

/* The same for a run of them, as long as nothing else is to be done. */
static int
short_messages(struct mqk_client *c, struct error *e)
{
	int	 err = 1;

	for (int i = 0; i < MESSAGES_MAX && err > 0 && !watch_wanted(c) &&
	    !client_interrupted(c); i++) {
		err = short_message(c, e);
		if (err == 0 && i > 0)
			return (1);
	}
	return (err);
}

/* What nearly all packets of a busy connection are: as short_message(). */
static int
short_way(struct mqk_client *c, int64_t now, struct error *e)
{
	if (buf_len(&c->rx) == 0 || watch_wanted(c))
		return (0);
	return (buf_data(&c->rx)[0] >> 4 == MQK_PUBLISH ?
	    short_messages(c, e) : short_answers(c, now));
}

/* What is at the front of the buffer; *more false: nothing whole. */
static int
next_packet(struct mqk_client *c, int64_t now, bool *more, struct error *e)
{
	size_t	 len;
	int	 err = short_way(c, now, e);

	*more = true;
	if (err != 0)
		return (err < 0 ? err : dispatch_events(c, e));
	err = frame_next(buf_data(&c->rx), buf_len(&c->rx),
	    session_max_packet(c->session), &len);
	if (err < 0)
		return (bad_packet(c, now, err, err == MQK_ETOOBIG ?
		    "packet larger than allowed" :
		    "malformed packet header", e));
	c->rx_need = err == 0 ? len : 0;
	*more = err != 0;
	if (!*more)
		return (MQK_OK);
	err = one_packet(c, buf_data(&c->rx), len, now, e);
	if (err == MQK_OK && !client_interrupted(c))
		buf_consume(&c->rx, len);
	return (err);
}

/* A write that fails is not heard before what can be read. */
static int
flush_early(struct mqk_client *c, int64_t now, struct error *e)
{
	if (flush(c, now, e) == MQK_OK)
		return (MQK_OK);
	c->blocked = true;
	return (dispatch_events(c, e));
}

/* Every complete packet in the buffer. */
static int
all_packets(struct mqk_client *c, int64_t now, struct error *e)
{
	size_t	 full = session_unsent(c->session) + FLUSH_AT;
	bool	 more;
	int	 err;

	for (;;) {
		err = next_packet(c, now, &more, e);
		if (err < 0 || !more || client_interrupted(c))
			return (err);
		if (!c->blocked && session_unsent(c->session) >= full)
			err = flush_early(c, now, e);
		if (err < 0 || c->dying)
			return (err);
	}
}

/* After half-closing only the peer's end of file is of interest. */
static int
discard(struct mqk_client *c, struct error *e)
{
	char	 waste[4096];
	ssize_t	 n;

	n = c->pipe->ops->read(c->pipe, waste, sizeof(waste), e);
	return (n < 0 ? errf(e, MQK_ECLOSED, "closed") : MQK_OK);
}

/* Before CONNACK: is there something else than a broker at that port? */
static int
check_protocol(const struct mqk_client *c, struct error *e)
{
	char		 address[PIPE_ADDRESS_MAX];
	const char	*other;

	if (c->state != MQK_GREETING)
		return (MQK_OK);
	other = foreign_protocol(buf_data(&c->rx), buf_len(&c->rx));
	if (other == NULL)
		return (MQK_OK);
	c->pipe->ops->address(c->pipe, address, sizeof(address));
	errf(e, MQK_EPROTOCOL, "%s: this port speaks %s", address, other);
	e->cause = other;
	return (MQK_EPROTOCOL);
}

static int
read_once(struct mqk_client *c, int64_t now, bool *dry, struct error *e)
{
	size_t	 room = make_room(c);
	ssize_t	 n;
	int	 err;

	if (room == 0)
		return (errf(e, MQK_ENOMEM, "receive buffer: out of memory"));
	n = c->pipe->ops->read(c->pipe, c->rx.mem + c->rx.end, room, e);
	if (n < 0)
		return ((int)n);
	c->rx_filled = (size_t)n == room;
	*dry = !c->rx_filled && !c->pipe->ops->pending(c->pipe);
	if (n == 0)
		return (MQK_OK);
	c->rx.end += (size_t)n;
	c->bytes_in += (uint64_t)n;
	/* Part of a packet is a sign of life as well. */
	session_heard(c->session, now);
	err = check_protocol(c, e);
	return (err < 0 ? err : all_packets(c, now, e));
}

static int
read_all(struct mqk_client *c, int64_t now, struct error *e)
{
	bool	 dry = false;
	/* What commands have made goes before what packets make. */
	int	 err = dispatch_events(c, e);

	for (int i = 0; i < READS_PER_TURN && !dry && err == MQK_OK &&
	    !client_interrupted(c) && pump_may_read(c); i++)
		err = c->dial.shut ? discard(c, e) :
		    read_once(c, now, &dry, e);
	return (err);
}

static void
drop_rx(struct mqk_client *c)
{
	buf_fini(&c->rx);
	memset(&c->rx, 0, sizeof(c->rx));
	c->rx_filled = false;
}

void
pump_rest(struct mqk_client *c)
{
	if (buf_len(&c->rx) == 0)
		drop_rx(c);
}

/* ---- one turn -------------------------------------------------------- */

/*
 * What a caller leaves unread for a while, because it can't take more, is a
 * sign of life as well.  A connection that ended is none.
 */
static bool
has_unread(struct mqk_client *c)
{
	struct pipe_wait w;
	struct pollfd	 pfd = { .events = POLLIN };

	c->pipe->ops->wait(c->pipe, &w);
	pfd.fd = w.fd;
	return (poll(&pfd, 1, 0) > 0 && pfd.revents == POLLIN);
}

static int
tick(struct mqk_client *c, int64_t now, struct error *e)
{
	int	 err;

	if (now < session_deadline(c->session) || c->dial.shut)
		return (MQK_OK);
	if (c->state != MQK_GREETING && has_unread(c))
		session_heard(c->session, now);
	err = session_tick(c->session, now);
	if (err < 0)
		tell_failure(c, err, e);
	return (err);
}

static void
tell_writable(struct mqk_client *c)
{
	if (!session_drained(c->session) || c->on.on_writable == NULL)
		return;
	call_begin(c);
	c->on.on_writable(c, c->user);
	call_end(c);
}

/* Write, and as long as the user fills up again and it goes on, once more. */
static int
write_all(struct mqk_client *c, int64_t now, struct error *e)
{
	int	 err;

	for (int i = 0; i < READS_PER_TURN; i++) {
		err = flush(c, now, e);
		if (err < 0 || c->dying)
			return (err);
		tell_writable(c);
		if (client_interrupted(c) || c->blocked ||
		    !pump_wants_write(c))
			break;
	}
	return (MQK_OK);
}

int
pump_turn(struct mqk_client *c, unsigned events, int64_t now, struct error *e)
{
	struct error	 write_error;
	int		 write_err = MQK_OK, err = MQK_OK;

	if (c->blocked && (events & MQK_WRITE) != 0)
		write_err = flush(c, now, &write_error);
	/* A peer that closed may have said why: read before giving up. */
	if (!c->dying && ((events & MQK_READ) != 0 || write_err < 0 ||
	    c->pipe->ops->pending(c->pipe)))
		err = read_all(c, now, e);
	if (err == MQK_OK && !client_interrupted(c))
		err = tick(c, now, e);
	if (err == MQK_OK && write_err == MQK_OK && !client_interrupted(c) &&
	    !c->blocked && !c->dial.shut)
		write_err = write_all(c, now, &write_error);
	if (err == MQK_OK && write_err < 0) {
		*e = write_error;
		err = write_err;
	}
	if (!c->dying && c->rx.cap > RX_MAX && buf_len(&c->rx) == 0)
		drop_rx(c);
	return (err);
}
