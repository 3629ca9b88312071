#define _GNU_SOURCE 1
#include "server/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/url.h"
#include "db/hosts.h"

/* First descriptor that systemd passes. */
#define LISTEN_FDS_START 3

static bool parse_unix(struct str path, struct listener_address *address, const char **reason)
{
	address->kind = LISTENER_UNIX;
	*reason = "expected unix: and an absolute path of at most 107 bytes";
	if (path.length == 0 || path.data[0] != '/' || path.length >= sizeof(address->path))
		return false;
	memcpy(address->path, path.data, path.length);
	address->path[path.length] = '\0';
	return true;
}

static bool parse_tcp(struct str text, struct listener_address *address, const char **reason)
{
	struct str host, port;
	int64_t number;
	size_t colon;

	address->kind = LISTENER_TCP;
	*reason = "expected tcp:host:port with a port from 1 to 65535, an IPv6 address in brackets";
	if (text.length > 0 && text.data[0] == '[') {
		size_t bracket = str_find(text, ']');

		host = str_slice(text, 1, bracket - 1);
		colon = bracket + 1;
	} else {
		colon = str_find(text, ':');
		host = str_slice(text, 0, colon);
	}
	if (colon >= text.length || text.data[colon] != ':')
		return false;
	port = str_slice(text, colon + 1, text.length);
	if (!str_to_int64(port, &number) || number < 1 || number > 65535)
		return false;
	if (str_equal(host, STR("*")))
		host.length = 0;
	if (host.length >= sizeof(address->host) || (host.length > 0 && !url_host_is_good(text)))
		return false;
	if (host.length > 0)
		memcpy(address->host, host.data, host.length);
	address->host[host.length] = '\0';
	snprintf(address->port, sizeof(address->port), "%d", (int)number);
	return true;
}

bool listener_parse(struct str text, struct listener_address *address, const char **reason)
{
	memset(address, 0, sizeof(*address));
	if (str_starts_with(text, STR("unix:")))
		return parse_unix(str_slice(text, 5, text.length), address, reason);
	if (str_starts_with(text, STR("tcp:")))
		return parse_tcp(str_slice(text, 4, text.length), address, reason);
	*reason = "expected unix:/path or tcp:host:port";
	return false;
}

bool listener_is_exposed(const struct listener_address *address)
{
	return address->kind == LISTENER_TCP && !host_name_is_local(address->host);
}

static bool is_listening(int fd)
{
	int value = 0;
	socklen_t length = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
}

/* Number of sockets from systemd; 0 when they are not for this process. */
static int64_t systemd_sockets(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	int64_t wanted, count = 0;

	if (pid == NULL || fds == NULL || !str_to_int64(str_from(pid), &wanted) ||
	    wanted != (int64_t)getpid() || !str_to_int64(str_from(fds), &count))
		count = 0;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return count;
}

static int set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int fail_socket(struct error *error, const char *what, const char *where)
{
	return error_set_detail(
	    error, ERROR_UNAVAILABLE, "%s %s: %s", what, where, strerror(errno));
}

/* Moves the socket off descriptor 0, where the C library's standard input would meet it. */
static int take_standard_input(struct listener *listener, struct error *error)
{
	int null;

	listener->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, LISTEN_FDS_START);
	if (listener->fd < 0 || set_flags(listener->fd) != 0)
		return fail_socket(error, "listening socket", "on standard input");
	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return fail_socket(error, "open", "/dev/null");
	if (null != STDIN_FILENO)
		(void)close(null);
	return 0;
}

/* True when a server answers on the socket, or may. */
static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive;

	if (fd < 0)
		return true;
	alive = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		errno != ECONNREFUSED;
	(void)close(fd);
	return alive;
}

static int bind_unix(
    int fd, const struct sockaddr_un *address, const struct settings *settings, struct error *error)
{
	mode_t mask = umask((mode_t)(0777 & ~settings->listen_mode));
	struct stat status;
	int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));

	if (result != 0 && errno == EADDRINUSE) {
		if (lstat(address->sun_path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
			(void)umask(mask);
			return error_set_detail(error, ERROR_UNAVAILABLE,
			    "%s exists and is not a socket", address->sun_path);
		}
		if (is_alive(address)) {
			(void)umask(mask);
			return error_set_detail(error, ERROR_UNAVAILABLE,
			    "another server listens on %s", address->sun_path);
		}
		(void)unlink(address->sun_path);
		result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	}
	(void)umask(mask);
	return result == 0 ? 0 : fail_socket(error, "bind to", address->sun_path);
}

/*
 * Owner and group are set before listen(), so that nobody connects in between; the mode has been
 * right from the start. In a folder of another user the name may mean something else by now.
 */
