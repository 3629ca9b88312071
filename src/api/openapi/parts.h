/*
 * What the parts of the OpenAPI printer share.
 */
#ifndef CLIENTELE_API_OPENAPI_PARTS_H
#define CLIENTELE_API_OPENAPI_PARTS_H

#include "api/openapi/openapi.h"
#include "op/contract.h"

/* One resource has a schema for each way in which it is used. */
enum schema_use {
	SCHEMA_READ,     /* as it is answered */
	SCHEMA_SELECTED, /* as it is answered where callers choose the members */
	SCHEMA_WRITTEN,  /* as a write answers it: whoever may not read it sees what was sent */
	SCHEMA_INSERT,   /* as it is sent to make a row */
	SCHEMA_UPDATE,   /* as it is sent to change a row */
	SCHEMA_KEYED,    /* the same, with the key inside */
	SCHEMA_ITEM,     /* as it is sent in its owner's list: new, or with the key that it has */
};

static inline bool schema_is_read(enum schema_use use)
{
	return use == SCHEMA_READ || use == SCHEMA_SELECTED || use == SCHEMA_WRITTEN;
}

/* What differs between versions of OpenAPI: zeroed, nothing of 3.1 is taken for granted. */
struct dialect {
	const char *version;
	const char *license;     /* the member of info */
	bool null_type;          /* null is a type; else schemas are nullable */
	bool type_lists;         /* a schema may have several types */
	bool reference_siblings; /* other words may stand beside $ref */
	bool example_lists;      /* a schema has examples, not an example */
};

/* A schema that something has referred to. */
struct schema_entry {
	const struct contract *contract;
	const struct resource *resource;
	enum schema_use use;
	enum schema_use part_use; /* of what it refers to */
	const char *name;         /* of the component */
	const char *xml_name;     /* of the root element */
	const char *xml_namespace;
};

#define OPENAPI_SCHEMAS_MAX 1024

#define OPENAPI_OAUTH "oauth2" /* the security scheme of tokens that API clients ask for */

struct openapi {
	struct arena *arena;
	struct writer writer;
	const struct dialect *dialect;
	const struct contract *contract; /* whose part is being written */
	const struct resource *plain;    /* its XML root is in no namespace */
	enum schema_use part_use;        /* of what the schema being written refers to */
	struct schema_entry *schemas;
	unsigned schema_count;
};

/* --- schema.c --- */

/*
 * Writes { "$ref": … } members for a resource and remembers that its schema is needed. `root` is
 * the root element's name; NULL = the resource's type. The object around must be open.
 */
void openapi_reference(struct openapi *openapi, const struct resource *resource,
    enum schema_use use, const char *root);

/*
 * The same for what stands around a payload: all its own members are answered, or sent, whatever
 * the use of the payload.
 */
void openapi_envelope(
    struct openapi *openapi, const struct resource *envelope, enum schema_use part_use);

/* The member "schemas" of the components: all that were referred to. */
void openapi_schemas(struct openapi *openapi);

/* How the answer's rows are used by a route. */
enum schema_use openapi_answer_use(const struct openapi *openapi, const struct route *route);

/* The member "xml"; NULL for a name or namespace that need not be told. */
void openapi_xml(struct openapi *openapi, const char *name, const char *xml_namespace, bool list);

/* Whether a schema has the member, and whether it demands it. */
bool openapi_shows(const struct field *field, enum schema_use use);
bool openapi_requires(const struct field *field, enum schema_use use);

/* A member whose value is JSON text as it stands. */
void openapi_raw(struct openapi *openapi, const char *name, const char *json);
void openapi_text(struct openapi *openapi, const char *name, const char *text);

/* --- field.c --- */

/* How the rows of a member are used, inside of a row that is used so. */
enum schema_use openapi_part_use(enum schema_use use, const struct field *field);

/* The members of a list's schema, items by reference; the object around must be open. */
void openapi_list(struct openapi *openapi, const struct resource *resource, enum schema_use use,
    const char *xml_name, const char *item_name);

/*
 * Around the members of a reference to a schema; other words may follow them (`beside`), and the
 * value may be null.
 */
void openapi_reference_begin(struct openapi *openapi, bool nullable, bool beside);
void openapi_reference_end(struct openapi *openapi, bool nullable, bool beside);

/*
 * A member whose value is the schema of one field of a resource (NULL = of none: a parameter);
 * `nullable` may be false for parameters.
 */
void openapi_field(struct openapi *openapi, const char *name, const struct resource *resource,
    const struct field *field, enum schema_use use, bool nullable);

/* --- example.c --- */

/* As field_example(), in the style of the family. */
const char *openapi_example(
    struct openapi *openapi, const struct resource *resource, const struct field *field);

/*
 * The member "example" of a body of the resource: what it must have, and what callers usually send.
 * `part_use` is that of the rows inside; `list`: the body is a list of such rows.
 */
void openapi_body_example(struct openapi *openapi, const struct resource *body, enum schema_use use,
    enum schema_use part_use, bool list);

/* The member "example" of a parameter, where there is one; `resource` is what is answered. */
void openapi_parameter_example(
    struct openapi *openapi, const struct parameter *parameter, const struct resource *resource);

/* --- naming.c --- */

/* The rows of a resource as one word: those of "API key" are apiKey. */
const char *openapi_word(struct openapi *openapi, const struct resource *resource);

/* What an operation does: "list", "item", "insert", … */
const char *openapi_kind(const struct route *route);

/*
 * The rows that an operation is about: what it answers, or what stands where its path leads; NULL
 * where it is about no rows.
 */
const struct resource *openapi_about(const struct contract *contract, const struct route *route);

/* "createLicense", by what is done to which rows, or as the route says. */
const char *openapi_operation_name(struct openapi *openapi, const struct route *route);

/* What viewers of the document put an operation under. */
const char *openapi_tag(const struct contract *contract, const struct route *route);

/* The members "tags" and "x-tagGroups". */
void openapi_tags(struct openapi *openapi);

/* --- extension.c --- */

/* The members "x-…" of an operation, of a resource's schema, and of a member's. */
void openapi_operation_notes(struct openapi *openapi, const struct route *route);
void openapi_schema_notes(
    struct openapi *openapi, const struct resource *resource, enum schema_use use);
/* The member "x-references" of a path's parameter: the rows that it names one of. */
void openapi_reference_note(
    struct openapi *openapi, const struct resource *resource, const struct field *field);

void openapi_member_notes(struct openapi *openapi, const struct resource *resource,
    const struct field *field, enum schema_use use);

/* --- operation.c --- */

/* The member "paths". */
void openapi_paths(struct openapi *openapi);

/* --- answer.c --- */

/* The member "responses" of an operation. */
void openapi_answers(struct openapi *openapi, const struct route *route);

/* The member "responses" of the components: each family's errors, with an example of each code. */
void openapi_error_answers(struct openapi *openapi);

/* True when answers of some route of this path have an entity tag. */
bool openapi_has_etag(const struct contract *contract, const struct route *route);

#endif
