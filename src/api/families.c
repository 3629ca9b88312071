#include "api/families.h"

#include "http/route.h"

const struct family *const *families_table(unsigned *count)
{
	static const struct family *const families[] = {
		&discovery_family,
		&credentials_family,
		&delegates_family,
		&hosting_family,
		&licensing_family,
		&oauth_family,
		&operational_family,
	};

	*count = COUNT_OF(families);
	return families;
}

unsigned families_route_number(const struct family *family, const struct route *route)
{
	unsigned count, before = 1;
	const struct family *const *families = families_table(&count);

	for (unsigned i = 0; i < count && families[i] != family; i++)
		before += families[i]->route_count;
	return before + (unsigned)(route - family->routes);
}

const struct route *families_route(unsigned number)
{
	unsigned count;
	const struct family *const *families = families_table(&count);

	for (unsigned i = 0; number > 0 && i < count; i++) {
		if (number <= families[i]->route_count)
			return &families[i]->routes[number - 1];
		number -= families[i]->route_count;
	}
	return NULL;
}
