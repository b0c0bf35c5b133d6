/* SPDX-License-Identifier: MIT */

/*
 * Every value that an option can set, for all tools: one struct per group of
 * options.  A tool keeps one on the stack of main().  Strings and lists are
 * owned by it; opt_free() releases them.  Zero means "not given" unless the
 * option's row has a default.
 */

#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "mqk.h"

#include "common/opt.h"

struct format;

/* What --url makes, with user and password of each beside its URL. */
struct config_brokers {
	struct mqk_broker *v;
	size_t		 n;
};

/* opts_connect.c */
extern const struct opt_choice auth_methods[];

struct config_connect {
	char		*host;
	int64_t		 port;		/* 0: the transport's usual one */
	struct config_brokers brokers;	/* used when there are several */
	char		*url_topic;	/* the /topic part of --url */
	bool		 srv;
	bool		 follow;
	char		*bind_address;
	char		*username;
	char		*password;
	int		 auth_method;	/* its place in auth_methods[] + 1 */
	int64_t		 reauth_ms;	/* 0: never */
	char		*id;
	char		*id_prefix;	/* the client id is this and the pid */
	int64_t		 timeout_ms;
	bool		 nodelay;
	struct mqk_tcp	 tcp;
	bool		 reconnect;
	int64_t		 retry_ms, retry_max_ms, retry_tries;
};

/* opts_transport.c; --url sets them, too */
struct config_transport {
	char		*unix_path;
	char		*proxy;
	bool		 proxy_env;
	bool		 ws;
	char		*ws_path;
	struct opt_list	 ws_headers;
};

/* opts_tls.c */
struct config_tls {
	bool		 off;		/* --no-tls */
	bool		 url;		/* mqtts:// */
	char		*ca_file, *ca_dir;
	bool		 system_ca;
	bool		 insecure;
	char		*crl_file;
	char		*cert, *key;
	int		 key_form;
	char		*key_password_file;
	char		*engine, *engine_pin;
	char		*server_name;
	int		 min_version, max_version;	/* mqk_tls_version */
	char		*ciphers, *ciphersuites;
	char		*alpn;
	char		*psk;		/* decoded */
	size_t		 psk_len;
	char		*psk_identity;
	char		*keylog;
	bool		 kernel;
	bool		 unanswered;	/* no pass-phrase was given */
	struct mqk_tls	*context;	/* made of all this; NULL: no TLS */
};

/* opts_session.c */
struct config_will {
	char		*topic;
	char		*payload;
	int64_t		 qos;
	bool		 retain;
};

/* The packets that --property can add to. */
enum config_props {
	PROPS_CONNECT, PROPS_PUBLISH, PROPS_SUBSCRIBE, PROPS_UNSUBSCRIBE,
	PROPS_DISCONNECT, PROPS_WILL, PROPS_N
};

struct config_session {
	int		 version;	/* enum mqk_version */
	int64_t		 keepalive_ms;
	bool		 resume;	/* --disable-clean-session */
	bool		 has_expiry;
	uint32_t	 expiry_s;	/* UINT32_MAX: never */
	int64_t		 max_inflight;	/* 0: the broker's receive-maximum */
	char		*store;		/* file; NULL: none */
	struct config_will will;
	struct mqk_props *props[PROPS_N];	/* NULL: none given */
};

/* opts_general.c */
struct config_general {
	bool		 debug;
	bool		 quiet;
	bool		 explain;
};

/* common/opts_output.c */
struct config_output {
	bool		 verbose;	/* the topic, too */
	bool		 no_newline;
	bool		 json;
	struct format	*format;	/* NULL: none given */
};

/* mqpub/opts_pub.c */
struct config_pub {
	char		*topic;
	int64_t		 qos;
	bool		 retain;
	char		*message;	/* exactly one of these five is given */
	char		*file;
	bool		 stdin_whole;
	bool		 stdin_lines;
	bool		 empty;
	int64_t		 repeat;
	int64_t		 repeat_delay_ms;
	int64_t		 reconnect_time_ms;	/* 0: no limit */
};

/* mqsub/opts_sub.c */
struct config_sub {
	struct opt_list	 topics;
	struct opt_list	 unsubscribe;
	struct opt_list	 filtered_out;
	int64_t		 qos;
	int64_t		 count;		/* 0: no limit */
	int64_t		 wait_ms;	/* 0: no limit */
	bool		 subscribe_only;
	bool		 skip_retained;
	bool		 retained_only;
	bool		 retain_as_published;
	int		 retain_handling;
};

/* ---- mqbench/opts_bench.c ---- */
struct config_bench {
	bool		 has_mode;
	int		 mode;		/* enum bench_mode */
	int64_t		 clients, threads;
	double		 rate;		/* 0: closed loop */
	int64_t		 count;		/* 0: no limit */
	int64_t		 duration_ms;	/* 0: no limit */
	int64_t		 warmup_ms, drain_ms;
	int64_t		 size, qos;
	char		*topic;
	char		*json;
};

struct config {
	struct config_connect connect;
	struct config_transport transport;
	struct config_tls tls;
	struct config_session session;
	struct config_general general;
	struct config_output output;
	struct config_pub pub;
	struct config_sub sub;
	struct config_bench bench;
};

/* opts_tls.c: do the options, once all are read, ask for TLS? */
bool	tls_is_wanted(const struct config *);

#endif
