#include <arpa/inet.h>
#include <stdio.h>

#include "base/log.h"
#include "base/timestamp.h"
#include "base/url.h"
#include "db/host_board.h"

#define DEFAULT_PORT 3306
#define CONNECT_TIMEOUT_ALONE 5 /* seconds */
#define CONNECT_TIMEOUT_OF_SEVERAL 1
/* How long a worker waits at the start for the host that it prefers, though others are good. */
#define PREFERENCE (MICROSECONDS_PER_SECOND / 2)

/* The options are whole seconds, from one on: what took about as long was not answered. */
#define SILENCE (MICROSECONDS_PER_SECOND * 9 / 10)

static const struct host_board *asked_board;

static bool read_port(struct str text, unsigned *port)
{
	int64_t number;

	if (!str_to_int64(text, &number) || number < 1 || number > 65535)
		return false;
	*port = (unsigned)number;
	return true;
}

static bool copy_text(struct str text, char *out, size_t size)
{
	if (text.length == 0 || text.length >= size)
		return false;
	memcpy(out, text.data, text.length);
	out[text.length] = '\0';
	return true;
}

static bool read_host(struct str text, struct host *host)
{
	struct str name = text, rest = { NULL, 0 };
	size_t end;

	*host = (struct host){ .port = DEFAULT_PORT };
	if (text.length > 0 && text.data[0] == '/')
		return copy_text(text, host->socket, sizeof(host->socket));
	if (!url_host_is_good(text))
		return false;
	if (text.data[0] == '[') {
		end = str_find(text, ']');
		name = str_slice(text, 1, end - 1);
		rest = str_slice(text, end + 1, text.length);
	} else {
		end = str_find(text, ':');
		name = str_slice(text, 0, end);
		rest = str_slice(text, end, text.length);
	}
	if (rest.length > 0 && !read_port(str_slice(rest, 1, rest.length), &host->port))
		return false;
	return copy_text(name, host->name, sizeof(host->name));
}

static bool is_called_bad(const struct host *host)
{
	const struct host_entry *entry;
	char name[HOST_TEXT];

	host_print(host, name, sizeof(name));
	entry = host_board_find(asked_board, name);
	return entry != NULL && host_entry_verdict(entry).state == HOST_BAD;
}

/* Those that somebody on this machine knows to be bad; where all are, each is worth a try. */
static void put_aside(struct hosts *hosts)
{
	bool bad[HOSTS_MAX] = { 0 };
	unsigned count = 0;

	for (unsigned i = 0; asked_board != NULL && i < hosts->count; i++) {
		bad[i] = is_called_bad(&hosts->list[i]);
		count += bad[i];
	}
	for (unsigned i = 0; count < hosts->count && i < hosts->count; i++) {
		if (bad[i])
			hosts_set_bad(&hosts->list[i], timestamp_monotonic());
	}
}

bool hosts_read(struct hosts *hosts, const struct settings *settings, unsigned start)
{
	struct str rest = str_trim(str_from(settings->database_hosts));
	struct str part;

	*hosts = (struct hosts){ 0 };
	if (rest.length == 0) {
		hosts->count = 1;
		return copy_text(str_from(settings->database_socket), hosts->list[0].socket,
		    sizeof(hosts->list[0].socket));
	}
	while (str_next(&rest, ',', &part)) {
		if (hosts->count == HOSTS_MAX ||
		    !read_host(str_trim(part), &hosts->list[hosts->count]))
			return false;
		hosts->count++;
	}
	put_aside(hosts);
	hosts->next = start % hosts->count;
	return true;
}

void hosts_ask(const struct host_board *board)
{
	asked_board = board;
}

void hosts_join(struct hosts *hosts, const struct host_seat *seat)
{
	char name[HOST_TEXT];

	hosts->board = seat->board;
	hosts->number = seat->number;
	for (unsigned i = 0; i < hosts->count; i++) {
		host_print(&hosts->list[i], name, sizeof(name));
		hosts->list[i].entry = host_board_find(seat->board, name);
	}
}

struct host *hosts_preferred(struct hosts *hosts)
{
	if (hosts->board == NULL || hosts->count < 2)
		return NULL;
	return &hosts->list[hosts->number % hosts->count];
}

/* Which host stands at a place of the order in which they are tried. */
static unsigned host_at(const struct hosts *hosts, unsigned place)
{
	unsigned count = hosts->count;
	unsigned preferred = hosts->number % count;

	if (hosts->board == NULL)
		return (hosts->next + place) % count;
	if (place == 0)
		return preferred;
	return (preferred + 1 + (hosts->number / count + place - 1) % (count - 1)) % count;
}

static bool is_usable(const struct host *host, int64_t now)
{
	return host->entry != NULL ? host_entry_verdict(host->entry).state == HOST_GOOD
				   : host->bad_until <= now;
}

struct host *hosts_next(struct hosts *hosts, int64_t now, uint32_t *tried)
{
	struct host *rested = NULL;

