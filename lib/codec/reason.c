/* SPDX-License-Identifier: MIT */

/* Look-ups in reason.def, and the names of packet types. */

#include "codec/reason.h"

/* The packets of a row as bits; no packet has type 0, so V3 may have it. */
enum in {
	V3 = 1,
	CONNACK = MQK_TYPE(MQK_CONNACK),
	PUBACK = MQK_TYPE(MQK_PUBACK),
	PUBREC = MQK_TYPE(MQK_PUBREC),
	PUBREL = MQK_TYPE(MQK_PUBREL),
	PUBCOMP = MQK_TYPE(MQK_PUBCOMP),
	SUBACK = MQK_TYPE(MQK_SUBACK),
	UNSUBACK = MQK_TYPE(MQK_UNSUBACK),
	DISCONNECT = MQK_TYPE(MQK_DISCONNECT),
	AUTH = MQK_TYPE(MQK_AUTH)
};

struct reason_row {
	unsigned	 packets;
	uint8_t		 code;
	const char	*name;
	const char	*text;
};

static const struct reason_row rows[] = {
#define R(code, name, packets, text) { packets, code, name, text },
#include "codec/reason.def"
#undef R
};

static const struct reason_row unknown = { 0, 0, "Unknown reason code",
    "The reason code is not defined for this packet." };

static const char *const packet_names[] = {
	[MQK_CONNECT] = "CONNECT",
	[MQK_CONNACK] = "CONNACK",
	[MQK_PUBLISH] = "PUBLISH",
	[MQK_PUBACK] = "PUBACK",
	[MQK_PUBREC] = "PUBREC",
	[MQK_PUBREL] = "PUBREL",
	[MQK_PUBCOMP] = "PUBCOMP",
	[MQK_SUBSCRIBE] = "SUBSCRIBE",
	[MQK_SUBACK] = "SUBACK",
	[MQK_UNSUBSCRIBE] = "UNSUBSCRIBE",
	[MQK_UNSUBACK] = "UNSUBACK",
	[MQK_PINGREQ] = "PINGREQ",
	[MQK_PINGRESP] = "PINGRESP",
	[MQK_DISCONNECT] = "DISCONNECT",
	[MQK_AUTH] = "AUTH",
};

/* The row for any of those packets, NULL if there is none. */
static const struct reason_row *
find_row(unsigned packets, uint8_t reason)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == reason && (rows[i].packets & packets) != 0)
			return (&rows[i]);
	}
	return (NULL);
}

static const struct reason_row *
row_or_unknown(enum mqk_packet_type type, uint8_t reason)
{
	const struct reason_row	*row;

	if ((unsigned)type > MQK_AUTH)
		return (&unknown);
	row = find_row(MQK_TYPE(type) | (type == MQK_CONNACK ? V3 : 0), reason);
	return (row == NULL ? &unknown : row);
}

bool
reason_allowed(enum mqk_packet_type type, uint8_t reason)
{
	return (find_row(MQK_TYPE(type), reason) != NULL);
}

uint8_t
reason_of_error(int err)
{
	static const struct {
		int	 err;
		uint8_t	 reason;
	} map[] = {
		{ MQK_OK, 0x00 },
		{ MQK_EMALFORMED, 0x81 },
		{ MQK_EPROTOCOL, 0x82 },
		{ MQK_ENOTSUP, 0x83 },
		{ MQK_ETIMEOUT, 0x8d },
		{ MQK_ETOPIC, 0x90 },
		{ MQK_ETOOBIG, 0x95 },
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		if (map[i].err == err)
			return (map[i].reason);
	}
	return (0x80);
}

const char *
mqk_reason_name(enum mqk_packet_type type, uint8_t reason)
{
	return (row_or_unknown(type, reason)->name);
}

const char *
mqk_reason_text(enum mqk_packet_type type, uint8_t reason)
{
	return (row_or_unknown(type, reason)->text);
}

const char *
mqk_packet_name(enum mqk_packet_type type)
{
	if (type < MQK_CONNECT || type > MQK_AUTH)
		return ("?");
	return (packet_names[type]);
}
