/* SPDX-License-Identifier: MIT */

/*
 * The option engine.  One row is one option: how it is spelled, what it takes,
 * where the value goes, its default, its help line and its paragraph in the
 * manual.  A group is an array of rows, a tool is a list of groups; the parser,
 * --help, the man pages and the completions all read the same rows.
 */

#ifndef COMMON_OPT_H
#define COMMON_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct opt_env;

/* The kinds, and the type of the field that AT() names. */
enum opt_kind {
	OPT_FLAG,		/* bool; default "on" or NULL */
	OPT_STRING,		/* char *, owned by the config */
	OPT_LIST,		/* struct opt_list, strings owned */
	OPT_INT,		/* int64_t */
	OPT_DURATION,		/* int64_t, milliseconds; plain number: s */
	OPT_SIZE,		/* int64_t, bytes */
	OPT_RATE,		/* double, per second */
	OPT_CHOICE,		/* int */
	OPT_CALL		/* opt.call() decides */
};

enum opt_flag {
	OPT_NEGATABLE = 1,	/* --no-NAME clears the FLAG */
	OPT_SECRET = 2,		/* blanked in argv, wiped when freed */
	OPT_MAYBE = 4,		/* CALL: the argument may be left out */
	OPT_HIDDEN = 8,		/* accepted, not shown by --help */
	OPT_UTF8 = 16		/* STRING: for a string of MQTT's */
};

/* What a value is, for completions. */
enum opt_hint {
	HINT_NONE, HINT_FILE, HINT_DIR, HINT_HOST, HINT_PROPERTY, HINT_GROUP
};

struct opt_choice {
	const char	*name;		/* NULL ends the list */
	int		 value;
};

struct opt_list {
	char		**v;		/* a NULL behind them; NULL: none */
	size_t		 n;
};

/* .at and .size of a field of struct config; the unit test checks the size. */
#define AT(field) .at = offsetof(struct config, field),			\
	.size = sizeof(((struct config *)0)->field)

struct opt {
	char		 letter;	/* 0: long form only */
	const char	*name;		/* long form; NULL ends the array */
	const char	*arg;		/* placeholder; NULL: no argument.  One
					   word for each: "name value" */
	enum opt_kind	 kind;
	size_t		 at, size;
	int64_t		 min, max;	/* max 0: none; DURATION: ms;
					   STRING: bytes */
	const struct opt_choice *choices;
	/* arg is NULL without argument; 0, or an enum opt_end */
	int		(*call)(struct opt_env *, const char *arg);
	unsigned	 flags;		/* enum opt_flag */
	enum opt_hint	 hint;
	const char	*dflt;		/* parsed as if given; NULL: zero */
	const char	*help;		/* one line, <= 60, no final period */
	const char	*man;		/* paragraph in mdoc, with period */
};

struct opt_group {
	const char	*name;		/* --help NAME */
	const char	*title;		/* heading in help and manual */
	const struct opt *rows;
	/* after the last word: what holds between options; may be NULL */
	int		(*check)(struct opt_env *);
	/* release what CALL rows put into the config; may be NULL */
	void		(*fini)(struct config *);
};

struct tool {
	const char	*name;
	const char	*summary;	/* one line, for --help */
	const char	*synopsis;	/* after the name, for --help */
	unsigned	 bit;		/* enum tool_bit of exitcode.h */
	const struct opt_group *const *groups;	/* NULL-ended; the first is
					   the one --help shows in full */
	/* takes one word that is no option; NULL: none are accepted */
	int		(*operand)(struct opt_env *, const char *word);
	const char	*operands;	/* choices for completion: "pub sub" */
	/* prints the generated part of FORMAT, in mdoc; NULL: no section */
	void		(*format_section)(void);
};

/* In mqpub/opts_pub.c, mqsub/opts_sub.c and mqbench/opts_bench.c. */
extern const struct tool tool_mqpub, tool_mqsub, tool_mqbench;

extern const struct opt_group group_connect, group_transport, group_tls,
    group_session, group_general;


/*
 * Set all defaults, then what argv says, then run the groups' checks.  Result:
 * -1 to go on, else the status to exit with (0 after --help or --version; a
 * usage error, or that these could not be printed, has been reported).  The
 * config must be zeroed before and is released by opt_free() in every case.
 */
int	opt_parse(const struct tool *, int argc, char **argv,
	    struct config *);

/* Release every value of the tool's rows; secrets are wiped first. */
void	opt_free(const struct tool *, struct config *);

/* ---- for call, check and operand functions ---- */

/* Why they end the program; 0: they don't. */
enum opt_end {
	OPT_STOP = 1,		/* all is done, as after --help */
	OPT_BAD			/* a usage error was reported */
};

struct config *opt_config(const struct opt_env *);

/*
 * The next word of argv, for options that take more than one; NULL after an
 * error "--property: VALUE is missing", which names it.
 */
const char *opt_word(struct opt_env *, const char *what);

/* Was the option of that long name among the arguments? */
bool	opt_given(const struct opt_env *, const char *name);

/* Replace an owned string. */
void	opt_set_string(char **, const char *);
void	opt_list_add(struct opt_list *, const char *);

/*
 * Report a usage error, "mqpub: --qos: …" with the row that is being handled
 * (none in checks), and the line that points to --help.  Returns OPT_BAD.
 */
int	opt_error(struct opt_env *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* ---- for help and mqgen ---- */

const struct tool *opt_tool(const struct opt_env *);

/*
 * The letter by which the tool knows that option; 0: none.  A letter belongs
 * to the first row that has it, so that a tool's own group can take one over
 * from a shared group behind it.
 */
char	opt_letter(const struct tool *, const struct opt *);

/* The row with that long name, or NULL. */
const struct opt *opt_find(const struct tool *, const char *name);

#endif
