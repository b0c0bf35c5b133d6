/* SPDX-License-Identifier: MIT */

/*
 * Everything a broker may not say, as rows: what is wrong, what we make of it,
 * and the reason code in our DISCONNECT.  Each is said to a session in the
 * middle of everything (busysession.h) and to a real client, whole, cut off
 * after each byte and in two parts at each byte.
 *
 * MQTT 5 has a DISCONNECT with a reason, before CONNACK too [4.13.1]; with 3.x
 * the connection just ends.
 */

#include "unit/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/reason.h"
#include "session/session.h"
#include "unit/busysession.h"
#include "unit/memclient.h"

#define V5	(1u << MQK_V5)
#define V4	(1u << MQK_V311)
#define V3	(1u << MQK_V31)
#define BAD	MQK_EMALFORMED
#define WRONG	MQK_EPROTOCOL
#define BIG	MQK_ETOOBIG
#define GREETING	BUSY_GREETING
#define AUTH	BUSY_AUTH
#define TERSE	BUSY_TERSE

struct row {
	const char	*name;
	unsigned	 versions;
	unsigned	 busy;
	const char	*bytes;
	int		 err;
	uint8_t		 reason;	/* of DISCONNECT with MQTT 5 */
};

/* clang-format off */
static const struct row rows[] = {
/* the fixed header */
{ "type 0", V5 | V4 | V3, 0, "00 00", BAD, 0x81 },
{ "type 0 first", V5 | V4 | V3, GREETING, "00 00", BAD, 0x81 },
{ "length of five bytes", V5 | V4 | V3, 0, "d0 8080808001", BAD, 0x81 },
{ "length of five bytes first", V5 | V4 | V3, GREETING, "20 ffffffff7f",
  BAD, 0x81 },
{ "length not in short form", V5, 0, "d0 8000", BAD, 0x81 },
{ "length in four bytes where one does", V5, 0, "40 82808000 0001",
  BAD, 0x81 },
{ "packet too large", V5, 0, "30 63 0001'a' 00", BIG, 0x95 },
{ "packet too large, told by its length alone", V5, 0, "30 ffffff7f",
  BIG, 0x95 },
{ "packet too large first", V5, GREETING, "20 e400", BIG, 0x95 },

/* packets that only clients send */
{ "connect", V5, 0, "10 0e 0004'MQTT' 05 02 003c 00 0001'x'", WRONG, 0x82 },
{ "connect 3.1.1", V4, 0, "10 0d 0004'MQTT' 04 02 003c 0001'x'", WRONG, 0 },
{ "connect 3.1", V3, 0, "10 0f 0006'MQIsdp' 03 02 003c 0001'x'", WRONG, 0 },
{ "connect, malformed", V5, 0, "10 01 00", BAD, 0x81 },
{ "connect first", V5, GREETING, "10 0e 0004'MQTT' 05 02 003c 00 0001'x'",
  WRONG, 0x82 },
{ "subscribe", V5, 0, "82 07 0001 00 0001'a' 00", WRONG, 0x82 },
{ "subscribe 3.1.1", V4 | V3, 0, "82 06 0001 0001'a' 00", WRONG, 0 },
{ "subscribe, malformed", V5, 0, "82 03 0001 00", WRONG, 0x82 },
{ "unsubscribe", V5, 0, "a2 06 0001 00 0001'a'", WRONG, 0x82 },
{ "unsubscribe 3.1.1", V4 | V3, 0, "a2 05 0001 0001'a'", WRONG, 0 },
{ "pingreq", V5 | V4 | V3, 0, "c0 00", WRONG, 0x82 },
{ "pingreq first", V5 | V4 | V3, GREETING, "c0 00", WRONG, 0x82 },

/* before CONNACK */
{ "publish before connack", V5, GREETING, "30 04 0001'a' 00", WRONG, 0x82 },
{ "publish before connack 3.1.1", V4 | V3, GREETING, "30 03 0001'a'",
  WRONG, 0 },
{ "puback before connack", V5 | V4 | V3, GREETING, "40 02 0001", WRONG, 0x82 },
{ "pubrec before connack", V5 | V4 | V3, GREETING, "50 02 0001", WRONG, 0x82 },
{ "pubrel before connack", V5 | V4 | V3, GREETING, "62 02 0001", WRONG, 0x82 },
{ "pubcomp before connack", V5 | V4 | V3, GREETING, "70 02 0001", WRONG, 0x82 },
{ "suback before connack", V5, GREETING, "90 04 0001 00 00", WRONG, 0x82 },
{ "suback before connack 3.1.1", V4 | V3, GREETING, "90 03 0001 00",
  WRONG, 0 },
{ "unsuback before connack", V5, GREETING, "b0 04 0001 00 00", WRONG, 0x82 },
{ "unsuback before connack 3.1.1", V4 | V3, GREETING, "b0 02 0001",
  WRONG, 0 },
{ "pingresp before connack", V5 | V4 | V3, GREETING, "d0 00", WRONG, 0x82 },
{ "disconnect before connack", V5 | V4 | V3, GREETING, "e0 00", WRONG, 0x82 },

/* CONNACK */
{ "connack, too short", V5 | V4 | V3, GREETING, "20 01 00", BAD, 0x81 },
{ "connack, empty", V5 | V4 | V3, GREETING, "20 00", BAD, 0x81 },
{ "connack, no properties", V5, GREETING, "20 02 00 00", BAD, 0x81 },
{ "connack, bytes behind it", V5, GREETING, "20 04 00 00 00 00", BAD, 0x81 },
{ "connack 3.1.1, bytes behind it", V4 | V3, GREETING, "20 03 00 00 00",
  BAD, 0 },
{ "connack, reserved flag", V5, GREETING, "20 03 02 00 00", BAD, 0x81 },
{ "connack, last reserved flag", V5, GREETING, "20 03 80 00 00", BAD, 0x81 },
{ "connack 3.1.1, reserved flag", V4, GREETING, "20 02 02 00", BAD, 0 },
{ "connack, session present in a refusal", V5, GREETING, "20 03 01 87 00",
  WRONG, 0x82 },
{ "connack 3.1.1, session present in a refusal", V4, GREETING,
  "20 02 01 05", WRONG, 0 },
{ "connack, a code of 3.1.1 with properties", V5, GREETING,
  "20 03 00 01 00", WRONG, 0x82 },
{ "connack 3.1.1, code 6", V4 | V3, GREETING, "20 02 00 06", WRONG, 0 },
{ "connack 3.1.1, a reason of version 5", V4 | V3, GREETING, "20 02 00 87",
  WRONG, 0 },
{ "connack, properties longer than it", V5, GREETING, "20 03 00 00 01",
  BAD, 0x81 },
{ "connack, a second one", V5, 0, "20 03 00 00 00", WRONG, 0x82 },
{ "connack 3.1.1, a second one", V4 | V3, 0, "20 02 00 00", WRONG, 0 },
{ "connack, receive maximum 0", V5, GREETING, "20 06 00 00 03 21 0000",
  WRONG, 0x82 },
{ "connack, maximum packet size 0", V5, GREETING,
  "20 08 00 00 05 27 00000000", WRONG, 0x82 },
{ "connack, maximum qos 2", V5, GREETING, "20 05 00 00 02 24 02", WRONG, 0x82 },
{ "connack, retain available 2", V5, GREETING, "20 05 00 00 02 25 02",
  WRONG, 0x82 },
{ "connack, wildcard subscription available 2", V5, GREETING,
  "20 05 00 00 02 28 02", WRONG, 0x82 },
{ "connack, subscription identifier available 2", V5, GREETING,
  "20 05 00 00 02 29 02", WRONG, 0x82 },
{ "connack, shared subscription available 2", V5, GREETING,
  "20 05 00 00 02 2a 02", WRONG, 0x82 },
{ "connack, authentication data alone", V5, GREETING,
  "20 06 00 00 03 16 0000", WRONG, 0x82 },
{ "connack, assigned client id not UTF-8", V5, GREETING,
  "20 07 00 00 04 12 0001 ff", BAD, 0x81 },
{ "connack, response information not UTF-8", V5, GREETING,
  "20 07 00 00 04 1a 0001 80", BAD, 0x81 },
{ "connack, server reference not UTF-8", V5, GREETING,
  "20 08 00 9d 05 1c 0002 c1bf", BAD, 0x81 },
{ "connack, reason string with NUL", V5, GREETING,
  "20 07 00 87 04 1f 0001 00", BAD, 0x81 },

/* PUBLISH */
{ "publish, empty", V5 | V4 | V3, 0, "30 00", BAD, 0x81 },
{ "publish, too short for its topic", V5 | V4 | V3, 0, "30 03 0002'a'",
  BAD, 0x81 },
{ "publish, too short for its id", V5 | V4 | V3, 0, "32 04 0001'a' 00",
  BAD, 0x81 },
{ "publish, no properties", V5, 0, "30 03 0001'a'", BAD, 0x81 },
{ "publish, properties longer than it", V5, 0, "30 05 0001'a' 02 01",
  BAD, 0x81 },
{ "publish, property length in long form", V5, 0, "30 05 0001'a' 8000",
  BAD, 0x81 },
{ "publish, property length of five bytes", V5, 0,
  "30 08 0001'a' 8080808001", BAD, 0x81 },
{ "publish, qos 3", V5, 0, "36 06 0001'a' 0009 00", BAD, 0x81 },
{ "publish 3.1.1, qos 3", V4 | V3, 0, "36 05 0001'a' 0009", BAD, 0 },
{ "publish, qos 3 with dup and retain", V5, 0, "3f 06 0001'a' 0009 00",
  BAD, 0x81 },
{ "publish, dup with qos 0", V5, 0, "38 04 0001'a' 00", BAD, 0x81 },
{ "publish 3.1.1, dup with qos 0", V4, 0, "38 03 0001'a'", BAD, 0 },
{ "publish, id 0", V5, 0, "32 06 0001'a' 0000 00", WRONG, 0x82 },
{ "publish, qos 2 with id 0", V5, 0, "34 06 0001'a' 0000 00", WRONG, 0x82 },
{ "publish 3.1.1, id 0", V4 | V3, 0, "32 05 0001'a' 0000", WRONG, 0 },
{ "publish, wildcard #", V5, 0, "30 06 0003'a/#' 00", BAD, 0x81 },
{ "publish, wildcard +", V5, 0, "30 06 0003'+/a' 00", BAD, 0x81 },
{ "publish 3.1.1, wildcard", V4 | V3, 0, "30 05 0003'a/#'", BAD, 0 },
{ "publish, topic not UTF-8", V5, 0, "30 05 0002 c328 00", BAD, 0x81 },
{ "publish, topic with a surrogate", V5, 0, "30 06 0003 eda080 00",
  BAD, 0x81 },
{ "publish, topic in overlong form", V5, 0, "30 05 0002 c0af 00",
  BAD, 0x81 },
{ "publish, topic beyond Unicode", V5, 0, "30 07 0004 f4908080 00",
  BAD, 0x81 },
{ "publish, topic with a character cut off", V5, 0, "30 06 0003'a' e282 00",
  BAD, 0x81 },
{ "publish, topic with NUL", V5, 0, "30 05 0002'a' 00 00", BAD, 0x81 },
{ "publish 3.1.1, topic not UTF-8", V4 | V3, 0, "30 04 0002 c328", BAD, 0 },
{ "publish 3.1.1, topic with NUL", V4 | V3, 0, "30 04 0002'a' 00", BAD, 0 },
{ "publish, neither topic nor alias", V5, 0, "30 03 0000 00", WRONG, 0x82 },
{ "publish 3.1.1, empty topic", V4 | V3, 0, "30 02 0000", BAD, 0 },
{ "publish, alias 0", V5, 0, "30 07 0001'a' 03 23 0000", WRONG, 0x94 },
{ "publish, alias 0 without a topic", V5, 0, "30 06 0000 03 23 0000",
  WRONG, 0x94 },
{ "publish, alias too high", V5, 0, "30 07 0001'a' 03 23 0003",
  WRONG, 0x94 },
{ "publish, highest alias", V5, 0, "30 07 0001'a' 03 23 ffff",
  WRONG, 0x94 },
{ "publish, alias without its topic", V5, 0, "30 06 0000 03 23 0001",
  WRONG, 0x82 },
{ "publish, payload format 2", V5, 0, "30 06 0001'a' 02 01 02",
  WRONG, 0x82 },
{ "publish, subscription id 0", V5, 0, "30 06 0001'a' 02 0b 00",
  WRONG, 0x82 },
{ "publish, subscription id in long form", V5, 0,
  "30 07 0001'a' 03 0b 8100", BAD, 0x81 },
{ "publish, subscription id of five bytes", V5, 0,
  "30 0a 0001'a' 06 0b 8080808001", BAD, 0x81 },
{ "publish, response topic with a wildcard", V5, 0,
  "30 08 0001'a' 04 08 0001'#'", BAD, 0x81 },
{ "publish, response topic not UTF-8", V5, 0,
  "30 08 0001'a' 04 08 0001 ff", BAD, 0x81 },
{ "publish, response topic empty", V5, 0, "30 07 0001'a' 03 08 0000",
  BAD, 0x81 },
{ "publish, content type not UTF-8", V5, 0, "30 08 0001'a' 04 03 0001 ff",
  BAD, 0x81 },
{ "publish, user property with NUL", V5, 0,
  "30 0b 0001'a' 07 26 0001 00 0001'v'", BAD, 0x81 },
{ "publish, user property not UTF-8", V5, 0,
  "30 0b 0001'a' 07 26 0001'k' 0001 ff", BAD, 0x81 },
{ "publish, user property without its value", V5, 0,
  "30 0a 0001'a' 06 26 0003'key'", BAD, 0x81 },
{ "publish, property cut off", V5, 0, "30 06 0001'a' 02 02 00", BAD, 0x81 },
{ "publish, property unknown", V5, 0, "30 06 0001'a' 02 7f 00", BAD, 0x81 },
{ "publish, property 0", V5, 0, "30 06 0001'a' 02 00 00", BAD, 0x81 },
{ "publish, property beyond a byte", V5, 0, "30 07 0001'a' 03 8101 00",
  BAD, 0x81 },
{ "publish, more than our receive maximum", V5, 0,
  "32 06 0001'a' 0008 00 32 06 0001'a' 0009 00", WRONG, 0x93 },
{ "publish, qos 2 beyond our receive maximum", V5, 0,
  "34 06 0001'a' 0008 00 34 06 0001'a' 0009 00", WRONG, 0x93 },

/* answers to our messages */
{ "puback, empty", V5 | V4 | V3, 0, "40 00", BAD, 0x81 },
{ "puback, too short", V5 | V4 | V3, 0, "40 01 00", BAD, 0x81 },
{ "puback, id 0", V5 | V4 | V3, 0, "40 02 0000", WRONG, 0x82 },
{ "puback, properties longer than it", V5, 0, "40 04 0001 00 01",
  BAD, 0x81 },
{ "puback, bytes behind it", V5, 0, "40 05 0001 00 00 00", BAD, 0x81 },
{ "puback 3.1.1, bytes behind it", V4 | V3, 0, "40 03 0001 00", BAD, 0 },
{ "puback, reason string not UTF-8", V5, 0, "40 08 0001 87 04 1f 0001 ff",
  BAD, 0x81 },
{ "puback for qos 2", V5 | V4 | V3, 0, "40 02 0002", WRONG, 0x82 },
{ "puback for a message at pubrel", V5 | V4 | V3, 0, "40 02 0003",
  WRONG, 0x82 },
{ "puback for subscribe", V5 | V4 | V3, 0, "40 02 0004", WRONG, 0x82 },
{ "puback for unsubscribe", V5 | V4 | V3, 0, "40 02 0005", WRONG, 0x82 },
{ "pubrec, empty", V5 | V4 | V3, 0, "50 00", BAD, 0x81 },
{ "pubrec, id 0", V5 | V4 | V3, 0, "50 02 0000", WRONG, 0x82 },
{ "pubrec 3.1.1, bytes behind it", V4 | V3, 0, "50 03 0002 00", BAD, 0 },
{ "pubrec, reason string with NUL", V5, 0, "50 08 0002 87 04 1f 0001 00",
  BAD, 0x81 },
{ "pubrec for qos 1", V5 | V4 | V3, 0, "50 02 0001", WRONG, 0x82 },
{ "pubrec refusing qos 1", V5, 0, "50 03 0001 87", WRONG, 0x82 },
{ "pubrec for subscribe", V5 | V4 | V3, 0, "50 02 0004", WRONG, 0x82 },
{ "pubcomp, empty", V5 | V4 | V3, 0, "70 00", BAD, 0x81 },
{ "pubcomp, id 0", V5 | V4 | V3, 0, "70 02 0000", WRONG, 0x82 },
{ "pubcomp 3.1.1, bytes behind it", V4 | V3, 0, "70 03 0003 00", BAD, 0 },
{ "pubcomp before pubrec", V5 | V4 | V3, 0, "70 02 0002", WRONG, 0x82 },
{ "pubcomp for qos 1", V5 | V4 | V3, 0, "70 02 0001", WRONG, 0x82 },
{ "pubcomp for subscribe", V5 | V4 | V3, 0, "70 02 0004", WRONG, 0x82 },

/* PUBREL */
{ "pubrel, empty", V5 | V4 | V3, 0, "62 00", BAD, 0x81 },
{ "pubrel, id 0", V5 | V4 | V3, 0, "62 02 0000", WRONG, 0x82 },
{ "pubrel 3.1.1, bytes behind it", V4 | V3, 0, "62 03 0007 00", BAD, 0 },
{ "pubrel before our pubrec", V5 | V4 | V3, 0, "62 02 0007", WRONG, 0x82 },
{ "pubrel, user property cut off", V5, 0, "62 07 0007 00 03 26 0001",
  BAD, 0x81 },

/* SUBACK and UNSUBACK */
{ "suback, empty", V5 | V4 | V3, 0, "90 00", BAD, 0x81 },
{ "suback, id 0", V5, 0, "90 05 0000 00 00 00", WRONG, 0x82 },
{ "suback 3.1.1, id 0", V4 | V3, 0, "90 04 0000 00 00", WRONG, 0 },
{ "suback, no reason", V5, 0, "90 03 0004 00", WRONG, 0x82 },
{ "suback 3.1.1, no code", V4 | V3, 0, "90 02 0004", WRONG, 0 },
{ "suback, too few reasons", V5, 0, "90 04 0004 00 00", WRONG, 0x82 },
{ "suback, too many reasons", V5, 0, "90 06 0004 00 00 00 00", WRONG, 0x82 },
{ "suback 3.1.1, too few codes", V4 | V3, 0, "90 03 0004 00", WRONG, 0 },
{ "suback, no properties", V5, 0, "90 02 0004", BAD, 0x81 },
{ "suback, properties longer than it", V5, 0, "90 05 0004 05 00 00",
  BAD, 0x81 },
{ "suback for unsubscribe", V5, 0, "90 04 0005 00 00", WRONG, 0x82 },
{ "suback 3.1.1 for unsubscribe", V4 | V3, 0, "90 03 0005 00", WRONG, 0 },
{ "suback for a message", V5, 0, "90 04 0001 00 00", WRONG, 0x82 },
{ "unsuback, empty", V5 | V4 | V3, 0, "b0 00", BAD, 0x81 },
{ "unsuback, id 0", V5, 0, "b0 04 0000 00 00", WRONG, 0x82 },
{ "unsuback 3.1.1, id 0", V4 | V3, 0, "b0 02 0000", WRONG, 0 },
{ "unsuback, no reason", V5, 0, "b0 03 0005 00", WRONG, 0x82 },
{ "unsuback, too many reasons", V5, 0, "b0 05 0005 00 00 00", WRONG, 0x82 },
{ "unsuback 3.1.1, bytes behind it", V4 | V3, 0, "b0 03 0005 00", BAD, 0 },
{ "unsuback for subscribe", V5, 0, "b0 05 0004 00 00 00", WRONG, 0x82 },
{ "unsuback for a message", V5, 0, "b0 04 0002 00 00", WRONG, 0x82 },

/* PINGRESP, DISCONNECT, AUTH */
{ "pingresp, not empty", V5 | V4 | V3, 0, "d0 01 00", BAD, 0x81 },
{ "disconnect 3.1.1", V4 | V3, 0, "e0 00", WRONG, 0 },
{ "disconnect 3.1.1 with a reason", V4 | V3, 0, "e0 01 8b", BAD, 0 },
{ "disconnect, flags", V5, 0, "e1 00", BAD, 0x81 },
{ "disconnect with will", V5, 0, "e0 01 04", WRONG, 0x82 },
{ "disconnect, session expiry", V5, 0, "e0 07 8b 05 11 00000001",
  WRONG, 0x82 },
{ "disconnect, properties longer than it", V5, 0, "e0 02 8b 01",
  BAD, 0x81 },
{ "disconnect, bytes behind it", V5, 0, "e0 03 8b 00 00", BAD, 0x81 },
{ "disconnect, server reference not UTF-8", V5, 0,
  "e0 06 9d 04 1c 0001 ff", BAD, 0x81 },
{ "auth 3.1.1", V4 | V3, 0, "f0 00", BAD, 0 },
{ "auth, flags", V5, AUTH, "f1 06 18 04 15 0001'm'", BAD, 0x81 },
{ "auth unasked", V5, 0, "f0 06 18 04 15 0001'm'", WRONG, 0x82 },
{ "auth unasked first", V5, GREETING, "f0 06 18 04 15 0001'm'", WRONG, 0x82 },
{ "auth out of the blue", V5, AUTH, "f0 06 18 04 15 0001'm'", WRONG, 0x82 },
{ "auth, success out of the blue", V5, AUTH, "f0 00", WRONG, 0x82 },
{ "auth, other method", V5, AUTH, "f0 06 18 04 15 0001'n'", WRONG, 0x82 },
{ "auth, other method first", V5, AUTH | GREETING,
  "f0 06 18 04 15 0001'n'", WRONG, 0x82 },
{ "auth, longer method", V5, AUTH, "f0 07 18 05 15 0002'mm'", WRONG, 0x82 },
{ "auth, no method", V5, AUTH, "f0 02 18 00", WRONG, 0x82 },
{ "auth, no properties", V5, AUTH, "f0 01 18", WRONG, 0x82 },
{ "auth, data without method", V5, AUTH, "f0 05 18 03 16 0000",
  WRONG, 0x82 },
{ "auth, success before connack", V5, AUTH | GREETING,
  "f0 06 00 04 15 0001'm'", WRONG, 0x82 },
{ "auth, begun by the broker", V5, AUTH, "f0 06 19 04 15 0001'm'",
  WRONG, 0x82 },
{ "auth, method not UTF-8", V5, AUTH, "f0 06 18 04 15 0001 ff", BAD, 0x81 },

/* reasons in words that CONNECT declined */
{ "puback, declined reason string", V5, TERSE, "40 08 0001 87 04 1f 0001'n'",
  WRONG, 0x82 },
{ "pubrec, declined user property", V5, TERSE,
  "50 0b 0002 87 07 26 0001'k' 0001'v'", WRONG, 0x82 },
{ "pubrel, declined reason string", V5, TERSE,
  "62 08 0009 92 04 1f 0001'n'", WRONG, 0x82 },
{ "pubcomp, declined reason string", V5, TERSE,
  "70 08 0003 00 04 1f 0001'n'", WRONG, 0x82 },
{ "suback, declined reason string", V5, TERSE,
  "90 09 0004 04 1f 0001'n' 00 00", WRONG, 0x82 },
{ "unsuback, declined user property", V5, TERSE,
  "b0 0b 0005 07 26 0001'k' 0001'v' 00", WRONG, 0x82 },
{ "auth, declined reason string", V5, TERSE | AUTH,
  "f0 0a 18 08 15 0001'm' 1f 0001'n'", WRONG, 0x82 },
};
/* clang-format on */

