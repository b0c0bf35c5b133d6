/* SPDX-License-Identifier: MIT */

/* NO_PROXY: which hosts a list exempts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/proxyenv.h"
#include "unit/fixture.h"

static void
a_list_exempts_hosts_and_domains(void **state)
{
	static const struct {
		const char	*list;
		const char	*host;
		bool		 exempt;
	} rows[] = {
		{ "", "a.example", false },
		{ " , ,", "a.example", false },
		{ "*", "a.example", true },
		{ "a.example", "a.example", true },
		{ "A.Example", "a.EXAMPLE", true },
		{ "example", "a.example", true },
		{ ".example", "a.example", true },
		{ ".example", "example", true },
		{ "ample", "a.example", false },
		{ "b.a.example", "a.example", false },
		{ "x, y,a.example", "a.example", true },
		{ "x y\ta.example ", "a.example", true },
		{ "127.0.0.1,::1", "::1", true },
		{ "127.0.0.1", "127.0.0.10", false },
		{ ".", "a.example", false },
		{ "a.example:1883", "a.example", true },
		{ "example:1883", "a.example", true },
		{ "a.example:188", "a.example", false },
		{ "a.example:18830", "a.example", false },
		{ "a.example:", "a.example", false },
		{ "[::1]:1883", "::1", true },
		{ "[::1]:1884", "::1", false },
		{ "[::1]", "::1", true },
		{ "[::1", "::1", false },
		{ "::1", "::1", true },
		{ "*:1883", "a.example", true },
		{ ":1883", "a.example", false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (proxyenv_exempt(rows[i].list, rows[i].host, 1883) !=
		    rows[i].exempt)
			fail_msg("%s: %s", rows[i].list, rows[i].host);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_list_exempts_hosts_and_domains),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
