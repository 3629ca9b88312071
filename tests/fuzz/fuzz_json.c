#include "body_check.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	body_check_reader(json_read, BODY_JSON, (struct str){ (const char *)data, size });
	return 0;
}
