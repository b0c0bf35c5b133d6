/* SPDX-License-Identifier: MIT */

/*
 * libmqk: an MQTT 5.0, 3.1.1 and 3.1 client.
 *
 * Rules that hold for every function here:
 *
 * Ownership.	The library copies what it keeps; arguments may be freed as soon
 *		as the call returns.  What it shows it lends: pointers inside
 *		callback arguments are valid until that callback returns.
 * Errors.	Functions that can fail return MQK_OK or a negative enum
 *		mqk_error; a result >= 0 may be an id.  mqk_last_error_text()
 *		has a sentence that names the cause, also when there is no
 *		client: mqk_last_error_text(NULL).  Each failing call leaves
 *		both, so the text is never about an older failure.
 * Threads.	Clients are independent of each other.  One client belongs to
 *		the thread that runs its loop.  While that loop is mqk_run()
 *		or the thread of mqk_thread_start(), every function may be
 *		called from any thread unless it says otherwise.  With
 *		mqk_step() or mqk_ready() all calls must come from one thread.
 * Callbacks.	They run on the loop's thread, one at a time, with no lock
 *		held.  Everything may be called from them, mqk_client_free()
 *		included, except the functions that run a loop or wait.
 * Defaults.	A struct cleared to zero is a valid default configuration.
 * Pointers.	None may be NULL unless it says so.
 * Strings.	UTF-8, NUL-ended, at most 65,535 bytes where MQTT carries them.
 *
 * [MQTT-x.y.z-n] names a normative statement of MQTT 5.0 (OASIS, 7 March 2019).
 */

#ifndef MQK_H
#define MQK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MQK_API		__attribute__((visibility("default")))
#define MQK_USE		__attribute__((warn_unused_result))
#else
#define MQK_API
#define MQK_USE
#endif

/* ---- 1. basic types ------------------------------------------------- */

struct mqk_client;		/* one connection to one broker */
struct mqk_props;		/* MQTT 5 property list, held as wire bytes */
struct mqk_tls;			/* TLS settings, shareable between clients */

/* Any bytes, NUL included.  data may be NULL when len is 0. */
struct mqk_bytes {
	const void	*data;
	size_t		 len;
};

enum mqk_version {
	MQK_V_AUTO = 0,		/* 5.0, and 3.1.1 when the broker refuses it */
	MQK_V31 = 3,
	MQK_V311 = 4,
	MQK_V5 = 5
};

/* Where a client stands; see mqk_state(). */
enum mqk_state {
	MQK_IDLE,		/* not connected, not trying */
	MQK_DIALING,		/* resolving, connecting, TLS */
	MQK_GREETING,		/* CONNECT sent, CONNACK awaited */
	MQK_UP,			/* CONNACK accepted us */
	MQK_LEAVING,		/* mqk_disconnect() was called, output drains */
	MQK_WAITING		/* between two attempts */
};

/* The packet types of section 2.1.2, by their numbers on the wire. */
enum mqk_packet_type {
	MQK_CONNECT = 1, MQK_CONNACK, MQK_PUBLISH, MQK_PUBACK, MQK_PUBREC,
	MQK_PUBREL, MQK_PUBCOMP, MQK_SUBSCRIBE, MQK_SUBACK, MQK_UNSUBSCRIBE,
	MQK_UNSUBACK, MQK_PINGREQ, MQK_PINGRESP, MQK_DISCONNECT, MQK_AUTH
};

/* ---- 2. errors ------------------------------------------------------ */

/* X(name, code, text): enum mqk_error and mqk_strerror() come from here. */
#define MQK_ERROR_MAP(X)						\
	X(NOMEM,     -1, "out of memory")				\
	X(INVAL,     -2, "invalid argument")				\
	X(STATE,     -3, "not possible in this state")			\
	X(AGAIN,     -4, "queue full, try again later")			\
	X(TIMEOUT,   -5, "timed out")					\
	X(RESOLVE,   -6, "name resolution failed")			\
	X(DIAL,      -7, "connection failed")				\
	X(CLOSED,    -8, "connection closed by peer")			\
	X(IO,        -9, "read or write failed")			\
	X(TLS,      -10, "TLS failure")					\
	X(VERIFY,   -11, "certificate not trusted")			\
	X(PROXY,    -12, "proxy refused")				\
	X(WEBSOCKET,-13, "WebSocket handshake failed")			\
	X(REFUSED,  -14, "refused by broker")				\
	X(MALFORMED,-15, "malformed packet")				\
	X(PROTOCOL, -16, "protocol violation by peer")			\
	X(TOOBIG,   -17, "packet larger than allowed")			\
	X(NOTSUP,   -18, "not supported by broker or build")		\
	X(TOPIC,    -19, "invalid topic or filter")			\
	X(STALE,    -20, "belongs to an earlier connection")		\
	X(STORE,    -21, "persistent store failed")			\
	X(STOPPED,  -22, "stopped")					\
	X(SOURCE,   -23, "payload source failed")			\
	X(SESSION,  -24, "session lost by broker")			\
	X(AUTH,     -25, "broker not authenticated")			\
	X(FREED,    -26, "client freed in a callback")

enum mqk_error {
	MQK_OK = 0,
#define X(name, code, text) MQK_E##name = (code),
	MQK_ERROR_MAP(X)
#undef X
	MQK_ERROR_LAST = -26
};

/* Static text for a code, "unknown error" for any other number. */
MQK_API const char *mqk_strerror(int err);

/* Reason codes from here on say no (section 2.4). */
#define MQK_REFUSAL	0x80

/*
 * The specification's name of a reason code in that packet type ("Not
 * authorized"), and one sentence that explains it.  Both static, never NULL.
 * CONNACK codes 1 to 5 are those of MQTT 3.1.1, table 3.1; the others are
 * MQTT 5.0, section 2.4.
 */
MQK_API const char *mqk_reason_name(enum mqk_packet_type, uint8_t reason);
MQK_API const char *mqk_reason_text(enum mqk_packet_type, uint8_t reason);

/* "CONNECT" … "AUTH"; "?" for other numbers. */
MQK_API const char *mqk_packet_name(enum mqk_packet_type);

/* ---- 3. properties (MQTT 5.0, section 2.2.2) ------------------------ */

