/* SPDX-License-Identifier: MIT */

/*
 * Reading and writing the data representations of section 1.5.  The reader is
 * sticky: after the first field that does not fit it returns zero values and
 * remembers that; decoders read straight down and ask once, at the end.
 */

#ifndef CODEC_WIRE_H
#define CODEC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mqk.h"

struct rd {
	const uint8_t	*at;
	const uint8_t	*end;
	bool		 bad;
};

static inline size_t
rd_left(const struct rd *r)
{
	return ((size_t)(r->end - r->at));
}

static inline uint8_t
rd_u8(struct rd *r)
{
	if (r->at == r->end) {
		r->bad = true;
		return (0);
	}
	return (*r->at++);
}

static inline uint16_t
rd_u16(struct rd *r)
{
	uint16_t	 v;

	if (rd_left(r) < 2) {
		r->bad = true;
		r->at = r->end;
		return (0);
	}
	v = (uint16_t)(r->at[0] << 8 | r->at[1]);
	r->at += 2;
	return (v);
}

static inline uint32_t
rd_u32(struct rd *r)
{
	uint32_t	 hi;

	hi = rd_u16(r);
	return (hi << 16 | rd_u16(r));
}

/* Variable byte integer [1.5.5]: at most four bytes, shortest form. */
static inline uint32_t
rd_varint(struct rd *r)
{
	uint32_t	 v = 0;
	uint8_t		 c;

	for (unsigned shift = 0; shift < 28; shift += 7) {
		c = rd_u8(r);
		v |= (uint32_t)(c & 0x7f) << shift;
		if ((c & 0x80) == 0) {
			if (c == 0 && shift > 0)
				r->bad = true;	/* [MQTT-1.5.5-1] */
			return (v);
		}
	}
	r->bad = true;
	return (0);
}

static inline struct mqk_bytes
rd_take(struct rd *r, size_t n)
{
	struct mqk_bytes b = { r->at, n };

	if (rd_left(r) < n) {
		r->bad = true;
		r->at = r->end;
		b.len = 0;
		return (b);
	}
	r->at += n;
	return (b);
}

#define STR_MAX	65535u

/* Two bytes of length, then that many bytes: binary data, strings [1.5.4]. */
static inline struct mqk_bytes
rd_bytes(struct rd *r)
{
	return (rd_take(r, rd_u16(r)));
}

/* Writers take where to write and return the place behind it. */

static inline uint8_t *
wr_u16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
	return (at + 2);
}

static inline uint8_t *
wr_u32(uint8_t *at, uint32_t v)
{
	return (wr_u16(wr_u16(at, v >> 16), v & 0xffff));
}

static inline uint8_t *
wr_varint(uint8_t *at, uint32_t v)
{
	while (v > 127) {
		*at++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*at++ = (uint8_t)v;
	return (at);
}

static inline size_t
varint_len(uint32_t v)
{
	return (v < 128 ? 1 : v < 16384 ? 2 : v < 2097152 ? 3 : 4);
}

static inline uint8_t *
wr_mem(uint8_t *at, const void *p, size_t n)
{
	if (n > 0)
		memcpy(at, p, n);
	return (at + n);
}

static inline uint8_t *
wr_bytes(uint8_t *at, struct mqk_bytes b)
{
	return (wr_mem(wr_u16(at, (unsigned)b.len), b.data, b.len));
}

#endif
