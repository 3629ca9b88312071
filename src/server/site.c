#include "server/site.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SUFFIX ".conf"
#define PARENT "/clientele/sites/"

/* Users whom a pool must not run as: it would have what is theirs. */
static const char *const reserved[] = { "clientele", "mysql", "nobody", "root", "sites",
	"www-data" };

struct str site_of(const char *config_file)
{
	struct str path = str_from(config_file != NULL ? config_file : "");
	size_t begin = path.length;

	while (begin > 0 && path.data[begin - 1] != '/')
		begin--;
	if (!str_ends_with(path, STR(SUFFIX)) ||
	    !str_ends_with(str_slice(path, 0, begin), STR(PARENT)))
		return STR("");
	return str_slice(path, begin, path.length - begin - (sizeof(SUFFIX) - 1));
}

/* NULL where the name is one that a site may have, else what was expected. */
static const char *fault_of_name(struct str name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	bool good = name.length > 0 && name.length <= SITE_NAME_MAX && name.data[0] >= 'a' &&
		    name.data[0] <= 'z';

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (str_equal(name, str_from(reserved[i])))
			return "another name of the site: this one is reserved";
	}
	for (size_t i = 0; good && i < name.length; i++)
		good = memchr(characters, name.data[i], sizeof(characters) - 1) != NULL;
	return good ? NULL
		    : "a name of the site of at most 32 lower-case letters, digits, \"-\" and "
		      "\"_\" that begins with a letter";
}

const char *site_state_directory(const char *config_file, struct arena *arena)
{
	struct str name = site_of(config_file);

	return name.length > 0 && fault_of_name(name) == NULL
		   ? arena_printf(arena, SITE_STATE STR_FORMAT, STR_ARGUMENTS(name))
		   : NULL;
}

static void tell_site_fault(const struct config_listener *listener, const char *option,
    const char *form, struct str name) __attribute__((format(printf, 3, 0)));

/* The name of the site fills the format's only place. */
static void tell_site_fault(
    const struct config_listener *listener, const char *option, const char *form, struct str name)
{
	char text[256];

	snprintf(text, sizeof(text), form, STR_ARGUMENTS(name));
	listener->tell(listener->context, option, text);
}

void site_faults(const char *config_file, const struct settings *settings,
    const struct config_listener *listener)
{
	struct str name = site_of(config_file);
	const char *reason = fault_of_name(name);
	char logs[sizeof(SITE_LOGS) + SITE_NAME_MAX + 1],
	    folder[sizeof(SITE_STATE) + SITE_NAME_MAX];
	const struct {
		const char *option, *value, *parent, *prefix;
	} folders[] = {
		{ "runtime_directory", settings->runtime_directory, "/run/", SITE_RUNTIME },
		{ "state_directory", settings->state_directory, "/var/lib/", SITE_STATE },
	};

	if (name.length == 0)
		return;
	/* It is that of the user, too. */
	if (reason != NULL) {
		tell_site_fault(listener, "user", "expected %.*s", str_from(reason));
		return;
	}
	snprintf(logs, sizeof(logs), SITE_LOGS STR_FORMAT "/", STR_ARGUMENTS(name));
	if (settings->log_target[0] == '/' &&
	    !str_starts_with(str_from(settings->log_target), str_from(logs)))
		tell_site_fault(listener, "log_target",
		    "expected stderr, syslog or a file in %.*s, the only directory that a site may "
		    "write to",
		    str_from(logs));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(folder, sizeof(folder), "%s" STR_FORMAT, folders[i].prefix,
		    STR_ARGUMENTS(name));
		if (str_starts_with(str_from(folders[i].value), str_from(folders[i].parent)) &&
		    strcmp(folders[i].value, folder) != 0)
			tell_site_fault(listener, folders[i].option,
			    "expected %.*s, the only folder there that the site may write to",
			    str_from(folder));
	}
}
