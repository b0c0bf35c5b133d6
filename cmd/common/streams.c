/* SPDX-License-Identifier: MIT */

#include "common/streams.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/exitcode.h"

void
streams_hold(void)
{
	int	fd;

	/* open(2) gives the lowest number that is free. */
	do {
		fd = open("/dev/null", O_WRONLY);
		if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
			close(fd);
			fd = open("/dev/null", O_RDONLY);
		}
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		exit(STATUS_INTERNAL);	/* and nowhere to say why */
	close(fd);
}
