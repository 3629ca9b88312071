#include "api/families.h"

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
