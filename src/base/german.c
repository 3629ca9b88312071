/*
 * German. Fields, parameters, words and options keep their names, which programs know; whoever
 * reads is not addressed, so that a sentence suits an administrator and a customer alike.
 */
#include "base/catalogue.h"

static const struct catalogue_part *const parts[] = { &german_request, &german_body, &german_query,
	&german_licenses, &german_records, &german_names };

const struct catalogue catalogue_german = {
	.parts = parts,
	.part_count = sizeof(parts) / sizeof(parts[0]),
};