static const enum mqk_version versions[] = { MQK_V5, MQK_V311, MQK_V31 };

/* ---- one violation, said to a session -------------------------------- */

/* The reason in the DISCONNECT at the end of those bytes, -1: none. */
static int
last_reason(enum mqk_version version, const uint8_t *at, size_t n)
{
	struct packet	 p;
	const char	*why;
	size_t		 len;
	int		 reason = -1;

	for (; n > 0; at += len, n -= len) {
		assert_int_equal(frame_next(at, n, PACKET_MAX, &len), 1);
		assert_int_equal(packet_decode(&p, version, at, len, &why),
		    MQK_OK);
		assert_int_equal(reason, -1);
		if (p.type == MQK_DISCONNECT)
			reason = p.u.bye.reason;
	}
	return (reason);
}

static int
expected_reason(const struct row *r, enum mqk_version version)
{
	return (version == MQK_V5 && r->reason != 0 ? r->reason : -1);
}

static void
assert_verdict(const struct row *r, enum mqk_version version, int err,
    const struct buf *out)
{
	int	 reason = last_reason(version, buf_data(out), buf_len(out));

	if (err != r->err || reason != expected_reason(r, version))
		fail_msg("%s, version %d: error %d and reason 0x%02x",
		    r->name, version, err, (unsigned)reason);
}

