#include "codec/reader.h"
#include "codec/writer_scope.h"

/* One stored list or map: the ordinary ones fit into the first block. */
#define STORED_BLOCK ((size_t)4096)
#define STORED_MEMORY ((size_t)256 * 1024 * 1024)

static const struct writer_format *const formats[MEDIA__MAX] = {
	[MEDIA_JSON] = &writer_format_json,
	[MEDIA_JSON_SPARSE] = &writer_format_json_sparse,
	[MEDIA_XML] = &writer_format_xml,
	[MEDIA_CSV] = &writer_format_csv,
	[MEDIA_CSV_KEPT] = &writer_format_csv_kept,
	[MEDIA_JSON_LINES] = &writer_format_json_lines,
};

const struct writer_format *writer_format(enum media_format format)
{
	return formats[format];
}

enum media_format writer_format_sparse(enum media_format format)
{
	for (unsigned i = 0; i < MEDIA__MAX; i++) {
		if (formats[i]->whole == formats[format])
			return (enum media_format)i;
	}
	return format;
}

bool writer_sorts(const struct writer *writer)
{
	return writer->format->xml_habits && writer->family->xml_sorted;
}

bool writer_format_find(struct str name, enum media_format *format)
{
	for (unsigned i = 0; i < MEDIA__MAX; i++) {
		*format = (enum media_format)i;
		if (str_equal_ignore_case(name, str_from(formats[i]->name)))
			return true;
	}
	return false;
}

void writer_init(
    struct writer *writer, enum media_format format, const struct family *family, struct buf *out)
{
	bool xml = formats[format]->xml_habits;

	/* Scopes are filled when they are opened: most documents have few of them. */
	memset(writer, 0, offsetof(struct writer, scopes));
	writer->format = formats[format];
	writer->family = family;
	writer->out = out;
	writer->style.time = family == NULL ? TIMESTAMP_UTC
			     : xml          ? family->xml_time
					    : family->json_time;
	writer->style.date_as_time = xml && family->xml_date_as_time;
	writer->style.enum_as_name = xml;
}

void writer_scope_push(struct writer *writer, struct writer_scope inner)
{
	inner.is_empty = true;
	if (writer->depth < WRITER_DEPTH_MAX)
		writer->scopes[writer->depth] = inner;
	else
		writer->out->failed = true;
	writer->depth++;
}

const struct node *writer_read_stored(struct writer *writer, struct str text, struct arena **arena)
{
	*arena = arena_new(STORED_BLOCK, STORED_MEMORY);
	writer->out->failed = writer->out->failed || *arena == NULL;
	return *arena != NULL ? json_read_stored(*arena, text) : NULL;
}

void writer_object_begin(struct writer *writer, const char *name)
{
	writer->format->begin_object(writer, name);
}

void writer_object_end(struct writer *writer)
{
	writer->format->end_object(writer);
}

void writer_array_begin(struct writer *writer, const char *name, const char *item_name)
{
	writer->format->begin_array(writer, name, item_name);
}

void writer_array_end(struct writer *writer)
{
	writer->format->end_array(writer);
}

void writer_rows_begin(struct writer *writer, const char *name, const struct row *columns)
{
	writer->columns = columns;
	if (writer->format->begin_rows != NULL)
		writer->format->begin_rows(writer, columns);
	else
		writer->format->begin_array(writer, name, columns->resource->type_name);
}

void writer_rows_end(struct writer *writer)
{
	if (writer->format->end_rows != NULL)
		writer->format->end_rows(writer);
	else
		writer->format->end_array(writer);
}

void writer_texts_begin(struct writer *writer, const char *name)
{
	writer->format->begin_texts(writer, name);
}

void writer_texts_end(struct writer *writer)
{
	writer->format->end_texts(writer);
}

void writer_json(struct writer *writer, const char *name, struct str text)
{
	writer->format->token(writer, name, text);
}

void writer_null(struct writer *writer, const char *name)
{
	writer->format->null(writer, name);
}

void writer_boolean(struct writer *writer, const char *name, bool value)
{
	writer->format->token(writer, name, value ? STR("true") : STR("false"));
}

void writer_integer(struct writer *writer, const char *name, int64_t value)
{
	struct buf digits = { 0 };

	buf_append_int64(&digits, value);
	writer->format->token(writer, name, buf_str(&digits));
	buf_free(&digits);
}

void writer_text(struct writer *writer, const char *name, struct str text)
{
	if (text.data == NULL)
		text.data = "";
	writer->format->text(writer, name, text);
}

void writer_root_integer(struct writer *writer, int64_t value)
{
	writer->format->root_integer(writer, value);
}

void writer_root_null(struct writer *writer, const char *type_name)
{
	writer->format->root_null(writer, type_name);
}
