#include "server/mail_delivery.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/mail_address.h"
#include "base/timestamp.h"
#include "base/url.h"
#include "codec/reader.h"

#define REPLY_MAX 256

struct mail_connection {
	const struct settings *settings;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	char reply[REPLY_MAX]; /* what the server refused with */
	bool at_mail;          /* the last command was about this recipient or its data */
};

/* One delivery being made: what must be freed after it. */
struct parcel {
	struct mail_connection *connection;
	struct arena *arena;
	const struct mail_delivery *delivery;
	const struct node *recipients, *attachments;
	struct curl_slist *headers, *rcpt;
	curl_mime *mime;
	bool failed; /* out of memory, or the message is not what the outbox should hold */
};

struct mail_connection *mail_connection_new(const struct settings *settings)
{
	struct mail_connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return NULL;
	connection->settings = settings;
	connection->curl = curl_easy_init();
	if (connection->curl == NULL) {
		free(connection);
		return NULL;
	}
	return connection;
}

void mail_connection_free(struct mail_connection *connection)
{
	if (connection == NULL)
		return;
	curl_easy_cleanup(connection->curl);
	free(connection);
}

static void add_to_list(struct parcel *parcel, struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = text != NULL ? curl_slist_append(*list, text) : NULL;

	if (longer == NULL)
		parcel->failed = true;
	else
		*list = longer;
}

/* Adds what `line` holds as one header, and empties it. */
static void add_header(struct parcel *parcel, struct buf *line)
{
	if (line->failed)
		parcel->failed = true;
	else
		add_to_list(parcel, &parcel->headers, line->data);
	buf_reset(line, SIZE_MAX);
}

static void add_recipients(struct parcel *parcel, struct buf *line)
{
	const char *separator = "To: ";

	for (const struct node *node = parcel->recipients->children; node != NULL;
	     node = node->next) {
		buf_append_text(line, separator);
		mail_address_append(
		    line, node_find_text(node, "name"), node_find_text(node, "email"));
		separator = ",\r\n ";
	}
	add_header(parcel, line);
}

/* Our own address as mail servers take it. */
static struct str sender(const struct parcel *parcel)
{
	return mail_address_ascii(parcel->arena, str_from(parcel->connection->settings->mail_from));
}

static void add_headers(struct parcel *parcel)
{
	const struct mail_delivery *delivery = parcel->delivery;
	struct str from = sender(parcel);
	struct str domain = mail_address_domain(from);
	char id[UUID_TEXT_LENGTH];
	struct buf line = { 0 };

	buf_append_text(&line, "From: ");
	mail_address_append(&line, delivery->sender_name, from);
	add_header(parcel, &line);
	add_recipients(parcel, &line);
	if (delivery->reply_to.length > 0) {
		buf_append_text(&line, "Reply-To: ");
		mail_address_append(&line, STR(""), delivery->reply_to);
		add_header(parcel, &line);
	}
	buf_append_text(&line, "Subject: ");
	mail_text_append(&line, delivery->subject);
	add_header(parcel, &line);
	buf_append_text(&line, "Date: ");
	timestamp_print(&line, delivery->created_at, TIMESTAMP_MAIL);
	add_header(parcel, &line);
	uuid_print(&delivery->message_id, id);
	buf_printf(
	    &line, "Message-ID: <%.*s@" STR_FORMAT ">", (int)sizeof(id), id, STR_ARGUMENTS(domain));
	add_header(parcel, &line);
	buf_append_text(&line, "Auto-Submitted: auto-generated");
	add_header(parcel, &line);
	buf_free(&line);
}

/* Line ends as mail has them: the encoder would hide bare line feeds in the text. */
static struct str with_crlf(struct arena *arena, struct str text)
{
	char *copy = arena_alloc_array(arena, text.length, 2);
	size_t length = 0;

	if (copy == NULL)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\n' && (i == 0 || text.data[i - 1] != '\r'))
			copy[length++] = '\r';
		copy[length++] = text.data[i];
	}
	return (struct str){ copy, length };
}

static curl_mimepart *add_part(
    struct parcel *parcel, struct str data, const char *type, const char *encoder)
{
	curl_mimepart *part = curl_mime_addpart(parcel->mime);

