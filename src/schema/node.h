/*
 * A request body after reading, whatever its format: a small tree in the request's arena. JSON, XML
 * and forms all become this, and only codec/row turns it into a row. JSON of our own, from columns
 * and files, becomes the same.
 */
#ifndef CLIENTELE_SCHEMA_NODE_H
#define CLIENTELE_SCHEMA_NODE_H

#include "base/error.h"

enum node_kind {
	NODE_NULL,    /* JSON null, i:nil="true", an empty form value */
	NODE_BOOLEAN, /* JSON true or false; text is "true" or "false" */
	NODE_NUMBER,  /* JSON number; text as sent */
	NODE_TEXT,    /* JSON string, or any scalar of XML and forms */
	NODE_OBJECT,  /* named children */
	NODE_ARRAY,   /* JSON array or form list; children without names */
};

enum body_format { BODY_JSON, BODY_XML, BODY_FORM };

struct node {
	enum node_kind kind;
	struct str name;       /* member name as sent, without namespace prefix; empty for items */
	struct str text;       /* of scalars */
	struct node *children; /* first child, in the order sent */
	struct node *last_child;
	struct node *next; /* next sibling */
	struct node *parent;
	unsigned child_count;
};

/* A whole body. */
struct body {
	enum body_format format;
	struct node *root; /* NULL for an empty body */
	/* Children of the root that are not in the tree: elements of another namespace. */
	unsigned foreign;
};

/* Adds an empty node of `kind` to `parent` (NULL for a root). NULL when the arena is exhausted. */
struct node *node_new(
    struct arena *arena, struct node *parent, enum node_kind kind, struct str name);

/*
 * The member `name` of an object: case-insensitive for JSON (the last one wins) and forms (the
 * first one wins), exact for XML (the first one wins). NULL when absent.
 */
const struct node *node_member(const struct node *object, enum body_format format, struct str name);

/*
 * JSON: of the members of an object that have exactly the same name the last one stays, in the
 * place of the first. False when the arena is exhausted.
 */
bool node_merge_members(struct arena *arena, struct node *object) MUST_CHECK;

/*
 * The member of exactly that name. NULL when there is none, and where `object` is NULL or none, so
 * that look-ups can be nested.
 */
const struct node *node_find(const struct node *object, const char *name);

/* Text of the scalar of that name, as it is in the tree; empty where there is none. */
struct str node_find_text(const struct node *object, const char *name);

#endif
