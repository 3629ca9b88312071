/*
 * A dump of mariadb-dump on its way: the definers of views and triggers are left out, since only an
 * administrator of the server may make objects in another user's name; and what stands in the dump
 * is noted.
 */
#ifndef CLIENTELE_CLI_DUMP_FILTER_H
#define CLIENTELE_CLI_DUMP_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#define DUMP_FILTER_HEAD 2048 /* longer than the beginning of a line with a definer */

struct dump_content {
	bool views, triggers; /* there are some */
	size_t longest;       /* bytes of the longest statement */
};

/* Set `put` and `context`, zero the rest. */
struct dump_filter {
	/* Takes what goes on; false stops the filter with errno set. */
	bool (*put)(void *context, const char *data, size_t length);
	void *context;
	struct dump_content content;
	char head[DUMP_FILTER_HEAD]; /* of the line, while it is looked at */
	size_t length;
	bool passes;      /* the rest of the line goes on as it is */
	size_t statement; /* bytes since the end of the last one */
	char last;        /* byte before this one */
};

/* Takes some more of the dump, cut anywhere. False when `put` has said so. */
bool dump_filter_add(struct dump_filter *filter, const char *data, size_t length);

/* Ends the dump. Returns as above. */
bool dump_filter_end(struct dump_filter *filter);

#endif
