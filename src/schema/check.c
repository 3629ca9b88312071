#include "schema/check.h"

/* Where the faults of one check go. */
struct check {
	struct buf *report;
	const struct resource *resource;
	unsigned faults;
};

static void fault(struct check *check, const char *field, const char *message)
{
	buf_printf(check->report, "%s.%s: %s\n", check->resource->name, field, message);
	check->faults++;
}

/* Whether SQL of a table's row calls its own table by an alias that a join would not have. */
static bool names_alias(const char *sql)
{
	for (const char *at = sql; at != NULL && (at = strstr(at, "t.")) != NULL; at++) {
		if (at == sql || strchr(" (,=", at[-1]) != NULL)
			return true;
	}
	return false;
}

/* What the type asks of the field's row, and what only it may ask. */
static void check_needs(struct check *check, const struct field *field)
{
	uint32_t needs = field_type_info(field->type)->needs;

	if (strpbrk(field->name, "\"\\") != NULL)
		fault(check, field->name, "has a name that JSON would have to escape");
	if ((needs & TYPE_NEEDS_MAXIMUM) && field->max == 0)
		fault(check, field->name, "has no maximum");
	if (((needs & TYPE_NEEDS_WORDS) != 0) != (field->enumeration != NULL))
		fault(check, field->name, "enumeration and type do not fit");
	if (((needs & TYPE_NEEDS_PART) != 0) != (field->object != NULL))
		fault(check, field->name, "part and type do not fit");
	if (((needs & TYPE_NEEDS_RELATION) != 0) != (field->relation != NULL))
		fault(check, field->name, "relation and type do not fit");
	if ((needs & TYPE_NEEDS_HIDING) && !(field->flags & FIELD_HIDDEN))
		fault(check, field->name, "holds bytes, so it must be hidden");
}

static void check_kind(struct check *check, const struct field *field)
{
	const struct field_type_info *type = field_type_info(field->type);
	bool nested = type->lexical == LEXICAL_NESTED;
	bool stored = field->column != NULL || field->expression != NULL;

	if (!nested && !stored && !(field->flags & FIELD_NOT_STORED))
		fault(check, field->name, "has neither a column nor an expression");
	if (stored && (nested || (field->flags & FIELD_NOT_STORED)))
		fault(check, field->name, "cannot have a column");
	if (field->column != NULL && field->expression != NULL)
		fault(check, field->name, "has both a column and an expression");
	if (field->expression != NULL && !(field->flags & (FIELD_READONLY | FIELD_BY_RULE)))
		fault(
		    check, field->name, "is computed, so it must be read-only or stored by a rule");
	if (names_alias(field->expression) || names_alias(field->former_condition))
		fault(check, field->name, "has SQL that names its own table otherwise than {}");
	if (field->least > field->most)
		fault(check, field->name, "has an empty range");
}

static void check_flags(struct check *check, const struct field *field)
{
	if ((field->flags & FIELD_KEY) && check->resource->table != NULL &&
	    !(field->flags & (FIELD_READONLY | FIELD_CREATE_ONLY)))
		fault(check, field->name, "is a key, so it must be read-only or create-only");
	if ((field->flags & FIELD_READONLY) && (field->flags & FIELD_REQUIRED))
		fault(check, field->name, "is read-only, so it cannot be required");
	if ((field->flags & FIELD_READONLY) && (field->flags & FIELD_WRITEONLY))
		fault(check, field->name, "is neither read nor written");
}

static void check_kept(struct check *check, const struct field *field)
{
	if ((field->flags & FIELD_OWNED) && (field_holds(field) != VALUE_LIST || field->max == 0))
		fault(check, field->name, "is owned, so it must be a list with a maximum");
	if ((field->flags & FIELD_MASKED) && (!field_is_free_text(field) || field->column == NULL))
		fault(check, field->name, "is masked, so it must be a text with a column");
	if ((field->flags & FIELD_TYPICAL) && (field->flags & (FIELD_READONLY | FIELD_DEPRECATED)))
		fault(check, field->name, "is typical of bodies, but should not be sent");
	if ((field->flags & FIELD_CHOOSABLE) && !(field->flags & FIELD_READONLY))
		fault(check, field->name, "can be chosen by anybody, so it must not be choosable");
	if ((field->flags & FIELD_BY_RULE) && (field->flags & FIELD_READONLY))
		fault(check, field->name, "is read-only, so no rule can store it");
}

