/* SPDX-License-Identifier: MIT */

/*
 * Plays scenarios, whoever the client is.  What the client does waits in
 * queues (packets, events, a failure), and the scenario must have named all of
 * it before its next line acts upon the client.
 */

#ifndef WIRE_PLAY_H
#define WIRE_PLAY_H

#include "wire/mqs.h"

#define PLAY_TEXT_MAX	16384
#define PLAY_QUEUE_MAX	2048

struct play_queue {
	char		*at[PLAY_QUEUE_MAX];
	size_t		 head, n;
};

struct request_side;

struct player {
	const struct play_side *side;
	const struct mqs *script;
	const struct mqs_line *line;	/* played now */
	char		 why[PLAY_TEXT_MAX + 256];
	enum mqk_version version;	/* of the connection */
	bool		 manual_ack;
	struct play_queue packets, events;
	int		 error;		/* not named yet */
	char		 error_text[512];
	struct mqk_ack	 acks[PLAY_QUEUE_MAX];
	size_t		 nacks;
};

/* The client a scenario is played with. */
struct play_side {
	/* NULL, or what about the scenario does not suit this client. */
	const char	*(*unfit)(const struct mqs *);
	bool		(*begin)(struct player *, const struct mqs_line *);
	void		(*end)(struct player *);
	bool		(*settle)(struct player *);	/* after each "do" */
	bool		(*acts[MQS_KINDS])(struct player *);
	const struct request_side *requests;
};

/* Every file named, or every folder: a program's main(). */
int	 play_main(const struct play_side *, int nfiles, char **files);

/* Remember the first failure of the scenario; false. */
bool	 play_fail(struct player *, const char *text);

/* Note what the client says. */
void	 play_error(struct player *, int err, const char *text);
void	 play_event(struct player *, const char *name, const struct packet *);
void	 play_message(struct player *, const struct packet_publish *,
	    struct mqk_ack);
void	 play_answer(struct player *, const char *name,
	    const struct packet_suback *, int error, const void *tag);
void	 play_word(struct player *, const char *event);

/* Note every whole packet of what the client has written. */
bool	 play_packets(struct player *, struct buf *);

/* The option line, or one without fields. */
const struct mqs_line *play_options(const struct mqs *);

#endif
