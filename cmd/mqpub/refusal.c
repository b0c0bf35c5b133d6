/* SPDX-License-Identifier: MIT */

/* Messages that did not get through: counted, and the first one explained. */

#include "mqpub/refusal.h"

#include <stdio.h>

#include "common/diag.h"

/* The first refusal is told at once, the number of them at the end. */
static void
refuse(struct publisher *p, uint64_t number, const char *why)
{
	if (p->refused++ > 0)
		return;
	if (number == 0)
		diag_warn("a message of an earlier run: %s", why);
	else
		diag_warn("message %llu: %s", (unsigned long long)number, why);
}

void
refusal_unsent(struct publisher *p, uint64_t number, int error,
    const char *why)
{
	char	 limit[128];

	if (limits_explain(&p->limits, error, &p->message, limit,
	    sizeof(limit)))
		why = limit;
	refuse(p, number, why);
}

void
refusal_answered(struct publisher *p, const struct mqk_result *result)
{
	uint64_t		 number = (uint64_t)(uintptr_t)result->tag;
	struct mqk_value	 text;
	char			 why[512];
	int			 n;

	n = snprintf(why, sizeof why, "refused by the broker: %s (0x%02x)",
	    mqk_reason_name(MQK_PUBACK, result->reasons[0]),
	    result->reasons[0]);
	if (mqk_props_get(result->props, MQK_P_REASON_STRING, &text))
		snprintf(why + n, sizeof why - (size_t)n, "; it says: %.*s",
		    text.str.len < 256 ? (int)text.str.len : 256,
		    (const char *)text.str.data);
	refuse(p, number, why);
}