enum mqk_prop {
	MQK_P_PAYLOAD_FORMAT_INDICATOR = 1,
	MQK_P_MESSAGE_EXPIRY_INTERVAL = 2,
	MQK_P_CONTENT_TYPE = 3,
	MQK_P_RESPONSE_TOPIC = 8,
	MQK_P_CORRELATION_DATA = 9,
	MQK_P_SUBSCRIPTION_IDENTIFIER = 11,
	MQK_P_SESSION_EXPIRY_INTERVAL = 17,
	MQK_P_ASSIGNED_CLIENT_IDENTIFIER = 18,
	MQK_P_SERVER_KEEP_ALIVE = 19,
	MQK_P_AUTHENTICATION_METHOD = 21,
	MQK_P_AUTHENTICATION_DATA = 22,
	MQK_P_REQUEST_PROBLEM_INFORMATION = 23,
	MQK_P_WILL_DELAY_INTERVAL = 24,
	MQK_P_REQUEST_RESPONSE_INFORMATION = 25,
	MQK_P_RESPONSE_INFORMATION = 26,
	MQK_P_SERVER_REFERENCE = 28,
	MQK_P_REASON_STRING = 31,
	MQK_P_RECEIVE_MAXIMUM = 33,
	MQK_P_TOPIC_ALIAS_MAXIMUM = 34,
	MQK_P_TOPIC_ALIAS = 35,
	MQK_P_MAXIMUM_QOS = 36,
	MQK_P_RETAIN_AVAILABLE = 37,
	MQK_P_USER_PROPERTY = 38,
	MQK_P_MAXIMUM_PACKET_SIZE = 39,
	MQK_P_WILDCARD_SUBSCRIPTION_AVAILABLE = 40,
	MQK_P_SUBSCRIPTION_IDENTIFIER_AVAILABLE = 41,
	MQK_P_SHARED_SUBSCRIPTION_AVAILABLE = 42
};

/* How a property's value is written (section 1.5). */
enum mqk_prop_type {
	MQK_T_BYTE, MQK_T_U16, MQK_T_U32, MQK_T_VARINT,
	MQK_T_STRING, MQK_T_BINARY, MQK_T_PAIR
};

/*
 * A value: num for the four number types, str for the rest, key with PAIR.
 * What is in a list has no NUL behind it.
 */
struct mqk_value {
	uint32_t	 num;
	struct mqk_bytes str;
	struct mqk_bytes key;
};

/*
 * An empty list; NULL when out of memory.  Free with mqk_props_free(), which
 * NULL is fine for.  A list belongs to one thread at a time.  On connections of
 * 3.1.1 and 3.1 lists are left out, also when the broker had no 5.0.
 */
MQK_API MQK_USE struct mqk_props *mqk_props_new(void);
MQK_API void mqk_props_free(struct mqk_props *);

/*
 * Append one property.  The value is checked against the property's type and
 * range (strings: valid UTF-8; 65,535 bytes at most).  A property that may
 * stand only once replaces its earlier value.
 * MQK_EINVAL: wrong type, range or text, or more than a packet can carry.
 * MQK_ENOMEM.  The list is as it was then.
 */
MQK_API MQK_USE int mqk_props_add_num(struct mqk_props *, enum mqk_prop,
    uint32_t);
MQK_API MQK_USE int mqk_props_add_str(struct mqk_props *, enum mqk_prop,
    struct mqk_bytes);
MQK_API MQK_USE int mqk_props_add_pair(struct mqk_props *,
    struct mqk_bytes key, struct mqk_bytes value);

/*
 * The first property of that kind; false if there is none or no list, and
 * the value stays as it was.
 */
MQK_API bool mqk_props_get(const struct mqk_props *, enum mqk_prop,
    struct mqk_value *);

/*
 * Walk a list in wire order: *cursor starts at 0; false at the end.  Values
 * point into the list and are valid until it is changed.
 */
MQK_API bool mqk_props_next(const struct mqk_props *, size_t *cursor,
    enum mqk_prop *, struct mqk_value *);

/* "content-type" and back (case ignored); NULL and -1 when unknown. */
MQK_API const char *mqk_prop_name(enum mqk_prop);
MQK_API int mqk_prop_by_name(const char *);
MQK_API enum mqk_prop_type mqk_prop_type(enum mqk_prop);

/* May the property stand in that packet (will: MQK_CONNECT, will true)? */
MQK_API bool mqk_prop_allowed(enum mqk_prop, enum mqk_packet_type, bool will);

/* ---- 4. topics (section 4.7) ---------------------------------------- */

/* 1 to 65,535 bytes of UTF-8 without NUL; a topic also without + and #. */
MQK_API bool mqk_topic_valid(const char *topic);
MQK_API bool mqk_filter_valid(const char *filter);

/*
 * Does the topic match the filter?  "$share/GROUP/" in front of the filter is
 * skipped; wildcards at the first level do not match topics that begin with $
 * [MQTT-4.7.2-1].  Both must be valid, or NULL: false.
 */
MQK_API bool mqk_topic_matches(const char *filter, const char *topic);

/* ---- 5. URLs -------------------------------------------------------- */

/*
 * mqtt://, mqtts://, ws://, wss://, unix:///path; all strings decoded.  The
 * path of ws and wss is that of the HTTP request.
 */
struct mqk_url {
	char		*scheme;	/* lower case */
	char		*user;		/* NULL: none given */
	struct mqk_bytes password;	/* data NULL: none given */
	char		*host;		/* IPv6 without brackets; unix: path */
	uint16_t	 port;		/* 0: none given */
	char		*path;		/* after the first '/', NULL: none */
};

/*
 * Split and percent-decode.  The parts are the caller's, to be released with
 * mqk_url_clear(); after an error there are none.
 * MQK_EINVAL with *why pointing to a static sentence; MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_url_parse(struct mqk_url *, const char *text,
    const char **why);
MQK_API void mqk_url_clear(struct mqk_url *);

/* ---- 6. configuration ----------------------------------------------- */

struct mqk_reconnect {		/* full jitter: delay = random(0, back-off) */
	uint32_t	 min_ms;	/* first back-off; 0: 1,000 */
	uint32_t	 max_ms;	/* it doubles up to this; 0: 60,000 */
	uint32_t	 max_tries;	/* in a row without CONNACK, each of
					   all brokers; 0: any */
	bool		 off;		/* never reconnect */
};

struct mqk_tcp {
	bool		 delay;		/* leave Nagle on (TCP_NODELAY off) */
	uint16_t	 keep_count;	/* probes until dead; 0: system's */
	uint16_t	 keep_idle_s;	/* 0: TCP keep-alive is off */
	uint16_t	 keep_interval_s;	/* 0: system's */
};

/*
 * One of several brokers for fail-over.  They are tried in order, one right
 * after the other; when the last has failed too, a pause follows (struct
 * mqk_reconnect), then the first is tried again.  So it is after a connection
 * was lost: the list is an order of preference and starts anew.
 */
#define MQK_MAX_BROKERS	64

struct mqk_broker {
	const char	*url;
	const char	*user;		/* user and password NULL: what
					   mqk_set_credentials() has set, or
					   else those of the URL */
	struct mqk_bytes password;
	struct mqk_tls	*tls;		/* NULL: that of mqk_options */
	void		*reserved[4];
};

