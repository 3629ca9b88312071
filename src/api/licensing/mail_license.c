#include "api/licensing/irregular.h"
#include "api/licensing/license_file.h"
#include "api/licensing/licensing.h"
#include "api/licensing/outbox.h"
#include "api/licensing/placeholder.h"
#include "api/licensing/settings.h"
#include "base/base64.h"
#include "base/mail_address.h"

#define SUBJECT_LONGEST 255

enum { REQUEST_LICENSE_ID, REQUEST_RESOURCE_ID };

static const struct field request_fields[] = {
	[REQUEST_LICENSE_ID] = { INT32("licenseId", NULL),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED, .doc = "Number of the license." },
	[REQUEST_RESOURCE_ID] = { INT32("resourceId", NULL),
	    .flags = FIELD_NOT_STORED | FIELD_REQUIRED,
	    .doc = "Number of a resource of type email: its data is the text, with placeholders "
		   "such as {{licensee.name}}, {{license.userKey}} or {{product.name}}." },
};

const struct resource mail_license_resource = {
	.name = "license mail",
	.type_name = "SendLicenseEmailRequest",
	.area = AREA_MAIL,
	FIELDS(request_fields),
	.doc = "A license to be sent to its holder.",
};

/* Rows that placeholders can name, by the word before the dot. */
struct subject {
	struct arena *arena;
	const struct sight *sight; /* of the caller */
	const struct row *license, *licensee, *product, *customer, *order;
};

static struct str text_of(const struct row *row, const char *member)
{
	int number = row != NULL ? resource_field(row->resource, member) : -1;

	if (number < 0 || !row_filled(row, (unsigned)number))
		return STR("");
	return row->values[number].text;
}

static const struct row *row_of(const struct row *row, const char *member)
{
	int number = resource_field(row->resource, member);

	return number >= 0 && row_filled(row, (unsigned)number) ? row->values[number].row : NULL;
}

/* What people want to read: days instead of moments, the rest as it is printed anywhere. */
static struct str print_value(
    struct arena *arena, const struct field *field, const struct value *value)
{
	const struct print_style style = { .time = TIMESTAMP_DATE_ONLY, .enum_as_name = true };
	const struct field_type_info *type = field_type_info(field->type);
	struct buf text = { 0 };
	struct str copy;

	if (value->null)
		return STR("");
	if (type->print == NULL)
		return value->text;
	type->print(&text, field, value, &style);
	copy = arena_str(arena, buf_str(&text));
	buf_free(&text);
	return copy;
}

static bool is_printable(const struct field *field)
{
	enum lexical lexical = field_type_info(field->type)->lexical;

	return lexical != LEXICAL_NESTED && lexical != LEXICAL_JSON &&
	       !(field->flags & (FIELD_HIDDEN | FIELD_SECRET | FIELD_MASKED | FIELD_WRITEONLY));
}

/*
 * Where the license itself does not say who holds it, the short members beside its document do.
 */
static struct str holder_fallback(const struct subject *subject, struct str member)
{
	if (str_equal_ignore_case(member, STR("name")))
		return text_of(subject->license, "licenseeName");
	if (str_equal_ignore_case(member, STR("company")))
		return text_of(subject->license, "licenseeCompany");
	if (str_equal_ignore_case(member, STR("contactInfo")))
		return text_of(subject->license, "licenseeEmail");
	return STR("");
}

static enum placeholder_found look_up(void *context, struct str name, struct str *text)
{
	const struct subject *subject = context;
	const struct {
		struct str word;
		const struct resource *resource;
		const struct row *row;
	} words[] = {
		{ STR("license"), &licensing_license_resource, subject->license },
		{ STR("licensee"), &licensing_licensee_resource, subject->licensee },
		{ STR("product"), &licensing_product_info_resource, subject->product },
		{ STR("customer"), &licensing_customer_resource, subject->customer },
		{ STR("order"), &licensing_order_resource, subject->order },
	};
	size_t dot = str_find(name, '.');
	struct str word = str_slice(name, 0, dot);
	struct str member = str_slice(name, dot + 1, name.length);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		int number = resource_field_ignore_case(words[i].resource, member);
		const struct field *field;

