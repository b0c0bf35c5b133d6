/* SPDX-License-Identifier: MIT */

/* Options that every tool has: help, version, how much is said. */

#include <stdio.h>

#include "common/config.h"
#include "common/help.h"
#include "common/opt.h"
#include "common/version.h"

static int
call_version(struct opt_env *env, const char *arg)
{
	(void)arg;
	printf("%s %s\n", opt_tool(env)->name, MQKIT_VERSION);
	return (OPT_STOP);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 'd', "debug", NULL, OPT_FLAG, AT(general.debug),
	  .help = "tell every packet on stderr",
	  .man = "Print a line on standard error for every packet sent or\n"
	    "received." },
	{ 0, "explain", NULL, OPT_FLAG, AT(general.explain),
	  .help = "tell all about a connection that failed",
	  .man = "When an attempt to connect fails, print what is known about\n"
	    "it on standard error, behind the line that is always there: the\n"
	    "stage it came to and how long each took, address, system error,\n"
	    "TLS alert, the broker's certificates, its answer.\n"
	    "It is not called\n"
	    ".Li --verbose ,\n"
	    "because\n"
	    ".Xr mosquitto_sub 1\n"
	    "prints topics with that." },
	{ 0, "quiet", NULL, OPT_FLAG, AT(general.quiet),
	  .help = "no messages on stderr but usage errors",
	  .man = "Print no messages on standard error while running.\n"
	    "Usage errors are still reported." },
	{ 0, "help", "group", OPT_CALL, .call = help_call,
	  .flags = OPT_MAYBE, .hint = HINT_GROUP,
	  .help = "print the options of a group, or of all",
	  .man = "Print the most used options, those of a group, or with\n"
	    ".Cm all\n"
	    "every one, and exit." },
	{ 0, "version", NULL, OPT_CALL, .call = call_version,
	  .help = "print the version",
	  .man = "Print the version and exit." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_general = {
	"general", "General", rows, NULL, NULL
};
