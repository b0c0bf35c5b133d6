/* SPDX-License-Identifier: MIT */

/*
 * A real client whose connections are pipes in memory.  A program that uses it
 * is linked with --wrap=transport_new (see the Makefile), so that whatever URL
 * the client dials, it gets the pipe below.  Nothing waits for anything: a
 * turn is a call.
 */

#ifndef UNIT_MEMCLIENT_H
#define UNIT_MEMCLIENT_H

#include "unit/mempipe.h"

/*
 * Memory for both directions; done by itself at the first connection, unless
 * allocations may fail then.
 */
void	 memclient_init(void);

/* The last connection, and how many there were. */
extern struct mempipe	 memclient_pipe;
extern unsigned		 memclient_dials;

/* One turn in which the client reads and writes what it can. */
int	 memclient_turn(struct mqk_client *);

/* The broker says that, and a turn. */
int	 memclient_hear(struct mqk_client *, const void *, size_t);
int	 memclient_hear_text(struct mqk_client *, const char *);

#endif
