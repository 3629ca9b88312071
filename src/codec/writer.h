/*
 * One interface to write answers as a stream, no tree in between: documents in JSON or XML, and
 * lists of rows in CSV or JSON Lines, too. Names are the JSON names; the XML writer derives the
 * element name by its family's rule. Strings must be valid UTF-8; characters that XML cannot carry
 * are left out of it.
 */
#ifndef CLIENTELE_CODEC_WRITER_H
#define CLIENTELE_CODEC_WRITER_H

#include "schema/family.h"
#include "schema/node.h"

#define WRITER_DEPTH_MAX 64

/* Row of the table of formats. Nobody compares it: what differs stands in the row. */
enum media_format {
	MEDIA_JSON,
	MEDIA_JSON_SPARSE, /* without members that are 0, "", false or null */
	MEDIA_XML,
	MEDIA_CSV,
	MEDIA_CSV_KEPT, /* texts as they are, also those that a spreadsheet takes for formulas */
	MEDIA_JSON_LINES,
	MEDIA__MAX
};

/* White space between the values of JSON. */
enum writer_layout {
	WRITER_COMPACT,  /* none */
	WRITER_LINES,    /* each item of a root list on a line of its own */
	WRITER_INDENTED, /* each value, with tabs */
};

struct writer_scope {
	const char *prefix;    /* "ArrayOf" for root arrays, else "" */
	const char *name;      /* element name to close */
	const char *item_name; /* arrays: element name of the items */
	bool type_name;        /* the name is a type's: the family's name rule does not apply */
	bool is_array;
	const char
	    *separator;    /* JSON: between the items of an array, or the members of an object */
	bool is_sentences; /* XML: a text whose parts are written one after another */
	bool is_empty;     /* nothing written inside so far */
};

struct writer {
	const struct writer_format *format;
	const struct family *family; /* NULL: JSON of none */
	struct buf *out;
	struct print_style style;
	enum writer_layout layout; /* set before the first call */
	/* XML: no namespaces on the root (error bodies); set before the first call. */
	bool plain_root;
	/*
	 * Names are callers' own, whatever the family's rule (keys of faults): XML writes what no
	 * element name can have as _xHHHH_.
	 */
	bool plain_names;
	const struct row *columns; /* of the list of rows that is open */
	unsigned depth;
	struct writer_scope scopes[WRITER_DEPTH_MAX];
};

/* Everything that differs between formats. The functions are those of the same names below. */
struct writer_format {
	const char *name; /* on the command line */
	char letter;      /* tells entity tags of this format from those of others */
	bool is_state;    /* a row alone is the text that its entity tags are made of */
	/* Further parameters of its media types, behind the charset; NULL = none. */
	const char *type_parameters;
	/* Members, their order, times and words are those that the family has in XML. */
	bool xml_habits;
	/*
	 * It holds the rows of one list and nothing around them: no envelope, no error. Everything
	 * else is written as JSON.
	 */
	bool rows_only;
	bool keeps_formulas; /* CSV: see MEDIA_CSV_KEPT */
	const struct writer_format
	    *whole; /* the same with members that are nothing; NULL = itself */

	void (*begin_object)(struct writer *writer, const char *name);
	void (*end_object)(struct writer *writer);
	void (*begin_array)(struct writer *writer, const char *name, const char *item_name);
	void (*end_array)(struct writer *writer);
	void (*begin_texts)(struct writer *writer, const char *name);
	void (*end_texts)(struct writer *writer);
	void (*null)(struct writer *writer, const char *name);
	void (*token)(struct writer *writer, const char *name, struct str text);
	void (*text)(struct writer *writer, const char *name, struct str text);
	/* Of a value that is null, and of one that is not. */
	void (*null_value)(struct writer *writer, const char *name, const struct field *field);
	void (*value)(struct writer *writer, const char *name, const struct field *field,
	    const struct value *value);
	void (*root_integer)(struct writer *writer, int64_t value);
	void (*root_null)(struct writer *writer, const char *type_name);

	/* Lists of rows; NULL = as an array of objects. */
	void (*begin_rows)(struct writer *writer, const struct row *columns);
	void (*rows)(struct writer *writer, const struct row *columns, struct row *const *rows,
	    unsigned count);
	void (*end_rows)(struct writer *writer);
};

extern const struct writer_format writer_format_json, writer_format_json_sparse, writer_format_xml,
    writer_format_csv, writer_format_csv_kept, writer_format_json_lines;

/* The row of a format. */
const struct writer_format *writer_format(enum media_format format);

/* The format that leaves out members that are nothing; the same where there is none. */
enum media_format writer_format_sparse(enum media_format format);

/* Whether members stand in byte order of their names, else as they are declared. */
bool writer_sorts(const struct writer *writer);

/* Looks a format up by its name, letters folded. False when there is none. */
bool writer_format_find(struct str name, enum media_format *format);

/* Starts a document into `out` (appended). Without a family (NULL) it is JSON, with times in UTC.
 */
void writer_init(
    struct writer *writer, enum media_format format, const struct family *family, struct buf *out);

/*
 * Begins an object: the root (name = the root's type name), a member (name), or an item of an array
 * (name NULL: the array's item name).
 */
void writer_object_begin(struct writer *writer, const char *name);
void writer_object_end(struct writer *writer);

/*
 * Begins an array. `item_name` is the element name of its items, as it shall appear in XML. For a
 * root array `name` is NULL and the element is called ArrayOf<item_name>.
 */
void writer_array_begin(struct writer *writer, const char *name, const char *item_name);
void writer_array_end(struct writer *writer);

/*
 * Begins the list of rows that the document is about: an array, or in formats of rows alone all
 * that there is. The members of `columns`, a row like those of the list (record_sample()), are the
 * columns of CSV. row_write_items() writes the rows.
 */
void writer_rows_begin(struct writer *writer, const char *name, const struct row *columns);
void writer_rows_end(struct writer *writer);

/*
 * Begins a member that is several sentences for people, each written by writer_text(): a list in
 * JSON; in XML one element, with a blank between them.
 */
void writer_texts_begin(struct writer *writer, const char *name);
void writer_texts_end(struct writer *writer);

/* One member or, with name NULL, one item or the root. */
void writer_null(struct writer *writer, const char *name);
void writer_boolean(struct writer *writer, const char *name, bool value);
void writer_integer(struct writer *writer, const char *name, int64_t value);
void writer_text(struct writer *writer, const char *name, struct str text);

/* A value of a scalar, list or map type, by the row of its type; of others only a null. */
static inline void writer_value(
    struct writer *writer, const char *name, const struct field *field, const struct value *value)
{
	if (value->null)
		writer->format->null_value(writer, name, field);
	else
		writer->format->value(writer, name, field, value);
}

/*
 * A value that is JSON text already: a bare token, which XML has as its text, or (JSON only) what
 * another writer has made.
 */
void writer_json(struct writer *writer, const char *name, struct str text);

/*
 * JSON only: a tree, as a member of that name, or as an item or the root, where the name does not
 * count. Its depth and the writer's are at most WRITER_DEPTH_MAX together.
 */
void writer_node(struct writer *writer, struct str name, const struct node *node);

/*
 * A bare root scalar or null: DataContract's <int xmlns="…">3</int>, or <Type i:nil="true" …/>;
 * JSON writes the plain token.
 */
void writer_root_integer(struct writer *writer, int64_t value);
void writer_root_null(struct writer *writer, const char *type_name);

#endif
