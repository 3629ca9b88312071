#include "cli/host_wait.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "db/connection.h"
#include "server/shared.h"

#define PATIENCE 1 /* seconds before people are told */

static struct shared_view view;
static int told_at; /* descriptor of the error stream */
static char message[HOST_TEXT + 40];
static volatile sig_atomic_t message_length;

/* The library has the thread; this is all that may be done beside it. */
static void on_alarm(int number)
{
	int saved = errno;

	(void)number;
	(void)!write(told_at, message, (size_t)message_length);
	errno = saved;
}

static void tell_wait(const struct host *host)
{
	const struct itimerval timer = { .it_value.tv_sec = host != NULL ? PATIENCE : 0 };
	char name[HOST_TEXT];

	if (host != NULL) {
		host_print(host, name, sizeof(name));
		message_length =
		    snprintf(message, sizeof(message), "waiting for database host %s ...\n", name);
	}
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

void host_wait_begin(struct session *session)
{
	const struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	told_at = fileno(session->err);
	if (told_at >= 0 && sigaction(SIGALRM, &action, NULL) == 0)
		connection_announce(tell_wait);
	if (shared_look(session->settings->runtime_directory, &view, &session->error))
		hosts_ask(&view.shared->hosts);
	error_clear(&session->error);
}

void host_wait_end(void)
{
	connection_announce(NULL);
	hosts_ask(NULL);
	shared_view_drop(&view);
}
