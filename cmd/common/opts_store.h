/* SPDX-License-Identifier: MIT */

#ifndef COMMON_OPTS_STORE_H
#define COMMON_OPTS_STORE_H

#include "common/opt.h"

extern const struct opt_group group_store;

#endif
