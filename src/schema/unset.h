/*
 * Members that a body has although its sender has set nothing: programs with typed objects send
 * every member, the others as null or as the empty value of its type.
 */
#ifndef CLIENTELE_SCHEMA_UNSET_H
#define CLIENTELE_SCHEMA_UNSET_H

#include "schema/resource.h"

enum unset {
	UNSET_NOT,    /* the value counts */
	UNSET_NULL,   /* as null */
	UNSET_ABSENT, /* as if the member were not there */
};

/*
 * What the value of a member of `resource` stands for:
 * - null is absent where the member may not be null but may be absent, if its type knows null in
 *   the original frameworks (texts, lists, objects), or if it is FIELD_EMPTY_ABSENT;
 * - null, blank text, 0 and the zero GUID are absent for FIELD_CHOOSABLE;
 * - blank text, 0 and the zero GUID are absent for FIELD_EMPTY_ABSENT; so are, for members that are
 *   not required, a blank text that is none of the member's words, and a 0 out of range where null
 *   is not allowed either;
 * - blank text is null for all types but text; 0 and the zero GUID are null for references to other
 *   rows that may be null;
 * - the first moment that there is, or its day, is null, or absent where null is not allowed.
 */
enum unset unset_of(
    const struct resource *resource, const struct field *field, const struct node *node);

/* Whether null is no fault of a member in a body: of a new row (`insert`), or of changes. */
bool unset_takes_null(const struct field *field, bool insert);

#endif
