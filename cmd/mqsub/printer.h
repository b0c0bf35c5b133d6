/* SPDX-License-Identifier: MIT */

/* What a message looks like on standard output. */

#ifndef MQSUB_PRINTER_H
#define MQSUB_PRINTER_H

#include "mqk.h"

#include "common/config.h"
#include "common/outbuf.h"
#include "common/timestamp.h"

struct printer;

typedef void printer_fn(struct printer *, struct outbuf *,
    const struct mqk_message *);

struct printer {
	printer_fn	*print;		/* append one message */
	const struct config_output *config;
	struct timestamp time;
};

/* The config must outlive the printer. */
void	printer_init(struct printer *, const struct config_output *);

#endif
