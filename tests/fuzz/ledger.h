/* SPDX-License-Identifier: MIT */

/*
 * The books of a client's user and of the wire beside each other: every
 * request that was accepted ends once, what goes over the wire is what was
 * asked for, in that order and within the window, and nothing is answered that
 * the broker has not said.  Messages carry their number in the first bytes of
 * the payload.
 */

#ifndef FUZZ_LEDGER_H
#define FUZZ_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "codec/packet.h"
#include "mqk.h"

#define LEDGER_MAX	4096
#define LEDGER_NUMBER	4	/* bytes of it in a payload */

struct request {
	enum mqk_packet_type type;
	uint16_t	 mid;
	uint8_t		 qos;
	bool		 open;
	bool		 streamed;	/* its payload comes from a source */
	bool		 on_wire;	/* sent on this connection */
	bool		 sent;		/* in this session */
	bool		 released;	/* by PUBREL, in this session */
	uint32_t	 closed_on;	/* connection */
};

struct ledger {
	struct request	 at[LEDGER_MAX];
	uint32_t	 n, nopen;
	uint32_t	 nopen_qos0;	/* not on the wire yet */
	uint32_t	 excused;	/* of them at least, see ledger.c */
	uint32_t	 connection;	/* its number */
	bool		 greeted, gone;	/* CONNECT, DISCONNECT were sent */
	bool		 up;
	enum mqk_version version;
	uint32_t	 own_window;	/* mqk_options.max_inflight */
	uint32_t	 window, window_qos2, inflight;
	uint32_t	 max_packet;
	uint32_t	 next_qos0, next;	/* no lower number may follow */
	struct buf	 sent, heard;	/* no whole packet yet */
	uint16_t	 owner[65536];	/* of a packet id: number + 1 */
	uint8_t		 asked[65536];	/* by type: what it may answer */
	bool		 known[65536];	/* QoS 2 messages given */
};

void	 ledger_init(struct ledger *, uint32_t own_window);
void	 ledger_fini(struct ledger *);

/* The number that the next message has to carry. */
uint32_t ledger_next(const struct ledger *);
/* The result of mqk_publish() and so on; NULL: of another request. */
void	 ledger_accepted(struct ledger *, enum mqk_packet_type,
	    const struct mqk_publish *, int result);
void	 ledger_answered(struct ledger *, enum mqk_packet_type,
	    const struct mqk_result *);
/* Nothing will be heard of that one; it has been dropped on purpose. */
void	 ledger_dropped(struct ledger *, uint32_t number);
/* Has all that was accepted ended? */
bool	 ledger_settled(const struct ledger *);
void	 ledger_message(struct ledger *, const struct mqk_message *);
/* The user refuses it, which ends a QoS 2 message. */
void	 ledger_refused(struct ledger *, uint16_t mid);

void	 ledger_connected(struct ledger *, const struct mqk_connected *);
void	 ledger_disconnected(struct ledger *, const struct mqk_disconnected *);
/* The pipe is gone. */
void	 ledger_lost(struct ledger *);

/* Bytes of the broker. */
void	 ledger_heard(struct ledger *, const void *, size_t);
/* Bytes of the client; each whole packet is shown to the function, if any. */
typedef void ledger_packet_fn(void *, const struct packet *);
void	 ledger_sent(struct ledger *, const void *, size_t,
	    ledger_packet_fn *, void *);

void	 ledger_number(uint32_t, uint8_t to[LEDGER_NUMBER]);

#endif