/* What has nothing to show needs no area. */
static bool is_shown(const struct resource *resource)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (!(resource->fields[i].flags & FIELD_HIDDEN))
			return true;
	}
	return false;
}

/* Whether a member is called like something that must not be known. */
static bool sounds_secret(const struct field *field)
{
	static const char *const words[] = { "password", "passphrase", "secret", "private",
		"credential", "access_token", "refresh_token" };
	const struct field_type_info *type = field_type_info(field->type);

	if (type->lexical != LEXICAL_TEXT || type->text == TEXT_WORDS)
		return false;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (str_contains_ignore_case(str_from(field->name), str_from(words[i])) ||
		    (field->column != NULL &&
			str_contains_ignore_case(str_from(field->column), str_from(words[i]))))
			return true;
	}
	return false;
}

/* No secret is answered, and none is stored in clear. */
static void check_secret(struct check *check, const struct field *field)
{
	const struct resource *resource = check->resource;
	uint32_t flags = field->flags;

	if (sounds_secret(field) && !(flags & FIELD_SECRET))
		fault(check, field->name, "is called like a secret, so it must be one");
	if ((flags & FIELD_SECRET) && field->column != NULL &&
	    !(flags & (FIELD_ENCRYPTED | FIELD_HASHED)))
		fault(check, field->name, "is a stored secret, so it must be encrypted or hashed");
	if ((flags & (FIELD_ENCRYPTED | FIELD_HASHED)) &&
	    (!(flags & FIELD_SECRET) || field->column == NULL))
		fault(check, field->name, "is encrypted or hashed, so it must be a stored secret");
	if (!(flags & FIELD_ENCRYPTED)) {
		if (field->former != NULL)
			fault(check, field->name, "has a former column without being encrypted");
		return;
	}
	if (!field_is_free_text(field) || (flags & (FIELD_KEY | FIELD_REQUIRED | FIELD_NOT_NULL)))
		fault(check, field->name, "is encrypted, so it must be a text that may be null");
	if (!(flags & FIELD_MASKED) &&
	    (flags & (FIELD_HIDDEN | FIELD_WRITEONLY)) != (FIELD_HIDDEN | FIELD_WRITEONLY))
		fault(check, field->name,
		    "is encrypted, so it must be masked, or hidden and never read");
	if (resource->table == NULL || strchr(field->column, '.') != NULL)
		fault(
		    check, field->name, "is encrypted, so its column must be of the written table");
}

/* Sealed values are bound to one key, and are written by the operations on rows of their own. */
static bool holds_encrypted(const struct resource *resource)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_ENCRYPTED)
			return true;
	}
	return false;
}

static void check_places_of_secrets(struct check *check)
{
	const struct resource *resource = check->resource;
	unsigned keys = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		keys += (field->flags & FIELD_KEY) != 0;
		if (field->object != NULL && holds_encrypted(field->object))
			fault(check, field->name, "is a part with an encrypted member");
		if ((field->flags & FIELD_OWNED) && holds_encrypted(field->relation->target))
			fault(check, field->name, "owns rows with an encrypted member");
	}
	if (holds_encrypted(resource) && keys != 1)
		fault(check, "*", "has an encrypted member, so it must have one key");
}

static void check_relation(struct check *check, const struct field *field)
{
	const struct relation *relation = field->relation;
	int local = resource_field(check->resource, relation->local);
	int foreign = resource_field(relation->target, relation->foreign);

	if (local < 0)
		fault(check, field->name, "is joined by a member that this resource has not");
	else if (foreign < 0)
		fault(check, field->name, "is joined by a member that its target has not");
	else if (check->resource->fields[local].type != relation->target->fields[foreign].type)
		fault(check, field->name, "is joined by members of different types");
	if (!is_shown(relation->target))
		return;
	if (relation->target->area == AREA_NONE)
		fault(check, field->name, "leads to a resource without an area");
	else if ((field->flags & FIELD_OWNED) && relation->target->area != check->resource->area)
		fault(check, field->name, "is owned, so its area must be its owner's");
}

static void check_twice(struct check *check, unsigned number)
{
	const struct field *field = &check->resource->fields[number];

	for (unsigned i = 0; i < number; i++) {
		const struct field *other = &check->resource->fields[i];

		if (str_equal_ignore_case(str_from(other->name), str_from(field->name)))
			fault(check, field->name, "is declared twice");
		if (field->column != NULL && other->column != NULL &&
		    strcmp(field->column, other->column) == 0)
			fault(check, field->name, "shares its column with another member");
	}
}

