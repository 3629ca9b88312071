#include "base/zone_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC STR("TZif")
#define HEADER_LENGTH 44
#define COUNTS_AT 20
#define TYPE_LENGTH 6
#define PARTS_MOST 65536 /* no file has a tenth of it: what is multiplied stays small */

/* What a block holds, in the order in which its header tells the numbers. */
enum part { PART_UTC, PART_STANDARD, PART_LEAPS, PART_CHANGES, PART_TYPES, PART_NAMES, PART__MAX };

struct block {
	struct str body;
	uint32_t counts[PART__MAX];
	size_t moment_length; /* 4 in the first block of a file, 8 in the second */
};

/* An integer of so many bytes, the highest first. */
static int64_t read_number(const char *data, size_t length)
{
	uint64_t number = (unsigned char)data[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < length; i++)
		number = number << 8 | (unsigned char)data[i];
	return (int64_t)number;
}

static size_t body_length(const struct block *block)
{
	const uint32_t *counts = block->counts;

	return counts[PART_CHANGES] * (block->moment_length + 1) +
	       counts[PART_TYPES] * (size_t)TYPE_LENGTH + counts[PART_NAMES] +
	       counts[PART_LEAPS] * (block->moment_length + 4) + counts[PART_STANDARD] +
	       counts[PART_UTC];
}

/* Takes a block off the front of what is left of the file. */
static bool take_block(struct str *bytes, size_t moment_length, struct block *block)
{
	*block = (struct block){ .moment_length = moment_length };
	if (bytes->length < HEADER_LENGTH || !str_starts_with(*bytes, MAGIC))
		return false;
	for (unsigned i = 0; i < PART__MAX; i++) {
		int64_t count = read_number(bytes->data + COUNTS_AT + 4 * (size_t)i, 4);

		if (count < 0 || count > PARTS_MOST)
			return false;
		block->counts[i] = (uint32_t)count;
	}
	*bytes = str_slice(*bytes, HEADER_LENGTH, bytes->length);
	block->body = str_slice(*bytes, 0, body_length(block));
	*bytes = str_slice(*bytes, block->body.length, bytes->length);
	return block->body.length == body_length(block) && block->counts[PART_TYPES] > 0;
}

/* Files of the first version have no second block, whose moments end in 2038. None are made now. */
static bool take_second_block(struct str *bytes, struct block *block)
{
	return bytes->length > MAGIC.length && bytes->data[MAGIC.length] >= '2' &&
	       take_block(bytes, 4, block) && take_block(bytes, 8, block);
}

static int64_t type_offset(const struct block *block, size_t type)
{
	return read_number(block->body.data +
			       block->counts[PART_CHANGES] * (block->moment_length + 1) +
			       type * TYPE_LENGTH,
	    4);
}

static bool read_changes(const struct block *block, struct zone_table *table)
{
	const char *types = block->body.data + block->counts[PART_CHANGES] * block->moment_length;

	for (unsigned i = 0; i < block->counts[PART_CHANGES]; i++) {
		size_t type = (unsigned char)types[i];

		if (type >= block->counts[PART_TYPES])
			return false;
		table->changes[i] = (struct zone_change){
			.moment = read_number(
			    block->body.data + i * block->moment_length, block->moment_length),
			.offset = type_offset(block, type),
		};
		if (i > 0 && table->changes[i].moment <= table->changes[i - 1].moment)
			return false;
	}
	table->count = block->counts[PART_CHANGES];
	return true;
}

/* The line behind the blocks, which is empty where no rule tells what comes. */
static bool read_rule(struct str bytes, struct zone_table *table)
{
	struct str line;

	if (!str_starts_with(bytes, STR("\n")))
		return false;
	line = str_slice(bytes, 1, bytes.length);
	line = str_slice(line, 0, str_find(line, '\n'));
	table->has_rule = line.length > 0;
	return !table->has_rule || zone_rule_parse(line, &table->rule);
}

bool zone_file_parse(struct str bytes, struct zone_table *table)
{
	struct block block;

	*table = (struct zone_table){ 0 };
	if (!take_second_block(&bytes, &block) || !read_rule(bytes, table))
		return false;
	table->first = type_offset(&block, 0);
	table->changes = calloc(block.counts[PART_CHANGES] + 1, sizeof(table->changes[0]));
	if (table->changes != NULL && read_changes(&block, table))
		return true;
	free(table->changes);
	*table = (struct zone_table){ 0 };
	return false;
}
