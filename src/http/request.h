/*
 * A request as the web server hands it over: CGI variables and a body.
 */
#ifndef CLIENTELE_HTTP_REQUEST_H
#define CLIENTELE_HTTP_REQUEST_H

#include "base/error.h"
#include "base/settings.h"
#include "http/exchange.h"

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_OTHER,
};

#define SEGMENTS_MAX 16
#define REQUEST_ID_MAX 64

struct request {
	enum method method;
	const char *method_name;           /* as sent, cut to 16 characters */
	const char *path;                  /* decoded, without the base prefix; for messages */
	struct str segments[SEGMENTS_MAX]; /* decoded one by one */
	unsigned segment_count;
	bool path_valid; /* false: an empty segment, too many, or bytes that no path has */
	struct str query;
	struct str target;   /* path and query as the caller sent them, raw */
	struct str body;     /* at most limits_of_list().body_bytes; NUL-terminated */
	bool body_too_large; /* there was more */
	bool body_broken;    /* it ended before its announced length */
	struct str content_type;
	struct str accept;
	struct str accept_language;
	struct str requested_with;
	struct str authorization;
	struct str api_key;
	struct str client_secret; /* x-client-secret, which some keys need beside them */
	struct str user_key;      /* x-user-key, of a license */
	struct str if_match;
	struct str if_none_match;
	struct str idempotency_key;
	struct str cookie;
	struct str csrf_token; /* x-csrf-token, of a console's session */
	struct str origin;
	struct str asked_method; /* access-control-request-method, before a request of a page */
	struct str fetch_site;   /* sec-fetch-site */
	struct str user_agent;
	struct str host;   /* host[:port] as the caller knows it; empty where that is no host */
	bool host_refused; /* one was sent that is none */
	/* What the web server has found of the caller's certificate: "SUCCESS" is a good one; and
	 * the certificate, PEM, perhaps percent-encoded. */
	struct str client_verify, client_certificate;
	/* The place of the application as callers know it, for addresses that answers hold:
	 * public_url, else by the caller's host; and its path alone. */
	const char *base_url;
	const char *base_path;
	bool error_links; /* errors name their explanation below base_path */
	bool https;
	struct str remote_address;
	const char *id; /* X-Request-Id, taken or made */
};

/*
 * Reads variables and body. All text is in the arena or the environment; the body is kept in
 * `body`, and always read to its end, since a web server that is still sending takes a close for a
 * failure. 0, or -1 with ERROR_URI_TOO_LONG, or ERROR_MALFORMED for a host that is none; the
 * request is usable for an error answer either way.
 */
int request_read(struct request *request, struct arena *arena, const struct settings *settings,
    const struct exchange_input *input, struct buf *body, struct error *error) MUST_CHECK;

/* The errors of request_read() once more, of a request that was read. */
int request_check(
    const struct request *request, const struct settings *settings, struct error *error) MUST_CHECK;

/* Name of a CGI variable that is read, from number 0 on; NULL behind the last. */
const char *request_variable_name(unsigned number);

/* Name of a method that has one: "GET". */
const char *request_method_name(enum method method);

#endif
