/* SPDX-License-Identifier: MIT */

/*
 * measure RUNS COMMAND...: the medians of what it costs, CPU and wall time in
 * microseconds and peak memory in KiB.  A small program of its own, because a
 * child never shows less memory than its parent had.
 */

#define _DEFAULT_SOURCE		/* wait4 */

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_RUNS	1000

struct cost {
	int64_t		 cpu[MAX_RUNS];
	int64_t		 wall[MAX_RUNS];
	int64_t		 memory[MAX_RUNS];
};

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

static int64_t
in_us(struct timeval tv)
{
	return ((int64_t)tv.tv_sec * 1000000 + tv.tv_usec);
}

static void
run(char **command, struct cost *cost, unsigned i)
{
	struct rusage ru;
	int64_t start;
	int status;
	pid_t pid;

	start = now_us();
	lseek(STDIN_FILENO, 0, SEEK_SET);
	pid = vfork();
	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &ru) != pid) {
		perror("measure");
		exit(1);
	}
	cost->wall[i] = now_us() - start;
	cost->cpu[i] = in_us(ru.ru_utime) + in_us(ru.ru_stime);
	cost->memory[i] = ru.ru_maxrss;
	if (status != 0) {
		fprintf(stderr, "measure: %s failed, status %d\n", command[0],
		    WIFEXITED(status) ? WEXITSTATUS(status) :
		    128 + WTERMSIG(status));
		exit(1);
	}
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static long long
median(int64_t *of, unsigned n)
{
	qsort(of, n, sizeof(*of), by_size);
	return ((long long)of[n / 2]);
}

int
main(int argc, char **argv)
{
	static struct cost cost;
	unsigned long runs;

	runs = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (runs == 0 || runs > MAX_RUNS) {
		fputs("usage: measure RUNS COMMAND...\n", stderr);
		return (2);
	}
	for (unsigned i = 0; i < runs; i++)
		run(argv + 2, &cost, i);
	fprintf(stderr, "%lld %lld %lld\n", median(cost.cpu, (unsigned)runs),
	    median(cost.wall, (unsigned)runs),
	    median(cost.memory, (unsigned)runs));
	return (0);
}
