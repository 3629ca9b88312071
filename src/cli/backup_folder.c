#define _GNU_SOURCE 1
#include "cli/backup_folder.h"
#include "cli/print.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json_object.h>
#include <json-c/json_util.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/resource.h"

#define MANIFEST "manifest.json"
#define FORMAT 1
#define PIECE 65536
#define STAMP_LENGTH 16 /* "20261127T023000Z" */

static int fail(struct session *session, const char *what, const char *name)
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
			return fail(session, "read", "the data");
		if (EVP_DigestUpdate(copying->digest, piece, (size_t)length) != 1)
			return error_set_detail(&session->error, ERROR_INTERNAL, "SHA-256 failed");
		if (copying->filter != NULL
			? !dump_filter_add(copying->filter, piece, (size_t)length)
			: !pass_on(copying, piece, (size_t)length))
			return fail(session, "write", "the data");
		stream->bytes += length;
	}
	if (copying->filter != NULL && !dump_filter_end(copying->filter))
		return fail(session, "write", "the data");
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

static struct json_object *describe(const struct backup_manifest *manifest)
{
	struct json_object *object = json_object_new_object(), *files = json_object_new_array();

	json_object_object_add(object, "format", json_object_new_int(FORMAT));
	print_add_text(object, "created", manifest->created);
	print_add_text(object, "version", manifest->version);
	print_add_text(object, "server", manifest->server);
	print_add_text(object, "database", manifest->database);
	print_add_integer(object, "schema", manifest->schema);
	print_add_text(object, "dumpSha256", manifest->dump_digest);
	json_object_object_add(object, "files", files);
	for (unsigned i = 0; i < manifest->file_count; i++) {
		struct json_object *file = json_object_new_object();

		print_add_text(file, "name", manifest->files[i].name);
		print_add_text(file, "sha256", manifest->files[i].digest);
		print_add_integer(file, "bytes", manifest->files[i].bytes);
		json_object_array_add(files, file);
	}
	return object;
}

int backup_write_manifest(
    struct session *session, int folder, const struct backup_manifest *manifest)
{
	struct json_object *object = describe(manifest);
	int fd = openat(folder, MANIFEST, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int result = 0;

	if (fd < 0 || json_object_to_fd(fd, object, JSON_C_TO_STRING_PRETTY) != 0 || fsync(fd) != 0)
		result = fail(session, "write", MANIFEST);
	if (fd >= 0)
		(void)close(fd);
	json_object_put(object);
	return result;
}

static const char *take_text(struct session *session, struct json_object *object, const char *name)
{
	const char *text = json_object_get_string(json_object_object_get(object, name));

	return arena_printf(session->arena, "%s", text != NULL ? text : "");
}

/* A name of the manifest leads nowhere but into its own folder. */
static bool is_plain_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static int take_files(
    struct session *session, struct json_object *files, struct backup_manifest *manifest)
{
	size_t count =
	    json_object_is_type(files, json_type_array) ? json_object_array_length(files) : 0;

	for (size_t i = 0; i < count && i < BACKUP_FILES_MAX; i++) {
		struct json_object *object = json_object_array_get_idx(files, i);
		struct backup_file *file = &manifest->files[manifest->file_count++];

		file->name = take_text(session, object, "name");
		file->bytes = json_object_get_int64(json_object_object_get(object, "bytes"));
		snprintf(
		    file->digest, sizeof(file->digest), "%s", take_text(session, object, "sha256"));
		if (!is_plain_name(file->name))
			count = 0;
	}
	if (count == 0 || count > BACKUP_FILES_MAX ||
	    strcmp(manifest->files[0].name, BACKUP_DUMP) != 0)
		return error_set_detail(&session->error, ERROR_UNAVAILABLE,
		    "%s: its list of files was not written by this program", MANIFEST);
	return 0;
}

static int read_manifest(struct session *session, int folder, struct backup_manifest *manifest)
{
	int fd = openat(folder, MANIFEST, O_RDONLY | O_CLOEXEC), result;
	struct json_object *object;

	*manifest = (struct backup_manifest){ 0 };
	if (fd < 0)
		return fail(session, "open", MANIFEST);
	object = json_object_from_fd(fd);
	(void)close(fd);
	if (json_object_get_int(json_object_object_get(object, "format")) != FORMAT) {
		json_object_put(object);
		return error_set_detail(&session->error, ERROR_UNAVAILABLE,
		    "%s has the unknown format %d", MANIFEST, FORMAT);
	}
	manifest->created = take_text(session, object, "created");
	manifest->version = take_text(session, object, "version");
	manifest->server = take_text(session, object, "server");
	manifest->database = take_text(session, object, "database");
	manifest->schema = json_object_get_int64(json_object_object_get(object, "schema"));
	snprintf(manifest->dump_digest, sizeof(manifest->dump_digest), "%s",
	    take_text(session, object, "dumpSha256"));
	result = take_files(session, json_object_object_get(object, "files"), manifest);
	json_object_put(object);
	return result;
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
			return fail(session, "open", file->name);
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
		return fail(session, "open", BACKUP_DUMP);
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
		return fail(session, "read", name);
	}
	while (result == 0 && (entry = readdir(directory)) != NULL) {
		bool dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;

		if (!dots && unlinkat(fd, entry->d_name, 0) != 0)
			result = fail(session, "remove", entry->d_name);
	}
	(void)closedir(directory);
	return result;
}

int backup_remove(struct session *session, int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(session, "open", name);
	if (empty_folder(session, fd, name) != 0)
		return -1;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 ? 0 : fail(session, "remove", name);
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
		return fail(session, "read", "the backup directory");
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
