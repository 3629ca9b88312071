#include "base/timestamp.h"
#include "cli/print.h"
#include "cli/session.h"

void print_json_begin(struct print_json *json)
{
	json->text = (struct buf){ 0 };
	writer_init(&json->writer, MEDIA_JSON, NULL, &json->text);
	json->writer.layout = WRITER_LINES;
}

enum command_status print_json_end(struct session *session, struct print_json *json)
{
	buf_append_char(&json->text, '\n');
	return print_buffer(session, &json->text);
}

void print_add_text(struct writer *writer, const char *name, const char *text)
{
	if (text != NULL)
		writer_text(writer, name, str_from(text));
	else
		writer_null(writer, name);
}

void print_add_permissions(struct writer *writer, const char *name, unsigned permissions)
{
	struct buf words = { 0 };
	struct str rest, word;

	writer_array_begin(writer, name, "permission");
	if (permissions != 0) {
		print_permissions(&words, permissions, ",");
		rest = buf_str(&words);
		while (str_next(&rest, ',', &word))
			writer_text(writer, NULL, word);
	}
	writer_array_end(writer);
	buf_free(&words);
}

/* The parts of a text between commas, as numbers. */
static void add_numbers(struct writer *writer, const char *name, struct str text)
{
	struct str part;
	int64_t number;

	writer_array_begin(writer, name, "item");
	while (str_next(&text, ',', &part)) {
		if (str_to_int64(part, &number))
			writer_integer(writer, NULL, number);
	}
	writer_array_end(writer);
}

static void add_null(struct writer *writer, const char *name, enum print_kind kind)
{
	if (kind == PRINT_NUMBERS || kind == PRINT_LIST)
		writer_json(writer, name, STR("[]"));
	else
		writer_null(writer, name);
}

static void add_moment(struct writer *writer, const char *name, int64_t moment)
{
	struct buf text = { 0 };

	timestamp_print(&text, moment, TIMESTAMP_UTC);
	writer_text(writer, name, buf_str(&text));
	buf_free(&text);
}

static void add_value(
    struct writer *writer, const char *name, enum print_kind kind, const struct bind *value)
{
	char uuid[UUID_TEXT_LENGTH];

	switch (kind) {
	case PRINT_INTEGER:
		writer_integer(writer, name, value->integer);
		break;
	case PRINT_BOOLEAN:
		writer_boolean(writer, name, value->integer != 0);
		break;
	case PRINT_UUID:
		uuid_print(&value->uuid, uuid);
		writer_text(writer, name, (struct str){ uuid, sizeof(uuid) });
		break;
	case PRINT_MOMENT:
		add_moment(writer, name, value->integer);
		break;
	case PRINT_PERMISSIONS:
		print_add_permissions(writer, name, (unsigned)value->integer);
		break;
	case PRINT_NUMBERS:
		add_numbers(writer, name, value->text);
		break;
	case PRINT_LIST:
		writer_json(writer, name, value->text);
		break;
	case PRINT_TEXT:
		writer_text(writer, name, value->text);
		break;
	}
}

void print_add_column(
    struct writer *writer, const struct print_column *column, const struct bind *value)
{
	if (value->null)
		add_null(writer, column->member, column->kind);
	else
		add_value(writer, column->member, column->kind, value);
}

void print_add_row(struct writer *writer, const struct print_column *columns, unsigned count,
    const struct bind *values)
{
	writer_object_begin(writer, NULL);
	for (unsigned i = 0; i < count; i++)
		print_add_column(writer, &columns[i], &values[i]);
	writer_object_end(writer);
}