	if (part == NULL || data.data == NULL ||
	    curl_mime_data(part, data.data, data.length) != CURLE_OK ||
	    curl_mime_type(part, type) != CURLE_OK || curl_mime_encoder(part, encoder) != CURLE_OK)
		parcel->failed = true;
	return part;
}

static struct str decode_content(struct parcel *parcel, struct str text)
{
	char *data = arena_alloc(parcel->arena, BASE64_DECODED_MAX(text.length));
	size_t length;

	if (data == NULL || !base64_decode(text, data, &length))
		return (struct str){ NULL, 0 };
	return (struct str){ data, length };
}

/* A name of plain letters stands as it is; any other one is written as RFC 2231 has it. */
static void name_part(struct parcel *parcel, curl_mimepart *part, struct str name)
{
	struct curl_slist *list = NULL;
	struct buf plain = { 0 }, full = { 0 };
	bool is_plain = true;

	buf_append_text(&plain, "Content-Disposition: attachment; filename=\"");
	buf_append_text(&full, "Content-Disposition: attachment;\r\n filename*=UTF-8''");
	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = (unsigned char)name.data[i];
		char lower = str_lower(name.data[i]);
		bool safe = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') ||
			    byte == '-' || byte == '.' || byte == '_';

		is_plain = is_plain && (safe || byte == ' ');
		buf_append_char(&plain, (char)byte);
	}
	url_append_encoded(&full, name);
	buf_append_char(&plain, '"');
	if (plain.failed || full.failed)
		parcel->failed = true;
	else
		add_to_list(parcel, &list, is_plain ? plain.data : full.data);
	if (curl_mime_headers(part, list, 1) != CURLE_OK)
		parcel->failed = true;
	buf_free(&plain);
	buf_free(&full);
}

static void add_attachment(struct parcel *parcel, const struct node *node)
{
	struct str type = node_find_text(node, "contentType");
	struct str data = decode_content(parcel, node_find_text(node, "content"));
	const char *type_text = arena_copy(parcel->arena, type.data, type.length);
	curl_mimepart *part = add_part(parcel, data, type_text, "base64");

	if (part != NULL)
		name_part(parcel, part, node_find_text(node, "fileName"));
}

static void add_content(struct parcel *parcel)
{
	const struct mail_delivery *delivery = parcel->delivery;

	parcel->mime = curl_mime_init(parcel->connection->curl);
	if (parcel->mime == NULL) {
		parcel->failed = true;
		return;
	}
	add_part(parcel, with_crlf(parcel->arena, delivery->body),
	    delivery->is_html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
	    "quoted-printable");
	for (const struct node *node = parcel->attachments->children; node != NULL;
	     node = node->next)
		add_attachment(parcel, node);
}

static const struct node *read_list(struct parcel *parcel, struct str json)
{
	const struct node *list = json_read_stored(parcel->arena, json);

	if (list == NULL || list->kind != NODE_ARRAY)
		parcel->failed = true;
	return list;
}

/* Keeps what the server refused with: curl's own messages tell only its number. */
static size_t keep_reply(char *data, size_t size, size_t count, void *context)
{
	struct mail_connection *connection = context;
	struct str line = str_trim((struct str){ data, size * count });

	if (line.length > 0 && (line.data[0] == '4' || line.data[0] == '5'))
		snprintf(
		    connection->reply, sizeof(connection->reply), STR_FORMAT, STR_ARGUMENTS(line));
	return size * count;
}

/* Notes which command the server answers next. Text of a mail does not come by here. */
static int keep_command(CURL *curl, curl_infotype type, char *data, size_t size, void *context)
{
	struct mail_connection *connection = context;
	struct str line = { data, size };

	(void)curl;
	/* It says good-bye after a refusal, before that is looked at. */
	if (type == CURLINFO_HEADER_OUT && !str_starts_with(line, STR("QUIT")))
		connection->at_mail =
		    str_starts_with(line, STR("RCPT")) || str_starts_with(line, STR("DATA"));
	return 0;
}

