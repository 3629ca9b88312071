#include "golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"
#include "source.h"

void golden_read(const char *name, struct buf *content)
{
	FILE *file = fopen(source_path(name), "r");
	char block[4096];
	size_t count;

	if (file == NULL)
		fail_msg("%s: %s (GOLDEN_UPDATE=1 makes it)", name, strerror(errno));
	while ((count = fread(block, 1, sizeof(block), file)) > 0)
		buf_append(content, block, count);
	fclose(file);
}

static void write_file(const char *name, const struct buf *content)
{
	FILE *file = fopen(source_path(name), "w");

	if (file == NULL)
		fail_msg("%s: %s", name, strerror(errno));
	assert_int_equal(fwrite(content->data, 1, content->length, file), content->length);
	assert_int_equal(fclose(file), 0);
}

/* Up to a line's length of text around a position. */
static struct str around(struct str line, size_t position)
{
	return str_slice(line, position > 30 ? position - 30 : 0, 90);
}

/* Names the first place that differs. */
static void compare(const char *name, const struct buf *made, const struct buf *golden)
{
	struct str rest = buf_str(made), rest_golden = buf_str(golden);
	struct str line = STR(""), line_golden = STR("");
	unsigned number = 0;
	size_t column = 0;

	if (str_equal(rest, rest_golden))
		return;
	while (str_equal(line, line_golden)) {
		number++;
		if (!str_next(&rest, '\n', &line))
			line = STR("(end)");
		if (!str_next(&rest_golden, '\n', &line_golden))
			line_golden = STR("(end)");
	}
	while (column < line.length && column < line_golden.length &&
	       line.data[column] == line_golden.data[column])
		column++;
	fail_msg("%s:%u:%zu differs\n  golden: " STR_FORMAT "\n  made:   " STR_FORMAT
		 "\nRun this test with GOLDEN_UPDATE=1 and look at the difference.",
	    name, number, column + 1, STR_ARGUMENTS(around(line_golden, column)),
	    STR_ARGUMENTS(around(line, column)));
}

void golden_check(const char *name, const struct buf *made)
{
	struct buf golden = { 0 };

	assert_false(made->failed);
	if (getenv("GOLDEN_UPDATE") != NULL)
		write_file(name, made);
	golden_read(name, &golden);
	compare(name, made, &golden);
	buf_free(&golden);
}
