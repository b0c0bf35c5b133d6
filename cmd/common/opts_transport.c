/* SPDX-License-Identifier: MIT */

/* Options: what carries the bytes to the broker, if not plain TCP. */

#include <string.h>

#include "common/config.h"
#include "common/opt.h"

static int
check_transport(struct opt_env *env)
{
	const struct config_transport *t = &opt_config(env)->transport;

	if (t->unix_path != NULL && *t->unix_path == '\0')
		return (opt_error(env, "--unix: the path is empty"));
	return (0);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 0, "unix", "path", OPT_STRING, AT(transport.unix_path),
	  .hint = HINT_FILE,
	  .help = "connect to a socket in the file system",
	  .man = "Connect to the broker's socket in the file system instead "
	    "of to\n.Fl -host ." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_transport = {
	"transport", "Transport", rows, check_transport, NULL
};
