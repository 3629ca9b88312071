/*
 * Values and rows: what stands between bodies, rules and the database.
 */
#ifndef CLIENTELE_SCHEMA_VALUE_H
#define CLIENTELE_SCHEMA_VALUE_H

#include "base/uuid.h"

struct resource;
struct row;

/* Rows of a to-many relation, in order. */
struct row_list {
	struct row **rows;
	unsigned count;
};

/* Which member of a value counts. */
enum value_kind {
	VALUE_TEXT,
	VALUE_BOOLEAN,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_UUID,
	VALUE_ROW,
	VALUE_LIST,
};

/* One value; which member counts is told by the field's type (field_type_info.holds). */
struct value {
	bool null;
	union {
		bool boolean;
		int64_t integer; /* INT32, INT64, ENUM; timestamps and dates in microseconds */
		double real;
		struct str text; /* STRING, DECIMAL, CODE; LIST and MAP as JSON text */
		struct uuid uuid;
		struct row *row;      /* OBJECT and ONE */
		struct row_list list; /* MANY */
	};
};

/*
 * One row of a resource. values[i] belongs to resource->fields[i]; bit i of `present` tells whether
 * it was sent, or fetched.
 */
struct row {
	const struct resource *resource;
	uint64_t present;
	uint64_t left_out; /* has a value that is too large for where it is shown */
	bool narrowed; /* the caller chose the members: what is not present is left out, not null */
	struct value values[];
};

#endif
