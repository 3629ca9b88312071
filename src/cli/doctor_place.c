#include "cli/doctor_place.h"

#include <stdio.h>
#include <unistd.h>

#include "schema/resource.h"
#include "server/config_load.h"
#include "server/site.h"

#define SCRIPT_FILE "quickstart" /* beside the configuration: the command that has made it */
#define SCRIPT_MAX 4096

/* The only place where remedies name commands and units; a word may be made of others. */
static const struct {
	const char *name;
	const char *words[DOCTOR_PLACE__MAX];
} words[] = {
	{ "{cli}", { "clientele", "clientele --config={config}",
		       "{state}/build/clientele --config={config}" } },
	{ "{unit}", { "clientele", "clientele@{name}", "clienteled" } },
	{ "{enable}", { "systemctl enable --now {unit}.socket",
			  "systemctl enable --now {unit}.socket", "{script}" } },
	{ "{restart}", { "systemctl restart {unit}.socket {unit}.service",
			   "systemctl restart {unit}.socket {unit}.service", "{script}" } },
	{ "{stop}", { "systemctl stop {unit}.socket {unit}.service",
			"systemctl stop {unit}.socket {unit}.service",
			"kill $(cat {state}/run/clienteled.pid); later: {script}" } },
	{ "{folder}", { "systemctl start {unit} (which creates the directory)",
			  "systemctl start {unit} (which creates the directory)", "{script}" } },
	{ "{logs}", { "journalctl -u {unit}", "journalctl -u {unit}",
			"tail -n 50 {state}/log/clienteled.log" } },
	{ "{database}",
	    { "check that MariaDB is running (systemctl status mariadb), then: {cli} setup-db",
		"check that MariaDB is running (systemctl status mariadb), then: {cli} setup-db",
		"{script}" } },
	{ "{setup}", { "{cli} setup-db", "{cli} setup-db", "{script}" } },
	{ "{split}",
	    { "{cli} setup-db --split-users", "{cli} setup-db --split-users", "{script}" } },
	{ "{migrate}", { "{cli} migrate", "{cli} migrate", "{script}" } },
	{ "{key}", { "{cli} secret init", "{cli} secret init", "{script}" } },
	{ "{expire}", { "systemctl enable --now clientele-expire.timer",
			  "systemctl enable --now clientele-expire@{name}.timer",
			  "{cli} expire (there is no timer here)" } },
	{ "{backup}", { "systemctl enable --now clientele-backup.timer",
			  "systemctl enable --now clientele-backup@{name}.timer",
			  "mkdir -p {state}/backups && {cli} backup {state}/backups" } },
	{ "{backup-logs}",
	    { "journalctl -u clientele-backup", "journalctl -u clientele-backup@{name}",
		"{cli} backup {state}/backups" } },
	{ "{drain}",
	    { "set drain_timeout below 30s, or raise TimeoutStopSec= with systemctl edit",
		"set drain_timeout below 30s, or raise TimeoutStopSec= with systemctl edit {unit}",
		"set drain_timeout below 30s" } },
	{ "{web}", { "clientele status; then check the web server's error log",
		       "{cli} status; then check the web server's error log",
		       "{script}; then {state}/log/nginx-error.log" } },
};

/* The line that quickstart has left; NULL where it has not. */
static const char *read_script(const char *folder, struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/" SCRIPT_FILE, folder);
	char line[SCRIPT_MAX];
	FILE *file = path != NULL ? fopen(path, "re") : NULL;
	const char *script = NULL;

	if (file == NULL)
		return NULL;
	if (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		script = line[0] != '\0' ? arena_printf(arena, "%s", line) : NULL;
	}
	(void)fclose(file);
	return script;
}

void doctor_place_find(const struct session *session, struct doctor_place *place)
{
	const char *config = session->config.file != NULL ? session->config.file : CONFIG_FILE_NAME;
	const char *slash = strrchr(config, '/');

	*place = (struct doctor_place){ .config = config };
	place->state = slash != NULL
			   ? arena_printf(session->arena, "%.*s", (int)(slash - config), config)
			   : ".";
	if (site_of(config).length > 0) {
		place->kind = DOCTOR_SITE;
		place->name =
		    arena_printf(session->arena, STR_FORMAT, STR_ARGUMENTS(site_of(config)));
		return;
	}
	place->script = place->state != NULL ? read_script(place->state, session->arena) : NULL;
	if (place->script != NULL)
		place->kind = DOCTOR_QUICKSTART;
}

/* What is of this place alone; NULL where the word is none of these. */
static const char *find_own(const struct doctor_place *place, struct str word)
{
	const struct {
		const char *name, *value;
	} own[] = {
		{ "{config}", place->config },
		{ "{name}", place->name },
		{ "{state}", place->state },
		{ "{script}", place->script },
	};

	for (size_t i = 0; i < COUNT_OF(own); i++) {
		if (str_equal(word, str_from(own[i].name)))
			return own[i].value;
	}
	return NULL;
}

static const char *find_word(const struct doctor_place *place, struct str word)
{
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (str_equal(word, str_from(words[i].name)))
			return words[i].words[place->kind];
	}
	return NULL;
}

static void append(const struct doctor_place *place, struct str text, struct buf *out)
{
	while (text.length > 0) {
		size_t begin = str_find(text, '{');
		struct str rest = str_slice(text, begin, text.length);
		size_t end = str_find(rest, '}');
		struct str word = str_slice(rest, 0, end + (end < rest.length));
		const char *own = find_own(place, word), *phrase = find_word(place, word);

		buf_append_str(out, str_slice(text, 0, begin));
		if (own != NULL)
			buf_append_text(out, own);
		else if (phrase != NULL)
			append(place, str_from(phrase), out); /* the table has no circles */
		else
			buf_append_str(out, word);
		text = str_slice(rest, word.length, rest.length);
	}
}

const char *doctor_place_expand(
    const struct doctor_place *place, const char *text, struct arena *arena)
{
	struct buf out = { 0 };
	const char *expanded = text;

	if (text == NULL || strchr(text, '{') == NULL)
		return text;
	append(place, str_from(text), &out);
	if (!out.failed)
		expanded = arena_printf(arena, STR_FORMAT, STR_ARGUMENTS(buf_str(&out)));
	buf_free(&out);
	return expanded;
}
