#include "server/peer_set.h"

#include <sys/socket.h>

#include "base/timestamp.h"

/* What requests that are still arriving may hold together, beside four largest bodies. */
#define HELD_BASE ((size_t)8 * 1024 * 1024)

struct peer peer_set_take(struct peer_set *set, unsigned index)
{
	struct peer taken = set->peers[index];

	set->peers[index] = set->peers[--set->count];
	return taken;
}

static void close_peer(struct peer_set *set, unsigned index)
{
	struct peer closed = peer_set_take(set, index);

	peer_drop(&closed);
}

/* Index of the connection whose request has been awaited longest, or -1. */
static int oldest_arriving(const struct peer_set *set)
{
	int oldest = -1;

	for (unsigned i = 0; i < set->count; i++) {
		const struct peer *candidate = &set->peers[i];

		if (peer_is_arriving(candidate) &&
		    (oldest < 0 || candidate->since < set->peers[oldest].since))
			oldest = (int)i;
	}
	return oldest;
}

/* Whether requests that are still arriving hold more memory than they may. */
static bool holds_too_much(const struct peer_set *set)
{
	size_t held = 0;

	for (unsigned i = 0; i < set->count; i++)
		held += incoming_held(&set->peers[i].incoming);
	return held > HELD_BASE && (held - HELD_BASE) / 4 > set->body_limit;
}

void peer_set_add(struct peer_set *set, const struct peer *connection)
{
	if (set->count == PEER_SET_MAX) {
		int oldest = oldest_arriving(set);

		if (oldest < 0) {
			struct peer refused = *connection;

			peer_drop(&refused);
			return;
		}
		close_peer(set, (unsigned)oldest);
	}
	set->peers[set->count++] = *connection;
	while (holds_too_much(set))
		close_peer(set, (unsigned)oldest_arriving(set));
}

bool peer_set_close_late(struct peer_set *set, int64_t patience)
{
	int oldest = oldest_arriving(set);

	if (oldest < 0 || timestamp_monotonic() - set->peers[oldest].since < patience)
		return false;
	close_peer(set, (unsigned)oldest);
	return true;
}

void peer_set_close_quiet(struct peer_set *set, int64_t quiet)
{
	int64_t now = timestamp_monotonic();
	unsigned i = 0;
	char byte;

	while (i < set->count) {
		const struct peer *candidate = &set->peers[i];

		if (!peer_is_arriving(candidate) && now - candidate->since > quiet &&
		    recv(candidate->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
			close_peer(set, i);
		else
			i++;
	}
}

void peer_set_hand_over(struct peer_set *set, const struct handover *handover)
{
	int fds[HANDOVER_MAX];
	unsigned places[HANDOVER_MAX];
	unsigned count = 0;

	/* From the last one on, which takes the place of one that is taken out. */
	for (unsigned i = set->count; i-- > 0;) {
		if (!peer_is_arriving(&set->peers[i])) {
			fds[count] = set->peers[i].fd;
			places[count++] = i;
		}
		if (count < HANDOVER_MAX && (i > 0 || count == 0))
			continue;
		if (!handover_give(handover, fds, count))
			return;
		for (unsigned j = 0; j < count; j++) {
			struct peer given = peer_set_take(set, places[j]);

			incoming_clear(&given.incoming);
		}
		count = 0;
	}
}

bool peer_set_has_room(const struct peer_set *set)
{
	return set->count + HANDOVER_MAX <= PEER_SET_MAX;
}

void peer_set_take_over(struct peer_set *set, const struct handover *handover)
{
	int fds[HANDOVER_MAX];
	unsigned count = handover_take(handover, fds);

	for (unsigned i = 0; i < count; i++) {
		struct peer *peer = &set->peers[set->count++];

		*peer = (struct peer){ .fd = fds[i], .kept = true, .since = timestamp_monotonic() };
		incoming_init(&peer->incoming, set->body_limit);
	}
}

bool peer_set_close_gone(struct peer_set *set, const struct pollfd *polled)
{
	const unsigned before = set->count;

	/* From the last one on, which takes the place of one that is closed. */
	for (unsigned i = before; i-- > 0;) {
		if ((polled[i].revents & POLLHUP) && !peer_is_arriving(&set->peers[i]))
			close_peer(set, i);
	}
	return set->count < before;
}

int peer_set_readable(struct peer_set *set, const struct pollfd *polled)
{
	for (unsigned i = 0; i < set->count; i++) {
		unsigned index = (set->turn + i) % set->count;

		if (polled[index].revents != 0) {
			set->turn = index + 1;
			return (int)index;
		}
	}
	return -1;
}

void peer_set_drop(struct peer_set *set)
{
	while (set->count > 0)
		close_peer(set, 0);
}
