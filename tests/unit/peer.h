/* SPDX-License-Identifier: MIT */

/*
 * A broker made of canned bytes, in the process of the test: a listener on
 * loopback and the connection it accepted last.  Nothing here blocks for
 * longer than a turn of the client, and nothing waits without a limit.
 */

#ifndef UNIT_PEER_H
#define UNIT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"

struct peer {
	int		 listener;
	int		 fd;		/* -1: nobody has connected */
	uint16_t	 port;
	unsigned	 accepted;	/* connections so far */
	bool		 ended;		/* the client has closed */
	uint8_t		 in[1u << 16];	/* what it has said */
	size_t		 n;
};

void	 peer_init(struct peer *);
void	 peer_fini(struct peer *);

/* Accept who knocks (in place of the last one), read what is there. */
void	 peer_turn(struct peer *);
void	 peer_hang_up(struct peer *);

/* Bytes as hex digits, blanks between them ignored. */
void	 peer_send(struct peer *, const char *hex);

/* Cut the next whole packet off what came in; false: none yet. */
bool	 peer_packet(struct peer *, uint8_t *to, size_t *len);

#endif
