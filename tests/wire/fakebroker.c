/* SPDX-License-Identifier: MIT */

/*
 * Plays wire scenarios over TCP: this process is the broker, and it drives a
 * client through its public functions in the same poll loop.  A line is over
 * when every byte that either side wrote has been read by the other, so
 * nothing is waited for by the clock.
 *
 * usage: fakebroker [--chop N] [--join] [FILE.mqs …]
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/internal.h"
#include "wire/play.h"
#include "wire/request.h"

#define HANGS_AFTER_MS	5000

/* One scenario is played at a time. */
static struct {
	struct mqk_client *client;
	int		 conn;		/* -1: none */
	bool		 away;		/* the client may not dial yet */
	bool		 losing;	/* we close, so that is no failure */
	uint64_t	 sent, got;	/* as the client counts them */
	struct buf	 rx, tx;
} broker;

/* For all of them. */
static int		 listener;
static in_port_t	 port;
static size_t		 chop = SIZE_MAX;
static bool		 join;

/* ---- what the client says -------------------------------------------- */

static struct mqk_props
props_of(const struct mqk_props *props)
{
	static const struct mqk_props none;

	return (props != NULL ? *props : none);
}

static void
on_connected(struct mqk_client *c, const struct mqk_connected *con, void *p)
{
	struct packet	 packet = { .type = MQK_CONNACK };

	(void)c;
	packet.u.connack.session_present = con->session_present;
	packet.u.connack.props = props_of(con->props);
	play_event(p, "CONNECTED", &packet);
}

static void
tell_refusal(struct player *p, const struct mqk_disconnected *d)
{
	struct packet	 packet = { .type = MQK_CONNACK };

	packet.u.connack.reason = d->reason;
	packet.u.connack.props = props_of(d->props);
	play_event(p, "REFUSED", &packet);
}

static void
tell_bye(struct player *p, const char *event, uint8_t reason,
    const struct mqk_props *props)
{
	struct packet	 packet = { .type = MQK_DISCONNECT };

	packet.u.bye.reason = reason;
	packet.u.bye.props = props_of(props);
	play_event(p, event, &packet);
}

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *p)
{
	(void)c;
	if (d->error == MQK_EREFUSED)
		tell_refusal(p, d);
	else if (d->error == MQK_ECLOSED && !broker.losing)
		tell_bye(p, "DISCONNECTED", d->reason, d->props);
	else if (d->error < 0 && !(d->error == MQK_ECLOSED && broker.losing))
		play_error(p, d->error, d->text);
	broker.away = true;
}

static int
on_message(struct mqk_client *c, const struct mqk_message *m, void *p)
{
	struct packet_publish	 publish = {
		.topic = { m->topic, m->topic_len },
		.payload = m->payload,
		.qos = m->qos,
		.retain = m->retain,
		.dup = m->dup,
		.mid = m->mid,
		.props = props_of(m->props),
	};

	(void)c;
	play_message(p, &publish, m->ack);
	return (0);
}

static void
tell_answer(struct player *p, const char *event, const struct mqk_result *r)
{
	struct packet_suback	 answer = {
		.mid = r->mid,
		.reasons = { r->reasons, r->nreasons },
		.props = props_of(r->props),
	};

	play_answer(p, event, &answer, r->error, r->tag);
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *p)
{
	(void)c;
	tell_answer(p, "PUBLISHED", r);
}

static void
on_subscribed(struct mqk_client *c, const struct mqk_result *r, void *p)
{
	(void)c;
	tell_answer(p, "SUBSCRIBED", r);
}

static void
on_unsubscribed(struct mqk_client *c, const struct mqk_result *r, void *p)
{
	(void)c;
	tell_answer(p, "UNSUBSCRIBED", r);
}

static void
on_auth(struct mqk_client *c, uint8_t reason, const struct mqk_props *props,
    void *p)
{
	(void)c;
	tell_bye(p, "AUTH", reason, props);
}

static void
on_writable(struct mqk_client *c, void *p)
{
	(void)c;
	play_word(p, "WRITABLE");
}

static void
on_source_done(void *p)
{
	play_word(p, "SOURCE_DONE");
}

/* ---- the socket ------------------------------------------------------ */

static void
hang_up(void)
{
	if (broker.conn >= 0)
		close(broker.conn);
	broker.conn = -1;
	buf_consume(&broker.tx, buf_len(&broker.tx));
}

