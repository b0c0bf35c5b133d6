/* SPDX-License-Identifier: MIT */

/*
 * The least that a client could do: no checks, no options, no reconnect, MQTT
 * 3.1.1, blocking sockets.  What it costs is the limit that the tools are
 * measured against.
 */

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mini.h"

#define WINDOW	60000u		/* mids go round after 65,535 */

struct ideal {
	int		 fd;
	unsigned	 qos;
	size_t		 sent, answered;	/* publishing */
	size_t		 wanted, taken;		/* subscribing */
	size_t		 have, out_len, text_len;
	uint8_t		 in[BLOCK];
	uint8_t		 out[BLOCK];		/* to the broker */
	uint8_t		 text[BLOCK];		/* from stdin or to stdout */
};

static void
flush(struct ideal *c)
{
	mini_write(c->fd, c->out, c->out_len);
	c->out_len = 0;
}

static void
flush_text(struct ideal *c)
{
	mini_write(STDOUT_FILENO, c->text, c->text_len);
	c->text_len = 0;
}

static void
put_ack(struct ideal *c, unsigned type, unsigned mid)
{
	c->out_len = (size_t)(mini_put_ack(c->out + c->out_len, type, mid) -
	    c->out);
}

static void
start(struct ideal *c, unsigned port)
{
	static const uint8_t connect[] = {
		CONNECT << 4, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60,
		0, 5, 'i', 'd', 'e', 'a', 'l'
	};

	c->fd = mini_connect(port);
	mini_write(c->fd, connect, sizeof(connect));
	if (mini_read(c->fd, c->in, 4) != 4 || c->in[3] != 0)
		mini_die("CONNACK");
}

static void
stop(struct ideal *c)
{
	mini_write(c->fd, "\xe0", 2);
	close(c->fd);
}

/* ---- publishing ---- */

/* Answers come in four bytes each, and nothing else does. */
static void
take_answers(struct ideal *c, int flags)
{
	const uint8_t *at;
	size_t done;
	ssize_t got;

	got = recv(c->fd, c->in + c->have, BLOCK - c->have, flags);
	if (got <= 0)
		return;
	c->have += (size_t)got;
	for (done = 0; done + 4 <= c->have; done += 4) {
		at = c->in + done;
		if (at[0] >> 4 != PUBREC)
			c->answered++;
		else if (c->out_len + 4 <= BLOCK)
			put_ack(c, PUBREL, mini_u16(at + 2));
		else
			break;
	}
	c->have -= done;
	memmove(c->in, c->in + done, c->have);
}

static void
publish(struct ideal *c, const uint8_t *line, size_t n)
{
	uint8_t *mid_at, *end;
	unsigned mid;

	if (c->out_len + MINI_HEAD + n > BLOCK / 4) {
		flush(c);
		take_answers(c, MSG_DONTWAIT);
	}
	while (c->qos > 0 && c->sent - c->answered >= WINDOW) {
		flush(c);
		take_answers(c, 0);
	}
	end = mini_put_publish(c->out + c->out_len, false, c->qos, n, &mid_at);
	mid = (unsigned)(c->sent++ % 65535) + 1;
	if (c->qos > 0) {
		mid_at[0] = (uint8_t)(mid >> 8);
		mid_at[1] = (uint8_t)mid;
	}
	memcpy(end, line, n);
	c->out_len = (size_t)(end - c->out) + n;
}

static void
wait_for_answers(struct ideal *c)
{
	flush(c);
	while (c->qos > 0 && c->answered < c->sent) {
		take_answers(c, 0);
		flush(c);
	}
}

static void
run_lines(struct ideal *c)
{
	const uint8_t *at, *end, *newline;
	size_t got;

	while ((got = mini_read(STDIN_FILENO, c->text + c->text_len,
	    BLOCK - c->text_len)) > 0) {
		at = c->text;
		end = at + c->text_len + got;
		while ((newline = memchr(at, '\n', (size_t)(end - at))) !=
		    NULL) {
			publish(c, at, (size_t)(newline - at));
			at = newline + 1;
		}
		c->text_len = (size_t)(end - at);
		memmove(c->text, at, c->text_len);
	}
	wait_for_answers(c);
}

static void
run_one(struct ideal *c)
{
	publish(c, (const uint8_t *)"hello", 5);
	wait_for_answers(c);
}

/* All of stdin, a file, as one payload. */
static void
run_file(struct ideal *c)
{
	struct stat st;
	uint8_t *mid_at;
	size_t got;

	if (fstat(STDIN_FILENO, &st) != 0)
		mini_die("stdin");
	c->out_len = (size_t)(mini_put_publish(c->out, false, 0,
	    (size_t)st.st_size, &mid_at) - c->out);
	flush(c);
	while ((got = mini_read(STDIN_FILENO, c->text, BLOCK)) > 0)
		mini_write(c->fd, c->text, got);
}

