/*
 * Which format an answer has, by the rules of ASP.NET Web API 2: JSON first, XML second, never 406.
 * Lists have CSV third and JSON Lines fourth.
 */
#ifndef CLIENTELE_HTTP_NEGOTIATE_H
#define CLIENTELE_HTTP_NEGOTIATE_H

#include "base/language.h"
#include "codec/writer.h"

struct media {
	enum media_format format;
	const char *type; /* "application/json", "text/xml", … */
};

/*
 * Chooses by Accept, X-Requested-With and the body's Content-Type; each may be empty. `list`: the
 * answer is a list of rows, which formats of rows alone can hold; of any other, errors among them,
 * what else the caller takes counts.
 */
struct media negotiate_answer(
    struct str accept, struct str requested_with, struct str content_type, bool list);

/*
 * The language of messages, by Accept-Language: lookup as RFC 4647, section 3.4, so that "de-AT" is
 * German. English where nothing else is wanted more.
 */
enum language negotiate_language(struct str accept_language);

enum body_media { BODY_MEDIA_JSON, BODY_MEDIA_XML, BODY_MEDIA_FORM, BODY_MEDIA_UNKNOWN };

/* Which reader a body's Content-Type asks for. Parameters and case do not matter. */
enum body_media negotiate_body(struct str content_type);

/* "type/subtype" of a header value: without parameters and blanks. */
struct str negotiate_media_type(struct str header);

#endif
