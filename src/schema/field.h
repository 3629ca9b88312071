/*
 * Fields: what one member of a resource is called, where it is stored, and which rules it keeps.
 */
#ifndef CLIENTELE_SCHEMA_FIELD_H
#define CLIENTELE_SCHEMA_FIELD_H

#include "base/flags.h"
#include "base/timestamp.h"
#include "schema/node.h"
#include "schema/value.h"

enum field_type {
	FIELD_BOOLEAN,
	FIELD_INT32,
	FIELD_INT64,
	FIELD_DOUBLE,
	FIELD_DECIMAL, /* DECIMAL(19,4); shortest exact text (schema/number.h) */
	FIELD_STRING,  /* text; compares as its collation does */
	FIELD_UUID,
	FIELD_DATETIME,    /* a moment, microseconds */
	FIELD_DATE,        /* a calendar day */
	FIELD_ENUM,        /* number in JSON, name in XML */
	FIELD_CODE,        /* one of a set of words */
	FIELD_STRING_LIST, /* list of text, kept as one JSON column */
	FIELD_INT32_LIST,
	FIELD_BINARY,     /* bytes for the program's own use: digests; always hidden */
	FIELD_MAP,        /* text to any scalar, kept as one JSON column */
	FIELD_STRING_MAP, /* text to text, kept as one JSON column */
	FIELD_SCALAR,     /* text, number or boolean, kept as JSON; XML and forms know text only */
	FIELD_OBJECT,     /* part of the row: the target's columns are columns of the same table */
	FIELD_ONE,        /* to-one relation */
	FIELD_MANY,       /* to-many relation */
	FIELD_TYPE__MAX
};

/* How a type travels to and from the database. */
enum bind_kind {
	BIND_NONE,    /* no column of its own */
	BIND_INTEGER, /* TINYINT … BIGINT */
	BIND_REAL,
	BIND_TEXT,
	BIND_BINARY, /* BINARY and VARBINARY: hashes */
	BIND_UUID,   /* UUID column */
	BIND_TIME,   /* DATETIME(6), UTC */
	BIND_DATE,
};

enum field_flag {
	FIELD_KEY = 1u << 0,       /* (part of) the primary key */
	FIELD_READONLY = 1u << 1,  /* never taken from a body */
	FIELD_WRITEONLY = 1u << 2, /* never read from the table: passwords, secrets */
	FIELD_REQUIRED = 1u << 3,  /* must be in an insert, must not be null or blank */
	FIELD_NOT_NULL = 1u << 4,  /* may be absent (the table's default holds), must not be null */
	FIELD_CREATE_ONLY = 1u << 5,  /* ignored in an update */
	FIELD_HIDDEN = 1u << 6,       /* fetched for the program's own use, never printed or read */
	FIELD_XML_ONLY = 1u << 7,     /* left out of JSON */
	FIELD_ON_DEMAND = 1u << 8,    /* fetched only when an operation asks for it */
	FIELD_NOT_STORED = 1u << 9,   /* has no column: a rule of its record uses or makes it */
	FIELD_SECRET = 1u << 10,      /* its value never reaches a log or an error */
	FIELD_OMIT_ABSENT = 1u << 11, /* left out (not null) when it was not fetched */
	FIELD_ECHO = 1u << 12,        /* shown once, in the answer to the write that set it */
	FIELD_OWNED = 1u << 13,  /* MANY: written with its row, as a whole whenever it is sent */
	FIELD_MASKED = 1u << 14, /* read as FIELD_MASK unless null; FIELD_MASK in a body keeps it */
	FIELD_BY_RULE = 1u << 15,  /* computed when it is read, stored by a rule when it is sent */
	FIELD_UNTAGGED = 1u << 16, /* changes by itself, so that entity tags leave it out */
	/* Hidden, and no fault in a body: the original's samples have it. */
	FIELD_IGNORED = 1u << 17,
	FIELD_ENCRYPTED =
	    1u << 18, /* stored sealed (record/sealed.h), because it must be used later */
	/* What is stored is a hash of it, or so much that it is no secret. */
	FIELD_HASHED = 1u << 19,
	/* Blank text, 0, the zero GUID, and a null that cannot be, are as if absent: unset.h. */
	FIELD_EMPTY_ABSENT = 1u << 20,
	/* Stored as it is written; equal to others whose domain is the same (base/mail_address). */
	FIELD_MAIL_ADDRESS = 1u << 21,
	/* No secret of the program's, but others must not find it in logs: masked there. */
	FIELD_UNLOGGED = 1u << 22,
	/* Whose own the row is may write it: resource.owner_may. */
	FIELD_OWNER_CHANGES = 1u << 23,
	/* Callers usually send it: examples of bodies have it, as they have what is required. */
	FIELD_TYPICAL = 1u << 24,
	FIELD_DEPRECATED = 1u << 25, /* kept for old callers, who may go on with it */
	/* Read-only, but for an administrator who brings a new row along: option chosen_keys. */
	FIELD_CHOOSABLE = 1u << 26,
};

