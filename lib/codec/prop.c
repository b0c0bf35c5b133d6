/* SPDX-License-Identifier: MIT */

/*
 * Property lists as wire bytes.  Nothing here knows a property by name; what
 * is special about one stands in its row of prop.def.  Only the two rules that
 * tie a property to something else are written out (see check_text() and
 * prop_check()).
 */

#include "codec/prop.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "codec/topic.h"
#include "codec/wire.h"

#define PROP_LAST	MQK_P_SHARED_SUBSCRIPTION_AVAILABLE
#define PROP_STR_MAX	65535u
#define PROP_MAX	268435455u	/* a list's length is a varint */

#define IN(type)	MQK_TYPE(MQK_##type)
#define IN_WILL		(1u << PROP_WILL)
#define IN_ANSWERS	(IN(PUBACK) | IN(PUBREC) | IN(PUBREL) | IN(PUBCOMP) | \
			    IN(SUBACK) | IN(UNSUBACK))
#define IN_ALL		(IN_WILL | IN_ANSWERS | IN(CONNECT) | IN(CONNACK) | \
			    IN(PUBLISH) | IN(SUBSCRIBE) | IN(UNSUBSCRIBE) | \
			    IN(DISCONNECT) | IN(AUTH))

/* What can be wrong with a property, and in a list. */
enum flaw { FLAW_PLACE, FLAW_TWICE, FLAW_RANGE, FLAW_TEXT, FLAWS };

struct prop_row {
	const char	*name;		/* NULL: no such property */
	enum mqk_prop_type type;
	unsigned	 packets;	/* bits by packet type, 0: the will */
	unsigned	 many;		/* those it may be repeated in */
	uint32_t	 min, max;
	const char	*flaws[FLAWS];
};

static const struct prop_row rows[PROP_LAST + 1] = {
#define P(id, text, type, packets, many, min, max)			\
	[MQK_P_##id] = { text, MQK_T_##type, packets, many, min, max, {	\
		"property " text ": not allowed in this packet",	\
		"property " text ": given twice",			\
		"property " text ": value out of range",		\
		"property " text ": not well-formed text" } },
#include "codec/prop.def"
#undef P
};

static const struct prop_row *
row_of(uint32_t id)
{
	return (id <= PROP_LAST && rows[id].name != NULL ? &rows[id] : NULL);
}

/* Reading a value, by type. */

static void
read_byte(struct rd *r, struct mqk_value *v)
{
	v->num = rd_u8(r);
}

static void
read_u16(struct rd *r, struct mqk_value *v)
{
	v->num = rd_u16(r);
}

static void
read_u32(struct rd *r, struct mqk_value *v)
{
	v->num = rd_u32(r);
}

static void
read_varint(struct rd *r, struct mqk_value *v)
{
	v->num = rd_varint(r);
}

static void
read_str(struct rd *r, struct mqk_value *v)
{
	v->str = rd_bytes(r);
}

static void
read_pair(struct rd *r, struct mqk_value *v)
{
	v->key = rd_bytes(r);
	v->str = rd_bytes(r);
}

static void (*const readers[])(struct rd *, struct mqk_value *) = {
	[MQK_T_BYTE] = read_byte,
	[MQK_T_U16] = read_u16,
	[MQK_T_U32] = read_u32,
	[MQK_T_VARINT] = read_varint,
	[MQK_T_STRING] = read_str,
	[MQK_T_BINARY] = read_str,
	[MQK_T_PAIR] = read_pair,
};

static bool
type_is_number(enum mqk_prop_type type)
{
	return (type <= MQK_T_VARINT);
}

/* One property: its row, or NULL for an unknown id; r->bad as always. */
static const struct prop_row *
read_prop(struct rd *r, enum mqk_prop *id, struct mqk_value *v)
{
	const struct prop_row	*row;

	*v = (struct mqk_value){ 0 };
	*id = (enum mqk_prop)rd_varint(r);
	row = row_of(*id);
	if (row != NULL)
		readers[row->type](r, v);
	return (row);
}

