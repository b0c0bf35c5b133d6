/* SPDX-License-Identifier: MIT */

/*
 * Property lists; the first byte is the packet they stand in.  One that is
 * accepted can be built again through mqk.h, byte for byte; one that is not
 * can still be walked without harm.
 */

#include <stdint.h>
#include <string.h>

#include "codec/prop.h"
#include "fuzz/must.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
add(struct mqk_props *to, enum mqk_prop id, const struct mqk_value *v)
{
	if (mqk_prop_type(id) == MQK_T_PAIR)
		return (mqk_props_add_pair(to, v->key, v->str));
	if (mqk_prop_type(id) <= MQK_T_VARINT)
		return (mqk_props_add_num(to, id, v->num));
	return (mqk_props_add_str(to, id, v->str));
}

/* Every step gets on; the place behind the last property. */
static size_t
walk(const struct mqk_props *list)
{
	struct mqk_value	 v;
	enum mqk_prop		 id;
	size_t			 cursor = 0, before = 0;

	while (mqk_props_next(list, &cursor, &id, &v)) {
		must(cursor > before && cursor <= list->len);
		must(mqk_prop_name(id) != NULL);
		must(mqk_prop_by_name(mqk_prop_name(id)) == (int)id);
		before = cursor;
	}
	return (before);
}

static void
take_out_all(struct mqk_props *list)
{
	struct mqk_value	 v;
	enum mqk_prop		 id;
	size_t			 cursor = 0;

	while (mqk_props_next(list, &cursor, &id, &v)) {
		prop_remove(list, id);
		must(!mqk_props_get(list, id, &v));
		cursor = 0;
	}
	must(list->len == 0);
}

static void
build_again(const struct mqk_props *list, unsigned packet)
{
	struct mqk_props	*copy = mqk_props_new();
	struct mqk_value	 v;
	enum mqk_prop		 id;
	size_t			 cursor = 0;

	must(copy != NULL);
	while (mqk_props_next(list, &cursor, &id, &v)) {
		must(mqk_prop_allowed(id, (enum mqk_packet_type)packet,
		    packet == PROP_WILL));
		must(add(copy, id, &v) == MQK_OK);
		must(mqk_props_get(copy, id, &v));
	}
	must(copy->len == list->len);
	must(copy->len == 0 || memcmp(copy->data, list->data, copy->len) == 0);
	must(prop_fits(copy, packet, &id) == MQK_OK);
	take_out_all(copy);
	mqk_props_free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct mqk_props	 list = { .cap = 0 };
	unsigned		 packet;
	const char		*why = NULL;
	size_t			 end;
	int			 err;

	if (n == 0)
		return (0);
	packet = at[0] & 15;
	list.data = (uint8_t *)(uintptr_t)(at + 1);
	list.len = (uint32_t)(n - 1);
	err = prop_check(list.data, list.len, packet, &why);
	end = walk(&list);
	if (err == MQK_OK) {
		must(end == list.len);
		/* alias 0 is left to the session, we can't add it */
		if (prop_num(&list, MQK_P_TOPIC_ALIAS, 1) != 0)
			build_again(&list, packet);
	} else {
		must(err == MQK_EMALFORMED || err == MQK_EPROTOCOL);
		must(why != NULL);
	}
	return (0);
}
