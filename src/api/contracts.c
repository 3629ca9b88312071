#include "api/contracts.h"

const struct contract *const *contracts_all(unsigned *count)
{
	static const struct contract *const contracts[] = {
		&discovery_contract,
		&credentials_contract,
		&delegates_contract,
		&hosting_contract,
		&licensing_contract,
		&activation_contract,
		&oauth_contract,
		&operational_contract,
	};

	*count = COUNT_OF(contracts);
	return contracts;
}

const struct family *contracts_family(const struct resource *resource)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count; i++) {
		const struct family *family = &contracts[i]->family;

		for (unsigned j = 0; j < family->resource_count; j++) {
			if (family->resources[j] == resource)
				return family;
		}
	}
	return NULL;
}

unsigned contracts_route_number(const struct contract *contract, const struct route *route)
{
	unsigned count, before = 1;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; i < count && contracts[i] != contract; i++)
		before += contracts[i]->route_count;
	return before + (unsigned)(route - contract->routes);
}

const struct route *contracts_route(unsigned number)
{
	unsigned count;
	const struct contract *const *contracts = contracts_all(&count);

	for (unsigned i = 0; number > 0 && i < count; i++) {
		if (number <= contracts[i]->route_count)
			return &contracts[i]->routes[number - 1];
		number -= contracts[i]->route_count;
	}
	return NULL;
}