/* ---- subscribing ---- */

static void
put_text(struct ideal *c, const void *data, size_t n)
{
	memcpy(c->text + c->text_len, data, n);
	c->text_len += n;
}

static void
print_line(struct ideal *c, const uint8_t *topic, size_t topic_len,
    const uint8_t *payload, size_t n)
{
	(void)topic;
	(void)topic_len;
	put_text(c, payload, n);
	put_text(c, "\n", 1);
}

/* "2026-01-31T12:00:00", made anew once a second. */
static const char *
timestamp(void)
{
	static char text[32];
	static time_t made;
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != made) {
		made = now.tv_sec;
		localtime_r(&made, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	}
	return (text);
}

/* Looks for what must be escaped, and there is none in these messages. */
static void
put_json_string(struct ideal *c, const uint8_t *at, size_t n)
{
	put_text(c, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if (at[i] < 0x20 || at[i] == '"' || at[i] == '\\')
			put_text(c, "\\", 1);
		c->text[c->text_len++] = at[i];
	}
	put_text(c, "\"", 1);
}

static void
print_json(struct ideal *c, const uint8_t *topic, size_t topic_len,
    const uint8_t *payload, size_t n)
{
	put_text(c, "{\"tst\":\"", 8);
	put_text(c, timestamp(), 19);
	put_text(c, "\",\"topic\":", 10);
	put_json_string(c, topic, topic_len);
	put_text(c, ",\"qos\":0,\"retain\":0,\"payload\":", 31);
	put_json_string(c, payload, n);
	put_text(c, "}\n", 2);
}

typedef void print_fn(struct ideal *, const uint8_t *, size_t, const uint8_t *,
    size_t);

static void
take_message(struct ideal *c, const struct mini_packet *p, print_fn *print)
{
	size_t topic_len = mini_u16(p->body), at = 2 + topic_len;

	if (p->qos > 0) {
		put_ack(c, p->qos == 1 ? PUBACK : PUBREC,
		    mini_u16(p->body + at));
		at += 2;
	}
	if (c->text_len + 2 * p->len + 256 > BLOCK)
		flush_text(c);
	print(c, p->body + 2, topic_len, p->body + at, p->len - at);
	c->taken++;
	c->answered += p->qos < 2;
}

static void
take_packets(struct ideal *c, print_fn *print)
{
	struct mini_packet p;
	size_t done = 0;

	while (mini_peek(&p, c->in + done, c->have - done) > 0 &&
	    c->have - done >= p.head + p.len) {
		if (p.type == PUBLISH) {
			take_message(c, &p, print);
		} else if (p.type == PUBREL) {
			put_ack(c, PUBCOMP, mini_u16(p.body));
			c->answered++;
		}
		done += p.head + p.len;
	}
	c->have -= done;
	memmove(c->in, c->in + done, c->have);
}

static void
subscribe(struct ideal *c, print_fn *print)
{
	uint8_t packet[] = {
		SUBSCRIBE << 4 | 2, 6, 0, 1, 0, 1, '#', (uint8_t)c->qos
	};
	size_t got;

	mini_write(c->fd, packet, sizeof(packet));
	while (c->answered < c->wanted) {
		got = mini_read(c->fd, c->in + c->have, BLOCK - c->have);
		if (got == 0)
			break;
		c->have += got;
		take_packets(c, print);
		flush_text(c);
		flush(c);
	}
	if (c->taken < c->wanted)
		mini_die("messages are missing");
}

static void
run_sub(struct ideal *c)
{
	subscribe(c, print_line);
}

static void
run_json(struct ideal *c)
{
	subscribe(c, print_json);
}

static const struct {
	const char	*name;
	void		(*run)(struct ideal *);
} modes[] = {
	{ "lines", run_lines },
	{ "one", run_one },
	{ "file", run_file },
	{ "sub", run_sub },
	{ "json", run_json },
};

int
main(int argc, char **argv)
{
	static struct ideal ideal;

	if (argc != 4 && argc != 5) {
		fputs("usage: ideal lines|one|file|sub|json PORT QOS [N]\n",
		    stderr);
		return (2);
	}
	ideal.qos = (unsigned)mini_number(argv[3]) % 3;
	ideal.wanted = argc == 5 ? mini_number(argv[4]) : 0;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, argv[1]) != 0)
			continue;
		start(&ideal, (unsigned)mini_number(argv[2]));
		modes[i].run(&ideal);
		stop(&ideal);
		return (0);
	}
	fprintf(stderr, "no mode %s\n", argv[1]);
	return (2);
}
