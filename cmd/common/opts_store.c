/* SPDX-License-Identifier: MIT */

/* Option: a file that outlives the program. */

#include "common/config.h"
#include "common/opt.h"
#include "common/opts_store.h"

/* In front of the session's check, which sees to what a session needs. */
static int
check_store(struct opt_env *env)
{
	struct config_session *s = &opt_config(env)->session;

	if (s->store == NULL)
		return (0);
	if (opt_given(env, "id-prefix"))
		return (opt_error(env, "--store needs an id that stays the "
		    "same: --id, or none to have one made up"));
	s->resume = true;
	return (0);
}

/* clang-format off */
static const struct opt rows[] = {
	{ 0, "store", "file", OPT_STRING, AT(session.store),
	  .hint = HINT_FILE,
	  .help = "keep what is under way at QoS 1 and 2 in a file",
	  .man = "Keep messages of QoS 1 and 2, and how far they have come,\n"
	    "in\n.Ar file ,\n"
	    "which is made if need be.\n"
	    "Nothing that was accepted is lost when the program is killed or\n"
	    "power fails, and nothing is doubled at QoS 2: the program goes\n"
	    "on where it was when it is called again with the same file.\n"
	    "Implies\n.Fl c ,\n"
	    "but the file remembers an id that was made up, so that\n"
	    ".Fl -id\n"
	    "is not needed.\n"
	    "It is an SQLite database with a second file beside it,\n"
	    ".Ar file Ns Pa -wal ,\n"
	    "and is for one process at a time." },
	{ .name = NULL }
};
/* clang-format on */

const struct opt_group group_store = {
	"store", "Durable store", rows, check_store, NULL
};
