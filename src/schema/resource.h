/*
 * Resources: a table of the database as callers see it. All that is generic (SQL, bodies, rules,
 * documentation) comes from these tables and nowhere else.
 */
#ifndef CLIENTELE_SCHEMA_RESOURCE_H
#define CLIENTELE_SCHEMA_RESOURCE_H

#include "schema/access.h"
#include "schema/field.h"

#define RESOURCE_FIELDS_MAX 64

/* One member that rows are ordered by; hidden ones will do. */
struct order {
	const char *member;
	bool descending;
};

/* A unique key of the table, and the member that a violation is reported for. */
struct unique_key {
	const char *index; /* name in the database */
	const char *member;
	const char *word;    /* stable error word; NULL = "DUPLICATE" */
	const char *message; /* sentence; NULL = the general one */
	bool alone;          /* no other column is in it: the member tells rows apart */
	const char *within;  /* the only other member in it: tells rows of the same one apart */
};

#define INDEX_COLUMNS_MAX 4

/*
 * An index of the table, which lists can follow (db/query_bounds.h). A primary key of one column
 * and unique keys that are `alone` are known without one.
 */
struct table_index {
	const char *name;                           /* in the database */
	const char *columns[INDEX_COLUMNS_MAX + 1]; /* in its order; ended by NULL */
	bool broad;   /* a value of its first column may be that of any number of rows */
	bool partial; /* of beginnings of values: no order follows it */
};

/* A row of another table that this one needs, and the member that names it. */
struct reference {
	const char *constraint; /* name of the foreign key in the database */
	const char *member;
	const struct resource *target; /* whose key the member holds */
	const char *word;              /* stable error word; NULL = by code */
	const char *message;           /* sentence */
};

/* A table that refers to this one without cascading, and how it is called in the answer. */
struct dependant {
	const char *constraint; /* name of the foreign key in the database */
	const char *name;       /* plural, for "still used by …" */
	enum area area;         /* who may not read there is not told the name */
};

/* Rows of a counted table that the database deletes together with their parent. */
struct cascade {
	const struct resource *child;
	const char *member; /* of the child, that names the parent's key */
};

/*
 * Numbers of rows by hour and by day, level and area, that are kept in a table of their own
 * (record/tally.h), whose columns are hours, time_stamp, level, area and entries.
 */
struct tally {
	const char *table;
	const char *moment; /* column of the counted table: the hour of a row */
	/* SQL of what rows are counted by; null is '' in the numbers. */
	const char *level;
	const char *area;
};

/* How a text is looked for in a member. */
enum search_way {
	SEARCH_WHOLE, /* the value is the text */
	SEARCH_BEGIN, /* it begins with the text */
	/* It is the SHA-256 of the text: a key, which is found as a whole and never shown. */
	SEARCH_DIGEST,
	SEARCH_PART, /* it has the text somewhere: of resources with `few` rows */
};

struct search_member {
	const char *member;
	enum search_way way;
	const char
	    *told; /* the answer's name of a member that callers do not see; NULL = its own */
};

#define SEARCH_TEXTS_MAX 3

/*
 * What finds rows of the resource in a search over everything, and how they are shown. Each member
 * that is searched is the first of an index, so that nothing is read but what is found.
 */
struct resource_search {
	const char *name; /* what hits are called: "apiKey" */
	const struct search_member *members;
	unsigned member_count;
	const char *titles[SEARCH_TEXTS_MAX + 1];  /* the first that is filled; ended by NULL */
	const char *details[SEARCH_TEXTS_MAX + 1]; /* all that are filled */
	const char *owner; /* member that names the row it is a part of; NULL = it is none */
	bool few;          /* a rule bounds how many rows there are */
};

#define SEARCH_MEMBERS(array) .members = (array), .member_count = COUNT_OF(array)