struct mqk_options {
	const struct mqk_broker *brokers;	/* instead of url and the next
					   three; NULL: none */
	size_t		 nbrokers;	/* 1 to MQK_MAX_BROKERS */
	const char	*url;		/* NULL: made from the next three */
	const char	*scheme;	/* "mqtt", "unix", … as in a URL; NULL:
					   mqtt, mqtts with tls */
	const char	*host;		/* NULL: localhost; unix: the path */
	uint16_t	 port;		/* 0: the scheme's (1883, 8883) */
	bool		 srv;		/* where a URL has no port, connect to
					   the hosts and ports that DNS has in
					   the SRV records (RFC 2782) of
					   _mqtt._tcp.HOST, for mqtts of
					   _secure-mqtt._tcp.HOST: 32 at most,
					   by priority and weight, as if they
					   were addresses of one host.  HOST
					   remains the name of the broker's
					   certificate.  Not for ws, wss, unix
					   and through proxies (MQK_EINVAL when
					   connecting) */
	bool		 follow_redirects;	/* go to the first broker that
					   a Server Reference names, with
					   reasons 0x9c and 0x9d: with scheme,
					   credentials and TLS settings of the
					   one that named it, five times in a
					   row.  Back to the list when that
					   fails or is lost.  Else it is told
					   only */
	enum mqk_version version;	/* MQK_V_AUTO */
	const char	*client_id;	/* NULL or "": assigned by the broker,
					   made up for 3.1, and for resume with
					   3.x */
	bool		 resume;	/* keep the broker's session: clean
					   start off on every CONNECT.  With
					   MQTT 5 it also takes a session-
					   expiry-interval in props, or the
					   broker ends the session with the
					   connection (on_log warns).  Without
					   it only reconnects resume, and only
					   if the session outlives the
					   connection (session-expiry-interval)
					   */
	bool		 manual_ack;	/* on_message's result is ignored, all
					   is acknowledged by mqk_ack() */
	bool		 qos2_at_release;	/* give QoS 2 messages when
					   their PUBREL comes, not at their
					   PUBLISH; see mqk_on_message_fn */
	bool		 background;	/* mqk_connect() and mqk_reconnect()
					   see to it that the loop runs on a
					   thread of its own */
	int32_t		 keepalive_s;	/* 0: 60, negative: none; <= 65,535.
					   PINGREQ when nothing was sent, or
					   nothing came, for so long; the
					   connection is lost (MQK_ETIMEOUT)
					   when nothing comes for half as long
					   after it has been sent */
	uint32_t	 connect_timeout_ms;	/* whole attempt with one
					   broker; 0: 30,000 */
	uint32_t	 address_timeout_ms;	/* each address; 0: 5,000 */
	uint32_t	 max_packet;	/* incoming, bytes; 0: 268,435,460;
					   told to the broker with MQTT 5 */
	uint32_t	 max_inflight;	/* QoS 1/2 unanswered; 0: the broker's
					   receive-maximum, with 3.x 1,000, of
					   QoS 2 20 */
	uint32_t	 max_queue;	/* messages waiting behind the window or
					   for a connection; 0: 1,000 */
	uint32_t	 max_bytes;	/* of those and the window; 0: 8 MiB */
	const char	*bind_address;	/* local address or host name; NULL:
					   any */
	struct mqk_tcp	 tcp;
	const char	*ws_path;	/* for ws and wss, where the URL has
					   none; NULL: /mqtt */
	const char	*const *ws_headers;	/* "Name: value", a NULL ends
					   them, 32,768 bytes in all; NULL:
					   none */
	const char	*proxy;		/* http:// or socks5h://, with user and
					   password if need be; NULL: none */
	struct mqk_tls	*tls;		/* for mqtts:// and wss://; NULL:
					   defaults */
	struct mqk_reconnect reconnect;
	const struct mqk_props *props;	/* for CONNECT */
	void		*user;		/* handed to every callback */
	void		*reserved[8];
};

/* ---- 7. client ------------------------------------------------------ */

/*
 * Make a client; nothing is sent yet.  *client is NULL after an error, of which
 * mqk_last_error_text(NULL) tells the cause ("keepalive_s: 70000 is above
 * 65535").  The options may be NULL: all defaults.
 * MQK_EINVAL: a value, URL, host, header or property that can't be.
 * MQK_ENOTSUP: a transport this build lacks.  MQK_ETOOBIG: ws_headers.
 * MQK_EIO: no descriptors for options.background.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_client_new(struct mqk_client **,
    const struct mqk_options *);

/*
 * Close at once, without DISCONNECT, so the broker publishes the will.  What
 * was not sent or answered is lost, without on_published.  NULL is fine;
 * inside a callback it takes effect when that callback returns.  A background
 * thread is joined, unless the call comes from it.  No other thread may be in
 * a call of this client; but a mqk_wait_…() may when this is called in a
 * callback, and says MQK_EFREED.
 */
MQK_API void mqk_client_free(struct mqk_client *);

/* options.user; any thread, any time. */
MQK_API void *mqk_client_user(const struct mqk_client *);

/*
 * A payload that is read when it is sent, so that it need not be in memory.
 * read() fills up to len bytes from offset and returns how many, or < 0, which
 * closes the connection with MQK_ESOURCE; it is called again from offset 0
 * when the message must be sent again.  done() is called once when a message
 * that was accepted has left the library, also when it failed; it may be NULL.
 * Both run on the loop's thread, and done() in mqk_client_free() too.
 */
struct mqk_source {
	uint32_t	 len;		/* bytes, of the whole payload */
	int64_t		(*read)(void *arg, uint32_t offset, void *to,
			    size_t len);
	void		(*done)(void *arg);
	void		*arg;
};

struct mqk_publish {
	const char	*topic;
	struct mqk_bytes payload;
	uint8_t		 qos;
	bool		 retain;
	const struct mqk_props *props;
	const struct mqk_source *source;	/* instead of payload */
	void		*tag;		/* comes back in on_published */
};

/*
 * Keep accepted messages of QoS 1 and 2, and all that their exchanges need, in
 * a store (section 14).  Before the first mqk_connect() and anything else that
 * makes a packet.  The store is the client's from then on, in every outcome;
 * mqk_client_free() closes it.  MQK_ESTATE: it came too late and is closed; or
 * the client has one already, and keeps that.
 *
 * What is in the store is sent first.  options.resume is taken to be set; that
 * the broker keeps the session between connections is for
 * session-expiry-interval to say, without it QoS 2 may double what is under way
 * when a connection ends.  The store remembers the client id: that of the
 * options must be the same, or there be none; a new store without one gets one
 * that is made up.
 *
 * mqk_publish() then returns when the message is durable.  However many
 * messages wait, memory stays within max_queue and max_bytes, and there is no
 * MQK_EAGAIN; a message that does not fit in there has no packet id yet, and
 * the result is 0.  on_published comes for all, also those of an earlier
 * process, with tag NULL; mqk_stats() has their number.
 *
 * Sources of payloads are read at once, but not before all else has been
 * checked: only with MQK_ESTORE and MQK_ENOMEM may it have been in vain.  The
 * message is not accepted then, done() is not called, and the caller's next
 * mqk_publish() reads from offset 0 again.
 *
 * When the store fails nothing that depends on it is written: mqk_publish()
 * says MQK_ESTORE, a connection ends with it, and the next attempt tries the
 * store again.
 * MQK_ESTORE: it fails, is damaged, or belongs to another client id; the client
 * can only be freed.  MQK_ENOTSUP: with options.qos2_at_release.  MQK_ENOMEM.
 */
