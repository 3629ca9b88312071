/*
 * Texts with {{placeholders}}.
 */
#ifndef CLIENTELE_API_LICENSING_PLACEHOLDER_H
#define CLIENTELE_API_LICENSING_PLACEHOLDER_H

#include "base/buf.h"
#include "base/error.h"

enum placeholder_found {
	PLACEHOLDER_UNKNOWN,
	PLACEHOLDER_UNSEEN, /* the caller may not read it */
	PLACEHOLDER_FOUND,
};

/* Looks a name up; when it is found, with its text, which is empty where there is none. */
typedef enum placeholder_found placeholder_lookup(void *context, struct str name, struct str *text);

/*
 * Copies `text` with each {{name}} replaced, blanks around the name allowed; `html` escapes what is
 * put in. A "{{" that nothing closes on its line stays as it is. Returns 0, or -1 with one fault of
 * `path` for each name that is not known, or not for the caller to read.
 */
int placeholder_fill(struct arena *arena, struct str text, bool html, placeholder_lookup *lookup,
    void *context, const char *path, struct str *filled, struct error *error) MUST_CHECK;

#endif
