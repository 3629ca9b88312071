#include "tables.h"

#include "api/contracts.h"

static unsigned add_table(struct table_entry entries[TABLES_MAX], unsigned count,
    const struct family *family, const struct resource *resource)
{
	for (unsigned i = 0; i < count; i++) {
		if (entries[i].resource == resource)
			return count;
	}
	if (resource->table != NULL && count < TABLES_MAX)
		entries[count++] = (struct table_entry){ family, resource };
	for (unsigned i = 0; i < resource->field_count; i++) {
		const struct relation *relation = resource->fields[i].relation;

		if (relation != NULL && relation->target != resource)
			count = add_table(entries, count, family, relation->target);
	}
	return count;
}

unsigned tables_collect(struct table_entry entries[TABLES_MAX])
{
	unsigned family_count, count = 0;
	const struct contract *const *contracts = contracts_all(&family_count);

	for (unsigned i = 0; i < family_count; i++) {
		for (unsigned j = 0; j < contracts[i]->family.resource_count; j++)
			count = add_table(entries, count, &contracts[i]->family,
			    contracts[i]->family.resources[j]);
		for (unsigned j = 0; j < contracts[i]->family.view_count; j++)
			count = add_table(
			    entries, count, &contracts[i]->family, contracts[i]->family.views[j]);
	}
	return count;
}
