/*
 * The source of an import, as the command line names it.
 */
#include "cli/move_document.h"
#include "cli/move_state.h"
#include "cli/question.h"

static bool read_password(struct session *session, struct move_place *place, char *password)
{
	const char *file = session_flag(session, "password-file");
	FILE *stream;

	if (file != NULL) {
		stream = fopen(file, "re");
		if (stream == NULL || fgets(password, QUESTION_ANSWER_MAX, stream) == NULL) {
			if (stream != NULL)
				fclose(stream);
			session_fail(session, "%s cannot be read.", file);
			return false;
		}
		fclose(stream);
		password[strcspn(password, "\r\n")] = '\0';
	} else if (session_flag(session, "password-stdin") != NULL &&
		   question_secret(session, "password-stdin", "Password", false, password) < 0) {
		return false;
	}
	place->password = password[0] != '\0' ? password : NULL;
	return true;
}

static struct move_source *open_database(struct session *session)
{
	struct move_place place = { .from = session_flag(session, "from") };
	char password[QUESTION_ANSWER_MAX] = "";
	struct move_source *source;

	if (!read_password(session, &place, password))
		return NULL;
	source = move_source_open(session->arena, &place, &session->error);
	explicit_bzero(password, sizeof(password));
	if (source == NULL)
		session_error(session);
	return source;
}

/* The files that the command line names: --from and what follows it, and one for each table. */
static unsigned list_files(const struct session *session, const struct move_kind *kind,
    struct move_document_file files[MOVE_DOCUMENT_FILES_MAX])
{
	unsigned count = 0;

	if (session_flag(session, "from") != NULL)
		files[count++].name = session_flag(session, "from");
	for (unsigned i = 0; i < session->operand_count; i++)
		files[count++].name = session->operands[i];
	for (unsigned i = 0; i < kind->table_count && count < MOVE_DOCUMENT_FILES_MAX; i++) {
		const struct move_table *table = &kind->tables[i];

		if (table->flag != NULL && session_flag(session, table->flag) != NULL)
			files[count++] =
			    (struct move_document_file){ session_flag(session, table->flag),
				    table };
	}
	return count;
}

/* What is wrong with a file is all that there is to say. */
static const char *sentence_of(const struct session *session)
{
	const char *detail = session->error.detail;

	return arena_printf(
	    session->arena, "%s%s", detail, str_ends_with(str_from(detail), STR(".")) ? "" : ".");
}

static struct move_source *open_documents(struct session *session, const struct move_kind *kind)
{
	struct move_document_file files[MOVE_DOCUMENT_FILES_MAX] = { 0 };
	unsigned count = list_files(session, kind, files);
	struct move_source *source =
	    move_document_open(session->arena, kind, files, count, &session->error);

	if (source == NULL && session->error.code == ERROR_INVALID)
		session_fail(session, "%s", sentence_of(session));
	else if (source == NULL)
		session_error(session);
	return source;
}

bool move_open_has_source(const struct session *session, const struct move_kind *kind)
{
	struct move_document_file files[MOVE_DOCUMENT_FILES_MAX] = { 0 };

	return kind->documents != NULL ? list_files(session, kind, files) > 0
				       : session_flag(session, "from") != NULL;
}

struct move_source *move_open(struct session *session, const struct move_kind *kind)
{
	return kind->documents != NULL ? open_documents(session, kind) : open_database(session);
}
