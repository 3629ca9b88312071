/*
 * Mail addresses, and texts that go into the header of a mail: what comes from callers must never
 * begin a line of its own there.
 */
#ifndef CLIENTELE_BASE_MAIL_ADDRESS_H
#define CLIENTELE_BASE_MAIL_ADDRESS_H

#include "base/buf.h"

#define MAIL_ADDRESS_MAX 254

/*
 * True for local@domain as nearly every mailbox has it: letters, digits and the signs of RFC 5321's
 * dot-string in front, a host name behind, ASCII, lengths within the limits. Quoted local parts and
 * address literals are refused.
 */
bool mail_address_is_good(struct str text);

/* "example.com" of a good address. */
struct str mail_address_domain(struct str address);

/* For fields: NULL for a good address, else what is expected. */
const char *mail_address_check(struct str text);

/* True for text without control characters: it can be one line of a header. */
bool mail_text_is_line(struct str text);

/* For fields: NULL for such a line, else what is expected. */
const char *mail_text_check(struct str text);

/*
 * Appends UTF-8 text as it may stand in a header: as it is when it is printable ASCII, else as
 * encoded words (RFC 2047), folded between them. Control characters become blanks.
 */
void mail_text_append(struct buf *out, struct str text);

/* Appends "Name <address>", the name quoted or encoded; only the address when there is no name. */
void mail_address_append(struct buf *out, struct str name, struct str address);

/* Splits "host", "host:port" or "[v6]:port"; port 0 where there is none. False on anything else. */
bool mail_server_parse(struct str text, struct str *host, unsigned *port);

#endif
