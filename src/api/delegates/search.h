/*
 * The search of the lists: words that must each be found in a column.
 */
#ifndef CLIENTELE_API_DELEGATES_SEARCH_H
#define CLIENTELE_API_DELEGATES_SEARCH_H

#include "op/operation.h"

#define SEARCH_TERM "searchTerm"
#define SEARCH_TERM_LONGEST 255
#define SEARCH_PARAMETER                                                                  \
	{                                                                                 \
		.name = SEARCH_TERM, .kind = PARAMETER_TEXT, .most = SEARCH_TERM_LONGEST, \
		.heavy = true, .doc = "Words that must each be found in a column.",       \
		.example = "Ada"                                                          \
	}

/* A column that a search may look at. */
struct search_column {
	const char *name;      /* as callers name it */
	const char *condition; /* SQL with one '?' for a pattern */
	bool by_default;
};

/*
 * Adds what the parameter SEARCH_TERM asks for; bit i of `chosen` = columns[i] is looked at.
 * ERROR_INVALID with a fault where there are too many words.
 */
int search_where(struct operation *operation, struct sql *sql, const struct search_column *columns,
    unsigned count, uint32_t chosen, struct error *error) MUST_CHECK;

#endif
