/*
 * Making and reading rows.
 */
#ifndef CLIENTELE_SCHEMA_ROW_H
#define CLIENTELE_SCHEMA_ROW_H

#include "schema/resource.h"

/* An empty row in the arena, nothing present, all null. NULL when the arena is exhausted. */
struct row *row_new(struct arena *arena, const struct resource *resource);

/* A new row with that one member, such as the key of another row. NULL as above. */
struct row *row_with(struct arena *arena, const struct resource *resource, unsigned field,
    const struct value *value);

/*
 * A new row that has what `changes` has, and else what `row` has; both of the same resource. NULL
 * when the arena is exhausted.
 */
struct row *row_merge(struct arena *arena, const struct row *row, const struct row *changes);

/*
 * A copy in the arena that can be changed while `row` stays: with rows and lists of its own, down
 * to the last. Texts, which nobody changes, are shared. NULL when the arena is exhausted.
 */
struct row *row_copy(struct arena *arena, const struct row *row);

/*
 * A copy with no other members than those of the mask, and those not even as null; what they point
 * at is shared. NULL when the arena is exhausted.
 */
struct row *row_narrow(struct arena *arena, const struct row *row, uint64_t mask);

static inline bool row_has(const struct row *row, unsigned field)
{
	return (row->present & FIELD_BIT(field)) != 0;
}

/* Whether two rows of one resource have the same members, and so have the parts inside of them. */
bool row_alike(const struct row *a, const struct row *b);

/* True when the field is present and not null. */
static inline bool row_filled(const struct row *row, unsigned field)
{
	return row_has(row, field) && !row->values[field].null;
}

/* Each sets one value and marks it present. What it points at is not copied. */
void row_set_value(struct row *row, unsigned field, const struct value *value);
void row_set_null(struct row *row, unsigned field);
void row_set_integer(struct row *row, unsigned field, int64_t value);
void row_set_boolean(struct row *row, unsigned field, bool value);
void row_set_text(struct row *row, unsigned field, struct str value);
void row_set_uuid(struct row *row, unsigned field, struct uuid value);
void row_set_row(struct row *row, unsigned field, struct row *value);
void row_set_list(struct row *row, unsigned field, struct row_list value);

/* Number of the word that a member is, one of its enumeration; 0 where there is none. */
int row_word(const struct row *row, unsigned field);

/*
 * Order of two rows of one resource by a member of a type that has one, filled in both: below 0, 0
 * or above.
 */
int row_compare(const struct row *a, const struct row *b, unsigned field);

/* Draws the key of a new row where it is missing and of a type whose values are drawn (a GUID). */
void row_make_key(struct row *row);

/* Text of a value that is not null, in the arena or the value itself; of types that have texts. */
struct str row_print_value(
    struct arena *arena, const struct field *field, const struct value *value);

/* The same of the value of a resource's key. */
struct str row_print_key(
    struct arena *arena, const struct resource *resource, const struct value *key);

#endif
