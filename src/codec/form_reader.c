#include <inttypes.h>

#include "codec/body_text.h"
#include "codec/reader.h"

#define FORMAT_NAME "form"

/* Indices of so many digits cannot be part of a dense list, and still fit into an integer. */
#define INDEX_DIGITS_MAX 9

/* One step of a key: "a", ".a" and "[a]" name a member, "[0]" an item, "[]" one more item. */
struct segment {
	enum { SEGMENT_MEMBER, SEGMENT_ITEM, SEGMENT_NEW_ITEM } kind;
	struct str name; /* of a member */
	int64_t index;   /* of an item */
};

struct form {
	struct arena *arena;
	const struct limits *limits;
	struct error *error;
	struct str text;
	size_t at; /* where the current parameter begins */
	struct node *root;
	int64_t parameters;
	int64_t values;
};

/* One key while it is followed into the tree. */
struct key {
	struct str rest;
	bool started;
	int64_t depth;
};

struct str form_decode(struct arena *arena, struct str text, bool plus)
{
	char *out = arena_alloc(arena, text.length + 1);
	size_t length = 0;

	if (out == NULL)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];

		if (byte == '+' && plus) {
			byte = ' ';
		} else if (byte == '%' && i + 2 < text.length) {
			int high = str_hex_digit(text.data[i + 1]);
			int low = str_hex_digit(text.data[i + 2]);

			if (high >= 0 && low >= 0) {
				byte = (char)(high * 16 + low);
				i += 2;
			}
		}
		out[length++] = byte;
	}
	return (struct str){ out, length };
}

static int fail_parameter(struct form *form, const char *sentence)
{
	return body_text_fail(form->text, form->at, FORMAT_NAME, form->error, "%s", sentence);
}

static int fail_limit(struct form *form, const char *what, int64_t most)
{
	return body_text_fail_limit(form->text, form->at, FORMAT_NAME, form->error, what, most);
}

/* Decodes a name or a value, and refuses what no text column could hold. */
static int decode(struct form *form, struct str text, struct str *decoded)
{
	size_t odd;

	*decoded = form_decode(form->arena, text, true);
	if (decoded->data == NULL)
		return body_text_too_large(FORMAT_NAME, form->error);
	if (str_utf8_valid(*decoded) < decoded->length)
		return fail_parameter(form, "this parameter is not valid UTF-8.");
	odd = str_xml_valid(*decoded);
	if (odd == decoded->length)
		return 0;
	return body_text_fail(form->text, form->at, FORMAT_NAME, form->error,
	    "the character U+%04X cannot be stored.",
	    odd + 2 < decoded->length && decoded->data[odd] == '\xEF'
		? 0xff00 | 0xc0 | (unsigned char)decoded->data[odd + 2]
		: (unsigned char)decoded->data[odd]);
}

static void cut(struct str *text, size_t length)
{
	*text = str_slice(*text, length, text->length);
}

static bool is_index(struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	}
	return text.length > 0;
}

static void read_bracket(struct str inside, struct segment *segment)
{
	if (inside.length == 0) {
		segment->kind = SEGMENT_NEW_ITEM;
	} else if (is_index(inside)) {
		segment->kind = SEGMENT_ITEM;
		if (inside.length > INDEX_DIGITS_MAX || !str_to_int64(inside, &segment->index))
			segment->index = INT64_MAX;
	} else {
		segment->kind = SEGMENT_MEMBER;
		segment->name = inside;
	}
}

/* Takes the next segment off the key. Returns 1, 0 at the end of the key, or -1. */
static int next_segment(struct form *form, struct key *key, struct segment *segment)
{
	size_t end = 0;

	*segment = (struct segment){ .kind = SEGMENT_MEMBER };
	if (key->rest.length == 0)
		return 0;
	if (++key->depth > form->limits->body_depth)
		return fail_limit(form, "levels of nesting", form->limits->body_depth);
	if (key->rest.data[0] == '[') {
		end = str_find(key->rest, ']');
		if (end == key->rest.length)
			return fail_parameter(form, "expected ']' after '[' in a name.");
		read_bracket(str_slice(key->rest, 1, end - 1), segment);
		cut(&key->rest, end + 1);
		if (key->rest.length > 0 && key->rest.data[0] != '[' && key->rest.data[0] != '.')
			return fail_parameter(
			    form, "expected '[', '.' or the end of the name after ']'.");
	} else {
		if (key->started && key->rest.data[0] == '.')
			cut(&key->rest, 1);
		while (end < key->rest.length && key->rest.data[end] != '.' &&
		       key->rest.data[end] != '[')
			end++;
		segment->name = str_slice(key->rest, 0, end);
		cut(&key->rest, end);
	}
	key->started = true;
	return 1;
}

/*
 * Items carry their index as a name until the form is complete, since they may come in any order.
 */
static struct str item_name(
    struct form *form, const struct node *array, const struct segment *segment)
{
	return str_from(arena_printf(form->arena, "%" PRId64,
	    segment->kind == SEGMENT_ITEM ? segment->index : (int64_t)array->child_count));
}

static bool fits(const struct node *parent, const struct segment *segment)
{
	return (parent->kind == NODE_ARRAY) == (segment->kind != SEGMENT_MEMBER);
}

