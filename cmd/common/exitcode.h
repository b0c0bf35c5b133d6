/* SPDX-License-Identifier: MIT */

/*
 * The exit statuses: one table, used when a program ends and printed into the
 * EXIT STATUS section of each manual page.  The CONNACK refusals are the
 * reason codes themselves (1 to 5 with MQTT 3.x, 128 to 159 with MQTT 5), 7 and
 * 27 are mosquitto's, the rest follow sysexits.h where it has a fitting one.
 */

#ifndef COMMON_EXITCODE_H
#define COMMON_EXITCODE_H

#include <stdbool.h>
#include <stdint.h>

enum tool_bit {
	TOOL_MQPUB = 1, TOOL_MQSUB = 2, TOOL_MQBENCH = 4, TOOL_ALL = 7
};

enum exit_status {
	STATUS_OK = 0,
	STATUS_ERROR = 1,		/* anything without a code of its own */
	STATUS_LOST = 7,		/* connection lost for good */
	STATUS_WAITED = 27,		/* mqsub -W */
	STATUS_USAGE = 64,
	STATUS_PUBLISH_REFUSED = 65,	/* or lost: not all was delivered */
	STATUS_INPUT = 66,
	STATUS_NO_HOST = 68,		/* name not found */
	STATUS_NO_CONNECTION = 69,	/* refused, unreachable */
	STATUS_INTERNAL = 70,		/* out of memory, state that can't be */
	STATUS_TLS = 71,
	STATUS_STORE = 73,		/* the file of --store */
	STATUS_OUTPUT = 74,
	STATUS_TIMEOUT = 75,
	STATUS_PROTOCOL = 76,		/* what came is not proper MQTT */
	STATUS_SUBSCRIBE_REFUSED = 77,
	STATUS_UNTRUSTED = 78,		/* who the broker is */
	STATUS_INTERRUPTED = 79,	/* by a signal, with work left to do */
	STATUS_VERDICT = 80		/* mqbench: lost, doubled, disordered */
};

struct exit_row {
	int		 first, last;	/* a range; equal for one code */
	const char	*name;		/* "usage", for scripts and JSON */
	const char	*text;		/* one line, no final period */
	unsigned	 tools;		/* enum tool_bit */
};

extern const struct exit_row exit_rows[];	/* ends with name NULL */

/*
 * The status for a library error; reason is a CONNACK's when the error is
 * MQK_EREFUSED.  was_up: the program has been connected before, so what fails
 * now is a connection that was lost.
 */
int	exitcode_of(int error, uint8_t reason, bool was_up);

#endif
