/* SPDX-License-Identifier: MIT */

#ifndef COMMON_STREAMS_H
#define COMMON_STREAMS_H

/*
 * Call it before anything is opened.  A standard stream that is closed must
 * not become the descriptor of a connection, into which messages meant for a
 * person would then be written.  Its place is taken by something that cannot
 * be used as the stream is: reading from it, or writing to it, gives EBADF.
 */
void	streams_hold(void);

#endif
