/* SPDX-License-Identifier: MIT */

/* Reason codes; the table is reason.def.  Names and texts: mqk_reason_*(). */

#ifndef CODEC_REASON_H
#define CODEC_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "mqk.h"

/* May that packet type carry that reason code in MQTT 5? */
bool	 reason_allowed(enum mqk_packet_type, uint8_t reason);

/* The reason code that tells a peer about one of our errors; 0x80 if none. */
uint8_t	 reason_of_error(int err);

#endif
