/*
 * Addresses of the web, as far as the program looks at them: hosts, and addresses that others begin
 * with.
 */
#ifndef CLIENTELE_BASE_URL_H
#define CLIENTELE_BASE_URL_H

#include "base/buf.h"

/* True for "host", "host:port", "[v6]" and "[v6]:port" of at most 262 bytes: nothing that could end
 * a header, an attribute or a path. */
bool url_host_is_good(struct str host);

/* True for "/a" and "/a/b": a path of whole segments, as it stands in an address, that does not end
 * with "/" and does not go up. */
bool url_path_is_good(struct str path);

/* True for "http://host" or "https://host" with or without such a path; no user, query or fragment.
 */
bool url_base_is_good(struct str url);

/* Appends text as a part of a path or a query can hold it: %XX for all but letters, digits, "-._".
 */
void url_append_encoded(struct buf *out, struct str text);

/* The path of such an address, "" when it has none. */
struct str url_base_path(struct str url);

/*
 * True for an address that a request may be sent to: "http://host" or "https://host", perhaps with
 * a path and a query, all of it in characters that stand in addresses; no user, no fragment.
 */
bool url_target_is_good(struct str url);

/* The host of such an address, with its port. */
struct str url_target_host(struct str url);

#endif
