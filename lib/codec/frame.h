/* SPDX-License-Identifier: MIT */

#ifndef CODEC_FRAME_H
#define CODEC_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

/*
 * Cut one packet off the front of a byte stream.  1: *len is its length.
 * 0: more bytes are needed; *len is the whole length if it is known already,
 * else 0.  MQK_EMALFORMED: the remaining length has a fifth byte or the type
 * is 0.  MQK_ETOOBIG: longer than max, told before anything is buffered.
 */
MQK_USE int frame_next(const uint8_t *at, size_t n, size_t max, size_t *len);

#endif
