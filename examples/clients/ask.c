/* SPDX-License-Identifier: EUPL-1.2 */
/* May this user read this document? Asks rkod over a Unix socket: ask SOCKET USER DOCUMENT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <jansson.h>

struct text {
	char at[65536];
	size_t len;
};

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
	struct text *text = context;

	if (size * count > sizeof text->at - text->len)
		return 0;
	memcpy(text->at + text->len, bytes, size * count);
	text->len += size * count;
	return size * count;
}

/* 1 only for status 200 with "decision": true; whatever goes wrong is a no. */
static int may(CURL *curl, const char *socket_path, const char *question)
{
	static struct text answer;
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	long status = 0;
	json_t *json = NULL;
	int permitted = 0;

	answer.len = 0;
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
	curl_easy_setopt(curl, CURLOPT_URL, "http://localhost/access/v1/evaluation");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 3000L);
	if (curl_easy_perform(curl) == CURLE_OK && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
	    status == 200)
		json = json_loadb(answer.at, answer.len, JSON_REJECT_DUPLICATES, NULL);
	permitted = json_is_true(json_object_get(json, "decision"));
	json_decref(json);
	curl_slist_free_all(headers);
	return permitted;
}

int main(int argc, char **argv)
{
	CURL *curl;
	json_t *question;
	char *text = NULL;
	int permitted = 0;

	if (argc != 4)
		return 2;
	question = json_pack("{s:{s:s, s:s, s:{s:s, s:s, s:s, s:s}}, s:{s:s}, s:{s:s, s:s, s:{s:s}}, s:{s:s, s:s, s:s}}",
			     "subject", "type", "user", "id", argv[2], "properties", "unit", "kukkakoti_u1", "work_task",
			     "priv_implementation", "identification", "professional_card", "system", "x_jarjestelma",
			     "action", "name", "read", "resource", "type", "document", "id", argv[3], "properties", "client",
			     "liisa", "context", "register", "ekhva", "purpose", "service", "channel", "kanta");
	text = question ? json_dumps(question, JSON_COMPACT) : NULL;
	curl = curl_easy_init();
	if (text && curl)
		permitted = may(curl, argv[1], text);
	puts(permitted ? "yes" : "no");
	curl_easy_cleanup(curl);
	free(text);
	json_decref(question);
	return !permitted;
}
