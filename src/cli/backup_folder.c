#define _GNU_SOURCE 1
#include "cli/backup_folder.h"
#include "cli/print.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/reader.h"
#include "schema/resource.h"

#define MANIFEST "manifest.json"
#define MANIFEST_MAX ((size_t)65536) /* bytes */
#define FORMAT 1
#define PIECE 65536
#define STAMP_LENGTH 16 /* "20261127T023000Z" */

static int fail_entry(struct session *session, const char *what, const char *name)
{
	return error_set_detail(
	    &session->error, ERROR_UNAVAILABLE, "%s %s: %s", what, name, strerror(errno));
}

static bool write_piece(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data += written;
		length -= (size_t)written;
	}
	return true;
}

static void print_digest(EVP_MD_CTX *context, char digest[BACKUP_DIGEST])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	(void)EVP_DigestFinal_ex(context, bytes, &length);
	for (unsigned i = 0; i < length && 2 * i + 2 < BACKUP_DIGEST; i++) {
		digest[2 * i] = digits[bytes[i] >> 4];
		digest[2 * i + 1] = digits[bytes[i] & 15];
	}
	digest[BACKUP_DIGEST - 1] = '\0';
}

/* Where bytes go, and what is made of them. */
struct copying {
	EVP_MD_CTX *digest, *dump_digest; /* NULL = no dump */
	struct dump_filter *filter;
	int to;
};

/* What has passed the filter; whole where there is none. */
static bool pass_on(void *context, const char *data, size_t length)
{
	const struct copying *copying = context;

	if (copying->dump_digest != NULL &&
	    EVP_DigestUpdate(copying->dump_digest, data, length) != 1)
		return false;
	return copying->to < 0 || write_piece(copying->to, data, length);
}

static int copy(
    struct session *session, struct copying *copying, int from, struct backup_stream *stream)
{
	char piece[PIECE];
	ssize_t length;

	while ((length = read(from, piece, sizeof(piece))) != 0) {
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return fail_entry(session, "read", "the data");
		if (EVP_DigestUpdate(copying->digest, piece, (size_t)length) != 1)
			return error_set_detail(&session->error, ERROR_INTERNAL, "SHA-256 failed");
		if (copying->filter != NULL
			? !dump_filter_add(copying->filter, piece, (size_t)length)
			: !pass_on(copying, piece, (size_t)length))
			return fail_entry(session, "write", "the data");
		stream->bytes += length;
	}
	if (copying->filter != NULL && !dump_filter_end(copying->filter))
		return fail_entry(session, "write", "the data");
	return 0;
}

static EVP_MD_CTX *new_digest(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
		return context;
	EVP_MD_CTX_free(context);
	return NULL;
}

int backup_copy(struct session *session, int from, int to, struct backup_stream *stream)
{
	struct copying copying = { .digest = new_digest(), .to = to };
	int result = -1;

	*stream = (struct backup_stream){ 0 };
	if (copying.digest == NULL)
		return error_set_detail(
		    &session->error, ERROR_INTERNAL, "SHA-256 is not available");
	result = copy(session, &copying, from, stream);
	print_digest(copying.digest, stream->digest);
	EVP_MD_CTX_free(copying.digest);
	return result;
}

int backup_copy_dump(struct session *session, int from, int to, struct backup_stream *stream)
{
	struct copying copying = { .digest = new_digest(), .dump_digest = new_digest(), .to = to };
	struct dump_filter filter = { .put = pass_on, .context = &copying };
	int result = -1;

	*stream = (struct backup_stream){ 0 };
	copying.filter = &filter;
	if (copying.digest != NULL && copying.dump_digest != NULL) {
		result = copy(session, &copying, from, stream);
		print_digest(copying.digest, stream->digest);
		print_digest(copying.dump_digest, stream->dump_digest);
		stream->content = filter.content;
	} else {
		error_set_detail(&session->error, ERROR_INTERNAL, "SHA-256 is not available");
	}
	EVP_MD_CTX_free(copying.digest);
	EVP_MD_CTX_free(copying.dump_digest);
	return result;
}

