/*
 * The settings of the server as a table: which there are, what they are now, and what they may
 * become. Values are JSON texts.
 */
#ifndef CLIENTELE_API_LICENSING_SERVER_SETTING_H
#define CLIENTELE_API_LICENSING_SERVER_SETTING_H

#include "api/licensing/settings.h"

enum setting_type { SETTING_BOOLEAN, SETTING_INTEGER, SETTING_STRING };

struct server_setting {
	const char *group, *name;
	enum setting_type type;
	bool stored;          /* can be changed; else it is one of the options */
	size_t offset;        /* in struct server_settings, or in struct settings */
	const char *fallback; /* JSON; of stored ones */
	int64_t least, most;  /* of stored integers */
	const char *(*check)(struct str text); /* of stored texts that are not empty; may be NULL */
	const char *doc;
};

#define SERVER_SETTING_COUNT 16

/* By group and name. */
extern const struct server_setting server_setting_table[SERVER_SETTING_COUNT];

/* Name of a type, as callers see it. */
const char *server_setting_type(const struct server_setting *setting);

/* Group and name, with a dot between, in the arena. */
const char *server_setting_name(struct arena *arena, const struct server_setting *setting);

/* Stored values by the number of their row in the table; NULL data = the default. */
struct server_setting_values {
	struct str values[SERVER_SETTING_COUNT];
};

/* Reads them: one query. */
int server_setting_load(struct operation *operation, struct server_setting_values *values,
    struct error *error) MUST_CHECK;

/* What a setting is now, as JSON. */
struct str server_setting_current(
    struct operation *operation, const struct server_setting_values *values, unsigned number);

/*
 * Turns what was sent into the JSON to store; false with a fault at `path` when it does not fit.
 */
bool server_setting_take(struct operation *operation, const struct server_setting *setting,
    struct str sent, const char *path, struct str *json, struct error *error);

/* Whether what was sent for an option is what the configuration file says. */
bool server_setting_is_same(
    struct operation *operation, const struct server_setting *setting, struct str sent);

/*
 * Stores a value, or with no data goes back to the default. Must run in a transaction, which tells
 * the audit log of all settings that it changes.
 */
int server_setting_store(
    struct operation *operation, unsigned number, struct str json, struct error *error) MUST_CHECK;

#endif
