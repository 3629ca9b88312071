/*
 * The table of types. Each row stands in the file of its group: types_number.c, types_text.c,
 * types_time.c, types_set.c.
 */
#include "schema/types.h"

const struct field_type_info *const field_types[FIELD_TYPE__MAX] = {
	[FIELD_BOOLEAN] = &type_boolean,
	[FIELD_INT32] = &type_int32,
	[FIELD_INT64] = &type_int64,
	[FIELD_DOUBLE] = &type_double,
	[FIELD_DECIMAL] = &type_decimal,
	[FIELD_STRING] = &type_string,
	[FIELD_UUID] = &type_uuid,
	[FIELD_DATETIME] = &type_datetime,
	[FIELD_DATE] = &type_date,
	[FIELD_ENUM] = &type_enum,
	[FIELD_CODE] = &type_code,
	[FIELD_STRING_LIST] = &type_string_list,
	[FIELD_INT32_LIST] = &type_int32_list,
	[FIELD_BINARY] = &type_binary,
	[FIELD_MAP] = &type_map,
	[FIELD_SCALAR] = &type_scalar,
	[FIELD_STRING_MAP] = &type_string_map,
	[FIELD_OBJECT] = &type_object,
	[FIELD_ONE] = &type_one,
	[FIELD_MANY] = &type_many,
};

const char *enumeration_name(const struct enumeration *enumeration, int64_t number)
{
	for (unsigned i = 0; i < enumeration->count; i++) {
		if (enumeration->enumerators[i].number == number)
			return enumeration->enumerators[i].name;
	}
	return NULL;
}

const struct enumerator *enumeration_find(const struct enumeration *enumeration, struct str name)
{
	for (unsigned i = 0; i < enumeration->count; i++) {
		if (str_equal_ignore_case(str_from(enumeration->enumerators[i].name), name))
			return &enumeration->enumerators[i];
	}
	return NULL;
}
