/*
 * Families: the five contracts, each with its own habits of naming, XML, dates, envelopes and
 * errors. All of these are data here; code that depends on a family reads them.
 */
#ifndef CLIENTELE_SCHEMA_FAMILY_H
#define CLIENTELE_SCHEMA_FAMILY_H

#include "schema/resource.h"

struct writer;
struct answer;
struct route;

enum xml_style {
	XML_DATA_CONTRACT, /* xmlns:i and a namespace on the root, nulls as i:nil, typed
			      dictionaries */
	XML_SERIALIZER,    /* xmlns:xsd and xmlns:xsi on the root, null members left out */
};

/* Names of the parts of an error body. */
struct error_shape {
	const char *xml_root; /* "Error" */
	const char *message;  /* "Message" */
	const char *faults;   /* "ModelState" */
	bool fault_prefix;    /* fault paths begin with the route's body name: "dto.ClientCode" */
	const char *invalid;  /* message of a body with faults; NULL = the general one */
};

struct family {
	const char *name;   /* "discovery" */
	const char *title;  /* for the documentation */
	const char *prefix; /* paths below it that match no route get this family's errors */
	bool beyond_prefix; /* some of its paths are not below it: standards set them */
	const char *doc;

	/* XML */
	enum xml_style xml_style;
	const char *xml_namespace; /* NULL = none */
	bool xml_pascal_case;      /* first letter of every member upper case */
	bool xml_sorted;           /* members in byte order of their names, else as declared */

	/* Values */
	enum timestamp_style json_time, xml_time;
	bool xml_date_as_time; /* date-only members as full times in XML */

	/* Requests */
	bool strict_parameters; /* unknown or repeated query parameters are errors */
	bool key_parameter;     /* ?apiKey= is a credential */
	bool signed_requests;   /* Hawk, as an option says */

	bool audited; /* changes of rows are logged in their transaction: op/audit.h */

	/* Answers */
	bool json_only;      /* whatever Accept says */
	bool accept_only;    /* XML is asked for by Accept: a body in XML alone asks for nothing */
	bool change_answers; /* writes answer with the envelope alone, see route.id_member */
	int insert_status;   /* of a generic insert: 200 or 201 */
	int delete_status;   /* of a generic delete: 200 or 204 */

	/*
	 * Called around the payload of a success (NULL = bare). `begin` opens what stands before
	 * the payload and returns the payload's member name; `end` closes it.
	 */
	const char *(*begin_answer)(struct writer *writer, const struct answer *answer);
	void (*end_answer)(struct writer *writer, const struct answer *answer);

	/* Writes a whole error body; NULL = the error shape below. */
	void (*write_error)(
	    struct writer *writer, const struct answer *answer, const struct error *error);
	struct error_shape error;

	/*
	 * For the documentation: the body of the route's success as a resource whose fields are
	 * the members that `begin_answer` and `end_answer` put together, the payload's among them.
	 * Made in the arena, or a table. NULL (either) = the payload alone.
	 */
	const struct resource *(*describe_answer)(struct arena *arena, const struct route *route);
	const struct resource *error_body; /* what `write_error` writes; NULL = by the shape */

	const struct resource *const
	    *resources; /* all of the family, for checks and documentation */
	unsigned resource_count;
	const struct route *routes;
	unsigned route_count;
};

#endif
