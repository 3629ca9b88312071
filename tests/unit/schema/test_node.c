#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/node.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_new(void **state)
{
	struct arena *arena = arena_new(1024, 4096);
	struct node *root = node_new(arena, NULL, NODE_OBJECT, STR(""));
	struct node *first = node_new(arena, root, NODE_TEXT, STR("a"));
	struct node *second = node_new(arena, root, NODE_ARRAY, STR("b"));
	struct node *item = node_new(arena, second, NODE_NULL, STR(""));

	(void)state;
	assert_null(root->parent);
	assert_ptr_equal(root->children, first);
	assert_ptr_equal(first->next, second);
	assert_ptr_equal(root->last_child, second);
	assert_null(second->next);
	assert_int_equal(root->child_count, 2);
	assert_ptr_equal(second->parent, root);
	assert_ptr_equal(second->children, item);
	assert_ptr_equal(second->last_child, item);
	assert_int_equal(second->child_count, 1);
	assert_int_equal(first->child_count, 0);
	assert_int_equal(first->text.length, 0);
	assert_true(str_equal(second->name, STR("b")));
	assert_int_equal(second->kind, NODE_ARRAY);
	arena_free(arena);
}

/* A full arena gives NULL and leaves the parent as it was. */
static void test_exhausted(void **state)
{
	struct arena *arena = arena_new(1024, 1024);
	struct node *root = node_new(arena, NULL, NODE_ARRAY, STR(""));
	unsigned count = 0;

	(void)state;
	while (node_new(arena, root, NODE_NULL, STR("")) != NULL)
		count++;
	assert_true(count > 0);
	assert_int_equal(root->child_count, count);
	assert_null(root->last_child->next);
	arena_free(arena);
}

struct look_up {
	enum body_format format;
	const char *name;
	const char *text; /* of the member found; NULL = none */
};

/* In the object { a: 1, B: 2, A: 3, b: 4, é: 5, É: 6 }. */
static const struct look_up look_ups[] = {
	{ BODY_JSON, "a", "3" },
	{ BODY_JSON, "A", "3" },
	{ BODY_JSON, "b", "4" },
	{ BODY_JSON, "c", NULL },
	{ BODY_JSON, "", NULL },
	{ BODY_JSON, "aa", NULL },
	{ BODY_JSON, "\xC3\xA9", "5" },
	{ BODY_JSON, "\xC3\x89", "6" },
	{ BODY_FORM, "a", "1" },
	{ BODY_FORM, "A", "1" },
	{ BODY_FORM, "b", "2" },
	{ BODY_FORM, "c", NULL },
	{ BODY_XML, "a", "1" },
	{ BODY_XML, "A", "3" },
	{ BODY_XML, "B", "2" },
	{ BODY_XML, "b", "4" },
	{ BODY_XML, "c", NULL },
};

static void test_member(void **state)
{
	static const char *const names[] = { "a", "B", "A", "b", "\xC3\xA9", "\xC3\x89" };
	static const char *const texts[] = { "1", "2", "3", "4", "5", "6" };
	struct arena *arena = arena_new(4096, 65536);
	struct node *root = node_new(arena, NULL, NODE_OBJECT, STR(""));

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		node_new(arena, root, NODE_TEXT, str_from(names[i]))->text = str_from(texts[i]);
	for (size_t i = 0; i < COUNT(look_ups); i++) {
		const struct look_up *row = &look_ups[i];
		const struct node *found = node_member(root, row->format, str_from(row->name));

		if (row->text == NULL
			? found != NULL
			: found == NULL || !str_equal(found->text, str_from(row->text)))
			fail_msg("row %zu: member \"%s\"", i, row->name);
	}
	arena_free(arena);
}

/* Only objects have members; items of an array have no names to find them by. */
static void test_member_of_others(void **state)
{
	struct arena *arena = arena_new(4096, 65536);
	struct node *array = node_new(arena, NULL, NODE_ARRAY, STR(""));
	struct node *text = node_new(arena, array, NODE_TEXT, STR(""));

	(void)state;
	assert_null(node_member(array, BODY_JSON, STR("")));
	assert_null(node_member(text, BODY_XML, STR("")));
	arena_free(arena);
}

/* Look-ups by exact name go through what is not there. */
static void test_find(void **state)
{
	struct arena *arena = arena_new(4096, 65536);
	struct node *root = node_new(arena, NULL, NODE_OBJECT, STR(""));
	struct node *part = node_new(arena, root, NODE_OBJECT, STR("part"));

	(void)state;
	node_new(arena, part, NODE_TEXT, STR("name"))->text = STR("x");
	assert_ptr_equal(node_find(root, "part"), part);
	assert_null(node_find(root, "Part"));
	assert_null(node_find(NULL, "part"));
	assert_true(str_equal(node_find_text(node_find(root, "part"), "name"), STR("x")));
	assert_int_equal(node_find_text(node_find(root, "other"), "name").length, 0);
	assert_int_equal(node_find_text(root, "part").length, 0);
	arena_free(arena);
}

/* Names of the members, and which of them stay, by their places; few and many. */
static const struct {
	const char *names;
	const char *kept;
} merges[] = {
	{ "", "" },
	{ "a", "0" },
	{ "abc", "012" },
	{ "aba", "21" },
	{ "aaaa", "3" },
	{ "abcacb", "354" },
	{ "aA", "01" },
};

static void check_merge(size_t row, unsigned times)
{
	struct arena *arena = arena_new(4096, 65536);
	struct node *root = node_new(arena, NULL, NODE_OBJECT, STR(""));
	size_t count = strlen(merges[row].names), kept = strlen(merges[row].kept), i = 0;
	const struct node *last = NULL;

	/* Each round has names of its own length. */
	for (unsigned t = 0; t < times; t++) {
		for (i = 0; i < count; i++) {
			char *name = arena_alloc(arena, t + 1);

			memset(name, merges[row].names[i], t + 1);
			node_new(arena, root, NODE_NUMBER, (struct str){ name, t + 1 })->text =
			    str_from(arena_printf(arena, "%zu", i));
		}
	}
	assert_true(node_merge_members(arena, root));
	assert_int_equal(root->child_count, times * kept);
	i = 0;
	for (const struct node *child = root->children; child != NULL; child = child->next, i++) {
		if (child->text.data[0] != merges[row].kept[i % kept])
			fail_msg("row %zu, %u times: child %zu", row, times, i);
		last = child;
	}
	assert_int_equal(i, times * kept);
	assert_ptr_equal(root->last_child, last);
	arena_free(arena);
}

static void test_merge(void **state)
{
	struct arena *arena = arena_new(512, 1024);
	struct node *root = node_new(arena, NULL, NODE_OBJECT, STR(""));

	(void)state;
	for (size_t row = 0; row < COUNT(merges); row++) {
		check_merge(row, 1);
		check_merge(row, 40);
	}
	while (node_new(arena, root, NODE_NULL, STR("a")) != NULL)
		;
	assert_false(node_merge_members(arena, root));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_member),
		cmocka_unit_test(test_member_of_others),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
