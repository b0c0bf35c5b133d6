/* SPDX-License-Identifier: MIT */

/*
 * A broker that is faster than any client: it takes PUBLISH without looking at
 * more than it must, acknowledges in batches, and sends one message over and
 * over to whoever subscribes.  One client at a time.  Prints its port, then a
 * line for each client that has left.
 */

#include <fcntl.h>
#include <poll.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

/* Unanswered messages to a subscriber: mosquitto's clients take any number. */
#define WINDOW	20000
#define ROOM	BLOCK		/* that answers to one block can need */

struct plan {			/* what a subscriber gets */
	size_t		 messages;
	size_t		 size;
	unsigned	 qos;
};

struct peer {
	int		 fd;
	const struct plan *plan;
	bool		 v5;
	bool		 gone;
	bool		 subscribed;
	size_t		 received;	/* PUBLISH packets taken */
	size_t		 released;	/* of these, finished QoS 2 */
	size_t		 sent, answered;	/* to the subscriber */
	size_t		 skip;		/* payload still to come */
	size_t		 have;		/* bytes of in */
	size_t		 out_at, out_len;
	uint8_t		 in[BLOCK], out[2 * BLOCK];
	uint8_t		*message;	/* the one that is sent */
	size_t		 message_len, message_mid;
};

static void
put(struct peer *p, const void *data, size_t n)
{
	memcpy(p->out + p->out_len, data, n);
	p->out_len += n;
}

static void
put_ack(struct peer *p, unsigned type, unsigned mid)
{
	p->out_len = (size_t)(mini_put_ack(p->out + p->out_len, type, mid) -
	    p->out);
}

/* Is the client id empty?  Then a 5.0 client must be given one. */
static bool
wants_id(const struct peer *p, const struct mini_packet *k)
{
	size_t at = 10;

	if (p->v5)
		at += 1 + (size_t)k->body[10];
	return (at + 2 <= k->len && mini_u16(k->body + at) == 0);
}

static void
on_connect(struct peer *p, const struct mini_packet *k)
{
	static const uint8_t plain[] = { CONNACK << 4, 2, 0, 0 };
	static const uint8_t five[] = { CONNACK << 4, 3, 0, 0, 0 };
	static const uint8_t named[] = {
		CONNACK << 4, 10, 0, 0, 7, 0x12, 0, 4, 'n', 'u', 'l', 'l'
	};

	if (k->len < 12) {
		p->gone = true;
		return;
	}
	p->v5 = k->body[6] == 5;
	if (!p->v5)
		put(p, plain, sizeof(plain));
	else if (wants_id(p, k))
		put(p, named, sizeof(named));
	else
		put(p, five, sizeof(five));
}

static void
make_message(struct peer *p)
{
	const struct plan *plan = p->plan;
	uint8_t *mid, *end;

	p->message = malloc(MINI_HEAD + plan->size);
	if (p->message == NULL)
		mini_die("malloc");
	end = mini_put_publish(p->message, p->v5, plan->qos, plan->size, &mid);
	for (size_t i = 0; i < plan->size; i++)
		*end++ = (uint8_t)('a' + i % 26);
	p->message_len = (size_t)(end - p->message);
	p->message_mid = (size_t)(mid - p->message);
}

static void
on_subscribe(struct peer *p, const struct mini_packet *k)
{
	uint8_t suback[] = {
		SUBACK << 4, (uint8_t)(3 + p->v5), k->body[0], k->body[1], 0, 0
	};

	suback[4 + p->v5] = (uint8_t)p->plan->qos;
	put(p, suback, 5 + (size_t)p->v5);
	if (!p->subscribed)
		make_message(p);
	p->subscribed = true;
}

static void
on_pubrec(struct peer *p, const struct mini_packet *k)
{
	put_ack(p, PUBREL, mini_u16(k->body));
}

static void
on_pubrel(struct peer *p, const struct mini_packet *k)
{
	p->released++;
	put_ack(p, PUBCOMP, mini_u16(k->body));
}

static void
on_answered(struct peer *p, const struct mini_packet *k)
{
	(void)k;
	p->answered++;
}

static void
on_pingreq(struct peer *p, const struct mini_packet *k)
{
	(void)k;
	put(p, "\xd0", 2);
}

static void
on_disconnect(struct peer *p, const struct mini_packet *k)
{
	(void)k;
	p->gone = true;
}

static void (*const handlers[16])(struct peer *, const struct mini_packet *) = {
	[CONNECT] = on_connect,
	[PUBACK] = on_answered,
	[PUBREC] = on_pubrec,
	[PUBREL] = on_pubrel,
	[PUBCOMP] = on_answered,
	[SUBSCRIBE] = on_subscribe,
	[PINGREQ] = on_pingreq,
	[DISCONNECT] = on_disconnect,
};