static bool
text_valid(struct mqk_bytes b)
{
	return (utf8_valid(b.data, b.len));
}

static bool
value_text_valid(enum mqk_prop id, const struct prop_row *row,
    const struct mqk_value *v)
{
	if (row->type == MQK_T_BINARY || type_is_number(row->type))
		return (true);
	if (id == MQK_P_RESPONSE_TOPIC)			/* [MQTT-3.3.2-14] */
		return (topic_valid(v->str.data, v->str.len));
	return (text_valid(v->str) && text_valid(v->key));
}

static bool
value_in_range(const struct prop_row *row, const struct mqk_value *v)
{
	return (!type_is_number(row->type) ||
	    (v->num >= row->min && v->num <= row->max));
}

/* The flaw of a value that was read, FLAWS if it has none. */
static enum flaw
find_flaw(enum mqk_prop id, const struct prop_row *row,
    const struct mqk_value *v, unsigned packet, uint64_t seen)
{
	unsigned	 bit = 1u << packet;

	if ((row->packets & bit) == 0)
		return (FLAW_PLACE);
	if ((seen >> id & 1) != 0 && (row->many & bit) == 0)
		return (FLAW_TWICE);
	if (!value_in_range(row, v))
		return (FLAW_RANGE);
	return (value_text_valid(id, row, v) ? FLAWS : FLAW_TEXT);
}

/* An id in the wrong packet is malformed, by section 2.2.2.2. */
static const int flaw_errors[FLAWS] = {
	[FLAW_PLACE] = MQK_EMALFORMED,
	[FLAW_TWICE] = MQK_EPROTOCOL,
	[FLAW_RANGE] = MQK_EPROTOCOL,
	[FLAW_TEXT] = MQK_EMALFORMED,
};

static bool
seen_prop(uint64_t seen, enum mqk_prop id)
{
	return ((seen >> id & 1) != 0);
}

static int
check_each(struct rd *r, unsigned packet, uint64_t *seen, const char **why)
{
	const struct prop_row	*row;
	struct mqk_value	 v;
	enum mqk_prop		 id;
	enum flaw		 flaw;

	while (rd_left(r) > 0) {
		row = read_prop(r, &id, &v);
		if (r->bad) {
			*why = "properties: a value is cut off";
			return (MQK_EMALFORMED);
		}
		if (row == NULL) {
			*why = "properties: unknown identifier";
			return (MQK_EMALFORMED);
		}
		flaw = find_flaw(id, row, &v, packet, *seen);
		/* Alias 0 has a reason code of its own; see the session. */
		if (flaw == FLAW_RANGE && id == MQK_P_TOPIC_ALIAS)
			flaw = FLAWS;
		if (flaw != FLAWS) {
			*why = row->flaws[flaw];
			return (flaw_errors[flaw]);
		}
		*seen |= UINT64_C(1) << id;
	}
	return (MQK_OK);
}

int
prop_check(const uint8_t *at, size_t len, unsigned packet, const char **why)
{
	struct rd	 r = { at, at + len, false };
	uint64_t	 seen = 0;
	int		 err;

	err = check_each(&r, packet, &seen, why);
	if (err != MQK_OK)
		return (err);
	if (seen_prop(seen, MQK_P_AUTHENTICATION_DATA) &&
	    !seen_prop(seen, MQK_P_AUTHENTICATION_METHOD)) {
		*why = "property authentication-data: without "
		    "authentication-method";
		return (MQK_EPROTOCOL);
	}
	return (MQK_OK);
}