		if (!str_equal_ignore_case(word, words[i].word) || number < 0)
			continue;
		field = &words[i].resource->fields[number];
		if (!is_printable(field))
			return PLACEHOLDER_UNKNOWN;
		if (sight_may_see(subject->sight, words[i].resource) != SIGHT_ALL)
			return PLACEHOLDER_UNSEEN;
		*text = words[i].row != NULL
			    ? print_value(subject->arena, field, &words[i].row->values[number])
			    : STR("");
		if (text->length == 0 && words[i].resource == &licensing_licensee_resource)
			*text = holder_fallback(subject, member);
		return PLACEHOLDER_FOUND;
	}
	return PLACEHOLDER_UNKNOWN;
}

static int find_row(struct operation *operation, const struct resource *resource,
    const struct row *request, unsigned field, const char *const *relations, struct row **row,
    struct error *error)
{
	uint64_t mask = resource_default_mask(resource);
	struct row *keys = row_new(operation->context.arena, resource);

	if (keys == NULL)
		return error_out_of_memory(error);
	if (sight_may_see(&operation->context.sight, resource) != SIGHT_ALL)
		return error_set(error, ERROR_FORBIDDEN,
		    "This credential may not read the %s of %s.", resource->name,
		    request->resource->fields[field].name);
	for (; *relations != NULL; relations++)
		mask |= FIELD_BIT(resource_field(resource, *relations));
	row_set_integer(keys, resource_key(resource), request->values[field].integer);
	if (record_fetch_one(&operation->context, resource, mask, keys, row, error) == 0)
		return 0;
	if (error->code != ERROR_NOT_FOUND)
		return -1;
	error_clear(error);
	return error_add_fault(
	    error, request->resource->fields[field].name, "The %s does not exist.", resource->name);
}

static int find_subject(struct operation *operation, const struct row *request,
    struct subject *subject, struct error *error)
{
	static const char *const relations[] = { "customer", "order", "fileName", NULL };
	struct row *license;

	if (find_row(operation, &licensing_license_resource, request, REQUEST_LICENSE_ID, relations,
		&license, error) != 0)
		return -1;
	*subject = (struct subject){
		.arena = operation->context.arena,
		.sight = &operation->context.sight,
		.license = license,
		.licensee = row_of(license, "licensee"),
		.product = row_of(license, "product"),
		.customer = row_of(license, "customer"),
		.order = row_of(license, "order"),
	};
	return 0;
}

/*
 * The holder's address, else the customer's where the caller may read customers: whom a mail went
 * to stands in the log, and whether there was an address in the answer.
 */
static int find_recipient(
    const struct subject *subject, struct outbox_recipient *recipient, struct error *error)
{
	const struct outbox_recipient candidates[] = {
		{ text_of(subject->license, "licenseeName"),
		    text_of(subject->license, "licenseeEmail") },
		{ text_of(subject->licensee, "name"), text_of(subject->licensee, "contactInfo") },
		{ text_of(subject->customer, "company"), text_of(subject->customer, "email") },
	};

	for (size_t i = 0; i < COUNT_OF(candidates); i++) {
		if (!mail_address_is_good(candidates[i].email))
			continue;
		*recipient = candidates[i];
		if (!mail_text_is_line(recipient->name))
			recipient->name = STR("");
		return 0;
	}
	if (sight_may_see(subject->sight, &licensing_customer_resource) != SIGHT_ALL)
		return error_add_fault(error, "licenseId",
		    "The license has no e-mail address, and this credential may not read "
		    "customers.");
	return error_add_fault(
	    error, "licenseId", "Neither the license nor its customer has an e-mail address.");
}

static bool is_html(const struct row *resource, struct str text)
{
	struct str format = text_of(resource, "dataFormat");

	if (str_contains_ignore_case(format, STR("html")))
		return true;
	return format.length == 0 && str_starts_with(str_trim(text), STR("<"));
}