/* Needs no more than topic and mid; what is missing is skipped later. */
static size_t
take_publish(struct peer *p, const struct mini_packet *k, size_t n)
{
	size_t mid_at, total = k->head + k->len;

	if (k->qos > 0) {
		if (n < k->head + 2)
			return (0);
		mid_at = 2 + mini_u16(k->body);
		if (n < k->head + mid_at + 2)
			return (0);
		put_ack(p, k->qos == 1 ? PUBACK : PUBREC,
		    mini_u16(k->body + mid_at));
	}
	p->received++;
	if (total <= n)
		return (total);
	p->skip = total - n;
	return (n);
}

static size_t
take_control(struct peer *p, const struct mini_packet *k, size_t n)
{
	size_t total = k->head + k->len;

	if (handlers[k->type] == NULL || total > BLOCK) {
		fprintf(stderr, "unexpected packet, type %u\n", k->type);
		p->gone = true;
		return (0);
	}
	if (total > n)
		return (0);
	handlers[k->type](p, k);
	return (total);
}

/* Handle what is complete: how many bytes that were. */
static size_t
take_packets(struct peer *p, const uint8_t *at, size_t n)
{
	struct mini_packet k;
	size_t done = 0, used;
	int there;

	while (!p->gone) {
		there = mini_peek(&k, at + done, n - done);
		if (there < 0)
			p->gone = true;
		if (there <= 0)
			break;
		used = k.type == PUBLISH ? take_publish(p, &k, n - done) :
		    take_control(p, &k, n - done);
		if (used == 0)
			break;
		done += used;
	}
	return (done);
}

static void
read_some(struct peer *p)
{
	size_t skipped, used;
	ssize_t got;

	got = read(p->fd, p->in + p->have, BLOCK - p->have);
	if (got <= 0) {
		p->gone = got == 0 || errno != EAGAIN;
		return;
	}
	p->have += (size_t)got;
	skipped = p->skip < p->have ? p->skip : p->have;
	p->skip -= skipped;
	used = skipped;
	used += take_packets(p, p->in + skipped, p->have - skipped);
	p->have -= used;
	memmove(p->in, p->in + used, p->have);
}

static void
write_some(struct peer *p)
{
	ssize_t n;

	n = send(p->fd, p->out + p->out_at, p->out_len - p->out_at,
	    MSG_NOSIGNAL);
	if (n < 0) {
		p->gone = errno != EAGAIN;
		return;
	}
	p->out_at += (size_t)n;
	if (p->out_at == p->out_len)
		p->out_at = p->out_len = 0;
}

static bool
may_send(const struct peer *p)
{
	return (p->subscribed && p->sent < p->plan->messages &&
	    (p->plan->qos == 0 || p->sent - p->answered < WINDOW));
}

static void
fill(struct peer *p)
{
	unsigned mid;

	while (may_send(p) && p->out_len + p->message_len <= BLOCK) {
		mid = (unsigned)(p->sent++ % 65535) + 1;
		if (p->plan->qos > 0) {
			p->message[p->message_mid] = (uint8_t)(mid >> 8);
			p->message[p->message_mid + 1] = (uint8_t)mid;
		}
		put(p, p->message, p->message_len);
	}
}

static void
serve(struct peer *p)
{
	struct pollfd pfd = { .fd = p->fd };
	int one = 1;

	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	while (!p->gone) {
		fill(p);
		pfd.events = 0;
		if (sizeof(p->out) - p->out_len >= ROOM)
			pfd.events |= POLLIN;
		if (p->out_len > 0)
			pfd.events |= POLLOUT;
		if (poll(&pfd, 1, -1) < 0)
			mini_die("poll");
		if ((pfd.revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			read_some(p);
		if (p->out_len > 0)
			write_some(p);
	}
	printf("received %zu released %zu sent %zu answered %zu\n",
	    p->received, p->released, p->sent, p->answered);
	fflush(stdout);
	free(p->message);
	close(p->fd);
}

int
main(int argc, char **argv)
{
	static struct peer peer;
	struct plan plan = { .size = 100 };
	unsigned port = 0;
	int listener;

	if (argc > 1)
		plan.qos = (unsigned)mini_number(argv[1]) % 3;
	if (argc > 2)
		plan.messages = mini_number(argv[2]);
	if (argc > 3)
		plan.size = mini_number(argv[3]);
	if (argc > 4 || plan.size > BLOCK / 2) {
		fputs("usage: nullbroker [QOS [MESSAGES [SIZE]]]\n", stderr);
		return (2);
	}
	listener = mini_listen(&port);
	printf("%u\n", port);
	fflush(stdout);
	for (;;) {
		memset(&peer, 0, sizeof(peer));
		peer.plan = &plan;
		peer.fd = accept(listener, NULL, NULL);
		if (peer.fd < 0)
			mini_die("accept");
		serve(&peer);
	}
}
