/* SPDX-License-Identifier: MIT */

#ifndef COMMON_OPTS_OUTPUT_H
#define COMMON_OPTS_OUTPUT_H

#include "common/opt.h"

extern const struct opt_group group_output;

#endif
