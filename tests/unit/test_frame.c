/* SPDX-License-Identifier: MIT */

#include "unit/fixture.h"

#include <stdlib.h>

#include "codec/frame.h"
#include "codec/packet.h"

static const struct {
	const char	*bytes;
	size_t		 max;
	int		 result;
	size_t		 len;
} rows[] = {
	{ "", 100, 0, 0 },
	{ "c0", 100, 0, 0 },
	{ "c000", 100, 1, 2 },
	{ "c000 30", 100, 1, 2 },
	{ "3005", 100, 0, 7 },
	{ "3080", 100, 0, 0 },
	{ "30ffffff", PACKET_MAX, 0, 0 },
	{ "30ffffff7f", PACKET_MAX, 0, PACKET_MAX },
	{ "30ffffff7f", PACKET_MAX - 1, MQK_ETOOBIG, PACKET_MAX },
	{ "30ffffffff", PACKET_MAX, MQK_EMALFORMED, 0 },
	{ "3080808080", PACKET_MAX, MQK_EMALFORMED, 0 },
	{ "00", 100, MQK_EMALFORMED, 0 },
	{ "0f00", 100, MQK_EMALFORMED, 0 },
	{ "3062", 100, 0, 100 },
	{ "3063", 100, MQK_ETOOBIG, 101 },
	{ "308001", 131, 0, 131 },
	{ "30808001", 16388, 0, 16388 },
	{ "3080808001", 2097157, 0, 2097157 },
	{ "30ff7f", 16386, 0, 16386 },
	{ "30ffff7f", 2097155, 0, 2097155 },
};

static void
a_frame_is_cut_asked_for_or_refused(void **state)
{
	uint8_t	*at;
	size_t	 n, len;
	int	 result;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		at = bytes_of(rows[i].bytes, &n);
		result = frame_next(at, n, rows[i].max, &len);
		if (result != rows[i].result || len != rows[i].len)
			fail_msg("%s: %d, length %zu", rows[i].bytes, result,
			    len);
		free(at);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_frame_is_cut_asked_for_or_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
