#include "cli/cluster_place.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/own_file.h"
#include "cli/cluster_words.h"
#include "cli/session.h"
#include "db/galera_saved.h"

#define NOWHERE HOSTS_MAX
#define PATH_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@"

/* Number of the host that people mean, with its port or without; NOWHERE after saying why not. */
static unsigned find_host(
    struct session *session, const struct cluster_places *places, struct str text)
{
	unsigned found = NOWHERE;

	for (unsigned i = 0; i < places->hosts.count; i++) {
		const struct host *host = &places->hosts.list[i];
		char whole[HOST_TEXT];

		host_print(host, whole, sizeof(whole));
		if (str_equal(text, str_from(whole)))
			return i;
		if (host->name[0] == '\0' || !str_equal_ignore_case(text, str_from(host->name)))
			continue;
		if (found != NOWHERE) {
			session_usage(session,
			    "Several hosts are called " STR_FORMAT "; name its port, too.",
			    STR_ARGUMENTS(text));
			return NOWHERE;
		}
		found = i;
	}
	if (found == NOWHERE)
		session_usage(session, "\"" STR_FORMAT "\" is no host of database_hosts.",
		    STR_ARGUMENTS(text));
	return found;
}

/* An address that a socket can be bound to is one of this machine's. */
static bool is_of_this_machine(const struct host *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *addresses;
	bool own = false;

	if (host_is_local(host))
		return true;
	if (getaddrinfo(host->name, NULL, &hints, &addresses) != 0)
		return false;
	for (const struct addrinfo *one = addresses; one != NULL && !own; one = one->ai_next) {
		int file = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		own = file >= 0 && bind(file, one->ai_addr, one->ai_addrlen) == 0;
		if (file >= 0)
			close(file);
	}
	freeaddrinfo(addresses);
	return own;
}

/* The host of the list that is this machine; NOWHERE where there is none, or several. */
static unsigned find_this_machine(const struct cluster_places *places)
{
	unsigned found = NOWHERE;

	for (unsigned i = 0; i < places->hosts.count; i++) {
		if (!is_of_this_machine(&places->hosts.list[i]))
			continue;
		if (found != NOWHERE)
			return NOWHERE;
		found = i;
	}
	return found;
}

/* --- flags --- */

typedef enum command_status take_flag(
    struct session *session, struct cluster_places *places, const char *value);

static enum command_status take_position(
    struct session *session, struct cluster_places *places, const char *value)
{
	const char *sign = strrchr(value, '=');
	unsigned host;

	if (sign == NULL)
		return session_usage(session, "--position needs HOST=UUID:SEQNO.");
	host = find_host(session, places, str_slice(str_from(value), 0, (size_t)(sign - value)));
	if (host == NOWHERE)
		return COMMAND_USAGE;
	if (!galera_saved_position(str_from(sign + 1), &places->list[host].told))
		return session_usage(session, "\"%s\" is no position; give UUID:SEQNO.", sign + 1);
	return COMMAND_OK;
}

static enum command_status take_lost(
    struct session *session, struct cluster_places *places, const char *value)
{
	unsigned host = find_host(session, places, str_from(value));

	if (host == NOWHERE)
		return COMMAND_USAGE;
	places->lost |= UINT32_C(1) << host;
	return COMMAND_OK;
}

static enum command_status take_keep(
    struct session *session, struct cluster_places *places, const char *value)
{
	unsigned host = find_host(session, places, str_from(value));

	if (host == NOWHERE)
		return COMMAND_USAGE;
	places->keep |= UINT32_C(1) << host;
	return COMMAND_OK;
}

static enum command_status take_directory(
    struct session *session, struct cluster_places *places, const char *value)
{
	const char *sign = strchr(value, '=');
	const char *directory = value[0] != '/' && sign != NULL ? sign + 1 : value;
	unsigned host;

