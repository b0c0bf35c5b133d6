/* SPDX-License-Identifier: MIT */

#ifndef CODEC_DESCRIBE_H
#define CODEC_DESCRIBE_H

#include <stddef.h>

#include "codec/packet.h"

/*
 * One line for a packet, cut to fit size (NUL included); the result is the
 * length written, without the NUL.  "TYPE key=value …", keys always in this
 * order, those in brackets only when the packet has them:
 *
 *	CONNECT v=5 clean=1 keepalive=60 id="x" [user="u"] [password=***]
 *	    [will-topic="w" will-payload=4 will-qos=1 will-retain=0
 *	    will-PROPERTY=…] PROPERTY=…
 *	CONNACK sp=0 reason=0x87 PROPERTY=…
 *	PUBLISH qos=1 dup=0 retain=0 [mid=7] topic="a" payload=5 PROPERTY=…
 *	PUBACK mid=7 reason=0 PROPERTY=…	(PUBREC, PUBREL, PUBCOMP)
 *	SUBSCRIBE mid=1 filter="a/#" qos=1 nl=0 rap=0 rh=0 … PROPERTY=…
 *	SUBACK mid=1 reasons=0,1,0x80 PROPERTY=…	(UNSUBACK)
 *	UNSUBSCRIBE mid=1 filter="a" … PROPERTY=…
 *	DISCONNECT reason=0 PROPERTY=…		(AUTH)
 *	PINGREQ
 *	PINGRESP
 *
 * v is the level on the wire (3, 4, 5).  What MQTT 3 does not have is left
 * out with it: properties, nl, rap and rh, the reason of PUBACK and its kin
 * and of DISCONNECT, the reasons of UNSUBACK.  payload and will-payload are
 * lengths in bytes.  Numbers are decimal; reason codes from 10 on are 0xNN.
 *
 * A property is its name (mqk_prop_name()), '=' and a number, a string, or
 * with user-property two strings: user-property="k":"v".  The will's are
 * prefixed "will-", save for will-delay-interval, which says so already.
 * Strings are quoted; '"' and '\' have a '\' in front; bytes that are not
 * part of valid UTF-8 and control characters are \xNN.  Binary values are
 * written the same way.  authentication-data is *** as the password is.
 */
size_t	 packet_describe(const struct packet *, enum mqk_version, char *,
	    size_t size);

#endif
