/* SPDX-License-Identifier: MIT */

/* "Did you mean": the long name that is nearest to a mistyped one. */

#include <string.h>

#include "common/optenv.h"

enum { NAME_MAX_LEN = 40, NEAR = 2 };

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned	 m = a < b ? a : b;

	return (m < c ? m : c);
}

/*
 * Insertions, removals, replacements and swaps of neighbours that make a into
 * b (optimal string alignment).
 */
static unsigned
distance(const char *a, const char *b)
{
	unsigned	 rows[3][NAME_MAX_LEN + 1] = { { 0 } };
	unsigned	*older = rows[0], *old = rows[1], *row = rows[2];
	unsigned	*spare;
	size_t		 n = strlen(b);

	if (n > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN)
		return (NAME_MAX_LEN);
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		spare = older;
		older = old;
		old = row;
		row = spare;
		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < n; j++) {
			row[j + 1] = min3(row[j] + 1, old[j + 1] + 1,
			    old[j] + (a[i] != b[j]));
			if (i > 0 && j > 0 && a[i] == b[j - 1] &&
			    a[i - 1] == b[j])
				row[j + 1] = min3(row[j + 1], row[j + 1],
				    older[j - 1] + 1);
		}
	}
	return (row[n]);
}

/* The beginning of a name counts as near, however much is missing. */
static unsigned
farness(const char *typed, const char *name)
{
	size_t		 n = strlen(typed);

	if (n >= 3 && strncmp(typed, name, n) == 0)
		return (1);
	return (distance(typed, name));
}

const char *
opt_suggest(const struct tool *tool, const char *typed)
{
	const char	*best = NULL;
	unsigned	 best_far = NEAR + 1;

	for (size_t i = 0; tool->groups[i] != NULL; i++) {
		const struct opt *o = tool->groups[i]->rows;

		for (; o->name != NULL; o++) {
			unsigned	 far = farness(typed, o->name);

			if (far < best_far && 2 * far < strlen(typed)) {
				best = o->name;
				best_far = far;
			}
		}
	}
	return (best);
}
