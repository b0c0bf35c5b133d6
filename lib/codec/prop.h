/* SPDX-License-Identifier: MIT */

/*
 * Property lists as their wire bytes, without the length in front.  A list is
 * either owned (made by mqk_props_new(), cap > 0 once it has something) or a
 * window on a packet (cap 0).  Everything is driven by prop.def.
 */

#ifndef CODEC_PROP_H
#define CODEC_PROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct mqk_props {
	uint8_t		*data;
	uint32_t	 len;
	uint32_t	 cap;
};

/* Packets that carry properties; the will has a list of its own. */
#define PROP_WILL	0		/* beside enum mqk_packet_type */

/*
 * Check received bytes: known ids, allowed in that packet, values in range
 * (but topic-alias 0 is left to the session), no repetition where it is not
 * allowed.  MQK_EMALFORMED or MQK_EPROTOCOL.
 */
MQK_USE int prop_check(const uint8_t *, size_t len, unsigned packet,
    const char **why);

/* Is an owned list fit for that packet?  MQK_EINVAL; *bad is the culprit. */
MQK_USE int prop_fits(const struct mqk_props *, unsigned packet,
    enum mqk_prop *bad);

/* A number property or, when it is absent, dflt. */
uint32_t prop_num(const struct mqk_props *, enum mqk_prop, uint32_t dflt);

/* Owned copy of a list (NULL: empty).  MQK_ENOMEM. */
MQK_USE int prop_copy(struct mqk_props *to, const struct mqk_props *from);
void	 prop_fini(struct mqk_props *);

/* Append the bytes of one list to another / take one property out. */
MQK_USE int prop_append(struct mqk_props *to, const struct mqk_props *from);
void	 prop_remove(struct mqk_props *, enum mqk_prop);

#endif