struct mqk_store;
MQK_API MQK_USE int mqk_set_store(struct mqk_client *,
    const struct mqk_store *);

/*
 * For the next CONNECT, instead of those of the URL.  user NULL: none;
 * password.data NULL: none; both NULL: those of the URL again.
 * MQK_EINVAL: not UTF-8, or longer than 65,535 bytes.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_set_credentials(struct mqk_client *, const char *user,
    struct mqk_bytes password);

/*
 * For the next CONNECT; NULL clears it.  tag is not used.
 * MQK_ETOPIC.  MQK_EINVAL: QoS above 2, a payload above 65,535 bytes, a source,
 * or a property that a will can't have.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_set_will(struct mqk_client *,
    const struct mqk_publish *);

/*
 * Enhanced authentication (section 4.12), done by the library with the user
 * name and password of mqk_set_credentials() or the URL: they prove each other
 * without being sent, and are not in CONNECT.
 */
struct mqk_auth_options {
	const char	*method;	/* "SCRAM-SHA-256" (RFC 7677),
					   "SCRAM-SHA-1" or "SCRAM-SHA-512" */
	uint32_t	 interval_ms;	/* mqk_reauthenticate() after so long,
					   again and again; 0: never */
	void		*reserved[6];
};

/*
 * From the next CONNECT on; NULL: not any more.  The version is 5.0, with no
 * other tried.  A connection ends with MQK_EAUTH, before on_connected, when
 * the broker does not prove that it knows the password too, demands fewer than
 * 4,096 iterations or more than 1,000,000, or breaks the rules in another way;
 * what it refuses is MQK_EREFUSED as ever.  The loop's thread computes the
 * iterations, a few milliseconds for each 4,096.
 * Texts are prepared with SASLprep (RFC 4013); those outside ASCII need libidn,
 * which is loaded then.
 * MQK_ESTATE: not idle.  MQK_EINVAL: unknown method, MQTT 3.x, a method in
 * options.props, or a name or password that SASLprep forbids.  MQK_ENOTSUP:
 * OpenSSL's libcrypto (or libidn) is missing.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_set_auth(struct mqk_client *,
    const struct mqk_auth_options *);

/*
 * Authenticate anew on the living connection, with the credentials set last.
 * on_auth tells success; refused, the broker closes the connection.  Without
 * an answer within options.connect_timeout_ms the connection ends with
 * MQK_ETIMEOUT.
 * MQK_ESTATE: not connected, without mqk_set_auth(), or the last one has not
 * ended yet.  MQK_EINVAL, MQK_ENOTSUP, MQK_ENOMEM: as there.
 */
MQK_API MQK_USE int mqk_reauthenticate(struct mqk_client *);

/*
 * For the next attempt: one broker, or the list instead of the one there is.
 * MQK_EINVAL: mqk_last_error_text() says what is wrong with it.  MQK_ENOTSUP: a
 * transport this build lacks.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_set_url(struct mqk_client *, const char *url);
MQK_API MQK_USE int mqk_set_brokers(struct mqk_client *,
    const struct mqk_broker *, size_t n);

/*
 * Start to connect; the loop does the work and on_connected or
 * on_disconnected tells the result.
 * MQK_ESTATE: not idle.  MQK_ENOMEM: no thread for options.background.
 */
MQK_API MQK_USE int mqk_connect(struct mqk_client *);

/*
 * Drop the connection if there is one and dial; from any state.  The loop does
 * it in its next turn.
 * MQK_ENOMEM: as mqk_connect().
 */
MQK_API MQK_USE int mqk_reconnect(struct mqk_client *);

/*
 * Send what is queued for the wire, DISCONNECT with that reason, close.  Does
 * not wait for acknowledgements.  With reason 0x04 the broker publishes the
 * will (3.x: the connection is closed without DISCONNECT, same effect).
 * on_disconnected follows with by_us.
 * MQK_ESTATE: not connected; an attempt or a wait for one is ended all the
 * same.  Nothing happens with MQK_EINVAL: a reason or property that DISCONNECT
 * can't have, or an expiry for a session that has none (3.14.2.2.2);
 * MQK_ETOOBIG: larger than the broker takes; MQK_ENOMEM.
 */
MQK_API int mqk_disconnect(struct mqk_client *, uint8_t reason,
    const struct mqk_props *);

/* ---- 8. messages ---------------------------------------------------- */

/* Names one received message for mqk_ack(). */
struct mqk_ack {
	uint32_t	 epoch;
	uint16_t	 mid;
	uint8_t		 qos;
};

struct mqk_message {
	const char	*topic;		/* valid UTF-8 with a NUL behind it,
					   aliases resolved */
	size_t		 topic_len;
	struct mqk_bytes payload;
	uint8_t		 qos;
	bool		 retain;
	bool		 dup;
	uint16_t	 mid;		/* 0 with QoS 0 */
	struct mqk_ack	 ack;
	const struct mqk_props *props;	/* NULL: none */
};

/*
 * A message came.  The result is the reason code to acknowledge with (0:
 * success; >= 0x80 refuses, MQTT 5 only), or MQK_ACK_LATER: mqk_ack() will be
 * called.  With MQTT 5 a number that is no reason code of PUBACK and PUBREC
 * acknowledges nothing, as MQK_ACK_LATER does, and on_log warns.
 * Acknowledgements leave in the order the messages came in [MQTT-4.6.0-2], so
 * one that waits holds back those behind it.
 * QoS 2 messages are given once: when their PUBLISH arrives, and PUBREC is the
 * acknowledgement; or with qos2_at_release when PUBREL does (section 4.3.3),
 * which PUBCOMP acknowledges.  Until then the library keeps them, max_bytes of
 * them (more end the connection with reason 0x97, and come again), and they
 * can't be refused: reason codes count as success.
 */
#define MQK_ACK_LATER (-1)
typedef int mqk_on_message_fn(struct mqk_client *, const struct mqk_message *,
    void *user);

/*
 * Where filters overlap, a message goes to the callback of each one that
 * matches, and waits for acknowledgement if any of them wants it to; a filter
 * without a callback has no part in that, on_message of the client is for what
 * no filter's callback took.  With MQTT 5 a broker may send the message once
 * for each subscription, and each copy goes that way: give each filter a
 * subscription-identifier (a mqk_subscribe() of its own with that property),
 * and a copy goes to the filter it is for.
 */
struct mqk_filter {
	const char	*topic;
	uint8_t		 qos;
	bool		 no_local;		/* the rest: MQTT 5 only */
	bool		 retain_as_published;
	uint8_t		 retain_handling;	/* 0 send, 1 if new, 2 don't */
	mqk_on_message_fn *on_message;	/* NULL: the client's on_message */
	void		*user;		/* for that on_message */
};

