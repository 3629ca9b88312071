/*
 * Answers of the family: what stands beside the payload, and errors. JSON has the members in the
 * reference's order, XML all of them sorted.
 */
#include "api/licensing/licensing.h"
#include "op/bulk.h"

#define MEMBERS_MAX 40

/* Stable numbers of errors, part of the documentation; new ones are added at the end. */
static const int codes[ERROR__MAX] = {
	[ERROR_INTERNAL] = 1,
	[ERROR_MALFORMED] = 2,
	[ERROR_INVALID] = 3,
	[ERROR_UNAUTHENTICATED] = 4,
	[ERROR_FORBIDDEN] = 5,
	[ERROR_NO_ROUTE] = 6,
	[ERROR_METHOD] = 7,
	[ERROR_NOT_FOUND] = 8,
	[ERROR_CONFLICT] = 9,
	[ERROR_IN_USE] = 10,
	[ERROR_STALE] = 11,
	[ERROR_TOO_LARGE] = 12,
	[ERROR_URI_TOO_LONG] = 13,
	[ERROR_MEDIA_TYPE] = 14,
	[ERROR_MISMATCH] = 15,
	[ERROR_TOO_MANY] = 16,
	[ERROR_BUSY] = 17,
	[ERROR_UNAVAILABLE] = 17,
	[ERROR_OUTCOME_UNKNOWN] = 18,
};

enum member_kind {
	MEMBER_NULL,
	MEMBER_BOOLEAN,
	MEMBER_INTEGER,
	MEMBER_TEXT,
	MEMBER_OF_ROW, /* under the row's own name */
	MEMBER_VALUE,  /* a row's value under another name */
};

struct member {
	const char *name;
	enum member_kind kind;
	int64_t integer; /* booleans too */
	struct str text;
	const struct row *row;
	unsigned number; /* of the row's member */
	bool behind;     /* stands behind the payload */
};

struct members {
	struct member list[MEMBERS_MAX];
	unsigned count;
};

static void put_member(struct members *members, struct member member)
{
	if (member.name != NULL && members->count < MEMBERS_MAX)
		members->list[members->count++] = member;
}

static void add_value(
    struct members *members, const char *name, const struct row *row, const char *member)
{
	unsigned number = resource_member(row->resource, member);

	put_member(members,
	    (struct member){ .name = name, .kind = MEMBER_VALUE, .row = row, .number = number });
}

/* A write: the key in front, the rest behind the message. */
static void add_key(struct members *members, const struct answer *answer)
{
	const struct row *row = answer->changed;

	if (row != NULL && answer->route->id_member != NULL)
		add_value(members, answer->route->id_member, row,
		    row->resource->fields[resource_key(row->resource)].name);
}

static void add_extras(struct members *members, const struct answer *answer)
{
	for (unsigned i = 0; answer->changed != NULL && i < answer->route->extra_count; i++)
		add_value(members, answer->route->extras[i].name, answer->changed,
		    answer->route->extras[i].member);
}

static void add_beside(struct members *members, const struct row *row)
{
	for (unsigned i = 0; row != NULL && i < row->resource->field_count; i++) {
		if (!(row->resource->fields[i].flags & FIELD_HIDDEN))
			put_member(members, (struct member){ .name = row->resource->fields[i].name,
						.kind = MEMBER_OF_ROW,
						.row = row,
						.number = i });
	}
}

static void add_list(struct members *members, const struct answer *answer)
{
	const struct list_answer *list = answer->list;
	unsigned first = members->count;

	if (list == NULL)
		return;
	add_beside(members, answer->beside);
	put_member(members, (struct member){ .name = answer->route->resource->count_name,
				.kind = MEMBER_INTEGER,
				.integer = list->count });
	put_member(members, (struct member){ .name = list->total_name,
				.kind = list->has_total ? MEMBER_INTEGER : MEMBER_NULL,
				.integer = list->total });
	if (list->next_cursor != NULL)
		put_member(members, (struct member){ .name = "nextCursor",
					.kind = MEMBER_TEXT,
					.text = str_from(list->next_cursor) });
	while (first < members->count)
		members->list[first++].behind = true;
}