/* It has a sentence, says nothing more, and connects again. */
static void
assert_over(const struct row *r, struct session *s)
{
	struct packet_connect	 c = { .version = session_version(s) };
	struct packet		 ping = { .type = MQK_PINGRESP };

	if (session_error(s)->code != r->err ||
	    session_error(s)->text[0] == '\0')
		fail_msg("%s: no sentence", r->name);
	session_sent(s, 0, buf_len(session_output(s)));
	assert_int_equal(session_receive(s, 0, &ping), MQK_OK);
	assert_int_equal(session_ping(s), MQK_ESTATE);
	assert_int_equal(buf_len(session_output(s)), 0);
	session_lost(s, 0);
	assert_int_equal(session_open(s, 0, &c, 1000), MQK_OK);
}

/* In two parts, the first of n bytes, each in memory of its own. */
static int
hear_in_parts(struct session *s, const uint8_t *wire, size_t len, size_t n)
{
	uint8_t	*part = exact_copy(wire, n), *whole;
	int	 err = busy_hear(s, part, n);

	free(part);
	if (err < 0 || n == len)
		return (err);
	whole = exact_copy(wire, len);
	err = busy_hear(s, whole, len);
	free(whole);
	return (err);
}

static void
try_session(const struct row *r, enum mqk_version version)
{
	size_t		 len;
	uint8_t		*wire = bytes_of(r->bytes, &len);
	struct session	*s;
	int		 err;

	s = busy_new(version, r->busy);
	err = hear_in_parts(s, wire, len, len);
	assert_verdict(r, version, err, session_output(s));
	assert_over(r, s);
	session_free(s);
	free(wire);
}

