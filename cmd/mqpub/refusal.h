/* SPDX-License-Identifier: MIT */

/* What becomes of messages that library or broker refuse. */

#ifndef MQPUB_REFUSAL_H
#define MQPUB_REFUSAL_H

#include <stdint.h>

#include "mqpub/publisher.h"

/* By the library, which knows what the broker takes. */
void	refusal_unsent(struct publisher *, uint64_t number, int error,
	    const char *why);

/* By the broker: a reason code from MQK_REFUSAL on. */
void	refusal_answered(struct publisher *, const struct mqk_result *);

#endif
