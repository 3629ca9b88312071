/*
 * Answers: rows and numbers, and what is left of a row that the caller may write and not read.
 */
#include "base/url.h"
#include "op/tag.h"

uint64_t operation_mask(const struct operation *operation)
{
	const struct resource *resource = operation->route->resource;
	uint64_t mask = resource_default_mask(resource);

	for (const char *const *name = operation->route->include; name != NULL && *name != NULL;
	     name++)
		mask |= FIELD_BIT(resource_field(resource, *name));
	return mask;
}

int operation_success_status(const struct operation *operation)
{
	if (operation->route->status != 0)
		return operation->route->status;
	return operation->route->method == METHOD_POST ? operation->contract->family.insert_status
						       : 200;
}

/* The members of a row that were sent, those that name it, and those that are shown only now. */
static struct row *take_sent(struct arena *arena, const struct row *row, const struct row *sent)
{
	struct row *taken = row_new(arena, row->resource);

	if (taken == NULL)
		return NULL;
	taken->narrowed = true;
	for (unsigned i = 0; i < row->resource->field_count; i++) {
		const struct field *field = &row->resource->fields[i];
		bool brought = sent != NULL && row_has(sent, i);

		if (!row_has(row, i) || !(brought || (field->flags & (FIELD_KEY | FIELD_ECHO))))
			continue;
		row_set_value(taken, i, &row->values[i]);
		if (field->object != NULL && row_filled(row, i))
			row_set_row(taken, i,
			    take_sent(arena, row->values[i].row,
				brought && row_filled(sent, i) ? sent->values[i].row : NULL));
	}
	return taken;
}

/* Whether the caller came with a key that lets it do something to rows that it may not read. */
static bool is_unseen(const struct operation *operation, const struct row *row)
{
	return row != NULL && operation->context.actor.principal != NULL &&
	       sight_may_see(&operation->context.sight, row->resource) == SIGHT_NONE;
}

/* The part of a row that such a caller is answered. */
static const struct row *show_sent(struct operation *operation, const struct row *row)
{
	const struct row *shown = take_sent(operation->context.arena, row, operation->sent);

	operation->response->body.failed |= shown == NULL;
	return shown;
}

const struct row *operation_shown(
    struct operation *operation, const struct row *stored, const struct row *sent)
{
	return is_unseen(operation, stored) ? take_sent(operation->context.arena, stored, sent)
					    : stored;
}

/* An envelope, and in it whatever was put down in operation.answer. */
static void answer_envelope(struct operation *operation)
{
	struct writer writer;

	operation->response->status = operation_success_status(operation);
	operation->answer.payload_type = operation->route->answer_type;
	envelope_begin(operation->response, &operation->answer, &writer);
	envelope_end(operation->response, &operation->answer, &writer);
}

/* Writes the row. Returns it as it stands in the body where that is its state and no more. */
static struct str write_answer(struct operation *operation, const struct row *row)
{
	struct buf *body = &operation->response->body;
	size_t begun = body->length;
	struct writer writer;
	const char *name;

	if (operation->contract->family.change_answers && operation->route->row_member == NULL) {
		operation->answer.beside = row;
		answer_envelope(operation);
		return STR("");
	}
	operation->response->status = operation_success_status(operation);
	operation->answer.payload_type = operation->route->answer_type != NULL
					     ? operation->route->answer_type
					     : row->resource->type_name;
	name = envelope_begin(operation->response, &operation->answer, &writer);
	row_write(&writer, name != NULL ? name : operation->answer.payload_type, row);
	envelope_end(operation->response, &operation->answer, &writer);
	return name == NULL && writer_format(operation->answer.media.format)->is_state
		   ? str_slice(buf_str(body), begun, body->length)
		   : STR("");
}

/* Sets the entity tag of an answer; it is taken away where the caller has that row already. */
static void tag_answer(struct operation *operation, const struct row *row, const struct row *shown,
    const struct response_mark *mark, struct str written)
{
	const struct request *request = operation->request;
	struct str etag = str_from(tag_of_row(operation, row, shown, written));
	bool known = operation->route->method == METHOD_GET && request->if_none_match.length > 0 &&
		     etag.data != NULL && tag_is_known(request->if_none_match, etag);

	if (known) {
		response_go_back(operation->response, mark);
		operation->response->status = 304;
	}
	if (etag.data != NULL)
		response_header(operation->response, "ETag", etag);
	else
		operation->response->headers.failed = true;
}

/* RFC 6266: any name, and an ASCII one for those who know no better. */
static void name_file(struct response *response, struct str name)
{
	struct buf value = { 0 };

	buf_append_text(&value, "attachment; filename=\"");
	for (size_t i = 0; i < name.length; i++) {
		bool plain = name.data[i] >= ' ' && name.data[i] < 0x7f && name.data[i] != '"' &&
			     name.data[i] != '\\';

		buf_append_char(&value, plain ? name.data[i] : '_');
	}
	buf_append_text(&value, "\"; filename*=UTF-8''");
	url_append_encoded(&value, name);
	response_header(response, "Content-Disposition", buf_str(&value));
	response->headers.failed = response->headers.failed || value.failed;
	buf_free(&value);
}

