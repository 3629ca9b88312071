#include "cli/nginx_advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What nginx has where nothing is said. */
#define DEFAULT_PROCESSES 1
#define DEFAULT_CONNECTIONS 512
/* limit_conn of the shipped files: calls at once. A call is a connection of the caller and one to
 * the pool. */
#define CALLS_AT_ONCE 2000
#define CONNECTIONS_OF_CALL 2
#define WORDS_MAX 8

/* One directive: its words, as many as are looked at, and what ends it. */
struct directive {
	struct str words[WORDS_MAX];
	unsigned count;
	char end; /* ; { } or NUL at the end of the text */
};

struct reading {
	struct str rest;
	struct nginx_setup *setup;
	const char *socket;
	int64_t processors;
	/* Of the upstream that is being read. */
	bool in_upstream, is_ours, keeps;
};

static struct str skip_blanks(struct str text)
{
	while (text.length > 0) {
		if (text.data[0] == '#')
			text = str_slice(text, str_find(text, '\n'), text.length);
		else if (strchr(" \t\r\n", text.data[0]) != NULL)
			text = str_slice(text, 1, text.length);
		else
			break;
	}
	return text;
}

/* Takes a word off, without its quotation marks. */
static struct str take_word(struct str *rest)
{
	char quote = rest->data[0];
	size_t length = 0;
	struct str word;

	if (quote == '"' || quote == '\'') {
		*rest = str_slice(*rest, 1, rest->length);
		while (length < rest->length && rest->data[length] != quote)
			length += rest->data[length] == '\\' ? 2 : 1;
		word = str_slice(*rest, 0, length);
		*rest = str_slice(*rest, length + 1, rest->length);
		return word;
	}
	/* ${name} is a part of a word. */
	while (length < rest->length &&
	       (strchr(" \t\r\n;{}", rest->data[length]) == NULL ||
		   (length > 0 && rest->data[length] == '{' && rest->data[length - 1] == '$'))) {
		if (rest->data[length] == '{')
			length += str_find(str_slice(*rest, length, rest->length), '}');
		length++;
	}
	word = str_slice(*rest, 0, length);
	*rest = str_slice(*rest, length, rest->length);
	return word;
}

/* False at the end of the text. */
static bool next_directive(struct reading *reading, struct directive *directive)
{
	*directive = (struct directive){ .count = 0 };
	for (;;) {
		struct str word;

		reading->rest = skip_blanks(reading->rest);
		if (reading->rest.length == 0)
			return false;
		if (strchr(";{}", reading->rest.data[0]) != NULL) {
			directive->end = reading->rest.data[0];
			reading->rest = str_slice(reading->rest, 1, reading->rest.length);
			return true;
		}
		word = take_word(&reading->rest);
		if (directive->count < WORDS_MAX)
			directive->words[directive->count++] = word;
	}
}

static void read_processes(struct reading *reading, const struct directive *directive)
{
	if (!str_to_int64(directive->words[1], &reading->setup->processes))
		reading->setup->processes = reading->processors; /* auto */
}

static void read_connections(struct reading *reading, const struct directive *directive)
{
	(void)str_to_int64(directive->words[1], &reading->setup->connections);
}

static void read_compiles(struct reading *reading, const struct directive *directive)
{
	reading->setup->compiles = str_equal(directive->words[1], STR("on"));
}

/* Sites of ours have a format of that name. */
static void read_log(struct reading *reading, const struct directive *directive)
{
	bool buffered = false;

	if (!str_equal(directive->words[2], STR("clientele")))
		return;
	for (unsigned i = 3; i < directive->count; i++)
		buffered = buffered || str_starts_with(directive->words[i], STR("buffer=")) ||
			   str_starts_with(directive->words[i], STR("gzip"));
	reading->setup->logs_at_once = reading->setup->logs_at_once || !buffered;
}

static void read_parameter(struct reading *reading, const struct directive *directive)
{
	if (str_equal(directive->words[1], STR("CONNECTION")) &&
	    str_equal(directive->words[2], STR("close")))
		reading->setup->says_close = true;
}

static void read_upstream(struct reading *reading, const struct directive *directive)
{
	(void)directive;
	reading->in_upstream = true;
	reading->is_ours = reading->keeps = false;
}

