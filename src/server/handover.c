#define _GNU_SOURCE 1
#include "server/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the descriptors of one message. */
union control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(HANDOVER_MAX * sizeof(int))];
};

int handover_open(struct handover *handover, struct error *error)
{
	int ends[2];

	*handover = (struct handover){ -1, -1 };
	/* Messages keep together what goes together, and each goes to one reader. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set_detail(
		    error, ERROR_UNAVAILABLE, "queue of kept connections: %s", strerror(errno));
	*handover = (struct handover){ ends[0], ends[1] };
	return 0;
}

void handover_close(const struct handover *handover)
{
	if (handover->give >= 0)
		(void)close(handover->give);
	if (handover->take >= 0)
		(void)close(handover->take);
}

bool handover_give(const struct handover *handover, const int *fds, unsigned count)
{
	union control control = { 0 };
	char byte = 0;
	struct iovec content = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &content,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	if (sendmsg(handover->give, &message, MSG_NOSIGNAL) < 0)
		return false;
	for (unsigned i = 0; i < count; i++)
		(void)close(fds[i]);
	return true;
}

unsigned handover_take(const struct handover *handover, int fds[HANDOVER_MAX])
{
	union control control;
	char byte;
	struct iovec content = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &content,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	const struct cmsghdr *header;
	size_t bytes;

	if (recvmsg(handover->take, &message, MSG_CMSG_CLOEXEC) <= 0)
		return 0;
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS)
		return 0;
	bytes = header->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(header), bytes);
	return (unsigned)(bytes / sizeof(int));
}