static void describe_manifest(struct writer *writer, const struct backup_manifest *manifest)
{
	writer_object_begin(writer, NULL);
	writer_integer(writer, "format", FORMAT);
	print_add_text(writer, "created", manifest->created);
	print_add_text(writer, "version", manifest->version);
	print_add_text(writer, "server", manifest->server);
	print_add_text(writer, "database", manifest->database);
	writer_integer(writer, "schema", manifest->schema);
	print_add_text(writer, "dumpSha256", manifest->dump_digest);
	writer_array_begin(writer, "files", "file");
	for (unsigned i = 0; i < manifest->file_count; i++) {
		writer_object_begin(writer, NULL);
		print_add_text(writer, "name", manifest->files[i].name);
		print_add_text(writer, "sha256", manifest->files[i].digest);
		writer_integer(writer, "bytes", manifest->files[i].bytes);
		writer_object_end(writer);
	}
	writer_array_end(writer);
	writer_object_end(writer);
}

int backup_write_manifest(
    struct session *session, int folder, const struct backup_manifest *manifest)
{
	struct print_json json;
	int fd = openat(folder, MANIFEST, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int result = 0;

	print_json_begin(&json);
	json.writer.layout = WRITER_INDENTED;
	describe_manifest(&json.writer, manifest);
	if (json.text.failed)
		errno = ENOMEM;
	if (fd < 0 || json.text.failed || !write_piece(fd, json.text.data, json.text.length) ||
	    fsync(fd) != 0)
		result = fail_entry(session, "write", MANIFEST);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&json.text);
	return result;
}

static const char *take_text(struct session *session, const struct node *object, const char *name)
{
	struct str text = node_find_text(object, name);

	return arena_printf(session->arena, STR_FORMAT, STR_ARGUMENTS(text));
}

/* 0 where there is none. */
static int64_t take_integer(const struct node *object, const char *name)
{
	int64_t integer;

	return str_to_int64(node_find_text(object, name), &integer) ? integer : 0;
}

/* A name of the manifest leads nowhere but into its own folder. */
static bool is_plain_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static int take_files(
    struct session *session, const struct node *files, struct backup_manifest *manifest)
{
	unsigned count = files != NULL && files->kind == NODE_ARRAY ? files->child_count : 0;
	bool good = count > 0 && count <= BACKUP_FILES_MAX;

	for (const struct node *one = good ? files->children : NULL; one != NULL; one = one->next) {
		struct backup_file *file = &manifest->files[manifest->file_count++];

		file->name = take_text(session, one, "name");
		file->bytes = take_integer(one, "bytes");
		snprintf(
		    file->digest, sizeof(file->digest), "%s", take_text(session, one, "sha256"));
		good = good && is_plain_name(file->name);
	}
	if (!good || strcmp(manifest->files[0].name, BACKUP_DUMP) != 0)
		return error_set_detail(&session->error, ERROR_UNAVAILABLE,
		    "%s: its list of files was not written by this program", MANIFEST);
	return 0;
}

/* The file's tree; NULL where it is no JSON, or longer than any manifest. */
static const struct node *read_tree(struct session *session, int fd)
{
	char *text = arena_alloc(session->arena, MANIFEST_MAX);
	size_t length = 0;
	ssize_t more = 1;

	while (text != NULL && more > 0 && length < MANIFEST_MAX) {
		more = read(fd, text + length, MANIFEST_MAX - length);
		if (more > 0)
			length += (size_t)more;
		else if (more < 0 && errno == EINTR)
			more = 1;
	}
	return more == 0 ? json_read_stored(session->arena, (struct str){ text, length }) : NULL;
}

static int read_manifest(struct session *session, int folder, struct backup_manifest *manifest)
{
	int fd = openat(folder, MANIFEST, O_RDONLY | O_CLOEXEC);
	const struct node *object;

	*manifest = (struct backup_manifest){ 0 };
	if (fd < 0)
		return fail_entry(session, "open", MANIFEST);
	object = read_tree(session, fd);
	(void)close(fd);
	if (take_integer(object, "format") != FORMAT)
		return error_set_detail(&session->error, ERROR_UNAVAILABLE,
		    "%s has the unknown format %d", MANIFEST, FORMAT);
	manifest->created = take_text(session, object, "created");
	manifest->version = take_text(session, object, "version");
	manifest->server = take_text(session, object, "server");
	manifest->database = take_text(session, object, "database");
	manifest->schema = take_integer(object, "schema");
	snprintf(manifest->dump_digest, sizeof(manifest->dump_digest), "%s",
	    take_text(session, object, "dumpSha256"));
	return take_files(session, node_find(object, "files"), manifest);
}

