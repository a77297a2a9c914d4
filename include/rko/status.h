/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a call of the library came to. Functions that can fail give an enum rko_status; each says in its own
 * comment which ones. Anything but RKO_OK leaves the outputs untouched, except a decision, which is set to a
 * denial first.
 */
#ifndef RKO_STATUS_H
#define RKO_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum rko_status {
#define STATUS(name, number, word, meaning) RKO_##name = number,
#include <rko/status.def>
#undef STATUS
};

/* A stable word for logs and metrics, such as "facts_damaged". Never NULL. */
const char *rko_status_word(enum rko_status status);
/* A sentence in English. Never NULL. */
const char *rko_status_meaning(enum rko_status status);

/* Version of this library, such as "0.1.0". */
const char *rko_version(void);

#define RKO_VERSION_MAJOR 0
#define RKO_VERSION_MINOR 1
#define RKO_VERSION_PATCH 0

#ifdef __cplusplus
}
#endif

#endif
