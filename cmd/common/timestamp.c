/* SPDX-License-Identifier: MIT */

/* The only file of the output side that reads the clock. */

#include "common/timestamp.h"

static void
new_second(struct timestamp *t)
{
	if (!t->known)
		tzset();
	t->known = true;
	localtime_r(&t->at.tv_sec, &t->local);
	if (strftime(t->date, sizeof t->date, "%Y-%m-%dT%H:%M:%S",
	    &t->local) == 0)
		t->date[0] = '\0';
	if (strftime(t->zone, sizeof t->zone, "%z", &t->local) == 0)
		t->zone[0] = '\0';
}

void
timestamp_read(struct timestamp *t)
{
	time_t	before = t->at.tv_sec;

	clock_gettime(CLOCK_REALTIME, &t->at);
	if (t->at.tv_sec != before || !t->known)
		new_second(t);
}

void
timestamp_print(const struct timestamp *t, struct outbuf *out, unsigned digits)
{
	uint32_t	fraction = (uint32_t)t->at.tv_nsec;

	outbuf_text(out, t->date);
	if (digits != 0) {
		for (unsigned i = digits; i < 9; i++)
			fraction /= 10;
		outbuf_char(out, '.');
		outbuf_digits(out, fraction, digits);
	}
	outbuf_text(out, t->zone);
}
