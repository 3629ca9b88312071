/*
 * Rules of the tables of Babel Licensing: what rows need besides their columns.
 */
#include "api/licensing/licensing.h"
#include "api/licensing/signing_key.h"
#include "cli/move_babel.h"
#include "cli/move_convert.h"
#include "document/read.h"

const char *move_babel_complete_user(struct move_line *line)
{
	if (str_equal(move_cell_of(line, "TwoFactorEnabled"), STR("1")))
		move_note(line, "", "has a second factor there, which must be set up again");
	return NULL;
}

const char *move_babel_complete_order(struct move_line *line)
{
	if (move_cell_of(line, "Meta").length > 0)
		move_note(line, "", "has a Meta, for which orders have no member here");
	return NULL;
}

/* --- resources --- */

static bool is_called(const struct move_line *line, const char *column, const char *word)
{
	return str_equal_ignore_case(str_trim(move_cell_of(line, column)), str_from(word));
}

static bool is_key(const struct move_line *line)
{
	static const char *const types[] = { "RSA", "ECDSA", "DSA" };
	static const char *const formats[] = { "SNK", "PFX", "PEM" };

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (is_called(line, "Type", types[i]))
			return true;
	}
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		if (is_called(line, "DataFormat", formats[i]))
			return true;
	}
	return false;
}

/* What signs must be whole: a damaged key would make licenses that no program takes. */
static const char *check_key(struct move_line *line)
{
	struct str data = move_cell_of(line, "Data"), password = move_cell_of(line, "Password");
	const char *text =
	    password.length > 0 ? arena_copy(line->arena, password.data, password.length) : NULL;
	struct signing_key *key;
	struct error error;

	error_init(&error, line->arena);
	if (signing_key_import(data, text, &key, &error) == 0) {
		signing_key_free(key);
		return NULL;
	}
	return arena_printf(line->arena,
	    "holds a key that cannot sign: %s Read the database itself, not a dump, or store the "
	    "key's file there again",
	    error.faults != NULL ? error.faults->message : "it cannot be read.");
}

/* Variables of mails there, and what is put in here. */
static const struct {
	const char *there, *here;
} variables[] = {
	{ "CustomerName", "{{licensee.name}}" },
	{ "CustomerCompany", "{{customer.company}}" },
	{ "CustomerEmail", "{{customer.email}}" },
	{ "CustomerCode", "{{customer.code}}" },
	{ "ProductName", "{{product.name}}" },
	{ "ProductVersion", "{{product.version}}" },
	{ "ProductDownload", "{{product.url}}" },
	{ "LicenseId", "{{license.licenseId}}" },
	{ "LicenseType", "{{license.licenseType}}" },
	{ "ExpireDate", "{{license.expireDate}}" },
	{ "UserKey", "{{license.userKey}}" },
	{ "OrderNumber", "{{order.orderNumber}}" },
};

static bool is_variable(struct str name)
{
	for (size_t i = 0; i < name.length; i++) {
		char letter = str_lower(name.data[i]);

		if (letter < 'a' || letter > 'z')
			return false;
	}
	return name.length > 0 && name.length < 40 && name.data[0] >= 'A' && name.data[0] <= 'Z';
}

static void append_variable(struct move_line *line, struct str name, struct buf *out)
{
	for (size_t i = 0; i < COUNT_OF(variables); i++) {
		if (str_equal(name, str_from(variables[i].there))) {
			buf_append_text(out, variables[i].here);
			return;
		}
	}
	buf_printf(out, "{" STR_FORMAT "}", STR_ARGUMENTS(name));
	move_note(line, "data",
	    arena_printf(line->arena,
		"the variable {" STR_FORMAT "} has no placeholder here and stays as it is",
		STR_ARGUMENTS(name)));
}

#define ZERO_WIDTH "\xef\xbb\xbf" /* which that editor puts around variables */

/* "{CustomerName}" becomes a placeholder; the marks of the editor around it stay, as HTML may. */
static struct str translate_mail(struct move_line *line, struct str text)
{
	struct buf out = { 0 };
	struct str copy;

