/* SPDX-License-Identifier: MIT */

/* mqbench: loads a broker and measures it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/signals.h"
#include "common/streams.h"
#include "mqbench/bench.h"
#include "mqbench/control.h"
#include "mqbench/report.h"

/* Event loops, timers, standard streams and some room. */
#define FILES_PER_WORKER	8
#define FILES_BESIDES		32

/* As many open files as the run needs, up to the hard limit. */
static int
raise_file_limit(const struct plan *p)
{
	rlim_t need = p->clients + p->workers * FILES_PER_WORKER +
	    FILES_BESIDES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
		return (STATUS_OK);
	if (limit.rlim_max < need) {
		diag_say("--clients: %lu clients need %lu open files, and "
		    "this process may have %lu (ulimit -Hn)",
		    (unsigned long)p->clients, (unsigned long)need,
		    (unsigned long)limit.rlim_max);
		return (STATUS_ERROR);
	}
	limit.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return (STATUS_OK);
	diag_say("setrlimit: %s", strerror(errno));
	return (STATUS_ERROR);
}

static int
fail_json(const struct bench *b)
{
	diag_say("%s: %s", b->config->bench.json, strerror(errno));
	return (STATUS_OUTPUT);
}

/* *to is NULL where none is wanted. */
static int
open_json(const struct bench *b, FILE **to)
{
	const char *path = b->config->bench.json;

	*to = NULL;
	if (path == NULL)
		return (STATUS_OK);
	*to = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	return (*to == NULL ? fail_json(b) : STATUS_OK);
}

static int
report(const struct bench *b, const struct outcome *o, FILE *json)
{
	if (json != stdout)
		report_text(b, o, stdout);
	if (json != NULL && report_json(b, o, json) != 0)
		return (fail_json(b));
	if (json != NULL && json != stdout && fclose(json) != 0)
		return (fail_json(b));
	if (fflush(stdout) != 0 || ferror(stdout))
		return (STATUS_OUTPUT);
	return (bench_verdict(b, o));
}

/* A report that can't be written would make the run one in vain. */
static int
measure(const struct bench *b)
{
	struct outcome *outcome;
	FILE *json;
	int status;

	status = open_json(b, &json);
	if (status != STATUS_OK)
		return (status);
	outcome = xcalloc(1, sizeof(*outcome));
	control_run(b, outcome);
	status = report(b, outcome, json);
	free(outcome);
	return (status);
}

static int
run(const struct config *config)
{
	struct bench b;
	int status;

	diag_set_quiet(config->general.quiet);
	signals_open();
	bench_init(&b, config);
	status = raise_file_limit(&b.plan);
	if (status == STATUS_OK)
		status = bench_preflight(&b);
	if (status == STATUS_OK)
		status = measure(&b);
	bench_fini(&b);
	return (status);
}

int
main(int argc, char **argv)
{
	struct config config = { 0 };
	int status;

	streams_hold();
	diag_init("mqbench");
	status = opt_parse(&tool_mqbench, argc, argv, &config);
	if (status < 0)
		status = run(&config);
	opt_free(&tool_mqbench, &config);
	return (status);
}