/* The child of that name, of `kind` when it is a member: a scalar may stand beside an object. */
static struct node *find_child(
    const struct node *parent, const struct segment *segment, struct str name, enum node_kind kind)
{
	if (segment->kind == SEGMENT_NEW_ITEM)
		return NULL;
	for (struct node *child = parent->children; child != NULL; child = child->next) {
		if (segment->kind == SEGMENT_ITEM
			? str_equal(child->name, name)
			: child->kind == kind && str_equal_ignore_case(child->name, name))
			return child;
	}
	return NULL;
}

static int add_node(struct form *form, struct node *parent, enum node_kind kind, struct str name,
    struct node **node)
{
	if (++form->values > form->limits->body_values)
		return fail_limit(form, "values", form->limits->body_values);
	*node = node_new(form->arena, parent, kind, name);
	if (*node == NULL)
		return body_text_too_large(FORMAT_NAME, form->error);
	return 0;
}

/* Finds or makes the object or array that `segment` leads to. `*node` may come out as another kind.
 */
static int enter(struct form *form, struct node *parent, const struct segment *segment,
    enum node_kind kind, struct node **node)
{
	struct str name =
	    segment->kind == SEGMENT_MEMBER ? segment->name : item_name(form, parent, segment);

	*node = find_child(parent, segment, name, kind);
	return *node != NULL ? 0 : add_node(form, parent, kind, name, node);
}

static int add_scalar(
    struct form *form, struct node *parent, const struct segment *segment, struct str value)
{
	struct str name =
	    segment->kind == SEGMENT_MEMBER ? segment->name : item_name(form, parent, segment);
	struct node *node;

	/* Of members all values are kept, of items the first. */
	if (segment->kind == SEGMENT_ITEM && find_child(parent, segment, name, NODE_TEXT) != NULL)
		return 0;
	if (add_node(form, parent, value.length > 0 ? NODE_TEXT : NODE_NULL, name, &node) < 0)
		return -1;
	node->text = value;
	return 0;
}

static enum node_kind container_for(const struct segment *segment)
{
	return segment->kind == SEGMENT_MEMBER ? NODE_OBJECT : NODE_ARRAY;
}

/* A parameter that contradicts an earlier one, such as a[x] after a[0], is left out as if unknown.
 */
static int add_parameter(struct form *form, struct str name, struct str value)
{
	struct key key = { .rest = name };
	struct segment segment, next;
	struct node *parent;
	int more = next_segment(form, &key, &segment);

	if (more <= 0)
		return more;
	if (form->root == NULL &&
	    add_node(form, NULL, container_for(&segment), STR(""), &form->root) < 0)
		return -1;
	parent = form->root;
	for (;;) {
		struct node *child;

		more = next_segment(form, &key, &next);
		if (more < 0)
			return -1;
		if (!fits(parent, &segment))
			return 0;
		if (more == 0)
			return add_scalar(form, parent, &segment, value);
		if (enter(form, parent, &segment, container_for(&next), &child) < 0)
			return -1;
		if (child->kind != NODE_OBJECT && child->kind != NODE_ARRAY)
			return 0;
		parent = child;
		segment = next;
	}
}

/* Puts the items into the order of their indices and ends the list at the first gap. */
static bool order_items(struct arena *arena, struct node *array)
{
	unsigned count = array->child_count;
	struct node **slots = arena_alloc_array(arena, count, sizeof(struct node *));
	struct node *child = array->children;

	if (slots == NULL)
		return false;
	for (; child != NULL; child = child->next) {
		int64_t index = 0;

		if (str_to_int64(child->name, &index) && index < (int64_t)count &&
		    slots[index] == NULL)
			slots[index] = child;
		child->name = STR("");
	}
	array->children = array->last_child = NULL;
	array->child_count = 0;
	while (array->child_count < count && slots[array->child_count] != NULL) {
		child = slots[array->child_count++];
		child->next = NULL;
		if (array->last_child != NULL)
			array->last_child->next = child;
		else
			array->children = child;
		array->last_child = child;
	}
	return true;
}

/* Recursion is as deep as the longest key. */
static bool order_lists(struct arena *arena, struct node *node)
{
	if (node->kind == NODE_ARRAY && node->child_count > 0 && !order_items(arena, node))
		return false;
	for (struct node *child = node->children; child != NULL; child = child->next) {
		if (!order_lists(arena, child))
			return false;
	}
	return true;
}

static int read_parameter(struct form *form, struct str part)
{
	size_t equals = str_find(part, '=');
	struct str name, value;

	if (++form->parameters > form->limits->parameters)
		return fail_limit(form, "parameters", form->limits->parameters);
	if (decode(form, str_slice(part, 0, equals), &name) < 0 ||
	    decode(form, str_slice(part, equals + 1, part.length), &value) < 0)
		return -1;
	return add_parameter(form, name, value);
}

int form_read(struct arena *arena, const struct limits *limits, struct str text, struct body *body,
    struct error *error)
{
	struct form form = { .arena = arena, .limits = limits, .error = error, .text = text };
	struct str rest = text, part;

	*body = (struct body){ .format = BODY_FORM };
	if (body_text_is_blank(text))
		return 0;
	while (str_next(&rest, '&', &part)) {
		form.at = (size_t)(part.data - text.data);
		if (part.length > 0 && read_parameter(&form, part) < 0)
			return -1;
	}
	if (arena_exhausted(arena) || (form.root != NULL && !order_lists(arena, form.root)))
		return body_text_too_large(FORMAT_NAME, error);
	body->root = form.root;
	return 0;
}
