/* SPDX-License-Identifier: MIT */

#include <sys/socket.h>

#include <netinet/in.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/frame.h"
#include "codec/packet.h"
#include "codec/topic.h"
#include "unit/broker.h"

#define GUESTS		16
#define FILTERS		8
#define NAME_MAX_LEN	63
#define BYTES_MAX	((size_t)1 << 24)

struct filter {
	char		 text[NAME_MAX_LEN + 1];	/* "": free */
	uint8_t		 qos;
};

struct broker_guest {
	char		 id[NAME_MAX_LEN + 1];	/* "": free */
	int		 fd;			/* -1: away */
	bool		 greeted;
	enum mqk_version version;
	struct buf	 in, out;
	struct filter	 filters[FILTERS];
	uint16_t	 mid;
	bool		 has_will;
	struct packet	 will;
	char		 will_topic[NAME_MAX_LEN + 1];
	char		 will_payload[NAME_MAX_LEN + 1];
};

static void
copy_text(char to[NAME_MAX_LEN + 1], struct mqk_bytes from)
{
	size_t	 n = from.len < NAME_MAX_LEN ? from.len : NAME_MAX_LEN;

	memcpy(to, from.len > 0 ? from.data : "", n);
	to[n] = '\0';
}

static void
say(struct broker_guest *g, const struct packet *p)
{
	if (packet_encode(&g->out, g->version, p) < 0)
		abort();
}

static void
answer(struct broker_guest *g, enum mqk_packet_type type, uint16_t mid,
    uint8_t reason)
{
	struct packet	 p = { .type = type };

	p.u.answer.mid = mid;
	p.u.answer.reason = reason;
	say(g, &p);
}

/* ---- messages -------------------------------------------------------- */

static void
route(struct broker *b, const struct packet *p)
{
	struct packet		 copy;
	struct broker_guest	*g;
	const struct filter	*f;

	for (size_t i = 0; i < (size_t)GUESTS * FILTERS; i++) {
		g = &b->guests[i / FILTERS];
		f = &g->filters[i % FILTERS];
		if (g->fd == -1 || !g->greeted || f->text[0] == '\0' ||
		    !topic_matches(f->text, strlen(f->text),
		    p->u.publish.topic.data, p->u.publish.topic.len))
			continue;
		copy = *p;
		copy.u.publish.dup = false;
		if (copy.u.publish.qos > f->qos)
			copy.u.publish.qos = f->qos;
		copy.u.publish.mid = copy.u.publish.qos > 0 ?
		    (uint16_t)(g->mid++ % UINT16_MAX + 1) : 0;
		if (copy.u.publish.qos > 0)
			atomic_fetch_add(&b->unacked, 1);
		say(g, &copy);
	}
}

static void
on_publish(struct broker *b, struct broker_guest *g, const struct packet *p)
{
	static const enum mqk_packet_type reply[] = { 0, MQK_PUBACK,
				    MQK_PUBREC };
	const struct packet_publish *m = &p->u.publish;
	bool			 refused = atomic_load(&b->refuse);

	atomic_fetch_add(&b->publishes, 1);
	if (m->qos > 0)
		answer(g, reply[m->qos], m->mid, refused ? 0x87 : 0);
	if (!refused)
		route(b, p);
}

static void
on_answer(struct broker *b, struct broker_guest *g, const struct packet *p)
{
	switch (p->type) {
	case MQK_PUBREC:
		answer(g, MQK_PUBREL, p->u.answer.mid, 0);
		break;
	case MQK_PUBREL:
		answer(g, MQK_PUBCOMP, p->u.answer.mid, 0);
		break;
	default:
		atomic_fetch_sub(&b->unacked, 1);
	}
}

/* ---- subscriptions --------------------------------------------------- */

static struct filter *
find_filter(struct broker_guest *g, const char *text)
{
	for (int i = 0; i < FILTERS; i++)
		if (strcmp(g->filters[i].text, text) == 0)
			return (&g->filters[i]);
	return (NULL);
}

static uint8_t
subscribe(struct broker *b, struct broker_guest *g, const char *text,
    uint8_t qos)
{
	struct filter	*f = find_filter(g, text);

	if (f == NULL)
		f = find_filter(g, "");
	if (f == NULL || atomic_load(&b->refuse))
		return (0x87);
	memcpy(f->text, text, sizeof(f->text));
	f->qos = qos;
	return (qos);
}

