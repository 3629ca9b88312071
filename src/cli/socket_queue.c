#include "cli/socket_queue.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_SIZE 32768
#define TIMEOUT 2 /* seconds */

static bool ask_kernel(int fd)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} message = {
		.header = { .nlmsg_len = sizeof(message),
		    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = AF_UNIX,
		    .udiag_states = 1u << TCP_LISTEN,
		    .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN },
	};

	return send(fd, &message, sizeof(message), 0) == (ssize_t)sizeof(message);
}

/* Reads one socket; true when it is the one at `path`. */
static bool read_socket(const struct nlmsghdr *header, const char *path, struct socket_queue *queue)
{
	const struct unix_diag_msg *message = NLMSG_DATA(header);
	unsigned length = (unsigned)NLMSG_PAYLOAD(header, sizeof(*message));
	struct unix_diag_rqlen lengths = { 0 };
	bool ours = false;

	for (const struct rtattr *a = (const struct rtattr *)(message + 1); RTA_OK(a, length);
	     a = RTA_NEXT(a, length)) {
		size_t size = RTA_PAYLOAD(a);

		if (a->rta_type == UNIX_DIAG_NAME)
			ours = size >= strlen(path) &&
			       memcmp(RTA_DATA(a), path, strlen(path)) == 0 &&
			       strnlen(RTA_DATA(a), size) == strlen(path);
		else if (a->rta_type == UNIX_DIAG_RQLEN && size >= sizeof(lengths))
			memcpy(&lengths, RTA_DATA(a), sizeof(lengths));
	}
	if (ours)
		*queue = (struct socket_queue){ lengths.udiag_rqueue, lengths.udiag_wqueue };
	return ours;
}

/* Looks through one datagram. 1 = found, 0 = not in it, -1 = there is no more. */
static int read_answer(int fd, const char *path, struct socket_queue *queue)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_SIZE];
	ssize_t received = recv(fd, answer, sizeof(answer), 0);
	unsigned left = received > 0 ? (unsigned)received : 0;

	if (received <= 0)
		return -1;
	for (const struct nlmsghdr *h = (const struct nlmsghdr *)answer; NLMSG_OK(h, left);
	     h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return -1;
		if (read_socket(h, path, queue))
			return 1;
	}
	return 0;
}

bool socket_queue_read(const char *path, struct socket_queue *queue)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int found = -1;

	if (fd < 0)
		return false;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
	    ask_kernel(fd)) {
		do
			found = read_answer(fd, path, queue);
		while (found == 0);
	}
	(void)close(fd);
	return found == 1;
}
