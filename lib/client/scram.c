/* SPDX-License-Identifier: MIT */

/*
 * The three messages of SCRAM.  What the server says is read by the two
 * functions in the middle, what it must prove is computed below them.
 */

#include "client/scram.h"

#include <string.h>

#include "base/base64.h"
#include "base/random.h"
#include "base/str.h"

#define NO_BINDING	"n,,"		/* the GS2 header … */
#define NO_BINDING_64	"biws"		/* … and its base64 */

/* Three fields of what MQTT's authentication data holds at most. */
#define TALK_MAX	(4u * 65536)
#define COMPLAINT_MAX	64

static struct mqk_bytes
bytes(const void *data, size_t len)
{
	return ((struct mqk_bytes){ data, len });
}

static void
add(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

int
scram_make_nonce(char to[SCRAM_NONCE_SIZE], struct error *e)
{
	static const char	 hex[] = "0123456789abcdef";
	uint8_t			 random[(SCRAM_NONCE_SIZE - 1) / 2];

	if (random_bytes(random, sizeof(random)) < 0)
		return (errf(e, MQK_EIO, "SCRAM: no random numbers"));
	for (size_t i = 0; i < sizeof(random); i++) {
		*to++ = hex[random[i] >> 4];
		*to++ = hex[random[i] & 15];
	}
	*to = '\0';
	return (MQK_OK);
}

/* ---- reading --------------------------------------------------------- */

/*
 * Cut "x=value" and the comma behind it off the front; false: something else
 * is there.  data is NULL when nothing is left.
 */
static bool
cut(struct mqk_bytes *text, char letter, struct mqk_bytes *value)
{
	const char	*at = text->data, *end, *comma;

	if (text->len < 2 || at[0] != letter || at[1] != '=')
		return (false);
	end = at + text->len;
	comma = memchr(at, ',', text->len);
	*value = bytes(at + 2, (size_t)((comma != NULL ? comma : end) - at) -
	    2);
	*text = comma == NULL ? bytes(NULL, 0) :
	    bytes(comma + 1, (size_t)(end - comma) - 1);
	return (true);
}

static bool
is_letter(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

/* Extensions that are not mandatory, which we know none of. */
static int
skip_extensions(struct mqk_bytes text, struct error *e)
{
	struct mqk_bytes ignored;
	char		 letter;

	while (text.data != NULL) {
		letter = text.len > 0 ? *(const char *)text.data : '\0';
		if (!is_letter(letter) || !cut(&text, letter, &ignored))
			return (errf(e, MQK_EAUTH, "SCRAM: what follows the "
			    "fields of the server's message is no extension"));
	}
	return (MQK_OK);
}

static bool
is_printable(struct mqk_bytes b)
{
	const char	*at = b.data;

	for (size_t i = 0; i < b.len; i++)
		if (at[i] < 0x21 || at[i] > 0x7e)
			return (false);
	return (b.len > 0);
}

static int
read_salt(struct scram_challenge *c, struct mqk_bytes text, struct error *e)
{
	int	 n;

	if (BASE64_BYTES(text.len) > SCRAM_SALT_MAX)
		return (errf(e, MQK_EAUTH, "SCRAM: the salt is longer than "
		    "%d bytes", SCRAM_SALT_MAX));
	n = base64_decode(c->salt, text.data, text.len);
	if (n <= 0)
		return (errf(e, MQK_EAUTH, "SCRAM: the salt is %s",
		    n == 0 ? "empty" : "not base64"));
	c->salt_len = (size_t)n;
	return (MQK_OK);
}

static int
read_iterations(struct scram_challenge *c, struct mqk_bytes text,
    struct error *e)
{
	const char	*at = text.data;
	uint32_t	 n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (at[i] < '0' || at[i] > '9' || at[0] == '0')
			return (errf(e, MQK_EAUTH,
			    "SCRAM: the iteration count is not a number"));
		if (n <= SCRAM_ITERATIONS_MAX)
			n = 10 * n + (uint32_t)(at[i] - '0');
	}
	if (n > SCRAM_ITERATIONS_MAX)
		return (errf(e, MQK_EAUTH, "SCRAM: the broker wants more "
		    "than %u iterations", SCRAM_ITERATIONS_MAX));
	if (n < SCRAM_ITERATIONS_MIN)
		return (errf(e, MQK_EAUTH, "SCRAM: the broker wants fewer "
		    "than %u iterations, with which the password could be "
		    "guessed", SCRAM_ITERATIONS_MIN));
	c->iterations = n;
	return (MQK_OK);
}

int
scram_read_challenge(struct scram_challenge *c, struct mqk_bytes text,
    struct error *e)
{
	struct mqk_bytes salt, iterations;
	int		 err;

	if (cut(&text, 'm', &salt))
		return (errf(e, MQK_EAUTH, "SCRAM: the broker demands an "
		    "extension that is not known here"));
	if (!cut(&text, 'r', &c->nonce) || !is_printable(c->nonce))
		return (errf(e, MQK_EAUTH, "SCRAM: the challenge has no "
		    "nonce"));
	if (!cut(&text, 's', &salt))
		return (errf(e, MQK_EAUTH, "SCRAM: the challenge has no "
		    "salt"));
	if (!cut(&text, 'i', &iterations))
		return (errf(e, MQK_EAUTH, "SCRAM: the challenge has no "
		    "iteration count"));
	err = read_salt(c, salt, e);
	if (err == MQK_OK)
		err = read_iterations(c, iterations, e);
	return (err < 0 ? err : skip_extensions(text, e));
}

int
scram_read_proof(uint8_t *to, size_t size, struct mqk_bytes text,
    struct error *e)
{
	uint8_t		 room[BASE64_BYTES(BASE64_SIZE(DIGEST_MAX))];
	struct mqk_bytes value;

	if (cut(&text, 'e', &value) && is_printable(value))
		return (errf(e, MQK_EAUTH, "SCRAM: the broker says %.*s",
		    value.len < COMPLAINT_MAX ? (int)value.len :
		    COMPLAINT_MAX, (const char *)value.data));
	if (!cut(&text, 'v', &value))
		return (errf(e, MQK_EAUTH, "SCRAM: the broker's last message "
		    "has no signature"));
	if (value.len != BASE64_SIZE(size) - 1 ||
	    base64_decode(room, value.data, value.len) != (int)size)
		return (errf(e, MQK_EAUTH, "SCRAM: the broker's signature is "
		    "not base64 of %zu bytes", size));
	memcpy(to, room, size);
	return (skip_extensions(text, e));
}

/* ---- computing ------------------------------------------------------- */

/* Both signatures of RFC 5802, section 3; ours becomes the proof. */
static int
sign(struct scram *s, const uint8_t *salted, uint8_t *proof)
{
	size_t		 size = digest_size(s->digest);
	struct mqk_bytes talk = bytes(buf_data(&s->talk), buf_len(&s->talk));
	uint8_t		 client[DIGEST_MAX], key[DIGEST_MAX];
	int		 err;

	err = digest_hmac(s->digest, bytes(salted, size),
	    bytes("Server Key", 10), key);
	if (err == MQK_OK)
		err = digest_hmac(s->digest, bytes(key, size), talk,
		    s->expected);
	if (err == MQK_OK)
		err = digest_hmac(s->digest, bytes(salted, size),
		    bytes("Client Key", 10), client);
	if (err == MQK_OK)
		err = digest_hash(s->digest, bytes(client, size), key);
	if (err == MQK_OK)
		err = digest_hmac(s->digest, bytes(key, size), talk, proof);
	for (size_t i = 0; i < size && err == MQK_OK; i++)
		proof[i] ^= client[i];
	str_clear(client, sizeof(client));
	str_clear(key, sizeof(key));
	return (err);
}

static int
prove(struct scram *s, const struct scram_challenge *c, uint8_t *proof,
    struct error *e)
{
	uint8_t	 salted[DIGEST_MAX];
	int	 err;

	err = digest_pbkdf2(s->digest, s->password,
	    bytes(c->salt, c->salt_len), c->iterations, salted);
	if (err == MQK_OK)
		err = sign(s, salted, proof);
	str_clear(salted, sizeof(salted));
	return (err < 0 ? errf(e, err, "SCRAM: OpenSSL refuses the hash") :
	    MQK_OK);
}

/* In the same time wherever they differ. */
static bool
is_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	unsigned	 differs = 0;

	while (n-- > 0)
		differs |= (unsigned)(*a++ ^ *b++);
	return (differs == 0);
}

