/*
 * Routes: one row per method and path. What differs between operations stands here.
 */
#ifndef CLIENTELE_OP_ROUTE_H
#define CLIENTELE_OP_ROUTE_H

#include "base/flags.h"
#include "http/request.h"
#include "query/parameters.h"
#include "record/record.h"

struct contract;
struct operation;

#define CAPTURES_MAX 4

enum route_flag {
	ROUTE_BODY_LIST = 1u << 1,   /* the body is an array of the body resource */
	ROUTE_ETAG = 1u << 2,        /* the answer is one row: ETag, If-Match, If-None-Match */
	ROUTE_NO_REPLAY = 1u << 3,   /* Idempotency-Key is not looked at: repeating does no harm */
	ROUTE_KEY_IN_BODY = 1u << 4, /* the row's key is taken from the body, not from the path */
	ROUTE_BODY_OPTIONAL = 1u << 5, /* no body is as an empty one */
	ROUTE_FORM = 1u << 6,          /* the body is a form, nothing else */
	/* Members of the body that are not known are skipped whatever the area, or without one. */
	ROUTE_OPEN_BODY = 1u << 7,
	ROUTE_SECRET_PATH = 1u << 8, /* the last capture is a credential, which no error repeats */
	ROUTE_DEPRECATED = 1u << 9,  /* kept for old callers: another operation does the same */
	/* Commands know its list by the whole path: another one has its short name. */
	ROUTE_BY_PATH = 1u << 10,
	/* The handler answers with a version of many rows as ETag, and with 304, whatever the
	 * method.
	 */
	ROUTE_VERSION = 1u << 11,
};

#define ROUTE_FLAGS(op)                                                                      \
	(ROUTE_BODY_LIST op ROUTE_ETAG op ROUTE_NO_REPLAY op ROUTE_KEY_IN_BODY op            \
		ROUTE_BODY_OPTIONAL op ROUTE_FORM op ROUTE_OPEN_BODY op ROUTE_SECRET_PATH op \
		    ROUTE_DEPRECATED op ROUTE_BY_PATH op ROUTE_VERSION)
ASSERT_FLAGS_DISTINCT(ROUTE_FLAGS);

/*
 * What a route answers with. The generic operations (op/generic.h, op/query.h) carry out those from
 * SHAPE_LIST on where the route has no handler of its own.
 */
enum shape {
	SHAPE_ROW,      /* one row, or where the route has no resource the envelope alone */
	SHAPE_NULLABLE, /* a row, or null where there is none */
	SHAPE_COUNT,
	SHAPE_TEXT, /* a text that the handler makes */
	SHAPE_NOTHING,
	SHAPE_PAGE,  /* rows as one thing, as envelopes write them: in no format of rows alone */
	SHAPE_LIST,  /* all rows, or a page of them */
	SHAPE_QUERY, /* a page of the rows that a filter finds */
	SHAPE_GET,
	SHAPE_INSERT,
	SHAPE_BULK, /* what became of each row of a list of new ones */
	SHAPE_UPDATE,
	SHAPE_DELETE,
	SHAPE__MAX
};

/* A member of the answer to a write that shows a member of the stored row. */
struct extra {
	const char *name;
	const char *member;
};

