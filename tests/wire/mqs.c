/* SPDX-License-Identifier: MIT */

/* The language of the wire scenarios: lines, packets from them, comparison. */

#include "wire/mqs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/describe.h"

#define LINE_MAX_BYTES	8192

static const char *const kinds[MQS_KINDS] = {
	[MQS_OPTION] = "option",
	[MQS_EXPECT] = ">",
	[MQS_SEND] = "<",
	[MQS_DO] = "do",
	[MQS_EVENT] = "event",
	[MQS_ERROR] = "error",
	[MQS_LOST] = "lost",
	[MQS_RECONNECT] = "reconnect",
	[MQS_AT] = "at",
	[MQS_STALL] = "stall",
	[MQS_FLOW] = "flow",
};

/* The kinds whose first word is the verb. */
static const bool has_verb[MQS_KINDS] = {
	[MQS_EXPECT] = true,
	[MQS_SEND] = true,
	[MQS_DO] = true,
	[MQS_EVENT] = true,
	[MQS_ERROR] = true,
	[MQS_AT] = true,
};

/* ---- lines ----------------------------------------------------------- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	c = (char)tolower((unsigned char)c);
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* One character of a quoted string, escapes resolved. */
static char
unquote(const char **at)
{
	const char	*p = *at;

	if (p[0] != '\\' || p[1] == '\0') {
		*at = p + 1;
		return (p[0]);
	}
	if (p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
		*at = p + 4;
		return ((char)(hex_digit(p[2]) * 16 + hex_digit(p[3])));
	}
	*at = p + 2;
	return (p[1] == 'n' ? '\n' : p[1]);
}

/*
 * Cut off the next word: a name, "=" and a value whose parts may be quoted.
 * False at the end of the line.
 */
static bool
next_word(const char **at, struct mqs_field *f)
{
	const char	*p = *at;
	char		*to;
	size_t		 n = 0;
	bool		 quoted = false;

	memset(f, 0, sizeof(*f));
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '\0')
		return (false);
	while (p[n] != '\0' && p[n] != '=' && p[n] != '"' &&
	    !isspace((unsigned char)p[n]))
		n++;
	if (p[n] != '=')
		n = 0;
	f->name = strndup(p, n);
	p += n + (p[n] == '=' && n > 0 ? 1 : 0);
	f->value = to = malloc(strlen(p) + 1);
	if (f->name == NULL || to == NULL)
		abort();
	while (*p != '\0' && (quoted || !isspace((unsigned char)*p))) {
		if (*p == '"') {
			quoted = !quoted;
			p++;
		} else if (quoted) {
			*to++ = unquote(&p);
		} else {
			*to++ = *p++;
		}
	}
	*to = '\0';
	f->len = (size_t)(to - f->value);
	*at = p;
	return (true);
}

static void
free_field(struct mqs_field *f)
{
	free(f->name);
	free(f->value);
}

static void
free_line(struct mqs_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		free_field(&l->fields[i]);
	free(l->fields);
	free(l->verb);
}

static void
add_field(struct mqs_line *l, const struct mqs_field *f)
{
	l->fields = realloc(l->fields, (l->n + 1) * sizeof(*f));
	if (l->fields == NULL)
		abort();
	l->fields[l->n++] = *f;
}

static bool
parse_kind(struct mqs_line *l, const char *word)
{
	for (int k = 0; k < MQS_KINDS; k++)
		if (strcmp(word, kinds[k]) == 0) {
			l->kind = (enum mqs_kind)k;
			return (true);
		}
	return (false);
}

static bool
parse_line(struct mqs_line *l, const char *text)
{
	struct mqs_field f;
	bool		 known;

	if (!next_word(&text, &f))
		return (false);
	known = parse_kind(l, f.value);
	free_field(&f);
	if (known && has_verb[l->kind] && next_word(&text, &f)) {
		l->verb = f.value;
		free(f.name);
	} else {
		l->verb = strdup("");
	}
	while (next_word(&text, &f))
		add_field(l, &f);
	return (known && l->verb != NULL &&
	    (!has_verb[l->kind] || l->verb[0] != '\0'));
}

