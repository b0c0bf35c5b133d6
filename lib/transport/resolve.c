/* SPDX-License-Identifier: MIT */

/*
 * getaddrinfo() may block for a minute and can't be interrupted, so it runs
 * on a detached thread.  The thread announces its answer by closing its end of
 * a pipe: that wakes any kind of loop and, unlike a write, can't raise
 * SIGPIPE.  Whoever is second to let go of the job frees it.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "transport/resolve.h"

enum job_state { AT_WORK, ANSWERED, ABANDONED };

struct resolve {
	atomic_int	 state;		/* enum job_state */
	int		 fd;		/* ours: end of file is the answer */
	int		 thread_fd;	/* closed by the thread */
	int		 code;		/* of getaddrinfo() */
	int		 sys_errno;
	struct addrinfo	*list;
	char		*host;
	char		 port[6];
};

static int
lookup(const char *host, const char *port, int flags, int family,
    struct addrinfo **list)
{
	struct addrinfo	 hints = { .ai_flags = flags, .ai_family = family,
			    .ai_socktype = SOCK_STREAM };

	*list = NULL;
	return (getaddrinfo(host, port, &hints, list));
}

static void
job_free(struct resolve *job)
{
	if (job->list != NULL)
		freeaddrinfo(job->list);
	free(job->host);
	free(job);
}

static void *
work(void *arg)
{
	struct resolve	*job = arg;
	int		 fd = job->thread_fd;

	job->code = lookup(job->host, job->port, AI_NUMERICSERV, AF_UNSPEC,
	    &job->list);
	job->sys_errno = errno;
	if (atomic_exchange(&job->state, ANSWERED) == ABANDONED)
		job_free(job);
	close(fd);
	return (NULL);
}

/* Signals are for the threads of the program, not for this one. */
static int
spawn(struct resolve *job)
{
	pthread_attr_t	 attr;
	pthread_t	 thread;
	sigset_t	 all, old;
	int		 err;

	err = pthread_attr_init(&attr);
	if (err != 0)
		return (err);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, &attr, work, job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return (err);
}

static int
start_job(struct resolve *job)
{
	int	 fds[2], err;

	if (pipe(fds) == -1)
		return (errno);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	job->fd = fds[0];
	job->thread_fd = fds[1];
	err = spawn(job);
	if (err != 0) {
		close(fds[0]);
		close(fds[1]);
	}
	return (err);
}

int
resolve_start(struct resolve **to, struct addrinfo **list, const char *host,
    uint16_t port, struct error *e)
{
	struct resolve	*job;
	char		 text[6];
	int		 err;

	*to = NULL;
	snprintf(text, sizeof(text), "%u", (unsigned)port);
	if (lookup(host, text, AI_NUMERICHOST | AI_NUMERICSERV, AF_UNSPEC,
	    list) == 0)
		return (MQK_OK);
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return (errf(e, MQK_ENOMEM, "resolve %s: out of memory", host));
	memcpy(job->port, text, sizeof(text));
	job->host = str_dup(host);
	err = job->host == NULL ? ENOMEM : start_job(job);
	if (err != 0) {
		job_free(job);
		return (errf(e, MQK_ENOMEM, "resolve %s: %s", host,
		    strerror(err)));
	}
	*to = job;
	return (MQK_OK);
}

int
resolve_fd(const struct resolve *job)
{
	return (job->fd);
}

int
resolve_result(struct resolve *job, struct addrinfo **list, struct error *e)
{
	if (atomic_load(&job->state) != ANSWERED)
		return (MQK_EAGAIN);
	if (job->code != 0)
		return (errf(e, MQK_ERESOLVE, "resolve %s: %s", job->host,
		    job->code == EAI_SYSTEM ? strerror(job->sys_errno) :
		    gai_strerror(job->code)));
	*list = job->list;
	job->list = NULL;
	return (MQK_OK);
}

void
resolve_free(struct resolve *job)
{
	if (job == NULL)
		return;
	close(job->fd);
	if (atomic_exchange(&job->state, ABANDONED) == ANSWERED)
		job_free(job);
}

struct addrinfo *
resolve_numeric(const char *host, int family)
{
	struct addrinfo	*list;

	if (lookup(host, NULL, AI_NUMERICHOST | AI_PASSIVE, family, &list) != 0)
		return (NULL);
	return (list);
}
