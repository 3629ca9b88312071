/*
 * One request being carried out: what handlers, generic or not, work with.
 */
#ifndef CLIENTELE_OP_OPERATION_H
#define CLIENTELE_OP_OPERATION_H

#include "auth/last_used.h"
#include "auth/secret.h"
#include "op/envelope.h"
#include "op/probe.h"
#include "record/record.h"

/* The parameter of a change that is tried only: operation_is_trial(). */
#define OP_PARAMETER_DRY_RUN_NAME "dryRun"
#define OP_PARAMETER_DRY_RUN                                                         \
	{                                                                            \
		.name = OP_PARAMETER_DRY_RUN_NAME, .kind = PARAMETER_BOOLEAN,        \
		.doc = "Answer as the request would be answered, and store nothing." \
	}

struct operation {
	struct context context; /* what the rows are read and changed with */
	struct last_used *uses;
	const struct route *route;
	const struct contract *contract;
	const struct request *request;
	struct response *response;
	struct answer answer;
	struct str captures[CAPTURES_MAX];
	struct parameters parameters;
	struct body body;
	const struct probe *probe; /* for the operational endpoints */
	struct rate_state rate;    /* of the caller's key; limit 0 = none */
	bool whole_lists;          /* all rows in every format, unless a page is asked for */
	int64_t listed;            /* rows of a list that were written so far */
	/* Members that the caller of a write has brought; NULL = none, or unknown. */
	const struct row *sent;
};

/* Whether the family's dialect has the word. */
static inline bool operation_speaks(const struct operation *operation, enum dialect_word word)
{
	return family_speaks(&operation->contract->family, operation->context.settings, word);
}