static uint8_t
unsubscribe(struct broker_guest *g, const char *text)
{
	struct filter	*f = find_filter(g, text);

	if (f == NULL)
		return (0x11);
	f->text[0] = '\0';
	return (0);
}

static void
on_subscribe(struct broker *b, struct broker_guest *g, const struct packet *p)
{
	struct packet	 r = { 0 };
	uint8_t		 reasons[FILTERS * 2], options;
	char		 text[NAME_MAX_LEN + 1];
	struct mqk_bytes filter;
	size_t		 cursor = 0, n = 0;

	while (n < sizeof(reasons) &&
	    subscribe_next(p, &cursor, &filter, &options)) {
		copy_text(text, filter);
		reasons[n++] = p->type == MQK_SUBSCRIBE ?
		    subscribe(b, g, text, options & 3) : unsubscribe(g, text);
	}
	r.type = p->type + 1;
	r.u.suback.mid = p->type == MQK_SUBSCRIBE ? p->u.subscribe.mid :
	    p->u.unsubscribe.mid;
	r.u.suback.reasons.data = reasons;
	r.u.suback.reasons.len = n;
	say(g, &r);
}

/* ---- connections ----------------------------------------------------- */

static void
leave(struct broker *b, struct broker_guest *g)
{
	bool	 has_will = g->has_will;

	close(g->fd);
	g->fd = -1;
	g->greeted = false;
	g->has_will = false;
	buf_fini(&g->in);
	buf_fini(&g->out);
	if (has_will)
		route(b, &g->will);
}

static void
keep_will(struct broker_guest *g, const struct packet_will *w)
{
	g->has_will = w->set;
	copy_text(g->will_topic, w->topic);
	copy_text(g->will_payload, w->payload);
	memset(&g->will, 0, sizeof(g->will));
	g->will.type = MQK_PUBLISH;
	g->will.u.publish.qos = w->qos;
	g->will.u.publish.topic.data = g->will_topic;
	g->will.u.publish.topic.len = strlen(g->will_topic);
	g->will.u.publish.payload.data = g->will_payload;
	g->will.u.publish.payload.len = strlen(g->will_payload);
}

/* What an earlier connection of that id has left behind. */
static bool
take_over(struct broker *b, struct broker_guest *g, bool clean)
{
	struct broker_guest	*old = b->guests;
	bool			 found = false;

	for (; old < b->guests + GUESTS; old++) {
		if (old == g || strcmp(old->id, g->id) != 0)
			continue;
		if (old->fd != -1)
			leave(b, old);
		found = true;
		if (!clean)
			memcpy(g->filters, old->filters, sizeof(g->filters));
		old->id[0] = '\0';
	}
	return (found && !clean);
}

/* The version must be known before the CONNACK is encoded. */
static void
on_connect(struct broker *b, struct broker_guest *g, const struct packet *p)
{
	const struct packet_connect *c = &p->u.connect;
	const char		*password = atomic_load(&b->password);
	struct packet		 r = { .type = MQK_CONNACK };
	struct mqk_props	*props = mqk_props_new();

	if (props == NULL || mqk_props_add_num(props,
	    MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0) < 0)
		abort();
	atomic_fetch_add(&b->connects, 1);
	g->version = c->version;
	copy_text(g->id, c->client_id);
	if (password != NULL && (c->password.len != strlen(password) ||
	    memcmp(c->password.data, password, c->password.len) != 0)) {
		r.u.connack.reason = c->version == MQK_V5 ? 0x86 : 4;
	} else {
		g->greeted = true;
		r.u.connack.session_present = take_over(b, g, c->clean);
		keep_will(g, &c->will);
	}
	r.u.connack.props = *props;
	say(g, &r);
	mqk_props_free(props);
}

static void
on_packet(struct broker *b, struct broker_guest *g, const struct packet *p)
{
	switch (p->type) {
	case MQK_CONNECT:
		on_connect(b, g, p);
		break;
	case MQK_PUBLISH:
		on_publish(b, g, p);
		break;
	case MQK_SUBSCRIBE:
	case MQK_UNSUBSCRIBE:
		on_subscribe(b, g, p);
		break;
	case MQK_PINGREQ:
		atomic_fetch_add(&b->pings, 1);
		say(g, &(struct packet){ .type = MQK_PINGRESP });
		break;
	case MQK_DISCONNECT:
		atomic_fetch_add(&b->disconnects, 1);
		g->has_will = p->u.bye.reason == 0x04;
		leave(b, g);
		break;
	default:
		on_answer(b, g, p);
	}
}

