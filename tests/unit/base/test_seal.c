#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/rows.h"
#include "base/error.h"
#include "base/seal.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define PLACE                  \
	"resource\0password\0" \
	"7"

static struct arena *arena;
static char directory[] = "/tmp/test_seal.XXXXXX";
static char path[64];

static int begin(void **state)
{
	(void)state;
	arena = arena_new(4096, 1 << 20);
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/key", directory);
	return arena == NULL;
}

static int end(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)rmdir(directory);
	arena_free(arena);
	return 0;
}

static struct seal_keys *parse(const char *text)
{
	struct buf reason = { 0 };
	struct seal_keys *keys = seal_keys_parse(str_from(text), &reason);

	if (keys == NULL)
		fail_msg("%s", reason.data);
	buf_free(&reason);
	return keys;
}

static void test_round_trip(void **state)
{
	static const struct str rows[] = { BYTES(""), BYTES("s"), BYTES("a \0 b"),
		BYTES("Gr\xc3\xbc\xc3\x9f"
		      "e"),
		BYTES("0123456789012345678901234567890123456789") };
	struct seal_keys *keys = parse(KEY_A);

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct str one = seal(keys, SEAL_FIELD, STR(PLACE), rows[i], arena);
		struct str other = seal(keys, SEAL_FIELD, STR(PLACE), rows[i], arena);
		struct str plain;

		expect_int(i, (int64_t)one.length, (int64_t)(rows[i].length + SEAL_OVERHEAD));
		/* A nonce is never used again. */
		assert_false(str_equal(one, other));
		assert_int_equal(
		    unseal(keys, SEAL_FIELD, STR(PLACE), one, arena, &plain), SEAL_GOOD);
		assert_true(str_equal(plain, rows[i]));
		assert_int_equal(plain.data[plain.length], '\0');
	}
	seal_keys_free(keys);
}

/* Every byte, every shorter length, every other place, purpose and key. */
static void test_what_does_not_open(void **state)
{
	static const struct {
		enum seal_purpose purpose;
		struct str place;
	} rows[] = {
		{ SEAL_CURSOR, BYTES(PLACE) },
		{ SEAL_ANSWER, BYTES(PLACE) },
		{ SEAL_FIELD, BYTES("resource\0password\0"
				    "8") },
		{ SEAL_FIELD, BYTES("resource\0private_data\0"
				    "7") },
		{ SEAL_FIELD, BYTES("server_setting\0password\0"
				    "7") },
		{ SEAL_FIELD, BYTES("") },
	};
	struct seal_keys *keys = parse(KEY_A), *wrong = parse(KEY_B);
	struct str sealed = seal(keys, SEAL_FIELD, STR(PLACE), STR("very secret"), arena), plain;
	char *copy = arena_copy(arena, sealed.data, sealed.length);

	(void)state;
	for (size_t i = 0; i < sealed.length; i++) {
		bool of_id = i >= 1 && i <= SEAL_ID_LENGTH;

		assert_int_equal(
		    unseal(keys, SEAL_FIELD, STR(PLACE), str_slice(sealed, 0, i), arena, &plain),
		    SEAL_BROKEN);
		copy[i] ^= 1;
		expect_int(i,
		    unseal(keys, SEAL_FIELD, STR(PLACE), (struct str){ copy, sealed.length }, arena,
			&plain),
		    of_id ? SEAL_NO_KEY : SEAL_BROKEN);
		assert_null(plain.data);
		copy[i] ^= 1;
	}
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_int(i, unseal(keys, rows[i].purpose, rows[i].place, sealed, arena, &plain),
		    SEAL_BROKEN);
	assert_int_equal(unseal(wrong, SEAL_FIELD, STR(PLACE), sealed, arena, &plain), SEAL_NO_KEY);
	assert_int_equal(
	    unseal(keys, SEAL_FIELD, STR(PLACE),
		STR("a text that was never sealed, though it is long enough"), arena, &plain),
	    SEAL_BROKEN);
	seal_keys_free(keys);
	seal_keys_free(wrong);
}

/* A value of version 1 as it was stored; made with Python's cryptography, so that the form stays.
 */
static void test_stored_value(void **state)
{
	static const uint8_t stored[] = { 0x01, 0xf0, 0x06, 0xe2, 0xc8, 0xa0, 0xa1, 0xa2, 0xa3,
		0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0x8a, 0xc3, 0x13, 0x42, 0x86, 0x1d,
		0x33, 0xeb, 0xe5, 0x17, 0x7d, 0xba, 0xba, 0x02, 0x93, 0x66, 0x47, 0x03, 0xfe, 0x7f,
		0x1d, 0xc1, 0x25, 0x79, 0x0e, 0x68, 0xc7, 0xf3, 0xa3, 0x12, 0x04, 0x14, 0xf3, 0x69,
		0x2f };
	struct seal_keys *keys = parse(KEY_A);
	struct str plain;

	(void)state;
	assert_int_equal(unseal(keys, SEAL_FIELD, STR(PLACE),
			     (struct str){ (const char *)stored, sizeof(stored) }, arena, &plain),
	    SEAL_GOOD);
	assert_true(str_equal(plain, STR("stored by version 1")));
	seal_keys_free(keys);
}

