/* SPDX-License-Identifier: MIT */

/*
 * usage: idle [CLIENTS [LIMIT]]
 *
 * So many clients (10,000) in one libev loop: how long they take to connect
 * and to have one QoS 1 message acknowledged, and what memory each of them
 * holds afterwards, when it waits for something to happen.  That is all of the
 * heap, with what malloc() adds, but for libev's tables; the watchers, which
 * are the application's, are told apart.  Fails if a client has more than
 * LIMIT bytes.  The broker is a child that does not look twice at anything.
 */

#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/mini.h"
#include "mqk_ev.h"

enum {
	CLIENTS = 10000,
	DIALING_MAX = 200		/* at a time, as the backlog is short */
};

static unsigned		 clients = CLIENTS;
static struct mqk_ev	*watchers;
static unsigned		 started, up, answered;

/* ---- the broker ------------------------------------------------------ */

static void
broker_answer(int fd, const struct mini_packet *p)
{
	static const uint8_t	 connack[] = { CONNACK << 4, 3, 0, 0, 0 };
	uint8_t			 puback[4];
	unsigned		 topic;

	if (p->type == CONNECT)
		mini_write(fd, connack, sizeof(connack));
	if (p->type != PUBLISH)
		return;
	topic = mini_u16(p->body);
	mini_put_ack(puback, PUBACK, mini_u16(p->body + 2 + topic));
	mini_write(fd, puback, sizeof(puback));
}

static void
broker_read(struct ev_loop *loop, ev_io *w, int revents)
{
	struct mini_packet	 p;
	uint8_t			 data[4096];
	ssize_t			 n = read(w->fd, data, sizeof(data));
	size_t			 at = 0;

	(void)revents;
	if (n <= 0) {
		ev_io_stop(loop, w);
		close(w->fd);
		free(w);
		return;
	}
	for (; at < (size_t)n; at += p.head + p.len) {
		if (mini_peek(&p, data + at, (size_t)n - at) != 1)
			errx(1, "a packet in pieces");
		broker_answer(w->fd, &p);
	}
}

static void
broker_accept(struct ev_loop *loop, ev_io *listener, int revents)
{
	ev_io	*w = calloc(1, sizeof(*w));
	int	 fd = accept(listener->fd, NULL, NULL);

	(void)revents;
	if (fd == -1 || w == NULL)
		err(1, "accept");
	ev_io_init(w, broker_read, fd, EV_READ);
	ev_io_start(loop, w);
}

static pid_t
start_broker(unsigned *port)
{
	int		 fd = mini_listen(port);
	struct ev_loop	*loop;
	ev_io		 listener;
	pid_t		 pid;

	if (listen(fd, SOMAXCONN) == -1)
		err(1, "listen");
	pid = fork();
	if (pid != 0) {
		close(fd);
		return (pid);
	}
	loop = ev_loop_new(EVFLAG_AUTO);
	ev_io_init(&listener, broker_accept, fd, EV_READ);
	ev_io_start(loop, &listener);
	ev_run(loop, 0);
	_exit(0);
}

/* ---- the clients ----------------------------------------------------- */

/* libev's part of the heap. */
static size_t	 libev;

static void *
libev_realloc(void *p, long size)
{
	libev -= malloc_usable_size(p);
	if (size == 0) {
		free(p);
		return (NULL);
	}
	p = realloc(p, (size_t)size);
	libev += malloc_usable_size(p);
	return (p);
}

/* Of ours, with what malloc() adds. */
static size_t
heap(void)
{
	return (mallinfo2().uordblks - libev);
}

static double
seconds(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static void
dial_next(void)
{
	if (started == clients)
		return;
	if (mqk_connect(watchers[started].client) < 0)
		errx(1, "connect");
	mqk_ev_update(&watchers[started++]);
}

static void
on_connected(struct mqk_client *c, const struct mqk_connected *m, void *loop)
{
	(void)c;
	(void)m;
	dial_next();
	if (++up == clients)
		ev_break(loop, EVBREAK_ALL);
}

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *m,
    void *loop)
{
	(void)c;
	(void)loop;
	errx(1, "%s", m->text);
}

static void
on_published(struct mqk_client *c, const struct mqk_result *r, void *loop)
{
	(void)c;
	if (r->error != MQK_OK)
		errx(1, "not published");
	if (++answered == clients)
		ev_break(loop, EVBREAK_ALL);
}

static struct mqk_client *
new_client(struct ev_loop *loop, unsigned port)
{
	struct mqk_options	 o = { .host = "127.0.0.1",
				    .port = (uint16_t)port, .user = loop,
				    .version = MQK_V5 };
	struct mqk_handlers	 on = { .on_connected = on_connected,
				    .on_disconnected = on_disconnected,
				    .on_published = on_published };
	struct mqk_client	*c;

	if (mqk_client_new(&c, &o) < 0)
		errx(1, "no client");
	mqk_set_handlers(c, &on);
	return (c);
}

static void
connect_all(struct ev_loop *loop)
{
	double	 begun = seconds();

	for (unsigned i = 0; i < DIALING_MAX; i++)
		dial_next();
	ev_run(loop, 0);
	printf("%u connected in %.2f s\n", up, seconds() - begun);
}

static void
publish_all(struct ev_loop *loop)
{
	const struct mqk_publish m = { .topic = "idle/topic", .qos = 1,
				    .payload = { "hello", 5 } };
	double			 begun = seconds();

	for (unsigned i = 0; i < clients; i++) {
		if (mqk_publish(watchers[i].client, &m) < 0)
			errx(1, "publish");
		mqk_ev_update(&watchers[i]);
	}
	ev_run(loop, 0);
	printf("%u messages acknowledged in %.2f s\n", answered,
	    seconds() - begun);
}

static void
raise_limit(void)
{
	struct rlimit	 r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		err(1, "getrlimit");
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < clients + 100)
		errx(1, "%u files may be open, not enough",
		    (unsigned)r.rlim_cur);
}

int
main(int argc, char **argv)
{
	struct ev_loop	*loop;
	size_t		 before, each, limit = 0;
	unsigned	 port = 0;
	pid_t		 broker;

	if (argc > 1)
		clients = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		limit = strtoul(argv[2], NULL, 10);
	raise_limit();
	broker = start_broker(&port);
	ev_set_allocator(libev_realloc);
	loop = ev_default_loop(EVFLAG_AUTO);
	watchers = calloc(clients, sizeof(*watchers));
	if (watchers == NULL)
		err(1, "memory");
	before = heap();
	for (unsigned i = 0; i < clients; i++)
		mqk_ev_start(&watchers[i], loop, new_client(loop, port));
	printf("%zu bytes a client that was never connected\n",
	    (heap() - before) / clients);
	connect_all(loop);
	publish_all(loop);
	each = (heap() - before) / clients;
	printf("%zu bytes an idle client, and %zu for its watchers\n", each,
	    sizeof(*watchers));
	for (unsigned i = 0; i < clients; i++) {
		mqk_ev_stop(&watchers[i]);
		mqk_client_free(watchers[i].client);
	}
	kill(broker, SIGTERM);
	return (limit > 0 && each > limit);
}
