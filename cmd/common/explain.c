/* SPDX-License-Identifier: MIT */

/* See explain.h. */

#include "common/explain.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/diag.h"

/* Room for the stages, and for what is shown of any value. */
enum { TEXT_MAX = 256 };

static void
say(const char *what, const char *text)
{
	diag_plain("  %-14s%s", what, text);
}

static void
say_times(const struct mqk_post_mortem *pm)
{
	char	 text[TEXT_MAX] = "";
	size_t	 n = 0;

	for (int i = 0; i <= (int)pm->stage && n < sizeof(text); i++) {
		if (pm->took_ms[i] == 0 && i != (int)pm->stage)
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s%s %u ms", n > 0 ? ", " : "",
		    mqk_stage_name((enum mqk_stage)i),
		    (unsigned)pm->took_ms[i]);
	}
	say("times", text);
}

static void
say_tls(const struct mqk_post_mortem *pm)
{
	char	 text[TEXT_MAX];

	if (pm->alert_name != NULL) {
		snprintf(text, sizeof(text), "%u, %s", (unsigned)pm->alert,
		    pm->alert_name);
		say("TLS alert", text);
	}
	if (pm->verify_name != NULL) {
		snprintf(text, sizeof(text), "%ld, %s, at certificate %zu",
		    pm->verify_error, pm->verify_name, pm->verify_depth);
		say("verification", text);
	}
	for (size_t i = 0; i < pm->nchain; i++) {
		diag_plain("  certificate %zu", i);
		say("  subject", pm->chain[i].subject);
		say("  issuer", pm->chain[i].issuer);
		say("  names", pm->chain[i].names);
		diag_plain("  %-14s%s to %s", "  valid",
		    pm->chain[i].not_before, pm->chain[i].not_after);
	}
}

static void
say_first(const struct mqk_post_mortem *pm)
{
	const uint8_t	*at = pm->first.data;
	char	 hex[3 * 32 + 1] = "", text[32 + 1] = "";

	if (pm->first.len == 0)
		return;
	for (size_t i = 0; i < pm->first.len && i < 32; i++) {
		snprintf(hex + 3 * i, 4, "%02x ", at[i]);
		text[i] = at[i] >= ' ' && at[i] < 0x7f ? (char)at[i] : '.';
	}
	say("answer", hex);
	say("", text);
	if (pm->protocol != NULL)
		say("protocol", pm->protocol);
}

static void
say_property(enum mqk_prop id, const struct mqk_value *v)
{
	char	 text[TEXT_MAX];

	if (mqk_prop_type(id) <= MQK_T_VARINT)
		snprintf(text, sizeof(text), "%s: %u", mqk_prop_name(id),
		    (unsigned)v->num);
	else
		snprintf(text, sizeof(text), "%s: %.*s%s%.*s",
		    mqk_prop_name(id), (int)v->key.len,
		    v->key.len > 0 ? (const char *)v->key.data : "",
		    mqk_prop_type(id) == MQK_T_PAIR ? "=" : "",
		    (int)v->str.len,
		    v->str.len > 0 ? (const char *)v->str.data : "");
	say("property", text);
}

static void
say_answer(const struct mqk_post_mortem *pm)
{
	enum mqk_prop	 id;
	struct mqk_value v;
	size_t	 cursor = 0;
	char	 text[TEXT_MAX];

	if (pm->reason != 0) {
		snprintf(text, sizeof(text), "0x%02x, %s", pm->reason,
		    mqk_reason_name(MQK_CONNACK, pm->reason));
		say("CONNACK", text);
	}
	while (mqk_props_next(pm->props, &cursor, &id, &v))
		say_property(id, &v);
}

void
explain(const struct mqk_post_mortem *pm)
{
	char	 text[TEXT_MAX];

	if (pm == NULL)
		return;
	say("broker", pm->url);
	if (*pm->address != '\0')
		say("address", pm->address);
	say("failed at", mqk_stage_name(pm->stage));
	say_times(pm);
	if (pm->os_error != 0) {
		snprintf(text, sizeof(text), "%s (errno %d)",
		    strerror(pm->os_error), pm->os_error);
		say("system", text);
	}
	say_tls(pm);
	say_first(pm);
	say_answer(pm);
}
