/*
 * The list operation of the query language: filter, sort, select, include, paging and totals.
 */
#ifndef CLIENTELE_OP_QUERY_H
#define CLIENTELE_OP_QUERY_H

#include "op/operation.h"
#include "query/sample.h"

#define QUERY_TAKE_MOST 1000
#define QUERY_TAKE_DEFAULT 100

/*
 * Rows of the parameter table of every list that is queried; routes with parameters of their own
 * begin their table with them. A row may be left out where a list does not take it.
 */
#define OP_QUERY_PARAMETER_SELECT                                                                \
	{                                                                                        \
		.name = "select", .kind = PARAMETER_TEXT, .most = 4096,                          \
		.doc = "Members to answer with, comma-separated; the key is always among them.", \
		.sample = sample_select                                                          \
	}
#define OP_QUERY_PARAMETER_FILTER                                                    \
	{                                                                            \
		.name = "filter", .kind = PARAMETER_TEXT, .most = 65536,             \
		.doc = "Condition that the rows must meet.", .sample = sample_filter \
	}
#define OP_QUERY_PARAMETER_INCLUDE                                                   \
	{                                                                            \
		.name = "include", .kind = PARAMETER_TEXT, .most = 4096,             \
		.doc = "Relations to answer with, comma-separated; * is every one.", \
		.example = "*"                                                       \
	}
#define OP_QUERY_PARAMETER_SORT                                                       \
	{                                                                             \
		.name = "sort", .kind = PARAMETER_TEXT, .most = 4096,                 \
		.doc = "Members to sort by, comma-separated, each with asc or desc.", \
		.sample = sample_sort                                                 \
	}
#define OP_QUERY_PARAMETER_TAKE                                                                 \
	{                                                                                       \
		.name = "take", .kind = PARAMETER_INTEGER, .least = 0, .most = QUERY_TAKE_MOST, \
		.page = true, .fallback = QUERY_TAKE_DEFAULT,                                   \
		.doc = "Maximum number of rows in the answer; CSV and JSON Lines have all "     \
		       "rows by default."                                                       \
	}
#define OP_QUERY_PARAMETER_SKIP                                                           \
	{                                                                                 \
		.name = "skip", .kind = PARAMETER_INTEGER, .least = 0, .most = INT32_MAX, \
		.doc = "Number of rows to skip."                                          \
	}
#define OP_QUERY_PARAMETER_AFTER                                                          \
	{                                                                                 \
		.name = "after", .kind = PARAMETER_TEXT, .most = 4096,                    \
		.doc = "nextCursor of the page before; filter and sort must be the same." \
	}
#define OP_QUERY_PARAMETER_TOTAL                                                                \
	{                                                                                       \
		.name = "total", .kind = PARAMETER_TEXT, .most = 16,                            \
		.doc = "How to count all rows: exact, estimate or none; CSV and JSON Lines do " \
		       "not by default.",                                                       \
		.example = "estimate"                                                           \
	}
#define OP_QUERY_PARAMETERS                                                               \
	OP_QUERY_PARAMETER_SELECT, OP_QUERY_PARAMETER_FILTER, OP_QUERY_PARAMETER_INCLUDE, \
	    OP_QUERY_PARAMETER_SORT, OP_QUERY_PARAMETER_TAKE, OP_QUERY_PARAMETER_SKIP,    \
	    OP_QUERY_PARAMETER_AFTER, OP_QUERY_PARAMETER_TOTAL

extern const struct parameter op_query_parameters[8];

/*
 * GET of a collection: the rows whose members equal the captures, that route->narrow allows and
 * that the filter matches, one page of them, with their total. Where the route takes `countOnly`
 * and it is true, only the total. Errors: ERROR_INVALID with one fault for each parameter that is
 * wrong; ERROR_NOT_FOUND when what the captures name does not exist.
 */
int op_query(struct operation *operation, struct error *error) MUST_CHECK;

/* Name of the member that holds a list's total: "totalLicensesCount". NULL without a plural. */
const char *op_query_total_name(struct arena *arena, const struct resource *resource);

#endif
