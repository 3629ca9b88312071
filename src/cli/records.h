/*
 * Rows that commands read and change, by the resources and rules that the API has: what is given on
 * a command line becomes a row as a body does, and faults are told in the words of the command
 * line.
 */
#ifndef CLIENTELE_CLI_RECORDS_H
#define CLIENTELE_CLI_RECORDS_H

#include "cli/session.h"
#include "codec/row.h"
#include "record/audit.h"
#include "record/record.h"

/*
 * The row whose members equal those present in `keys`, with the members of `mask`. Returns 1, 0
 * when there is none, -1 with session->error set.
 */
int records_fetch(struct session *session, const struct row *keys, uint64_t mask, struct row **row);

/* Rows that people name on a command line, by their key or by another member. */
struct records_kind {
	const struct resource *resource;
	const char *what; /* "user" */
	const char *list; /* command that lists them: "user list" */
	const char *name; /* member that names them; NULL = the key alone */
};

/*
 * Finds the row whose key `text` is, or else whose name it is, with the members of `mask`. False
 * after saying that there is none.
 */
bool records_find(struct session *session, const struct records_kind *kind, const char *text,
    uint64_t mask, struct row **row);

/* The same without a word. Returns 1, 0 when there is none, -1 with session->error set. */
int records_look_up(struct session *session, const struct records_kind *kind, const char *text,
    uint64_t mask, struct row **row);

extern const struct records_kind records_api_key, records_client, records_customer, records_group,
    records_user;

/* The same of a row whose key is a GUID, which *id is set to. */
bool records_find_id(
    struct session *session, const struct records_kind *kind, const char *text, struct uuid *id);

/*
 * Begins a change of a row that was found: its key, and a row without members to be filled with
 * what is changed. False after saying that memory runs out.
 */
bool records_begin_change(
    struct session *session, const struct row *found, struct record_change *change);

/*
 * What gives a member of a row its value. A text that is not given (NULL) leaves it as it is; with
 * a flag instead, each of its values is an item of a list. Rows without either tell how faults call
 * a member that the command sets by itself.
 */
struct records_input {
	const char *member;
	const char *label; /* "--email", or "name" of an operand */
	const char *text;
	const char *flag;
	bool secret; /* no fault repeats the text */
};

/* What a sentence about the input begins with: an option is called as it is. */
const char *records_article(const struct records_input *input);

/*
 * Makes a row of what is given, by the rules of its members and those between them. False after
 * saying everything that is wrong.
 */
bool records_read(struct session *session, const struct record *record, enum row_read_mode mode,
    const struct records_input *inputs, unsigned count, struct row **row);

/* What a text that is given for a member would be in a body of JSON. */
enum node_kind records_node_kind(const struct field *field, struct str text);

/*
 * What a fault says of its member, without naming it, in the arena: "must be a GUID". Sentences
 * that are about something else stay as they are, but for the full stop.
 */
const char *records_clause(struct arena *arena, const struct fault *fault);

/*
 * Gives that member of a row the moment to come that --expires says; none where it is not given.
 * False after saying why not.
 */
bool records_take_expiry(struct session *session, struct row *row, const char *member);

/*
 * Says what session->error holds, in the words of the inputs, a line for each fault. Returns
 * COMMAND_FAILED.
 */
enum command_status records_error(
    struct session *session, const struct records_input *inputs, unsigned count);

/*
 * Runs `work` in a transaction, as record_transaction() does, and carries out what it has revoked.
 * Returns 0, or -1 with session->error set.
 */
int records_transaction(struct session *session,
    int (*work)(struct context *context, void *data, struct error *error), void *data);

/*
 * Writes the entry of a change that is no row's, such as of the schema, in a transaction of its
 * own. Returns 0, or -1 with session->error set.
 */
int records_audit(struct session *session, const struct audit_event *event);

/*
 * One change with all its rules, in a transaction of its own. `change->keys` names a row that is
 * there, `change->sent` is what is given. Returns 0 with what comes out in `change`, or -1 with
 * session->error set.
 */
int records_insert(
    struct session *session, const struct record *record, struct record_change *change);
int records_update(
    struct session *session, const struct record *record, struct record_change *change);
int records_delete(
    struct session *session, const struct record *record, struct record_change *change);

#endif