static bool
read_lines(struct mqs *m, FILE *file, char *why, size_t size)
{
	char		 text[LINE_MAX_BYTES];
	struct mqs_line	 l;

	for (int number = 1; fgets(text, sizeof(text), file) != NULL;
	    number++) {
		if (text[strspn(text, " \t\n")] == '\0' || text[0] == '#')
			continue;
		l = (struct mqs_line){ .number = number };
		if (!parse_line(&l, text)) {
			free_line(&l);
			snprintf(why, size, "line %d: not understood: %s",
			    number, text);
			return (false);
		}
		m->lines = realloc(m->lines, (m->n + 1) * sizeof(l));
		if (m->lines == NULL)
			abort();
		m->lines[m->n++] = l;
	}
	return (true);
}

bool
mqs_load(struct mqs *m, const char *path, char *why, size_t size)
{
	FILE	*file = fopen(path, "r");
	bool	 ok;

	memset(m, 0, sizeof(*m));
	if (file == NULL) {
		snprintf(why, size, "cannot be opened");
		return (false);
	}
	ok = read_lines(m, file, why, size);
	fclose(file);
	return (ok);
}

void
mqs_free(struct mqs *m)
{
	for (size_t i = 0; i < m->n; i++)
		free_line(&m->lines[i]);
	free(m->lines);
	memset(m, 0, sizeof(*m));
}

/* ---- fields ---------------------------------------------------------- */

const struct mqs_field *
mqs_field(const struct mqs_line *l, const char *name, size_t index)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->fields[i].name, name) == 0 && index-- == 0)
			return (&l->fields[i]);
	return (NULL);
}

const char *
mqs_text(const struct mqs_line *l, const char *name, const char *dflt)
{
	const struct mqs_field	*f = mqs_field(l, name, 0);

	return (f != NULL ? f->value : dflt);
}

long
mqs_num(const struct mqs_line *l, const char *name, long dflt)
{
	const struct mqs_field	*f = mqs_field(l, name, 0);

	return (f != NULL ? strtol(f->value, NULL, 0) : dflt);
}

enum mqk_version
mqs_version(const struct mqs_line *l)
{
	const char	*v = mqs_text(l, "version", "5");

	if (strcmp(v, "311") == 0 || strcmp(v, "4") == 0)
		return (MQK_V311);
	if (strcmp(v, "31") == 0 || strcmp(v, "3") == 0)
		return (MQK_V31);
	return (MQK_V5);
}

static struct mqk_bytes
field_bytes(const struct mqs_field *f)
{
	if (f == NULL)
		return ((struct mqk_bytes){ "", 0 });
	return ((struct mqk_bytes){ f->value, f->len });
}

static int
add_prop(struct mqk_props *props, enum mqk_prop id, const struct mqs_field *f)
{
	struct mqk_bytes key = { f->value, strcspn(f->value, ":") };

	if (mqk_prop_type(id) <= MQK_T_VARINT)
		return (mqk_props_add_num(props, id,
		    (uint32_t)strtoul(f->value, NULL, 0)));
	if (mqk_prop_type(id) != MQK_T_PAIR)
		return (mqk_props_add_str(props, id, field_bytes(f)));
	return (mqk_props_add_pair(props, key, (struct mqk_bytes){
	    f->value + key.len + 1, f->len - key.len - 1 }));
}

struct mqk_props *
mqs_props(const struct mqs_line *l)
{
	struct mqk_props	*props = NULL;
	int			 id;

	for (size_t i = 0; i < l->n; i++) {
		id = mqk_prop_by_name(l->fields[i].name);
		if (id < 0)
			continue;
		if (props == NULL)
			props = mqk_props_new();
		if (props == NULL ||
		    add_prop(props, (enum mqk_prop)id, &l->fields[i]) < 0) {
			fprintf(stderr, "line %d: bad value of %s\n",
			    l->number, l->fields[i].name);
			abort();
		}
	}
	return (props);
}

/* ---- packets --------------------------------------------------------- */

static int
packet_type(const char *name)
{
	for (int t = MQK_CONNECT; t <= MQK_AUTH; t++)
		if (strcmp(name, mqk_packet_name((enum mqk_packet_type)t)) == 0)
			return (t);
	return (-1);
}

static void
fill_connect(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	(void)list;
	p->u.connect.version = mqs_version(l);
	p->u.connect.clean = true;
	p->u.connect.client_id = field_bytes(mqs_field(l, "id", 0));
}

static void
fill_connack(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	(void)list;
	p->u.connack.session_present = mqs_num(l, "sp", 0) != 0;
	p->u.connack.reason = (uint8_t)mqs_num(l, "reason", 0);
}