struct resource {
	const char *name; /* one of them, lower case: "group" */
	/*
	 * The same as one word, which no other resource has, for names of operations and the like:
	 * "apiKey". NULL = made of `name`.
	 */
	const char *word;
	/*
	 * What the audit log calls one, where `name` is that of another table's rows, too:
	 * AUDITED_AS, with today's name and then those of older entries, which stay as they are.
	 * NULL = `name`.
	 */
	const char *const *audited_as;
	/* What the documentation puts its operations under where it is not their area's title. */
	const char *chapter;
	const char *type_name; /* XML element and schema name: "DTOClientGroup" */
	/* What it is about: who may read there sees its rows (schema/sight.h). Parts have their
	 * owner's. */
	enum area area;
	const char
	    *plural; /* member name of a list in an envelope: "licenses"; NULL where none is */
	const char *table; /* written table; NULL for parts and bodies that are not stored */
	/* SQL below writes {} where the alias of the resource's own table goes. */
	const char *from; /* FROM clause with joins, "… {} JOIN …"; NULL = the table alone */
	/* Column with the moment of a deletion, where deleted rows stay; NULL = they go. */
	const char *deleted_column;
	const char *condition; /* SQL that always holds ("{}.deleted_at IS NULL"), or NULL */
	/*
	 * Default order of lists, ended by a row without a member; NULL = by the key. The key
	 * follows by itself where rows may be alike in all of it (schema/order.h).
	 */
	const struct order *order_by;
	const struct field *fields;
	unsigned field_count;
	const struct unique_key *uniques;
	unsigned unique_count;
	const struct table_index *indexes;
	unsigned index_count;
	const struct reference *references;
	unsigned reference_count;
	const struct dependant *dependants;
	unsigned dependant_count;
	const struct relation
	    *parent; /* whose list this is: an unknown parent is "not found", not empty */
	bool mints;  /* a row of it lets somebody in: grant_confirm_caller() before it is written */
	/* Its rows are counted where they are inserted and deleted: record/row_count.h. */
	bool counted;
	/* Numbers of its rows, which are `counted`; NULL = none are kept. */
	const struct tally *tally;
	const struct cascade *cascades; /* counted rows that go with one of these */
	unsigned cascade_count;
	const char *total_name; /* member of a list's total; NULL = "total" + plural + "Count" */
	const char *count_name; /* member of a list that holds the number of its rows, or NULL */
	/* Who may have rows of its own here. */
	enum owner owner;
	/*
	 * SQL with a '?' for what that one is known by (principal_owner()), as often as it stands
	 * there: the rows that it sees. NULL = nobody's, or a page that is put together of others'.
	 */
	const char *owner_condition;
	/*
	 * The same of the rows that it may update, as they were, and insert, as they then are; and
	 * of those that it may delete. NULL = those that it sees. A row that it sees and may not
	 * change is ERROR_FORBIDDEN.
	 */
	const char *owner_changes, *owner_deletes;
	/*
	 * What it may do to own rows besides reading them: enum permission bits. Of an update and
	 * an insert, members with FIELD_OWNER_CHANGES alone are taken.
	 */
	uint32_t owner_may;
	/*
	 * Why changes of its rows leave no entry in the audit log (record/audit.h), such as "a
	 * heartbeat"; NULL = they leave one.
	 */
	const char *unaudited;
	/*
	 * Changes of its rows are events of that name, "license": license.created, license.updated,
	 * license.deleted (record/event.h); NULL = nobody is told.
	 */
	const char *event;
	/*
	 * Other events of that name, which operations put down: "renewed". Ended by NULL; NULL =
	 * there are none.
	 */
	const char *const *happenings;
	const struct resource_search
	    *search; /* NULL = a search over everything does not look here */
	const char *doc;
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ASCENDING(name)           \
	{                         \
		.member = (name), \
	}
#define DESCENDING(name)                              \
	{                                             \
		.member = (name), .descending = true, \
	}
/* .order_by, of ASCENDING("member") and DESCENDING("member"). */
#define ORDER_BY(...)                      \
	.order_by = (const struct order[]) \
	{                                  \
		__VA_ARGS__,               \
		{                          \
			NULL, false        \
		}                          \
	}
#define FIELDS(array) .fields = (array), .field_count = COUNT_OF(array)
#define UNIQUES(array) .uniques = (array), .unique_count = COUNT_OF(array)
#define INDEXES(array) .indexes = (array), .index_count = COUNT_OF(array)
#define REFERENCES(array) .references = (array), .reference_count = COUNT_OF(array)
#define CASCADES(array) .cascades = (array), .cascade_count = COUNT_OF(array)
#define DEPENDANTS(array) .dependants = (array), .dependant_count = COUNT_OF(array)
#define AUDITED_AS(...)                     \
	.audited_as = (const char *const[]) \
	{                                   \
		__VA_ARGS__, NULL           \
	}

/* Bit of a field number in row.present and in masks. */
#define FIELD_BIT(number) (UINT64_C(1) << (number))

/* What the audit log calls one of its rows: "API client". */
const char *resource_audit_name(const struct resource *resource);

/* Number of the field called `name` (exact), or -1. */
int resource_field(const struct resource *resource, const char *name);

/*
 * The same of a field that there is: one that a table or a rule of the program names. Another name
 * ends the program, before it reads behind the table.
 */
unsigned resource_member(const struct resource *resource, const char *name);

/* Number of the field called `name`, ASCII letters folded, for names that callers send; or -1. */
int resource_field_ignore_case(const struct resource *resource, struct str name);

/* Whether a member is stored in the column of that name of the resource's own table. */
bool resource_has_column(const struct resource *resource, const char *column);

/* Number of the first field that is a key; every stored resource has one. */
unsigned resource_key(const struct resource *resource);

/*
 * Resource whose key a member of another one's rows holds, as the tables' references, parent and
 * relations tell; NULL where they do not.
 */
const struct resource *resource_referred(
    const struct resource *resource, const struct field *field);

/* Mask of all fields that are keys. */
uint64_t resource_keys(const struct resource *resource);

/* ERROR_NOT_FOUND: there is no such row, or the caller may not see it. Returns -1. */
int resource_not_found(const struct resource *resource, struct error *error);

/* Index `number` of the table, the primary key first. False behind the last one; one without
 * columns is of no use for an order. */
bool resource_index(const struct resource *resource, unsigned number, struct table_index *known);

/* Mask of the fields that a plain read fetches: all but write-only, on-demand and unstored ones. */
uint64_t resource_default_mask(const struct resource *resource);

#endif
