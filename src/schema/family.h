/*
 * Families: the habits of each contract in naming, XML, dates and errors. All of these are data;
 * code that depends on a family reads them. What a contract does stands in op/contract.h.
 */
#ifndef CLIENTELE_SCHEMA_FAMILY_H
#define CLIENTELE_SCHEMA_FAMILY_H

#include "base/catalogue.h"
#include "base/settings.h"
#include "schema/resource.h"

enum xml_style {
	XML_DATA_CONTRACT, /* xmlns:i and a namespace on the root, nulls as i:nil, typed
			      dictionaries */
	XML_SERIALIZER,    /* xmlns:xsd and xmlns:xsi on the root, null members left out */
};

/*
 * How a key or token may come besides a header. What is not written out is not looked at, so that
 * no family takes credentials from where they are easily left behind.
 */
#define CREDENTIAL_FLAGS(op) (CREDENTIAL_PARAMETER op CREDENTIAL_SIGNATURE)

enum credential_way {
	CREDENTIAL_PARAMETER = 1u << 0, /* in the query: CREDENTIAL_PARAMETER_NAME */
	CREDENTIAL_SIGNATURE = 1u << 1, /* Hawk, as an option says */
};

ASSERT_FLAGS_DISTINCT(CREDENTIAL_FLAGS);

#define CREDENTIAL_PARAMETER_NAME "apiKey"

/* Names of the parts of an error body. */
struct error_shape {
	const char *xml_root; /* "Error" */
	const char *message;  /* "Message" */
	const char *faults;   /* "ModelState" */
	bool fault_prefix;    /* fault paths begin with the route's body name: "dto.ClientCode" */
	const char *invalid;  /* message of a body with faults; NULL = the general one */
};

struct family {
	const char *name;      /* "discovery" */
	const char *title;     /* for the documentation */
	const char *prefix;    /* paths below it that match no route get this family's errors */
	bool without_database; /* works while the database is away, or has not the schema */
	bool beyond_prefix;    /* some of its paths are not below it: others set them */
	size_t dialect; /* offset of its option in struct settings; 0 = it has none: FAMILY_DIALECT
			 */
	const char *doc;
	bool by_area; /* so large that its documentation has a chapter for each area */

	/* XML */
	enum xml_style xml_style;
	const char *xml_namespace; /* NULL = none */
	bool xml_pascal_case;      /* first letter of every member upper case */
	bool xml_sorted;           /* members in byte order of their names, else as declared */

	/* Values */
	enum timestamp_style json_time, xml_time;
	bool xml_date_as_time; /* date-only members as full times in XML */

	/* Requests */
	bool strict_parameters; /* unknown or repeated query parameters are errors, unless the
				   dialect skips them */
	uint32_t credentials;   /* further ways to bring a key: enum credential_way */

	bool logged; /* changes of rows are shown to callers as a log: record/audit.h */

	/* Answers */
	bool json_only;      /* whatever Accept says */
	bool change_answers; /* writes answer with the envelope alone, see route.id_member */
	int insert_status;   /* of a generic insert: 200 or 201 */
	int delete_status;   /* of a generic delete: 200 or 204 */

	/* Errors */
	struct error_shape error;
	/* Its messages as the original words them, for DIALECT_ORIGINAL_TEXTS; NULL = none. */
	const struct catalogue *originals;
	bool english_only; /* whoever asks: for programs alone, or in ASCII by its standard */
	const struct resource
	    *error_body; /* of a contract that writes its own; NULL = by the shape */

	/* All of the family, for checks and documentation. */
	const struct resource *const *resources;
	unsigned resource_count;
	/* What rules and operations look up or write, and no route shows. */
	const struct resource *const *views;
	unsigned view_count;
};

#define FAMILY_DIALECT(option) .dialect = offsetof(struct settings, dialect_##option)

/* Whether the operator has chosen a word of the family's dialect. */
static inline bool family_speaks(
    const struct family *family, const struct settings *settings, enum dialect_word word)
{
	const void *place = (const char *)settings + family->dialect;

	return family->dialect != 0 && (*(const int64_t *)place & word) != 0;
}

#endif