static void
take_connection(void)
{
	static const int	 on = 1;

	hang_up();
	broker.conn = accept(listener, NULL, NULL);
	if (broker.conn < 0)
		return;
	(void)setsockopt(broker.conn, IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on));
	buf_consume(&broker.rx, buf_len(&broker.rx));
}

static void
read_some(void)
{
	char	 bytes[65536];
	ssize_t	 n = recv(broker.conn, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0) {
		broker.got += (uint64_t)n;
		buf_append(&broker.rx, bytes, (size_t)n);
	} else if (n == 0 || errno != EAGAIN) {
		hang_up();
	}
}

/* The next piece, or what the socket takes of it. */
static void
write_some(void)
{
	size_t	 len = buf_len(&broker.tx) < chop ? buf_len(&broker.tx) : chop;
	ssize_t	 n = send(broker.conn, buf_data(&broker.tx), len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0) {
		broker.sent += (uint64_t)n;
		buf_consume(&broker.tx, (size_t)n);
	} else if (errno != EAGAIN) {
		/* The client has gone; what it said last is still there. */
		buf_consume(&broker.tx, buf_len(&broker.tx));
	}
}

/* ---- the loop -------------------------------------------------------- */

static bool
has_wire(void)
{
	enum mqk_state	 state = mqk_state(broker.client);

	return (state != MQK_IDLE && state != MQK_WAITING);
}

/* Has everything been heard that was said? */
static bool
is_quiet(void)
{
	struct mqk_stats	 stats;
	struct mqk_interest	 want;
	enum mqk_state		 state = mqk_state(broker.client);

	if (!has_wire())
		return (broker.away && broker.conn < 0);
	mqk_stats(broker.client, &stats);
	mqk_interest(broker.client, &want);
	return ((state == MQK_GREETING || state == MQK_UP) &&
	    broker.conn >= 0 && stats.bytes_in == broker.sent &&
	    stats.bytes_out == broker.got && (want.want & MQK_WRITE) == 0 &&
	    want.timeout_ms != 0);
}

static void
drive_client(short revents)
{
	unsigned	 events = 0;

	if (broker.away)
		return;
	if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		events |= MQK_READ;
	if ((revents & (POLLOUT | POLLERR)) != 0)
		events |= MQK_WRITE;
	/* Why it is idle has been told to on_disconnected(). */
	(void)!mqk_ready(broker.client, events);
}

static void
step(void)
{
	struct mqk_interest	 want = { .fd = -1, .timeout_ms = -1 };
	struct pollfd		 fds[3];

	if (!broker.away)
		mqk_interest(broker.client, &want);
	if (want.timeout_ms < 0 || want.timeout_ms > HANGS_AFTER_MS)
		want.timeout_ms = HANGS_AFTER_MS;
	fds[0] = (struct pollfd){ .fd = want.fd, .events = (short)
	    (((want.want & MQK_READ) != 0 ? POLLIN : 0) |
	    ((want.want & MQK_WRITE) != 0 ? POLLOUT : 0)) };
	fds[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = broker.conn, .events = POLLIN };
	(void)poll(fds, 3, want.timeout_ms);
	if (fds[2].revents != 0)
		read_some();
	if (fds[1].revents != 0)
		take_connection();
	drive_client(fds[0].revents);
}

/* What a connection leaves behind was neither heard nor is it awaited. */
static void
forget_lost_bytes(void)
{
	struct mqk_stats	 stats;

	if (has_wire())
		return;
	mqk_stats(broker.client, &stats);
	broker.sent = stats.bytes_in;
	broker.got = stats.bytes_out;
	broker.losing = false;
}

static bool
settle(struct player *p)
{
	int64_t	 until = clock_ms() + HANGS_AFTER_MS;

	while (!is_quiet()) {
		if (clock_ms() >= until)
			return (play_fail(p, "the client hangs"));
		step();
	}
	forget_lost_bytes();
	return (play_packets(p, &broker.rx));
}

/* ---- lines ----------------------------------------------------------- */

static bool
is_joined(const struct player *p)
{
	const struct mqs_line	*end = p->script->lines + p->script->n;

	return (join && p->line + 1 < end && p->line[1].kind == MQS_SEND);
}

static bool
play_send(struct player *p)
{
	bool	 ok = true;

	if (!mqs_encode(p->line, p->version, &broker.tx, p->why,
	    sizeof(p->why)))
		return (false);
	p->why[0] = '\0';
	if (is_joined(p))
		return (true);
	while (ok && broker.conn >= 0 && buf_len(&broker.tx) > 0) {
		write_some();
		ok = settle(p);
	}
	buf_consume(&broker.tx, buf_len(&broker.tx));
	return (ok);
}

