/* SPDX-License-Identifier: MIT */

/* What a broker says: anything that is well-formed, or what is right. */

#ifndef FUZZ_BROKER_H
#define FUZZ_BROKER_H

#include "base/buf.h"
#include "codec/packet.h"
#include "fuzz/input.h"

/* A well-formed packet of the input's choice; none where there is no such. */
void	 broker_any(struct buf *to, enum mqk_version, struct input *);

/* The answer that a packet of ours deserves; present: of CONNACK. */
void	 broker_answer(struct buf *to, enum mqk_version, bool present,
	    const struct packet *);

#endif