	if (directory == value) {
		host = find_this_machine(places);
		if (host == NOWHERE)
			return session_usage(session,
			    "None of the hosts, or more than one, is this machine; give "
			    "--data-directory HOST=DIRECTORY.");
	} else {
		host = find_host(
		    session, places, str_slice(str_from(value), 0, (size_t)(sign - value)));
	}
	if (host == NOWHERE)
		return COMMAND_USAGE;
	if (directory[0] != '/' || directory[strspn(directory, PATH_CHARACTERS)] != '\0')
		return session_usage(session,
		    "\"%s\" is no absolute path, or has characters other than letters, digits and "
		    "/._-+@.",
		    directory);
	places->list[host].directory = directory;
	return COMMAND_OK;
}

static const struct {
	const char *name;
	take_flag *take;
} takers[] = {
	{ "position", take_position },
	{ "lost", take_lost },
	{ "keep", take_keep },
	{ "data-directory", take_directory },
};

static enum command_status take_flags(struct session *session, struct cluster_places *places)
{
	struct buf given = { 0 };
	enum command_status status = COMMAND_OK;

	for (unsigned i = 0; i < session->given_count && status == COMMAND_OK; i++) {
		const struct command_given *flag = &session->given[i];

		for (unsigned t = 0; t < sizeof(takers) / sizeof(*takers); t++) {
			if (strcmp(flag->flag->name, takers[t].name) != 0)
				continue;
			status = takers[t].take(session, places, flag->value);
			buf_printf(&given, " --%s %s", flag->flag->name, flag->value);
		}
	}
	if (given.length >= sizeof(places->given) || given.failed)
		status = session_usage(session, "The options are too long.");
	else
		memcpy(places->given, given.length > 0 ? given.data : "", given.length + 1);
	buf_free(&given);
	return status;
}

/* --- files --- */

static ssize_t read_file(const char *path, char *text, size_t size)
{
	int file = own_file_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	ssize_t length = -1;

	if (file < 0)
		return -1;
	length = read(file, text, size);
	close(file);
	return length;
}

static void read_saved(struct session *session, struct cluster_place *place)
{
	char text[GALERA_SAVED_BYTES];
	ssize_t length;

	place->path = arena_printf(session->arena, "%s/" GALERA_SAVED_FILE, place->directory);
	if (place->path == NULL)
		return;
	length = read_file(place->path, text, sizeof(text));
	if (length < 0)
		place->fault = strerror(errno);
	else if (!galera_saved_read(
		     (struct str){ text, (size_t)length }, &place->saved, &place->last))
		place->fault = "it is no saved state of Galera";
}

enum command_status cluster_places_take(struct session *session, struct cluster_places *places)
{
	enum command_status status;
	unsigned here;

	*places = (struct cluster_places){ 0 };
	if (!hosts_read(&places->hosts, session->settings, 0))
		return session_fail(session, "The list database_hosts cannot be read.");
	status = take_flags(session, places);
	if (status != COMMAND_OK)
		return status;
	here = find_this_machine(places);
	if (here != NOWHERE && places->list[here].directory == NULL &&
	    access(CLUSTER_DIRECTORY, F_OK) == 0)
		places->list[here].directory = CLUSTER_DIRECTORY;
	for (unsigned i = 0; i < places->hosts.count; i++) {
		if (places->list[i].directory != NULL)
			read_saved(session, &places->list[i]);
	}
	return COMMAND_OK;
}

void cluster_places_apply(
    struct session *session, const struct cluster_places *places, struct cluster *cluster)
{
	cluster->lost = places->lost;
	cluster->keep = places->keep;
	for (unsigned i = 0; i < cluster->count; i++) {
		const struct cluster_place *place = &places->list[i];
		struct galera_node *node = &cluster->nodes[i];

		if (node->reach == GALERA_ANSWERS) {
			if (place->told.known)
				session_note(
				    session, "%s answers: its own position counts.", node->host);
			continue;
		}
		if (place->last)
			cluster->last |= UINT32_C(1) << i;
		if (place->told.known)
			node->position = place->told;
		else if (place->saved.known)
			node->position = place->saved;
		else if (place->fault != NULL)
			session_note(session, "%s cannot be read (%s).", place->path, place->fault);
	}
}