struct route {
	/* Name of the operation in the document: "renewLicense"; NULL = by what it does to which
	 * rows, "createLicense". */
	const char *name;
	/* Chapter of the documentation, where its resources and area tell none. */
	const char *chapter;
	enum method method;
	const char *path;        /* "/api/delegategroups/{delegateGroupId}/clients/{clientId}" */
	const char *const *keys; /* members of `resource` that the captures name, in order */
	unsigned key_count;
	/*
	 * Where the captures name a row otherwise than by members that are as they are written:
	 * sets its key in `keys`. NULL = they are. Errors as operation_read_keys().
	 */
	int (*find)(struct operation *operation, struct row *keys, struct error *error);
	enum shape shape;
	/* A handler of its own; NULL = the shape's. */
	int (*run)(struct operation *operation, struct error *error);
	const struct resource *resource; /* what is answered */
	const struct record *record;     /* what is written: the rules of `resource`, or NULL */
	const struct resource *body;     /* what is read; NULL = no body */
	const char *body_type; /* XML root of the body; NULL = the body resource's type name */
	const struct resource *body_beside; /* of `body`, beside body_member */
	const char *body_name;              /* parameter name in fault paths: "dto" */
	const char *body_member; /* member of the body that holds the row; NULL = the whole body */
	const char *answer_type; /* payload's type name; NULL = the resource's */
	const struct relation *parent; /* as the resource's, of this route only; NULL = that one */
	/* Writes of families that answer with a message: the member that tells the row's key (NULL
	 * = none), and more of the stored row. */
	const char *id_member;
	const struct extra *extras;
	unsigned extra_count;
	const char *location_member; /* that Location ends with, of an insert; NULL = the key */
	const char *const *include; /* members on demand that this route fetches; NULL-terminated */
	const struct parameter *parameters;
	unsigned parameter_count;
	/* Lists: adds conditions (sql_where) to the page and to its total alike; SHAPE_GET: to the
	 * row. */
	int (*narrow)(struct operation *operation, struct sql *sql, struct error *error);
	/*
	 * SHAPE_GET: fills in members that no column holds, whoever asks for them by name or not.
	 * `row` has what the route includes; `shown` is what is answered of it.
	 */
	void (*complete)(
	    const struct operation *operation, const struct row *row, struct row *shown);
	/* Lists: changes what was read before it is written; what it makes lives in the arena. */
	void (*change_rows)(struct operation *operation, const struct row_list *rows);
	/*
	 * Member of the answer's row that holds what the route lists where its shape is none of a
	 * list: all that formats of rows alone have. NULL = the row is no list.
	 */
	const char *list_member;
	/*
	 * Member of the envelope that holds the row of SHAPE_GET, in families that have one; NULL =
	 * the row's members stand beside those of the envelope.
	 */
	const char *row_member;
	enum access access; /* 0 = a key is needed */
	enum area area;
	enum permission permission; /* 0 = by method: route_permission() */
	uint32_t flags;             /* enum route_flag */
	uint32_t errors;   /* ERROR_BITs of a handler of its own that the tables do not tell */
	const char *media; /* of an answer in one format only; NULL = JSON and XML */
	int status;        /* of a success; 0 = by method and family */
	const char *doc;
};

#define ERROR_BIT(code) (UINT32_C(1) << (code))
#define KEYS(...)                                     \
	.keys = (const char *const[]){ __VA_ARGS__ }, \
	.key_count = sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)
#define EXTRAS(...)                                      \
	.extras = (const struct extra[]){ __VA_ARGS__ }, \
	.extra_count = sizeof((const struct extra[]){ __VA_ARGS__ }) / sizeof(struct extra)
#define PARAMETERS(table) .parameters = (table), .parameter_count = COUNT_OF(table)

/*
 * The path of a request as an error may repeat it: of bounded length, and without the credential of
 * a path of ROUTE_SECRET_PATH or of one that resembles it. Lives in the arena or the request.
 */
struct str route_shown_path(const struct contract *const *contracts, unsigned count,
    const struct request *request, struct arena *arena);

/* Whether a segment of a pattern stands for any: "{id}". */
bool route_is_capture(struct str part);

/* Whether keys and tokens are looked at. */
bool route_takes_key(const struct route *route);

/* Whether area and permission count, too. */
bool route_has_area(const struct route *route);

/* Whether its success is a list of rows: CSV and JSON Lines are answered where they are asked for.
 */
bool route_lists(const struct route *route);

/* Whether it changes one row by the generic operations' rules. */
bool route_changes_row(const struct route *route);

/* What a caller must be allowed to do in the route's area. */
enum permission route_permission(const struct route *route);

/*
 * Whether customers are let in for rows of their own: it does what their table lets owners do.
 */
bool route_admits_owners(const struct route *route);

/* Appends "GET, HEAD, POST, OPTIONS" for Allow. */
void route_allow(unsigned methods, struct buf *out);

#endif
