#include "db/migrate_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"

#define FILE_SIZE_MAX (16 << 20)

/* In a comment at the head of a file: the oldest schema whose programs can go on with it. */
#define COMPATIBLE_MARK "-- compatible-from:"
/* The same in a database that was empty: no older program was ever there. */
#define COMPATIBLE_NEW_MARK "-- compatible-from-when-new:"

/* The number of a name like "012_orders.sql"; 0 when it is of another form. */
static int file_version(const char *name)
{
	struct str text = str_from(name);
	int64_t number;

	if (text.length < 9 || name[3] != '_' || !str_ends_with(text, STR(".sql")) ||
	    name[0] < '0' || name[0] > '9' || !str_to_int64(str_slice(text, 0, 3), &number))
		return 0;
	return (int)number;
}

static int add_file(
    struct migrate_files *files, struct arena *arena, const char *name, struct error *error)
{
	int version = file_version(name);

	if (!str_ends_with(str_from(name), STR(".sql")))
		return 0;
	if (version == 0)
		return error_set_detail(error, ERROR_INTERNAL,
		    "the name of %s/%s is not NNN_name.sql", files->directory, name);
	if (version != (int)files->count + 1)
		return error_set_detail(error, ERROR_INTERNAL,
		    "%s/%s is found where number %03u is expected", files->directory, name,
		    files->count + 1);
	files->files[files->count++] = (struct migrate_file){
		.name = arena_printf(arena, "%s", name),
		.version = version,
	};
	return 0;
}

int migrate_files_list(struct migrate_files *files, struct arena *arena, struct error *error)
{
	struct dirent **entries;
	int count = scandir(files->directory, &entries, NULL, alphasort);
	int status = 0;

	if (count < 0)
		return error_set_detail(
		    error, ERROR_INTERNAL, "%s: %s", files->directory, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status = add_file(files, arena, entries[i]->d_name, error);
		free(entries[i]);
	}
	free(entries);
	if (status == 0 && files->count == 0)
		return error_set_detail(
		    error, ERROR_INTERNAL, "%s contains no NNN_name.sql", files->directory);
	return status;
}

static int read_statements(const struct migrate_files *files, const struct migrate_file *file,
    struct arena *arena, struct str *text, struct error *error)
{
	const char *path = arena_printf(arena, "%s/%s", files->directory, file->name);
	FILE *stream = fopen(path, "re");
	char *data = NULL;
	size_t length = 0;
	struct stat status;

	if (stream == NULL)
		return error_set_detail(error, ERROR_INTERNAL, "%s: %s", path, strerror(errno));
	if (fstat(fileno(stream), &status) == 0 && status.st_size <= FILE_SIZE_MAX &&
	    (data = arena_alloc(arena, (size_t)status.st_size + 1)) != NULL)
		length = fread(data, 1, (size_t)status.st_size, stream);
	fclose(stream);
	if (data == NULL || length != (size_t)status.st_size)
		return error_set_detail(error, ERROR_INTERNAL, "%s cannot be read", path);
	*text = (struct str){ data, length };
	return 0;
}

/* Reads a mark among the comments at the head of a file; 0 without one. -1 when it is no number. */
static int compatible_from(struct str text, struct str mark)
{
	struct str line;
	int64_t number = 0;

	while (text.length > 0 && str_next(&text, '\n', &line)) {
		if (!str_starts_with(line, STR("--")))
			break;
		if (str_starts_with(line, mark))
			return str_to_int64(
				   str_trim(str_slice(line, mark.length, line.length)), &number) &&
				       number > 0 && number <= MIGRATE_FILES_MAX
				   ? (int)number
				   : -1;
	}
	return 0;
}

int migrate_files_read(const struct migrate_files *files, const struct migrate_file *file,
    struct arena *arena, struct migrate_text *text, struct error *error)
{
	uint8_t digest[DIGEST_LENGTH];

	if (read_statements(files, file, arena, &text->statements, error) < 0)
		return -1;
	digest_text(text->statements, digest);
	digest_print(digest, sizeof(digest), text->checksum);
	text->compatible = compatible_from(text->statements, STR(COMPATIBLE_MARK));
	text->compatible_new = compatible_from(text->statements, STR(COMPATIBLE_NEW_MARK));
	if (text->compatible < 0 || text->compatible > file->version || text->compatible_new < 0 ||
	    text->compatible_new > file->version)
		return error_set_detail(error, ERROR_INTERNAL,
		    "%s: \"" COMPATIBLE_MARK "\" is followed by a number from 1 to %d", file->name,
		    file->version);
	return 0;
}