int
prop_fits(const struct mqk_props *props, unsigned packet, enum mqk_prop *bad)
{
	const struct prop_row	*row;
	struct mqk_value	 v;
	size_t			 cursor = 0;
	uint64_t		 seen = 0;

	while (mqk_props_next(props, &cursor, bad, &v)) {
		row = &rows[*bad];
		if (find_flaw(*bad, row, &v, packet, seen) != FLAWS)
			return (MQK_EINVAL);
		seen |= UINT64_C(1) << *bad;
	}
	*bad = MQK_P_AUTHENTICATION_DATA;
	return (seen_prop(seen, MQK_P_AUTHENTICATION_DATA) &&
	    !seen_prop(seen, MQK_P_AUTHENTICATION_METHOD) ?
	    MQK_EINVAL : MQK_OK);
}

bool
mqk_props_next(const struct mqk_props *props, size_t *cursor,
    enum mqk_prop *id, struct mqk_value *v)
{
	struct rd	 r;

	if (props == NULL || *cursor >= props->len)
		return (false);
	r = (struct rd){ props->data + *cursor, props->data + props->len,
	    false };
	if (read_prop(&r, id, v) == NULL || r.bad)
		return (false);
	*cursor = (size_t)(r.at - props->data);
	return (true);
}

bool
mqk_props_get(const struct mqk_props *props, enum mqk_prop want,
    struct mqk_value *v)
{
	struct mqk_value	 found;
	enum mqk_prop		 id;
	size_t			 cursor = 0;

	while (mqk_props_next(props, &cursor, &id, &found)) {
		if (id == want) {
			*v = found;
			return (true);
		}
	}
	return (false);
}

uint32_t
prop_num(const struct mqk_props *props, enum mqk_prop id, uint32_t dflt)
{
	struct mqk_value	 v;

	return (mqk_props_get(props, id, &v) ? v.num : dflt);
}

struct mqk_props *
mqk_props_new(void)
{
	return (calloc(1, sizeof(struct mqk_props)));
}

void
prop_fini(struct mqk_props *props)
{
	if (props->cap > 0)
		free(props->data);
	*props = (struct mqk_props){ 0 };
}

void
mqk_props_free(struct mqk_props *props)
{
	if (props == NULL)
		return;
	prop_fini(props);
	free(props);
}

/* Room for n more bytes; a window on a packet becomes a copy of its own. */
static int
make_room(struct mqk_props *props, size_t n)
{
	size_t	 need = props->len + n;
	uint8_t	*data;

	if (need <= props->cap)
		return (MQK_OK);
	if (need > PROP_MAX)
		return (MQK_EINVAL);
	need += need / 2;
	data = realloc(props->cap > 0 ? props->data : NULL, need);
	if (data == NULL)
		return (MQK_ENOMEM);
	if (props->cap == 0 && props->len > 0)
		memcpy(data, props->data, props->len);
	props->data = data;
	props->cap = (uint32_t)need;
	return (MQK_OK);
}

int
prop_append(struct mqk_props *to, const struct mqk_props *from)
{
	int	 err;

	if (from == NULL || from->len == 0)
		return (MQK_OK);
	err = make_room(to, from->len);
	if (err != MQK_OK)
		return (err);
	memcpy(to->data + to->len, from->data, from->len);
	to->len += from->len;
	return (MQK_OK);
}

int
prop_copy(struct mqk_props *to, const struct mqk_props *from)
{
	*to = (struct mqk_props){ 0 };
	return (prop_append(to, from));
}

/* Takes out the first of that kind; false: there was none. */
static bool
remove_first(struct mqk_props *props, enum mqk_prop want)
{
	struct mqk_value	 v;
	enum mqk_prop		 id;
	size_t			 start = 0, next = 0;

	for (; mqk_props_next(props, &next, &id, &v); start = next) {
		if (id != want)
			continue;
		memmove(props->data + start, props->data + next,
		    props->len - next);
		props->len -= (uint32_t)(next - start);
		return (true);
	}
	return (false);
}

void
prop_remove(struct mqk_props *props, enum mqk_prop id)
{
	while (remove_first(props, id))
		continue;
}

/* Writing a value, by type. */

