/*
 * Licenses as XML: formats 0 and 1.
 */
#include "base/base64.h"
#include "base/digest.h"
#include "codec/reader.h"
#include "document/content.h"
#include "document/format.h"
#include "document/xml.h"

#define INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define END STR("</Licenses>")

/* A license that is being written. */
struct writing {
	struct arena *arena;
	const struct row *license;
	enum xml_form form;
	struct error *error;
	const char *place; /* of the members that are written, for faults: "features[2]." */
	bool failed;       /* the error has a fault */
};

static void fail_member(struct writing *writing, const char *member, const char *what)
{
	const char *path = arena_printf(writing->arena, "%s%s", writing->place, member);

	writing->failed = true;
	(void)error_add_fault(writing->error, path, "The %s field %s.", path, what);
}

/* What XML cannot carry is refused, since nobody could read it again. */
static void check_text(struct writing *writing, const char *member, struct str text)
{
	if (str_xml_valid(text) < text.length)
		fail_member(writing, member, "has a character that XML cannot carry");
}

/* An element with the members of a row, and what is inside of it besides. */
struct element {
	const char *name;
	const struct content_member *members;
	unsigned count;
	const struct row *row;
	struct str inside;
	bool may_be_left_out; /* where it says nothing */
};

static void append_inside(
    struct writing *writing, const struct content_member *member, struct str text, struct buf *out)
{
	struct buf escaped = { 0 };

	/* White space alone would not be kept. */
	if (str_trim(text).length == 0)
		return;
	xml_append_escaped(&escaped, text);
	xml_append_element(out, writing->form, str_from(member->xml), NULL, 0, buf_str(&escaped));
	buf_free(&escaped);
}

static void append_element(struct writing *writing, const struct element *element, struct buf *out)
{
	struct xml_attribute attributes[XML_ATTRIBUTES_MOST];
	struct buf inside = { 0 };
	unsigned count = 0;

	for (unsigned i = 0; i < element->count; i++) {
		const struct content_member *member = &element->members[i];
		const struct field *field;
		const struct value *value;
		struct str text;

		if (!content_value(member, element->row, writing->license, &field, &value))
			continue;
		text = row_print_value(writing->arena, field, value);
		check_text(writing, field->name, text);
		if (member->is_inside)
			append_inside(writing, member, text, &inside);
		else
			attributes[count++] = (struct xml_attribute){ str_from(member->xml), text };
	}
	buf_append_str(&inside, element->inside);
	if (count > 0 || inside.length > 0 || !element->may_be_left_out)
		xml_append_element(out, writing->form, str_from(element->name), attributes, count,
		    buf_str(&inside));
	buf_free(&inside);
}

/* --- parts --- */

/* The items of a list or the entries of a map that a member has; NULL where there are none. */
static const struct node *nodes_of(
    struct writing *writing, const struct row *row, const char *member)
{
	struct str json = content_json(row, member);
	const struct node *nodes = json.length > 0 ? json_read_stored(writing->arena, json) : NULL;

	return nodes != NULL ? nodes->children : NULL;
}

static void append_property(struct writing *writing, const struct node *property, struct buf *out)
{
	struct xml_attribute attributes[] = {
		{ STR("name"), property->name },
		{ STR("value"), property->text },
	};

	check_text(writing, CONTENT_PROPERTIES, property->name);
	check_text(writing, CONTENT_PROPERTIES, property->text);
	xml_append_element(
	    out, writing->form, STR("Property"), attributes, COUNT_OF(attributes), STR(""));
}

/* What is inside of a restriction. */
static void append_settings(struct writing *writing, const struct row *row, struct buf *out)
{
	unsigned own = resource_member(row->resource, CONTENT_OWN_XML);
	const char *fault = NULL;

	for (const struct node *property = nodes_of(writing, row, CONTENT_PROPERTIES);
	     property != NULL; property = property->next)
		append_property(writing, property, out);
	if (row_filled(row, own))
		fault = xml_append_own(writing->arena, writing->form, row->values[own].text, out);
	if (fault != NULL)
		fail_member(writing, CONTENT_OWN_XML, fault);
}