/* ---- steps ----------------------------------------------------------- */

static int
out_of_memory(struct error *e)
{
	return (errf(e, MQK_ENOMEM, "SCRAM: out of memory"));
}

static void
forget_password(struct scram *s)
{
	str_wipe((void *)(uintptr_t)s->password.data, s->password.len);
	s->password = bytes(NULL, 0);
}

void
scram_reset(struct scram *s)
{
	forget_password(s);
	buf_fini(&s->talk);
	str_clear(s, sizeof(*s));
}

/* Comma and equals sign have a meaning of their own. */
static void
add_user(struct buf *b, const char *user)
{
	size_t	 plain;

	for (; *user != '\0'; user++) {
		plain = strcspn(user, ",=");
		buf_append(b, user, plain);
		user += plain;
		if (*user == '\0')
			return;
		add(b, *user == ',' ? "=2C" : "=3D");
	}
}

int
scram_begin(struct scram *s, enum digest d, const char *nonce,
    const char *user, struct mqk_bytes password, struct buf *out,
    struct error *e)
{
	scram_reset(s);
	buf_init(&s->talk, TALK_MAX);
	s->digest = d;
	memcpy(s->nonce, nonce, strlen(nonce) + 1);
	s->password.data = str_ndup(password.data, password.len);
	s->password.len = password.len;
	add(&s->talk, "n=");
	add_user(&s->talk, user);
	add(&s->talk, ",r=");
	add(&s->talk, nonce);
	add(out, NO_BINDING);
	buf_append(out, buf_data(&s->talk), buf_len(&s->talk));
	if (s->password.data == NULL || s->talk.err != 0 || out->err != 0) {
		scram_reset(s);
		return (out_of_memory(e));
	}
	s->step = SCRAM_ASKED;
	return (MQK_OK);
}

