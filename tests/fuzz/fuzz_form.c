#include "body_check.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	body_check_reader(form_read, BODY_FORM, (struct str){ (const char *)data, size });
	return 0;
}