static void append_texts(struct writing *writing, const struct content_part *part, struct buf *out)
{
	for (const struct node *text = nodes_of(writing, writing->license, part->member);
	     text != NULL; text = text->next) {
		struct xml_attribute attribute = { str_from(part->members[0].xml), text->text };

		check_text(writing, part->member, text->text);
		xml_append_element(
		    out, writing->form, str_from(part->element), &attribute, 1, STR(""));
	}
}

static void append_row(struct writing *writing, const struct content_part *part,
    const struct row *row, bool may_be_left_out, struct buf *out)
{
	struct buf inside = { 0 };

	if (part->has_restrictions)
		append_settings(writing, row, &inside);
	append_element(writing,
	    &(const struct element){ .name = part->element,
		.members = part->members,
		.count = part->member_count,
		.row = row,
		.inside = buf_str(&inside),
		.may_be_left_out = may_be_left_out },
	    out);
	buf_free(&inside);
}

static void append_rows(struct writing *writing, const struct content_part *part, struct buf *out)
{
	struct row_list rows = content_rows(part, writing->license);

	for (unsigned i = 0; i < rows.count; i++) {
		writing->place = arena_printf(writing->arena, "%s[%u].", part->member, i);
		append_row(writing, part, rows.rows[i], false, out);
	}
	writing->place = "";
}

static void append_one(struct writing *writing, const struct content_part *part, struct buf *out)
{
	writing->place = arena_printf(writing->arena, "%s.", part->member);
	append_row(writing, part, content_row(part, writing->license), true, out);
	writing->place = "";
}

static void append_part(struct writing *writing, const struct content_part *part, struct buf *out)
{
	static void (*const append[])(
	    struct writing *, const struct content_part *, struct buf *) = {
		[CONTENT_ROW] = append_one,
		[CONTENT_ROWS] = append_rows,
		[CONTENT_TEXTS] = append_texts,
	};
	struct buf items = { 0 };

	append[part->kind](writing, part, &items);
	if (part->list == NULL)
		buf_append_str(out, buf_str(&items));
	else if (items.length > 0)
		xml_append_element(
		    out, writing->form, str_from(part->list), NULL, 0, buf_str(&items));
	buf_free(&items);
}

/* The document without its signature. */
static int append_license(
    const struct document *document, enum xml_form form, struct buf *out, struct error *error)
{
	struct writing writing = { .arena = document->arena,
		.license = document->license,
		.form = form,
		.error = error,
		.place = "" };
	struct xml_attribute instance = { STR("xmlns:xsi"), STR(INSTANCE) };
	struct buf parts = { 0 }, license = { 0 };

	for (unsigned i = 0; i < content_part_count; i++)
		append_part(&writing, &content_parts[i], &parts);
	append_element(&writing,
	    &(const struct element){ .name = "License",
		.members = content_members,
		.count = content_member_count,
		.row = document->license,
		.inside = buf_str(&parts) },
	    &license);
	/* Canonical XML declares no namespace that nothing uses. */
	xml_append_element(
	    out, form, STR("Licenses"), &instance, form == XML_COMPACT ? 1 : 0, buf_str(&license));
	buf_free(&parts);
	buf_free(&license);
	if (writing.failed)
		return -1;
	return out->failed ? error_out_of_memory(error) : 0;
}

/* --- format 0 --- */

/* As .NET encodes it: a byte order mark, and UTF-16, little endian. */
static void append_utf16(struct buf *out, struct str text)
{
	buf_append(out, "\xff\xfe", 2);
	for (size_t i = 0; i < text.length;) {
		struct str rest = str_slice(text, i, text.length);
		size_t length = str_utf8_first(rest);
		uint32_t point = (unsigned char)rest.data[0];

		if (length > 1)
			point &= 0x7fu >> length;
		for (size_t j = 1; j < length; j++)
			point = point << 6 | ((unsigned char)rest.data[j] & 0x3fu);
		i += length > 0 ? length : 1;
		if (point >= 0x10000) {
			uint32_t high = 0xd800 + ((point - 0x10000) >> 10);

			buf_append_char(out, (char)(high & 0xff));
			buf_append_char(out, (char)(high >> 8));
			point = 0xdc00 + ((point - 0x10000) & 0x3ff);
		}
		buf_append_char(out, (char)(point & 0xff));
		buf_append_char(out, (char)(point >> 8));
	}
}

