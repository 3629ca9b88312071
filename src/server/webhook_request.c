#define _GNU_SOURCE 1
#include "server/webhook_request.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/licensing/webhook_parcel.h"
#include "auth/network.h"
/* In angle brackets: this folder has a config.h of its own. */
#include <config.h>

/* Bytes that are read of an answer: all of the text that may be kept of it. */
#define ANSWER_MOST 8192
#define UNREADABLE "\xEF\xBF\xBD" /* U+FFFD */

_Static_assert(WEBHOOK_RESPONSE_MAX * 4 <= ANSWER_MOST, "four bytes a character");

struct webhook_connection {
	const struct settings *settings;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	char answer[ANSWER_MOST];
	size_t received; /* of the answer's body; what is beyond the room for it is let go */
	bool refused;
};

struct webhook_connection *webhook_connection_new(const struct settings *settings)
{
	struct webhook_connection *connection = calloc(1, sizeof(*connection));

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

void webhook_connection_free(struct webhook_connection *connection)
{
	if (connection == NULL)
		return;
	curl_easy_cleanup(connection->curl);
	free(connection);
}

static bool is_public(const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN] = "";
	const void *bytes = NULL;

	if (address->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	return bytes != NULL && inet_ntop(address->sa_family, bytes, text, sizeof(text)) != NULL &&
	       network_is_public(str_from(text));
}

/* What a name stands for is known here, and nowhere before: the next look may find another one. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct webhook_connection *connection = context;

	(void)purpose;
	if (connection->settings->webhook_allow_private || is_public(&address->addr))
		return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	connection->refused = true;
	return CURL_SOCKET_BAD;
}

/* The status says all; of a long answer the rest stays where it is. */
static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
	struct webhook_connection *connection = context;
	size_t length = size * count, room = ANSWER_MOST - connection->received;
	size_t taken = length < room ? length : room;

	memcpy(connection->answer + connection->received, data, taken);
	connection->received += taken;
	return taken == length ? length : 0;
}

/* Whoever may make webhooks reads what is kept: it should not be that of any machine in reach. */
static bool is_kept(const struct webhook_connection *connection)
{
	char *address = NULL;

	switch ((enum webhook_responses)connection->settings->webhook_responses) {
	case WEBHOOK_RESPONSES_ALL:
		return true;
	case WEBHOOK_RESPONSES_PUBLIC:
		return curl_easy_getinfo(connection->curl, CURLINFO_PRIMARY_IP, &address) ==
			   CURLE_OK &&
		       address != NULL && network_is_public(str_from(address));
	case WEBHOOK_RESPONSES_NONE:
		break;
	}
	return false;
}

/* Bytes of any kind as text that every format can carry. Empty when memory is out. */
static struct str readable(struct arena *arena, struct str bytes)
{
	struct buf text = { 0 };
	struct str kept;

	for (unsigned i = 0; i < WEBHOOK_RESPONSE_MAX && bytes.length > 0; i++) {
		size_t length = str_utf8_first(bytes);
		struct str first = str_slice(bytes, 0, length);

		if (length > 0 && str_xml_valid(first) == length)
			buf_append(&text, first.data, first.length);
		else
			buf_append_text(&text, UNREADABLE);
		bytes = str_slice(bytes, length > 0 ? length : 1, bytes.length);
	}
	kept = text.failed ? STR("") : arena_str(arena, buf_str(&text));
	buf_free(&text);
	return kept;
}

static bool add_header(struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = text != NULL ? curl_slist_append(*list, text) : NULL;

	if (longer != NULL)
		*list = longer;
	return longer != NULL;
}

static bool add_headers(
    struct arena *arena, const struct webhook_message *message, struct curl_slist **list)
{
	return add_header(list, "Content-Type: application/json") && add_header(list, "Expect:") &&
	       add_header(list,
		   arena_printf(arena, "webhook-id: " STR_FORMAT, STR_ARGUMENTS(message->id))) &&
	       add_header(list,
		   arena_printf(arena, "webhook-timestamp: %lld", (long long)message->seconds)) &&
	       add_header(list, arena_printf(arena, "webhook-signature: " STR_FORMAT,
				    STR_ARGUMENTS(message->signatures)));
}

static void set_options(struct webhook_connection *connection, const char *url,
    const struct webhook_message *message, const struct curl_slist *headers)
{
	const struct settings *settings = connection->settings;
	CURL *curl = connection->curl;

	connection->error[0] = '\0';
	connection->received = 0;
	connection->refused = false;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(
	    curl, CURLOPT_PROTOCOLS_STR, settings->webhook_http ? "https,http" : "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (settings->webhook_ca_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->webhook_ca_file);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, connection);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)settings->webhook_timeout);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "clientele/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->body.length);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message->body.data);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, connection);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, connection->error);
}

static void explain(
    const struct webhook_connection *connection, CURLcode code, struct webhook_reply *reply)
{
	const char *text =
	    connection->error[0] != '\0' ? connection->error : curl_easy_strerror(code);

	reply->reason[0] = '\0';
	if (connection->refused)
		snprintf(reply->reason, sizeof(reply->reason),
		    "The address is not public (option webhook_allow_private).");
	else if (reply->status >= 300 && reply->status <= 399)
		snprintf(reply->reason, sizeof(reply->reason),
		    "The receiver answered with status %lld; redirects are not followed.",
		    (long long)reply->status);
	else if (reply->status != 0)
		snprintf(reply->reason, sizeof(reply->reason),
		    "The receiver answered with status %lld.", (long long)reply->status);
	else
		snprintf(reply->reason, sizeof(reply->reason), "%s", text);
	for (char *byte = reply->reason; *byte != '\0'; byte++)
		*byte = *byte >= 0x20 && *byte < 0x7F ? *byte : '?';
}

int webhook_post(struct webhook_connection *connection, struct arena *arena,
    const struct webhook_message *message, struct webhook_reply *reply)
{
	const char *url = arena_copy(arena, message->url.data, message->url.length);
	struct curl_slist *headers = NULL;
	bool made = url != NULL && add_headers(arena, message, &headers);
	curl_off_t wait = 0;
	long status = 0;
	CURLcode code;

	*reply = (struct webhook_reply){ 0 };
	if (made) {
		set_options(connection, url, message, headers);
		code = curl_easy_perform(connection->curl);
		/* What was cut off behind the status is an answer all the same. */
		if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
			(void)curl_easy_getinfo(connection->curl, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_easy_getinfo(connection->curl, CURLINFO_RETRY_AFTER, &wait);
		reply->status = status;
		reply->wait = (int64_t)wait;
		reply->refused = connection->refused && status == 0;
		explain(connection, code, reply);
		if (status != 0 && is_kept(connection))
			reply->body = readable(
			    arena, (struct str){ connection->answer, connection->received });
	}
	curl_easy_reset(connection->curl);
	curl_slist_free_all(headers);
	return made ? 0 : -1;
}
