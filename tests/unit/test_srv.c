/* SPDX-License-Identifier: MIT */

/* SRV records: replies of servers, friendly and hostile, and their order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transport/srv.h"
#include "unit/fixture.h"

/* A reply to a question about _mqtt._tcp.a.b, which begins at byte 12. */
#define HEAD(answers)	"1234 8180 0001 " answers " 0000 0000"		\
	"05 '_mqtt' 04 '_tcp' 01 'a' 01 'b' 00 0021 0001"
#define RECORD(len)	"c00c 0021 0001 0000003c " len

static int
parse(struct srv *v, const char *hex)
{
	size_t	 len;
	uint8_t	*reply = bytes_of(hex, &len);
	int	 n = srv_parse(v, reply, len);

	free(reply);
	return (n);
}

static void
records_are_read(void **state)
{
	struct srv	 v[SRV_MAX];

	(void)state;
	assert_int_equal(parse(v, HEAD("0003")
	    RECORD("000b") "000a 0005 075b 02 'm1' c019"
	    "c00c 0005 0001 0000003c 0002 c019"	/* a CNAME */
	    RECORD("0009") "0014 0000 22b3 01 'm' 00"), 2);
	assert_int_equal(v[0].priority, 10);
	assert_int_equal(v[0].weight, 5);
	assert_int_equal(v[0].port, 1883);
	assert_string_equal(v[0].target, "m1.b");
	assert_int_equal(v[1].priority, 20);
	assert_int_equal(v[1].port, 8883);
	assert_string_equal(v[1].target, "m");
}

static void
what_offers_nothing_is_left_out(void **state)
{
	static const char *const records[] = {
		RECORD("0007") "0000 0000 0000 00",	/* "." */
		RECORD("0007") "0000 0000 075b 00",
		RECORD("0009") "0000 0000 0000 01 'm' 00",	/* port 0 */
		RECORD("0006") "0000 0000 075b",
		RECORD("0000"),
		RECORD("000b") "0000 0000 075b 03 'a b' 00",
		RECORD("000b") "0000 0000 075b 03 'a/b' 00",
		"c00c 0021 0003 0000003c 0009 0000 0000 075b 01 'm' 00",
	};
	struct srv	 v[SRV_MAX];
	char		 text[256];

	(void)state;
	for (size_t i = 0; i < N(records); i++) {
		snprintf(text, sizeof(text), "%s%s", HEAD("0001"), records[i]);
		assert_int_equal(parse(v, text), 0);
	}
	assert_int_equal(parse(v, HEAD("0000")), 0);
}

static void
names_that_refer_to_themselves_end(void **state)
{
	struct srv	 v[SRV_MAX];

	(void)state;
	/* A target that is itself, two that are each other, one beyond. */
	assert_int_equal(parse(v, HEAD("0001")
	    RECORD("0008") "0000 0000 075b c032"), 0);
	assert_int_equal(parse(v, HEAD("0001")
	    RECORD("000a") "0000 0000 075b c034 c032"), 0);
	assert_int_equal(parse(v, HEAD("0001")
	    RECORD("0008") "0000 0000 075b ffff"), 0);
}

/* Every reply that is cut off, in memory that ends there. */
static void
a_reply_that_is_cut_off_is_malformed(void **state)
{
	struct srv	 v[SRV_MAX];
	size_t		 len;
	uint8_t		*reply = bytes_of(HEAD("0001")
			    RECORD("0009") "0001 0001 075b 01 'm' 00", &len);

	(void)state;
	assert_int_equal(srv_parse(v, reply, len), 1);
	for (size_t n = 0; n < len; n++) {
		uint8_t	*part = exact_copy(reply, n);

		assert_int_equal(srv_parse(v, part, n), MQK_EMALFORMED);
		free(part);
	}
	free(reply);
}

static void
no_more_than_fit_are_read(void **state)
{
	struct srv	*v = calloc(SRV_MAX, sizeof(*v));
	char		 text[8192] = HEAD("ffff");
	size_t		 n = strlen(text);

	(void)state;
	assert_non_null(v);
	for (int i = 0; i < 50; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
		    RECORD("0009") "0001 0001 075b 01 'm' 00");
	assert_int_equal(parse(v, text), SRV_MAX);
	free(v);
}

/* ---- order ----------------------------------------------------------- */

/* The numbers that below() gives, and the limits it was called with. */
static uint32_t	 draws[8], limits[8];
static size_t	 ndraws;

static uint32_t
drawn(uint32_t below)
{
	assert_true(ndraws < N(draws));
	limits[ndraws] = below;
	return (draws[ndraws++] % below);
}

static void
the_lowest_priority_comes_first(void **state)
{
	struct srv	 v[] = {
		{ 30, 1, 1, "c" }, { 10, 1, 1, "a" }, { 20, 1, 1, "b" }
	};

	(void)state;
	memset(draws, 0, sizeof(draws));
	ndraws = 0;
	srv_order(v, N(v), drawn);
	assert_string_equal(v[0].target, "a");
	assert_string_equal(v[1].target, "b");
	assert_string_equal(v[2].target, "c");
	srv_order(v, 0, drawn);
	srv_order(v, 1, drawn);
}

/* All numbers that can be drawn, so nothing is left to chance. */
static void
weights_are_shares(void **state)
{
	static const uint16_t	 weights[] = { 60, 0, 30, 10 };
	unsigned		 first[N(weights)] = { 0 };

	(void)state;
	for (uint32_t number = 0; number <= 100; number++) {
		struct srv	 v[N(weights)];

		for (size_t i = 0; i < N(weights); i++)
			v[i] = (struct srv){ 5, weights[i], (uint16_t)(i + 1),
			    "h" };
		memset(draws, 0, sizeof(draws));
		draws[0] = number;
		ndraws = 0;
		srv_order(v, N(v), drawn);
		assert_int_equal(limits[0], 101);
		assert_int_equal(limits[1], 101 - v[0].weight);
		first[v[0].port - 1]++;
	}
	/* RFC 2782: 0 has a small chance, 1 in 101 here. */
	assert_int_equal(first[1], 1);
	assert_int_equal(first[0], 60);
	assert_int_equal(first[2], 30);
	assert_int_equal(first[3], 10);
}

/* Each is there once, whatever is drawn. */
static void
an_order_is_a_permutation(void **state)
{
	(void)state;
	for (uint32_t number = 0; number < 1000; number++) {
		struct srv	 v[6];
		unsigned	 seen = 0;

		for (size_t i = 0; i < N(v); i++)
			v[i] = (struct srv){ (uint16_t)(i / 3),
			    (uint16_t)(i * number), (uint16_t)i, "h" };
		for (size_t i = 0; i < N(draws); i++)
			draws[i] = number * 7919 * (uint32_t)(i + 1);
		ndraws = 0;
		srv_order(v, N(v), drawn);
		for (size_t i = 0; i < N(v); i++) {
			assert_int_equal(v[i].priority, i / 3);
			seen |= 1u << v[i].port;
		}
		assert_int_equal(seen, 0x3f);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(what_offers_nothing_is_left_out),
		cmocka_unit_test(names_that_refer_to_themselves_end),
		cmocka_unit_test(a_reply_that_is_cut_off_is_malformed),
		cmocka_unit_test(no_more_than_fit_are_read),
		cmocka_unit_test(the_lowest_priority_comes_first),
		cmocka_unit_test(weights_are_shares),
		cmocka_unit_test(an_order_is_a_permutation),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
