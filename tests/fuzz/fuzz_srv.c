/* SPDX-License-Identifier: MIT */

/*
 * Replies of a DNS server; the first byte begins the numbers that are drawn.
 * What is used of them can be dialed, and putting it in order loses nothing.
 */

#include <stdint.h>
#include <string.h>

#include "fuzz/must.h"
#include "transport/srv.h"
#include "transport/url.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static uint32_t	 drawn;

static uint32_t
below(uint32_t n)
{
	drawn = drawn * 1103515245 + 12345;
	return (drawn % n);
}

static uint64_t
sum(const struct srv *v, int n)
{
	uint64_t	 s = 0;

	for (int i = 0; i < n; i++)
		s += ((uint64_t)v[i].port << 32 | v[i].weight) *
		    (v[i].priority + 1u) + strlen(v[i].target);
	return (s);
}

static void
check(struct srv *v, int n)
{
	uint64_t	 before = sum(v, n);

	for (int i = 0; i < n; i++) {
		must(v[i].port != 0 && url_host_valid(v[i].target));
		must(strlen(v[i].target) < sizeof(v[i].target));
	}
	srv_order(v, (size_t)n, below);
	must(sum(v, n) == before);
	for (int i = 1; i < n; i++)
		must(v[i - 1].priority <= v[i].priority);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct srv	 v[SRV_MAX];
	int		 got;

	if (n == 0)
		return (0);
	drawn = at[0];
	got = srv_parse(v, at + 1, n - 1);
	must(got <= SRV_MAX);
	if (got < 0)
		must(got == MQK_EMALFORMED);
	else
		check(v, got);
	return (0);
}
