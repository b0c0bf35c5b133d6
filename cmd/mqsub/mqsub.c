/* SPDX-License-Identifier: MIT */

/* mqsub: print messages from an MQTT broker. */

#include "common/config.h"
#include "common/diag.h"
#include "common/exitcode.h"
#include "common/opt.h"
#include "common/streams.h"
#include "mqsub/subscriber.h"

static int
subscribe(struct config *config)
{
	struct subscriber	s;
	int			status;

	status = subscriber_open(&s, config);
	if (status == STATUS_OK)
		status = subscriber_run(&s);
	subscriber_close(&s);
	return (status);
}

int
main(int argc, char **argv)
{
	struct config	config = { 0 };
	int		status;

	streams_hold();
	diag_init("mqsub");
	status = opt_parse(&tool_mqsub, argc, argv, &config);
	if (status < 0)
		status = subscribe(&config);
	opt_free(&tool_mqsub, &config);
	return (status);
}
