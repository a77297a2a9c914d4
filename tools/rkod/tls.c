/* SPDX-License-Identifier: EUPL-1.2 */
#include "tools/rkod/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "tools/rkod/clock.h"

enum { PEM_BYTES = 1 << 20 };

/*
 * GnuTLS counts no users of credentials, so they are counted here. Whoever drops the last hold only takes it away: what
 * nobody holds is freed at the next load, when the connection that held it is certainly gone.
 */
struct identity {
	unsigned refs;
	unsigned number;
	gnutls_certificate_credentials_t credentials;
	bool asks;		/* callers for their certificate */
	int64_t until;
	struct identity *next;
};
static struct identity *identities;	/* the first is in use */
static bool refused;			/* the newest files were */
static pthread_mutex_t switching = PTHREAD_MUTEX_INITIALIZER;

static enum rko_status fail(struct rko_fault *fault, const char *path, const char *what)
{
	snprintf(fault->text, sizeof fault->text, "%.120s: %.110s", path, what);
	return RKO_IO;
}

/* Files --------------------------------------------------------------------------------------------- */

struct pem {
	unsigned char *at;
	unsigned size;
};

static void pem_free(struct pem *pem)
{
	if (pem->at)
		gnutls_memset(pem->at, 0, pem->size);
	free(pem->at);
	pem->at = NULL;
}

static gnutls_datum_t datum(const struct pem *pem)
{
	return (gnutls_datum_t){ pem->at, pem->size };
}

static enum rko_status take_bytes(int file, const char *path, struct pem *pem, struct rko_fault *fault)
{
	ssize_t size = 0, got;

	while ((got = read(file, pem->at + size, (size_t)(PEM_BYTES + 1 - size))) > 0)
		size += got;
	pem->size = (unsigned)size;
	if (got < 0)
		return fail(fault, path, strerror(errno));
	if (!size || size > PEM_BYTES)
		return fail(fault, path, size ? "is too large; expected PEM" : "is empty; expected PEM");
	return RKO_OK;
}

static enum rko_status read_pem(const char *path, bool secret, struct pem *pem, struct rko_fault *fault)
{
	int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	enum rko_status status;
	struct stat about;

	pem->at = malloc(PEM_BYTES + 1);
	if (!pem->at)
		status = RKO_NO_MEMORY;
	else if (file < 0 || fstat(file, &about) < 0)
		status = fail(fault, path, strerror(errno));
	else if (secret && about.st_mode & (S_IRWXG | S_IRWXO) & ~S_IRGRP)
		status = fail(fault, path, "a key that others may read or anybody else may write; chmod 600");
	else
		status = take_bytes(file, path, pem, fault);
	if (file >= 0)
		close(file);
	return status;
}

/* Identities ---------------------------------------------------------------------------------------- */

static void identity_free(struct identity *identity)
{
	if (identity->credentials)
		gnutls_certificate_free_credentials(identity->credentials);
	free(identity);
}

/* The last second of the server's own certificate, which must be valid at `now`. */
static enum rko_status look_at_leaf(const struct config *config, const struct pem *certificate, int64_t now,
				    struct identity *identity, struct rko_fault *fault)
{
	gnutls_datum_t text = datum(certificate);
	gnutls_x509_crt_t leaf;
	enum rko_status status = RKO_OK;

	if (gnutls_x509_crt_init(&leaf) != GNUTLS_E_SUCCESS)
		return RKO_NO_MEMORY;
	if (gnutls_x509_crt_import(leaf, &text, GNUTLS_X509_FMT_PEM) != GNUTLS_E_SUCCESS)
		status = fail(fault, config->tls_certificate, "the first certificate cannot be read");
	else if (gnutls_x509_crt_get_activation_time(leaf) > now)
		status = fail(fault, config->tls_certificate, "the certificate is not valid yet");
	else if ((identity->until = gnutls_x509_crt_get_expiration_time(leaf)) < now)
		status = fail(fault, config->tls_certificate, "the certificate has expired");
	gnutls_x509_crt_deinit(leaf);
	return status;
}

