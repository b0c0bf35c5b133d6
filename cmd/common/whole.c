/* SPDX-License-Identifier: MIT */

/* Files and pipes of any size as payloads, with bounded memory. */

#include "common/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/exitcode.h"

enum {
	FIRST_BLOCK = 64 * 1024,
	IN_MEMORY = 1024 * 1024,
	MOST = 268435455	/* the largest MQTT packet */
};

static int
fail(const struct whole *w, const char *what)
{
	diag_warn("%s: %s", w->name, what);
	return (STATUS_INPUT);
}

static int
too_large(const struct whole *w)
{
	return (fail(w, "larger than the 268435455 bytes of an MQTT message"));
}

/* A mqk_source: the payload from offset on. */
static int64_t
read_stream(void *arg, uint32_t offset, void *to, size_t len)
{
	struct whole	*w = arg;
	ssize_t		 n;

	n = pread(w->fd, to, len, w->base + (off_t)offset);
	if (n > 0)
		return (n);
	w->failed = true;
	fail(w, n < 0 ? strerror(errno) : "became shorter while it was sent");
	return (-1);
}

static int
stream(struct whole *w, int fd, off_t base, off_t size)
{
	if (size > MOST)
		return (too_large(w));
	w->streamed = true;
	w->fd = fd;
	w->base = base;
	w->source = (struct mqk_source){
		.len = (uint32_t)size, .read = read_stream, .arg = w
	};
	return (STATUS_OK);
}

/* A system call failed, or was given up for a signal. */
static int
fail_system(const struct whole *w)
{
	if (errno == EINTR)
		return (STATUS_INTERRUPTED);
	return (fail(w, strerror(errno)));
}

/* -1 with EINTR: stop_fd was readable first. */
static int
wait_input(const struct whole *w, int fd)
{
	struct pollfd	fds[] = {
		{ w->stop_fd, POLLIN, 0 }, { fd, POLLIN, 0 }
	};
	int		n;

	do {
		n = poll(fds, 2, -1);
	} while (n < 0 && errno == EINTR);
	if (fds[0].revents == 0)
		return (n < 0 ? -1 : 0);
	errno = EINTR;
	return (-1);
}

/* read(2) until len bytes or the end; -1: error. */
static ssize_t
read_full(const struct whole *w, int fd, uint8_t *to, size_t len)
{
	size_t	have = 0;
	ssize_t	n;

	while (have < len) {
		if (wait_input(w, fd) != 0)
			return (-1);
		n = read(fd, to + have, len - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (-1);
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return ((ssize_t)have);
}

static int
write_full(int fd, const uint8_t *p, size_t len)
{
	ssize_t	n;

	while (len != 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (-1);
		p += n;
		len -= (size_t)n;
	}
	return (0);
}

/* A file that is gone when its descriptor is closed. */
static int
open_unlinked(void)
{
	static const char	 name[] = "/mqpub.XXXXXX";
	const char		*dir = getenv("TMPDIR");
	char			*path;
	size_t			 len;
	int			 fd;

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	len = strlen(dir);
	path = xmalloc(len + sizeof name);
	memcpy(path, dir, len);
	memcpy(path + len, name, sizeof name);
	fd = mkstemp(path);
	if (fd >= 0)
		unlink(path);
	free(path);
	return (fd);
}

/* The rest of fd behind the len bytes in memory, all into the spool. */
static int
copy_to_spool(struct whole *w, int fd, int spool, size_t len)
{
	off_t	size = 0;
	ssize_t	n = (ssize_t)len;

	while (n > 0) {
		size += n;
		if (size > MOST)
			return (too_large(w));
		if (write_full(spool, w->mem, (size_t)n) != 0)
			return (fail(w, "no room in the temporary directory"));
		n = read_full(w, fd, w->mem, IN_MEMORY);
	}
	if (n < 0)
		return (fail_system(w));
	return (stream(w, spool, 0, size));
}

static int
spool(struct whole *w, int fd, size_t len)
{
	int	to = open_unlinked();
	int	status;

	if (to < 0)
		return (fail(w, "can't make a temporary file"));
	status = copy_to_spool(w, fd, to, len);
	if (status != STATUS_OK)
		close(to);
	free(w->mem);
	w->mem = NULL;
	return (status);
}

/* Read up to the end into memory, or hand over to spool(). */
static int
slurp(struct whole *w, int fd)
{
	size_t	cap = FIRST_BLOCK, have = 0;
	ssize_t	n;

	for (;; cap *= 4) {
		w->mem = xrealloc(w->mem, cap);
		n = read_full(w, fd, w->mem + have, cap - have);
		if (n < 0)
			return (fail_system(w));
		have += (size_t)n;
		if (have < cap)
			break;
		if (cap == IN_MEMORY)
			return (spool(w, fd, have));
	}
	w->bytes = (struct mqk_bytes){ w->mem, have };
	return (STATUS_OK);
}

static int
load(struct whole *w, int fd)
{
	struct stat	sb;
	off_t		base;

	if (fstat(fd, &sb) != 0)
		return (fail(w, strerror(errno)));
	base = S_ISREG(sb.st_mode) ? lseek(fd, 0, SEEK_CUR) : 0;
	if (base < 0)
		return (fail(w, strerror(errno)));
	if (S_ISREG(sb.st_mode) && sb.st_size - base > IN_MEMORY)
		return (stream(w, fd, base, sb.st_size - base));
	return (slurp(w, fd));
}

int
whole_open(struct whole *w, const char *path, int stop_fd)
{
	int	fd = STDIN_FILENO;
	int	status;

	*w = (struct whole){
		.name = path == NULL ? "standard input" : path,
		.stop_fd = stop_fd,
		.fd = -1
	};
	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (fail_system(w));
	status = load(w, fd);
	if (fd != STDIN_FILENO && w->fd != fd)
		close(fd);
	return (status);
}

void
whole_fini(struct whole *w)
{
	if (w->fd > STDERR_FILENO)
		close(w->fd);
	free(w->mem);
}