int document_sign_xml(struct str unsigned_text, const struct signing_key *key, bool legacy,
    struct buf *out, struct error *error)
{
	enum key_algorithm algorithm = signing_key_algorithm(key);
	bool old = legacy && algorithm == KEY_RSA;
	struct buf text = { 0 }, signature = { 0 };
	bool good;

	append_utf16(&text, unsigned_text);
	good = !text.failed && signing_key_sign(key, old ? SIGNATURE_LEGACY : SIGNATURE_PLAIN,
				   buf_str(&text), &signature);
	buf_append(out, unsigned_text.data, unsigned_text.length - END.length);
	buf_printf(out, "<Signature><Algorithm %s /><SignatureValue>",
	    old ? "name=\"RSA\"" : key_algorithm_info(algorithm)->element);
	base64_append(out, signature.data, signature.length);
	buf_append_text(out, "</SignatureValue></Signature>");
	buf_append_str(out, END);
	buf_free(&text);
	buf_free(&signature);
	return good && !out->failed ? 0 : document_fail(error);
}

int document_make_xml(const struct document *document, struct buf *out, struct error *error)
{
	struct buf text = { 0 };
	int result = append_license(document, XML_COMPACT, &text, error);

	if (result == 0)
		result =
		    document_sign_xml(buf_str(&text), document->key, document->legacy, out, error);
	buf_free(&text);
	return result;
}

/* --- format 1 --- */

static void append_algorithm(struct buf *out, const char *element, const char *algorithm)
{
	buf_printf(out, "<%s Algorithm=\"%s\"></%s>", element, algorithm, element);
}

/* What is inside of SignedInfo. */
static void append_reference(
    struct buf *out, const struct signing_key *key, const uint8_t digest[DIGEST_LENGTH])
{
	append_algorithm(out, "CanonicalizationMethod", EXCLUSIVE);
	append_algorithm(
	    out, "SignatureMethod", key_algorithm_info(signing_key_algorithm(key))->xml_method);
	buf_append_text(out, "<Reference URI=\"\"><Transforms>");
	append_algorithm(out, "Transform", DSIG "enveloped-signature");
	append_algorithm(out, "Transform", EXCLUSIVE);
	buf_append_text(out, "</Transforms>");
	append_algorithm(out, "DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256");
	buf_append_text(out, "<DigestValue>");
	base64_append(out, digest, DIGEST_LENGTH);
	buf_append_text(out, "</DigestValue></Reference>");
}

static int append_dsig(
    struct str text, const struct signing_key *key, struct buf *out, struct error *error)
{
	struct buf inside = { 0 }, info = { 0 }, signature = { 0 };
	uint8_t digest[DIGEST_LENGTH];
	bool good;

	digest_text(text, digest);
	append_reference(&inside, key, digest);
	/* In the canonical form of a part the namespace stands on its outermost element. */
	buf_append_text(&info, "<SignedInfo xmlns=\"" DSIG "\">");
	buf_append_str(&info, buf_str(&inside));
	buf_append_text(&info, "</SignedInfo>");
	good = !info.failed && signing_key_sign(key, SIGNATURE_PLAIN, buf_str(&info), &signature);
	buf_append(out, text.data, text.length - END.length);
	buf_append_text(out, "<Signature xmlns=\"" DSIG "\"><SignedInfo>");
	buf_append_str(out, buf_str(&inside));
	buf_append_text(out, "</SignedInfo><SignatureValue>");
	base64_append(out, signature.data, signature.length);
	buf_printf(out,
	    "</SignatureValue><KeyInfo><KeyName>%s</KeyName></KeyInfo></Signature></Licenses>",
	    signing_key_id(key));
	buf_free(&inside);
	buf_free(&info);
	buf_free(&signature);
	return good && !out->failed ? 0 : document_fail(error);
}

int document_make_dsig(const struct document *document, struct buf *out, struct error *error)
{
	struct buf text = { 0 };
	int result = append_license(document, XML_CANONICAL, &text, error);

	if (result == 0)
		result = append_dsig(buf_str(&text), document->key, out, error);
	buf_free(&text);
	return result;
}
