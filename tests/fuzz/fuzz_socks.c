/* SPDX-License-Identifier: MIT */

/* Replies of a SOCKS proxy; the first byte says whether there is a log-in. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transport/socks.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	char		 user[] = "user";
	struct mqk_url	 url = { .password = { "secret", 6 } };
	struct socks	 s;
	struct error	 e;
	size_t		 take;
	int		 err = MQK_EAGAIN;

	if (n == 0)
		return (0);
	url.user = (at[0] & 1) != 0 ? user : NULL;
	at++;
	n--;
	socks_start(&s, &url, "broker.example", 1883);
	while (n > 0 && err == MQK_EAGAIN) {
		s.out_len = 0;
		if (s.want > sizeof(s.in) || s.n >= s.want)
			abort();
		take = s.want - s.n < n ? s.want - s.n : n;
		memcpy(s.in + s.n, at, take);
		s.n += take;
		at += take;
		n -= take;
		err = socks_step(&s, &e);
		if (s.out_len > sizeof(s.out))
			abort();
	}
	return (0);
}
