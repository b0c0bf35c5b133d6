/* SPDX-License-Identifier: MIT */

/*
 * The decoder in every version: what it accepts can be described and encoded,
 * and what that gives decodes to the same, byte for byte.  What it refuses
 * comes with one of two errors and a sentence.
 */

#include <stdlib.h>
#include <string.h>

#include "codec/describe.h"
#include "codec/packet.h"
#include "codec/publish.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
decode_or_abort(struct packet *p, enum mqk_version version,
    const struct buf *b)
{
	const char	*why;

	if (packet_decode(p, version, buf_data(b), buf_len(b), &why) != MQK_OK)
		abort();
}

static void
encode_or_abort(struct buf *b, enum mqk_version version,
    const struct packet *p)
{
	buf_init(b, PACKET_MAX);
	if (packet_encode(b, version, p) != MQK_OK)
		abort();
}

static void
check_round_trip(const struct packet *p, enum mqk_version version)
{
	char		 before[512], after[512];
	struct packet	 again;
	struct buf	 once, twice;

	packet_describe(p, version, before, sizeof(before));
	encode_or_abort(&once, version, p);
	decode_or_abort(&again, version, &once);
	packet_describe(&again, version, after, sizeof(after));
	if (strcmp(before, after) != 0)
		abort();
	/* leniency and long forms may shorten a packet, never lengthen it */
	if (buf_len(&once) > p->wire.len + (p->type == MQK_CONNACK))
		abort();
	encode_or_abort(&twice, version, &again);
	if (buf_len(&once) != buf_len(&twice) ||
	    memcmp(buf_data(&once), buf_data(&twice), buf_len(&once)) != 0)
		abort();
	buf_fini(&once);
	buf_fini(&twice);
}

/* The short way for a PUBLISH finds nothing that is none. */
static void
check_plain(enum mqk_version version, const uint8_t *at, size_t n)
{
	struct packet_publish	 m;
	struct packet		 p;
	const char		*why;
	size_t			 len = publish_plain(&m, version, at, n);

	if (len == 0)
		return;
	if (len > n || packet_decode(&p, version, at, len, &why) != MQK_OK ||
	    p.type != MQK_PUBLISH || p.u.publish.mid != m.mid ||
	    p.u.publish.props.len != 0 ||
	    p.u.publish.payload.data != m.payload.data ||
	    p.u.publish.payload.len != m.payload.len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const enum mqk_version	 versions[] = {
		MQK_V5, MQK_V311, MQK_V31
	};
	struct packet			 p;
	const char			*why;
	int				 err;

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		check_plain(versions[i], at, n);
		why = NULL;
		err = packet_decode(&p, versions[i], at, n, &why);
		if (err == MQK_OK)
			check_round_trip(&p, versions[i]);
		else if ((err != MQK_EMALFORMED && err != MQK_EPROTOCOL) ||
		    why == NULL)
			abort();
	}
	return (0);
}
