#include "cli/print.h"

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

#include "auth/role.h"
#include "base/timestamp.h"
#include "schema/resource.h"

void print_add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text != NULL ? json_object_new_string(text) : NULL);
}

void print_add_integer(struct json_object *object, const char *name, int64_t value)
{
	json_object_object_add(object, name, json_object_new_int64(value));
}

void print_add_boolean(struct json_object *object, const char *name, bool value)
{
	json_object_object_add(object, name, json_object_new_boolean(value));
}

static void print_line(struct session *session, struct json_object *value)
{
	fputs(json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE), session->out);
}

void print_value(struct session *session, struct json_object *value)
{
	if (json_object_is_type(value, json_type_array)) {
		fputc('[', session->out);
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			fputs(i > 0 ? ",\n " : "", session->out);
			print_line(session, json_object_array_get_idx(value, i));
		}
		fputc(']', session->out);
	} else {
		print_line(session, value);
	}
	fputc('\n', session->out);
	json_object_put(value);
}

static struct json_object *text_of(struct str text)
{
	return json_object_new_string_len(text.data != NULL ? text.data : "", (int)text.length);
}

struct json_object *print_permission_list(unsigned permissions)
{
	struct json_object *list = json_object_new_array();
	struct buf words = { 0 };
	struct str rest, word;

	if (permissions != 0) {
		print_permissions(&words, permissions, ",");
		rest = buf_str(&words);
		while (str_next(&rest, ',', &word))
			json_object_array_add(list, text_of(word));
	}
	buf_free(&words);
	return list;
}

/* The parts of a text between commas, as names of roles or as numbers. */
static struct json_object *list_of(enum print_kind kind, struct str text)
{
	struct json_object *list = json_object_new_array();
	struct str part;
	int64_t number;

	while (str_next(&text, ',', &part)) {
		if (kind == PRINT_ROLES)
			json_object_array_add(list, text_of(print_role_name(part)));
		else if (str_to_int64(part, &number))
			json_object_array_add(list, json_object_new_int64(number));
	}
	return list;
}

struct json_object *print_parsed(struct str text)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *value = NULL;

	if (tokener != NULL)
		value = json_tokener_parse_ex(tokener, text.data, (int)text.length);
	json_tokener_free(tokener);
	return value;
}

static struct json_object *value_of(enum print_kind kind, const struct bind *value)
{
	char uuid[UUID_TEXT_LENGTH];
	struct buf text = { 0 };
	struct json_object *made;

	if (value->null)
		return kind == PRINT_ROLES || kind == PRINT_NUMBERS || kind == PRINT_LIST
			   ? json_object_new_array()
			   : NULL;
	switch (kind) {
	case PRINT_INTEGER:
		return json_object_new_int64(value->integer);
	case PRINT_BOOLEAN:
		return json_object_new_boolean(value->integer != 0);
	case PRINT_UUID:
		uuid_print(&value->uuid, uuid);
		return json_object_new_string_len(uuid, sizeof(uuid));
	case PRINT_MOMENT:
		timestamp_print(&text, value->integer, TIMESTAMP_UTC);
		made = text_of(buf_str(&text));
		buf_free(&text);
		return made;
	case PRINT_PERMISSIONS:
		return print_permission_list((unsigned)value->integer);
	case PRINT_ROLES:
	case PRINT_NUMBERS:
		return list_of(kind, value->text);
	case PRINT_LIST:
		return print_parsed(value->text);
	case PRINT_TEXT:
		break;
	}
	return text_of(value->text);
}

struct json_object *print_row(
    const struct print_column *columns, unsigned count, const struct bind *values)
{
	struct json_object *object = json_object_new_object();

	for (unsigned i = 0; i < count; i++)
		json_object_object_add(
		    object, columns[i].member, value_of(columns[i].kind, &values[i]));
	return object;
}