/* The first packets of a row may be all right: they are not said twice. */
static size_t
last_packet(const uint8_t *wire, size_t len)
{
	size_t	 at = 0, n;

	while (frame_next(wire + at, len - at, PACKET_MAX, &n) == 1 &&
	    at + n < len)
		at += n;
	return (at);
}

static void
try_session_in_parts(const struct row *r, enum mqk_version version)
{
	size_t		 len;
	uint8_t		*wire = bytes_of(r->bytes, &len);
	size_t		 last = last_packet(wire, len);
	struct session	*s;
	int		 err;

	for (size_t n = last; n < len; n++) {
		s = busy_new(version, r->busy);
		assert_int_equal(busy_hear(s, wire, last), MQK_OK);
		session_sent(s, 0, buf_len(session_output(s)));
		err = hear_in_parts(s, wire + last, len - last, n - last);
		assert_verdict(r, version, err, session_output(s));
		session_free(s);
	}
	free(wire);
}

/* Cut off there: told already, or nothing but the loss. */
static void
try_session_cut(const struct row *r, enum mqk_version version)
{
	size_t		 len;
	uint8_t		*wire = bytes_of(r->bytes, &len), *part;
	struct session	*s;
	int		 err;

	for (size_t n = 0; n < len; n++) {
		s = busy_new(version, r->busy);
		part = exact_copy(wire, n);
		err = busy_hear(s, part, n);
		if (err != MQK_OK)
			assert_verdict(r, version, err, session_output(s));
		session_lost(s, 0);
		session_free(s);
		free(part);
	}
	free(wire);
}

