/* SPDX-License-Identifier: MIT */

/* The version of the whole package; the Makefile reads it from here. */

#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#define MQKIT_VERSION "0.1.0"

#endif