/*
 * Publish.  Result: the packet id (1 to 65,535), 0 with QoS 0; on_published
 * follows with the answer (QoS 0: none).  Works without a connection too: the
 * message waits in the queue.  Accepted QoS 1 and 2 messages survive lost
 * connections until answered; QoS 0 ones too until they have been handed to
 * the transport.
 * MQK_EAGAIN: queue or window is full, on_writable tells when to go on.
 * MQK_ETOPIC.  MQK_EINVAL: QoS above 2, a source without read, or a property
 * that PUBLISH can't have.  MQK_ENOMEM.  MQK_ETOOBIG: more than 268,435,455
 * bytes with topic and properties, or than the broker of this connection
 * takes; MQK_ENOTSUP: it takes no such QoS, or no retained messages.
 * With a store MQK_ESTORE, and MQK_ESOURCE.
 */
MQK_API MQK_USE int mqk_publish(struct mqk_client *,
    const struct mqk_publish *);

/*
 * Publish n messages in this order: the same as one by one, but quicker, most
 * of all if neighbours have topic (the same pointer), properties, QoS and
 * retain in common.  Result: how many were accepted, from the first on.  When
 * that is less than n, the next one was not: call again with the rest to learn
 * why, or to go on.  When it is the first one that was not, its error, as of
 * mqk_publish().
 */
MQK_API MQK_USE int mqk_publish_many(struct mqk_client *,
    const struct mqk_publish *, size_t n);

/*
 * With a store, many messages in one transaction, which is a hundred times as
 * quick as one by one: what is published between the two is accepted by
 * mqk_commit(), all of it, or with MQK_ESTORE or MQK_ENOMEM none.  Nothing is
 * written to the wire meanwhile, by whatever thread, so do it without waiting
 * for anything.
 * MQK_ESTATE: no store, there is a batch, or there is none.
 */
MQK_API MQK_USE int mqk_begin(struct mqk_client *);
MQK_API MQK_USE int mqk_commit(struct mqk_client *);

/*
 * Subscribe to n filters in one packet.  Result: the packet id.  They are
 * remembered and subscribed again after a reconnect that finds no session;
 * a filter already there is replaced.  Needs no connection.
 * MQK_ETOPIC.  MQK_EINVAL: n or a pointer is 0, QoS or retain_handling above 2,
 * no_local with a shared subscription [MQTT-3.8.3-4], or a property that does
 * not fit.  MQK_EAGAIN, MQK_ETOOBIG: as mqk_publish().  MQK_ENOTSUP: the broker
 * of this connection has no wildcards, shared subscriptions or identifiers.
 * MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_subscribe(struct mqk_client *,
    const struct mqk_filter *, size_t n, const struct mqk_props *);

/*
 * The same for n filters that are not wanted any more; their callbacks are not
 * called again, and what still comes is for on_message.  Errors as
 * mqk_subscribe() but for MQK_ENOTSUP.
 */
MQK_API MQK_USE int mqk_unsubscribe(struct mqk_client *,
    const char *const *topics, size_t n, const struct mqk_props *);

/*
 * Acknowledge a message whose callback said MQK_ACK_LATER.
 * MQK_ESTALE: QoS 1 and the connection it came on is gone (the broker will
 * send it again), or the session is.  MQK_EINVAL: no such message, or it is
 * acknowledged already; a reason or property that does not fit.  MQK_ENOMEM.
 * mqk_ack_through() acknowledges it and every message that came before it.
 */
MQK_API int mqk_ack(struct mqk_client *, struct mqk_ack, uint8_t reason,
    const struct mqk_props *);
MQK_API int mqk_ack_through(struct mqk_client *, struct mqk_ack);

/*
 * Send an AUTH packet (section 3.15) of the method that options.props has for
 * CONNECT.  MQK_ESTATE unless v5 and on the air, and after mqk_set_auth().
 * MQK_EINVAL: another method, or a reason that is not possible now.
 * MQK_ETOOBIG: larger than the broker takes.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_auth(struct mqk_client *, uint8_t reason,
    const struct mqk_props *);

/* Send a PINGREQ now.  MQK_ESTATE: not connected.  MQK_ENOMEM. */
MQK_API MQK_USE int mqk_ping(struct mqk_client *);

/* ---- 9. callbacks --------------------------------------------------- */

struct mqk_connected {		/* CONNACK accepted us */
	bool		 session_present;
	enum mqk_version version;	/* spoken */
	const char	*address;	/* "127.0.0.1:1883" */
	const struct mqk_props *props;	/* NULL: none */
};

/* How far an attempt to connect has come. */
enum mqk_stage {
	MQK_STAGE_RESOLVE,	/* looking the name up */
	MQK_STAGE_CONNECT,
	MQK_STAGE_PROXY,
	MQK_STAGE_TLS,
	MQK_STAGE_WEBSOCKET,
	MQK_STAGE_MQTT,		/* CONNECT sent, CONNACK awaited */
	MQK_STAGES
};

/* "resolve", "connect", "proxy", "TLS", "WebSocket", "MQTT"; else "?". */
MQK_API const char *mqk_stage_name(enum mqk_stage);

/* A certificate as text, cut off where it is very long; never NULL. */
struct mqk_cert {
	const char	*subject;	/* "CN=broker.example,O=Example" */
	const char	*issuer;
	const char	*names;		/* hosts and addresses it is for,
					   "broker.example, 10.0.0.1" */
	const char	*not_before;	/* "2026-01-31 12:00:00 UTC" */
	const char	*not_after;
};

/*
 * All that is known about an attempt to connect that failed.  It lives until
 * the next attempt fails or the client is freed.
 */
struct mqk_post_mortem {
	int		 error;
	const char	*text;		/* as in mqk_disconnected */
	const char	*cause;		/* the same */
	const char	*url;		/* without user, password and path */
	const char	*address;	/* tried last; "": none yet */
	enum mqk_stage	 stage;		/* where it failed */
	uint32_t	 took_ms[MQK_STAGES];	/* time in each */
	int		 os_error;	/* errno of the system; 0: none */
	uint8_t		 alert;		/* of TLS, that came; 0: none */
	const char	*alert_name;	/* "handshake_failure"; NULL: none */
	long		 verify_error;	/* OpenSSL's X509_V_ERR_…; 0: none */
	const char	*verify_name;	/* "CERT_HAS_EXPIRED"; NULL: none */
	size_t		 verify_depth;	/* which of the chain it is about */
	const struct mqk_cert *chain;	/* the broker's first; NULL: none */
	size_t		 nchain;
	struct mqk_bytes first;		/* up to 32 bytes of an answer that
					   the stage did not understand */
	const char	*protocol;	/* that begins so: "HTTP", "TLS", …;
					   NULL: unknown */
	uint8_t		 reason;	/* CONNACK's, else 0 */
	const struct mqk_props *props;	/* CONNACK's; NULL: none */
};