#define FIELD_FLAGS(op)                                                                            \
	(FIELD_KEY op FIELD_READONLY op FIELD_WRITEONLY op FIELD_REQUIRED op FIELD_NOT_NULL op     \
		FIELD_CREATE_ONLY op FIELD_HIDDEN op FIELD_XML_ONLY op FIELD_ON_DEMAND op          \
		    FIELD_NOT_STORED op FIELD_SECRET op FIELD_OMIT_ABSENT op FIELD_ECHO op         \
			FIELD_OWNED op FIELD_MASKED op FIELD_BY_RULE op FIELD_UNTAGGED op          \
			    FIELD_IGNORED op FIELD_ENCRYPTED op FIELD_HASHED op FIELD_EMPTY_ABSENT \
				op FIELD_MAIL_ADDRESS op FIELD_UNLOGGED op FIELD_OWNER_CHANGES op  \
				    FIELD_TYPICAL op FIELD_DEPRECATED op FIELD_CHOOSABLE)
ASSERT_FLAGS_DISTINCT(FIELD_FLAGS);

/* Flags of the key of a row that may come from elsewhere. */
#define KEY_CHOOSABLE (FIELD_KEY | FIELD_READONLY | FIELD_CHOOSABLE)

/* Flags of a member that no caller sees: commands ask for it. */
#define COMMANDS_ONLY (FIELD_HIDDEN | FIELD_READONLY | FIELD_ON_DEMAND)

/* What stands for a stored secret. */
#define FIELD_MASK "********"
/* What stands for the rest of a key of which the beginning is shown. */
#define FIELD_CUT "…"

/*
 * Longest text, in characters, that lists show of a member that may be longer, unless the caller
 * names the member: see field_is_large().
 */
#define FIELD_LISTED_MAX 16384

/* One word of an enumeration. */
struct enumerator {
	int32_t number;
	const char *name;
};

struct enumeration {
	const char *name; /* type name, for documentation */
	const struct enumerator *enumerators;
	unsigned count;
};

/* How a to-one or to-many relation is followed. */
struct relation {
	const struct resource *target;
	const char *local;   /* member of this resource whose value is looked for */
	const char *foreign; /* member of the target that must equal it */
};

struct field {
	const char *name; /* JSON name; the XML name follows by the family's rule */
	/* A null of it in JSON, behind another member: ",\"id\":null"; empty = by name. */
	struct str literal;
	const char *column; /* of the resource's table; "alias.column" when it is joined in */
	/*
	 * SQL of a computed, read-only value, instead of a column; it writes {} where the alias of
	 * the resource's own table goes.
	 */
	const char *expression;
	/*
	 * ENCRYPTED: the column where it stood in clear before, and where older programs still put
	 * it; with SQL that tells which of its values are secret ({} as above), NULL = all.
	 */
	const char *former, *former_condition;
	enum field_type type;
	uint32_t flags;      /* enum field_flag */
	uint32_t max;        /* longest text in code points; most items of a list, owned ones too */
	int64_t least, most; /* range of numbers; both 0 = the type's own */
	/* One more rule of text: NULL = it holds, else what is expected ("an e-mail address"). */
	const char *(*check)(struct str text);
	const struct enumeration *enumeration; /* ENUM and CODE */
	const struct resource *object;         /* OBJECT: the part's resource */
	const struct relation *relation;       /* ONE and MANY */
	/* Text of the column's default, for the documentation and schema check. */
	const char *fallback;
	const char *doc;     /* one line */
	const char *example; /* JSON text for the documentation; NULL = by field_example() */
};

/*
 * Name, column and type in one token: { INT32("id", "id"), .flags = FIELD_KEY, .doc = "…" }.
 */