/* ---- the thread ------------------------------------------------------ */

static void
take_packets(struct broker *b, struct broker_guest *g)
{
	struct packet	 p;
	const char	*why;
	size_t		 len;

	while (g->fd != -1 && frame_next(buf_data(&g->in), buf_len(&g->in),
	    PACKET_MAX, &len) == 1) {
		if (packet_decode(&p, g->version, buf_data(&g->in), len,
		    &why) < 0) {
			leave(b, g);
			return;
		}
		on_packet(b, g, &p);
		if (g->fd != -1)
			buf_consume(&g->in, len);
	}
}

static void
serve(struct broker *b, struct broker_guest *g)
{
	uint8_t	*to = buf_reserve(&g->in, 65536);
	ssize_t	 n = to == NULL ? 0 : recv(g->fd, to, 65536, 0);

	if (n <= 0) {
		leave(b, g);
		return;
	}
	buf_commit(&g->in, (size_t)n);
	take_packets(b, g);
}

/* They are few and small: a client that does not read would block us. */
static void
write_all(struct broker *b)
{
	struct broker_guest	*g;

	for (g = b->guests; g < b->guests + GUESTS; g++) {
		if (g->fd == -1 || buf_len(&g->out) == 0)
			continue;
		(void)!send(g->fd, buf_data(&g->out), buf_len(&g->out),
		    MSG_NOSIGNAL);
		buf_consume(&g->out, buf_len(&g->out));
	}
}

static void
welcome(struct broker *b)
{
	struct broker_guest	*g = b->guests;

	while (g < b->guests + GUESTS && (g->fd != -1 || g->id[0] != '\0'))
		g++;
	if (g == b->guests + GUESTS)
		abort();
	memset(g, 0, sizeof(*g));
	g->fd = accept(b->listener, NULL, NULL);
	buf_init(&g->in, BYTES_MAX);
	buf_init(&g->out, BYTES_MAX);
}

static void
cut_all(struct broker *b)
{
	for (int i = 0; i < GUESTS; i++)
		if (b->guests[i].fd != -1)
			leave(b, &b->guests[i]);
}

static void *
run(void *arg)
{
	struct broker	*b = arg;
	struct pollfd	 fds[GUESTS + 2] = { { .fd = b->orders[0],
			    .events = POLLIN }, { .fd = b->listener,
			    .events = POLLIN } };
	char		 order;

	for (;;) {
		for (int i = 0; i < GUESTS; i++) {
			fds[i + 2].fd = atomic_load(&b->mute) ? -1 :
			    b->guests[i].fd;
			fds[i + 2].events = POLLIN;
		}
		poll(fds, GUESTS + 2, -1);
		for (int i = 0; i < GUESTS; i++)
			if (fds[i + 2].revents != 0 &&
			    !atomic_load(&b->mute) && b->guests[i].fd != -1)
				serve(b, &b->guests[i]);
		write_all(b);
		if (fds[1].revents != 0)
			welcome(b);
		if (fds[0].revents == 0)
			continue;
		if (read(b->orders[0], &order, 1) != 1 || order == 'q')
			break;
		cut_all(b);
	}
	cut_all(b);
	return (NULL);
}

void
broker_start(struct broker *b)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(a);

	memset(b, 0, sizeof(*b));
	b->guests = calloc(GUESTS, sizeof(*b->guests));
	assert_non_null(b->guests);
	for (int i = 0; i < GUESTS; i++)
		b->guests[i].fd = -1;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	b->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(b->listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(b->listener, GUESTS), 0);
	assert_int_equal(getsockname(b->listener, (struct sockaddr *)&a, &len),
	    0);
	b->port = ntohs(a.sin_port);
	assert_int_equal(pipe(b->orders), 0);
	assert_int_equal(pthread_create(&b->thread, NULL, run, b), 0);
}

void
broker_cut(struct broker *b)
{
	assert_int_equal(write(b->orders[1], "c", 1), 1);
}

void
broker_stop(struct broker *b)
{
	assert_int_equal(write(b->orders[1], "q", 1), 1);
	pthread_join(b->thread, NULL);
	close(b->orders[0]);
	close(b->orders[1]);
	close(b->listener);
	free(b->guests);
}