static int give_away(int fd, const struct settings *settings, struct error *error)
{
	const struct passwd *user = NULL;
	const struct group *group = NULL;

	if (settings->listen_owner[0] != '\0' && (user = getpwnam(settings->listen_owner)) == NULL)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "no user %s", settings->listen_owner);
	if (settings->listen_group[0] != '\0' && (group = getgrnam(settings->listen_group)) == NULL)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "no group %s", settings->listen_group);
	if ((user != NULL || group != NULL) &&
	    fchownat(fd, "", user != NULL ? user->pw_uid : (uid_t)-1,
		group != NULL ? group->gr_gid : (gid_t)-1, AT_EMPTY_PATH) != 0)
		return fail_socket(error, "change owner of", "the socket");
	return 0;
}

static int hand_over(
    struct listener *listener, const struct settings *settings, struct error *error)
{
	int fd = open(listener->path, O_PATH | O_NOFOLLOW | O_CLOEXEC), result = -1;

	if (fd < 0)
		return fail_socket(error, "open", listener->path);
	if (fstat(fd, &listener->bound) != 0 || !S_ISSOCK(listener->bound.st_mode) ||
	    listener->bound.st_uid != geteuid() || listener->bound.st_nlink != 1)
		error_set_detail(error, ERROR_UNAVAILABLE,
		    "%s is not the socket that was made there", listener->path);
	else
		result = give_away(fd, settings, error);
	(void)close(fd);
	return result;
}

static int open_unix(struct listener *listener, const char *path, const struct settings *settings,
    struct error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path, strlen(path) + 1);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return fail_socket(error, "socket for", path);
	if (bind_unix(listener->fd, &address, settings, error) != 0)
		return -1;
	memcpy(listener->path, path, strlen(path) + 1);
	if (hand_over(listener, settings, error) != 0)
		return -1;
	if (listen(listener->fd, (int)settings->listen_backlog) != 0)
		return fail_socket(error, "listen on", path);
	return 0;
}

static int open_tcp(struct listener *listener, const struct listener_address *address,
    const struct settings *settings, struct error *error)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	int on = 1;
	int result = getaddrinfo(
	    address->host[0] != '\0' ? address->host : NULL, address->port, &hints, &found);

	if (result != 0)
		return error_set_detail(error, ERROR_UNAVAILABLE, "address %s: %s", address->host,
		    gai_strerror(result));
	listener->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 ||
	    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(listener->fd, found->ai_addr, found->ai_addrlen) != 0 ||
	    listen(listener->fd, (int)settings->listen_backlog) != 0)
		result = fail_socket(error, "listen on", settings->listen);
	freeaddrinfo(found);
	return result;
}

static int open_inherited(struct listener *listener, int64_t sockets, struct error *error)
{
	listener->inherited = true;
	if (sockets == 0)
		return take_standard_input(listener, error);
	listener->fd = LISTEN_FDS_START;
	if (sockets > 1)
		return error_set_detail(error, ERROR_UNAVAILABLE,
		    "LISTEN_FDS passes %d sockets instead of one", (int)sockets);
	if (!is_listening(listener->fd))
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "LISTEN_FDS passes no listening socket");
	if (set_flags(listener->fd) != 0)
		return fail_socket(error, "socket", "of LISTEN_FDS");
	return 0;
}

void listener_path(const struct listener *listener, char *path, size_t size)
{
	struct sockaddr_un address = { 0 };
	socklen_t length = sizeof(address) - 1;

	if (getsockname(listener->fd, (struct sockaddr *)&address, &length) != 0 ||
	    address.sun_family != AF_UNIX)
		address.sun_path[0] = '\0';
	snprintf(path, size, "%s", address.sun_path);
}

int listener_open(struct listener *listener, const struct settings *settings, struct error *error)
{
	struct listener_address address;
	const char *reason;
	int64_t sockets = systemd_sockets();
	int result;

	*listener = (struct listener){ .fd = -1 };
	if (sockets > 0 || is_listening(STDIN_FILENO))
		result = open_inherited(listener, sockets, error);
	else if (!listener_parse(str_from(settings->listen), &address, &reason))
		return error_set_detail(error, ERROR_UNAVAILABLE, "listen: %s", reason);
	else if (address.kind == LISTENER_UNIX)
		result = open_unix(listener, address.path, settings, error);
	else
		result = open_tcp(listener, &address, settings, error);
	if (result != 0) {
		listener_unlink(listener);
		listener_close(listener);
	}
	return result;
}

void listener_unlink(struct listener *listener)
{
	if (listener->path[0] != '\0')
		own_file_unlink(listener->path, &listener->bound);
	listener->path[0] = '\0';
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		(void)close(listener->fd);
	listener->fd = -1;
}
