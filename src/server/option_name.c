#include "base/nearest.h"
#include "server/option.h"

static bool name_matches(const char *name, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i] == '-' ? '_' : text.data[i];

		if (name[i] == '\0' || name[i] != byte)
			return false;
	}
	return name[text.length] == '\0';
}

const struct option *option_find(struct str name)
{
	unsigned count;
	const struct option *options = option_table(&count);

	for (unsigned i = 0; i < count; i++) {
		if (name_matches(options[i].name, name))
			return &options[i];
	}
	return NULL;
}

const char *option_unknown(struct arena *arena, struct str name)
{
	unsigned count;
	const struct option *options = option_table(&count);
	struct nearest nearest = { .word = name };

	for (unsigned i = 0; i < count; i++)
		nearest_offer(&nearest, str_from(options[i].name));
	if (!nearest_is_likely(&nearest))
		return "unknown option";
	return arena_printf(
	    arena, "unknown option; did you mean " STR_FORMAT "?", STR_ARGUMENTS(nearest.best));
}
