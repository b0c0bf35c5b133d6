/* SPDX-License-Identifier: MIT */

/* Blocking sockets on loopback and MQTT framing; any failure ends the run. */

#include "mini.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char topic[] = "bench/topic";

void
mini_die(const char *what)
{
	perror(what);
	exit(1);
}

size_t
mini_number(const char *text)
{
	char *end;
	unsigned long n;

	n = strtoul(text, &end, 10);
	if (end == text || *end != '\0') {
		fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return (n);
}

int
mini_peek(struct mini_packet *p, const uint8_t *at, size_t n)
{
	size_t i;

	p->len = 0;
	for (i = 1; i < n && i <= 4; i++) {
		p->len |= (size_t)(at[i] & 0x7f) << (7 * (i - 1));
		if (at[i] < 0x80) {
			p->type = at[0] >> 4;
			p->qos = at[0] >> 1 & 3;
			p->head = i + 1;
			p->body = at + p->head;
			return (1);
		}
	}
	return (i > 4 ? -1 : 0);
}

uint8_t *
mini_put_varint(uint8_t *to, size_t n)
{
	for (; n > 0x7f; n >>= 7)
		*to++ = (uint8_t)(n | 0x80);
	*to++ = (uint8_t)n;
	return (to);
}

uint8_t *
mini_put_publish(uint8_t *to, bool v5, unsigned qos, size_t payload,
    uint8_t **mid_at)
{
	size_t len = sizeof(topic) - 1;

	*to++ = (uint8_t)(PUBLISH << 4 | qos << 1);
	to = mini_put_varint(to, 2 + len + (qos > 0 ? 2 : 0) + v5 + payload);
	*to++ = 0;
	*to++ = (uint8_t)len;
	memcpy(to, topic, len);
	to += len;
	*mid_at = to;
	if (qos > 0)
		to += 2;
	if (v5)
		*to++ = 0;
	return (to);
}

static struct sockaddr_in
loopback(unsigned port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return (sin);
}

int
mini_listen(unsigned *port)
{
	struct sockaddr_in sin = loopback(*port);
	socklen_t len = sizeof(sin);
	int fd, one = 1;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		mini_die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sin, len) != 0 || listen(fd, 16) != 0)
		mini_die("listen");
	if (getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		mini_die("getsockname");
	*port = ntohs(sin.sin_port);
	return (fd);
}

int
mini_connect(unsigned port)
{
	struct sockaddr_in sin = loopback(port);
	int fd, one = 1;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		mini_die("socket");
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0)
		mini_die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return (fd);
}

void
mini_write(int fd, const void *data, size_t n)
{
	const uint8_t *at = data;
	ssize_t put;

	for (; n > 0; n -= (size_t)put, at += put) {
		put = write(fd, at, n);
		if (put < 0)
			mini_die("write");
	}
}

size_t
mini_read(int fd, void *to, size_t n)
{
	ssize_t got;

	got = read(fd, to, n);
	if (got < 0)
		mini_die("read");
	return ((size_t)got);
}
