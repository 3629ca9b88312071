#include "cli/dump_filter.h"

#include <string.h>

/* As mariadb-dump begins the lines of views and triggers. A value's line breaks are escaped in a
 * dump, so that no row looks like one of them. */
#define VIEW_DEFINER "/*!50013 "
#define TRIGGER "/*!50003 CREATE*/ "
#define TRIGGER_DEFINER "/*!50017 "
#define VIEW "/*!50001 CREATE "

/* Length of a name in backticks, 0 where there is none. */
static size_t quoted_length(const char *text, size_t length)
{
	size_t i = 1;

	if (length == 0 || text[0] != '`')
		return 0;
	while (i < length) {
		if (text[i] != '`')
			i++;
		else if (i + 1 < length && text[i + 1] == '`')
			i += 2;
		else
			return i + 1;
	}
	return 0;
}

/* Length of "DEFINER=`user`@`host`", 0 where there is none. */
static size_t definer_length(const char *text, size_t length)
{
	static const char begin[] = "DEFINER=";
	size_t at = sizeof(begin) - 1, user, host;

	if (length < at || memcmp(text, begin, at) != 0)
		return 0;
	user = quoted_length(text + at, length - at);
	if (user == 0)
		return 0;
	at += user;
	if (at == length || text[at] != '@') /* a role has no host */
		return at;
	host = quoted_length(text + at + 1, length - at - 1);
	return host == 0 ? 0 : at + 1 + host;
}

static bool begins(const struct dump_filter *filter, size_t at, const char *text)
{
	size_t length = strlen(text);

	return filter->length >= at + length && memcmp(filter->head + at, text, length) == 0;
}

static void cut(struct dump_filter *filter, size_t from, size_t to)
{
	memmove(filter->head + from, filter->head + to, filter->length - to);
	filter->length -= to - from;
}

/* "DEFINER=… SQL SECURITY …": what is behind the definer stays. */
static void edit_view(struct dump_filter *filter)
{
	size_t at = sizeof(VIEW_DEFINER) - 1;
	size_t length = definer_length(filter->head + at, filter->length - at);

	filter->content.views = true;
	if (length > 0 && begins(filter, at + length, " "))
		cut(filter, at, at + length + 1);
}

/* The definer has a comment of its own, which goes with it. */
static void edit_trigger(struct dump_filter *filter)
{
	size_t from = sizeof(TRIGGER) - 1, at = from + sizeof(TRIGGER_DEFINER) - 1, length;

	filter->content.triggers = true;
	if (!begins(filter, from, TRIGGER_DEFINER))
		return;
	length = definer_length(filter->head + at, filter->length - at);
	if (length > 0 && begins(filter, at + length, "*/ "))
		cut(filter, from, at + length + sizeof("*/ ") - 1);
}

/* Lets the beginning of the line go. */
static bool release(struct dump_filter *filter)
{
	bool done;

	if (begins(filter, 0, VIEW_DEFINER))
		edit_view(filter);
	else if (begins(filter, 0, TRIGGER))
		edit_trigger(filter);
	else if (begins(filter, 0, VIEW))
		filter->content.views = true;
	done = filter->length == 0 || filter->put(filter->context, filter->head, filter->length);
	filter->length = 0;
	return done;
}

/* A statement ends with a line that ends in a semicolon. */
static void count_piece(struct dump_filter *filter, const char *data, size_t length, bool ends)
{
	filter->statement += length;
	if (filter->statement > filter->content.longest)
		filter->content.longest = filter->statement;
	if (ends && (length > 1 ? data[length - 2] : filter->last) == ';')
		filter->statement = 0;
	filter->last = data[length - 1];
}

bool dump_filter_add(struct dump_filter *filter, const char *data, size_t length)
{
	while (length > 0) {
		const char *end = memchr(data, '\n', length);
		size_t piece = end != NULL ? (size_t)(end - data) + 1 : length;
		size_t room = sizeof(filter->head) - filter->length;

		if (!filter->passes && piece > room) {
			piece = room;
			end = NULL;
		}
		count_piece(filter, data, piece, end != NULL);
		if (filter->passes) {
			if (!filter->put(filter->context, data, piece))
				return false;
		} else {
			memcpy(filter->head + filter->length, data, piece);
			filter->length += piece;
			if ((end != NULL || filter->length == sizeof(filter->head)) &&
			    !release(filter))
				return false;
		}
		if (end != NULL)
			filter->passes = false;
		else if (filter->length == 0)
			filter->passes = true;
		data += piece;
		length -= piece;
	}
	return true;
}

bool dump_filter_end(struct dump_filter *filter)
{
	return filter->passes || release(filter);
}