#define FIELD_OF(field_type, field_name, field_column)                                     \
	.name = field_name,                                                                \
	.literal = { ",\"" field_name "\":null", sizeof(",\"" field_name "\":null") - 1 }, \
	.column = (field_column), .type = (field_type)
#define BOOLEAN(name, column) FIELD_OF(FIELD_BOOLEAN, name, column)
#define INT32(name, column) FIELD_OF(FIELD_INT32, name, column)
#define INT64(name, column) FIELD_OF(FIELD_INT64, name, column)
#define DOUBLE(name, column) FIELD_OF(FIELD_DOUBLE, name, column)
#define DECIMAL(name, column) FIELD_OF(FIELD_DECIMAL, name, column)
#define STRING(name, column, longest) FIELD_OF(FIELD_STRING, name, column), .max = (longest)
#define UUID(name, column) FIELD_OF(FIELD_UUID, name, column)
#define DATETIME(name, column) FIELD_OF(FIELD_DATETIME, name, column)
#define DATE(name, column) FIELD_OF(FIELD_DATE, name, column)
#define ENUM(name, column, words) FIELD_OF(FIELD_ENUM, name, column), .enumeration = (words)
#define CODE(name, column, words) FIELD_OF(FIELD_CODE, name, column), .enumeration = (words)
#define STRING_LIST(name, column, most_items) \
	FIELD_OF(FIELD_STRING_LIST, name, column), .max = (most_items)
#define INT32_LIST(name, column, most_items) \
	FIELD_OF(FIELD_INT32_LIST, name, column), .max = (most_items)
#define BINARY(name, column) FIELD_OF(FIELD_BINARY, name, column)
#define MAP(name, column) FIELD_OF(FIELD_MAP, name, column)
#define SCALAR(name, column) FIELD_OF(FIELD_SCALAR, name, column)
#define STRING_MAP(name, column) FIELD_OF(FIELD_STRING_MAP, name, column)
#define OBJECT(name, part) FIELD_OF(FIELD_OBJECT, name, NULL), .object = (part)
#define ONE(member, target_resource, local_member, foreign_member)                                \
	FIELD_OF(FIELD_ONE, member, NULL), .relation = &(const struct relation)                   \
	{                                                                                         \
		.target = (target_resource), .local = (local_member), .foreign = (foreign_member) \
	}
#define MANY(member, target_resource, local_member, foreign_member)                               \
	FIELD_OF(FIELD_MANY, member, NULL), .relation = &(const struct relation)                  \
	{                                                                                         \
		.target = (target_resource), .local = (local_member), .foreign = (foreign_member) \
	}

/* How a printed value must be written. */
enum lexical {
	LEXICAL_LITERAL, /* a bare JSON token: number, true, false */
	LEXICAL_QUOTED,  /* quoted in JSON, no character needs escaping */
	LEXICAL_TEXT,    /* free text: value.text as it stands, escaped by the writer */
	LEXICAL_JSON,    /* value.text holds JSON (lists and maps) */
	LEXICAL_NESTED,  /* objects and relations: codec/row writes them member by member */
};

/* Whether values are texts that people read and search. */
enum text_kind {
	TEXT_NONE,
	TEXT_WORDS, /* one of a few */
	TEXT_FREE,  /* any, up to a length */
};

/* What the row of a field must have when it is of the type, and else must not. */
enum type_need {
	TYPE_NEEDS_MAXIMUM = 1u << 0, /* others may have one */
	TYPE_NEEDS_WORDS = 1u << 1,
	TYPE_NEEDS_PART = 1u << 2,
	TYPE_NEEDS_RELATION = 1u << 3,
	TYPE_NEEDS_HIDING = 1u << 4, /* others may be hidden */
};

#define TYPE_NEEDS_FLAGS(op)                                                                 \
	(TYPE_NEEDS_MAXIMUM op TYPE_NEEDS_WORDS op TYPE_NEEDS_PART op TYPE_NEEDS_RELATION op \
		TYPE_NEEDS_HIDING)
ASSERT_FLAGS_DISTINCT(TYPE_NEEDS_FLAGS);

/* Literals of filters. */
enum literal {
	LITERAL_TEXT = 1u << 0,
	LITERAL_NUMBER = 1u << 1,
	LITERAL_BOOLEAN = 1u << 2,
	LITERAL_TIME = 1u << 3, /* DateTime(…) */
};

