/*
 * What can be seen of the program's own files and sockets.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/doctor.h"
#include "server/config_rule.h"
#include "server/identity.h"
#include "server/listener.h"
#include "server/shared.h"

#define STOP_TIMEOUT 30                     /* TimeoutStopSec of the units, seconds */
#define WEB_SERVER_BODY ((int64_t)2 << 20)  /* client_max_body_size of the shipped files */
#define WEB_SERVER_LIST ((int64_t)12 << 20) /* the same for synchronisations */
#define WEB_SERVER_TIMEOUT 60               /* fastcgi_read_timeout there, seconds */
#define WEB_SERVER_USER "www-data"
#define SOCKET_GROUP "clientele-socket"

static void note_warning(void *context, const char *option, const char *text)
{
	struct doctor *doctor = context;

	doctor_note(doctor, DOCTOR_WARNING,
	    arena_printf(doctor->session->arena, "change %s; see clientele.conf(5)", option),
	    "%s: %s", option, text);
}

void doctor_check_options(struct doctor *doctor)
{
	const struct settings *s = doctor->session->settings;
	unsigned before = doctor->count;

	if (s->request_deadline > 0 && s->database_read_timeout >= s->request_deadline)
		doctor_note(doctor, DOCTOR_WARNING,
		    "set database_read_timeout below request_deadline",
		    "a worker waiting for the database is killed before it can answer 503");
	if (s->request_deadline == 0 || s->request_deadline > WEB_SERVER_TIMEOUT)
		doctor_note(doctor, DOCTOR_WARNING,
		    "set request_deadline to at most 60s, or raise the web server's timeout as "
		    "well",
		    "the web server gives up after %d s, while the worker continues",
		    WEB_SERVER_TIMEOUT);
	if (s->drain_timeout >= STOP_TIMEOUT)
		doctor_note(doctor, DOCTOR_WARNING, "{drain}",
		    "systemd kills the pool after %d s, while requests may still be in progress",
		    STOP_TIMEOUT);
	if (s->limits.body_bytes > WEB_SERVER_BODY)
		doctor_note(doctor, DOCTOR_WARNING,
		    "raise client_max_body_size of nginx (or its equivalent) above limit_body",
		    "the web server rejects bodies that limit_body allows");
	if (limits_of_list(&s->limits).body_bytes > WEB_SERVER_LIST)
		doctor_note(doctor, DOCTOR_WARNING,
		    "raise client_max_body_size (or its equivalent) for the synchronisation as "
		    "well",
		    "the web server rejects groups that limit_group_clients allows");
	if (s->public_url[0] == '\0')
		doctor_note(doctor, DOCTOR_WARNING,
		    "set public_url to the address that callers use, such as "
		    "https://registry.example.org",
		    "the issuer and the addresses in answers are taken from the caller's Host "
		    "header");
	config_rule_warnings(s, &(const struct config_listener){ note_warning, doctor });
	if (doctor->count == before)
		doctor_note(doctor, DOCTOR_OK, NULL, "%s%s is valid",
		    doctor->session->config.file != NULL ? "" : "without a file, it ",
		    doctor->session->config.file != NULL ? doctor->session->config.file : "");
}

/* A file that holds a secret is for its owner and group. */
static void check_secret_file(struct doctor *doctor, const char *path)
{
	struct arena *arena = doctor->session->arena;
	struct stat status;

	if (path == NULL || path[0] == '\0')
		return;
	if (stat(path, &status) != 0)
		doctor_note(doctor, DOCTOR_FAULT, arena_printf(arena, "create %s", path),
		    "%s cannot be read: %s", path, strerror(errno));
	else if ((status.st_mode & S_IRWXO) != 0)
		doctor_note(doctor, DOCTOR_FAULT, arena_printf(arena, "chmod o-rwx %s", path),
		    "all users of the machine can read the secret in %s", path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "%s is not readable by other users", path);
}

/* What only changes of the schema need is for root alone: the pool's user must not read it. */
static void check_migrate_file(struct doctor *doctor)
{
	const char *path = doctor->session->settings->migrate_password_file;
	struct stat status;

	if (path[0] == '\0')
		return;
	if (stat(path, &status) != 0)
		doctor_note(doctor, DOCTOR_WARNING, "{setup}",
		    "%s cannot be read, so the schema cannot be changed: %s", path,
		    strerror(errno));
	else if ((status.st_mode & (S_IRWXO | S_IRWXG)) != 0)
		doctor_note(doctor, DOCTOR_FAULT,
		    arena_printf(doctor->session->arena, "chmod 600 %s", path),
		    "users other than its owner can read the secret in %s", path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "only its owner can read %s", path);
}

static void check_directory(struct doctor *doctor, const char *what, const char *path)
{
	const struct settings *settings = doctor->session->settings;
	struct identity identity;
	struct stat status;

	if (identity_find(settings, &identity, &doctor->session->error) != 0)
		doctor_note(doctor, DOCTOR_FAULT,
		    "create the user, or set the option user to an existing one",
		    "the pool's user does not exist: %s", doctor->session->error.detail);
	else if (stat(path, &status) != 0)
		doctor_note(doctor, DOCTOR_FAULT, "{folder}", "the %s directory %s: %s", what, path,
		    strerror(errno));
	else if (identity.user != NULL && status.st_uid != identity.uid && identity.uid != 0)
		doctor_note(doctor, DOCTOR_FAULT,
		    arena_printf(doctor->session->arena, "chown %s %s", identity.user, path),
		    "the %s directory %s does not belong to the pool's user", what, path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "the %s directory is %s", what, path);
}