static void
fill_publish(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	struct packet_publish	*m = &p->u.publish;

	(void)list;
	m->qos = (uint8_t)mqs_num(l, "qos", 0);
	m->dup = mqs_num(l, "dup", 0) != 0;
	m->retain = mqs_num(l, "retain", 0) != 0;
	m->mid = (uint16_t)mqs_num(l, "mid", 0);
	m->topic = field_bytes(mqs_field(l, "topic", 0));
	m->payload = field_bytes(mqs_field(l, "payload", 0));
}

static void
fill_answer(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	(void)list;
	p->u.answer.mid = (uint16_t)mqs_num(l, "mid", 0);
	p->u.answer.reason = (uint8_t)mqs_num(l, "reason", 0);
}

static void
fill_suback(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	const char	*at = mqs_text(l, "reasons", "");
	char		*end;
	size_t		 n = 0;

	for (; *at != '\0' && n < 256; at = *end == ',' ? end + 1 : end)
		list[n++] = (uint8_t)strtoul(at, &end, 0);
	p->u.suback.mid = (uint16_t)mqs_num(l, "mid", 0);
	p->u.suback.reasons = (struct mqk_bytes){ list, n };
}

static void
fill_bye(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	(void)list;
	p->u.bye.reason = (uint8_t)mqs_num(l, "reason", 0);
}

static void
fill_nothing(const struct mqs_line *l, struct packet *p, uint8_t *list)
{
	(void)l;
	(void)p;
	(void)list;
}

/* Packets a client sends are made of hex bytes, if a broker ever sends them. */
static const struct {
	void		(*fill)(const struct mqs_line *, struct packet *,
			    uint8_t *list);
	size_t		 props;		/* their place in struct packet */
} makers[16] = {
#define MAKER(fill, member)						\
	{ fill, offsetof(struct packet, u.member.props) }
	[MQK_CONNECT] = MAKER(fill_connect, connect),
	[MQK_CONNACK] = MAKER(fill_connack, connack),
	[MQK_PUBLISH] = MAKER(fill_publish, publish),
	[MQK_PUBACK] = MAKER(fill_answer, answer),
	[MQK_PUBREC] = MAKER(fill_answer, answer),
	[MQK_PUBREL] = MAKER(fill_answer, answer),
	[MQK_PUBCOMP] = MAKER(fill_answer, answer),
	[MQK_SUBACK] = MAKER(fill_suback, suback),
	[MQK_UNSUBACK] = MAKER(fill_suback, suback),
	[MQK_PINGREQ] = { fill_nothing, 0 },
	[MQK_PINGRESP] = { fill_nothing, 0 },
	[MQK_DISCONNECT] = MAKER(fill_bye, bye),
	[MQK_AUTH] = MAKER(fill_bye, bye),
#undef MAKER
};

static bool
encode_hex(const struct mqs_line *l, struct buf *b)
{
	uint8_t		 byte;
	const char	*s;

	for (size_t i = 0; i < l->n; i++) {
		s = l->fields[i].value;
		for (; s[0] != '\0'; s += 2) {
			if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
				return (false);
			byte = (uint8_t)(hex_digit(s[0]) * 16 +
			    hex_digit(s[1]));
			buf_append(b, &byte, 1);
		}
	}
	return (true);
}

bool
mqs_encode(const struct mqs_line *l, enum mqk_version version, struct buf *b,
    char *why, size_t size)
{
	struct packet	 p = { 0 };
	struct mqk_props *props;
	uint8_t		 list[256];
	int		 type = packet_type(l->verb), err;

	if (strcmp(l->verb, "hex") == 0) {
		snprintf(why, size, "bad hex digits");
		return (encode_hex(l, b));
	}
	if (type < 0 || makers[type].fill == NULL) {
		snprintf(why, size, "no such packet: %s", l->verb);
		return (false);
	}
	p.type = (enum mqk_packet_type)type;
	makers[type].fill(l, &p, list);
	props = mqs_props(l);
	if (props != NULL && makers[type].props != 0)
		memcpy((char *)&p + makers[type].props, props, sizeof(*props));
	err = packet_encode(b, version, &p);
	mqk_props_free(props);
	snprintf(why, size, "cannot be encoded: %s", mqk_strerror(err));
	return (err == MQK_OK);
}

