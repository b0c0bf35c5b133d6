/* SPDX-License-Identifier: MIT */

/*
 * A client whose allocations may fail, and a broker in memory that answers
 * everything: what the stories of test_oom.c are told with.  A story does what
 * it can with world.client, which is NULL when it could not even be made, and
 * finishes with world_end().
 */

#ifndef OOM_WORLD_H
#define OOM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqk.h"
#include "oom/failing.h"

#define BIG		20000	/* does not fit the first receive buffer */

struct world {
	struct mqk_client *client;
	bool		 noticed;	/* somebody was told of ENOMEM */
	char		 text[256];	/* of the first connection lost so */
	bool		 fresh;		/* the broker has no session */
	const char	*connack;	/* its properties, text of bytes_of() */
	uint8_t		 refused;	/* the version that is */
	enum mqk_version version;	/* of the last CONNECT */
	bool		 silent;	/* requests are not answered */
	bool		 lost;		/* the network is to blame */
	int		 deaf;		/* so many connections get no answer */
	int		 accepted;	/* QoS 1 and 2 messages, by calls */
	int		 published, messages;
	struct mqk_ack	 later[3];
	uint8_t		 big[BIG];
};

extern struct world world;

/* A call in which allocations may fail; its result. */
#define CALL(call)	(failing_on(), world_note(call))

/* The result of such a call; only want of memory may make it a failure. */
int	 world_note(int result);

/* With those handlers and without reconnecting; false: no memory. */
bool	 world_make(struct mqk_options *);
bool	 world_make_plain(enum mqk_version);

extern const struct mqk_handlers world_handlers;
int	 world_on_message(struct mqk_client *, const struct mqk_message *,
	    void *);

/* The broker says that, text of bytes_of(), when it is served next. */
void	 world_say(const char *);

/*
 * Turns until neither side has anything to say.  One that finds no memory to
 * begin with leaves all to the next.
 */
void	 world_serve(void);

/* Connect, and be served; the network fails. */
void	 world_connect(void);
void	 world_lose(void);

/* That many bytes; counts what was accepted. */
void	 world_publish(uint8_t qos, size_t len, const struct mqk_props *);

/*
 * Nothing fails any more: the client connects, and all that was accepted is
 * answered.  Frees it.
 */
void	 world_end(void);

#endif