/* Reads the parameters that the route has. Errors as parameters_read(). */
int operation_read_parameters(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * Reads the body into a tree, where the route has one. ERROR_TOO_LARGE, ERROR_MALFORMED,
 * ERROR_MEDIA_TYPE; a missing one is no error here.
 */
int operation_read_body(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * Rules and database name members as the row does; callers know them by the whole body. Gives the
 * faults that were added since `last` (NULL = all) the paths in the route's body.
 */
void operation_name_faults(
    const struct operation *operation, const struct fault *last, struct error *error);

/*
 * Reads the body, or the member of it that the route names, as one row of the route's body
 * resource. A missing body is an error. The names of the faults are those of the resource.
 */
int operation_read_row(struct operation *operation, enum row_read_mode mode, struct row **row,
    struct error *error) MUST_CHECK;

/* Reads the body as a list of rows of the route's body resource. */
int operation_read_list(struct operation *operation, enum row_read_mode mode, struct row_list *rows,
    struct error *error) MUST_CHECK;

/*
 * The items of a body that is a list, in order, to be read each by itself. Elements of XML that are
 * called otherwise than the body resource's type are faults: none is lost unseen.
 */
int operation_read_items(struct operation *operation, const struct node ***items, unsigned *count,
    struct error *error) MUST_CHECK;

/* Reads one of them; its faults name the row's members. Errors as operation_read_row(). */
int operation_read_item(struct operation *operation, enum row_read_mode mode,
    const struct node *item, struct row **row, struct error *error) MUST_CHECK;

/*
 * Turns the path's captures into a row with the members that the route's keys name. Text that
 * cannot be such a member: ERROR_NOT_FOUND for text keys, ERROR_INVALID with the capture named for
 * others. With ROUTE_KEY_IN_BODY, the rest of the resource's key comes from the body, where it is
 * required.
 */
int operation_read_keys(
    struct operation *operation, struct row **keys, struct error *error) MUST_CHECK;

/* What the route answers with: the resource's default members and those that the route includes. */
uint64_t operation_mask(const struct operation *operation);

/*
 * record_transaction() of a request: before each run, operation and response are what they were,
 * too; what `data` points at is not, so that `work` leaves alone what it has read from there. It
 * answers, too, or reads what the answer is made of: after COMMIT nothing may fail.
 */
int operation_transaction(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/*
 * Whether the request asks what would come of it: operation_transaction() is then record_trial(),
 * and its answer is the one that the request would get.
 */
bool operation_is_trial(const struct operation *operation);

/* The same of work that may be done twice: record_transaction_once(). */
int operation_transaction_once(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/* The same of work that only reads, all of it from one state: record_snapshot(). */
int operation_snapshot(struct operation *operation,
    int (*work)(struct operation *operation, void *data, struct error *error), void *data,
    struct error *error) MUST_CHECK;

/*
 * Answers with one row (under its entity tag where the route has one; 304 when the caller has it),
 * a list, a bare number, a null row, or nothing (status only). Who may write the row but not read
 * it is shown its key, what operation.sent brought and what is shown once, and no tag.
 */
void operation_answer_row(struct operation *operation, const struct row *row);

/*
 * The same of a row that was read with operation_state(), of which `shown` is answered (NULL =
 * operation_mask()): its tag is that of the row, whatever is shown.
 */
void operation_answer_item(
    struct operation *operation, const struct row *row, const struct row *shown);

/*
 * Members that an entity tag of the route is made of: all that an ordinary answer shows, and the
 * lists that are written with the row. 0 = it has none.
 */
uint64_t operation_state(const struct route *route);

void operation_answer_integer(struct operation *operation, int64_t value);

/* Answers with a text, in families whose envelope has a member for what is answered. */
void operation_answer_text(struct operation *operation, struct str text);

void operation_answer_null(
    struct operation *operation); /* a row that is not there is no error here */
void operation_answer_nothing(struct operation *operation, int status);

/*
 * Answers with a file under an entity tag of its own, with 304 where the caller has it already.
 * `media` is the whole content type; a file with a name is one to be kept, one without (empty) to
 * be shown.
 */
void operation_answer_file(
    struct operation *operation, const char *media, struct str name, struct str content);

/*
 * What the caller is shown of a row that was stored: all of it, or who may write it but not read
 * it, its key, what `sent` brought and what is shown once. NULL when memory is out.
 */
const struct row *operation_shown(
    struct operation *operation, const struct row *stored, const struct row *sent);

/* Answers a write with the family's envelope and what the route shows of the stored row; the same
 * rule. */
void operation_answer_change(struct operation *operation, const struct row *stored);

/*
 * Answers with the members of a row beside those of the family's envelope; in formats of rows alone
 * with what the route lists (route.list_member).
 */
void operation_answer_members(struct operation *operation, const struct row *row);

/* Status of a success of the route. */
int operation_success_status(const struct operation *operation);

/* --- answer_list.c --- */

/*
 * Whether the list is answered in a format of rows alone (CSV, JSON Lines): these are counted only
 * where the caller asks for that, and what envelopes say of a list stands in headers.
 */
bool operation_lists_rows_only(const struct operation *operation);

/* Whether the list is of all rows, unless the caller asks for a page: rows alone always are. */
bool operation_lists_whole(const struct operation *operation);

/*
 * Answers with a list, of which operation_write_rows() writes rows between these. `selection` is
 * what they were read by; answer.list (NULL = nothing) is what the envelope says.
 */
void operation_begin_list(
    struct operation *operation, const struct selection *selection, struct writer *writer);
void operation_write_rows(struct operation *operation, struct writer *writer,
    const struct resource *resource, struct row *const *rows, unsigned count);
void operation_end_list(struct operation *operation, struct writer *writer);

/* Adds a Location header: the path of the request with `id` as a further segment. */
void operation_location(struct operation *operation, struct str id);

/*
 * Whether the request goes on: without If-Match always. ERROR_STALE for callers who may not read
 * the route's rows, and so have no tag of them.
 */
int operation_check_tag(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * For record.h: asks that the row is still what the caller has seen, where the request has
 * If-Match. ERROR_STALE when it is not.
 */
void operation_expect_tag(struct operation *operation, struct record_change *change);

#endif
