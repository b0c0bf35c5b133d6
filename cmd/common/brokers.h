/* SPDX-License-Identifier: MIT */

/* The list that several --url make. */

#ifndef COMMON_BROKERS_H
#define COMMON_BROKERS_H

#include "mqk.h"

#include "common/config.h"

/*
 * One more at the end.  text is the URL that has been split into url; its
 * topic is left out, its user and password stand beside it, where they go
 * before those of --username and --pw.
 */
void	brokers_add(struct config_brokers *, const char *text,
	    const struct mqk_url *url);

/* Wipes the passwords, too. */
void	brokers_free(struct config_brokers *);

#endif