/* An attempt failed or a connection ended. */
struct mqk_disconnected {
	int		 error;		/* MQK_OK: as asked for */
	uint8_t		 reason;	/* CONNACK's or DISCONNECT's, else 0 */
	bool		 by_us;		/* mqk_disconnect() or _reconnect() */
	bool		 was_up;	/* false: the attempt failed */
	bool		 more;		/* the next of several brokers will
					   be tried at once */
	const char	*text;		/* stage, address, cause */
	const struct mqk_props *props;	/* of CONNACK or DISCONNECT, or NULL */
	/* Static or NULL: with MQK_EVERIFY OpenSSL's name of what is wrong
	   ("CERT_HAS_EXPIRED"), with MQK_ETLS the alert that came
	   ("unknown_ca") or "not_tls", with MQK_EPROTOCOL what the port speaks
	   instead of MQTT ("TLS", "HTTP"), with MQK_ERESOLVE and MQK_EDIAL
	   "bind_address" when that is at fault. */
	const char	*cause;
	const struct mqk_post_mortem *post_mortem;	/* of an attempt that
					   failed, else NULL; also NULL when
					   there was no memory for it */
};

/* The broker's answer to a PUBLISH, SUBSCRIBE or UNSUBSCRIBE. */
struct mqk_result {
	uint16_t	 mid;
	void		*tag;		/* of mqk_publish() at QoS 1 and 2,
					   else NULL */
	int		 error;		/* MQK_OK: answered, which may be a
					   refusal: see reasons; MQK_ESESSION,
					   MQK_ETOOBIG, …: will never be */
	const uint8_t	*reasons;	/* one per filter; PUBLISH: one.  From
					   MQK_REFUSAL on the broker said no */
	size_t		 nreasons;	/* 0: error, or UNSUBACK of 3.x */
	const struct mqk_props *props;	/* NULL: none */
	const char	*filter;	/* see on_subscribed; else NULL */
};

struct mqk_attempt {
	uint32_t	 number;	/* failed attempts in a row, from 1 */
	uint32_t	 delay_ms;	/* before the next; may be changed */
	int		 last_error;
	uint8_t		 last_reason;
};

enum mqk_policy { MQK_RETRY, MQK_GIVE_UP };

enum mqk_log { MQK_LOG_PACKET, MQK_LOG_INFO, MQK_LOG_WARNING };

/*
 * All may be NULL.  The last argument is mqk_options.user.  What the others
 * point to is valid until the callback returns.
 */
struct mqk_handlers {
	/* messages of filters without a callback of their own.  One for which
	   there is no callback is acknowledged and dropped, and on_log warns
	   once per connection.  With resume the broker may send before it has
	   been asked to: mqk_set_handlers() and mqk_subscribe() belong before
	   mqk_connect() */
	mqk_on_message_fn *on_message;
	void	(*on_connected)(struct mqk_client *,
		    const struct mqk_connected *, void *);
	void	(*on_disconnected)(struct mqk_client *,
		    const struct mqk_disconnected *, void *);
	void	(*on_published)(struct mqk_client *,
		    const struct mqk_result *, void *);
	/* with mid 0 and filter: the broker refused to subscribe it again
	   after a reconnect, or takes no such filter (reason 0x83) or no
	   packet so large (0x97); the next one tries once more */
	void	(*on_subscribed)(struct mqk_client *,
		    const struct mqk_result *, void *);
	void	(*on_unsubscribed)(struct mqk_client *,
		    const struct mqk_result *, void *);
	/* an AUTH packet came; answer with mqk_auth() or mqk_disconnect().
	   After mqk_set_auth(): a new authentication has succeeded */
	void	(*on_auth)(struct mqk_client *, uint8_t reason,
		    const struct mqk_props *, void *);
	/* after MQK_EAGAIN: the queue is at most half full again */
	void	(*on_writable)(struct mqk_client *, void *);
	/* before the wait for the next attempt; NULL: options decide.  The
	   place to set other credentials, a will or a URL for it */
	enum mqk_policy (*before_reconnect)(struct mqk_client *,
		    struct mqk_attempt *, void *);
	/* mqk_run() or the thread: the client is idle, error as theirs,
	   MQK_ESTATE when it never was connected; MQK_RETRY: stay, somebody
	   will connect.  Asked once each time, but not about an end that was
	   wanted: mqk_disconnect(), mqk_stop() */
	enum mqk_policy (*on_loop_failure)(struct mqk_client *, int error,
		    void *);
	/* one line of text, no newline; MQK_LOG_PACKET describes a packet */
	void	(*on_log)(struct mqk_client *, enum mqk_log, const char *text,
		    void *);
	void	*reserved[5];
};

/* From the next callback on these, which are copied; NULL: none. */
MQK_API void mqk_set_handlers(struct mqk_client *,
    const struct mqk_handlers *);

/* ---- 10. packet hooks ----------------------------------------------- */

enum mqk_direction { MQK_IN = 1, MQK_OUT = 2 };

enum mqk_verdict {
	MQK_PASS,		/* go on: next hook, then the library */
	MQK_SKIP_REST,		/* no further hooks */
	MQK_DROP		/* as if the packet had never been */
};

struct mqk_packet {
	enum mqk_packet_type type;
	enum mqk_direction direction;
	uint8_t		 flags;		/* low four bits of the first byte */
	uint8_t		 reason;	/* where the packet has one */
	uint16_t	 mid;		/* 0: none */
	struct mqk_bytes wire;		/* the whole packet */
	const struct mqk_props *props;	/* NULL: none */
	const struct mqk_message *message;	/* PUBLISH only */
};

#define MQK_TYPE(t) (1u << (t))

struct mqk_hook {
	unsigned	 types;		/* MQK_TYPE() bits, 0: all */
	unsigned	 directions;	/* MQK_IN | MQK_OUT, 0: both */
	int		 priority;	/* high runs first, ties as added */
	bool		(*when)(const struct mqk_packet *, void *);
				/* NULL: always */
	enum mqk_verdict (*run)(struct mqk_client *,
			    const struct mqk_packet *, void *);
	void		*user;		/* for both */
};

/*
 * Hooks see each packet before the library acts on it, or before it is written;
 * of a PUBLISH whose payload comes from a source they see nothing.  One that
 * takes a packet for itself says MQK_SKIP_REST, and general ones of a lower
 * priority do not run.  To drop what MQTT needs is the user's risk: a PUBLISH
 * of QoS 1 or 2 that does not leave is waited for, and sent again after a
 * reconnect, as if it had been lost on the way.
 * Result: an id >= 0 for mqk_hook_remove(), which passes over others.
 * MQK_EINVAL: no run.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_hook_add(struct mqk_client *, const struct mqk_hook *);
MQK_API void mqk_hook_remove(struct mqk_client *, int hook);

/* ---- 11. the loop --------------------------------------------------- */

/*
 * Four ways to run a client: mqk_run() blocks; mqk_step() does one turn;
 * mqk_thread_start() runs it on a thread of its own; and a foreign loop waits
 * for what mqk_interest() says and calls mqk_ready().
 *
 * A turn reads what is there, handles every complete packet, runs callbacks
 * and writes what has been queued, with one system call each way where it can.
 */
enum mqk_want { MQK_READ = 1, MQK_WRITE = 2 };

