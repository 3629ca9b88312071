#include "api/delegates/search.h"

#define WORDS_MAX 8

/* "%word%" with the pattern characters of the word taken literally. */
static struct str like_pattern(struct arena *arena, struct str word)
{
	struct buf pattern = { 0 };
	struct str copy;

	buf_append_char(&pattern, '%');
	for (size_t i = 0; i < word.length; i++) {
		if (word.data[i] == '%' || word.data[i] == '_' || word.data[i] == '\\')
			buf_append_char(&pattern, '\\');
		buf_append_char(&pattern, word.data[i]);
	}
	buf_append_char(&pattern, '%');
	copy = arena_str(arena, buf_str(&pattern));
	buf_free(&pattern);
	return copy;
}

static void where_word(struct sql *sql, const struct search_column *columns, unsigned count,
    uint32_t chosen, struct str pattern)
{
	bool first = true;

	sql_where(sql, "(");
	for (unsigned i = 0; i < count; i++) {
		if (!(chosen & (1u << i)))
			continue;
		if (!first)
			sql_append(sql, " OR ");
		sql_append(sql, columns[i].condition);
		sql_bind(sql, BIND_STR(pattern));
		first = false;
	}
	sql_append(sql, ")");
}

int search_where(struct operation *operation, struct sql *sql, const struct search_column *columns,
    unsigned count, uint32_t chosen, struct error *error)
{
	struct str rest = parameters_get(&operation->parameters, SEARCH_TERM)->text;
	struct str word;
	unsigned words = 0;

	while (str_next(&rest, ' ', &word)) {
		if (word.length == 0)
			continue;
		if (++words > WORDS_MAX)
			return error_add_fault(error, SEARCH_TERM,
			    "The " SEARCH_TERM " has more than %d words.", WORDS_MAX);
		where_word(
		    sql, columns, count, chosen, like_pattern(operation->context.arena, word));
	}
	return 0;
}