static int
check_nonce(const struct scram *s, struct mqk_bytes theirs, struct error *e)
{
	size_t	 len = strlen(s->nonce);

	if (theirs.len <= len || memcmp(theirs.data, s->nonce, len) != 0)
		return (errf(e, MQK_EAUTH, "SCRAM: the challenge is not the "
		    "answer to our nonce"));
	return (MQK_OK);
}

static int
on_challenge(struct scram *s, struct mqk_bytes text, struct buf *out,
    struct error *e)
{
	struct scram_challenge	 c;
	uint8_t			 proof[DIGEST_MAX];
	char			 base64ed[BASE64_SIZE(DIGEST_MAX)];
	size_t			 bare;
	int			 err = scram_read_challenge(&c, text, e);

	if (err == MQK_OK)
		err = check_nonce(s, c.nonce, e);
	if (err < 0)
		return (err);
	add(&s->talk, ",");
	buf_append(&s->talk, text.data, text.len);
	add(&s->talk, ",");
	bare = buf_len(&s->talk);
	add(&s->talk, "c=" NO_BINDING_64 ",r=");
	buf_append(&s->talk, c.nonce.data, c.nonce.len);
	if (s->talk.err != 0)
		return (out_of_memory(e));
	err = prove(s, &c, proof, e);
	forget_password(s);
	if (err < 0)
		return (err);
	base64(base64ed, proof, digest_size(s->digest));
	buf_append(out, buf_data(&s->talk) + bare, buf_len(&s->talk) - bare);
	add(out, ",p=");
	add(out, base64ed);
	buf_fini(&s->talk);
	s->step = SCRAM_ANSWERED;
	return (out->err != 0 ? out_of_memory(e) : MQK_OK);
}

static int
on_proof(struct scram *s, struct mqk_bytes text, struct buf *out,
    struct error *e)
{
	uint8_t	 theirs[DIGEST_MAX];
	size_t	 size = digest_size(s->digest);
	int	 err = scram_read_proof(theirs, size, text, e);

	(void)out;
	if (err < 0)
		return (err);
	if (!is_equal(theirs, s->expected, size))
		return (errf(e, MQK_EAUTH, "SCRAM: the broker's signature is "
		    "wrong: it does not know the password"));
	s->step = SCRAM_PROVEN;
	return (MQK_OK);
}

static int
on_nothing(struct scram *s, struct mqk_bytes text, struct buf *out,
    struct error *e)
{
	(void)s;
	(void)text;
	(void)out;
	return (errf(e, MQK_EAUTH, "SCRAM: a message that nothing asked for"));
}

int
scram_answer(struct scram *s, struct mqk_bytes text, struct buf *out,
    struct error *e)
{
	static int (*const steps[])(struct scram *, struct mqk_bytes,
	    struct buf *, struct error *) = {
		[SCRAM_IDLE] = on_nothing,
		[SCRAM_ASKED] = on_challenge,
		[SCRAM_ANSWERED] = on_proof,
		[SCRAM_PROVEN] = on_nothing,
	};

	int	 err = steps[s->step](s, text, out, e);

	if (err < 0)
		scram_reset(s);
	return (err);
}
