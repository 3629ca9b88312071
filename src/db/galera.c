#include "db/galera.h"

#include <mysql.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "db/connection.h"
#include "db/fault.h"
#include "schema/resource.h"

#define PROBE_MILLISECONDS 1000

/* Numbers of the client library. */
#define CONNECTION_ERROR 2002
#define HOST_ERROR 2003
#define UNKNOWN_HOST 2005
#define GONE 2006
#define LOST 2013

static const char *const questions[] = {
	"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on', 'wsrep_node_name', "
	"'wsrep_provider_options', 'read_only')",
	"SHOW GLOBAL STATUS LIKE 'wsrep\\_%'",
};

/* --- what a server says --- */

enum kind { TAKE_TEXT, TAKE_INTEGER, TAKE_YES, TAKE_PRIMARY, TAKE_UUID, TAKE_OPTIONS };

#define MEMBER(member) \
	offsetof(struct galera_node, member), sizeof(((struct galera_node *)0)->member)

static const struct {
	const char *name;
	enum kind kind;
	size_t place, size;
} figures[] = {
	{ "wsrep_on", TAKE_YES, MEMBER(replicates) },
	{ "read_only", TAKE_YES, MEMBER(read_only) },
	{ "wsrep_node_name", TAKE_TEXT, MEMBER(name) },
	{ "wsrep_provider_options", TAKE_OPTIONS, MEMBER(restores) },
	{ "wsrep_cluster_status", TAKE_PRIMARY, MEMBER(primary) },
	{ "wsrep_ready", TAKE_YES, MEMBER(ready) },
	{ "wsrep_cluster_size", TAKE_INTEGER, MEMBER(size) },
	{ "wsrep_cluster_conf_id", TAKE_TEXT, MEMBER(view) },
	{ "wsrep_incoming_addresses", TAKE_TEXT, MEMBER(peers) },
	{ "wsrep_gcomm_uuid", TAKE_TEXT, MEMBER(member) },
	{ "wsrep_local_index", TAKE_INTEGER, MEMBER(index) },
	{ "wsrep_local_state_comment", TAKE_TEXT, MEMBER(state) },
	{ "wsrep_local_recv_queue", TAKE_INTEGER, MEMBER(queue) },
	{ "wsrep_local_state_uuid", TAKE_UUID, MEMBER(position.uuid) },
	{ "wsrep_last_committed", TAKE_INTEGER, MEMBER(position.seqno) },
};

static bool says_yes(struct str text)
{
	return str_equal_ignore_case(text, STR("ON")) || str_equal_ignore_case(text, STR("1")) ||
	       str_equal_ignore_case(text, STR("true")) || str_equal_ignore_case(text, STR("yes"));
}

/* "pc.linger = PT20S; pc.recovery = true; …" */
static bool option_is_on(struct str options, struct str wanted)
{
	struct str option;

	while (str_next(&options, ';', &option)) {
		size_t sign = str_find(option, '=');

		if (str_equal(str_trim(str_slice(option, 0, sign)), wanted))
			return says_yes(str_trim(str_slice(option, sign + 1, option.length)));
	}
	return false;
}

static void take_figure(void *place, size_t size, enum kind kind, struct str text)
{
	int64_t number;

	switch (kind) {
	case TAKE_TEXT:
		snprintf(place, size, STR_FORMAT, STR_ARGUMENTS(text));
		break;
	case TAKE_INTEGER:
		if (str_to_int64(text, &number))
			*(int64_t *)place = number;
		break;
	case TAKE_YES:
		*(bool *)place = says_yes(text);
		break;
	case TAKE_PRIMARY:
		*(bool *)place = str_equal(text, STR("Primary"));
		break;
	case TAKE_UUID:
		(void)uuid_parse(text, place);
		break;
	case TAKE_OPTIONS:
		*(bool *)place = option_is_on(text, STR("pc.recovery"));
		break;
	}
}

void galera_take(struct galera_node *node, const char *name, const char *value)
{
	for (size_t i = 0; i < COUNT_OF(figures); i++) {
		if (str_equal_ignore_case(str_from(name), str_from(figures[i].name)))
			take_figure((char *)node + figures[i].place, figures[i].size,
			    figures[i].kind, str_from(value));
	}
}

static int ask_node(
    struct connection *connection, struct galera_node *node, struct failure *failure)
{
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		MYSQL_RES *rows;
		MYSQL_ROW row;

		if (connection_query(connection, str_from(questions[i]), &rows, failure) < 0)
			return -1;
		while (rows != NULL && (row = mysql_fetch_row(rows)) != NULL) {
			if (row[0] != NULL && row[1] != NULL)
				galera_take(node, row[0], row[1]);
		}
		mysql_free_result(rows);
	}
	node->position.known = node->replicates;
	return 0;
}

/* --- one that does not answer --- */

