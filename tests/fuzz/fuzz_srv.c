/* SPDX-License-Identifier: MIT */

/*
 * Replies of name servers.  What is read of them are hosts and ports that can
 * be connected to, and putting them in order keeps each once.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "fuzz/must.h"
#include "transport/srv.h"
#include "transport/url.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const uint8_t	*draws;
static size_t		 ndraws, next_draw;

static uint32_t
draw(uint32_t below)
{
	return (ndraws == 0 ? 0 : draws[next_draw++ % ndraws] % below);
}

static uint32_t
sum_of(const struct srv *v, int n)
{
	uint32_t	 sum = 0;

	for (int i = 0; i < n; i++)
		sum += v[i].port * 31u + v[i].weight * 7u + v[i].priority;
	return (sum);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct srv	 v[SRV_MAX];
	int		 n = srv_parse(v, at, len);
	uint32_t	 sum;

	must(n == MQK_EMALFORMED || (n >= 0 && n <= SRV_MAX));
	if (n <= 0)
		return (0);
	for (int i = 0; i < n; i++)
		must(v[i].port != 0 && url_host_valid(v[i].target));
	sum = sum_of(v, n);
	draws = at;
	ndraws = len;
	next_draw = 0;
	srv_order(v, (size_t)n, draw);
	must(sum_of(v, n) == sum);
	for (int i = 1; i < n; i++)
		must(v[i - 1].priority <= v[i].priority);
	return (0);
}
