/* SPDX-License-Identifier: EUPL-1.2 */
#include <rko/status.h>

const char *rko_status_word(enum rko_status status)
{
	switch (status) {
#define STATUS(name, number, word, meaning) \
	case RKO_##name: \
		return word;
#include <rko/status.def>
#undef STATUS
	}
	return "unknown";
}

const char *rko_status_meaning(enum rko_status status)
{
	switch (status) {
#define STATUS(name, number, word, meaning) \
	case RKO_##name: \
		return meaning;
#include <rko/status.def>
#undef STATUS
	}
	return "a status this library does not know";
}

#define TEXT_OF(number) #number
#define VERSION_OF(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

const char *rko_version(void)
{
	return VERSION_OF(RKO_VERSION_MAJOR, RKO_VERSION_MINOR, RKO_VERSION_PATCH);
}
