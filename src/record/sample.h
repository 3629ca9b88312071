/*
 * What the rows of a list look like, also where there are none: the columns of a table.
 */
#ifndef CLIENTELE_RECORD_SAMPLE_H
#define CLIENTELE_RECORD_SAMPLE_H

#include "record/fetch.h"

/*
 * A row with all the members that record_load() gives rows of the selection: parts, and rows that
 * relations lead to, are there, lists are empty, everything else is null. NULL when the arena is
 * exhausted.
 */
struct row *record_sample(struct arena *arena, const struct selection *selection) MUST_CHECK;

#endif