static void
each_row(void (*try)(const struct row *, enum mqk_version))
{
	for (const struct row *r = rows; r < rows + N(rows); r++)
		for (size_t i = 0; i < N(versions); i++)
			if ((r->versions >> versions[i] & 1) != 0)
				try(r, versions[i]);
}

static void
each_violation_has_its_error_and_reason(void **state)
{
	(void)state;
	each_row(try_session);
}

static void
each_violation_may_come_in_two_parts(void **state)
{
	(void)state;
	each_row(try_session_in_parts);
}

static void
each_violation_may_be_cut_off(void **state)
{
	(void)state;
	each_row(try_session_cut);
}

/* ---- the same with a client ------------------------------------------ */

struct world {
	struct mqk_client *client;
	int		 down;		/* calls of on_disconnected */
	struct mqk_disconnected last;
};

static void
on_disconnected(struct mqk_client *c, const struct mqk_disconnected *d,
    void *user)
{
	struct world	*w = user;

	(void)c;
	w->down++;
	w->last = *d;
	assert_true(d->text[0] != '\0');
}

static void
ask_for_everything(struct mqk_client *c)
{
	static const struct mqk_filter	 filters[] = {
		{ .topic = "a" }, { .topic = "b" }
	};
	static const char *const	 topics[] = { "a" };
	struct mqk_publish		 m = { .topic = "t", .qos = 1 };

	assert_int_equal(mqk_publish(c, &m), 1);
	m.qos = 2;
	assert_int_equal(mqk_publish(c, &m), 2);
	assert_int_equal(mqk_publish(c, &m), 3);
	assert_int_equal(mqk_subscribe(c, filters, 2, NULL), 4);
	assert_int_equal(mqk_unsubscribe(c, topics, 1, NULL), 5);
	assert_int_equal(memclient_turn(c), MQK_OK);
}

