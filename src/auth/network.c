#include "auth/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "codec/reader.h"
#include "codec/writer.h"

#define MAPPED_BITS 96

/* Returns the bits of the address's kind: 32, 128, or 0 when it is none. */
static unsigned read_address(struct str text, uint8_t address[16])
{
	char copy[NETWORK_TEXT_MAX];

	if (text.length == 0 || text.length >= sizeof(copy))
		return 0;
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	if (strlen(copy) != text.length)
		return 0;
	if (inet_pton(AF_INET6, copy, address) == 1)
		return 128;
	memset(address, 0, 10);
	memset(address + 10, 0xFF, 2);
	return inet_pton(AF_INET, copy, address + 12) == 1 ? 32 : 0;
}

static bool same_bits(const uint8_t a[16], const uint8_t b[16], unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xFF00u >> rest);

	return memcmp(a, b, whole) == 0 && (rest == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

bool network_parse(struct str text, struct network *network)
{
	size_t slash = str_find(text, '/');
	unsigned most = read_address(str_slice(text, 0, slash), network->address);
	uint8_t masked[16] = { 0 };
	int64_t bits = most;

	if (most == 0)
		return false;
	if (slash < text.length) {
		struct str digits = str_slice(text, slash + 1, text.length);

		if (digits.length == 0 || digits.length > 3 || digits.data[0] == '+' ||
		    digits.data[0] == '-' || !str_to_int64(digits, &bits) || bits > most)
			return false;
	}
	network->bits = (uint8_t)(most == 32 ? MAPPED_BITS + bits : bits);
	for (unsigned i = 0; i < 128; i++) {
		if (i < network->bits)
			masked[i / 8] |= (uint8_t)(network->address[i / 8] & (0x80u >> (i % 8)));
	}
	return memcmp(masked, network->address, sizeof(masked)) == 0;
}

bool network_contains(const struct network *network, struct str text)
{
	uint8_t address[16];

	return read_address(text, address) != 0 &&
	       same_bits(network->address, address, network->bits);
}

bool network_allows(struct str networks, struct str address)
{
	struct network network;
	struct str part;

	while (networks.length > 0 && str_next(&networks, ',', &part)) {
		if (network_parse(str_trim(part), &network) && network_contains(&network, address))
			return true;
	}
	return false;
}

bool network_within(const struct network *inner, const struct network *outer)
{
	return inner->bits >= outer->bits && same_bits(inner->address, outer->address, outer->bits);
}

void network_print(const struct network *network, struct buf *out)
{
	static const uint8_t mapped[MAPPED_BITS / 8] = { [10] = 0xFF, [11] = 0xFF };
	bool four =
	    network->bits >= MAPPED_BITS && memcmp(network->address, mapped, sizeof(mapped)) == 0;
	unsigned bits = four ? network->bits - MAPPED_BITS : network->bits;
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(four ? AF_INET : AF_INET6, network->address + (four ? 12 : 0), text,
		sizeof(text)) == NULL)
		return;
	buf_append_text(out, text);
	if (bits < (four ? 32u : 128u))
		buf_printf(out, "/%u", bits);
}

bool network_list_parse(struct arena *arena, struct str text, struct network_list *list)
{
	const struct node *array = json_read_stored(arena, text);

	list->count = 0;
	if (array == NULL || array->kind != NODE_ARRAY || array->child_count > NETWORK_LIST_MAX)
		return false;
	for (const struct node *item = array->children; item != NULL; item = item->next) {
		if (!network_parse(item->text, &list->items[list->count++]))
			return false;
	}
	return true;
}

void network_list_print(const struct network_list *list, struct buf *out)
{
	struct writer writer;

	writer_init(&writer, MEDIA_JSON, NULL, out);
	writer_array_begin(&writer, NULL, "network");
	for (unsigned i = 0; i < list->count; i++) {
		struct buf text = { 0 };

		network_print(&list->items[i], &text);
		writer_text(&writer, NULL, buf_str(&text));
		buf_free(&text);
	}
	writer_array_end(&writer);
}

/* What of IPv4 is not public; its addresses in IPv6 count as themselves. */
#define SPECIAL_4                                                                                \
	"0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,"           \
	"192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24," \
	"203.0.113.0/24,224.0.0.0/4,240.0.0.0/4"
/* All that is public of IPv6, and what of that is not. */
#define GLOBAL_6 "2000::/3"
#define SPECIAL_6 "2001::/23,2001:db8::/32,2002::/16,3fff::/20"
/* IPv4 behind a translator (RFC 6052): the last 32 bits are the address. */
#define TRANSLATED "64:ff9b::/96"

bool network_is_public(struct str text)
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	char four[INET_ADDRSTRLEN];
	uint8_t address[16];

	if (read_address(text, address) == 0)
		return false;
	if (memcmp(address, mapped, sizeof(mapped)) != 0 && !network_allows(STR(TRANSLATED), text))
		return network_allows(STR(GLOBAL_6), text) && !network_allows(STR(SPECIAL_6), text);
	return inet_ntop(AF_INET, address + 12, four, sizeof(four)) != NULL &&
	       !network_allows(STR(SPECIAL_4), str_from(four));
}