static void check_field(struct check *check, unsigned number)
{
	const struct field *field = &check->resource->fields[number];

	if (field->doc == NULL && !(field->flags & FIELD_HIDDEN))
		fault(check, field->name, "is not documented");
	check_kind(check, field);
	check_needs(check, field);
	check_flags(check, field);
	check_kept(check, field);
	check_secret(check, field);
	check_twice(check, number);
	if (field->relation != NULL)
		check_relation(check, field);
	if (field->object != NULL) {
		check->faults += schema_check_resource(field->object, check->report);
		if (field->object->area != check->resource->area)
			fault(check, field->name, "is a part, so its area must be its owner's");
	}
}

static void check_reference(struct check *check, const struct reference *reference)
{
	if (resource_field(check->resource, reference->member) < 0)
		fault(check, reference->member, "is named by a reference but is no member");
	if (reference->target == NULL)
		fault(check, reference->member, "is a reference to nothing");
}

/* Of many rows without a code, the second one must not be a duplicate. */
static void check_unique(struct check *check, const struct unique_key *unique)
{
	int number = resource_field(check->resource, unique->member);
	const struct field *field;

	if (unique->within != NULL && resource_field(check->resource, unique->within) < 0)
		fault(check, unique->within, "is named by a unique key but is no member");
	if (number < 0) {
		fault(check, unique->member, "is named by a unique key but is no member");
		return;
	}
	field = &check->resource->fields[number];
	if (unique->alone && field_is_free_text(field) &&
	    !(field->flags & (FIELD_REQUIRED | FIELD_READONLY | FIELD_EMPTY_ABSENT)))
		fault(check, field->name,
		    "is a unique code that may be absent, so an empty text must be as if absent");
}

static void check_order(struct check *check)
{
	for (const struct order *order = check->resource->order_by;
	     order != NULL && order->member != NULL; order++) {
		int number = resource_field(check->resource, order->member);

		if (number < 0)
			fault(check, order->member, "is ordered by but is no member");
		else if (check->resource->fields[number].column == NULL)
			fault(check, order->member, "is ordered by but has no column");
	}
}

/* Whether the rows of a value, or of values that begin alike, are found by an index, in order. */
static bool is_indexed(const struct resource *resource, const struct field *field)
{
	struct table_index known;

	for (unsigned i = 0; resource_index(resource, i, &known); i++) {
		if (known.columns[0] != NULL && field->column != NULL && !known.partial &&
		    strcmp(known.columns[0], field->column) == 0)
			return true;
	}
	return false;
}

static void check_searched(struct check *check, const struct search_member *searched)
{
	int number = resource_field(check->resource, searched->member);
	const struct field *field;

	if (number < 0) {
		fault(check, searched->member, "is searched but is no member");
		return;
	}
	field = &check->resource->fields[number];
	if ((field->flags & FIELD_HIDDEN) && searched->told == NULL)
		fault(check, field->name, "is searched and hidden, so it needs another name");
	if ((field->flags & FIELD_ENCRYPTED) ||
	    (searched->way == SEARCH_DIGEST) != (field_type_info(field->type)->bind == BIND_BINARY))
		fault(check, field->name, "cannot be searched so");
	if ((searched->way == SEARCH_BEGIN || searched->way == SEARCH_PART) &&
	    !field_is_free_text(field))
		fault(check, field->name, "is no text, which is searched as a whole");
	if (check->resource->search->few)
		return;
	if (searched->way == SEARCH_PART || !is_indexed(check->resource, field))
		fault(check, field->name, "is searched, so it must be the first of an index");
}

static void check_search_texts(struct check *check, const char *const *names)
{
	for (; *names != NULL; names++) {
		int number = resource_field(check->resource, *names);

		if (number < 0 ||
		    (check->resource->fields[number].flags & (FIELD_HIDDEN | FIELD_WRITEONLY)) !=
			0 ||
		    !field_is_free_text(&check->resource->fields[number]))
			fault(check, *names, "is shown of what is found but is no text");
	}
}

static void check_search(struct check *check)
{
	const struct resource_search *search = check->resource->search;

	if (search == NULL)
		return;
	if (search->name == NULL || search->titles[0] == NULL || search->member_count == 0)
		fault(check, "*", "is searched, but not by what, or not how it is shown");
	for (unsigned i = 0; i < search->member_count; i++)
		check_searched(check, &search->members[i]);
	check_search_texts(check, search->titles);
	check_search_texts(check, search->details);
	if (search->owner != NULL && resource_field(check->resource, search->owner) < 0)
		fault(check, search->owner, "is the owner of what is found but no member");
}

