#include "api/activation/version.h"

#include "base/arena.h"

#define PARTS 4

/* Numbers of a version; false where it is none. *any: it ends in a star behind `count` parts. */
static bool read_version(struct str text, int64_t parts[PARTS], unsigned *count, bool *any)
{
	struct str part;

	*count = 0;
	*any = false;
	for (unsigned i = 0; i < PARTS; i++)
		parts[i] = 0;
	while (str_next(&text, '.', &part)) {
		if (*any || *count == PARTS)
			return false;
		*any = str_equal(part, STR("*"));
		if (*any)
			continue;
		if (!str_to_int64(part, &parts[*count]) || parts[*count] < 0)
			return false;
		(*count)++;
	}
	return *count > 0 || *any;
}

static int compare_parts(const int64_t *a, const int64_t *b, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

static bool is_within(struct str range, const int64_t *version)
{
	int64_t first[PARTS], last[PARTS];
	struct str end;
	unsigned count;
	bool any;

	if (!str_next(&range, '-', &end) || !read_version(str_trim(end), first, &count, &any) ||
	    any || !read_version(str_trim(range), last, &count, &any) || any)
		return false;
	return compare_parts(first, version, PARTS) <= 0 &&
	       compare_parts(version, last, PARTS) <= 0;
}

bool version_matches(struct str pattern, struct str version)
{
	int64_t parts[PARTS], wanted[PARTS];
	unsigned count;
	bool any;

	if (str_equal(pattern, version))
		return true;
	if (!read_version(version, parts, &count, &any) || any)
		return false;
	if (pattern.length > 2 && pattern.data[0] == '[' && str_ends_with(pattern, STR("]")))
		return is_within(str_slice(pattern, 1, pattern.length - 2), parts);
	return read_version(pattern, wanted, &count, &any) &&
	       compare_parts(wanted, parts, any ? count : PARTS) == 0;
}
