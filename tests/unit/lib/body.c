#include "body.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/timestamp.h"

#define ARENA_LIMIT (64u << 20)

/* Loose, for sanitizers and valgrind; what is guarded against takes minutes and gigabytes. */
#define HOSTILE_MICROSECONDS 20000000
#define HOSTILE_KILOBYTES 65536

const struct limits body_limits = {
	.body_bytes = 1 << 20,
	.body_values = 10000,
	.body_depth = 32,
	.query_bytes = 8192,
	.parameters = 1000,
	.request_memory = 16 << 20,
	.list_rows = 1000,
};

static void print_node(struct buf *out, const struct node *node)
{
	switch (node->kind) {
	case NODE_NULL:
		buf_append_text(out, "null");
		return;
	case NODE_BOOLEAN:
		buf_append_str(out, node->text);
		return;
	case NODE_NUMBER:
		buf_append_char(out, '#');
		buf_append_str(out, node->text);
		return;
	case NODE_TEXT:
		buf_append_char(out, '"');
		buf_append_str(out, node->text);
		buf_append_char(out, '"');
		return;
	case NODE_OBJECT:
	case NODE_ARRAY:
		break;
	}
	buf_append_char(out, node->kind == NODE_OBJECT ? '{' : '[');
	for (const struct node *child = node->children; child != NULL; child = child->next) {
		assert_ptr_equal(child->parent, node);
		if (child != node->children)
			buf_append_char(out, ',');
		if (node->kind == NODE_OBJECT) {
			buf_append_str(out, child->name);
			buf_append_char(out, ':');
		}
		print_node(out, child);
	}
	buf_append_char(out, node->kind == NODE_OBJECT ? '}' : ']');
}

void body_print(struct buf *out, const struct body *body)
{
	if (body->root == NULL)
		buf_append_char(out, '-');
	else
		print_node(out, body->root);
}

static void run_case(
    body_reader *reader, struct arena *arena, const struct body_case *row, size_t number)
{
	struct str text = { row->body, row->length > 0 ? row->length : strlen(row->body) };
	struct buf tree = { 0 };
	struct error error;
	struct body body;
	int result;

	error_init(&error, arena);
	result = reader(arena, &body_limits, text, &body, &error);
	if (result == 0)
		body_print(&tree, &body);
	if (row->tree != NULL && (result < 0 || strcmp(tree.data, row->tree) != 0))
		fail_msg("row %zu: %s\nexpected %s\nfound    %s", number, row->body, row->tree,
		    result < 0 ? error.message : tree.data);
	if (row->tree == NULL &&
	    (result == 0 || error.code != ERROR_MALFORMED ||
		!str_starts_with(str_from(error.message), str_from(row->message))))
		fail_msg("row %zu: %s\nexpected %s\nfound    %s", number, row->body, row->message,
		    result == 0 ? tree.data : error.message);
	buf_free(&tree);
}

void body_run(body_reader *reader, const struct body_case *cases, size_t count)
{
	struct arena *arena = arena_new(4096, ARENA_LIMIT);

	assert_non_null(arena);
	for (size_t i = 0; i < count; i++) {
		run_case(reader, arena, &cases[i], i);
		arena_reset(arena);
	}
	arena_free(arena);
}

const char *body_message(body_reader *reader, const struct limits *limits, struct str text)
{
	static char message[512];
	struct arena *arena = arena_new(4096, ARENA_LIMIT);
	struct error error;
	struct body body;

	assert_non_null(arena);
	error_init(&error, arena);
	message[0] = '\0';
	if (reader(arena, limits, text, &body, &error) < 0)
		snprintf(message, sizeof(message), "%s", error.message);
	arena_free(arena);
	return message;
}

static long peak_kilobytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

void body_run_hostile(body_reader *reader, const struct limits *limits, const char *title,
    struct str text, const char *message)
{
	long kilobytes = peak_kilobytes();
	int64_t start = timestamp_monotonic();
	const char *found = body_message(reader, limits, text);
	int64_t microseconds = timestamp_monotonic() - start;

	kilobytes = peak_kilobytes() - kilobytes;
	print_message("%s: %zu bytes, %ld us, %ld kB more\n", title, text.length,
	    (long)microseconds, kilobytes);
	if (!str_starts_with(str_from(found), str_from(message)))
		fail_msg("%s\nexpected %s\nfound    %s", title, message, found);
	assert_true(microseconds < HOSTILE_MICROSECONDS);
	assert_true(kilobytes < HOSTILE_KILOBYTES);
}

struct str body_repeat(const char *before, const char *part, size_t count, const char *after)
{
	struct buf out = { 0 };

	buf_append_text(&out, before);
	for (size_t i = 0; i < count; i++)
		buf_append_text(&out, part);
	buf_append_text(&out, after);
	assert_false(out.failed);
	return buf_str(&out);
}

void body_run_hostile_rows(body_reader *reader, const struct body_hostile *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct body_hostile *row = &rows[i];
		struct str text = body_repeat(row->before, row->part, row->count, row->after);

		body_run_hostile(reader, &body_limits, row->title, text, row->message);
		free((char *)text.data);
	}
}

void body_run_arena_limit(body_reader *reader, struct str text, size_t largest)
{
	static const size_t sizes[] = { 256, 1024, 4096, 65536, 262144 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && sizes[i] <= largest; i++) {
		struct arena *arena = arena_new(128, sizes[i]);
		struct arena *error_arena = arena_new(1024, 4096);
		struct error error;
		struct body body;

		error_init(&error, error_arena);
		assert_int_equal(reader(arena, &body_limits, text, &body, &error), -1);
		assert_int_equal(error.code, ERROR_TOO_LARGE);
		assert_null(body.root);
		arena_free(arena);
		arena_free(error_arena);
	}
	free((char *)text.data);
}
