/*
 * What the writers of the formats share: objects and arrays that are open.
 */
#ifndef CLIENTELE_CODEC_WRITER_SCOPE_H
#define CLIENTELE_CODEC_WRITER_SCOPE_H

#include "codec/writer.h"

/* The innermost object or array that is open; NULL at the root. */
static inline struct writer_scope *writer_scope(struct writer *writer)
{
	unsigned depth = writer->depth < WRITER_DEPTH_MAX ? writer->depth : WRITER_DEPTH_MAX;

	return depth > 0 ? &writer->scopes[depth - 1] : NULL;
}

/* Opens one more, with nothing in it. Deeper than WRITER_DEPTH_MAX the document has failed. */
void writer_scope_push(struct writer *writer, struct writer_scope inner);

/*
 * Reads the JSON text of a stored list, map or scalar into memory of its own, which the caller
 * frees. NULL where it is no JSON; where there is no memory, the document has failed, too.
 */
const struct node *writer_read_stored(struct writer *writer, struct str text, struct arena **arena);

/* --- writer_json.c, for the formats that are mostly JSON --- */

/* The functions of JSON: what holds values, and the values. */
#define WRITER_JSON_STRUCTURE                                                           \
	.begin_object = writer_json_begin_object, .end_object = writer_json_end_object, \
	.begin_array = writer_json_begin_array, .end_array = writer_json_end_array,     \
	.begin_texts = writer_json_begin_texts, .end_texts = writer_json_end_array,     \
	.root_integer = writer_json_root_integer, .root_null = writer_json_root_null
#define WRITER_JSON_FUNCTIONS                                                                  \
	WRITER_JSON_STRUCTURE, .null = writer_json_null, .token = writer_json_token,           \
			       .text = writer_json_text, .null_value = writer_json_null_value, \
			       .value = writer_json_value

void writer_json_begin_object(struct writer *writer, const char *name);
void writer_json_end_object(struct writer *writer);
void writer_json_begin_array(struct writer *writer, const char *name, const char *item_name);
void writer_json_end_array(struct writer *writer);
void writer_json_begin_texts(struct writer *writer, const char *name);
void writer_json_null(struct writer *writer, const char *name);
void writer_json_token(struct writer *writer, const char *name, struct str text);
void writer_json_text(struct writer *writer, const char *name, struct str text);
void writer_json_null_value(struct writer *writer, const char *name, const struct field *field);
void writer_json_value(
    struct writer *writer, const char *name, const struct field *field, const struct value *value);
void writer_json_root_integer(struct writer *writer, int64_t value);
void writer_json_root_null(struct writer *writer, const char *type_name);

#endif
