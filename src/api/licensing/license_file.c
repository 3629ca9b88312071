#include "api/licensing/license_file.h"

#include "api/licensing/licensing.h"
#include "api/licensing/sign.h"
#include "base/mail_address.h"
#include "record/fetch.h"

const struct parameter licensing_license_file_parameters[1] = {
	{ .name = "encrypt",
	    .kind = PARAMETER_BOOLEAN,
	    .doc = "A license file (format 4) encrypted with the license's user key." },
};

static const struct value *value_of(const struct row *row, const char *member)
{
	unsigned number = resource_member(row->resource, member);

	return row_filled(row, number) ? &row->values[number] : NULL;
}

static struct str text_of(const struct row *row, const char *member)
{
	const struct value *value = value_of(row, member);

	return value != NULL ? value->text : STR("");
}

/* The template's, without what a file name must not have. */
static struct str name_of_template(const struct row *license)
{
	struct str name = text_of(license, "fileName");

	return mail_text_is_line(name) && str_find(name, '/') == name.length &&
		       str_find(name, '\\') == name.length
		   ? name
		   : STR("");
}

bool license_file_of(struct arena *arena, const struct row *license, struct license_file *file)
{
	const struct value *format = value_of(license, "format");
	/* Of what somebody has sent, nobody knows more than that it is XML. */
	const struct document_format *known =
	    value_of(license, "signedById") != NULL ? document_format(format->integer) : NULL;
	bool is_xml;

	file->content = text_of(license, "licenseKey");
	is_xml = str_starts_with(str_trim(file->content), STR("<"));
	file->media = known != NULL ? known->media
				    : (is_xml ? "application/xml" : "text/plain; charset=utf-8");
	file->name = name_of_template(license);
	if (file->name.length == 0)
		file->name = str_from(arena_printf(arena, STR_FORMAT ".%s",
		    STR_ARGUMENTS(text_of(license, "licenseId")),
		    known != NULL ? known->extension : "licenses"));
	return file->content.length > 0;
}

static int fetch_license(struct operation *operation, struct row **license, struct error *error)
{
	const struct resource *resource = &licensing_license_resource;
	uint64_t mask =
	    resource_default_mask(resource) | FIELD_BIT(resource_member(resource, "fileName"));
	struct row *keys;

	if (operation_read_keys(operation, &keys, error) != 0)
		return -1;
	return record_fetch_one(&operation->context, resource, mask, keys, license, error);
}

/* The same file each time, until the license changes. */
static int encrypt(struct operation *operation, const struct row *license,
    struct license_file *file, struct error *error)
{
	struct context *context = &operation->context;
	const struct value *signer = value_of(license, "signedById");
	const struct signing_key *key;
	struct buf text = { 0 };
	bool is_legacy;
	int result;

	if (signer == NULL)
		return error_set_word(error, ERROR_CONFLICT, "NOT_ENCRYPTABLE",
		    "The license is no license file of this server, so it cannot be encrypted.");
	if (license_signing_key(context, signer->integer, &key, &is_legacy, error) != 0)
		return -1;
	result = document_encrypt_file(
	    context->arena, file->content, text_of(license, "userKey"), key, &text, error);
	file->content = arena_str(context->arena, buf_str(&text));
	buf_free(&text);
	return result;
}

int licensing_license_file(struct operation *operation, struct error *error)
{
	struct license_file file;
	struct row *license;

	if (fetch_license(operation, &license, error) != 0)
		return -1;
	if (!license_file_of(operation->context.arena, license, &file))
		return error_set_word(error, ERROR_NOT_FOUND, "NO_DOCUMENT",
		    "The license has no document: no key signs it, and none was sent.");
	if (parameters_get(&operation->parameters, "encrypt")->integer != 0 &&
	    encrypt(operation, license, &file, error) != 0)
		return -1;
	operation_answer_file(operation, file.media, file.name, file.content);
	return 0;
}
