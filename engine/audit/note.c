/* SPDX-License-Identifier: EUPL-1.2 */
#include "engine/audit/note.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	KEY_NAME_BYTES = 4,
	ED25519 = 1,		/* the kind of key in names and texts */
	SIGNED_BYTES = KEY_NAME_BYTES + NOTE_SIGNATURE_BYTES,
};

#define SECRET_PREFIX "PRIVATE+KEY+"
#define DASH "\xe2\x80\x94 "	/* an em dash and a blank begin a signature */

/* Base64 ------------------------------------------------------------------------------------------ */

static void base64(const uint8_t *bytes, size_t size, char *text, size_t room)
{
	sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

/* Exactly `size` bytes, in the one way of writing them. */
static bool from_base64(struct text text, uint8_t *bytes, size_t size)
{
	char again[128];
	size_t length;

	if (text.len != sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL) - 1 ||
	    text.len >= sizeof again)
		return false;
	if (sodium_base642bin(bytes, size, text.at, text.len, NULL, &length, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 || length != size)
		return false;
	base64(bytes, size, again, sizeof again);
	return memcmp(again, text.at, text.len) == 0;
}

void hash_base64(const struct hash *hash, char text[HASH_BASE64])
{
	base64(hash->at, HASH_BYTES, text, HASH_BASE64);
}

bool hash_from_base64(struct text text, struct hash *ret_hash)
{
	return from_base64(text, ret_hash->at, HASH_BYTES);
}

/* Keys -------------------------------------------------------------------------------------------- */

bool note_is_origin(struct text text)
{
	if (!text.len || text.len > RKO_AUDIT_NAME_BYTES)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~' || text.at[i] == '+')
			return false;
	return true;
}

static void key_name(const struct note_key *key, uint8_t name[KEY_NAME_BYTES])
{
	uint8_t kind = ED25519;
	struct sha state;
	struct hash hash;

	sha_init(&state);
	sha_add(&state, key->origin, strlen(key->origin));
	sha_add(&state, "\n", 1);
	sha_add(&state, &kind, 1);
	sha_add(&state, key->public, sizeof key->public);
	hash = sha_end(&state);
	memcpy(name, hash.at, KEY_NAME_BYTES);
}

static void from_seed(struct note_key *key, const uint8_t seed[NOTE_SEED_BYTES])
{
	crypto_sign_ed25519_seed_keypair(key->public, key->secret, seed);
	key->secret_known = true;
}

void note_key_make(struct note_key *key, struct text origin)
{
	uint8_t seed[NOTE_SEED_BYTES];

	memset(key, 0, sizeof *key);
	memcpy(key->origin, origin.at, origin.len);
	randombytes_buf(seed, sizeof seed);
	from_seed(key, seed);
	sodium_memzero(seed, sizeof seed);
}

void note_key_forget(struct note_key *key)
{
	sodium_memzero(key->secret, sizeof key->secret);
	key->secret_known = false;
}

static void key_text(const struct note_key *key, const char *prefix, const uint8_t *bytes, char *text)
{
	uint8_t name[KEY_NAME_BYTES], data[1 + NOTE_PUBLIC_BYTES] = { ED25519 };
	char written[64];

	key_name(key, name);
	memcpy(data + 1, bytes, NOTE_PUBLIC_BYTES);
	base64(data, sizeof data, written, sizeof written);
	snprintf(text, RKO_AUDIT_KEY_TEXT, "%s%s+%02x%02x%02x%02x+%s", prefix, key->origin, name[0], name[1], name[2],
		 name[3], written);
	sodium_memzero(data, sizeof data);
	sodium_memzero(written, sizeof written);
}

void note_key_text(const struct note_key *key, char text[RKO_AUDIT_KEY_TEXT])
{
	key_text(key, "", key->public, text);
}

void note_key_secret_text(const struct note_key *key, char text[RKO_AUDIT_KEY_TEXT])
{
	/* The seed is the first half of libsodium's secret key. */
	key_text(key, SECRET_PREFIX, key->secret, text);
}

/* Up to the next `end`; false when there is none. The rest stays in *text. */
static bool cut(struct text *text, char end, struct text *ret_part)
{
	const char *at = text->len ? memchr(text->at, end, text->len) : NULL;

	if (!at)
		return false;
	*ret_part = (struct text){ text->at, (size_t)(at - text->at) };
	text->len -= ret_part->len + 1;
	text->at = at + 1;
	return true;
}

/* ORIGIN+NAME+base64 of a byte for the kind and 32 more. The name is looked at by the caller. */
static bool parse_key(struct text text, struct note_key *key, char name[8], uint8_t data[1 + NOTE_PUBLIC_BYTES])
{
	struct text origin, hex;

	memset(key, 0, sizeof *key);
	if (!cut(&text, '+', &origin) || !note_is_origin(origin) || !cut(&text, '+', &hex) || hex.len != 8 ||
	    !from_base64(text, data, 1 + NOTE_PUBLIC_BYTES) || data[0] != ED25519)
		return false;
	memcpy(key->origin, origin.at, origin.len);
	memcpy(name, hex.at, 8);
	return true;
}

static bool is_named(const struct note_key *key, const char name[8])
{
	uint8_t bytes[KEY_NAME_BYTES];
	char hex[9];

	key_name(key, bytes);
	sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
	return memcmp(hex, name, 8) == 0;
}

bool note_key_parse(struct text text, struct note_key *key)
{
	uint8_t data[1 + NOTE_PUBLIC_BYTES];
	char name[8];

	if (!parse_key(text, key, name, data))
		return false;
	memcpy(key->public, data + 1, NOTE_PUBLIC_BYTES);
	return is_named(key, name);
}

bool note_key_secret_parse(struct text text, struct note_key *key)
{
	struct text prefix = TEXT(SECRET_PREFIX);
	uint8_t data[1 + NOTE_PUBLIC_BYTES];
	char name[8];
	bool good;

	if (text.len < prefix.len || memcmp(text.at, prefix.at, prefix.len) != 0)
		return false;
	good = parse_key((struct text){ text.at + prefix.len, text.len - prefix.len }, key, name, data);
	if (good) {
		from_seed(key, data + 1);
		good = is_named(key, name);
	}
	sodium_memzero(data, sizeof data);
	return good;
}

/* Checkpoints ------------------------------------------------------------------------------------- */

static void time_text(int64_t at, char text[32])
{
	time_t seconds = (time_t)at;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
}

void note_sign(const struct note_key *key, const struct checkpoint *checkpoint,
	       char text[RKO_AUDIT_CHECKPOINT_TEXT])
{
	uint8_t signature[SIGNED_BYTES];
	char root[HASH_BASE64], when[32], written[128];
	int length;

	hash_base64(&checkpoint->root, root);
	time_text(checkpoint->at, when);
	length = snprintf(text, RKO_AUDIT_CHECKPOINT_TEXT, "%s\n%llu\n%s\ntime %s\n", key->origin,
			  (unsigned long long)checkpoint->size, root, when);
	key_name(key, signature);
	crypto_sign_ed25519_detached(signature + KEY_NAME_BYTES, NULL, (const uint8_t *)text,
				     (unsigned long long)length, key->secret);
	base64(signature, sizeof signature, written, sizeof written);
	snprintf(text + length, RKO_AUDIT_CHECKPOINT_TEXT - (size_t)length, "\n" DASH "%s %s\n", key->origin, written);
}

/* Decimal digits without zeros in front. */
static bool parse_number(struct text text, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!text.len || text.len > 19 || (text.len > 1 && text.at[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text.at[i] - '0');
	}
	*ret_number = number;
	return true;
}

static bool parse_body(struct text body, struct text *ret_origin, struct checkpoint *checkpoint)
{
	struct text size, root, line;
	int64_t at;

	if (!cut(&body, '\n', ret_origin) || !cut(&body, '\n', &size) || !cut(&body, '\n', &root) ||
	    !parse_number(size, &checkpoint->size) || !hash_from_base64(root, &checkpoint->root))
		return false;
	checkpoint->at = 0;
	while (cut(&body, '\n', &line)) {
		char when[32] = "";

		if (line.len < 6 || line.len > 30 || memcmp(line.at, "time ", 5) != 0)
			continue;
		memcpy(when, line.at + 5, line.len - 5);
		if (rko_instant_parse(when, &at) == RKO_OK)
			checkpoint->at = at;
	}
	return true;
}

/* Looks for this key's signature among the lines. */
static enum note_fault check_signatures(const struct note_key *key, struct text body, struct text lines)
{
	uint8_t bytes[SIGNED_BYTES], name[KEY_NAME_BYTES];
	struct text line, signer;

	key_name(key, name);
	while (cut(&lines, '\n', &line)) {
		struct text dash = TEXT(DASH);

		if (line.len <= dash.len || memcmp(line.at, dash.at, dash.len) != 0)
			return NOTE_MALFORMED;
		line = (struct text){ line.at + dash.len, line.len - dash.len };
		if (!cut(&line, ' ', &signer))
			return NOTE_MALFORMED;
		if (!text_equal(signer, text_from(key->origin)) || !from_base64(line, bytes, sizeof bytes) ||
		    memcmp(bytes, name, sizeof name) != 0)
			continue;
		return crypto_sign_ed25519_verify_detached(bytes + KEY_NAME_BYTES, (const uint8_t *)body.at, body.len,
							   key->public) == 0 ? NOTE_OK : NOTE_FORGED;
	}
	return lines.len ? NOTE_MALFORMED : NOTE_UNSIGNED;
}

enum note_fault note_open(const struct note_key *key, struct text text, struct checkpoint *ret_checkpoint)
{
	const char *gap = text.len ? memmem(text.at, text.len, "\n\n", 2) : NULL;
	struct checkpoint checkpoint;
	struct text body, origin;
	enum note_fault fault;

	if (!gap)
		return NOTE_MALFORMED;
	body = (struct text){ text.at, (size_t)(gap - text.at) + 1 };
	if (!parse_body(body, &origin, &checkpoint))
		return NOTE_MALFORMED;
	if (!text_equal(origin, text_from(key->origin)))
		return NOTE_ORIGIN;
	fault = check_signatures(key, body, (struct text){ gap + 2, text.len - body.len - 1 });
	if (fault == NOTE_OK)
		*ret_checkpoint = checkpoint;
	return fault;
}

const char *note_fault_meaning(enum note_fault fault)
{
	switch (fault) {
	case NOTE_OK:
		return "a checkpoint of this log";
	case NOTE_MALFORMED:
		return "not a checkpoint";
	case NOTE_UNREADABLE:
		return "it could not be read";
	case NOTE_ORIGIN:
		return "a checkpoint of another log";
	case NOTE_UNSIGNED:
		return "not signed by this log's key";
	case NOTE_FORGED:
		return "its signature is not by this log's key, or its text was changed";
	}
	return "not a checkpoint";
}
