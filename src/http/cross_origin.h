/*
 * Programs in browsers that come from other origins (Fetch standard, CORS protocol): those that the
 * option cors_origins names may call and read answers, with a key or token of their own. Cookies
 * are never allowed, so that nobody's session of the console can be used from another page.
 */
#ifndef CLIENTELE_HTTP_CROSS_ORIGIN_H
#define CLIENTELE_HTTP_CROSS_ORIGIN_H

#include "http/response.h"

/* Whether a text is an origin as browsers send it: "https://app.example.org:8443". */
bool cross_origin_is_good(struct str origin);

/*
 * Adds the headers by which a browser lets the page have the answer, where its origin may; to be
 * called where the option names any, when the answer has all its other headers. `allow` are the
 * methods of the path as in Allow, for the question that browsers ask before they send (OPTIONS
 * with Access-Control-Request-Method).
 */
void cross_origin_write(struct response *response, const struct settings *settings,
    const struct request *request, struct str allow);

#endif
