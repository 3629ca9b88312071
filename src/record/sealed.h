/*
 * Encrypted members (FIELD_ENCRYPTED) in the database. A value is sealed for its table, its column
 * and the key of its row, so it is stored when the row has its key: sql_insert() and sql_update()
 * know nothing of it, and no value can be stored in clear.
 */
#ifndef CLIENTELE_RECORD_SEALED_H
#define CLIENTELE_RECORD_SEALED_H

#include "record/context.h"

/* Mask of the encrypted members of a resource. */
uint64_t sealed_members(const struct resource *resource);

/*
 * Seals and stores the encrypted members that are present in `row`, of the row that `key` names.
 * Must run in the transaction that stores the row. ERROR_UNAVAILABLE when the key file has not the
 * key of the database.
 */
int sealed_write(struct context *context, const struct row *row, const struct row *key,
    struct error *error) MUST_CHECK;

/*
 * Opens a value of an encrypted member as it stands in the database, of the row with that key, into
 * the arena: for what uses it, never for an answer. ERROR_UNAVAILABLE when it does not open.
 */
int sealed_open(const struct settings *settings, struct arena *arena,
    const struct resource *resource, unsigned field, const struct value *key, struct str sealed,
    struct str *plain, struct error *error) MUST_CHECK;

/* --- all values of one member, for commands --- */

/* What such a command works with. */
struct sealed_work {
	const struct settings *settings;
	struct database *database;
	struct arena *arena; /* for this alone: emptied again and again */
	const struct resource *resource;
	unsigned field;
	/* Told about a value that cannot be opened; the text is a sentence's end. May be NULL. */
	void (*lost)(
	    void *context, const struct sealed_work *work, struct str key, const char *reason);
	void *context;
	int64_t done, failed; /* counted up */
};

/*
 * Seals what stands in clear in the former column. Can be stopped anywhere and run again. Returns
 * 0, or -1 with an error.
 */
int sealed_convert(struct sealed_work *work, struct error *error) MUST_CHECK;

/* How many values that would seal. -1 with an error. */
int64_t sealed_count_clear(struct sealed_work *work, struct error *error);

/*
 * Seals anew, under the active key, what is sealed under another. Values that cannot be opened stay
 * as they are and are counted as failed. Can be stopped anywhere and run again.
 */
int sealed_renew(struct sealed_work *work, struct error *error) MUST_CHECK;

/* Opens every value, and counts those that open as done and the others as failed. */
int sealed_verify(struct sealed_work *work, struct error *error) MUST_CHECK;

/* Calls `each` for every key that values are sealed under. Returns 0, or -1 with an error. */
int sealed_count_by_key(struct sealed_work *work,
    void (*each)(void *context, const struct sealed_work *work, const char *id, int64_t count),
    struct error *error) MUST_CHECK;

/* Removes the values that are sealed under the key of that id; counts them as done. */
int sealed_forget(struct sealed_work *work, const char *id, struct error *error) MUST_CHECK;

#endif
