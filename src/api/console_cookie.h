/*
 * The cookie of a console's session: what it is called, how it is set, and what must come with it,
 * since a browser sends it whoever has asked it to. Scripts cannot read it, and other sites cannot
 * have it sent; a change needs the session's CSRF token and the server's own origin besides.
 */
#ifndef CLIENTELE_API_CONSOLE_COOKIE_H
#define CLIENTELE_API_CONSOLE_COOKIE_H

#include "http/response.h"

/* A CSRF token with its NUL. */
#define CONSOLE_CSRF_TEXT 65

/* The token of the request's cookie; empty where there is none. Lives in the request. */
struct str console_cookie_find(const struct request *request);

/* Adds the header that gives a browser the cookie, or with an empty token takes it away. */
void console_cookie_set(const struct request *request, struct response *response,
    struct arena *arena, struct str token);

/* Writes the CSRF token that belongs to a session's token: from it alone, so nothing is stored. */
void console_cookie_csrf(struct str token, char csrf[CONSOLE_CSRF_TEXT]);

/*
 * Whether the browser says of a request that changes something that it was made on this server's
 * own pages. What a program that is no browser leaves out is no fault, unless `required`.
 * ERROR_FORBIDDEN.
 */
int console_cookie_check_origin(
    const struct request *request, bool required, struct error *error) MUST_CHECK;

/*
 * Whether a request may be authenticated by the cookie with that token: one that changes something
 * needs the CSRF token and an origin. ERROR_FORBIDDEN.
 */
int console_cookie_check(
    const struct request *request, struct str token, struct error *error) MUST_CHECK;

#endif
