/*
 * The regular shapes of the routes of this family, each in a row of its table. `rows` is the
 * resource's name in the code, `may` its area, `schema` the middle of the names of request and
 * answer ("Insert…Request"), `part` the member of the body that holds the row.
 */
#ifndef CLIENTELE_API_LICENSING_SHAPES_H
#define CLIENTELE_API_LICENSING_SHAPES_H

#include "op/bulk.h"
#include "op/generic.h"
#include "op/query.h"

#define ROWS(rows) .resource = &licensing_##rows##_resource
#define WRITTEN(rows) ROWS(rows), .record = &licensing_##rows##_record
#define LIST(where, rows, may, answer, text, ...)                                                 \
	{                                                                                         \
		.method = METHOD_GET, .path = (where), .shape = SHAPE_QUERY, ROWS(rows),          \
		.answer_type = "Get" answer "Response", .area = (may), .doc = (text), __VA_ARGS__ \
	}
/* One row, in a member of the envelope that is called as the body's of a change. */
#define ITEM(where, rows, may, schema, part, text, ...)                                \
	{                                                                              \
		.method = METHOD_GET, .path = (where), .shape = SHAPE_GET, ROWS(rows), \
		.row_member = (part), .answer_type = "Get" schema "Response", CHOSEN,  \
		.area = (may), .flags = ROUTE_ETAG, .doc = (text), __VA_ARGS__         \
	}
#define INSERT(where, rows, may, schema, part, text, ...)                                        \
	{                                                                                        \
		.method = METHOD_POST, .path = (where), .shape = SHAPE_INSERT, WRITTEN(rows),    \
		.body = &licensing_##rows##_resource, .body_type = "Insert" schema "Request",    \
		.body_member = (part), .answer_type = "Insert" schema "Response", .area = (may), \
		TRIED, .doc = (text), __VA_ARGS__                                                \
	}
#define BULK(where, rows, may, schema, text, ...)                                                 \
	{                                                                                         \
		.method = METHOD_POST, .path = where "/bulk", .shape = SHAPE_BULK, WRITTEN(rows), \
		.body = &licensing_##rows##_resource, .answer_type = "Insert" schema "Response",  \
		.area = (may), .flags = ROUTE_BODY_LIST, .doc = (text), __VA_ARGS__               \
	}
#define UPDATE(where, rows, may, schema, part, text, ...)                                        \
	{                                                                                        \
		.method = METHOD_PUT, .path = (where), .shape = SHAPE_UPDATE, WRITTEN(rows),     \
		.body = &licensing_##rows##_resource, .body_type = "Update" schema "Request",    \
		.body_member = (part), .answer_type = "Update" schema "Response", .area = (may), \
		TRIED, .doc = (text), __VA_ARGS__                                                \
	}
#define DELETE(where, rows, may, schema, text, ...)                                             \
	{                                                                                       \
		.method = METHOD_DELETE, .path = (where), .shape = SHAPE_DELETE, WRITTEN(rows), \
		.answer_type = "Delete" schema "Response", .area = (may), .doc = (text),        \
		__VA_ARGS__                                                                     \
	}
#define QUERY PARAMETERS(op_query_parameters)
#define CHOSEN PARAMETERS(op_item_parameters)
#define TRIED PARAMETERS(op_change_parameters)
#define MODES PARAMETERS(op_bulk_parameters)
#define BY_ID .flags = ROUTE_KEY_IN_BODY

#endif