/* A client that is where busy_new() would be. */
static void
start(struct world *w, enum mqk_version version, unsigned busy)
{
	static const struct mqk_handlers handlers = {
		.on_disconnected = on_disconnected,
	};
	struct mqk_props	*props = busy_props(busy);
	struct mqk_options	 o = {
		.version = version, .client_id = "x", .user = w,
		.manual_ack = true, .reconnect.off = true, .props = props,
	};

	memset(w, 0, sizeof(*w));
	assert_int_equal(mqk_client_new(&w->client, &o), MQK_OK);
	mqk_props_free(props);
	mqk_set_handlers(w->client, &handlers);
	assert_int_equal(mqk_connect(w->client), MQK_OK);
	assert_int_equal(memclient_turn(w->client), MQK_OK);
	if ((busy & BUSY_GREETING) == 0) {
		assert_int_equal(memclient_hear_text(w->client,
		    busy_connack(version)), MQK_OK);
		ask_for_everything(w->client);
		assert_int_equal(memclient_hear_text(w->client,
		    busy_talk(version)), MQK_OK);
	}
	buf_consume(&memclient_pipe.out, buf_len(&memclient_pipe.out));
}

static void
stop(struct world *w)
{
	mqk_client_free(w->client);
	assert_true(memclient_pipe.freed);
}

