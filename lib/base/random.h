/* SPDX-License-Identifier: MIT */

#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

/* Unpredictable bytes from the system.  MQK_EIO. */
MQK_USE int random_bytes(void *, size_t len);

/* 0 … below-1, evenly; below > 0.  Falls back to 0 when there is no entropy. */
uint32_t random_below(uint32_t below);

#endif
