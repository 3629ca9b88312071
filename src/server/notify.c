#include "server/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* For the end after the last child has left, in microseconds. */
#define STOP_MARGIN 5000000

bool notify_wanted(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	return name != NULL && (name[0] == '/' || name[0] == '@') && name[1] != '\0';
}

static void send_state(const char *state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = getenv("NOTIFY_SOCKET");
	socklen_t length;
	int fd;

	if (!notify_wanted() || strlen(name) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, name, strlen(name));
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(
	    fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
	(void)close(fd);
}

void notify_ready(const char *status)
{
	char state[256];

	snprintf(state, sizeof(state), "READY=1\nSTATUS=%s\n", status);
	send_state(state);
}

void notify_reloading(void)
{
	struct timespec now;
	char state[128];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reloading\n",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	send_state(state);
}

void notify_stopping(int64_t microseconds)
{
	char state[128];

	snprintf(state, sizeof(state), "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld\nSTATUS=Draining\n",
	    (long long)microseconds + STOP_MARGIN);
	send_state(state);
}

void notify_status(const char *status)
{
	char state[256];

	snprintf(state, sizeof(state), "STATUS=%s\n", status);
	send_state(state);
}
