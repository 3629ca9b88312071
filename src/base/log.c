#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <syslog.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/own_file.h"
#include "base/timestamp.h"

/* Longest value of one text field; the rest of it is cut, and a mark stands there. */
#define LOG_VALUE_MAX ((size_t)4096)
#define LOG_LINE_KEPT ((size_t)16 * 1024)

enum log_kind { LOG_TO_DESCRIPTOR, LOG_TO_SYSLOG };

static struct {
	enum log_kind kind;
	enum log_format format;
	enum log_level least;
	int descriptor;
	bool follows_forks;
	pid_t process; /* 0 = not asked for yet */
	char target[512];
	struct buf line; /* kept between lines, so that logging seldom allocates */
} sink = { .least = LOG_LEVEL_INFO, .descriptor = STDERR_FILENO, .target = "stderr" };

static const struct {
	const char *name;
	int priority; /* of syslog */
} levels[LOG_LEVEL__MAX] = {
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
};

static void forget_process(void)
{
	sink.process = 0;
}

/* Asked for once in each process, not once for each line. */
static pid_t process(void)
{
	if (!sink.follows_forks)
		sink.follows_forks = pthread_atfork(NULL, NULL, forget_process) == 0;
	if (!sink.follows_forks || sink.process == 0)
		sink.process = getpid();
	return sink.process;
}

static void close_sink(void)
{
	if (sink.kind == LOG_TO_SYSLOG)
		closelog();
	else if (sink.descriptor != STDERR_FILENO)
		(void)close(sink.descriptor);
}

int log_open(const char *target, enum log_format format, enum log_level least)
{
	enum log_kind kind = LOG_TO_DESCRIPTOR;
	int descriptor = STDERR_FILENO;

	if (strlen(target) >= sizeof(sink.target)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (strcmp(target, "syslog") == 0) {
		kind = LOG_TO_SYSLOG;
	} else if (strcmp(target, "stderr") != 0) {
		descriptor = own_file_open(target, O_WRONLY | O_APPEND | O_CREAT, 0640);
		if (descriptor < 0)
			return -1;
	}
	close_sink();
	sink.kind = kind;
	sink.descriptor = descriptor;
	sink.format = format;
	sink.least = least;
	if (target != sink.target)
		memcpy(sink.target, target, strlen(target) + 1);
	if (kind == LOG_TO_SYSLOG)
		openlog("clientele", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	return 0;
}

int log_reopen(void)
{
	return log_open(sink.target, sink.format, sink.least);
}

bool log_enabled(enum log_level level)
{
	return level >= sink.least;
}

/* Appends a quoted string in which bytes that are no UTF-8 have become question marks. */
static void append_cleaned(struct buf *line, struct str text)
{
	static const char mark[] = "…";
	char clean[LOG_VALUE_MAX + 4];
	size_t length = 0;

	while (text.length > 0 && length < LOG_VALUE_MAX) {
		struct str valid = str_slice(text, 0, str_utf8_valid(text));
		struct str kept = str_cut(valid, LOG_VALUE_MAX - length);

		memcpy(clean + length, kept.data, kept.length);
		length += kept.length;
		text = str_slice(text, kept.length, text.length);
		if (kept.length < valid.length)
			break;
		if (text.length > 0 && length < LOG_VALUE_MAX) {
			clean[length++] = '?';
			text = str_slice(text, 1, text.length);
		}
	}
	if (text.length > 0) {
		memcpy(clean + length, mark, sizeof(mark) - 1);
		length += sizeof(mark) - 1;
	}
	buf_append_json_string(line, (struct str){ clean, length });
}

/* Whether all of it is visible and means nothing in a line, as it is with most values. */
static bool plain(struct str text)
{
	if (text.length > LOG_VALUE_MAX)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '\\' || byte == '=')
			return false;
	}
	return true;
}

static void append_quoted(struct buf *line, struct str text)
{
	if (!plain(text)) {
		append_cleaned(line, text);
		return;
	}
	buf_append_char(line, '"');
	buf_append_str(line, text);
	buf_append_char(line, '"');
}

static void append_time(struct buf *line)
{
	timestamp_print(line, timestamp_now(), TIMESTAMP_UTC);
}

static void append_text_field(struct buf *line, const struct log_field *field)
{
	buf_append_char(line, ' ');
	buf_append_text(line, field->name);
	buf_append_char(line, '=');
	if (field->kind == LOG_FIELD_INTEGER)
		buf_append_int64(line, field->integer);
	else if (field->text.length > 0 && plain(field->text))
		buf_append_str(line, field->text);
	else
		append_quoted(line, field->text);
}

static void append_json_field(struct buf *line, const struct log_field *field)
{
	buf_append_char(line, ',');
	append_quoted(line, str_from(field->name));
	buf_append_char(line, ':');
	if (field->kind == LOG_FIELD_INTEGER)
		buf_append_int64(line, field->integer);
	else
		append_quoted(line, field->text);
}

static void append_text_head(struct buf *line, enum log_level level, const char *event)
{
	/* syslog adds time and process itself. */
	if (sink.kind == LOG_TO_DESCRIPTOR) {
		append_time(line);
		buf_append_char(line, ' ');
		buf_append_text(line, levels[level].name);
		buf_append_text(line, " [");
		buf_append_int64(line, process());
		buf_append_text(line, "] ");
	}
	buf_append_text(line, event);
}

static void append_json_head(struct buf *line, enum log_level level, const char *event)
{
	buf_append_text(line, "{\"time\":\"");
	append_time(line);
	buf_append_text(line, "\",\"level\":\"");
	buf_append_text(line, levels[level].name);
	buf_append_text(line, "\",\"pid\":");
	buf_append_int64(line, process());
	buf_append_text(line, ",\"event\":");
	append_quoted(line, str_from(event));
}

void log_write(enum log_level level, const char *event, const struct log_field *const *fields)
{
	struct buf *line = &sink.line;
	bool json = sink.format == LOG_FORMAT_JSON;
	int saved = errno;

	if (!log_enabled(level))
		return;
	buf_reset(line, LOG_LINE_KEPT);
	if (json)
		append_json_head(line, level, event);
	else
		append_text_head(line, level, event);
	for (unsigned i = 0; fields[i] != NULL; i++) {
		if (json)
			append_json_field(line, fields[i]);
		else
			append_text_field(line, fields[i]);
	}
	if (json)
		buf_append_char(line, '}');
	if (sink.kind == LOG_TO_SYSLOG) {
		syslog(levels[level].priority, STR_FORMAT, STR_ARGUMENTS(buf_str(line)));
	} else {
		buf_append_char(line, '\n');
		/* One call, so that lines of several processes do not mix; nothing can be done on
		 * failure. */
		if (!line->failed && write(sink.descriptor, line->data, line->length) < 0)
			errno = saved;
	}
	errno = saved;
}
