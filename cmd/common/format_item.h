/* SPDX-License-Identifier: MIT */

/* Inside format*.c only: one item of a compiled format. */

#ifndef COMMON_FORMAT_ITEM_H
#define COMMON_FORMAT_ITEM_H

#include "common/format.h"

struct format_item {
	const struct format_field *field;
	const char	*text;		/* of a literal, in format.text */
	size_t		 len;
	size_t		 width;		/* 0: none */
	size_t		 precision;
	bool		 has_precision;
	bool		 left;		/* pad with blanks on the right */
	bool		 zero;		/* pad with zeros on the left */
	char		 separator;
	char		 conversion;	/* of strftime */
};

#endif
