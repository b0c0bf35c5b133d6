/* SPDX-License-Identifier: MIT */

/*
 * A connection is a stack of byte pipes, each on top of the one it points to
 * with below: tcp alone, later also tls on tcp, WebSocket on tls on a proxy.
 * The client holds the top one and never learns what is underneath.  Nothing
 * here blocks.
 */

#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mqk.h"

struct pipe;
struct pipe_report;

/* What a pipe waits for. */
struct pipe_wait {
	int		 fd;		/* -1: none */
	unsigned	 want;		/* MQK_READ | MQK_WRITE */
	int64_t		 deadline;	/* INT64_MAX: none */
};

/*
 * Functions that fail return a negative code and leave a sentence in the
 * error, with the stage, the address and the cause.
 */
struct pipe_ops {
	const char	*name;

	/*
	 * Called until it says MQK_OK; MQK_EAGAIN: not yet, wait.  A pipe
	 * opens the one below it first.
	 */
	int		(*open)(struct pipe *, int64_t now, struct error *);

	/* Bytes moved, 0: none now.  MQK_ECLOSED: the peer has ended it. */
	ssize_t		(*read)(struct pipe *, void *, size_t, struct error *);
	ssize_t		(*write)(struct pipe *, const void *, size_t,
			    struct error *);

	/* What the stack waits for in its present stage, data aside. */
	void		(*wait)(const struct pipe *, struct pipe_wait *);

	/* Bytes to read are at hand although the descriptor is quiet. */
	bool		(*pending)(const struct pipe *);

	/* No more writes: tell the peer.  MQK_EAGAIN: call again. */
	int		(*shut)(struct pipe *);

	/* How far the stack has come. */
	enum mqk_stage	(*reached)(const struct pipe *);

	/* What this pipe knows about its failure; NULL: nothing. */
	void		(*report)(const struct pipe *, struct pipe_report *);

	/* Where it stands, "connect to 127.0.0.1:1883", for error texts. */
	void		(*stage)(const struct pipe *, char *, size_t);

	/* The peer, "127.0.0.1:1883". */
	void		(*address)(const struct pipe *, char *, size_t);

	/* Closes too; what is below goes with it. */
	void		(*free)(struct pipe *);
};

/* The head of every pipe's own structure. */
struct pipe {
	const struct pipe_ops *ops;
	struct pipe	*below;		/* NULL: the bottom */
};

/* "[IPv6%zone]:65535" or the path of a socket, and a NUL */
#define PIPE_ADDRESS_MAX	112

struct transport_options {
	const struct mqk_url *url;
	const char	*bind_address;	/* NULL: any */
	struct mqk_tcp	 tcp;
	uint32_t	 address_timeout_ms;
	bool		 srv;		/* look up SRV records if the URL has
					   no port */
	const char	*service;	/* their name, set for tcp_new() */
	const struct mqk_url *proxy;	/* NULL: none; outlives the pipe */
	const char	*ws_path;	/* if the URL has none; or NULL */
	const char	*ws_fields;	/* "Name: value", CRLF, …; or NULL */
	struct mqk_tls	**tls;		/* for URLs with TLS; made from
					   defaults when it is NULL */
};

/*
 * Is there a transport for the URL's scheme?  MQK_EINVAL: there is no such
 * scheme; MQK_ENOTSUP: this build lacks it.
 */
MQK_USE int transport_check(const struct mqk_url *, struct error *);

/* Build the stack for a URL; everything is copied. */
MQK_USE int transport_new(struct pipe **, const struct transport_options *,
    struct error *);

/* The pipe at the bottom of every stack over the Internet, … */
MQK_USE int tcp_new(struct pipe **, const struct transport_options *,
    uint16_t port, struct error *);

/* … and the one for a socket in the file system; it has no port. */
MQK_USE int unix_new(struct pipe **, const struct transport_options *,
    uint16_t port, struct error *);

#endif
