/*
 * The listening socket: inherited from systemd or spawn-fcgi, or made here.
 */
#ifndef CLIENTELE_SERVER_LISTENER_H
#define CLIENTELE_SERVER_LISTENER_H

#include <sys/stat.h>
#include <sys/un.h>

#include "base/error.h"
#include "base/settings.h"

enum listener_kind { LISTENER_UNIX, LISTENER_TCP };

struct listener_address {
	enum listener_kind kind;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* at most 107 bytes and a NUL */
	char host[256]; /* without brackets; empty = all addresses */
	char port[8];
};

/*
 * Reads "unix:/path" or "tcp:host:port" ("tcp:[::1]:9000", "tcp:*:9000"). On failure returns false
 * with
 * `*reason` set to what was expected.
 */
bool listener_parse(struct str text, struct listener_address *address, const char **reason);

/* Whether other machines may reach it: TCP at anything but a loopback address. */
bool listener_is_exposed(const struct listener_address *address);

struct listener {
	int fd;
	bool inherited;
	/* To unlink at the end, unless another server has put its own there; empty = none. */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat bound;
};

/*
 * Takes the socket of LISTEN_FDS, else descriptor 0 if it is a listening socket, else makes one as
 * the settings say. It is non-blocking and closed on exec. A unix socket whose server is gone is
 * replaced; one that answers is left alone. Returns 0, or -1 with ERROR_UNAVAILABLE and the reason
 * in the detail.
 */
int listener_open(
    struct listener *listener, const struct settings *settings, struct error *error) MUST_CHECK;

/* Writes the path of a unix socket into `path`; empty for any other one. */
void listener_path(const struct listener *listener, char *path, size_t size);

/* Removes the name of a unix socket made here, so that nobody can connect any more. */
void listener_unlink(struct listener *listener);

/* Closes the descriptor. */
void listener_close(struct listener *listener);

#endif