static void add_bulk(struct members *members, const struct bulk_answer *bulk)
{
	unsigned first = members->count;

	if (bulk == NULL)
		return;
	put_member(
	    members, (struct member){
			 .name = BULK_REFUSED, .kind = MEMBER_INTEGER, .integer = bulk->refused });
	put_member(
	    members, (struct member){
			 .name = BULK_STORED, .kind = MEMBER_INTEGER, .integer = bulk->stored });
	while (first < members->count)
		members->list[first++].behind = true;
}

/* The member that holds the row, the rows or results; NULL = none does. */
static const char *name_payload(const struct answer *answer)
{
	if (answer->bulk != NULL)
		return BULK_RESULTS;
	return answer->list != NULL ? answer->list->plural : answer->route->row_member;
}

/* In XML a member's place is told by its name. */
static void sort(struct members *members, const char *payload)
{
	for (unsigned i = 1; i < members->count; i++) {
		struct member member = members->list[i];
		unsigned place = i;

		for (; place > 0 && strcmp(members->list[place - 1].name, member.name) > 0; place--)
			members->list[place] = members->list[place - 1];
		members->list[place] = member;
	}
	for (unsigned i = 0; i < members->count; i++)
		members->list[i].behind =
		    payload != NULL && strcmp(members->list[i].name, payload) > 0;
}

static void collect(
    const struct writer *writer, const struct answer *answer, struct members *members)
{
	members->count = 0;
	add_key(members, answer);
	put_member(
	    members, (struct member){ .name = "success", .kind = MEMBER_BOOLEAN, .integer = true });
	put_member(members, (struct member){ .name = "code", .kind = MEMBER_INTEGER });
	put_member(members, (struct member){ .name = "message",
				.kind = answer->message != NULL ? MEMBER_TEXT : MEMBER_NULL,
				.text = str_from(answer->message) });
	add_extras(members, answer);
	if (answer->list == NULL)
		add_beside(members, answer->beside);
	add_list(members, answer);
	add_bulk(members, answer->bulk);
	if (writer->format->xml_habits)
		sort(members, name_payload(answer));
}

static void write_member(struct writer *writer, const struct member *member)
{
	switch (member->kind) {
	case MEMBER_NULL:
		writer_null(writer, member->name);
		break;
	case MEMBER_BOOLEAN:
		writer_boolean(writer, member->name, member->integer != 0);
		break;
	case MEMBER_INTEGER:
		writer_integer(writer, member->name, member->integer);
		break;
	case MEMBER_TEXT:
		writer_text(writer, member->name, member->text);
		break;
	case MEMBER_OF_ROW:
		row_write_member(writer, member->row, member->number);
		break;
	case MEMBER_VALUE:
		writer_value(writer, member->name, &member->row->resource->fields[member->number],
		    &member->row->values[member->number]);
		break;
	}
}

static void write_members(struct writer *writer, const struct answer *answer, bool behind)
{
	struct members members;

	collect(writer, answer, &members);
	for (unsigned i = 0; i < members.count; i++) {
		if (members.list[i].behind == behind)
			write_member(writer, &members.list[i]);
	}
}

const char *licensing_begin_answer(struct writer *writer, const struct answer *answer)
{
	const char *root = answer->route->answer_type;

	writer_object_begin(writer, root != NULL ? root : "Response");
	write_members(writer, answer, false);
	return name_payload(answer);
}

void licensing_end_answer(struct writer *writer, const struct answer *answer)
{
	if (name_payload(answer) != NULL)
		write_members(writer, answer, true);
	writer_object_end(writer);
}

int licensing_error_number(enum error_code code)
{
	return codes[code];
}

static void write_code(struct writer *writer, const struct error *error)
{
	writer_integer(writer, "code", codes[error->code]);
}

void licensing_write_error(
    struct writer *writer, const struct answer *answer, const struct error *error)
{
	bool xml = writer->format->xml_habits;

	writer_object_begin(writer, "Error");
	if (xml)
		write_code(writer, error);
	if (xml && error->faults != NULL)
		envelope_write_faults(writer, answer, "errors", error);
	if (!xml) {
		writer_boolean(writer, "success", false);
		write_code(writer, error);
	}
	writer_text(writer, "message",
	    str_from(error->message != NULL ? error->message : error_code_message(error->code)));
	if (xml)
		writer_boolean(writer, "success", false);
	else if (error->faults != NULL)
		envelope_write_faults(writer, answer, "errors", error);
	writer_object_end(writer);
}