static void
assert_client_down(const struct row *r, enum mqk_version version,
    const struct world *w)
{
	if (w->down != 1 || w->last.by_us)
		fail_msg("%s, version %d: not told", r->name, version);
	assert_verdict(r, version, w->last.error, &memclient_pipe.out);
}

static void
try_client_in_parts(const struct row *r, enum mqk_version version)
{
	struct world	 w;
	size_t		 len;
	uint8_t		*wire = bytes_of(r->bytes, &len);

	for (size_t n = 0; n < len; n++) {
		start(&w, version, r->busy);
		(void)memclient_hear(w.client, wire, n);
		if (w.down == 0)
			(void)memclient_hear(w.client, wire + n, len - n);
		assert_client_down(r, version, &w);
		stop(&w);
	}
	free(wire);
}

static void
try_client_cut(const struct row *r, enum mqk_version version)
{
	struct world	 w;
	size_t		 len;
	uint8_t		*wire = bytes_of(r->bytes, &len);

	for (size_t n = 0; n < len; n++) {
		start(&w, version, r->busy);
		(void)memclient_hear(w.client, wire, n);
		if (w.down == 0) {
			memclient_pipe.ended = true;
			(void)memclient_turn(w.client);
			assert_int_equal(w.last.error, MQK_ECLOSED);
		} else {
			assert_client_down(r, version, &w);
		}
		assert_int_equal(w.down, 1);
		stop(&w);
	}
	free(wire);
}

static void
a_client_says_the_same_however_it_comes(void **state)
{
	(void)state;
	each_row(try_client_in_parts);
}

static void
a_client_survives_every_cut(void **state)
{
	(void)state;
	each_row(try_client_cut);
}

/* ---- properties ------------------------------------------------------ */

/* What a broker sends, around its properties. */
static const struct frame {
	char		 letter;	/* in the table below */
	uint8_t		 first;
	unsigned	 busy;
	const char	*front, *back;
} frames[] = {
	{ 'C', 0x20, GREETING, "00 00", "" },
	{ 'P', 0x30, 0, "0001'a'", "" },
	{ 'A', 0x40, 0, "0001 00", "" },
	{ 'R', 0x50, 0, "0002 00", "" },
	{ 'L', 0x62, 0, "0007 00", "" },
	{ 'M', 0x70, 0, "0003 00", "" },
	{ 'S', 0x90, 0, "0004", "00 00" },
	{ 'U', 0xb0, 0, "0005", "00" },
	{ 'D', 0xe0, 0, "8b", "" },
	{ 'T', 0xf0, AUTH, "18", "" },
};

/* MQTT 5.0, table 2-4; "many" are the packets that may repeat it. */
static const struct prop {
	const char	*bytes;
	const char	*in, *many;
} props[] = {
	{ "01 01", "P", "" },
	{ "02 00000001", "P", "" },
	{ "03 0001'a'", "P", "" },
	{ "08 0001'a'", "P", "" },
	{ "09 0001 ff", "P", "" },
	{ "0b 01", "P", "P" },
	{ "11 00000001", "CD", "" },
	{ "12 0001'a'", "C", "" },
	{ "13 0001", "C", "" },
	{ "15 0001'm'", "CT", "" },
	{ "16 0001 ff", "CT", "" },
	{ "17 01", "", "" },
	{ "18 00000001", "", "" },
	{ "19 01", "", "" },
	{ "1a 0001'a'", "C", "" },
	{ "1c 0001'a'", "CD", "" },
	{ "1f 0001'a'", "CARLMSUDT", "" },
	{ "21 0001", "C", "" },
	{ "22 0001", "C", "" },
	{ "23 0001", "P", "" },
	{ "24 01", "C", "" },
	{ "25 01", "C", "" },
	{ "26 0001'k' 0001'v'", "CPARLMSUDT", "CPARLMSUDT" },
	{ "27 00000100", "C", "" },
	{ "28 01", "C", "" },
	{ "29 01", "C", "" },
	{ "2a 01", "C", "" },
};

static void
add_text(struct buf *b, const char *text)
{
	size_t	 len;
	uint8_t	*bytes = bytes_of(text, &len);

	buf_append(b, bytes, len);
	free(bytes);
}

/* The packet with that property so many times. */
static void
frame_with(struct buf *b, const struct frame *f, const char *prop, int times)
{
	struct buf	 list, body;
	uint8_t		 head[2] = { f->first };
	uint8_t		 len;

	buf_init(&list, 1000);
	buf_init(&body, 1000);
	for (int i = 0; i < times; i++)
		add_text(&list, prop);
	add_text(&body, f->front);
	len = (uint8_t)buf_len(&list);
	buf_append(&body, &len, 1);
	buf_append(&body, buf_data(&list), len);
	add_text(&body, f->back);
	head[1] = (uint8_t)buf_len(&body);
	buf_append(b, head, 2);
	buf_append(b, buf_data(&body), buf_len(&body));
	assert_true(buf_len(b) < 100);
	buf_fini(&list);
	buf_fini(&body);
}

