/* SPDX-License-Identifier: MIT */

/* Nanoseconds per PUBLISH, QoS 1, 100 bytes of payload: encode and decode. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/frame.h"
#include "codec/packet.h"
#include "codec/topic.h"

#define BATCH	500		/* packets in the buffer: what fits 64 KiB */
#define ROUNDS	4000
#define REPEATS	5

static const char	topic[] = "sensors/hall/3/temp";

static double
now_ns(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec * 1e9 + (double)ts.tv_nsec);
}

static void
die(const char *what)
{
	fprintf(stderr, "codec: %s failed\n", what);
	exit(1);
}

static void
encode_batch(struct buf *b, enum mqk_version version,
    struct packet_publish *m)
{
	buf_consume(b, buf_len(b));
	for (int i = 1; i <= BATCH; i++) {
		m->mid = (uint16_t)i;
		if (packet_encode_publish(b, version, m) != MQK_OK)
			die("encode");
	}
}

static void
check_and_encode_batch(struct buf *b, enum mqk_version version,
    struct packet_publish *m)
{
	buf_consume(b, buf_len(b));
	for (int i = 1; i <= BATCH; i++) {
		m->mid = (uint16_t)i;
		if (!topic_valid(m->topic.data, m->topic.len) ||
		    packet_encode_publish(b, version, m) != MQK_OK)
			die("encode");
	}
}

static void
decode_batch(struct buf *b, enum mqk_version version,
    struct packet_publish *m)
{
	const uint8_t	*at = buf_data(b);
	size_t		 left = buf_len(b), len;
	struct packet	 p;
	const char	*why;

	for (; left > 0; at += len, left -= len) {
		if (frame_next(at, left, PACKET_MAX, &len) != 1 ||
		    packet_decode(&p, version, at, len, &why) != MQK_OK ||
		    p.u.publish.payload.len != m->payload.len)
			die("decode");
	}
}

/* All packets are of one length: the QoS and the payload are. */
static void
only_decode_batch(struct buf *b, enum mqk_version version,
    struct packet_publish *m)
{
	const uint8_t	*at = buf_data(b);
	size_t		 len = buf_len(b) / BATCH;
	struct packet	 p;
	const char	*why;

	for (int i = 0; i < BATCH; i++, at += len) {
		if (packet_decode(&p, version, at, len, &why) != MQK_OK ||
		    p.u.publish.payload.len != m->payload.len)
			die("decode");
	}
}

static const struct {
	const char	*name;
	void		(*run)(struct buf *, enum mqk_version,
			    struct packet_publish *);
} cases[] = {
	{ "encode", encode_batch },
	{ "check topic and encode", check_and_encode_batch },
	{ "decode", only_decode_batch },
	{ "cut and decode", decode_batch },
};

/* The best of some repeats: what others on the machine do only adds. */
static double
measure(size_t which, struct buf *b, enum mqk_version version,
    struct packet_publish *m)
{
	double	 best = 1e9, start, ns;

	for (int i = 0; i < REPEATS; i++) {
		start = now_ns();
		for (int round = 0; round < ROUNDS; round++)
			cases[which].run(b, version, m);
		ns = (now_ns() - start) / ROUNDS / BATCH;
		best = ns < best ? ns : best;
	}
	return (best);
}

int
main(void)
{
	static const enum mqk_version	 versions[] = { MQK_V5, MQK_V311 };
	static char			 payload[100];
	struct packet_publish		 m = { .qos = 1 };
	struct buf			 b;

	memset(payload, 'x', sizeof(payload));
	m.topic = (struct mqk_bytes){ topic, sizeof(topic) - 1 };
	m.payload = (struct mqk_bytes){ payload, sizeof(payload) };
	buf_init(&b, 1 << 20);
	for (size_t v = 0; v < sizeof(versions) / sizeof(versions[0]); v++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			printf("MQTT level %d  %-24s %5.1f ns\n",
			    (int)versions[v], cases[i].name,
			    measure(i, &b, versions[v], &m));
	}
	buf_fini(&b);
	return (0);
}
