#define _GNU_SOURCE 1
#include "server/reply.h"

#include <poll.h>
#include <sys/socket.h>

/* Sends a short answer without waiting: a peer that does not read the answers to its questions is
 * not worth it. */
static bool send_short(int fd, const unsigned char *answer, size_t length)
{
	return send(fd, answer, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

bool reply_end(int fd, unsigned request_id, enum record_status status)
{
	unsigned char answer[RECORD_SHORT_LENGTH];

	record_answer_end(request_id, status, answer);
	return send_short(fd, answer, sizeof(answer));
}

bool reply_broken(int fd, unsigned request_id, int64_t microseconds)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	unsigned char answer[RECORD_SHORT_LENGTH];

	record_answer_broken(request_id, answer);
	return poll(&poll_fd, 1, (int)(microseconds / 1000)) > 0 &&
	       send_short(fd, answer, sizeof(answer));
}

bool reply_values(int fd, const struct incoming *incoming)
{
	const struct str question = { (const char *)incoming->control, incoming->control_length };
	unsigned char answer[RECORD_VALUES_MAX];

	return send_short(fd, answer, record_answer_values(question, answer));
}

bool reply_unknown(int fd, const struct incoming *incoming)
{
	unsigned char answer[RECORD_SHORT_LENGTH];

	record_answer_unknown(incoming->event_type, answer);
	return send_short(fd, answer, sizeof(answer));
}

void reply_too_large(int fd, const struct incoming *incoming)
{
	struct record_output output;
	struct msghdr message = { 0 };

	record_begin(&output, incoming->request_id,
	    STR("Status: 431 Request Header Fields Too Large\r\nContent-Type: text/plain\r\n\r\n"
		"The header fields of the request are too large.\n"));
	if (record_next(&output, &message.msg_iov, &message.msg_iovlen))
		(void)sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}