int backup_verify(struct session *session, int folder, struct backup_manifest *manifest)
{
	if (read_manifest(session, folder, manifest) != 0)
		return -1;
	for (unsigned i = 0; i < manifest->file_count; i++) {
		const struct backup_file *file = &manifest->files[i];
		struct backup_stream stream;
		int fd = openat(folder, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result;

		if (fd < 0)
			return fail_entry(session, "open", file->name);
		result = backup_copy(session, fd, -1, &stream);
		(void)close(fd);
		if (result != 0)
			return -1;
		if (stream.bytes != file->bytes || strcmp(stream.digest, file->digest) != 0)
			return error_set_detail(&session->error, ERROR_UNAVAILABLE,
			    "%s is damaged: it has %lld bytes and the digest %s, expected %lld and "
			    "%s",
			    file->name, (long long)stream.bytes, stream.digest,
			    (long long)file->bytes, file->digest);
	}
	return 0;
}

int backup_unpack(struct session *session, int folder, struct child *unpack)
{
	static const char *const unpacker[] = { "zstd", "--quiet", "--decompress", "--stdout",
		NULL };
	int fd = openat(folder, BACKUP_DUMP, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), result;

	if (fd < 0)
		return fail_entry(session, "open", BACKUP_DUMP);
	result = child_start(unpack, unpacker, CHILD_READ, fd, -1, &session->error);
	(void)close(fd);
	return result;
}

int backup_prove(struct session *session, int folder, struct backup_manifest *manifest,
    struct backup_stream *stream)
{
	struct child unpack;

	if (backup_verify(session, folder, manifest) != 0 ||
	    backup_unpack(session, folder, &unpack) != 0)
		return -1;
	if (backup_copy_dump(session, unpack.fd, -1, stream) != 0) {
		child_abandon(&unpack);
		return -1;
	}
	if (child_finish(&unpack, &session->error) != 0)
		return -1;
	if (strcmp(stream->digest, manifest->dump_digest) == 0)
		return 0;
	return error_set_detail(&session->error, ERROR_UNAVAILABLE,
	    "the unpacked dump has the digest %s, expected %s", stream->digest,
	    manifest->dump_digest);
}

static int empty_folder(struct session *session, int fd, const char *name)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL) {
		(void)close(fd);
		return fail_entry(session, "read", name);
	}
	while (result == 0 && (entry = readdir(directory)) != NULL) {
		bool dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;

		if (!dots && unlinkat(fd, entry->d_name, 0) != 0)
			result = fail_entry(session, "remove", entry->d_name);
	}
	(void)closedir(directory);
	return result;
}

int backup_remove(struct session *session, int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail_entry(session, "open", name);
	if (empty_folder(session, fd, name) != 0)
		return -1;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 ? 0 : fail_entry(session, "remove", name);
}

const char *backup_prefix(struct session *session)
{
	return arena_printf(session->arena, "clientele-%s-", session->settings->database_name);
}

/* The prefix and a time, nothing else: whatever people put beside is theirs. */
static bool is_backup(const char *name, const char *prefix)
{
	static const char form[STAMP_LENGTH + 1] = "00000000T000000Z";
	size_t length = strlen(prefix);

	if (strncmp(name, prefix, length) != 0 || strlen(name + length) != STAMP_LENGTH)
		return false;
	for (unsigned i = 0; i < STAMP_LENGTH; i++) {
		char c = name[length + i];

		if (form[i] == '0' ? c < '0' || c > '9' : c != form[i])
			return false;
	}
	return true;
}

int64_t backup_each(struct session *session, int parent,
    bool (*look)(void *context, const char *name), void *context)
{
	const char *prefix = backup_prefix(session);
	struct dirent **entries;
	int count = scandirat(parent, ".", &entries, NULL, alphasort);
	bool going_on = true;
	int64_t ours = 0;

	if (count < 0)
		return fail_entry(session, "read", "the backup directory");
	/* The names end in times, so that the newest come last. */
	for (int i = count - 1; i >= 0; i--) {
		if (going_on && is_backup(entries[i]->d_name, prefix)) {
			ours++;
			going_on = look(context, entries[i]->d_name);
		}
		free(entries[i]);
	}
	free(entries);
	return ours;
}

struct keeping {
	struct session *session;
	int parent, result;
	int64_t left; /* so many more stay */
};

static bool keep_or_remove(void *context, const char *name)
{
	struct keeping *keeping = context;

	if (keeping->left-- <= 0)
		keeping->result = backup_remove(keeping->session, keeping->parent, name);
	return keeping->result == 0;
}

int backup_keep(struct session *session, int parent, int64_t keep)
{
	struct keeping keeping = { .session = session, .parent = parent, .left = keep };

	if (backup_each(session, parent, keep_or_remove, &keeping) < 0)
		return -1;
	return keeping.result;
}