struct mqk_interest {
	int		 fd;		/* -1: none; any turn may change it, see
					   below */
	unsigned	 want;		/* MQK_READ | MQK_WRITE */
	int		 timeout_ms;	/* -1: no deadline */
};

/*
 * Wait for fd or timeout, then call mqk_ready() with what is possible: POLLHUP
 * is MQK_READ, POLLERR both.  Ask again after every turn, and after calls from
 * outside the callbacks.
 *
 * The number may have come back as that of another socket, which epoll and its
 * kin do not watch: unless mqk_state() is MQK_UP now and was when fd was last
 * registered, register it anew (EPOLL_CTL_DEL, whatever that says, and
 * EPOLL_CTL_ADD).  poll() needs none of that.
 */
MQK_API void mqk_interest(struct mqk_client *, struct mqk_interest *);

/*
 * One turn without waiting; events 0: the deadline passed (harmless if not).
 * MQK_OK, or why the client is idle now and will stay so: the last error,
 * MQK_ESTOPPED after mqk_disconnect() or mqk_stop(), or MQK_ESTATE before the
 * first mqk_connect().  Also MQK_ESTATE: called from a callback, or another
 * thread has the loop.  MQK_EFREED: a callback has freed the client; there is
 * nothing left to ask for a text.
 */
MQK_API MQK_USE int mqk_ready(struct mqk_client *, unsigned events);

/*
 * Wait up to timeout_ms and do one turn.  As mqk_ready().  -1: for ever; but an
 * idle client has nothing to wait for.
 */
MQK_API MQK_USE int mqk_step(struct mqk_client *, int timeout_ms);

/*
 * Turns until idle or mqk_stop(): MQK_OK if that was asked for, else the last
 * error.  MQK_ESTATE, MQK_EFREED: as mqk_ready().  MQK_EIO: no descriptors for
 * what wakes it.
 */
MQK_API MQK_USE int mqk_run(struct mqk_client *);

/*
 * End mqk_run(), the thread, or a wait below; from any thread or a signal
 * handler.  One that comes before them is not lost.  NULL is fine.
 */
MQK_API void mqk_stop(struct mqk_client *);

/*
 * mqk_run() on a new thread.  It ends when the client is idle, so when there is
 * nothing to do yet; until it is joined, mqk_connect() and mqk_reconnect()
 * start it again.
 * MQK_ESTATE: somebody has the loop, or a thread that has ended is still to be
 * joined.  MQK_EIO: as mqk_run().  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_thread_start(struct mqk_client *);

/* Wait for it; its mqk_run()'s result.  MQK_ESTATE: none, or called from it. */
MQK_API int mqk_thread_join(struct mqk_client *);

/*
 * Four calls that block, for programs that do one thing after the other.  They
 * return when it has happened and its callbacks have returned, and take turns
 * meanwhile; or leave the turns to the thread that runs the loop, if there is
 * one, so that any thread may wait.  timeout_ms: -1 is for ever; 0 takes what
 * is there and does not wait.
 * MQK_ETIMEOUT; while there is no connection its text has the cause of that.
 * MQK_ESTATE: called from a callback, or mqk_connect() never was.
 * MQK_ESTOPPED: mqk_stop().  MQK_EFREED: a callback has freed the client.  When
 * the client is idle and nothing more can come, why it is: as mqk_ready().
 */

/*
 * Until we are connected, through failed attempts as long as there are further
 * ones.  1: the session was present, 0: it was not.
 */
MQK_API MQK_USE int mqk_wait_connected(struct mqk_client *, int timeout_ms);

/* After mqk_disconnect(): until the client is idle, MQK_OK. */
MQK_API MQK_USE int mqk_wait_disconnected(struct mqk_client *,
    int timeout_ms);

/*
 * Until that publish, subscribe or unsubscribe has been answered; with mid 0
 * until all have, and all is written.  So the result of mqk_publish() is what
 * to give, also with QoS 0; a negative one comes back as it is.
 * MQK_OK: the broker said yes, to every filter.  > 0: the reason code of its
 * refusal, the highest with several filters.  Or the error of struct
 * mqk_result.  An answer from before the call counts, if it is not older than
 * the last 64 refusals and ids have not gone round to mid again; so all is
 * told when one waits for each.  An id that is not waiting for an answer, or
 * never was one, counts as answered.  With mid 0 nothing is told of refusals:
 * on_published is.
 */
MQK_API MQK_USE int mqk_wait_answer(struct mqk_client *, int mid,
    int timeout_ms);

/*
 * Until a message has been given to on_message of client or filter.  One that
 * came before the call, during another wait say, does not count.
 */
MQK_API MQK_USE int mqk_wait_message(struct mqk_client *, int timeout_ms);

/* ---- 12. looking at a client ---------------------------------------- */

struct mqk_stats {
	uint64_t	 bytes_in, bytes_out;
	uint64_t	 packets_in, packets_out;
	uint64_t	 dials;		/* connection attempts */
	uint32_t	 inflight;	/* requests sent, not yet answered */
	uint32_t	 queued;	/* accepted, not yet sent */
	uint32_t	 unacked_in;	/* received, not yet acknowledged */
	uint32_t	 unreleased_in;	/* QoS 2, acknowledged, and the broker
					   has not yet said that it knows */
	size_t		 bytes_held;	/* by window and queue */
	size_t		 bytes_unsent;	/* encoded, not yet written */
};

/*
 * What points to text is valid until the next call on this client, by whatever
 * thread, and the next turn of its loop.  So while another thread has the loop,
 * ask in callbacks only, and for the text of an error take the copy.
 */

MQK_API enum mqk_state mqk_state(const struct mqk_client *);

/*
 * Why the last attempt, connection or call failed; MQK_OK since a CONNACK.  A
 * refusal of the broker (> 0) is no failure of the call.
 * With NULL, here and below: why this thread's last mqk_client_new() that
 * failed did.
 */
MQK_API int mqk_last_error(const struct mqk_client *);

/* The reason code of the last CONNACK, or of a DISCONNECT that came. */
MQK_API uint8_t mqk_last_reason(const struct mqk_client *);

/*
 * "connect to 10.0.0.1:1883: Connection refused", "publish to 'a/#': no topic
 * that can be published to"; "" when nothing failed.
 */
MQK_API const char *mqk_last_error_text(const struct mqk_client *);

/*
 * A copy of it, cut off at size (> 0), for any thread at any time.  The result
 * is that of mqk_last_error() for the same moment.
 */
MQK_API int mqk_last_error_text_r(const struct mqk_client *, char *to,
    size_t size);

/*
 * What is known about the attempt that failed last; NULL: none has, or there
 * was no memory for it.  Not while another thread runs the loop.
 */
MQK_API const struct mqk_post_mortem *mqk_post_mortem(
    const struct mqk_client *);

/* The id in use: given, made up or assigned; "" while it is not known. */
MQK_API const char *mqk_client_id(const struct mqk_client *);

