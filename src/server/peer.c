#include "server/peer.h"

#include <unistd.h>

#include "base/log.h"
#include "base/timestamp.h"
#include "server/reply.h"

bool peer_is_arriving(const struct peer *peer)
{
	return !peer->kept || incoming_begun(&peer->incoming);
}

void peer_drop(struct peer *peer)
{
	(void)close(peer->fd);
	incoming_clear(&peer->incoming);
}

void peer_refuse(struct peer *peer, enum incoming_event event)
{
	const char *reason = peer->incoming.reason;

	if (event == INCOMING_TOO_LARGE) {
		reason = "parameters too large";
		reply_too_large(peer->fd, &peer->incoming);
	} else if (event == INCOMING_ROLE) {
		reason = "a role other than responder";
		(void)reply_end(peer->fd, peer->incoming.request_id, RECORD_UNKNOWN_ROLE);
	} else if (event == INCOMING_NO_MEMORY) {
		reason = "out of memory";
	}
	log_event(LOG_LEVEL_WARNING, "FastCGI connection refused", LOG_TEXT("reason", reason));
	peer_drop(peer);
}

/* The web server takes a request back. */
static bool end_aborted(struct peer *peer)
{
	bool keep = peer->incoming.keep;
	bool sent = reply_end(peer->fd, peer->incoming.request_id, RECORD_COMPLETE);

	incoming_clear(&peer->incoming);
	peer->kept = true;
	peer->since = timestamp_monotonic();
	return sent && keep;
}

bool peer_answer(struct peer *peer, enum incoming_event event)
{
	switch (event) {
	case INCOMING_VALUES:
		return reply_values(peer->fd, &peer->incoming);
	case INCOMING_UNKNOWN:
		return reply_unknown(peer->fd, &peer->incoming);
	case INCOMING_BUSY:
		return reply_end(peer->fd, peer->incoming.event_id, RECORD_CANNOT_MULTIPLEX);
	default:
		return end_aborted(peer);
	}
}
