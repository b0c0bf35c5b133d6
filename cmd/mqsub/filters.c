/* SPDX-License-Identifier: MIT */

/* The subscriptions: asking for them, and what the broker answers. */

#include "mqsub/filters.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/diag.h"
#include "common/exitcode.h"

enum { DONT_SEND_RETAINED = 2 };

static int
subscribe(struct subscriber *s)
{
	const struct config_sub	*sub = &s->config->sub;
	struct mqk_filter	*filters;
	int			 mid;

	filters = xcalloc(sub->topics.n, sizeof *filters);
	for (size_t i = 0; i < sub->topics.n; i++) {
		filters[i] = (struct mqk_filter){
			.topic = sub->topics.v[i],
			.qos = (uint8_t)sub->qos,
			.retain_as_published = sub->retain_as_published,
			.retain_handling = sub->skip_retained ?
			    DONT_SEND_RETAINED : (uint8_t)sub->retain_handling
		};
	}
	mid = mqk_subscribe(s->client, filters, sub->topics.n,
	    s->config->session.props[PROPS_SUBSCRIBE]);
	free(filters);
	return (mid);
}

static int
unsubscribe(struct subscriber *s)
{
	const struct opt_list	*list = &s->config->sub.unsubscribe;

	return (mqk_unsubscribe(s->client, (const char *const *)list->v,
	    list->n, s->config->session.props[PROPS_UNSUBSCRIBE]));
}

int
filters_request(struct subscriber *s)
{
	int	mid = 0;

	if (s->config->sub.topics.n != 0) {
		mid = subscribe(s);
		s->unanswered++;
	}
	if (mid >= 0 && s->config->sub.unsubscribe.n != 0) {
		mid = unsubscribe(s);
		s->unanswered++;
	}
	return (mid < 0 ? mid : MQK_OK);
}

/* The number of filters that were refused, each with a message. */
static size_t
tell_refused(struct subscriber *s, const struct opt_list *list,
    const struct mqk_result *result, enum mqk_packet_type type,
    const char *verb)
{
	const char	*filter;
	size_t		 refused = 0;

	for (size_t i = 0; i < result->nreasons; i++) {
		if (result->reasons[i] < MQK_REFUSAL)
			continue;
		refused++;
		filter = result->filter;
		if (filter == NULL)
			filter = result->nreasons == list->n ? list->v[i] :
			    "a filter";
		diag_warn("the broker refused to %s %s: %s (0x%02x)", verb,
		    filter, mqk_reason_name(type, result->reasons[i]),
		    result->reasons[i]);
	}
	s->refused = s->refused || refused != 0;
	return (refused);
}

static void
answered(struct subscriber *s)
{
	if (s->unanswered > 0)
		s->unanswered--;
	if (s->unanswered == 0 && s->config->sub.subscribe_only)
		subscriber_end(s, STATUS_OK);
}

/* Not sent at all, or never answered. */
static void
tell_failed(const struct subscriber *s, int error)
{
	char	why[512];

	if (!filter_limits_explain(&s->limits, error, &s->config->sub.topics,
	    why, sizeof(why)))
		snprintf(why, sizeof(why), "%s", mqk_strerror(error));
	diag_warn("subscription failed: %s", why);
}

void
filters_on_connected(struct mqk_client *client,
    const struct mqk_connected *connected, void *user)
{
	struct subscriber	*s = user;

	(void)client;
	filter_limits_learn(&s->limits, connected->props);
}

/* With nothing granted there is nothing to wait for. */
void
filters_on_subscribed(struct mqk_client *client,
    const struct mqk_result *result, void *user)
{
	struct subscriber	*s = user;
	size_t			 refused;

	(void)client;
	if (result->error != MQK_OK) {
		tell_failed(s, result->error);
		subscriber_end(s, STATUS_SUBSCRIBE_REFUSED);
		return;
	}
	refused = tell_refused(s, &s->config->sub.topics, result, MQK_SUBACK,
	    result->filter != NULL ? "resubscribe to" : "subscribe to");
	if (result->filter != NULL)
		return;
	if (refused == result->nreasons)
		subscriber_end(s, STATUS_SUBSCRIBE_REFUSED);
	answered(s);
}

void
filters_on_unsubscribed(struct mqk_client *client,
    const struct mqk_result *result, void *user)
{
	struct subscriber	*s = user;

	(void)client;
	tell_refused(s, &s->config->sub.unsubscribe, result, MQK_UNSUBACK,
	    "unsubscribe from");
	answered(s);
}
