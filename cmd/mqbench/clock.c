/* SPDX-License-Identifier: MIT */

/* What tells one host's clock from another's. */

#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Linux names each boot; elsewhere the host's name has to do. */
static void
origin_name(char *to, size_t cap)
{
	FILE *f;
	size_t n = 0;

	f = fopen("/proc/sys/kernel/random/boot_id", "r");
	if (f != NULL) {
		n = fread(to, 1, cap - 1, f);
		fclose(f);
	}
	to[n] = '\0';
	if (n == 0 && gethostname(to, cap) == 0)
		to[cap - 1] = '\0';
}

uint16_t
clock_id(void)
{
	uint32_t hash = UINT32_C(2166136261);
	char name[256];

	origin_name(name, sizeof(name));
	for (const char *p = name; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * UINT32_C(16777619);
	return ((uint16_t)(hash >> 16 ^ hash));
}
