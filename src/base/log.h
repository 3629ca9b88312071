/*
 * The log: one line per event, as text or JSON, to standard error, syslog or a file.
 *
 * A line is a time, a level, the process, a short fixed event text and fields. Field values are
 * escaped, so that no input can start a second line. Secrets are never passed in.
 */
#ifndef CLIENTELE_BASE_LOG_H
#define CLIENTELE_BASE_LOG_H

#include "base/str.h"

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL__MAX
};
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
	const char *name;
	enum { LOG_FIELD_TEXT, LOG_FIELD_INTEGER } kind;
	struct str text;
	int64_t integer;
};

#define LOG_TEXT(field_name, value) \
	(&(const struct log_field){ \
	    .name = (field_name), .kind = LOG_FIELD_TEXT, .text = str_from(value) })
#define LOG_STR(field_name, value) \
	(&(const struct log_field){ .name = (field_name), .kind = LOG_FIELD_TEXT, .text = (value) })
#define LOG_INT(field_name, value)  \
	(&(const struct log_field){ \
	    .name = (field_name), .kind = LOG_FIELD_INTEGER, .integer = (value) })

/*
 * Opens the log. `target` is "stderr", "syslog" or an absolute file name. Returns 0, or -1 with
 * errno set when the file cannot be opened; the log then stays where it was.
 */
int log_open(const char *target, enum log_format format, enum log_level least);

/* Opens the target again (after rotation). Returns 0 or -1 as log_open(). */
int log_reopen(void);

/* True when an event of that level would be written. */
bool log_enabled(enum log_level level);

/* Writes one line. `fields` ends with NULL; use the macro log_event(). A write failure is ignored.
 */
void log_write(enum log_level level, const char *event, const struct log_field *const *fields);

#define log_event(level, ...) LOG_EVENT_SPLIT(level, __VA_ARGS__, NULL)
#define LOG_EVENT_SPLIT(level, event, ...) \
	log_write((level), (event), (const struct log_field *const[]){ __VA_ARGS__ })

#endif
