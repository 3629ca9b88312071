#include "cli/person.h"

#define USER_DEFINED_NAME_MAX 255
#define USER_DEFINED_VALUE_MAX 4000

static const struct column {
	struct str name;
	const char *sql;
	size_t most; /* longest text; 0 = no text */
} columns[PERSON__MAX] = {
	[PERSON_ID] = { { "clientId", 8 }, "id", 0 },
	[PERSON_CODE] = { { "clientCode", 10 }, "code", 64 },
	[PERSON_FIRST_NAME] = { { "firstName", 9 }, "first_name", 255 },
	[PERSON_LAST_NAME] = { { "lastName", 8 }, "last_name", 255 },
	[PERSON_BIRTH_DATE] = { { "birthDate", 9 }, "birth_date", 0 },
	[PERSON_PHONE_NUMBER] = { { "phoneNumber", 11 }, "phone_number", 64 },
};

const char *person_sql_name(enum person_column column)
{
	return columns[column].sql;
}

const char *person_csv_name(enum person_column column)
{
	return columns[column].name.data;
}

static int find_column(struct str name)
{
	for (int i = 0; i < PERSON__MAX; i++) {
		if (str_equal_ignore_case(columns[i].name, name))
			return i;
	}
	return -1;
}

/* NULL when a header's name can be used, else the reason why not. */
static const char *check_name(
    struct arena *arena, const struct person_header *header, struct str name)
{
	if (name.length == 0)
		return arena_printf(arena, "column %u has no name", header->count + 1);
	if (str_utf8_valid(name) != name.length || str_xml_valid(name) != name.length)
		return arena_printf(
		    arena, "the name of column %u is not valid UTF-8", header->count + 1);
	if (str_utf8_length(name) > USER_DEFINED_NAME_MAX)
		return arena_printf(arena, "the name of column %u is longer than %d characters",
		    header->count + 1, USER_DEFINED_NAME_MAX);
	for (unsigned i = 0; i < header->count; i++) {
		bool same = header->columns[i] >= 0 ? str_equal_ignore_case(header->names[i], name)
						    : str_equal(header->names[i], name);

		if (same)
			return arena_printf(
			    arena, "the column " STR_FORMAT " appears twice", STR_ARGUMENTS(name));
	}
	return NULL;
}

const char *person_read_header(
    struct arena *arena, const struct csv_file_record *record, struct person_header *header)
{
	memset(header, 0, sizeof(*header));
	for (unsigned i = 0; i < record->count; i++) {
		struct str name = str_trim(record->fields[i]);
		const char *reason = check_name(arena, header, name);
		int column = find_column(name);

		if (reason != NULL)
			return reason;
		header->names[i] = arena_str(arena, name);
		header->columns[i] = column;
		header->count++;
		if (column >= 0)
			header->present[column] = true;
		else
			header->user_defined = true;
	}
	return header->present[PERSON_ID] ? NULL : "the column clientId is missing";
}

void person_add_fault(
    struct arena *arena, struct person *person, const char *column, const char *reason)
{
	struct person_fault *fault = arena_alloc(arena, sizeof(*fault));

	if (fault == NULL)
		return; /* seen by arena_exhausted() */
	fault->column = column;
	fault->reason = reason;
	if (person->last_fault != NULL)
		person->last_fault->next = fault;
	else
		person->faults = fault;
	person->last_fault = fault;
}

/* NULL when the text can be stored, else the reason why not. */
static const char *check_text(struct arena *arena, struct str text, size_t most)
{
	if (str_utf8_valid(text) != text.length)
		return "is not valid UTF-8";
	if (str_xml_valid(text) != text.length)
		return "contains a character that cannot be stored (U+0000 to U+001F without tab "
		       "and "
		       "line ends, U+FFFE, U+FFFF)";
	if (str_utf8_length(text) > most)
		return arena_printf(
		    arena, "is longer than %zu characters (%zu)", most, str_utf8_length(text));
	return NULL;
}

static const char *read_value(
    struct arena *arena, enum person_column column, struct str text, struct bind *value)
{
	int64_t number = 0;

	if (column == PERSON_ID) {
		if (!str_to_int64(text, &number) || number < 1 || number > INT32_MAX)
			return "must be a whole number from 1 to 2147483647";
		*value = BIND_INT(number);
		return NULL;
	}
	if (column == PERSON_BIRTH_DATE) {
		if (text.length > 0 && !timestamp_parse_date(text, &number))
			return "must be a date such as 1950-12-31";
		*value =
		    (struct bind){ .kind = BIND_DATE, .null = text.length == 0, .integer = number };
		return NULL;
	}
	*value = BIND_STR(arena_str(arena, text));
	value->null = text.length == 0;
	return check_text(arena, text, columns[column].most);
}

/* One member of the object of user-defined fields; an empty cell takes the member away. */
static const char *add_user_defined(
    struct arena *arena, struct buf *json, struct str name, struct str text)
{
	const char *reason = check_text(arena, text, USER_DEFINED_VALUE_MAX);

	if (reason != NULL)
		return reason;
	buf_append_char(json, json->length == 0 ? '{' : ',');
	buf_append_json_string(json, name);
	buf_append_char(json, ':');
	if (text.length == 0)
		buf_append_text(json, "null");
	else
		buf_append_json_string(json, text);
	return NULL;
}

void person_read(struct arena *arena, const struct person_header *header,
    const struct csv_file_record *record, struct person *person)
{
	struct buf json = { 0 };

	*person = (struct person){ .line = record->line };
	if (record->fault != NULL) {
		person_add_fault(arena, person, "", record->fault);
		return;
	}
	if (record->count != header->count) {
		person_add_fault(arena, person, "",
		    arena_printf(arena, "the line has %u fields, but the header has %u",
			record->count, header->count));
		return;
	}
	for (unsigned i = 0; i < record->count; i++) {
		struct str text = str_trim(record->fields[i]);
		int column = header->columns[i];
		const char *reason = column >= 0
					 ? read_value(arena, (enum person_column)column, text,
					       &person->values[column])
					 : add_user_defined(arena, &json, header->names[i], text);

		if (reason != NULL)
			person_add_fault(arena, person, header->names[i].data, reason);
	}
	buf_append_text(&json, json.length == 0 ? "{}" : "}");
	person->user_defined = arena_str(arena, buf_str(&json));
	buf_free(&json);
}
