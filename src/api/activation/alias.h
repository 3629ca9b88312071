/*
 * Further ways to the operations of programs, which the configuration names (client_route_…): the
 * paths that a vendor's programs call already.
 */
#ifndef CLIENTELE_API_ACTIVATION_ALIAS_H
#define CLIENTELE_API_ACTIVATION_ALIAS_H

#include "base/settings.h"
#include "http/request.h"

/*
 * Whether a request comes by one of them; it is then one of the operation's own method and path.
 * What it points at lives in the arena.
 */
bool alias_follow(const struct settings *settings, struct arena *arena, struct request *request);

/*
 * The next option, from `*position` on, whose value is neither empty nor a method and a path; NULL
 * when there is none. The first position is 0.
 */
const char *alias_next_fault(const struct settings *settings, unsigned *position);

#endif
