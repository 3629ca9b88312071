/*
 * What the files of the types share. Everything that differs between types stands in their rows,
 * one for each type; whoever needs to know asks field_type_info() (scripts/check-types).
 */
#ifndef CLIENTELE_SCHEMA_TYPES_H
#define CLIENTELE_SCHEMA_TYPES_H

#include "schema/field.h"

/* Of field_type_info.parse and .print. */
#define PARSE_ARGUMENTS                                                          \
	struct arena *arena, const struct field *field, enum body_format format, \
	    const struct node *node, struct value *value, const char **reason
#define PRINT_ARGUMENTS                                                        \
	struct buf *out, const struct field *field, const struct value *value, \
	    const struct print_style *style

extern const struct field_type_info type_boolean, type_int32, type_int64, type_double, type_decimal,
    type_string, type_uuid, type_datetime, type_date, type_enum, type_code, type_string_list,
    type_int32_list, type_binary, type_map, type_scalar, type_string_map, type_object, type_one,
    type_many;

/* Reads an integer of 32 bits: the type's own, and an item of a list. */
bool types_parse_int32(PARSE_ARGUMENTS);

/* Order of two values that hold integers. */
int types_compare_integers(const struct value *a, const struct value *b);

#endif
