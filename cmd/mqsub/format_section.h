/* SPDX-License-Identifier: MIT */

#ifndef MQSUB_FORMAT_SECTION_H
#define MQSUB_FORMAT_SECTION_H

/* Print the body of mqsub(1)'s FORMAT section, in mdoc. */
void	format_section(void);

#endif
