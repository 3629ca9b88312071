#include <arpa/inet.h>
#include <stdio.h>

#include "base/url.h"
#include "db/hosts.h"

#define DEFAULT_PORT 3306

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
	hosts->next = start % hosts->count;
	return true;
}

struct host *hosts_next(struct hosts *hosts, int64_t now, uint32_t *tried)
{
	struct host *rested = NULL;

	for (unsigned i = 0; i < hosts->count; i++) {
		unsigned number = (hosts->next + i) % hosts->count;
		struct host *host = &hosts->list[number];

		if ((*tried & UINT32_C(1) << number) != 0)
			continue;
		if (host->bad_until <= now) {
			*tried |= UINT32_C(1) << number;
			hosts->next = (number + 1) % hosts->count;
			return host;
		}
		if (rested == NULL || host->bad_until < rested->bad_until)
			rested = host;
	}
	/* One resting host is worth a try when nothing else was: waiting for all of them is not. */
	if (*tried != 0 || rested == NULL)
		return NULL;
	*tried = UINT32_MAX;
	return rested;
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