static void set_server(struct mail_connection *connection, struct arena *arena)
{
	const struct settings *settings = connection->settings;
	static const unsigned ports[] = {
		[MAIL_TLS_NONE] = 25,
		[MAIL_TLS_STARTTLS] = 587,
		[MAIL_TLS_TLS] = 465,
	};
	CURL *curl = connection->curl;
	struct str host;
	unsigned port;
	bool v6;

	(void)mail_server_parse(str_from(settings->mail_server), &host, &port);
	v6 = str_find(host, ':') < host.length;
	curl_easy_setopt(curl, CURLOPT_URL,
	    arena_printf(arena, "%s://%s" STR_FORMAT "%s:%u",
		settings->mail_tls == MAIL_TLS_TLS ? "smtps" : "smtp", v6 ? "[" : "",
		STR_ARGUMENTS(host), v6 ? "]" : "", port != 0 ? port : ports[settings->mail_tls]));
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
	    settings->mail_tls == MAIL_TLS_NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL);
	if (settings->mail_ca_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->mail_ca_file);
	if (settings->mail_user[0] != '\0') {
		curl_easy_setopt(curl, CURLOPT_USERNAME, settings->mail_user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->mail_password);
	}
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)settings->mail_timeout);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

static void set_parcel(struct parcel *parcel)
{
	struct mail_connection *connection = parcel->connection;
	CURL *curl = connection->curl;

	connection->error[0] = '\0';
	connection->reply[0] = '\0';
	connection->at_mail = false;
	set_server(connection, parcel->arena);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM,
	    arena_printf(parcel->arena, "<" STR_FORMAT ">", STR_ARGUMENTS(sender(parcel))));
	add_to_list(parcel, &parcel->rcpt,
	    arena_printf(
		parcel->arena, "<" STR_FORMAT ">", STR_ARGUMENTS(parcel->delivery->email)));
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, parcel->rcpt);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, parcel->headers);
	curl_easy_setopt(curl, CURLOPT_MIMEPOST, parcel->mime);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, connection->error);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_reply);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, connection);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, keep_command);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, connection);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); /* to that function only */
}

/* What servers say is any bytes: a log and a database want text. */
static void explain(
    const struct mail_connection *connection, CURLcode code, char reason[MAIL_REASON_MAX])
{
	struct buf text = { 0 };
	size_t length;

	buf_append_text(
	    &text, connection->error[0] != '\0' ? connection->error : curl_easy_strerror(code));
	if (connection->reply[0] != '\0')
		buf_printf(&text, " (%s)", connection->reply);
	length = text.length < MAIL_REASON_MAX ? text.length : MAIL_REASON_MAX - 1;
	for (size_t i = 0; i < length; i++)
		reason[i] = text.data[i] >= 0x20 && text.data[i] < 0x7F ? text.data[i] : '?';
	if (length < text.length)
		memset(reason + length - 3, '.', 3);
	reason[length] = '\0';
	buf_free(&text);
}

/*
 * What is wrong with the account, the connection or our address may be mended, also where a server
 * greets with a refusal; only one that knows us and says no to this recipient or its mail will say
 * no again.
 */
static enum mail_result judge(
    struct mail_connection *connection, CURLcode code, bool failed, char reason[MAIL_REASON_MAX])
{
	long reply = 0;

	if (failed) {
		snprintf(reason, MAIL_REASON_MAX, "The message cannot be composed.");
		return MAIL_REFUSED;
	}
	if (code == CURLE_OK)
		return MAIL_SENT;
	(void)curl_easy_getinfo(connection->curl, CURLINFO_RESPONSE_CODE, &reply);
	explain(connection, code, reason);
	return connection->at_mail && reply >= 550 && reply <= 554 ? MAIL_REFUSED : MAIL_LATER;
}

enum mail_result mail_deliver(struct mail_connection *connection, struct arena *arena,
    const struct mail_delivery *delivery, char reason[MAIL_REASON_MAX])
{
	struct parcel parcel = { .connection = connection, .arena = arena, .delivery = delivery };
	CURLcode code = CURLE_OK;
	enum mail_result result;

	reason[0] = '\0';
	parcel.recipients = read_list(&parcel, delivery->recipients);
	parcel.attachments = read_list(&parcel, delivery->attachments);
	if (!parcel.failed) {
		add_headers(&parcel);
		add_content(&parcel);
		set_parcel(&parcel);
	}
	if (arena_exhausted(arena))
		parcel.failed = true;
	if (!parcel.failed)
		code = curl_easy_perform(connection->curl);
	result = judge(connection, code, parcel.failed, reason);
	curl_easy_reset(connection->curl);
	curl_mime_free(parcel.mime);
	curl_slist_free_all(parcel.headers);
	curl_slist_free_all(parcel.rcpt);
	return result;
}