/* A subject is one line: what was put in may bring line breaks, or be too long. */
static struct str tidy_subject(struct arena *arena, struct str text)
{
	char *copy = arena_copy(arena, text.data, text.length);
	size_t length = 0;
	unsigned characters = 0;

	if (copy == NULL)
		return (struct str){ NULL, 0 };
	for (; length < text.length; length++) {
		characters += ((unsigned char)copy[length] & 0xC0) != 0x80;
		if (characters > SUBJECT_LONGEST)
			break;
		if ((unsigned char)copy[length] < 0x20 || copy[length] == 0x7F)
			copy[length] = ' ';
	}
	return str_trim((struct str){ copy, length });
}

static int write_text(struct operation *operation, const struct row *request,
    const struct server_settings *settings, struct subject *subject, struct outbox_mail *mail,
    struct error *error)
{
	static const char *const none[] = { NULL };
	struct row *resource;
	struct str text, filled;

	if (find_row(operation, &licensing_resource_resource, request, REQUEST_RESOURCE_ID, none,
		&resource, error) != 0)
		return -1;
	text = text_of(resource, "data");
	/* Private content is no text for a mail, whatever type it has been given since. */
	if (!str_equal_ignore_case(text_of(resource, "type"), STR("email")) || text.length == 0 ||
	    str_equal(text, STR(FIELD_MASK)))
		return error_add_fault(
		    error, "resourceId", "The resource must be of type email and have data.");
	mail->is_html = is_html(resource, text);
	if (placeholder_fill(operation->context.arena, text, mail->is_html, look_up, subject,
		"resourceId", &mail->body, error) != 0 ||
	    placeholder_fill(operation->context.arena, settings->mail_license_subject, false,
		look_up, subject, "mail.licenseSubject", &filled, error) != 0)
		return -1;
	mail->subject = tidy_subject(operation->context.arena, filled);
	return mail->subject.data != NULL ? 0 : error_out_of_memory(error);
}

static int attach_license(struct operation *operation, const struct subject *subject,
    struct outbox_attachment *attachment, struct outbox_mail *mail, struct error *error)
{
	struct license_file file;
	struct buf content = { 0 };
	struct str media;

	if (!license_file_of(operation->context.arena, subject->license, &file))
		return 0;
	media = str_from(file.media);
	base64_append(&content, file.content.data, file.content.length);
	*attachment = (struct outbox_attachment){
		.file_name = file.name,
		.content_type = str_slice(media, 0, str_find(media, ';')),
		.content = arena_str(operation->context.arena, buf_str(&content)),
	};
	buf_free(&content);
	mail->attachments = attachment;
	mail->attachment_count = 1;
	return attachment->content.data != NULL ? 0 : error_out_of_memory(error);
}

int licensing_mail_license(struct operation *operation, struct error *error)
{
	struct outbox_attachment attachment;
	struct outbox_recipient recipient;
	struct server_settings settings;
	struct outbox_mail mail = {
		.kind = OUTBOX_LICENSE, .recipients = &recipient, .recipient_count = 1
	};
	struct subject subject;
	struct row *request;

	if (operation_read_row(operation, ROW_READ_INSERT, &request, error) != 0 ||
	    server_settings_read(operation, &settings, error) != 0 ||
	    find_subject(operation, request, &subject, error) != 0 ||
	    find_recipient(&subject, &recipient, error) != 0 ||
	    write_text(operation, request, &settings, &subject, &mail, error) != 0)
		return -1;
	if (settings.mail_attach_license &&
	    attach_license(operation, &subject, &attachment, &mail, error) != 0)
		return -1;
	mail.license = request->values[REQUEST_LICENSE_ID].integer;
	mail.sender_name = settings.mail_sender_name;
	mail.reply_to = settings.mail_reply_to;
	if (outbox_submit(operation, &mail, error) != 0)
		return -1;
	return irregular_done(operation, outbox_remark(operation), error);
}
