/*
 * Runs a fuzz driver over a corpus without libFuzzer: every file, and every beginning of a small
 * one. Usage: driver [DIRECTORY…]; without arguments the driver's own corpus: that of fuzz_json is
 * tests/fuzz/corpus/json.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/lib/source.h"
#include "fuzz.h"

#define PATH_SIZE 4096
#define SMALL_SIZE 512
#define PREFIX "fuzz_"

/* A copy of exactly the given size, so that reading beyond it is noticed by sanitizers. */
static void run_input(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int replay_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL) {
		perror(path);
		return -1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	for (size_t length = 0; size <= SMALL_SIZE && length < size; length++)
		run_input(data, length);
	run_input(data, size);
	return 0;
}

/* Returns the number of files, -1 when one cannot be read. */
static int replay_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int count = 0;

	if (directory == NULL) {
		perror(path);
		return -1;
	}
	while (count >= 0 && (entry = readdir(directory)) != NULL) {
		char file[PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		count = replay_file(file) < 0 ? -1 : count + 1;
	}
	closedir(directory);
	return count;
}

/* What the driver is named after, "json" for fuzz_json. */
static const char *driver_name(const char *program)
{
	const char *base = strrchr(program, '/');

	base = base != NULL ? base + 1 : program;
	return strncmp(base, PREFIX, strlen(PREFIX)) == 0 ? base + strlen(PREFIX) : base;
}

int main(int argc, char **argv)
{
	char own[PATH_SIZE];
	char *defaults[] = { argv[0], own };

	snprintf(own, sizeof(own), "%s/%s", source_path("tests/fuzz/corpus"), driver_name(argv[0]));
	if (argc < 2) {
		argc = 2;
		argv = defaults;
	}
	for (int i = 1; i < argc; i++) {
		int count = replay_directory(argv[i]);

		if (count <= 0) {
			fprintf(stderr, "%s: no inputs\n", argv[i]);
			return 1;
		}
		printf("%s: %d inputs\n", argv[i], count);
	}
	return 0;
}