static void check_sql(struct check *check)
{
	const struct resource *resource = check->resource;

	if (names_alias(resource->from) || names_alias(resource->condition) ||
	    names_alias(resource->owner_condition) || names_alias(resource->owner_changes) ||
	    names_alias(resource->owner_deletes))
		fault(check, "*", "has SQL that names its own table otherwise than {}");
}

/* An owned list or relation would lead the owner to other rows. */
static void check_owner(struct check *check)
{
	const struct resource *resource = check->resource;
	bool changes = (resource->owner_may & PERMISSION_UPDATE) != 0, any = false;

	if (resource->owner_may != 0 && resource->owner_condition == NULL)
		fault(check, "*", "lets owners do something, but nobody owns its rows");
	if (resource->owner_condition != NULL && resource->owner == OWNER_NOBODY)
		fault(check, "*", "has rows of its owner's own, but no owner");
	if (resource->owner != OWNER_NOBODY && resource->table != NULL &&
	    resource->owner_condition == NULL)
		fault(check, "*", "has an owner, but no condition for its own rows");
	if ((resource->owner_may & PERMISSION_CREATE) && resource->owner_changes == NULL)
		fault(check, "*", "lets owners insert, but nothing makes a new row theirs");
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *field = &resource->fields[i];

		if (!(field->flags & FIELD_OWNER_CHANGES))
			continue;
		any = true;
		if ((field->column == NULL && field->object == NULL) ||
		    (field->flags & (FIELD_KEY | FIELD_READONLY)))
			fault(check, field->name,
			    "is changed by owners, so it must be a column that is written");
	}
	/* New rows may be made of other members than those that their owner writes. */
	if (any ? !changes && !(resource->owner_may & PERMISSION_CREATE) : changes)
		fault(check, "*",
		    "must let owners update where they may change members, and only there");
}

unsigned schema_check_resource(const struct resource *resource, struct buf *report)
{
	struct check check = { .report = report, .resource = resource };
	bool key = false, hole = false;

	if (resource->field_count == 0 || resource->field_count > RESOURCE_FIELDS_MAX)
		fault(&check, "*", "has no fields, or more than a mask can hold");
	if (resource->type_name == NULL || resource->doc == NULL)
		fault(&check, "*", "has no type name or documentation");
	for (unsigned i = 0; i < resource->field_count && i < RESOURCE_FIELDS_MAX; i++) {
		if (resource->fields[i].name == NULL || resource->fields[i].name[0] == '\0') {
			fault(&check, "?", "has no name (a hole in the table)");
			hole = true;
		}
	}
	/* The rest looks members up by their names. */
	if (hole)
		return check.faults;
	for (unsigned i = 0; i < resource->field_count && i < RESOURCE_FIELDS_MAX; i++) {
		check_field(&check, i);
		key = key || (resource->fields[i].flags & FIELD_KEY);
	}
	if (resource->area == AREA_NONE && is_shown(resource))
		fault(&check, "*", "has no area, so nobody may see it");
	check_places_of_secrets(&check);
	check_order(&check);
	check_sql(&check);
	check_owner(&check);
	check_search(&check);
	if (resource->table != NULL && !key)
		fault(&check, "*", "has a table but no key");
	for (unsigned i = 0; i < resource->unique_count; i++)
		check_unique(&check, &resource->uniques[i]);
	for (unsigned i = 0; i < resource->reference_count; i++)
		check_reference(&check, &resource->references[i]);
	for (unsigned i = 0; i < resource->dependant_count; i++) {
		if (resource->dependants[i].area == AREA_NONE)
			fault(
			    &check, resource->dependants[i].name, "depends on it without an area");
	}
	return check.faults;
}

unsigned schema_check(const struct family *family, struct buf *report)
{
	unsigned faults = 0;

	if (family->name == NULL || family->prefix == NULL || family->doc == NULL ||
	    (family->error_body == NULL && family->error.message == NULL)) {
		buf_printf(
		    report, "family %s: incomplete\n", family->name != NULL ? family->name : "?");
		faults++;
	}
	for (unsigned i = 0; i < family->resource_count; i++)
		faults += schema_check_resource(family->resources[i], report);
	for (unsigned i = 0; i < family->view_count; i++)
		faults += schema_check_resource(family->views[i], report);
	return faults;
}