/* A socket of this machine says at once what is wrong, and the library names it in its text. */
static bool ends_with_error(const char *message, int error)
{
	char end[24];

	snprintf(end, sizeof(end), "(%d)", error);
	return str_ends_with(str_from(message), str_from(end));
}

enum galera_reach galera_reach_of(unsigned number, const char *message)
{
	switch (number) {
	case CONNECTION_ERROR:
		return ends_with_error(message, ECONNREFUSED) || ends_with_error(message, ENOENT)
			   ? GALERA_STOPPED
			   : GALERA_SILENT;
	case HOST_ERROR:
	case UNKNOWN_HOST:
	case GONE:
	case LOST:
		return GALERA_SILENT;
	default:
		return GALERA_LOCKED;
	}
}

static bool address_refuses(const struct addrinfo *address)
{
	int file = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd connecting = { .fd = file, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (file < 0)
		return false;
	if (connect(file, address->ai_addr, address->ai_addrlen) < 0)
		error = errno;
	if (error == EINPROGRESS && (poll(&connecting, 1, PROBE_MILLISECONDS) != 1 ||
					getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size) < 0))
		error = ETIMEDOUT;
	close(file);
	return error == ECONNREFUSED;
}

/* Over the network the library hides whether a machine has refused the connection, which it does
 * where it lives and no server listens, or has said nothing. */
static bool refuses(const struct host *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *addresses;
	bool all = true;
	char port[8];

	snprintf(port, sizeof(port), "%u", host->port);
	if (getaddrinfo(host->name, port, &hints, &addresses) != 0)
		return false;
	for (const struct addrinfo *one = addresses; one != NULL && all; one = one->ai_next)
		all = address_refuses(one);
	freeaddrinfo(addresses);
	return all;
}

static void observe(const struct settings *settings, struct host *host, struct galera_node *node)
{
	struct connection connection;
	struct failure failure;

	if (connection_open_host(settings, host, CONNECTION_OBSERVE, &connection, &failure) == 0) {
		int status = ask_node(&connection, node, &failure);

		connection_close(&connection);
		if (status == 0)
			return;
	}
	node->reach = galera_reach_of(failure.number, failure.message);
	fault_redact(failure.number, failure.message, node->detail, sizeof(node->detail));
	if (node->reach != GALERA_SILENT || host->socket[0] != '\0' || !refuses(host))
		return;
	node->reach = GALERA_STOPPED;
	snprintf(node->detail, sizeof(node->detail), "the connection is refused");
}

/* --- all of them --- */

struct round {
	pthread_mutex_t mutex;
	pthread_cond_t answered;
	unsigned missing;
};

struct question {
	const struct settings *settings;
	struct host *host;
	struct galera_node *node;
	struct round *round;
	bool done; /* guarded by the round's mutex */
	pthread_t thread;
	bool started;
};

static void *ask_one(void *context)
{
	struct question *question = context;

	(void)mysql_thread_init();
	observe(question->settings, question->host, question->node);
	mysql_thread_end();
	pthread_mutex_lock(&question->round->mutex);
	question->done = true;
	question->round->missing--;
	pthread_cond_signal(&question->round->answered);
	pthread_mutex_unlock(&question->round->mutex);
	return NULL;
}

/* Names those that are slow once; all threads end by themselves. */
static void wait_for_all(struct round *round, const struct question *asked, unsigned count,
    galera_waiting *waiting, void *context)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&round->mutex);
	while (round->missing > 0 &&
	       pthread_cond_timedwait(&round->answered, &round->mutex, &until) == 0)
		;
	for (unsigned i = 0; i < count; i++) {
		if (!asked[i].done)
			waiting(context, asked[i].node->host);
	}
	pthread_mutex_unlock(&round->mutex);
}

void galera_observe(const struct settings *settings, struct hosts *hosts, struct galera_node *nodes,
    galera_waiting *waiting, void *context)
{
	struct question asked[HOSTS_MAX];
	struct round round = { .mutex = PTHREAD_MUTEX_INITIALIZER,
		.answered = PTHREAD_COND_INITIALIZER,
		.missing = hosts->count };

	(void)mysql_library_init(0, NULL, NULL);
	for (unsigned i = 0; i < hosts->count; i++) {
		struct question *question = &asked[i];

		nodes[i] = (struct galera_node){ .reach = GALERA_ANSWERS };
		host_print(&hosts->list[i], nodes[i].host, sizeof(nodes[i].host));
		*question = (struct question){ .settings = settings,
			.host = &hosts->list[i],
			.node = &nodes[i],
			.round = &round };
		question->started = pthread_create(&question->thread, NULL, ask_one, question) == 0;
		if (!question->started)
			(void)ask_one(question);
	}
	wait_for_all(&round, asked, hosts->count, waiting, context);
	for (unsigned i = 0; i < hosts->count; i++) {
		if (asked[i].started)
			pthread_join(asked[i].thread, NULL);
	}
	pthread_cond_destroy(&round.answered);
	pthread_mutex_destroy(&round.mutex);
}
