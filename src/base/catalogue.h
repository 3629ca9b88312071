/*
 * Catalogues of messages: tables alone, which base/language.h looks things up in.
 */
#ifndef CLIENTELE_BASE_CATALOGUE_H
#define CLIENTELE_BASE_CATALOGUE_H

#include "base/language.h"

#define CATALOGUE_PART(rows)                                             \
	{                                                                \
		.texts = (rows), .count = sizeof(rows) / sizeof(*(rows)) \
	}

extern const struct catalogue_part german_body, german_licenses, german_names, german_query,
    german_records, german_request;

extern const struct catalogue catalogue_german, catalogue_original_core, catalogue_original_hosting,
    catalogue_original_web_api;

#endif