static uint8_t *
write_number(uint8_t *at, enum mqk_prop_type type, uint32_t num)
{
	if (type == MQK_T_VARINT)
		return (wr_varint(at, num));
	if (type == MQK_T_U32)
		return (wr_u32(at, num));
	if (type == MQK_T_U16)
		return (wr_u16(at, num));
	*at = (uint8_t)num;
	return (at + 1);
}

/* Room for a property that is going to be written: where it goes. */
static int
begin_prop(struct mqk_props *props, enum mqk_prop id, size_t value_len,
    uint8_t **at)
{
	int	 err = make_room(props, value_len + 1);

	if (err != MQK_OK)
		return (err);
	if (rows[id].many == 0)
		prop_remove(props, id);
	*at = props->data + props->len;
	*(*at)++ = (uint8_t)id;		/* all ids are below 128 */
	return (MQK_OK);
}

int
mqk_props_add_num(struct mqk_props *props, enum mqk_prop id, uint32_t num)
{
	const struct prop_row	*row = row_of(id);
	struct mqk_value	 v = { .num = num };
	uint8_t			*at;
	int			 err;

	if (row == NULL || !type_is_number(row->type) ||
	    !value_in_range(row, &v))
		return (MQK_EINVAL);
	err = begin_prop(props, id, sizeof(num), &at);
	if (err != MQK_OK)
		return (err);
	at = write_number(at, row->type, num);
	props->len = (uint32_t)(at - props->data);
	return (MQK_OK);
}

/* Add a value of one of the text types; key only with pairs. */
static int
add_text(struct mqk_props *props, enum mqk_prop id, const struct mqk_value *v)
{
	const struct prop_row	*row = &rows[id];
	uint8_t			*at;
	int			 err;

	if (v->str.len > PROP_STR_MAX || v->key.len > PROP_STR_MAX ||
	    !value_text_valid(id, row, v))
		return (MQK_EINVAL);
	err = begin_prop(props, id, v->str.len + v->key.len + 4, &at);
	if (err != MQK_OK)
		return (err);
	if (row->type == MQK_T_PAIR)
		at = wr_bytes(at, v->key);
	at = wr_bytes(at, v->str);
	props->len = (uint32_t)(at - props->data);
	return (MQK_OK);
}

int
mqk_props_add_str(struct mqk_props *props, enum mqk_prop id,
    struct mqk_bytes str)
{
	const struct prop_row	*row = row_of(id);
	struct mqk_value	 v = { .str = str };

	if (row == NULL || type_is_number(row->type) ||
	    row->type == MQK_T_PAIR)
		return (MQK_EINVAL);
	return (add_text(props, id, &v));
}

int
mqk_props_add_pair(struct mqk_props *props, struct mqk_bytes key,
    struct mqk_bytes value)
{
	struct mqk_value	 v = { .key = key, .str = value };

	return (add_text(props, MQK_P_USER_PROPERTY, &v));
}

const char *
mqk_prop_name(enum mqk_prop id)
{
	const struct prop_row	*row = row_of(id);

	return (row == NULL ? NULL : row->name);
}

int
mqk_prop_by_name(const char *name)
{
	for (int id = 0; id <= PROP_LAST; id++) {
		if (rows[id].name != NULL &&
		    strcasecmp(rows[id].name, name) == 0)
			return (id);
	}
	return (-1);
}

enum mqk_prop_type
mqk_prop_type(enum mqk_prop id)
{
	const struct prop_row	*row = row_of(id);

	return (row == NULL ? MQK_T_BYTE : row->type);
}

bool
mqk_prop_allowed(enum mqk_prop id, enum mqk_packet_type type, bool will)
{
	const struct prop_row	*row = row_of(id);
	unsigned		 packet = will ? PROP_WILL : (unsigned)type;

	/* the will's bit must not be taken for a packet type of 0 */
	if (row == NULL || packet > MQK_AUTH || (!will && packet == 0))
		return (false);
	return ((row->packets >> packet & 1) != 0);
}
