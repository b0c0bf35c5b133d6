/* SPDX-License-Identifier: MIT */

/* WITH_STORE=0: what else would be in sqlite.c. */

#include <stdio.h>
#include <string.h>

#include "mqk.h"

int
mqk_store_sqlite(struct mqk_store *to, const char *path,
    const struct mqk_store_options *options, char *why, size_t size)
{
	(void)path;
	(void)options;
	memset(to, 0, sizeof(*to));
	if (why != NULL)
		snprintf(why, size, "this build has no store");
	return (MQK_ENOTSUP);
}
