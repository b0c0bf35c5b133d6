/* SPDX-License-Identifier: MIT */

/* A secret from the terminal or from a file. */

#ifndef COMMON_PASSPHRASE_H
#define COMMON_PASSPHRASE_H

#include <stddef.h>

/*
 * Ask on the terminal, whatever stdin and stdout are, without showing what is
 * typed.  The length, or -1: there is no terminal, or the user gave up.
 */
int	passphrase_ask(const char *prompt, char *to, size_t size);

/* The first line of a file.  Its length, or -1 after a message. */
int	passphrase_read(const char *path, char *to, size_t size);

#endif
