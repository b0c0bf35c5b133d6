/* SPDX-License-Identifier: MIT */

/* SCRAM: the examples of the RFCs, and every way a server can be wrong. */

#include "unit/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "client/saslprep.h"
#include "client/scram.h"

struct example {
	enum digest	 digest;
	const char	*nonce, *first, *challenge, *answer, *proof;
};

/* RFC 5802, section 5, and RFC 7677, section 3. */
static const struct example examples[] = {
	{ DIGEST_SHA1, "fyko+d2lbbFgONRv9qkxdawL",
	  "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
	  "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	  "s=QSXCR+Q6sek8bf92,i=4096",
	  "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
	  "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	  "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ DIGEST_SHA256, "rOprNGfwEbeRWgbNEkqO",
	  "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
	  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	  "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	  "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	  "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
};

static const struct example *const sha256 = &examples[1];

/* One exchange, up to where a test wants it. */
struct world {
	struct scram	 scram;
	struct buf	 out;
	struct error	 e;
};

static int
load(void **state)
{
	struct error	 e;

	(void)state;
	return (digest_load(&e));
}

/* What was said is over; what is said next is looked at. */
static void
said(struct world *w, const char *text)
{
	assert_int_equal(buf_len(&w->out), strlen(text));
	assert_memory_equal(buf_data(&w->out), text, strlen(text));
	buf_consume(&w->out, strlen(text));
}

static void
begin(struct world *w, const struct example *x)
{
	memset(w, 0, sizeof(*w));
	buf_init(&w->out, 65535);
	assert_int_equal(scram_begin(&w->scram, x->digest, x->nonce, "user",
	    text_bytes("pencil"), &w->out, &w->e), MQK_OK);
	said(w, x->first);
}

static void
end(struct world *w)
{
	scram_reset(&w->scram);
	buf_fini(&w->out);
}

/* Hear it from memory of its exact size. */
static int
hear(struct world *w, const char *text, size_t len)
{
	uint8_t	*copy = exact_copy(text, len);
	int	 err = scram_answer(&w->scram, (struct mqk_bytes){ copy, len },
		    &w->out, &w->e);

	free(copy);
	return (err);
}

static void
answer(struct world *w, const struct example *x)
{
	begin(w, x);
	assert_int_equal(hear(w, x->challenge, strlen(x->challenge)), MQK_OK);
	said(w, x->answer);
}

/* Nothing is left of the exchange, and of its keys. */
static void
assert_forgotten(const struct scram *s)
{
	static const struct scram	 nothing;

	assert_memory_equal(s, &nothing, sizeof(nothing));
}

/* A first message that must fail with that sentence. */
static void
bad_challenge(const char *text, const char *why)
{
	struct world	 w;

	begin(&w, sha256);
	assert_int_equal(hear(&w, text, strlen(text)), MQK_EAUTH);
	if (strstr(w.e.text, why) == NULL)
		fail_msg("%s: %s", text, w.e.text);
	assert_int_equal(buf_len(&w.out), 0);
	assert_forgotten(&w.scram);
	end(&w);
}

static void
bad_proof(const char *text, const char *why)
{
	struct world	 w;

	answer(&w, sha256);
	assert_int_equal(hear(&w, text, strlen(text)), MQK_EAUTH);
	if (strstr(w.e.text, why) == NULL)
		fail_msg("%s: %s", text, w.e.text);
	assert_forgotten(&w.scram);
	end(&w);
}

static void
the_examples_of_the_rfcs(void **state)
{
	struct world	 w;

	(void)state;
	for (size_t i = 0; i < N(examples); i++) {
		answer(&w, &examples[i]);
		assert_null(w.scram.password.data);
		assert_int_equal(hear(&w, examples[i].proof,
		    strlen(examples[i].proof)), MQK_OK);
		assert_int_equal(w.scram.step, SCRAM_PROVEN);
		assert_int_equal(buf_len(&w.out), 0);
		end(&w);
	}
}

static void
extensions_that_are_optional_are_skipped(void **state)
{
	char		 text[300];
	struct world	 w;

	(void)state;
	begin(&w, sha256);
	snprintf(text, sizeof(text), "%s,x=1,Y=", sha256->challenge);
	assert_int_equal(hear(&w, text, strlen(text)), MQK_OK);
	end(&w);
	answer(&w, sha256);
	snprintf(text, sizeof(text), "%s,z=any=thing", sha256->proof);
	assert_int_equal(hear(&w, text, strlen(text)), MQK_OK);
	end(&w);
}

static void
user_names_are_escaped(void **state)
{
	struct world	 w = { .out = { .max = 100 } };

	(void)state;
	assert_int_equal(scram_begin(&w.scram, DIGEST_SHA256, "x", ",a=b,,",
	    text_bytes(""), &w.out, &w.e), MQK_OK);
	said(&w, "n,,n==2Ca=3Db=2C=2C,r=x");
	end(&w);
}

/* Each of them has all but one thing right. */
static void
challenges_that_are_wrong(void **state)
{
	static const struct {
		const char	*text, *why;
	} bad[] = {
		{ "", "no nonce" },
		{ "r", "no nonce" },
		{ "r=", "no nonce" },
		{ "r=,s=YQ==,i=4096", "no nonce" },
		{ "r=a\x01,s=YQ==,i=4096", "no nonce" },
		{ "r=a b,s=YQ==,i=4096", "no nonce" },
		{ "s=YQ==,r=rOprNGfwEbeRWgbNEkqO1,i=4096", "no nonce" },
		{ "m=1,r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=4096", "extension" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,i=4096,s=YQ==", "no salt" },
		{ "r=rOprNGfwEbeRWgbNEkqO1", "no salt" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==", "no iteration count" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=,i=4096", "salt is empty" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ=,i=4096", "not base64" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YR==,i=4096", "not base64" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=Y-==,i=4096", "not base64" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=", "fewer than 4096" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=0", "not a number" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=-1", "not a number" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=0x5000", "not a number" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=05000", "not a number" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=4095", "fewer than" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=1000001", "more than" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=4294971392",
		  "more than" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=18446744073709555712",
		  "more than" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=4096,", "no extension" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=4096,1=2",
		  "no extension" },
		{ "r=rOprNGfwEbeRWgbNEkqO1,s=YQ==,i=4096,xy",
		  "no extension" },
		{ "r=rOprNGfwEbeRWgbNEkqO,s=YQ==,i=4096", "our nonce" },
		{ "r=rOprNGfwEbeRWgbNEkqX1,s=YQ==,i=4096", "our nonce" },
		{ "r=rOpr,s=YQ==,i=4096", "our nonce" },
		{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
		  "no nonce" },
	};

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		bad_challenge(bad[i].text, bad[i].why);
}

static void
a_salt_has_a_limit(void **state)
{
	char		 text[600], salt[400];
	struct world	 w;

	(void)state;
	memset(salt, 'A', sizeof(salt));
	begin(&w, sha256);
	snprintf(text, sizeof(text), "r=%s1,s=%.340s,i=4096", sha256->nonce,
	    salt);
	assert_int_equal(hear(&w, text, strlen(text)), MQK_OK);
	end(&w);
	snprintf(text, sizeof(text), "r=%s1,s=%.344s,i=4096", sha256->nonce,
	    salt);
	bad_challenge(text, "longer than 255 bytes");
}

static void
proofs_that_are_wrong(void **state)
{
	static const struct {
		const char	*text, *why;
	} bad[] = {
		{ "", "no signature" },
		{ "v", "no signature" },
		{ "v=", "not base64" },
		{ "e=", "no signature" },
		{ "e=\x1b[2J", "no signature" },
		{ "e=invalid-proof", "the broker says invalid-proof" },
		{ "e=other-error,x=y", "the broker says other-error" },
		{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4", "base64" },
		{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=",
		  "base64" },
		{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=,",
		  "no extension" },
		{ "v=AAriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
		  "signature is wrong" },
		{ "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95GA=",
		  "signature is wrong" },
		{ "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "base64 of 32 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		bad_proof(bad[i].text, bad[i].why);
}

static void
what_is_cut_off_anywhere_fails(void **state)
{
	struct world	 w;

	(void)state;
	for (size_t n = 0; n < strlen(sha256->challenge); n++) {
		begin(&w, sha256);
		assert_int_equal(hear(&w, sha256->challenge, n), MQK_EAUTH);
		end(&w);
	}
	for (size_t n = 0; n < strlen(sha256->proof); n++) {
		answer(&w, sha256);
		assert_int_equal(hear(&w, sha256->proof, n), MQK_EAUTH);
		end(&w);
	}
}

static void
a_proof_that_differs_anywhere_is_wrong(void **state)
{
	char		 text[200];
	struct world	 w;

	(void)state;
	for (size_t i = 0; i < strlen(sha256->proof); i++) {
		answer(&w, sha256);
		snprintf(text, sizeof(text), "%s", sha256->proof);
		text[i] ^= 1;
		assert_int_equal(hear(&w, text, strlen(text)), MQK_EAUTH);
		end(&w);
	}
}

static void
messages_out_of_turn_are_refused(void **state)
{
	struct world	 w;

	(void)state;
	memset(&w, 0, sizeof(w));
	assert_int_equal(hear(&w, sha256->challenge,
	    strlen(sha256->challenge)), MQK_EAUTH);
	answer(&w, sha256);
	assert_int_equal(hear(&w, sha256->challenge,
	    strlen(sha256->challenge)), MQK_EAUTH);
	end(&w);
	answer(&w, sha256);
	assert_int_equal(hear(&w, sha256->proof, strlen(sha256->proof)),
	    MQK_OK);
	assert_int_equal(hear(&w, sha256->proof, strlen(sha256->proof)),
	    MQK_EAUTH);
	end(&w);
}

static void
another_password_gives_another_proof(void **state)
{
	struct world	 w;

	(void)state;
	memset(&w, 0, sizeof(w));
	buf_init(&w.out, 65535);
	assert_int_equal(scram_begin(&w.scram, DIGEST_SHA256, sha256->nonce,
	    "user", text_bytes("pencils"), &w.out, &w.e), MQK_OK);
	said(&w, sha256->first);
	assert_int_equal(hear(&w, sha256->challenge,
	    strlen(sha256->challenge)), MQK_OK);
	assert_int_equal(buf_len(&w.out), strlen(sha256->answer));
	assert_memory_not_equal(buf_data(&w.out), sha256->answer,
	    strlen(sha256->answer));
	assert_int_equal(hear(&w, sha256->proof, strlen(sha256->proof)),
	    MQK_EAUTH);
	end(&w);
}

static void
nonces_are_new_and_fit(void **state)
{
	char		 a[SCRAM_NONCE_SIZE], b[SCRAM_NONCE_SIZE];
	struct error	 e;

	(void)state;
	assert_int_equal(scram_make_nonce(a, &e), MQK_OK);
	assert_int_equal(scram_make_nonce(b, &e), MQK_OK);
	assert_int_equal(strlen(a), SCRAM_NONCE_SIZE - 1);
	assert_string_not_equal(a, b);
}

/* ---- base64 ----------------------------------------------------------- */

static void
base64_goes_both_ways(void **state)
{
	uint8_t	 bytes[64], back[66];
	char	 text[BASE64_SIZE(64)];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37 + 200);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		base64(text, bytes, n);
		assert_int_equal(base64_decode(back, text, strlen(text)), n);
		assert_memory_equal(back, bytes, n);
	}
}

static void
base64_is_strict(void **state)
{
	static const char *const bad[] = {
		"A", "AA", "AAA", "A===", "====", "AA=A", "=AAA", "AAAA=",
		"AAAAAA", "AA A", "AAA\n", "AA-_", "AAB=", "AB==", "AA==AAAA"
	};
	uint8_t	 to[16];

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		if (base64_decode(to, bad[i], strlen(bad[i])) != MQK_EINVAL)
			fail_msg("%s", bad[i]);
}

/* ---- SASLprep --------------------------------------------------------- */

static void
texts_are_prepared(void **state)
{
	/* RFC 4013, section 3 */
	static const struct {
		const char	*from, *to;	/* NULL: forbidden */
	} rows[] = {
		{ "", "" },
		{ "user", "user" },
		{ "USER ,=~", "USER ,=~" },
		{ "I\xc2\xadX", "IX" },
		{ "\xc2\xaa", "a" },
		{ "\xe2\x85\xa8", "IX" },
		{ "p\xc3\xa4ss", "p\xc3\xa4ss" },
		{ "pa\xcc\x88ss", "p\xc3\xa4ss" },
		{ "\x07", NULL },
		{ "a\tb", NULL },
		{ "a\x7f", NULL },
		{ "\xc3\xa4\x07", NULL },
		{ "\xd8\xa7\x31", NULL },
		{ "\xff", NULL },
		{ "\xc3", NULL },
	};
	struct error	 e;
	char		*to;
	int		 err;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		err = saslprep(&to, text_bytes(rows[i].from), "text", &e);
		assert_int_equal(err, rows[i].to != NULL ? MQK_OK :
		    MQK_EINVAL);
		if (rows[i].to != NULL)
			assert_string_equal(to, rows[i].to);
		else
			assert_non_null(strstr(e.text, "text: "));
		free(to);
	}
	assert_int_equal(saslprep(&to, (struct mqk_bytes){ "a\0b", 3 },
	    "text", &e), MQK_EINVAL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(the_examples_of_the_rfcs),
		cmocka_unit_test(extensions_that_are_optional_are_skipped),
		cmocka_unit_test(user_names_are_escaped),
		cmocka_unit_test(challenges_that_are_wrong),
		cmocka_unit_test(a_salt_has_a_limit),
		cmocka_unit_test(proofs_that_are_wrong),
		cmocka_unit_test(what_is_cut_off_anywhere_fails),
		cmocka_unit_test(a_proof_that_differs_anywhere_is_wrong),
		cmocka_unit_test(messages_out_of_turn_are_refused),
		cmocka_unit_test(another_password_gives_another_proof),
		cmocka_unit_test(nonces_are_new_and_fit),
		cmocka_unit_test(base64_goes_both_ways),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(texts_are_prepared),
	};

	return (cmocka_run_group_tests(tests, load, NULL));
}