static enum rko_status use_pair(const struct config *config, struct identity *identity, const struct pem *certificate,
				const struct pem *key, struct rko_fault *fault)
{
	gnutls_datum_t certificate_text = datum(certificate), key_text = datum(key);
	int result = gnutls_certificate_set_x509_key_mem2(identity->credentials, &certificate_text, &key_text,
							  GNUTLS_X509_FMT_PEM, NULL, 0);

	if (result >= 0)
		return look_at_leaf(config, certificate, clock_wall(), identity, fault);
	snprintf(fault->text, sizeof fault->text, "%.70s, %.70s: expected PEM files that belong together: %.50s",
		 config->tls_certificate, config->tls_key, gnutls_strerror(result));
	return RKO_IO;
}

static enum rko_status use_authority(const struct config *config, struct identity *identity, struct rko_fault *fault)
{
	struct pem authority = { NULL, 0 };
	enum rko_status status = read_pem(config->tls_client_ca, false, &authority, fault);
	gnutls_datum_t text = datum(&authority);

	if (status == RKO_OK && gnutls_certificate_set_x509_trust_mem(identity->credentials, &text,
								      GNUTLS_X509_FMT_PEM) <= 0)
		status = fail(fault, config->tls_client_ca, "holds no certificate; expected PEM");
	identity->asks = true;
	pem_free(&authority);
	return status;
}

static enum rko_status read_identity(const struct config *config, struct identity *identity, struct rko_fault *fault)
{
	struct pem certificate = { NULL, 0 }, key = { NULL, 0 };
	enum rko_status status = read_pem(config->tls_certificate, false, &certificate, fault);

	if (status == RKO_OK)
		status = read_pem(config->tls_key, true, &key, fault);
	if (status == RKO_OK && gnutls_certificate_allocate_credentials(&identity->credentials) != GNUTLS_E_SUCCESS)
		status = RKO_NO_MEMORY;
	if (status == RKO_OK)
		status = use_pair(config, identity, &certificate, &key, fault);
	if (status == RKO_OK && config->tls_client_ca)
		status = use_authority(config, identity, fault);
	pem_free(&certificate);
	pem_free(&key);
	return status;
}

/* Frees what nobody holds, but not the one in use. Under `switching`. */
static void sweep(void)
{
	struct identity **link = identities ? &identities->next : &identities;

	while (*link) {
		struct identity *identity = *link;

		if (identity->refs) {
			link = &identity->next;
			continue;
		}
		*link = identity->next;
		identity_free(identity);
	}
}

static void switch_to(struct identity *identity)
{
	identity->number = identities ? identities->number + 1 : 1;
	identity->next = identities;
	identities = identity;
	sweep();
}

enum rko_status tls_load(const struct config *config, struct rko_fault *fault)
{
	struct identity *identity;
	enum rko_status status;

	fault->text[0] = '\0';
	if (!config->tls_certificate)
		return RKO_OK;
	identity = calloc(1, sizeof *identity);
	status = identity ? read_identity(config, identity, fault) : RKO_NO_MEMORY;
	if (status != RKO_OK && !fault->text[0])
		snprintf(fault->text, sizeof fault->text, "%s", rko_status_meaning(status));
	pthread_mutex_lock(&switching);
	refused = status != RKO_OK;
	if (status == RKO_OK)
		switch_to(identity);
	pthread_mutex_unlock(&switching);
	if (status != RKO_OK && identity)
		identity_free(identity);
	return status;
}

void tls_free(void)
{
	pthread_mutex_lock(&switching);
	while (identities) {
		struct identity *identity = identities;

		identities = identity->next;
		identity_free(identity);
	}
	pthread_mutex_unlock(&switching);
}

struct tls_about tls_about(void)
{
	struct tls_about about = { TLS_OFF, 0 };

