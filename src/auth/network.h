/*
 * Networks that a credential may come from: CIDR, IPv4 and IPv6 (RFC 4632, RFC 4291).
 */
#ifndef CLIENTELE_AUTH_NETWORK_H
#define CLIENTELE_AUTH_NETWORK_H

#include "base/arena.h"
#include "base/buf.h"

#define NETWORK_TEXT_MAX 49 /* longest text: a whole IPv6 address, "/128" */

/* IPv4 stands in its IPv6-mapped form (::ffff:0:0/96). */
struct network {
	uint8_t address[16];
	uint8_t bits; /* how many of them count, 0 to 128 */
};

#define NETWORK_LIST_MAX 32

/* Networks of one credential; none: it may come from anywhere. */
struct network_list {
	unsigned count;
	struct network items[NETWORK_LIST_MAX];
};

/*
 * Reads "192.0.2.0/24", "2001:db8::/32", or an address alone. False when it is neither, or when
 * bits after the prefix are set.
 */
bool network_parse(struct str text, struct network *network);

/* True when an address is in it; false for a text that is no address. */
bool network_contains(const struct network *network, struct str address);

/* True when all addresses of `inner` are in `outer`. */
bool network_within(const struct network *inner, const struct network *outer);

/* Appends it as network_parse() reads it. */
void network_print(const struct network *network, struct buf *out);

/*
 * Reads a list as the database keeps it (JSON array of texts), in memory of the arena. False when
 * it is not a list of at most NETWORK_LIST_MAX networks.
 */
bool network_list_parse(struct arena *arena, struct str text, struct network_list *list);

/* Appends a list in that form. */
void network_list_print(const struct network_list *list, struct buf *out);

/* True when an address is in one of the networks of a list divided by commas, with or without
 * blanks; false for a text that is no address. A part that is no network holds none. */
bool network_allows(struct str networks, struct str address);

/*
 * True for an address that is one of the internet's at large: not private, loopback, link-local,
 * multicast, reserved or for documentation (the registries of RFC 6890), also where an IPv4 address
 * stands in an IPv6 one. False for a text that is no address.
 */
bool network_is_public(struct str address);

#endif
