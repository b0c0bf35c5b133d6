/* SPDX-License-Identifier: MIT */

/*
 * The little of sockets and MQTT that the null broker and the ideal client
 * need.  It owes nothing to lib/, so that the two can be measured against it.
 */

#ifndef BENCH_MINI_H
#define BENCH_MINI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CONNECT = 1, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP,
	SUBSCRIBE, SUBACK, PINGREQ = 12, PINGRESP, DISCONNECT
};

/* A block is read at once and written at once. */
#define BLOCK	((size_t)256 << 10)

/* A packet at the start of some bytes. */
struct mini_packet {
	unsigned	 type;
	unsigned	 qos;		/* of a PUBLISH */
	const uint8_t	*body;
	size_t		 head;		/* length of the fixed header */
	size_t		 len;		/* of the body */
};

/* 1: there, perhaps without all of its body; 0: too little; -1: malformed. */
int	 mini_peek(struct mini_packet *, const uint8_t *, size_t);

static inline unsigned
mini_u16(const uint8_t *at)
{
	return ((unsigned)at[0] << 8 | at[1]);
}

/* PUBACK, PUBREC, PUBREL or PUBCOMP: four bytes. */
static inline uint8_t *
mini_put_ack(uint8_t *to, unsigned type, unsigned mid)
{
	*to++ = (uint8_t)(type << 4 | (type == PUBREL ? 2 : 0));
	*to++ = 2;
	*to++ = (uint8_t)(mid >> 8);
	*to++ = (uint8_t)mid;
	return (to);
}

uint8_t	*mini_put_varint(uint8_t *, size_t);

/* A PUBLISH up to its payload; at most MINI_HEAD bytes.  *mid_at: its mid. */
#define MINI_HEAD	64
uint8_t	*mini_put_publish(uint8_t *, bool v5, unsigned qos, size_t payload,
	    uint8_t **mid_at);

int	 mini_listen(unsigned *port);
int	 mini_connect(unsigned port);
void	 mini_write(int fd, const void *, size_t);	/* all of it */
size_t	 mini_read(int fd, void *, size_t);		/* 0: end */
size_t	 mini_number(const char *);

#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void	 mini_die(const char *what);

#endif
