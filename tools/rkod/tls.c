/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum { PEM_BYTES = 1 << 20 };

static char certificate[PEM_BYTES + 1], key[PEM_BYTES + 1], authority[PEM_BYTES + 1];

static bool read_pem(const char *path, char *to, bool secret)
{
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat about;
	ssize_t size = -1;

	if (file >= 0 && fstat(file, &about) == 0)
		size = read(file, to, PEM_BYTES + 1);
	if (file >= 0)
		close(file);
	if (size <= 0 || size > PEM_BYTES) {
		fprintf(stderr, "rkod: %s: %s\n", path, size < 0 ? strerror(errno) : "is empty or too large");
		return false;
	}
	to[size] = '\0';
	if (secret && about.st_mode & (S_IRWXG | S_IRWXO) & ~S_IRGRP) {
		fprintf(stderr, "rkod: %s: a key that others may read or anybody else may write; chmod 600\n", path);
		return false;
	}
	return true;
}

bool tls_load(const struct config *config)
{
	if (!config->tls_certificate)
		return true;
	return read_pem(config->tls_certificate, certificate, false) && read_pem(config->tls_key, key, true) &&
	       (!config->tls_client_ca || read_pem(config->tls_client_ca, authority, false));
}

unsigned tls_options(struct MHD_OptionItem options[TLS_OPTIONS])
{
	static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	unsigned n = 0;

	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, certificate };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities };
	if (authority[0])
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, authority };
	return n;
}

static bool common_name(const gnutls_datum_t *der, char *name, size_t size)
{
	gnutls_x509_crt_t leaf;
	bool good;

	if (gnutls_x509_crt_init(&leaf) != GNUTLS_E_SUCCESS)
		return false;
	good = gnutls_x509_crt_import(leaf, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
	       gnutls_x509_crt_get_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) ==
		       GNUTLS_E_SUCCESS;
	gnutls_x509_crt_deinit(leaf);
	return good && *name;
}

bool tls_client(struct MHD_Connection *connection, char *name, size_t size)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	const gnutls_datum_t *chain;
	gnutls_session_t session;
	unsigned count = 0, verdict = ~0u;

	if (!info || !info->tls_session)
		return false;
	session = info->tls_session;
	if (gnutls_certificate_verify_peers2(session, &verdict) != GNUTLS_E_SUCCESS || verdict)
		return false;
	chain = gnutls_certificate_get_peers(session, &count);
	return chain && count && common_name(chain, name, size);
}