void operation_answer_file(
    struct operation *operation, const char *media, struct str name, struct str content)
{
	struct response *response = operation->response;
	struct str etag = str_from(tag_of_content(operation->context.arena, content));

	response->headers.failed = response->headers.failed || etag.data == NULL;
	response_header(response, "ETag", etag);
	if (tag_is_known(operation->request->if_none_match, etag)) {
		response->status = 304;
		return;
	}
	if (name.length > 0)
		name_file(response, name);
	response->status = 200;
	response->has_body = true;
	response->content_type = media;
	buf_append_str(&response->body, content);
}

static void answer_tagged(
    struct operation *operation, const struct row *row, const struct row *shown)
{
	struct response_mark mark = response_mark(operation->response);
	bool tagged = (operation->route->flags & ROUTE_ETAG) != 0;
	struct str written;

	if (is_unseen(operation, row)) {
		tagged = false;
		shown = show_sent(operation, row);
		if (shown == NULL)
			return;
	}
	written = write_answer(operation, shown);
	if (tagged)
		tag_answer(operation, row, shown, &mark, written);
}

void operation_answer_row(struct operation *operation, const struct row *row)
{
	answer_tagged(operation, row, row);
}

void operation_answer_item(
    struct operation *operation, const struct row *row, const struct row *shown)
{
	uint64_t mask = operation_mask(operation);

	if (shown == NULL)
		shown = (row->present & ~mask) != 0
			    ? tag_copy_members(operation->context.arena, row, mask)
			    : row;
	operation->response->body.failed |= shown == NULL;
	if (shown != NULL)
		answer_tagged(operation, row, shown);
}

void operation_answer_integer(struct operation *operation, int64_t value)
{
	struct writer writer;

	operation->response->status = operation_success_status(operation);
	envelope_begin(operation->response, &operation->answer, &writer);
	writer_root_integer(&writer, value);
	envelope_end(operation->response, &operation->answer, &writer);
}

void operation_answer_text(struct operation *operation, struct str text)
{
	struct writer writer;
	const char *name;

	operation->response->status = operation_success_status(operation);
	operation->answer.payload_type = "String";
	name = envelope_begin(operation->response, &operation->answer, &writer);
	writer_text(&writer, name, text);
	envelope_end(operation->response, &operation->answer, &writer);
}

void operation_answer_null(struct operation *operation)
{
	struct writer writer;

	operation->response->status = operation_success_status(operation);
	envelope_begin(operation->response, &operation->answer, &writer);
	writer_root_null(&writer, operation->route->resource->type_name);
	envelope_end(operation->response, &operation->answer, &writer);
}

void operation_answer_nothing(struct operation *operation, int status)
{
	struct writer writer;
	const char *name;

	operation->response->status = status;
	if (status == 204)
		return;
	operation->answer.payload_type = NULL;
	name = envelope_begin(operation->response, &operation->answer, &writer);
	if (name != NULL)
		writer_null(&writer, name);
	envelope_end(operation->response, &operation->answer, &writer);
}

void operation_answer_change(struct operation *operation, const struct row *stored)
{
	operation->answer.changed =
	    is_unseen(operation, stored) ? show_sent(operation, stored) : stored;
	answer_envelope(operation);
}

/* The rows of the member that the route lists. */
static void answer_member(struct operation *operation, const struct row *row)
{
	unsigned number = resource_member(row->resource, operation->route->list_member);
	const struct resource *target = row->resource->fields[number].relation->target;
	const struct row_list *rows = &row->values[number].list;
	struct selection selection;
	struct writer writer;

	selection_begin(&selection, target, resource_default_mask(target));
	operation_begin_list(operation, &selection, &writer);
	operation_write_rows(operation, &writer, target, rows->rows, rows->count);
	operation_end_list(operation, &writer);
}

void operation_answer_members(struct operation *operation, const struct row *row)
{
	if (operation->route->list_member != NULL && operation_lists_rows_only(operation)) {
		answer_member(operation, row);
		return;
	}
	operation->answer.beside = row;
	answer_envelope(operation);
}

void operation_location(struct operation *operation, struct str id)
{
	const char *base = operation->request->base_path;
	struct str path = str_from(operation->request->path);

	while (path.length > 1 && path.data[path.length - 1] == '/')
		path.length--;
	response_header(operation->response, "Location",
	    str_from(arena_printf(operation->context.arena, "%s" STR_FORMAT "/" STR_FORMAT, base,
		STR_ARGUMENTS(path), STR_ARGUMENTS(id))));
}
