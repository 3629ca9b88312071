#include "schema/node.h"

struct node *node_new(
    struct arena *arena, struct node *parent, enum node_kind kind, struct str name)
{
	struct node *node = arena_alloc(arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->name = name;
	node->parent = parent;
	if (parent == NULL)
		return node;
	if (parent->last_child != NULL)
		parent->last_child->next = node;
	else
		parent->children = node;
	parent->last_child = node;
	parent->child_count++;
	return node;
}

const struct node *node_member(const struct node *object, enum body_format format, struct str name)
{
	const struct node *found = NULL;

	if (object->kind != NODE_OBJECT)
		return NULL;
	for (const struct node *child = object->children; child != NULL; child = child->next) {
		if (format == BODY_XML ? str_equal(child->name, name)
				       : str_equal_ignore_case(child->name, name)) {
			if (format != BODY_JSON)
				return child;
			found = child;
		}
	}
	return found;
}
