/* SPDX-License-Identifier: MIT */

/* The broker's limits, in words that name the filter or option at fault. */

#include "mqsub/filter_limits.h"

#include <stdio.h>
#include <string.h>

static bool
is_off(const struct mqk_props *props, enum mqk_prop id)
{
	struct mqk_value	 v;

	return (mqk_props_get(props, id, &v) && v.num == 0);
}

void
filter_limits_learn(struct filter_limits *l, const struct mqk_props *props)
{
	struct mqk_value	 v = { .num = 0 };

	(void)mqk_props_get(props, MQK_P_MAXIMUM_PACKET_SIZE, &v);
	*l = (struct filter_limits){
		.no_wildcard = is_off(props,
		    MQK_P_WILDCARD_SUBSCRIPTION_AVAILABLE),
		.no_shared = is_off(props,
		    MQK_P_SHARED_SUBSCRIPTION_AVAILABLE),
		.no_ids = is_off(props,
		    MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE),
		.packet = v.num
	};
}

/* What in this filter is too much for the broker; NULL: nothing. */
static const char *
excess(const struct filter_limits *l, const char *filter)
{
	if (l->no_shared && strncmp(filter, "$share/", 7) == 0)
		return ("shared subscriptions");
	if (l->no_wildcard && strpbrk(filter, "+#") != NULL)
		return ("wildcards");
	return (NULL);
}

static bool
explain_filter(const struct filter_limits *l, const struct opt_list *filters,
    char *to, size_t cap)
{
	const char	*what;

	for (size_t i = 0; i < filters->n; i++) {
		what = excess(l, filters->v[i]);
		if (what == NULL)
			continue;
		snprintf(to, cap, "the broker takes no %s: %s", what,
		    filters->v[i]);
		return (true);
	}
	return (false);
}

bool
filter_limits_explain(const struct filter_limits *l, int error,
    const struct opt_list *filters, char *to, size_t cap)
{
	if (error == MQK_ETOOBIG && l->packet != 0)
		snprintf(to, cap, "larger than the broker takes: %u bytes "
		    "with all filters (--topic) and properties",
		    (unsigned)l->packet);
	else if (error != MQK_ENOTSUP)
		return (false);
	else if (explain_filter(l, filters, to, cap))
		return (true);
	else if (l->no_ids)
		snprintf(to, cap, "the broker takes no subscription "
		    "identifiers (--property)");
	else
		return (false);
	return (true);
}