	for (unsigned i = 0; i < hosts->count; i++) {
		unsigned number = host_at(hosts, i);
		struct host *host = &hosts->list[number];

		if ((*tried & UINT32_C(1) << number) != 0)
			continue;
		if (is_usable(host, now)) {
			*tried |= UINT32_C(1) << number;
			hosts->next = (number + 1) % hosts->count;
			return host;
		}
		if (host->entry == NULL && (rested == NULL || host->bad_until < rested->bad_until))
			rested = host;
	}
	/* One resting host is worth a try when nothing else was: waiting for all of them is not. */
	if (*tried != 0 || rested == NULL)
		return NULL;
	*tried = UINT32_MAX;
	return rested;
}

bool hosts_have_other(const struct hosts *hosts, const struct host *host, int64_t now)
{
	for (unsigned i = 0; i < hosts->count; i++) {
		if (&hosts->list[i] != host && is_usable(&hosts->list[i], now))
			return true;
	}
	return false;
}

int64_t hosts_wait_until(struct hosts *hosts)
{
	struct host *preferred = hosts_preferred(hosts);
	int64_t until = 0;
	bool good = false;

	for (unsigned i = 0; hosts->board != NULL && i < hosts->count; i++) {
		const struct host_entry *entry = hosts->list[i].entry;
		int64_t pending = entry != NULL ? host_entry_pending(entry) : 0;

		good = good || is_usable(&hosts->list[i], 0);
		if (pending > until)
			until = pending;
	}
	if (!good)
		return until;
	/* All workers would crowd on the host that answered first. */
	if (preferred == NULL || preferred->entry == NULL ||
	    host_entry_verdict(preferred->entry).state != HOST_UNPROVEN)
		return 0;
	return host_entry_verdict(preferred->entry).since + PREFERENCE;
}

bool host_name_is_local(const char *name)
{
	struct in6_addr six;
	struct in_addr four;

	if (str_equal_ignore_case(str_from(name), STR("localhost")))
		return true;
	if (inet_pton(AF_INET, name, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, name, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool host_is_local(const struct host *host)
{
	return host->socket[0] != '\0' || host_name_is_local(host->name);
}

void host_print(const struct host *host, char *out, size_t size)
{
	bool six = strchr(host->name, ':') != NULL;

	if (host->socket[0] != '\0')
		snprintf(out, size, "%s", host->socket);
	else
		snprintf(
		    out, size, "%s%s%s:%u", six ? "[" : "", host->name, six ? "]" : "", host->port);
}

bool host_wants_tls(const struct host *host, const struct settings *settings)
{
	if (host->socket[0] != '\0' || settings->database_tls == DATABASE_TLS_OFF)
		return false;
	return settings->database_tls == DATABASE_TLS_ON || !host_is_local(host);
}

void hosts_set_bad(struct host *host, int64_t now)
{
	host->bad_until = now + HOSTS_REST;
}

static void blame(struct hosts *hosts, struct host *host, enum host_why why, bool tried,
    int64_t opened, int64_t now)
{
	if (host->entry == NULL)
		hosts_set_bad(host, now);
	else if (why != HOST_WHY_NONE &&
		 host_board_blame(hosts->board, host->entry, why, tried, opened, now))
		log_event(LOG_LEVEL_WARNING, "database host is bad",
		    LOG_TEXT("host", host->entry->name), LOG_TEXT("reason", host_why_text(why)));
}

void hosts_blame_connect(
    struct hosts *hosts, struct host *host, unsigned number, int64_t begun, int64_t now)
{
	blame(hosts, host, host_why_of_connect(number, now - begun >= SILENCE), true, begun, now);
}

void hosts_blame_loss(struct hosts *hosts, struct host *host, unsigned number, int64_t asked,
    int64_t opened, int64_t now)
{
	blame(hosts, host, host_why_of_loss(number, now - asked >= SILENCE), false, opened, now);
}

bool host_is_given_up(const struct host *host, int64_t opened)
{
	struct host_verdict verdict;

	if (host->entry == NULL)
		return false;
	verdict = host_entry_verdict(host->entry);
	return verdict.state == HOST_BAD && host_why_ends_connections(verdict.why) &&
	       opened < verdict.since;
}

void hosts_explain(const struct hosts *hosts, char *text, size_t size)
{
	size_t length = 0;

	for (unsigned i = 0; hosts->board != NULL && i < hosts->count && length < size; i++) {
		const struct host_entry *entry = hosts->list[i].entry;
		struct host_verdict verdict;

		if (entry == NULL)
			continue;
		verdict = host_entry_verdict(entry);
		if (verdict.state != HOST_GOOD)
			length += (size_t)snprintf(text + length, size - length, "%s%s: %s",
			    length > 0 ? "; " : "no host serves: ", entry->name,
			    verdict.state == HOST_BAD ? host_why_text(verdict.why)
						      : "not tried yet");
	}
}

unsigned hosts_connect_timeout(const struct settings *settings)
{
	if (settings->database_connect_timeout > 0)
		return (unsigned)settings->database_connect_timeout;
	return settings->database_hosts != NULL && strchr(settings->database_hosts, ',') != NULL
		   ? CONNECT_TIMEOUT_OF_SEVERAL
		   : CONNECT_TIMEOUT_ALONE;
}
