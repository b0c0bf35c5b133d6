/* SPDX-License-Identifier: MIT */

/* The manual's words on formats and JSON; the fields come from their table. */

#include "mqsub/format_section.h"

#include <stdio.h>

#include "common/format.h"

static const char grammar[] =
    "A format is text in which three characters are special:\n"
    ".Bl -tag -width Ds\n"
    ".It Li % Ns Oo Fl Oc Ns Oo Li 0 Oc Ns Oo Ar width Oc Ns Oo "
    ". Ns Ar precision Oc Ns Ar letter\n"
    "A field of the message, see below.\n"
    "It is filled up to\n.Ar width\n"
    "bytes with blanks on the left, or on the right after a\n.Fl .\n"
    "After a\n.Li 0\n"
    "numbers, hexadecimal digits and the payload are filled up with zeros\n"
    "instead.\n"
    "Text is cut to\n.Ar precision\nbytes.\n"
    ".It Li @ Ns Ar letter\n"
    "What\n.Xr strftime 3\ngives for\n.Li % Ns Ar letter\n"
    "at the local time of arrival;\n.Li @N\n"
    "is the nanoseconds of the second.\n"
    "A letter that stands for nothing gives\n.Li % Ns Ar letter .\n"
    ".It Li \\e Ns Ar letter\n"
    "The control character of C:\n"
    ".Li \\ea \\ee \\en \\er \\et \\ev \\e0 ,\n"
    "and\n.Li \\e\\e\nfor a backslash.\n"
    ".El\n.Pp\n"
    ".Li %%\nand\n.Li @@\nstand for the characters themselves.\n"
    "A newline follows each message unless\n.Fl N\nis given.\n"
    "The fields are:\n"
    ".Bl -tag -width Ds\n";

static const char json[] =
    "With\n.Fl -json ,\n"
    "and for\n.Li %j ,\n"
    "a message is one JSON object on one line.\n"
    "Its members, in this order:\n"
    ".Bl -tag -width Ds\n"
    ".It Li tst\n"
    "Local time of arrival, as in\n"
    ".Ql 2020-05-06T22:02:00.123456+0100 .\n"
    ".It Li topic , qos , retain\n"
    "A string, a number,\n.Li true\nor\n.Li false .\n"
    ".It Li payloadlen\n"
    "The number of bytes in the payload.\n"
    ".It Li mid\n"
    "The packet identifier; only with QoS 1 and 2.\n"
    ".It Li properties\n"
    "The properties of MQTT 5 by their names, if there are any.\n"
    ".Li user-properties\n"
    "is an array of objects with one pair each,\n"
    ".Li subscription-identifier\n"
    "a number, or an array when there are several.\n"
    ".Li correlation-data\n"
    "that is no text is written in base64 and followed by\n"
    ".Ql \\(dqcorrelation-data-encoding\\(dq:\\(dqbase64\\(dq .\n"
    ".It Li payload\n"
    "A string, or\n.Li null\nif it is empty.\n"
    ".It Li encoding\n"
    "How to read\n.Li payload :\n"
    ".Li utf8\nas it stands;\n"
    ".Li base64\n"
    "decoded from base64, because it is not valid UTF-8 or holds U+0000;\n"
    ".Li json\n"
    "as the JSON value that was sent, only with\n.Li \\&%J .\n"
    ".El\n";

void
format_section(void)
{
	const struct format_field	*field;

	fputs(grammar, stdout);
	for (field = format_fields; field->name != NULL; field++)
		printf(".It Li \\&%%%c Pq %s\n%s\n", field->letter, field->name,
		    field->help);
	printf(".El\n.Pp\n");
	fputs(json, stdout);
}
