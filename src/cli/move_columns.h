/*
 * Rows of tables of columns, by what they mean.
 */
#ifndef CLIENTELE_CLI_MOVE_COLUMNS_H
#define CLIENTELE_CLI_MOVE_COLUMNS_H

#include "cli/move.h"

#define COLUMN(name, to)                      \
	{                                     \
		.sql = (name), .member = (to) \
	}
#define CONVERTED(name, to, function)                                \
	{                                                            \
		.sql = (name), .member = (to), .convert = (function) \
	}
#define REFERENCE(name, to, table)                               \
	{                                                        \
		.sql = (name), .member = (to), .refers = (table) \
	}
#define PARENT(name, to, table)                                                    \
	{                                                                          \
		.sql = (name), .member = (to), .refers = (table), .required = true \
	}
#define NEEDED(name, to)                                        \
	{                                                       \
		.sql = (name), .member = (to), .required = true \
	}
#define STRICT(name, to)                                      \
	{                                                     \
		.sql = (name), .member = (to), .strict = true \
	}
#define STRICT_TEXT(name, to)                                                                \
	{                                                                                    \
		.sql = (name), .member = (to), .convert = move_convert_blank, .strict = true \
	}
/* It is known, and has no place here. */
#define IGNORED(name)          \
	{                      \
		.sql = (name), \
	}
#define COLUMNS(array) .columns = (array), .column_count = COUNT_OF(array)

#endif
