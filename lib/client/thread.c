/* SPDX-License-Identifier: MIT */

/*
 * mqk_run(), the background thread, and what they need to live beside other
 * threads: locking, and a pipe that ends poll() early.  Neither exists before
 * the first mqk_run() or mqk_thread_start().
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
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

static struct threads *
threads_new(void)
{
	struct threads		*t = calloc(1, sizeof(*t));
	pthread_condattr_t	 attr;

	if (t == NULL)
		return (NULL);
	pthread_mutex_init(&t->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->changed, &attr);
	pthread_condattr_destroy(&attr);
	return (t);
}

static void
threads_free(struct threads *t)
{
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->mutex);
	free(t);
}

/* From here on the client is locked, for good. */
int
thread_enable(struct mqk_client *c)
{
	struct threads	*t;
	int		 err;

	if (c->threads != NULL)
		return (MQK_OK);
	t = threads_new();
	if (t == NULL)
		return (MQK_ENOMEM);
	err = open_wake_pipe(c);
	if (err < 0) {
		threads_free(t);
		return (err);
	}
	c->threads = t;
	return (MQK_OK);
}

void
thread_fini(struct mqk_client *c)
{
	if (c->threads == NULL)
		return;
	close(c->wake_from);
	close(atomic_load(&c->wake_to));
	threads_free(c->threads);
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

	if (c == NULL)
		return;
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
	c->runner = pthread_self();
	err = loop_run(c);
	c->running = false;
	if (c->state != MQK_IDLE)
		c->waits.stops++;
	thread_tell(c);
	return (err);
}

/* Lock for the rest of the client's life, and now; MQK_ESTATE: not now. */
static int
begin_run(struct mqk_client *c)
{
	int	 err;

	/* Locking does not begin inside a callback. */
	if (c->threads == NULL && c->in_turn)
		return (client_is_busy(c));
	err = thread_enable(c);
	if (err < 0)
		return (client_failed(c, err, err == MQK_ENOMEM ? NULL :
		    "loop: no descriptors for what wakes it"));
	client_lock(c);
	if (!c->in_turn && !c->running && !c->has_thread)
		return (MQK_OK);
	err = client_is_busy(c);
	client_unlock(c);
	return (err);
}

int
mqk_run(struct mqk_client *c)
{
	int	 err = begin_run(c);
	bool	 orphan;

	if (err < 0)
		return (err);
	err = run_locked(c);
	orphan = client_orphaned(c);
	client_unlock(c);
	if (orphan)
		client_destroy(c);
	return (err);
}

static void *
thread_main(void *arg)
{
	struct mqk_client	*c = arg;
	bool			 dying, orphan;

	client_lock(c);
	c->threads->result = run_locked(c);
	dying = c->dying;
	orphan = client_orphaned(c);
	client_unlock(c);
	if (dying)
		pthread_detach(pthread_self());
	if (orphan)
		client_destroy(c);
	return (NULL);
}

/* It starts with the lock, so the thread finds its own id in place. */
static int
spawn(struct mqk_client *c)
{
	if (pthread_create(&c->threads->thread, NULL, thread_main, c) != 0)
		return (MQK_ENOMEM);
	c->has_thread = true;
	c->running = true;
	c->runner = c->threads->thread;
	return (MQK_OK);
}

int
mqk_thread_start(struct mqk_client *c)
{
	int	 err = begin_run(c);

	if (err < 0)
		return (err);
	err = spawn(c);
	if (err < 0)
		(void)client_failed(c, err, "loop: no thread for it");
	client_unlock(c);
	return (err);
}

/*
 * One that was started before there was anything to do has ended.  It takes no
 * lock any more: it can be joined with it.
 */
int
thread_ensure(struct mqk_client *c)
{
	if ((!c->config.background && !c->has_thread) || c->running)
		return (MQK_OK);
	if (c->has_thread)
		pthread_join(c->threads->thread, NULL);
	c->has_thread = false;
	return (spawn(c));
}

static bool
is_our_thread(const struct mqk_client *c)
{
	return (pthread_equal(c->threads->thread, pthread_self()) != 0);
}

int
mqk_thread_join(struct mqk_client *c)
{
	pthread_t	 thread;

	client_lock(c);
	if (!c->has_thread || is_our_thread(c)) {
		(void)client_failed(c, MQK_ESTATE, c->has_thread ?
		    "join: called from the thread itself" :
		    "join: there is no thread");
		client_unlock(c);
		return (MQK_ESTATE);
	}
	c->has_thread = false;
	thread = c->threads->thread;
	client_unlock(c);
	pthread_join(thread, NULL);
	return (c->threads->result);
}

bool
thread_end(struct mqk_client *c)
{
	bool	 joinable;

	client_lock(c);
	joinable = c->has_thread && !is_our_thread(c);
	client_unlock(c);
	if (!joinable)
		return (false);
	mqk_stop(c);
	(void)mqk_thread_join(c);
	return (true);
}
