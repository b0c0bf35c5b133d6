/* SPDX-License-Identifier: MIT */

/*
 * A whole file as one payload: what is small is held in memory, what is large
 * is read when it is sent.  Pipes and terminals are read up to their end
 * first; what they give beyond a mebibyte waits in an unlinked temporary file.
 */

#ifndef COMMON_WHOLE_H
#define COMMON_WHOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mqk.h"

struct whole {
	const char	*name;		/* for messages */
	struct mqk_bytes bytes;		/* the content, unless streamed */
	struct mqk_source source;	/* the content, if streamed */
	bool		 streamed;
	bool		 failed;	/* reading went wrong while sending */
	int		 stop_fd;	/* while opening */
	int		 fd;		/* of the stream; -1: none */
	off_t		 base;		/* where the content begins in it */
	uint8_t		*mem;
};

/*
 * Open the file; standard input when path is NULL.
 * May block until a pipe has been read up, or stop_fd is readable (-1: no such
 * thing).  Result: STATUS_OK, STATUS_INTERRUPTED when it was stopped so, or
 * the exit status after a message.  The struct must outlive the publishes that
 * use its source, and be released with whole_fini() in every case.
 */
int	whole_open(struct whole *, const char *path, int stop_fd);
void	whole_fini(struct whole *);

#endif
