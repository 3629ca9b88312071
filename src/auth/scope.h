/*
 * Scopes (RFC 6749 §3.3): which of the user's roles and which permissions a token brings. Words are
 * the names of roles, and read, update, delete, create; no word of a kind means all of that kind.
 * What brings nothing is the word none, so that no empty list of words ever stands for it.
 */
#ifndef CLIENTELE_AUTH_SCOPE_H
#define CLIENTELE_AUTH_SCOPE_H

#include "auth/role.h"
#include "base/buf.h"

#define SCOPE_LONGEST 1000
#define SCOPE_ALL_ROLES UINT32_MAX

struct scope {
	uint32_t roles; /* bit i = role i of role_table(); SCOPE_ALL_ROLES = whatever there is */
	uint8_t permissions; /* enum permission bits */
};

/* The words of a scope that brings nothing. */
#define SCOPE_NOTHING "none"

/* Everything. */
extern const struct scope scope_everything;

/* Reads words separated by blanks. False with the unknown word in *unknown (may be NULL). */
bool scope_parse(struct str text, struct scope *scope, struct str *unknown);

/* True when `wanted` asks for nothing beyond `bound`. */
bool scope_within(const struct scope *wanted, const struct scope *bound);

/* What both allow. */
struct scope scope_intersect(const struct scope *a, const struct scope *b);

/*
 * Appends the words of a scope of which `roles` are there: always roles and permissions by name.
 * Nothing where no role or no permission is left, as words of one kind alone would mean all of the
 * other.
 */
void scope_print(const struct scope *scope, uint32_t roles, struct buf *out);

/*
 * The words of permission bits as a JSON list, in the arena. data == NULL when it is exhausted.
 */
struct str scope_permission_names(struct arena *arena, uint8_t permissions);

/* Appends words that scope_parse() reads as the same scope: roles only where not all are meant. */
void scope_print_words(const struct scope *scope, struct buf *out);

#endif
