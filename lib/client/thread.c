/* SPDX-License-Identifier: MIT */

/*
 * mqk_run(), the background thread, and what they need to live beside other
 * threads: locking, and a pipe that ends poll() early.  Neither exists before
 * the first mqk_run() or mqk_thread_start().
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "client/internal.h"

static int
open_wake_pipe(struct mqk_client *c)
{
	int	 fds[2];

	if (pipe(fds) == -1)
		return (MQK_EIO);
	for (int i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	}
	c->wake_from = fds[0];
	atomic_store(&c->wake_to, fds[1]);
	return (MQK_OK);
}

/* From here on the client is locked, for good. */
static int
enable(struct mqk_client *c)
{
	int	 err = MQK_OK;

	if (c->wake_from == -1)
		err = open_wake_pipe(c);
	if (err == MQK_OK)
		c->threaded = true;
	return (err);
}

void
thread_fini(struct mqk_client *c)
{
	if (c->wake_from == -1)
		return;
	close(c->wake_from);
	close(atomic_load(&c->wake_to));
}

/* A full pipe will wake the loop as well, so a failed write is no matter. */
static void
write_wake(struct mqk_client *c)
{
	int	 fd = atomic_load(&c->wake_to);

	if (fd != -1 && write(fd, "", 1) == -1)
		return;
}

void
thread_wake_loop(struct mqk_client *c)
{
	c->sleeping = false;
	write_wake(c);
}

void
thread_drain(const struct mqk_client *c)
{
	char	 waste[64];

	while (read(c->wake_from, waste, sizeof(waste)) > 0)
		continue;
}

void
mqk_stop(struct mqk_client *c)
{
	int	 saved = errno;

	atomic_store(&c->stop, true);
	write_wake(c);
	errno = saved;
}

/* The lock is held; the result is loop_run()'s. */
static int
run_locked(struct mqk_client *c)
{
	int	 err;

	c->running = true;
	err = loop_run(c);
	c->running = false;
	return (err);
}

static bool
may_run(struct mqk_client *c)
{
	bool	 free_to;

	client_lock(c);
	free_to = !c->in_turn && !c->running && !c->has_thread;
	client_unlock(c);
	return (free_to);
}

int
mqk_run(struct mqk_client *c)
{
	int	 err;

	if (!may_run(c))
		return (MQK_ESTATE);
	err = enable(c);
	if (err < 0)
		return (err);
	client_lock(c);
	err = run_locked(c);
	client_unlock(c);
	if (c->dying)
		client_destroy(c);
	return (err);
}

static void *
thread_main(void *arg)
{
	struct mqk_client	*c = arg;
	bool			 dying;

	client_lock(c);
	c->thread_result = run_locked(c);
	dying = c->dying;
	client_unlock(c);
	if (dying) {
		pthread_detach(pthread_self());
		client_destroy(c);
	}
	return (NULL);
}

int
mqk_thread_start(struct mqk_client *c)
{
	int	 err;

	if (!may_run(c))
		return (MQK_ESTATE);
	err = enable(c);
	if (err < 0)
		return (err);
	/* The thread starts with the lock: it finds its own id in place. */
	client_lock(c);
	if (pthread_create(&c->thread, NULL, thread_main, c) != 0)
		err = MQK_ENOMEM;
	else
		c->has_thread = true;
	client_unlock(c);
	return (err);
}

static bool
is_our_thread(const struct mqk_client *c)
{
	return (pthread_equal(c->thread, pthread_self()) != 0);
}

int
mqk_thread_join(struct mqk_client *c)
{
	if (!c->has_thread || is_our_thread(c))
		return (MQK_ESTATE);
	pthread_join(c->thread, NULL);
	c->has_thread = false;
	return (c->thread_result);
}

bool
thread_end(struct mqk_client *c)
{
	if (!c->has_thread || is_our_thread(c))
		return (false);
	mqk_stop(c);
	(void)mqk_thread_join(c);
	return (true);
}