/* The version spoken; MQK_V_AUTO before the first CONNACK. */
MQK_API enum mqk_version mqk_version_used(const struct mqk_client *);

MQK_API void mqk_stats(const struct mqk_client *, struct mqk_stats *);

/* ---- 13. TLS -------------------------------------------------------- */

enum mqk_tls_version {
	MQK_TLS_ANY = 0,	/* 1.2 and newer */
	MQK_TLS_1_2 = 0x0303,
	MQK_TLS_1_3 = 0x0304
};

/*
 * Puts the pass-phrase of the private key, or the PIN of its token, into
 * to[0] … to[size-1] and returns its length in bytes, or a negative number:
 * none.  Called in mqk_tls_new(), on its thread.
 */
typedef int mqk_key_password_fn(char *to, size_t size, void *arg);

/*
 * Cleared to zero: the broker must have a certificate for its host name that
 * a CA of the system's trust store vouches for; TLS 1.2 or newer; sessions
 * are resumed.  Files are read by mqk_tls_new() and not again.
 */
struct mqk_tls_options {
	const char	*ca_file;	/* trusted CAs, PEM */
	const char	*ca_dir;	/* the same, a directory as made by
					   "openssl rehash" */
	bool		 system_ca;	/* the system's too; always, if neither
					   of the two above is given */
	const char	*crl_file;	/* PEM; the broker's own certificate is
					   refused when its CA is not in it */
	const char	*cert_file;	/* ours, PEM, with its chain */
	const char	*key_file;	/* its key: a file (PEM, DER, PKCS#12),
					   or a URI for a provider of OpenSSL's,
					   "pkcs11:…"; NULL: in cert_file */
	mqk_key_password_fn *key_password;	/* asked if it needs one, in
					   mqk_tls_new() only; NULL: refuse */
	void		*key_password_arg;
	const char	*engine;	/* takes the key from an OpenSSL engine,
					   where key_file is its name there */
	const char	*engine_pin_sha1;	/* hexadecimal, some want it */
	const char	*psk_identity;	/* a pre-shared key instead of the
					   broker's certificate; TLS 1.2 */
	struct mqk_bytes psk;		/* as it is, not hexadecimal */
	const char	*alpn;		/* protocol name to negotiate */
	const char	*server_name;	/* for SNI and verification, instead of
					   the host that is dialed */
	enum mqk_tls_version min_version, max_version;
	const char	*ciphers;	/* of TLS 1.2, OpenSSL's syntax */
	const char	*ciphersuites;	/* of TLS 1.3 */
	const char	*keylog_file;	/* secrets are appended, NSS format,
					   for Wireshark; made with mode 0600 */
	bool		 no_resume;	/* a full handshake every time */
	bool		 kernel;	/* have the kernel encrypt what we send
					   where it and OpenSSL can, over TCP
					   without a proxy; where they can't it
					   changes nothing */
	bool		 insecure;	/* accept any certificate for any name:
					   no protection against an attacker */
	void		*reserved[8];
};

/*
 * Read and check it all once.  The result can be given to any number of
 * clients, in any thread; they share its memory and its sessions.  The options
 * may be NULL: all defaults.  why may be NULL; else it gets a sentence about a
 * failure, cut off at size.
 * MQK_EINVAL: an option, or what is in a file.  MQK_EIO: a file can't be read.
 * MQK_ENOTSUP: this build is without TLS, or OpenSSL is not installed.
 * MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_tls_new(struct mqk_tls **,
    const struct mqk_tls_options *, char *why, size_t size);

/*
 * Let go of it; clients that have it keep it for as long as they live.  NULL
 * is fine.
 */
MQK_API void mqk_tls_free(struct mqk_tls *);

/*
 * OpenSSL's SSL_CTX, to be changed before the first client connects; it lives
 * as long as the mqk_tls.  Its ex_data 0 and the callbacks for sessions, key
 * log and pre-shared keys are the library's.
 */
MQK_API void *mqk_tls_native(struct mqk_tls *);

/* ---- 14. durable store ---------------------------------------------- */

/*
 * What a client must not forget, in a place that outlives the process.  With a
 * store, QoS 1 and 2 messages and the state of their exchanges survive the end
 * of the process at any instruction; the next one goes on where it was, with
 * the same packet ids, and at QoS 2 no message is doubled as long as the broker
 * keeps the session (see session-expiry-interval).
 *
 * A store is a few ordered shelves of values with numbers as keys: the table
 * below.  mqk_store_sqlite() makes one; anyone may write another.  All changes
 * are one transaction until commit() makes them durable, all or none.  After
 * any function has failed the library calls rollback(), which takes back all
 * since the last commit() and can't fail, and tries again later.  The functions
 * are called from one thread at a time, and call nothing of the client.
 */
enum mqk_shelf {
	MQK_SHELF_MESSAGES,	/* key: order of acceptance */
	MQK_SHELF_STATES,	/* of messages under way, same key */
	MQK_SHELF_RECEIVED,	/* key: packet id of a QoS 2 message */
	MQK_SHELF_IDENTITY,	/* key 1: the client id */
	MQK_SHELVES
};

struct mqk_store {
	/* Add or replace; keys are 1 to 2^63 - 1.  Like the next four 0 or
	   positive, or < 0 after a failure. */
	int		(*put)(void *ctx, enum mqk_shelf, uint64_t key,
			    struct mqk_bytes value);
	/* Without effect if there is no such key. */
	int		(*del)(void *ctx, enum mqk_shelf, uint64_t key);
	/* The first entry behind *key (at first 0), lent until the next call;
	   1, or 0: there is none. */
	int		(*next)(void *ctx, enum mqk_shelf, uint64_t *key,
			    struct mqk_bytes *value);
	/* The largest key; 1, or 0: the shelf is empty. */
	int		(*last)(void *ctx, enum mqk_shelf, uint64_t *key);
	int		(*commit)(void *ctx);
	void		(*rollback)(void *ctx);
	/* One sentence about the last failure. */
	const char	*(*why)(void *ctx);
	void		(*close)(void *ctx);
	void		*ctx;
	void		*reserved[4];
};

struct mqk_store_options {
	bool		 no_power_loss;	/* a commit does not wait for the disk:
					   quick, and safe when the process is
					   killed, not when power fails */
	void		*reserved[4];
};

/*
 * Open a store in that file of SQLite's, and make it (mode 0600) if it does not
 * exist or is empty.  One process can have it open at a time; beside the file
 * are others of its name with "-wal" and "-journal" behind it.  SQLite is
 * loaded when this is first called.  options may be NULL; why as in
 * mqk_tls_new().
 * MQK_ESTORE: in use, not a store, of a newer version, damaged, no access; the
 * file is left as it is.  MQK_ENOTSUP: this build is without, or SQLite is not
 * installed.  MQK_EINVAL: no path.  MQK_ENOMEM.
 */
MQK_API MQK_USE int mqk_store_sqlite(struct mqk_store *, const char *path,
    const struct mqk_store_options *options, char *why, size_t size);

#ifdef __cplusplus
}
#endif

#endif
