/* SPDX-License-Identifier: MIT */

/* Options: what is printed for a message. */

#include "common/opts_output.h"

#include "common/config.h"
#include "common/format.h"
#include "common/opt.h"

static int
call_format(struct opt_env *env, const char *arg)
{
	struct config_output	*o = &opt_config(env)->output;
	const char		*why;
	size_t			 at;

	format_free(o->format);
	o->format = format_compile(arg, &why, &at);
	if (o->format == NULL)
		return (opt_error(env, "'%s': %s, at character %zu", arg, why,
		    at));
	return (0);
}

static int
check_output(struct opt_env *env)
{
	const struct config_output	*o = &opt_config(env)->output;

	if (o->json && o->format != NULL)
		return (opt_error(env, "--json and --format exclude each "
		    "other; a format has %%j"));
	return (0);
}

static void
fini_output(struct config *config)
{
	format_free(config->output.format);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 'v', "verbose", NULL, OPT_FLAG, AT(output.verbose),
	  .help = "print the topic in front of the payload",
	  .man = "Print the topic and a blank in front of the payload, and\n"
	    ".Ql (null)\n"
	    "for an empty one, which is not shown at all otherwise." },
	{ 'N', "no-newline", NULL, OPT_FLAG, AT(output.no_newline),
	  .help = "print no newline after a message",
	  .man = "Print no newline after a message." },
	{ 'F', "format", "format", OPT_CALL, .call = call_format,
	  .help = "print each message in this format",
	  .man = "Print each message in this format, see\n"
	    ".Sx FORMAT .\n"
	    ".Fl v\n"
	    "has no effect then." },
	{ 0, "json", NULL, OPT_FLAG, AT(output.json),
	  .help = "print each message as a line of JSON",
	  .man = "Print each message as one line of JSON, see\n"
	    ".Sx FORMAT ." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_output = {
	"output", "Output", rows, check_output, fini_output
};