/* Whether the value of a secret stands in the configuration file itself. */
static bool is_in_configuration(const struct session *session, const struct option *file)
{
	const struct config *config = &session->config;
	const struct option *secret =
	    file->value_of != NULL ? option_find(str_from(file->value_of)) : NULL;

	return secret != NULL && config->file != NULL &&
	       option_text(secret, session->settings)[0] != '\0' &&
	       option_text(file, session->settings)[0] == '\0' &&
	       str_starts_with(
		   str_from(config->sources[option_number_of(secret)]), str_from(config->file));
}

void doctor_check_files(struct doctor *doctor)
{
	const struct settings *settings = doctor->session->settings;
	unsigned count;
	const struct option *options = option_table(&count);
	bool in_configuration = false;

	for (unsigned i = 0; i < count; i++) {
		const char *file = option_secret_file(&options[i], settings);

		if (options[i].file == OPTION_FILE_KEYS && access(file, F_OK) != 0)
			doctor_note(doctor, DOCTOR_FAULT, "{key}",
			    "the key file %s is missing; the pool does not start without it", file);
		else
			check_secret_file(doctor, file);
		/* A secret that stands in the configuration makes that a file of secrets. */
		in_configuration =
		    in_configuration || is_in_configuration(doctor->session, &options[i]);
	}
	if (in_configuration)
		check_secret_file(doctor, doctor->session->config.file);
	check_migrate_file(doctor);
	check_directory(doctor, "runtime", settings->runtime_directory);
	check_directory(doctor, "state", settings->state_directory);
}

const char *doctor_socket_path(struct session *session, const char **of_pool)
{
	struct listener_address address;
	struct shared_view view;
	const char *path, *reason;

	if (shared_look(session->settings->runtime_directory, &view, &session->error)) {
		*of_pool = "the pool listens on";
		path = arena_printf(session->arena, "%s", view.shared->socket);
		shared_view_drop(&view);
		return path != NULL ? path : "";
	}
	error_clear(&session->error);
	*of_pool = "the pool should listen on";
	if (!listener_parse(str_from(session->settings->listen), &address, &reason) ||
	    address.kind != LISTENER_UNIX)
		return "";
	return arena_printf(session->arena, "%s", address.path);
}

static bool accepts(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool result;

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	result = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	(void)close(fd);
	return result;
}

/* Whether the web server's user may write to the socket; nobody's word where this user does not
 * exist.
 */
static bool web_server_may(const struct stat *status)
{
	const struct passwd *user = getpwnam(WEB_SERVER_USER);
	const struct group *group;

	if (user == NULL || (status->st_mode & S_IWOTH) != 0 || status->st_uid == user->pw_uid)
		return true;
	if ((status->st_mode & S_IWGRP) == 0)
		return false;
	if (status->st_gid == user->pw_gid)
		return true;
	group = getgrgid(status->st_gid);
	for (char **member = group != NULL ? group->gr_mem : NULL;
	     member != NULL && *member != NULL; member++) {
		if (strcmp(*member, WEB_SERVER_USER) == 0)
			return true;
	}
	return false;
}

/* The group that every program of a web server belongs to: CGI, PHP, other sites. */
static bool belongs_to_web_server(const struct stat *status)
{
	const struct passwd *user = getpwnam(WEB_SERVER_USER);

	return user != NULL && (status->st_mode & S_IWGRP) != 0 && status->st_gid == user->pw_gid;
}

void doctor_check_socket(struct doctor *doctor)
{
	const char *who, *path = doctor_socket_path(doctor->session, &who);
	struct stat status;

	if (path[0] == '\0')
		doctor_note(
		    doctor, DOCTOR_SKIPPED, NULL, "the pool does not listen on a Unix socket");
	else if (stat(path, &status) != 0)
		doctor_note(
		    doctor, DOCTOR_FAULT, "{enable}", "%s %s: %s", who, path, strerror(errno));
	else if (!S_ISSOCK(status.st_mode))
		doctor_note(doctor, DOCTOR_FAULT, "remove it and run: {restart}",
		    "%s is not a socket", path);
	else if (doctor_site_is_enabled(doctor) && !web_server_may(&status))
		doctor_note(doctor, DOCTOR_FAULT,
		    "set SocketGroup= (listen_group) to " SOCKET_GROUP
		    " with mode 0660, add " WEB_SERVER_USER
		    " to it (gpasswd -a), restart the web server",
		    "the web server's user (" WEB_SERVER_USER ") may not write to the socket %s",
		    path);
	else if ((status.st_mode & S_IWOTH) != 0)
		doctor_note(doctor, DOCTOR_FAULT, "set SocketMode= (listen_mode) to 0660",
		    "every user of the machine can impersonate any caller through %s", path);
	else if (belongs_to_web_server(&status))
		doctor_note(doctor, DOCTOR_WARNING,
		    "set SocketGroup= (listen_group) to " SOCKET_GROUP ", and add " WEB_SERVER_USER
		    " to it (gpasswd -a)",
		    "everything that runs with the web server's group can impersonate any caller "
		    "through %s",
		    path);
	else if (doctor->is_root && !accepts(path))
		doctor_note(doctor, DOCTOR_FAULT, "{restart}", "nothing is listening on %s", path);
	else
		doctor_note(doctor, DOCTOR_OK, NULL, "%s %s", who, path);
}
