/* SPDX-License-Identifier: EUPL-1.2 */
/* TLS: 1.2 and 1.3 with the operator's certificate, and callers' certificates where a CA for them is set. */
#ifndef RKOD_TLS_H
#define RKOD_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include <microhttpd.h>

#include "tools/rkod/config.h"

enum { TLS_OPTIONS = 4 };

/* Reads the files. False after a message. */
bool tls_load(const struct config *config);
/* For MHD_OPTION_ARRAY; gives how many. */
unsigned tls_options(struct MHD_OptionItem options[TLS_OPTIONS]);
/* Whether the caller showed a certificate that the CA signed and that is valid now; its common name. */
bool tls_client(struct MHD_Connection *connection, char *name, size_t size);

#endif