/* ---- comparison ------------------------------------------------------ */

void
mqs_quote(char *to, size_t size, const char *name, struct mqk_bytes b)
{
	const uint8_t	*p = b.data;
	size_t		 at = strlen(to);

	at += (size_t)snprintf(to + at, size - at, " %s=\"", name);
	for (size_t i = 0; i < b.len && at + 8 < size; i++)
		at += (size_t)snprintf(to + at, size - at,
		    isalnum(p[i]) ? "%c" : "\\x%02x", p[i]);
	snprintf(to + at, size - at, "\"");
}

/* What packet_describe() does not show goes behind it under other names. */
static void
add_hidden(const struct packet *p, char *to, size_t size)
{
	struct mqk_value	 v;

	if (p->type == MQK_PUBLISH)
		mqs_quote(to, size, "bytes", p->u.publish.payload);
	if (p->type == MQK_AUTH && mqk_props_get(&p->u.bye.props,
	    MQK_P_AUTHENTICATION_DATA, &v))
		mqs_quote(to, size, "auth-bytes", v.str);
	if (p->type != MQK_CONNECT)
		return;
	if (p->u.connect.password.data != NULL)
		mqs_quote(to, size, "secret", p->u.connect.password);
	if (p->u.connect.will.set)
		mqs_quote(to, size, "will-bytes", p->u.connect.will.payload);
	if (mqk_props_get(&p->u.connect.props, MQK_P_AUTHENTICATION_DATA, &v))
		mqs_quote(to, size, "auth-bytes", v.str);
}

void
mqs_describe(const struct packet *p, enum mqk_version version, char *to,
    size_t size)
{
	packet_describe(p, version, to, size);
	add_hidden(p, to, size);
}

/* The name a field has in a description. */
static const char *
described_name(const char *name)
{
	static const char *const names[][2] = {
		{ "payload", "bytes" },
		{ "size", "payload" },
		{ "password", "secret" },
		{ "will-payload", "will-bytes" },
		{ "authentication-data", "auth-bytes" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i][0]) == 0)
			return (names[i][1]);
	return (name);
}

static bool
same_value(const struct mqs_field *a, const struct mqs_field *b)
{
	char		*end_a, *end_b;
	unsigned long	 n, m;

	if (a->len == b->len && memcmp(a->value, b->value, a->len) == 0)
		return (true);
	n = strtoul(a->value, &end_a, 0);
	m = strtoul(b->value, &end_b, 0);
	return (a->len > 0 && b->len > 0 && *end_a == '\0' && *end_b == '\0' &&
	    n == m);
}

/* How many fields of the same name stand before the i-th. */
static size_t
rank_of(const struct mqs_line *l, size_t i)
{
	size_t	 rank = 0;

	for (size_t k = 0; k < i; k++)
		if (strcmp(l->fields[k].name, l->fields[i].name) == 0)
			rank++;
	return (rank);
}

static bool
compare_field(const struct mqs_line *want, size_t i,
    const struct mqs_line *got)
{
	const struct mqs_field	*f = &want->fields[i], *g;

	if (f->name[0] == '\0')		/* "!name": must not be there */
		return (f->value[0] == '!' && mqs_field(got,
		    described_name(f->value + 1), 0) == NULL);
	g = mqs_field(got, described_name(f->name), rank_of(want, i));
	return (g != NULL && same_value(f, g));
}

bool
mqs_compare(const struct mqs_line *l, const char *text, char *why, size_t size)
{
	struct mqs_line	 got = { 0 };
	struct mqs_field f;
	const char	*at = text;
	bool		 same;

	if (!next_word(&at, &f))
		return (false);
	same = strcmp(f.value, l->verb) == 0;
	free_field(&f);
	while (next_word(&at, &f))
		add_field(&got, &f);
	for (size_t i = 0; i < l->n && same; i++) {
		same = compare_field(l, i, &got);
		if (!same)
			snprintf(why, size, "%s%s%s differs in: %s",
			    l->fields[i].name,
			    l->fields[i].name[0] != '\0' ? "=" : "",
			    l->fields[i].value, text);
	}
	if (!same && strncmp(text, l->verb, strlen(l->verb)) != 0)
		snprintf(why, size, "%s expected, but: %s", l->verb, text);
	free_line(&got);
	return (same);
}
