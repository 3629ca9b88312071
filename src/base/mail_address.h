/*
 * Mail addresses, and texts that go into the header of a mail: what comes from callers must never
 * begin a line of its own there.
 */
#ifndef CLIENTELE_BASE_MAIL_ADDRESS_H
#define CLIENTELE_BASE_MAIL_ADDRESS_H

#include "base/arena.h"
#include "base/buf.h"

#define MAIL_ADDRESS_MAX 254 /* bytes of the ASCII form */
#define MAIL_ADDRESS_FORMS 2

/*
 * True for an address that mail can be sent to: letters, digits and the signs of RFC 5321's
 * dot-string before the "@", a host name of any script after it, lengths within the limits. Quoted
 * local parts and address literals are refused.
 */
bool mail_address_is_good(struct str text);

/* "example.com" of an address. */
struct str mail_address_domain(struct str address);

/* For fields: NULL for a good address, else what is expected. */
const char *mail_address_check(struct str text);

/*
 * For fields of addresses that need not be written to: any local part without blanks, and a host
 * name or an address literal. NULL, or what is expected.
 */
const char *mail_address_check_any(struct str text);

/*
 * The form in which mail servers take the address: the domain in ASCII ("xn--…"), the rest as it
 * is. What has no such form, or is ASCII anyway, comes back as it is; data is NULL when memory is
 * out.
 */
struct str mail_address_ascii(struct arena *arena, struct str address);

/*
 * The forms of an address in which its domain may be written: in Unicode, and in ASCII. Where both
 * are the same, or the domain is no host name, the only one is the address as it is. Returns how
 * many, 0 when memory is out. Letter case is left to whoever compares.
 */
unsigned mail_address_forms(
    struct arena *arena, struct str address, struct str forms[MAIL_ADDRESS_FORMS]);

/* Whether two are one address, in whatever way their domains are written; letter case aside. */
bool mail_address_same(struct str a, struct str b);

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
