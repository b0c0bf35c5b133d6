/* SPDX-License-Identifier: MIT */

#ifndef CLIENT_SASLPREP_H
#define CLIENT_SASLPREP_H

#include "base/error.h"
#include "mqk.h"

/*
 * SASLprep (RFC 4013): one form for texts that look the same, so that client
 * and server hash the same bytes.  *to is a new string.  Visible ASCII needs
 * no more than a look; for the rest libidn is loaded.  what names the text in
 * errors.
 * MQK_EINVAL: no UTF-8, or a character that must not be there.  MQK_ENOTSUP:
 * libidn is missing.  MQK_ENOMEM.
 */
MQK_USE int saslprep(char **to, struct mqk_bytes, const char *what,
    struct error *);

#endif