static void read_server(struct reading *reading, const struct directive *directive)
{
	struct str place = directive->words[1];

	if (reading->in_upstream && str_starts_with(place, STR("unix:")) &&
	    str_equal(str_slice(place, 5, place.length), str_from(reading->socket)))
		reading->is_ours = true;
}

static void read_keepalive(struct reading *reading, const struct directive *directive)
{
	(void)directive;
	reading->keeps = reading->in_upstream;
}

static const struct {
	const char *name;
	void (*read)(struct reading *reading, const struct directive *directive);
} directives[] = {
	{ "access_log", read_log },
	{ "fastcgi_param", read_parameter },
	{ "keepalive", read_keepalive },
	{ "pcre_jit", read_compiles },
	{ "server", read_server },
	{ "upstream", read_upstream },
	{ "worker_connections", read_connections },
	{ "worker_processes", read_processes },
};

static void end_block(struct reading *reading)
{
	if (reading->in_upstream && reading->is_ours && reading->keeps)
		reading->setup->keeps = true;
	reading->in_upstream = false;
}

void nginx_setup_read(
    struct str text, const char *socket, int64_t processors, struct nginx_setup *setup)
{
	struct reading reading = {
		.rest = text, .setup = setup, .socket = socket, .processors = processors
	};
	struct directive directive;

	*setup = (struct nginx_setup){ .processes = DEFAULT_PROCESSES,
		.connections = DEFAULT_CONNECTIONS };
	while (next_directive(&reading, &directive)) {
		for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
			if (str_equal(directive.words[0], str_from(directives[i].name)))
				directives[i].read(&reading, &directive);
		}
		if (directive.end == '}')
			end_block(&reading);
	}
}

struct noting {
	struct nginx_notice *notices;
	unsigned count;
};

static void __attribute__((format(printf, 4, 5)))
add_notice(struct noting *noting, bool is_warning, const char *remedy, const char *format, ...)
{
	struct nginx_notice *notice = &noting->notices[noting->count++];
	va_list arguments;

	notice->is_warning = is_warning;
	snprintf(notice->remedy, sizeof(notice->remedy), "%s", remedy);
	va_start(arguments, format);
	vsnprintf(notice->text, sizeof(notice->text), format, arguments);
	va_end(arguments);
}

unsigned nginx_advise(const struct nginx_setup *setup, int64_t workers, int64_t processors,
    struct nginx_notice notices[NGINX_NOTICES])
{
	struct noting noting = { notices, 0 };
	int64_t enough = processors > 2 ? (processors + 1) / 2 : 1;
	int64_t calls = setup->processes * setup->connections / CONNECTIONS_OF_CALL;
	char remedy[160];

	if (setup->processes > enough) {
		snprintf(remedy, sizeof(remedy),
		    "set worker_processes %lld, one for two processors, in "
		    "/etc/nginx/nginx.conf",
		    (long long)enough);
		add_notice(&noting, false, remedy,
		    "nginx has %lld processes, which take processors (%lld) from the pool",
		    (long long)setup->processes, (long long)processors);
	}
	if (calls < CALLS_AT_ONCE)
		add_notice(&noting, calls < workers,
		    "set worker_connections 4096 and worker_rlimit_nofile 8192 in "
		    "/etc/nginx/nginx.conf",
		    "nginx passes on %lld calls at once, and %s", (long long)calls,
		    calls < workers ? "the pool has more workers" : "its site allows 2000");
	if (!setup->compiles)
		add_notice(&noting, false, "set pcre_jit on in /etc/nginx/nginx.conf",
		    "nginx interprets the patterns of its files at each call");
	if (setup->logs_at_once)
		add_notice(&noting, false,
		    "add buffer=64k flush=1s to access_log in the site of nginx",
		    "nginx writes a line of the access log at each call");
	if (setup->keeps && setup->says_close)
		add_notice(&noting, true,
		    "remove keepalive from the upstream, or the line CONNECTION from a copy of "
		    "clientele-fastcgi.conf",
		    "nginx keeps connections that it tells the pool to close: calls get lost");
	return noting.count;
}