#define LITERAL_FLAGS(op) (LITERAL_TEXT op LITERAL_NUMBER op LITERAL_BOOLEAN op LITERAL_TIME)
ASSERT_FLAGS_DISTINCT(LITERAL_FLAGS);

/* What printing depends on besides the value. */
struct print_style {
	enum timestamp_style time;
	bool date_as_time; /* dates as a full local time with offset */
	bool enum_as_name;
};

/* Everything that differs between types: one row per type, in types_*.c. */
struct field_type_info {
	const char *name; /* "int32" */
	bool value_type;  /* a type that is never null in the original frameworks */
	enum value_kind holds;
	enum text_kind text;
	uint32_t needs; /* enum type_need */
	enum lexical lexical;

	/* The database */
	enum bind_kind bind;
	const char *sql_types; /* information_schema DATA_TYPEs that fit, blank-separated */
	const char *sql_value; /* a bound value in a comparison; NULL = "?" */

	/* The document */
	const char *openapi_type;         /* "integer" */
	const char *openapi_format;       /* "int32", or NULL */
	const char *openapi_local_format; /* where times have no offset; NULL = the same */
	const char *openapi_values;       /* of a map: the type of those that may be sent */
	bool openapi_stored_any;          /* older programs have stored others, too */
	const char *example;              /* JSON text */
	const struct value *sample; /* what the example is printed from, by the family's style */
	const struct field_type_info *items; /* type of a list's items, or NULL */

	/* XML: element of an item of a list, or an entry of a map; NULL = no elements inside. */
	const char *xml_item;
	bool has_text_values; /* values of a map are texts: XML does not tell their types */

	/* Filters and orders */
	uint32_t literals;        /* enum literal: what it is compared with; 0 = with nothing */
	const char *literal_name; /* "text in quotes"; NULL = its name and example */
	bool literal_reason;      /* parse's reason tells more of a bad literal than these */
	bool is_ordered;          /* < and > mean something */

	/*
	 * Turns a scalar (or list, map) of a body into a value. On a wrong type, form or range
	 * returns false with `*reason` set to what was expected ("an integer", …) or to NULL for
	 * the general sentence.
	 */
	bool (*parse)(struct arena *arena, const struct field *field, enum body_format format,
	    const struct node *node, struct value *value, const char **reason);

	/* The same for a literal of a filter, where it differs: NULL = parse. */
	bool (*parse_literal)(struct arena *arena, const struct field *field,
	    enum body_format format, const struct node *node, struct value *value,
	    const char **reason);

	/* Whether what was sent is 0, the identifier of zeroes, or the first moment that there is.
	 * NULL = there is none. */
	bool (*is_zero)(const struct node *node);
	bool zero_is_unset; /* nobody means it: it stands for null */

	/* Appends the text of a value that is not null; NULL where value.text is the text. */
	void (*print)(struct buf *out, const struct field *field, const struct value *value,
	    const struct print_style *style);

	/* Order of two values that are not null: <0, 0, >0. NULL where there is none. */
	int (*compare)(const struct value *a, const struct value *b);

	/* A key for a new row. NULL = the database or a rule makes it. */
	struct value (*make)(void);
};

extern const struct field_type_info *const field_types[FIELD_TYPE__MAX];

/* The row of a type. */
static inline const struct field_type_info *field_type_info(enum field_type type)
{
	return field_types[type];
}

/* Whether any text is a value of the field, up to a length. */
static inline bool field_is_free_text(const struct field *field)
{
	return field_type_info(field->type)->text == TEXT_FREE;
}

/* Which member of the field's values counts. */
static inline enum value_kind field_holds(const struct field *field)
{
	return field_type_info(field->type)->holds;
}

/*
 * Whether values may be too large for a list: contents, pictures, documents. Lists leave such
 * values out, and the others in.
 */
static inline bool field_is_large(const struct field *field)
{
	return field_is_free_text(field) && field->max > FIELD_LISTED_MAX &&
	       !(field->flags & FIELD_MASKED);
}

/* Name of an enumerator, NULL when the number is none of them. */
const char *enumeration_name(const struct enumeration *enumeration, int64_t number);

/* Looks a word up, ASCII letters folded. NULL when it is none of them. */
const struct enumerator *enumeration_find(const struct enumeration *enumeration, struct str name);

#endif
