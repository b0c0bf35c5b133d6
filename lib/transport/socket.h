/* SPDX-License-Identifier: MIT */

/* What connected stream sockets have in common, whatever their family. */

#ifndef TRANSPORT_SOCKET_H
#define TRANSPORT_SOCKET_H

#include <sys/types.h>

#include <stddef.h>

#include "base/error.h"
#include "mqk.h"
#include "transport/transport.h"

/* Not blocking, closed by exec(); -1 with errno. */
int	 socket_open(int family);

/* As in struct pipe_ops, of which .address is used for the sentences. */
MQK_USE ssize_t socket_read(const struct pipe *, int fd, void *, size_t,
    struct error *);
MQK_USE ssize_t socket_write(const struct pipe *, int fd, const void *, size_t,
    struct error *);
MQK_USE int socket_shut(int fd);

#endif