static void
assert_said(const struct frame *f, const char *prop, int times, int err,
    uint8_t reason)
{
	struct row	 r = { prop, V5, f->busy, "", err, reason };
	struct session	*s = busy_new(MQK_V5, f->busy);
	struct buf	 b;

	buf_init(&b, 1000);
	frame_with(&b, f, prop, times);
	assert_verdict(&r, MQK_V5, busy_hear(s, buf_data(&b), buf_len(&b)),
	    session_output(s));
	session_free(s);
	buf_fini(&b);
}

static void
try_property(const struct frame *f, const struct prop *p)
{
	bool	 may = strchr(p->in, f->letter) != NULL;
	bool	 many = strchr(p->many, f->letter) != NULL;

	assert_said(f, p->bytes, 1, may ? MQK_OK : BAD, may ? 0 : 0x81);
	assert_said(f, p->bytes, 2, !may ? BAD : many ? MQK_OK : WRONG,
	    !may ? 0x81 : many ? 0 : 0x82);
}

/* Some mean something to the session; those have rows above. */
static bool
is_plain(const struct frame *f, const struct prop *p)
{
	uint8_t	 id = (uint8_t)strtoul(p->bytes, NULL, 16);

	return (f->letter != 'T' && f->letter != 'L' &&
	    id != MQK_P_AUTHENTICATION_METHOD &&
	    id != MQK_P_AUTHENTICATION_DATA &&
	    !(f->letter == 'D' && id == MQK_P_SESSION_EXPIRY_INTERVAL));
}

static void
every_property_is_judged_by_its_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(frames); i++)
		for (size_t k = 0; k < N(props); k++)
			if (is_plain(&frames[i], &props[k]))
				try_property(&frames[i], &props[k]);
}

/* ---- reason codes ---------------------------------------------------- */

static bool
reason_may_stand(const struct frame *f, uint8_t reason)
{
	return (reason_allowed((enum mqk_packet_type)(f->first >> 4), reason));
}

/* The table of allowed ones is proven in test_reason.c. */
static void
try_reason(const struct frame *f, uint8_t at, uint8_t reason)
{
	struct row	 r = { f->front, V5, f->busy, "", WRONG, 0x82 };
	struct session	*s;
	struct buf	 b;

	if (reason_may_stand(f, reason))
		return;
	buf_init(&b, 1000);
	frame_with(&b, f, f->letter == 'T' ? "15 0001'm'" : "", 1);
	((uint8_t *)buf_data(&b))[at] = reason;
	s = busy_new(MQK_V5, f->busy);
	assert_verdict(&r, MQK_V5, busy_hear(s, buf_data(&b), buf_len(&b)),
	    session_output(s));
	session_free(s);
	buf_fini(&b);
}

static void
every_reason_code_is_judged_by_its_packet(void **state)
{
	static const uint8_t	 places[] = {
		['C'] = 3, ['A'] = 4, ['R'] = 4, ['L'] = 4, ['M'] = 4,
		['S'] = 6, ['U'] = 5, ['D'] = 2, ['T'] = 2
	};

	(void)state;
	for (size_t i = 0; i < N(frames); i++)
		for (unsigned reason = 0; reason < 256; reason++)
			if (frames[i].letter != 'P')
				try_reason(&frames[i],
				    places[(uint8_t)frames[i].letter],
				    (uint8_t)reason);
}

/* ---- reserved flags -------------------------------------------------- */

static void
try_flags(const struct frame *f, enum mqk_version version, unsigned flags)
{
	struct row	 r = { f->front, 0, f->busy, "", BAD, 0x81 };
	struct session	*s = busy_new(version, f->busy);
	struct buf	 b;

	buf_init(&b, 1000);
	frame_with(&b, f, "", 0);
	((uint8_t *)buf_data(&b))[0] = (uint8_t)((f->first & 0xf0) | flags);
	assert_verdict(&r, version, busy_hear(s, buf_data(&b), buf_len(&b)),
	    session_output(s));
	session_free(s);
	buf_fini(&b);
}

/* MQTT 3.1 leaves them open. */
static void
every_reserved_flag_ends_the_connection(void **state)
{
	(void)state;
	for (const struct frame *f = frames; f < frames + N(frames); f++)
		for (unsigned flags = 0; flags < 16; flags++) {
			if (f->letter == 'P' || flags == (f->first & 0x0fu))
				continue;
			try_flags(f, MQK_V5, flags);
			try_flags(f, MQK_V311, flags);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_violation_has_its_error_and_reason),
		cmocka_unit_test(each_violation_may_come_in_two_parts),
		cmocka_unit_test(each_violation_may_be_cut_off),
		cmocka_unit_test(a_client_says_the_same_however_it_comes),
		cmocka_unit_test(a_client_survives_every_cut),
		cmocka_unit_test(every_property_is_judged_by_its_packet),
		cmocka_unit_test(every_reason_code_is_judged_by_its_packet),
		cmocka_unit_test(every_reserved_flag_ends_the_connection),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
