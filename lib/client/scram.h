/* SPDX-License-Identifier: MIT */

/*
 * SCRAM (RFC 5802, RFC 7677), the client's side, without channel binding.
 * Text goes in and text comes out; where they travel is not known here.
 * Every failure is the server's and MQK_EAUTH, unless it says otherwise.
 */

#ifndef CLIENT_SCRAM_H
#define CLIENT_SCRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "mqk.h"
#include "transport/digest.h"

/*
 * Fewer iterations are refused, because a server that is none could have the
 * password guessed from our answer (RFC 7677, section 4); more, because it
 * could keep us busy: these take a second or two.
 */
#define SCRAM_ITERATIONS_MIN	4096u
#define SCRAM_ITERATIONS_MAX	1000000u

#define SCRAM_SALT_MAX	255		/* bytes, whole groups of base64 */
#define SCRAM_NONCE_SIZE 33		/* of ours, with NUL */

enum scram_step {
	SCRAM_IDLE,
	SCRAM_ASKED,			/* the challenge is awaited */
	SCRAM_ANSWERED,			/* the server's proof is awaited */
	SCRAM_PROVEN			/* and it was right */
};

struct scram {
	enum digest	 digest;
	enum scram_step	 step;
	char		 nonce[SCRAM_NONCE_SIZE];
	struct mqk_bytes password;	/* data is allocated */
	struct buf	 talk;		/* RFC 5802's AuthMessage so far */
	uint8_t		 expected[DIGEST_MAX];	/* of the server */
};

/* 128 random bits as text.  MQK_EIO. */
MQK_USE int scram_make_nonce(char to[SCRAM_NONCE_SIZE], struct error *);

/*
 * Begin anew; a zeroed scram is fine.  User and password are prepared already
 * (saslprep.h).  Appends the client's first message to out.  MQK_ENOMEM.
 */
MQK_USE int scram_begin(struct scram *, enum digest, const char *nonce,
    const char *user, struct mqk_bytes password, struct buf *out,
    struct error *);

/*
 * A message of the server.  Appends the answer to out, none when it was the
 * proof.  MQK_EAUTH, MQK_ENOMEM, MQK_ENOTSUP: as after scram_reset().
 */
MQK_USE int scram_answer(struct scram *, struct mqk_bytes, struct buf *out,
    struct error *);

/* Forget it all; idle again. */
void	 scram_reset(struct scram *);

/* ---- the server's messages, for scram.c and its tests ---- */

struct scram_challenge {
	struct mqk_bytes nonce;		/* a view on the message */
	uint8_t		 salt[SCRAM_SALT_MAX];
	size_t		 salt_len;
	uint32_t	 iterations;
};

MQK_USE int scram_read_challenge(struct scram_challenge *, struct mqk_bytes,
    struct error *);

/* The signature in it, which must have that size. */
MQK_USE int scram_read_proof(uint8_t *to, size_t size, struct mqk_bytes,
    struct error *);

#endif
