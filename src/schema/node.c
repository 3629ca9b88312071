#include "schema/node.h"

#include <stdlib.h>

/* Up to so many members each is compared with each; more are sorted. */
#define FEW_MEMBERS 24

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

const struct node *node_find(const struct node *object, const char *name)
{
	return object != NULL ? node_member(object, BODY_XML, str_from(name)) : NULL;
}

struct str node_find_text(const struct node *object, const char *name)
{
	const struct node *member = node_find(object, name);

	return member != NULL ? member->text : STR("");
}

/* --- members of the same name --- */

static bool has_twins(const struct node *object)
{
	for (const struct node *a = object->children; a != NULL; a = a->next) {
		for (const struct node *b = a->next; b != NULL; b = b->next) {
			if (a->name.length == b->name.length && str_equal(a->name, b->name))
				return true;
		}
	}
	return false;
}

struct place {
	struct node *node;
	unsigned number; /* in the order sent */
};

/* Equal names stand together, in the order sent. */
static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order;

	if (a->node->name.length != b->node->name.length)
		return a->node->name.length < b->node->name.length ? -1 : 1;
	order = memcmp(a->node->name.data, b->node->name.data, a->node->name.length);
	return order != 0 ? order : a->number < b->number ? -1 : 1;
}

/* `kept` has a node or NULL for each child as sent. */
static void relink(struct node *object, struct node *const *kept, unsigned count)
{
	struct node **next = &object->children;

	object->child_count = 0;
	for (unsigned i = 0; i < count; i++) {
		if (kept[i] == NULL)
			continue;
		*next = kept[i];
		next = &kept[i]->next;
		object->last_child = kept[i];
		object->child_count++;
	}
	*next = NULL;
}

bool node_merge_members(struct arena *arena, struct node *object)
{
	unsigned count = object->child_count, i = 0;
	struct place *places;
	struct node **kept;

	if (object->kind != NODE_OBJECT || count < 2 ||
	    (count <= FEW_MEMBERS && !has_twins(object)))
		return true;
	places = arena_alloc_array(arena, count, sizeof(*places));
	kept = arena_alloc_array(arena, count, sizeof(struct node *));
	if (places == NULL || kept == NULL)
		return false;
	for (struct node *node = object->children; node != NULL; node = node->next, i++)
		places[i] = (struct place){ node, i };
	qsort(places, count, sizeof(*places), compare_places);
	for (i = 0; i < count; i++) {
		unsigned first = places[i].number;

		while (i + 1 < count && str_equal(places[i].node->name, places[i + 1].node->name))
			i++;
		kept[first] = places[i].node;
	}
	relink(object, kept, count);
	return true;
}