	for (size_t i = 0; i < text.length; i++) {
		struct str rest = str_slice(text, i, text.length);
		struct str name = str_slice(rest, 1, str_find(rest, '}') - 1);

		if (str_starts_with(rest, STR(ZERO_WIDTH))) {
			i += sizeof(ZERO_WIDTH) - 2;
		} else if (rest.data[0] == '{' && name.length + 1 < rest.length &&
			   is_variable(name)) {
			append_variable(line, name, &out);
			i += name.length + 1;
		} else {
			buf_append_char(&out, rest.data[0]);
		}
	}
	copy = out.failed ? STR("") : arena_str(line->arena, buf_str(&out));
	buf_free(&out);
	return copy;
}

static bool is_text(const struct move_line *line)
{
	return is_called(line, "Type", "email") || is_called(line, "DataFormat", "html") ||
	       is_called(line, "DataFormat", "text");
}

const char *move_babel_complete_resource(struct move_line *line)
{
	struct str data = move_cell_of(line, "Data");
	struct move_cell cell = { .arena = line->arena, .text = data };
	unsigned member = resource_member(&licensing_resource_resource, "data");
	const char *fault = data.length > 0 && is_key(line) ? check_key(line) : NULL;

	if (fault != NULL || data.length == 0)
		return fault;
	if (is_text(line) && str_xml_valid(data) == data.length)
		cell.text = translate_mail(line, data);
	else
		move_convert_bytes(&cell);
	row_set_text(line->row, member, cell.text);
	return NULL;
}

/* --- licenses --- */

/* What the document says and the columns do not. */
static void read_document(struct move_line *line, const char *column, const char *member)
{
	struct str text = move_cell_of(line, column);
	const char *fault =
	    str_trim(text).length > 0 ? document_read_xml(line->arena, text, line->row) : NULL;

	if (fault != NULL)
		move_note(line, member,
		    arena_printf(line->arena,
			"%s, so that features, fields and the like in it are not known here",
			fault));
}

const char *move_babel_complete_template(struct move_line *line)
{
	read_document(line, "Template", "template");
	return NULL;
}

/* A license whose document tells no product is one of those that it is listed with. */
static void set_product(struct move_line *line)
{
	unsigned member = resource_member(&licensing_license_resource, "product");
	struct str code = move_cell_of(line, PRODUCT_OF_LICENSE("Code"));
	struct str name = move_cell_of(line, PRODUCT_OF_LICENSE("Name"));
	const struct resource *resource = &licensing_product_info_resource;
	struct row *product;

	if (row_has(line->row, member) || code.length + name.length == 0)
		return;
	product = row_new(line->arena, resource);
	if (product == NULL)
		return;
	if (code.length > 0 && code.length <= resource->fields[resource_member(resource, "id")].max)
		row_set_text(product, resource_member(resource, "id"), code);
	if (name.length > 0 &&
	    name.length <= resource->fields[resource_member(resource, "name")].max)
		row_set_text(product, resource_member(resource, "name"), name);
	row_set_row(line->row, member, product);
}

/*
 * The license says all that a template would say for it, so that none is asked: it was made there,
 * by the template as it was then.
 */
static void say_all(struct row *row)
{
	static const char *const members[] = { "licenseType", "product", "policy", "components",
		"assemblies", "fields", "features", "restrictions", "counters", "expireDate",
		"supportExpireDate" };

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		unsigned member = resource_member(row->resource, members[i]);
		const struct field *field = &row->resource->fields[member];

		if (row_has(row, member))
			continue;
		if (field_holds(field) == VALUE_LIST)
			row_set_list(row, member, (struct row_list){ NULL, 0 });
		else
			row_set_null(row, member);
	}
}

const char *move_babel_complete_license(struct move_line *line)
{
	read_document(line, "LicenseKey", "licenseKey");
	set_product(line);
	say_all(line->row);
	return NULL;
}
