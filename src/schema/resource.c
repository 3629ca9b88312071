#include "schema/resource.h"

#include <stdlib.h>

const char *resource_audit_name(const struct resource *resource)
{
	return resource->audited_as != NULL ? resource->audited_as[0] : resource->name;
}

int resource_field(const struct resource *resource, const char *name)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (strcmp(resource->fields[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

unsigned resource_member(const struct resource *resource, const char *name)
{
	int number = resource_field(resource, name);

	if (number < 0)
		abort();
	return (unsigned)number;
}

int resource_field_ignore_case(const struct resource *resource, struct str name)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (str_equal_ignore_case(str_from(resource->fields[i].name), name))
			return (int)i;
	}
	return -1;
}

int resource_not_found(const struct resource *resource, struct error *error)
{
	return error_set(error, ERROR_NOT_FOUND, "The %s was not found.", resource->name);
}

bool resource_has_column(const struct resource *resource, const char *column)
{
	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].column != NULL &&
		    strcmp(resource->fields[i].column, column) == 0)
			return true;
	}
	return false;
}

unsigned resource_key(const struct resource *resource)
{
	unsigned key = 0;

	while (key + 1 < resource->field_count && !(resource->fields[key].flags & FIELD_KEY))
		key++;
	return key;
}

static bool leads_from(const struct relation *relation, const struct field *field)
{
	return relation != NULL && strcmp(relation->local, field->name) == 0 &&
	       (relation->target->fields[resource_member(relation->target, relation->foreign)]
		       .flags &
		   FIELD_KEY);
}

const struct resource *resource_referred(const struct resource *resource, const struct field *field)
{
	for (unsigned i = 0; i < resource->reference_count; i++) {
		if (strcmp(resource->references[i].member, field->name) == 0)
			return resource->references[i].target;
	}
	if (leads_from(resource->parent, field))
		return resource->parent->target;
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct field *other = &resource->fields[i];

		if (field_holds(other) == VALUE_ROW && leads_from(other->relation, field))
			return other->relation->target;
	}
	return NULL;
}

uint64_t resource_keys(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (resource->fields[i].flags & FIELD_KEY)
			mask |= FIELD_BIT(i);
	}
	return mask;
}

uint64_t resource_default_mask(const struct resource *resource)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if (!(resource->fields[i].flags &
			(FIELD_WRITEONLY | FIELD_ON_DEMAND | FIELD_NOT_STORED)))
			mask |= FIELD_BIT(i);
	}
	return mask;
}

/* Of a key of several columns the order is not told by the fields: it is among the indexes. */
static void take_primary_key(const struct resource *resource, struct table_index *known)
{
	unsigned count = 0;

	for (unsigned i = 0; i < resource->field_count; i++) {
		if ((resource->fields[i].flags & FIELD_KEY) && count++ == 0)
			known->columns[0] = resource->fields[i].column;
	}
	if (count == 1)
		return;
	*known = (struct table_index){ 0 };
	for (unsigned i = 0; i < resource->index_count; i++) {
		if (strcmp(resource->indexes[i].name, "PRIMARY") == 0)
			*known = resource->indexes[i];
	}
}

bool resource_index(const struct resource *resource, unsigned number, struct table_index *known)
{
	*known = (struct table_index){ 0 };
	if (number == 0) {
		take_primary_key(resource, known);
		return true;
	}
	number--;
	if (number < resource->unique_count) {
		const struct unique_key *key = &resource->uniques[number];

		if (key->alone)
			known->columns[0] =
			    resource->fields[resource_member(resource, key->member)].column;
		return true;
	}
	number -= resource->unique_count;
	if (number < resource->index_count)
		*known = resource->indexes[number];
	return number < resource->index_count;
}
