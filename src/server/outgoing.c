#include "server/outgoing.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/timestamp.h"

static enum outgoing_progress judge_error(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK ? OUTGOING_BLOCKED : OUTGOING_LOST;
}

enum outgoing_progress outgoing_send(int fd, struct record_output *output)
{
	struct msghdr message = { 0 };

	while (record_next(output, &message.msg_iov, &message.msg_iovlen)) {
		ssize_t count = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (count >= 0)
			record_sent(output, (size_t)count);
		else if (errno != EINTR)
			return judge_error();
	}
	return OUTGOING_DONE;
}

enum outgoing_progress outgoing_send_waiting(
    int fd, struct record_output *output, int64_t microseconds)
{
	int64_t deadline = timestamp_monotonic() + microseconds;
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	enum outgoing_progress progress = outgoing_send(fd, output);

	while (progress == OUTGOING_BLOCKED) {
		int64_t left = deadline - timestamp_monotonic();

		if (left <= 0 || poll(&poll_fd, 1, (int)(left / 1000 + 1)) == 0)
			return OUTGOING_LOST;
		progress = outgoing_send(fd, output);
	}
	return progress;
}

bool outgoing_keep(struct outgoing *outgoing, struct record_output *output)
{
	struct iovec *vector;
	size_t count;

	*outgoing = (struct outgoing){ 0 };
	while (record_next(output, &vector, &count)) {
		size_t length = 0;

		for (size_t i = 0; i < count; i++) {
			buf_append(&outgoing->rest, vector[i].iov_base, vector[i].iov_len);
			length += vector[i].iov_len;
		}
		record_sent(output, length);
	}
	if (!outgoing->rest.failed)
		return true;
	outgoing_free(outgoing);
	return false;
}

void outgoing_free(struct outgoing *outgoing)
{
	buf_free(&outgoing->rest);
	outgoing->sent = 0;
}

enum outgoing_progress outgoing_go_on(struct outgoing *outgoing, int fd)
{
	while (outgoing->sent < outgoing->rest.length) {
		ssize_t count = send(fd, outgoing->rest.data + outgoing->sent,
		    outgoing->rest.length - outgoing->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (count >= 0)
			outgoing->sent += (size_t)count;
		else if (errno != EINTR)
			return judge_error();
	}
	return OUTGOING_DONE;
}
