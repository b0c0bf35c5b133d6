/* SPDX-License-Identifier: MIT */

/*
 * getaddrinfo() and the look-up of SRV records may block for a minute and
 * can't be interrupted, so they run on a detached thread.  The thread
 * announces its answer by closing its end of a pipe: that wakes any kind of
 * loop and, unlike a write, can't raise SIGPIPE.  Whoever is second to let go
 * of the job frees it.
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
#include "transport/srv.h"

enum job_state { AT_WORK, ANSWERED, ABANDONED };

struct resolve {
	atomic_int	 state;		/* enum job_state */
	int		 fd;		/* ours: end of file is the answer */
	int		 thread_fd;	/* closed by the thread */
	int		 code;		/* of getaddrinfo() */
	int		 sys_errno;
	const char	*why;		/* no SRV record; NULL: see code */
	struct addresses *list;
	char		*name;		/* host, or "_mqtt._tcp.HOST" */
	bool		 is_service;
	uint16_t	 port;
};

socklen_t
address_len(const union address *a)
{
	return (a->any.sa_family == AF_INET6 ? sizeof(a->in6) :
	    sizeof(a->in));
}

static int
lookup(const char *host, const char *port, int flags, struct addrinfo **list)
{
	struct addrinfo	 hints = { .ai_flags = flags,
			    .ai_family = AF_UNSPEC,
			    .ai_socktype = SOCK_STREAM };

	*list = NULL;
	return (getaddrinfo(host, port, &hints, list));
}

static void
keep(struct addresses *to, const struct addrinfo *a)
{
	for (; a != NULL && to->n < RESOLVE_MAX; a = a->ai_next) {
		if (a->ai_addrlen > sizeof(to->at[0]))
			continue;
		memset(&to->at[to->n], 0, sizeof(to->at[0]));
		memcpy(&to->at[to->n++], a->ai_addr, a->ai_addrlen);
	}
}

/* Append the addresses of a host: 0, or the code of getaddrinfo(). */
static int
append(struct addresses *to, const char *host, uint16_t port, int flags)
{
	struct addrinfo	*list;
	char		 text[6];
	int		 code;

	snprintf(text, sizeof(text), "%u", (unsigned)port);
	code = lookup(host, text, flags | AI_NUMERICSERV, &list);
	if (code != 0)
		return (code);
	keep(to, list);
	freeaddrinfo(list);
	return (to->n > 0 ? 0 : EAI_NONAME);
}

static struct addresses *
new_list(void)
{
	return (calloc(1, sizeof(struct addresses) +
	    RESOLVE_MAX * sizeof(union address)));
}

static void
job_free(struct resolve *job)
{
	free(job->list);
	free(job->name);
	free(job);
}

/* All targets that are known, as if they were addresses of one host. */
static int
append_service(struct resolve *job)
{
	struct srv	*v = calloc(SRV_MAX, sizeof(*v));
	int		 code = EAI_NONAME, n;

	if (v == NULL)
		return (EAI_MEMORY);
	n = srv_query(v, job->name, &job->why);
	/* Each may take as long as a name server does, or as many do. */
	for (int i = 0; i < n && job->list->n < RESOLVE_MAX &&
	    atomic_load(&job->state) != ABANDONED; i++)
		code = append(job->list, v[i].target, v[i].port, 0);
	if (n > 0)
		job->why = "the hosts of its SRV records are not known";
	free(v);
	return (job->list->n > 0 ? 0 : n == MQK_ENOMEM ? EAI_MEMORY : code);
}

static void *
work(void *arg)
{
	struct resolve	*job = arg;
	int		 fd = job->thread_fd;

	job->code = job->is_service ? append_service(job) :
	    append(job->list, job->name, job->port, 0);
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

static char *
full_name(const char *host, const char *service)
{
	size_t	 size;
	char	*name;

	if (service == NULL)
		return (str_dup(host));
	size = strlen(host) + strlen(service) + sizeof("_._tcp.");
	name = malloc(size);
	if (name != NULL)
		snprintf(name, size, "_%s._tcp.%s", service, host);
	return (name);
}

/* Takes the list; 0 or an errno. */
static int
take_job(struct resolve **to, struct addresses *list, const char *host,
    uint16_t port, const char *service)
{
	struct resolve	*job = calloc(1, sizeof(*job));
	int		 err = ENOMEM;

	if (job == NULL) {
		free(list);
		return (err);
	}
	job->list = list;
	job->port = port;
	job->is_service = service != NULL;
	job->name = full_name(host, service);
	if (job->name != NULL)
		err = start_job(job);
	if (err != 0)
		job_free(job);
	else
		*to = job;
	return (err);
}

int
resolve_start(struct resolve **to, struct addresses **list, const char *host,
    uint16_t port, const char *service, struct error *e)
{
	struct addresses *found = new_list();
	int		 err = ENOMEM;

	*to = NULL;
	*list = NULL;
	if (found != NULL && append(found, host, port, AI_NUMERICHOST) == 0) {
		*list = found;
		return (MQK_OK);
	}
	if (found != NULL)
		err = take_job(to, found, host, port, service);
	return (err == 0 ? MQK_OK : errf(e, MQK_ENOMEM, "resolve %s: %s",
	    host, strerror(err)));
}

const char *
resolve_name(const struct resolve *job)
{
	return (job->name);
}

int
resolve_fd(const struct resolve *job)
{
	return (job->fd);
}

int
resolve_result(struct resolve *job, struct addresses **list, struct error *e)
{
	const char	*why;

	if (atomic_load(&job->state) != ANSWERED)
		return (MQK_EAGAIN);
	if (job->code != 0) {
		why = job->why != NULL ? job->why :
		    job->code == EAI_SYSTEM ? strerror(job->sys_errno) :
		    gai_strerror(job->code);
		errf(e, MQK_ERESOLVE, "resolve %s: %s", job->name, why);
		e->os_error = job->code == EAI_SYSTEM ? job->sys_errno : 0;
		return (MQK_ERESOLVE);
	}
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
