/*
 * One box for everything: rows that a text finds, of all resources that say by what
 * (resource.search), in the caller's sight. Each member is looked up by itself and by an index, a
 * few rows of each, so that the size of no table counts.
 */
#include "api/licensing/irregular.h"
#include "api/licensing/licensing.h"

#include "api/contracts.h"
#include "base/digest.h"
#include "record/list.h"

#define ROWS_EACH 5 /* of one member */
#define BEGIN_LEAST 2
#define HITS_MOST 200

enum {
	HIT_RESOURCE,
	HIT_ID,
	HIT_TITLE,
	HIT_DETAIL,
	HIT_MATCHED,
	HIT_EXACT,
	HIT_OWNER_ID,
};

static const struct field hit_fields[] = {
	[HIT_RESOURCE] = { STRING("resource", NULL, 32), .flags = FIELD_NOT_STORED,
	    .doc = "What was found: license, licenseToken, customer, contact, order, product, "
		   "apiKey, user, webhook, hosting.account or hosting.domain.",
	    .example = "\"license\"" },
	[HIT_ID] = { STRING("id", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "Its identifier, as text.", .example = "\"42\"" },
	[HIT_TITLE] = { STRING("title", NULL, SEARCH_TEXT_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "What it is called.", .example = "\"lic7F02C9D1\"" },
	[HIT_DETAIL] = { STRING("detail", NULL, SEARCH_TEXT_LONGEST), .flags = FIELD_NOT_STORED,
	    .doc = "More about it; null where nothing is known." },
	[HIT_MATCHED] = { STRING("matched", NULL, 32), .flags = FIELD_NOT_STORED,
	    .doc = "Member that it was found by.", .example = "\"licenseId\"" },
	[HIT_EXACT] = { BOOLEAN("exact", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Whether all of the member is the text." },
	[HIT_OWNER_ID] = { STRING("ownerId", NULL, 64), .flags = FIELD_NOT_STORED,
	    .doc = "The row that it is a part of: the license of a token, the customer of a "
		   "contact, the account of a domain; else null.",
	    .example = "\"17\"" },
	HIDDEN_LINK,
};

static const struct resource hit_resource = {
	.name = "search hit",
	.type_name = "SearchHit",
	.area = AREA_LICENSES,
	FIELDS(hit_fields),
	.doc = "A row that was found.",
};

enum { FOUND_HITS, FOUND_MORE };

static const struct field found_fields[] = {
	[FOUND_HITS] = { MANY("hits", &hit_resource, "link", "link"),
	    .doc = "What was found: exact hits first, then by resource and member." },
	[FOUND_MORE] = { BOOLEAN("moreHits", NULL), .flags = FIELD_NOT_STORED,
	    .doc = "Whether there is more than the hits: a longer text finds it." },
	HIDDEN_LINK,
};

const struct resource search_found_resource = {
	.name = "search",
	.chapter = LICENSING_CHAPTER_SERVER,
	.type_name = "SearchResponse",
	.area = AREA_LICENSES,
	FIELDS(found_fields),
	.doc = "What a search has found.",
};

#define TEXT_DOC "Text to look for: the beginning of a name or number, or a whole key."
#define TAKE_DOC "Maximum number of hits."

enum { WANTED_TEXT, WANTED_TAKE };

static const struct field wanted_fields[] = {
	[WANTED_TEXT] = { STRING("q", NULL, SEARCH_LONGEST),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED | FIELD_SECRET, .doc = TEXT_DOC,
	    .example = "\"lic7F\"" },
	[WANTED_TAKE] = { INT32("take", NULL), .flags = FIELD_NOT_STORED | FIELD_NOT_NULL,
	    .least = 1, .most = SEARCH_TAKE_MOST, .fallback = "20", .doc = TAKE_DOC },
};

const struct resource search_wanted_resource = {
	.name = "search",
	.chapter = LICENSING_CHAPTER_SERVER,
	.type_name = "SearchRequest",
	.area = AREA_LICENSES,
	FIELDS(wanted_fields),
	.doc = "What to search for.",
};

const struct parameter licensing_search_parameters[2] = {
	{ .name = "q",
	    .required = true,
	    .kind = PARAMETER_TEXT,
	    .most = SEARCH_LONGEST,
	    .doc = TEXT_DOC,
	    .example = "lic7F" },
	{ .name = "take",
	    .kind = PARAMETER_INTEGER,
	    .least = 1,
	    .most = SEARCH_TAKE_MOST,
	    .fallback = SEARCH_TAKE_USUAL,
	    .doc = TAKE_DOC },
};

/* One search under way. */
struct hunt {
	struct context *context;
	struct str text;
	size_t length; /* characters */
	struct row *hits[HITS_MOST];
	unsigned count;
	bool more;
};

/* --- what is shown --- */

/* The text of a member; no data where the row has none. */
static struct str text_of(struct context *context, const struct row *row, const char *name)
{
	unsigned member = resource_member(row->resource, name);

	if (!row_filled(row, member))
		return (struct str){ NULL, 0 };
	return row_print_value(
	    context->arena, &row->resource->fields[member], &row->values[member]);
}

static void set_title(struct context *context, const struct row *row, struct row *hit)
{
	for (const char *const *name = row->resource->search->titles; *name != NULL; name++) {
		struct str text = text_of(context, row, *name);

		if (text.length > 0) {
			row_set_text(hit, HIT_TITLE, text);
			return;
		}
	}
	row_set_text(hit, HIT_TITLE, hit->values[HIT_ID].text);
}

/* What the title does not say already. */
static void set_detail(struct context *context, const struct row *row, struct row *hit)
{
	struct str all = STR("");

	for (const char *const *name = row->resource->search->details; *name != NULL; name++) {
		struct str text = text_of(context, row, *name);

		if (text.length == 0 || str_equal(text, hit->values[HIT_TITLE].text))
			continue;
		all = all.length == 0
			  ? text
			  : str_from(arena_printf(context->arena, STR_FORMAT ", " STR_FORMAT,
				STR_ARGUMENTS(all), STR_ARGUMENTS(text)));
	}
	if (all.length > 0)
		row_set_text(hit, HIT_DETAIL, all);
	else
		row_set_null(hit, HIT_DETAIL);
}

/* A text that begins with what was sent is that text where it is no longer. */
static bool is_exact(const struct hunt *hunt, const struct row *row,
    const struct search_member *searched, unsigned member)
{
	if (searched->way == SEARCH_WHOLE || searched->way == SEARCH_DIGEST)
		return true;
	return row_filled(row, member) && str_utf8_length(row->values[member].text) == hunt->length;
}

static struct row *make_hit(
    struct hunt *hunt, const struct row *row, const struct search_member *searched, unsigned member)
{
	struct context *context = hunt->context;
	const struct resource_search *search = row->resource->search;
	struct row *hit = row_new(context->arena, &hit_resource);
	unsigned key = resource_key(row->resource);

	if (hit == NULL)
		return NULL;
	row_set_text(hit, HIT_RESOURCE, str_from(search->name));
	row_set_text(hit, HIT_ID, row_print_key(context->arena, row->resource, &row->values[key]));
	set_title(context, row, hit);
	set_detail(context, row, hit);
	row_set_text(
	    hit, HIT_MATCHED, str_from(searched->told != NULL ? searched->told : searched->member));
	row_set_boolean(hit, HIT_EXACT, is_exact(hunt, row, searched, member));
	if (search->owner != NULL)
		row_set_text(hit, HIT_OWNER_ID, text_of(context, row, search->owner));
	else
		row_set_null(hit, HIT_OWNER_ID);
	return hit;
}

/* The hit of the same row by another member; NULL = there is none. */
static struct row **find_hit(struct hunt *hunt, const struct row *hit)
{
	for (unsigned i = 0; i < hunt->count; i++) {
		const struct row *other = hunt->hits[i];

		if (str_equal(other->values[HIT_ID].text, hit->values[HIT_ID].text) &&
		    str_equal(other->values[HIT_RESOURCE].text, hit->values[HIT_RESOURCE].text))
			return &hunt->hits[i];
	}
	return NULL;
}

static int keep_rows(struct hunt *hunt, const struct row_list *rows,
    const struct search_member *searched, unsigned member, struct error *error)
{
	for (unsigned i = 0; i < rows->count; i++) {
		struct row *hit = make_hit(hunt, rows->rows[i], searched, member), **former;

		if (hit == NULL || arena_exhausted(hunt->context->arena))
			return error_out_of_memory(error);
		former = find_hit(hunt, hit);
		if (former == NULL && hunt->count < HITS_MOST)
			hunt->hits[hunt->count++] = hit;
		else if (former != NULL && !(*former)->values[HIT_EXACT].boolean &&
			 hit->values[HIT_EXACT].boolean)
			*former = hit;
	}
	return 0;
}

/* --- looking --- */

static void add_texts(const struct resource *resource, const char *const *names, uint64_t *mask)
{
	for (; *names != NULL; names++)
		*mask |= FIELD_BIT(resource_member(resource, *names));
}

static uint64_t mask_of(const struct resource *resource, unsigned member)
{
	const struct resource_search *search = resource->search;
	uint64_t mask = resource_keys(resource);

	add_texts(resource, search->titles, &mask);
	add_texts(resource, search->details, &mask);
	if (search->owner != NULL)
		mask |= FIELD_BIT(resource_member(resource, search->owner));
	if (!(resource->fields[member].flags & FIELD_WRITEONLY))
		mask |= FIELD_BIT(member);
	return mask;
}

/* The value that a member must have; false where it cannot have it. */
static bool read_whole(const struct hunt *hunt, const struct field *field, struct value *value)
{
	const struct node node = { .kind = NODE_TEXT, .text = hunt->text };
	const char *reason;

	return field_type_info(field->type)
		   ->parse(hunt->context->arena, field, BODY_FORM, &node, value, &reason) &&
	       (field->max == 0 || hunt->length <= field->max);
}

static bool read_digest(const struct hunt *hunt, struct value *value)
{
	uint8_t digest[DIGEST_LENGTH];

	digest_text(hunt->text, digest);
	*value = (struct value){ .text = arena_str(hunt->context->arena,
				     (struct str){ (const char *)digest, sizeof(digest) }) };
	return value->text.data != NULL;
}

static int fetch_found(struct hunt *hunt, struct record_list *list,
    const struct search_member *searched, unsigned member, struct error *error)
{
	const struct resource *resource = list->query.resource;
	struct selection selection;
	struct record_page page;

	selection_begin(&selection, resource, mask_of(resource, member));
	list->query.selection = &selection;
	list->query.take = ROWS_EACH;
	list->followed = true;
	if (record_fetch_page(hunt->context, list, &page, error) != 0)
		return -1;
	hunt->more = hunt->more || page.more;
	return keep_rows(hunt, &page.rows, searched, member, error);
}

/* By one value. */
static int look_up(struct hunt *hunt, const struct resource *resource,
    const struct search_member *searched, struct error *error)
{
	unsigned member = resource_member(resource, searched->member);
	struct record_list list = { .set = { .resource = resource },
		.query = { .resource = resource } };
	struct sort sort;
	struct value value = { .null = false };

	if (!(searched->way == SEARCH_DIGEST ? read_digest(hunt, &value)
					     : read_whole(hunt, &resource->fields[member], &value)))
		return 0;
	list.set.keys = row_with(hunt->context->arena, resource, member, &value);
	if (list.set.keys == NULL)
		return error_out_of_memory(error);
	sort_own(resource, 0, &sort);
	list.query.sort = &sort;
	return fetch_found(hunt, &list, searched, member, error);
}

/* By a part of it, which mostly is its beginning: along the index, so that no more is read. */
static int look_along(struct hunt *hunt, const struct resource *resource,
    const struct search_member *searched, struct error *error)
{
	unsigned member = resource_member(resource, searched->member);
	const struct field *field = &resource->fields[member];
	const struct path path = { .steps = { field }, .step_count = 1 };
	struct value value = { .text = hunt->text };
	const struct filter filter = { .kind = FILTER_MATCH,
		.comparison = searched->way == SEARCH_BEGIN ? FILTER_STARTS_WITH : FILTER_CONTAINS,
		.path = path,
		.values = &value,
		.value_count = 1 };
	struct sort sort = { .keys = { { .path = path } }, .count = 1 };
	struct record_list list = { .set = { .resource = resource },
		.query = { .resource = resource, .filter = &filter, .sort = &sort } };

	if (hunt->length < BEGIN_LEAST || hunt->length > field->max)
		return 0;
	if (searched->way == SEARCH_PART)
		sort_own(resource, 0, &sort);
	return fetch_found(hunt, &list, searched, member, error);
}

static int search_resource(struct hunt *hunt, const struct resource *resource, struct error *error)
{
	const struct resource_search *search = resource->search;

	if (search == NULL || sight_may_see(&hunt->context->sight, resource) == SIGHT_NONE)
		return 0;
	for (unsigned i = 0; i < search->member_count; i++) {
		const struct search_member *searched = &search->members[i];
		bool whole = searched->way == SEARCH_WHOLE || searched->way == SEARCH_DIGEST;

		if ((whole ? look_up : look_along)(hunt, resource, searched, error) != 0)
			return -1;
	}
	return 0;
}

static int search_all(struct hunt *hunt, struct error *error)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		for (unsigned j = 0; j < family->resource_count; j++) {
			if (search_resource(hunt, family->resources[j], error) != 0)
				return -1;
		}
	}
	return 0;
}

/* --- the operation --- */

static int read_wanted(
    struct operation *operation, struct str *text, int64_t *take, struct error *error)
{
	struct row *body;

	if (operation->route->body == NULL) {
		*text = parameters_get(&operation->parameters, "q")->text;
		*take = parameters_get(&operation->parameters, "take")->integer;
	} else {
		if (operation_read_row(operation, ROW_READ_INSERT, &body, error) != 0)
			return -1;
		*text = body->values[WANTED_TEXT].text;
		*take = row_filled(body, WANTED_TAKE) ? body->values[WANTED_TAKE].integer
						      : SEARCH_TAKE_USUAL;
	}
	*text = str_trim(*text);
	/* Of keys, people have what lists show. */
	if (str_ends_with(*text, STR("…")))
		text->length -= sizeof("…") - 1;
	return text->length > 0 ? 0
				: error_add_fault(error, "q",
				      "Give q, a text of 1 to %d characters.", SEARCH_LONGEST);
}

/* Exact hits, then the others, each in the order in which they were found. */
static int list_hits(struct hunt *hunt, int64_t take, struct row *answer, struct error *error)
{
	struct row_list list = { 0 };

	list.rows = arena_alloc_array(hunt->context->arena, HITS_MOST, sizeof(list.rows[0]));
	if (list.rows == NULL)
		return error_out_of_memory(error);
	for (unsigned exact = 2; exact-- > 0;) {
		for (unsigned i = 0; i < hunt->count; i++) {
			if (hunt->hits[i]->values[HIT_EXACT].boolean == (exact == 1))
				list.rows[list.count++] = hunt->hits[i];
		}
	}
	if (list.count > take) {
		list.count = (unsigned)take;
		hunt->more = true;
	}
	row_set_list(answer, FOUND_HITS, list);
	row_set_boolean(answer, FOUND_MORE, hunt->more);
	return 0;
}

int licensing_search(struct operation *operation, struct error *error)
{
	struct row *answer = row_new(operation->context.arena, &search_found_resource);
	struct hunt hunt = { .context = &operation->context };
	int64_t take;

	if (answer == NULL)
		return error_out_of_memory(error);
	if (read_wanted(operation, &hunt.text, &take, error) != 0)
		return -1;
	hunt.length = str_utf8_length(hunt.text);
	if (search_all(&hunt, error) != 0 || list_hits(&hunt, take, answer, error) != 0)
		return -1;
	operation_answer_members(operation, answer);
	return 0;
}