static bool
play_lost(struct player *p)
{
	broker.losing = broker.conn >= 0;
	hang_up();
	return (settle(p));
}

/* A client that was told to leave is idle; any other dials by itself. */
static bool
play_reconnect(struct player *p)
{
	broker.away = false;
	if (mqk_state(broker.client) == MQK_IDLE &&
	    mqk_connect(broker.client) < 0)
		return (play_fail(p, "mqk_connect() failed"));
	return (settle(p));
}

/* ---- do -------------------------------------------------------------- */

static int
do_publish(struct player *p, const struct mqk_publish *m)
{
	(void)p;
	return (mqk_publish(broker.client, m));
}

static int
do_subscribe(struct player *p, const struct mqk_filter *f, size_t n,
    const struct mqk_props *props)
{
	(void)p;
	return (mqk_subscribe(broker.client, f, n, props));
}

static int
do_unsubscribe(struct player *p, const char *const *topics, size_t n,
    const struct mqk_props *props)
{
	(void)p;
	return (mqk_unsubscribe(broker.client, topics, n, props));
}

static int
do_ack(struct player *p, struct mqk_ack ack, uint8_t reason,
    const struct mqk_props *props)
{
	(void)p;
	return (mqk_ack(broker.client, ack, reason, props));
}

static int
do_ack_through(struct player *p, struct mqk_ack ack)
{
	(void)p;
	return (mqk_ack_through(broker.client, ack));
}

static int
do_auth(struct player *p, uint8_t reason, const struct mqk_props *props)
{
	(void)p;
	return (mqk_auth(broker.client, reason, props));
}

static int
do_disconnect(struct player *p, uint8_t reason, const struct mqk_props *props)
{
	(void)p;
	return (mqk_disconnect(broker.client, reason, props));
}

static int
do_ping(struct player *p)
{
	(void)p;
	return (mqk_ping(broker.client));
}

static int
do_reauthenticate(struct player *p, const struct mqs_line *l)
{
	(void)p;
	(void)l;
	return (mqk_reauthenticate(broker.client));
}

static const struct request_extra extra[] = {
	{ "reauthenticate", do_reauthenticate },
	{ NULL, NULL },
};

static const struct request_side requests = {
	.publish = do_publish,
	.subscribe = do_subscribe,
	.unsubscribe = do_unsubscribe,
	.ack = do_ack,
	.ack_through = do_ack_through,
	.auth = do_auth,
	.disconnect = do_disconnect,
	.ping = do_ping,
	.source_done = on_source_done,
	.extra = extra,
};

/* ---- scenarios ------------------------------------------------------- */

static const char *
unfit_call(const char *verb)
{
	static const char *const inner[] = {
		"resubscribe", "heard", "reset", "take"
	};

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (strcmp(inner[i], verb) == 0)
			return ("makes a call of the session's");
	return (NULL);
}

static const char *
unfit_line(const struct mqs_line *l)
{
	static const char *const kinds[MQS_KINDS] = {
		[MQS_AT] = "takes too much time",
		[MQS_STALL] = "needs a socket that is full",
		[MQS_FLOW] = "needs a socket that is full",
	};

	if (l->kind == MQS_DO)
		return (unfit_call(l->verb));
	if (l->kind == MQS_RECONNECT && l->n > 0)
		return ("connects again in another way");
	return (kinds[l->kind]);
}

static const char *
unfit(const struct mqs *script)
{
	const char	*why = NULL;
	struct error	 e;

	if (mqs_text(play_options(script), "scram", NULL) != NULL &&
	    digest_load(&e) < 0)
		return ("needs hashes that this build lacks");
	for (size_t i = 0; i < script->n && why == NULL; i++)
		why = unfit_line(&script->lines[i]);
	return (why);
}

static bool
has_line(const struct mqs *script, enum mqs_kind kind)
{
	for (size_t i = 0; i < script->n; i++)
		if (script->lines[i].kind == kind)
			return (true);
	return (false);
}

static bool
set_will(const struct mqs_line *o)
{
	struct mqk_props	*props = request_will_props(o);
	struct mqk_publish	 will = {
		.topic = mqs_text(o, "will-topic", NULL),
		.payload = request_bytes(o, "will-payload"),
		.qos = (uint8_t)mqs_num(o, "will-qos", 0),
		.retain = mqs_num(o, "will-retain", 0) != 0,
		.props = props,
	};
	int			 err = MQK_OK;

	if (will.topic != NULL)
		err = mqk_set_will(broker.client, &will);
	mqk_props_free(props);
	return (err == MQK_OK);
}

