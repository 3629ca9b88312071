/*
 * Host names: what people and programs write in many ways, folded to one.
 */
#ifndef CLIENTELE_BASE_HOST_NAME_H
#define CLIENTELE_BASE_HOST_NAME_H

#include "base/arena.h"
#include "base/buf.h"

/* Longest name in ASCII, as DNS has it, and longest folded text in characters. */
#define HOST_NAME_MAX_LENGTH 253

/*
 * Appends the one form of a host name with, perhaps, a port behind it: lower case, Unicode instead
 * of "xn--…", composed, by IDNA 2008 with the mapping of UTS 46. Names that DNS takes for the same
 * have the same form, and folding it again changes nothing. False, and nothing that counts, when
 * it is no host name of letters, digits and hyphens of any script, or memory is out.
 */
bool host_name_fold(struct str text, struct buf *folded);

/*
 * Appends a host name, without a port, as DNS and mail servers take it: lower case, "xn--…" for
 * what is not ASCII. False as above.
 */
bool host_name_ascii(struct str name, struct buf *ascii);

/* Name of this machine, in the arena; empty where it has none, or memory is out. */
struct str host_name_own(struct arena *arena);

#endif
