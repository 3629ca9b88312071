/*
 * Lists: in the envelope of the contract, or as rows alone, with headers for what else is to say.
 */
#include "codec/reader.h"
#include "op/operation.h"
#include "record/sample.h"

bool operation_lists_rows_only(const struct operation *operation)
{
	return writer_format(operation->answer.list_media.format)->rows_only;
}

bool operation_lists_whole(const struct operation *operation)
{
	return operation->whole_lists || operation_lists_rows_only(operation) ||
	       operation_speaks(operation, DIALECT_ALL_ROWS);
}

static void add_total(struct operation *operation, int64_t total)
{
	struct buf text = { 0 };

	buf_append_int64(&text, total);
	response_header(operation->response, "X-Total-Count", buf_str(&text));
	buf_free(&text);
}

/* Bytes that would end an address in a header, or that no address has. */
static void append_address(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte <= ' ' || byte >= 0x7F || byte == '<' || byte == '>' || byte == '"')
			buf_printf(out, "%%%02X", byte);
		else
			buf_append_char(out, (char)byte);
	}
}

/* Parameters of the next page: those of this one, but for where it begins. */
static void append_query(struct buf *out, struct operation *operation, const char *cursor)
{
	static const char *const replaced[] = { "after", "skip" };
	struct str rest = operation->request->query, part;

	while (rest.length > 0 && str_next(&rest, '&', &part)) {
		struct str name = form_decode(
		    operation->context.arena, str_slice(part, 0, str_find(part, '=')), true);
		bool kept = part.length > 0;

		for (unsigned i = 0; i < COUNT_OF(replaced); i++)
			kept = kept && !str_equal_ignore_case(name, str_from(replaced[i]));
		if (!kept)
			continue;
		append_address(out, part);
		buf_append_char(out, '&');
	}
	buf_append_text(out, "after=");
	append_address(out, str_from(cursor));
}

static void add_next(struct operation *operation, const char *cursor)
{
	struct buf link = { 0 };

	buf_printf(&link, "<%s", operation->request->base_path);
	append_address(&link, str_from(operation->request->path));
	buf_append_char(&link, '?');
	append_query(&link, operation, cursor);
	buf_append_text(&link, ">; rel=\"next\"");
	response_header(operation->response, "Link", buf_str(&link));
	operation->response->headers.failed |= link.failed;
	buf_free(&link);
}

/* What has no place among rows alone. */
static void add_headers(struct operation *operation)
{
	const struct list_answer *list = operation->answer.list;

	if (list == NULL)
		return;
	if (list->has_total)
		add_total(operation, list->total);
	if (list->next_cursor != NULL)
		add_next(operation, list->next_cursor);
}

static void begin_rows(
    struct operation *operation, const struct selection *selection, struct writer *writer)
{
	const struct row *sample = record_sample(operation->context.arena, selection);
	struct response *response = operation->response;
	const struct media *media = &operation->answer.list_media;
	const char *parameters = writer_format(media->format)->type_parameters;

	response->has_body = true;
	response->content_type = arena_printf(operation->context.arena, "%s; charset=utf-8%s",
	    media->type, parameters != NULL ? parameters : "");
	add_headers(operation);
	writer_init(writer, media->format, &operation->contract->family, &response->body);
	if (sample != NULL)
		writer_rows_begin(writer, NULL, sample);
	else
		response->body.failed = true;
}

void operation_begin_list(
    struct operation *operation, const struct selection *selection, struct writer *writer)
{
	operation->response->status = operation_success_status(operation);
	operation->answer.payload_type =
	    arena_printf(operation->context.arena, "ArrayOf%s", selection->resource->type_name);
	if (operation_lists_rows_only(operation))
		begin_rows(operation, selection, writer);
	else
		writer_array_begin(writer,
		    envelope_begin(operation->response, &operation->answer, writer),
		    selection->resource->type_name);
}

void operation_write_rows(struct operation *operation, struct writer *writer,
    const struct resource *resource, struct row *const *rows, unsigned count)
{
	row_write_items(writer, resource, rows, count);
	operation->listed += count;
}

void operation_end_list(struct operation *operation, struct writer *writer)
{
	writer_rows_end(writer);
	if (!operation_lists_rows_only(operation))
		envelope_end(operation->response, &operation->answer, writer);
}
