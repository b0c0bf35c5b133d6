/* SPDX-License-Identifier: MIT */

/* --property COMMAND NAME VALUE: MQTT 5 properties from the command line. */

#ifndef COMMON_PROPS_H
#define COMMON_PROPS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqk.h"

#include "common/config.h"
#include "common/opt.h"

/* A packet that --property can add to. */
struct props_command {
	const char	*name;		/* NULL ends the table */
	enum config_props at;
	enum mqk_packet_type packet;
	bool		 will;
};

extern const struct props_command props_commands[];

/* May the user set that property there? */
bool	props_settable(const struct props_command *, enum mqk_prop);

/* The config's list for a kind of packet, made when there is none yet. */
struct mqk_props *props_of(struct config *, enum config_props);

/* The option's call function. */
int	opt_call_property(struct opt_env *, const char *command);

#endif
