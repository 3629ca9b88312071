/*
 * Rows to writers, bodies to rows, by the resource's table.
 */
#ifndef CLIENTELE_CODEC_ROW_H
#define CLIENTELE_CODEC_ROW_H

#include "codec/writer.h"
#include "schema/row.h"

/*
 * Writes a row as an object; `name` as for writer_object_begin(). Present members are written,
 * absent ones that the resource normally has are written as null (FIELD_OMIT_ABSENT: left out; so
 * are those in row.left_out, whose null would be a value).
 * Order and names by the family.
 */
void row_write(struct writer *writer, const char *name, const struct row *row);

/*
 * Whether a row's member is written at all: not what is hidden, left out, or not present where the
 * caller chose the members.
 */
bool row_shows(const struct writer *writer, const struct row *row, unsigned number);

/* Writes one member of a row into the object that is open; what is not shown is left out. */
void row_write_member(struct writer *writer, const struct row *row, unsigned number);

/* Writes rows as an array; name NULL for a root array. */
void row_write_list(struct writer *writer, const char *name, const struct resource *resource,
    struct row *const *rows, unsigned count);

/* Writes rows as the next items of an array, or of a list of rows, that is open. */
void row_write_items(struct writer *writer, const struct resource *resource,
    struct row *const *rows, unsigned count);

enum row_read_mode {
	ROW_READ_INSERT,  /* required members must be there */
	ROW_READ_BROUGHT, /* the same of a row from elsewhere: FIELD_CHOOSABLE counts, too */
	ROW_READ_UPDATE,  /* absent members keep their value */
};

/*
 * Reads an object node into a new row: names matched by the format's rule, unknown members skipped,
 * read-only ones ignored, every fault of every member added to `error` with its path (below `path`,
 * "" for the root). Checks types, ranges, lengths, required and null. Items of owned lists have
 * their shown key where the body gives one and the mode is ROW_READ_UPDATE. Returns 0 with *row
 * set, or -1.
 */
int row_read(struct arena *arena, const struct family *family, const struct resource *resource,
    enum row_read_mode mode, enum body_format format, const struct node *node, const char *path,
    struct row **row, struct error *error) MUST_CHECK;

/*
 * The same with those members alone, among them such as no caller may send (read-only or hidden):
 * for who runs a command, and has or makes the others.
 */
int row_read_members(struct arena *arena, const struct family *family,
    const struct resource *resource, enum row_read_mode mode, enum body_format format,
    const struct node *node, const char *path, uint64_t members, struct row **row,
    struct error *error) MUST_CHECK;

/*
 * Reads an array node (JSON or form array, XML children named as the resource's type) item by item;
 * paths are "[0].Name". A node that is no array is a fault.
 */
int row_read_list(struct arena *arena, const struct family *family, const struct resource *resource,
    enum row_read_mode mode, enum body_format format, const struct node *node, const char *path,
    struct row_list *rows, struct error *error) MUST_CHECK;

/*
 * The member of a body's object that has the JSON name `name`, by the rules of the format and the
 * family. NULL when it is not there.
 */
const struct node *row_find_member(struct arena *arena, const struct family *family,
    enum body_format format, const struct node *object, const char *name);

/*
 * Adds a fault for each member of a body's object that the resource does not have, with the nearest
 * one that can be sent; also in the parts and rows that belong to it.
 */
void row_check_names(struct arena *arena, const struct family *family,
    const struct resource *resource, enum body_format format, const struct node *object,
    const char *path, struct error *error);

#endif