	pthread_mutex_lock(&switching);
	if (identities) {
		about.until = identities->until;
		about.state = about.until < clock_wall() ? TLS_EXPIRED : refused ? TLS_OLD : TLS_GOOD;
	}
	pthread_mutex_unlock(&switching);
	return about;
}

const char *tls_word(enum tls_state state)
{
	static const char *const words[] = { "off", "good", "tls_old", "tls_expired" };

	return words[state];
}

/* Connections --------------------------------------------------------------------------------------- */

/* A session that was not given an identity cannot shake hands: the library asks here, and gets nothing. */
static int no_certificate(gnutls_session_t session, const gnutls_datum_t *issuers, int nissuers,
			  const gnutls_pk_algorithm_t *algorithms, int nalgorithms, gnutls_pcert_st **ret_chain,
			  unsigned *ret_length, gnutls_privkey_t *ret_key)
{
	(void)session, (void)issuers, (void)nissuers, (void)algorithms, (void)nalgorithms, (void)ret_chain;
	(void)ret_length, (void)ret_key;
	return -1;
}

unsigned tls_options(struct MHD_OptionItem options[TLS_OPTIONS])
{
	static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	unsigned n = 0;

	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
						(void *)(uintptr_t)no_certificate };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities };
	return n;
}

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return info ? info->tls_session : NULL;
}

/* From here on the session uses the newest identity. */
static bool adopt(struct tls_link *link, gnutls_session_t session)
{
	struct identity *before = link->identity;
	bool good = false;

	pthread_mutex_lock(&switching);
	if (identities && gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, identities->credentials) ==
				  GNUTLS_E_SUCCESS) {
		link->identity = identities;
		link->identity->refs++;
		if (before)
			before->refs--;
		good = true;
	}
	pthread_mutex_unlock(&switching);
	return good;
}

void tls_begin(struct tls_link *link, struct MHD_Connection *connection)
{
	gnutls_session_t session = session_of(connection);

	if (session && adopt(link, session) && link->identity->asks)
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
}

void tls_end(struct tls_link *link)
{
	pthread_mutex_lock(&switching);
	if (link->identity)
		link->identity->refs--;
	link->identity = NULL;
	pthread_mutex_unlock(&switching);
}

bool tls_unjudged(const struct tls_link *link)
{
	unsigned number;

	pthread_mutex_lock(&switching);
	number = identities ? identities->number : 0;
	pthread_mutex_unlock(&switching);
	return !link->judged || link->number != number || link->until < clock_wall();
}

static bool read_leaf(const gnutls_datum_t *der, char *name, size_t size, int64_t *ret_until)
{
	gnutls_x509_crt_t leaf;
	bool good;

	if (gnutls_x509_crt_init(&leaf) != GNUTLS_E_SUCCESS)
		return false;
	good = gnutls_x509_crt_import(leaf, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
	       gnutls_x509_crt_get_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) ==
		       GNUTLS_E_SUCCESS;
	*ret_until = gnutls_x509_crt_get_expiration_time(leaf);
	gnutls_x509_crt_deinit(leaf);
	return good && *name;
}

/* By the client CA in use, valid now, and not made for something else than a client: a server's certificate is no caller's. */
static bool verify(gnutls_session_t session)
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
	};
	unsigned verdict = ~0u;

	return gnutls_certificate_verify_peers(session, &purpose, 1, &verdict) == GNUTLS_E_SUCCESS && !verdict;
}

bool tls_judge(struct tls_link *link, struct MHD_Connection *connection, char *name, size_t size)
{
	gnutls_session_t session = session_of(connection);
	const gnutls_datum_t *chain;
	unsigned count = 0;

	if (!session || !adopt(link, session))
		return false;
	link->judged = true;
	link->number = link->identity->number;
	link->until = INT64_MAX;
	if (!verify(session))
		return false;
	chain = gnutls_certificate_get_peers(session, &count);
	return chain && count && read_leaf(chain, name, size, &link->until);
}