/* The nonce is the scenario's, so that the answers can be written down. */
static bool
set_auth(const struct mqs_line *o)
{
	struct mqk_auth_options	 auth = {
		.method = mqs_text(o, "scram", NULL),
	};

	if (auth.method == NULL)
		return (true);
	if (mqk_set_auth(broker.client, &auth) < 0)
		return (false);
	broker.client->auth->nonce = mqs_text(o, "nonce", NULL);
	return (true);
}

static bool
make_client(struct player *p, const struct mqs_line *o)
{
	struct mqk_props	*props = request_connect_props(o);
	long			 keepalive = mqs_num(o, "keepalive", 60);
	struct mqk_options	 options = {
		.host = "127.0.0.1",
		.port = port,
		.version = p->version,
		.client_id = mqs_text(o, "id", NULL),
		/* MQTT 3 has no session that outlives a clean start. */
		.resume = mqs_num(o, "resume", 0) != 0 ||
		    has_line(p->script, MQS_RECONNECT),
		.manual_ack = p->manual_ack,
		.keepalive_s = keepalive > 0 ? (int32_t)keepalive : -1,
		.max_packet = (uint32_t)mqs_num(o, "max_packet", 0),
		.max_inflight = (uint32_t)mqs_num(o, "max_inflight", 0),
		.max_queue = (uint32_t)mqs_num(o, "max_queue", 0),
		.max_bytes = (uint32_t)mqs_num(o, "max_bytes", 0),
		.qos2_at_release = mqs_num(o, "qos2_at_release", 0) != 0,
		.reconnect = { .min_ms = 1, .max_ms = 1 },
		.props = props,
		.user = p,
	};
	int			 err;

	err = mqk_client_new(&broker.client, &options);
	mqk_props_free(props);
	return (err == MQK_OK && set_will(o) &&
	    mqk_set_credentials(broker.client, mqs_text(o, "user", NULL),
	    request_bytes(o, "password")) == MQK_OK && set_auth(o));
}

static bool
begin(struct player *p, const struct mqs_line *o)
{
	static const struct mqk_handlers handlers = {
		.on_connected = on_connected,
		.on_disconnected = on_disconnected,
		.on_message = on_message,
		.on_published = on_published,
		.on_subscribed = on_subscribed,
		.on_unsubscribed = on_unsubscribed,
		.on_auth = on_auth,
		.on_writable = on_writable,
	};

	memset(&broker, 0, sizeof(broker));
	broker.conn = -1;
	broker.away = true;
	buf_init(&broker.rx, PACKET_MAX);
	buf_init(&broker.tx, PACKET_MAX);
	if (!make_client(p, o))
		return (play_fail(p, "the options suit no client"));
	mqk_set_handlers(broker.client, &handlers);
	return (mqs_num(o, "offline", 0) != 0 || play_reconnect(p));
}

static void
end(struct player *p)
{
	(void)p;
	mqk_client_free(broker.client);
	hang_up();
	buf_fini(&broker.rx);
	buf_fini(&broker.tx);
}

static const struct play_side over_tcp = {
	.unfit = unfit,
	.begin = begin,
	.end = end,
	.settle = settle,
	.acts = {
		[MQS_SEND] = play_send,
		[MQS_LOST] = play_lost,
		[MQS_RECONNECT] = play_reconnect,
	},
	.requests = &requests,
};

static bool
listen_on_loopback(void)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 ||
	    bind(listener, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
	    listen(listener, 8) < 0 ||
	    getsockname(listener, (struct sockaddr *)&sin, &len) < 0)
		return (false);
	port = ntohs(sin.sin_port);
	return (true);
}

/* The number of arguments that are options; -1: they are wrong. */
static int
read_options(int argc, char **argv)
{
	int	 i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--join") == 0)
			join = true;
		else if (strcmp(argv[i], "--chop") == 0 && i + 1 < argc)
			chop = strtoul(argv[++i], NULL, 10);
		else
			return (-1);
	}
	return (chop > 0 ? i : -1);
}

int
main(int argc, char **argv)
{
	int	 first = read_options(argc, argv);

	if (first < 0) {
		fputs("usage: fakebroker [--chop N] [--join] [FILE.mqs …]\n",
		    stderr);
		return (2);
	}
	if (!listen_on_loopback()) {
		perror("fakebroker: 127.0.0.1");
		return (1);
	}
	return (play_main(&over_tcp, argc - first, argv + first));
}