static void test_several_keys(void **state)
{
	struct seal_keys *former = parse(KEY_A),
			 *both = parse("# newest first\n" KEY_B "\n" KEY_A "\n");
	struct str old = seal(former, SEAL_FIELD, STR(PLACE), STR("old"), arena), plain, again;
	const char *newest = seal_keys_id(both, 0), *id = seal_keys_id(former, 0);
	char of_value[SEAL_ID_TEXT];

	(void)state;
	assert_int_equal(seal_keys_count(both), 2);
	assert_int_equal(unseal(both, SEAL_FIELD, STR(PLACE), old, arena, &plain), SEAL_GOOD);
	assert_true(seal_id_of(seal(both, SEAL_FIELD, STR(PLACE), plain, arena), of_value));
	assert_string_equal(of_value, newest);
	assert_int_equal(
	    seal_under(both, id, SEAL_FIELD, STR(PLACE), plain, arena, &again), SEAL_GOOD);
	assert_true(seal_id_of(again, of_value));
	assert_string_equal(of_value, id);
	assert_int_equal(
	    seal_under(former, newest, SEAL_FIELD, STR(PLACE), plain, arena, &again), SEAL_NO_KEY);
	assert_true(seal_keys_remove(both, id));
	assert_false(seal_keys_remove(both, newest)); /* the last one stays */
	assert_int_equal(unseal(both, SEAL_FIELD, STR(PLACE), old, arena, &plain), SEAL_NO_KEY);
	seal_keys_free(former);
	seal_keys_free(both);
}

static void test_texts_that_are_no_keys(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{ "", "it contains no key" },
		{ "# nothing\n\n", "it contains no key" },
		{ "0001", "line 1: expected 64 hexadecimal digits" },
		{ KEY_A "\n" KEY_B "0\n", "line 2: expected 64 hexadecimal digits" },
		{ "x" KEY_A, "line 1: expected 64 hexadecimal digits" },
		{ KEY_A "\n#\n" KEY_A "\n", "line 3: the key appears twice" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct buf reason = { 0 };

		assert_null(seal_keys_parse(str_from(rows[i].text), &reason));
		expect_str(i, buf_str(&reason), rows[i].reason);
		buf_free(&reason);
	}
}

static enum seal_file read_file(struct seal_keys **keys, const char **reason)
{
	struct buf text = { 0 };
	enum seal_file result = seal_keys_read(path, keys, &text);

	*reason = arena_printf(arena, STR_FORMAT, STR_ARGUMENTS(buf_str(&text)));
	buf_free(&text);
	return result;
}

static void test_file(void **state)
{
	static const mode_t good[] = { 0600, 0400, 0640, 0440 },
			    bad[] = { 0644, 0604, 0660, 0602, 0601 };
	struct seal_keys *made = seal_keys_make(), *keys;
	const char *reason;
	struct stat status;

	(void)state;
	assert_int_equal(read_file(&keys, &reason), SEAL_FILE_MISSING);
	assert_int_equal(seal_keys_write(made, path, getuid(), getgid(), false), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(seal_keys_write(made, path, getuid(), getgid(), false), -1);
	assert_int_equal(errno, EEXIST);
	for (size_t i = 0; i < ROWS(good); i++) {
		assert_int_equal(chmod(path, good[i]), 0);
		expect_int(i, read_file(&keys, &reason), SEAL_FILE_READ);
		assert_string_equal(seal_keys_id(keys, 0), seal_keys_id(made, 0));
		seal_keys_free(keys);
	}
	for (size_t i = 0; i < ROWS(bad); i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		expect_int(i, read_file(&keys, &reason), SEAL_FILE_REFUSED);
		assert_non_null(strstr(reason, "chmod 0600"));
	}
	assert_int_equal(chmod(path, 0600), 0);
	seal_keys_free(made);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_file(&keys, &reason), SEAL_FILE_REFUSED);
	assert_int_equal(unlink(path), 0);
}

/* Another process has put a new key into the file meanwhile. */
static void test_file_is_read_again(void **state)
{
	struct seal_keys *writer = seal_keys_make(), *reader;
	struct str sealed, plain;
	const char *reason;
	struct stat status;

	(void)state;
	assert_int_equal(seal_keys_write(writer, path, getuid(), getgid(), false), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(read_file(&reader, &reason), SEAL_FILE_READ);
	assert_true(seal_keys_add(writer));
	sealed = seal(writer, SEAL_FIELD, STR(PLACE), STR("new"), arena);
	assert_int_equal(seal_keys_write(writer, path, getuid(), getgid(), true), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(unseal(reader, SEAL_FIELD, STR(PLACE), sealed, arena, &plain), SEAL_GOOD);
	assert_int_equal(seal_keys_count(reader), 2);
	assert_true(seal_keys_have(reader, seal_keys_id(writer, 0)));
	assert_false(seal_keys_have(reader, "00000000"));
	seal_keys_free(writer);
	seal_keys_free(reader);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_what_does_not_open),
		cmocka_unit_test(test_stored_value),
		cmocka_unit_test(test_several_keys),
		cmocka_unit_test(test_texts_that_are_no_keys),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_file_is_read_again),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
