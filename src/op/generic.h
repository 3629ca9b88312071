/*
 * The generic operations: nine in ten routes are one of these and need no code of their own.
 */
#ifndef CLIENTELE_OP_GENERIC_H
#define CLIENTELE_OP_GENERIC_H

#include "op/operation.h"

/* Carries out a route: by its own handler, or the one of its shape. */
int op_run(struct operation *operation, struct error *error) MUST_CHECK;

/* Parameters `offset` and `count`, for routes whose lists are paged by them. */
extern const struct parameter op_page_parameters[2];

/* The same among others of a route. */
#define OP_PAGE_PARAMETERS                                                            \
	{ .name = "offset",                                                           \
		.kind = PARAMETER_INTEGER,                                            \
		.most = INT32_MAX,                                                    \
		.doc = "Number of rows to skip." },                                   \
	{                                                                             \
		.name = "count", .kind = PARAMETER_INTEGER, .least = 1, .most = 1000, \
		.page = true,                                                         \
		.doc = "Most rows to answer with; all of them where it is not sent.", \
		.example = "100"                                                      \
	}

/*
 * GET of a collection: the rows whose members equal the captures, in the resource's order: a page
 * where the caller asks for one by `count`, else all of them. These are read and answered piece by
 * piece, in bounded memory, each row that is there all the time once. A fault behind the first
 * piece breaks the answer off.
 */
int op_list(struct operation *operation, struct error *error) MUST_CHECK;

/* Parameter `dryRun`, for routes that insert or change one row. */
extern const struct parameter op_change_parameters[1];

/* Parameters `select` and `include`, for routes of one row. */
extern const struct parameter op_item_parameters[2];

/*
 * GET of one row: the one whose members equal the captures and that route->narrow allows.
 * ERROR_NOT_FOUND when there is none; ERROR_INVALID for what is wrong with `select` or `include`.
 */
int op_get(struct operation *operation, struct error *error) MUST_CHECK;

/*
 * Whether the row exists whose list is asked for: that of the route's parent, else of the
 * resource's. ERROR_NOT_FOUND when it does not, or the caller may see others only; nothing to do
 * where there is no parent, or one that the caller may not see.
 */
int op_check_parent(
    struct operation *operation, const struct row *keys, struct error *error) MUST_CHECK;

/*
 * Refines the error of a row that could not be stored: what the path names and is not there is not
 * found, while the same in a body is a fault of the body. To be called before another statement.
 * Returns -1.
 */
int op_refine_missing(
    const struct operation *operation, const struct row *keys, struct error *error);

#endif
