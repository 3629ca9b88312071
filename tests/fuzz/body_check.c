#include "body_check.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_LIMIT (64u << 20)

/* Smaller than by default, so that short inputs reach them. */
static const struct limits limits = {
	.body_values = 200,
	.body_depth = 8,
	.parameters = 50,
};

#define CHECK(condition) check_condition((condition), #condition, __LINE__)

static void check_condition(bool holds, const char *condition, int line)
{
	if (holds)
		return;
	fprintf(stderr, "body_check.c:%d: %s does not hold\n", line, condition);
	abort();
}

static bool is_storable(struct str text)
{
	return str_utf8_valid(text) == text.length && str_find(text, '\0') == text.length;
}

static bool is_container(const struct node *node)
{
	return node->kind == NODE_OBJECT || node->kind == NODE_ARRAY;
}

static void check_number(struct str text)
{
	CHECK(text.length > 0);
	for (size_t i = 0; i < text.length; i++)
		CHECK(strchr("+-.0123456789eE", text.data[i]) != NULL);
}

/* Returns the number of nodes. */
static int64_t check_node(const struct node *node, enum body_format format, int64_t depth)
{
	const struct node *last = NULL;
	unsigned children = 0;
	int64_t count = 1;

	CHECK(depth <= limits.body_depth + (is_container(node) ? 0 : 1));
	CHECK(is_storable(node->name));
	CHECK(is_storable(node->text));
	CHECK(is_container(node) || node->children == NULL);
	CHECK(!is_container(node) || node->text.length == 0);
	if (node->kind == NODE_NUMBER)
		check_number(node->text);
	CHECK(format == BODY_JSON || (node->kind != NODE_NUMBER && node->kind != NODE_BOOLEAN));
	CHECK(format != BODY_XML || node->kind != NODE_ARRAY);
	for (const struct node *child = node->children; child != NULL; child = child->next) {
		CHECK(child->parent == node);
		CHECK(node->kind == NODE_OBJECT || child->name.length == 0);
		CHECK(node_member(node, format, child->name) != NULL || node->kind == NODE_ARRAY);
		count += check_node(child, format, depth + 1);
		last = child;
		children++;
	}
	CHECK(node->last_child == last);
	CHECK(node->child_count == children);
	return count;
}

void body_check_reader(body_reader *reader, enum body_format format, struct str text)
{
	struct arena *arena = arena_new(4096, ARENA_LIMIT);
	struct error error;
	struct body body;

	CHECK(arena != NULL);
	error_init(&error, arena);
	if (reader(arena, &limits, text, &body, &error) < 0) {
		CHECK(error.code == ERROR_MALFORMED);
		CHECK(error.message != NULL && error.message[0] != '\0');
		CHECK(is_storable(str_from(error.message)));
		CHECK(body.root == NULL);
	} else {
		CHECK(error.code == ERROR_NONE);
		CHECK(body.format == format);
		if (body.root != NULL)
			CHECK(check_node(body.root, format, 1) <= limits.body_values);
	}
	arena_free(arena);
}
