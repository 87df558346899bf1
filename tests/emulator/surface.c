/* Each function of aicredits_emulator.h: its results, its errors, and NULL. */

#define _POSIX_C_SOURCE 200809L

#include "../c/check.h"
#include "http.h"

#include <aicredits_emulator.h>
#include <string.h>

static int same(const char *text, const char *expected) {
    return text != NULL && strcmp(text, expected) == 0;
}

/* Runs an action, and returns the reply in place of an earlier one. */
static int32_t run(const aicredits_emulator *emulator, const char *action, const char *request,
                   aicredits_emulator_reply **reply) {
    aicredits_emulator_reply_free(*reply);
    return aicredits_emulator_control(emulator, action, request, reply);
}

static int64_t integer(const aicredits_emulator_reply *reply, const char *pointer) {
    int64_t value = -1;

    CHECK(aicredits_emulator_reply_integer(reply, pointer, &value));
    return value;
}

static aicredits_emulator *started(const char *options) {
    aicredits_emulator *emulator = NULL;
    aicredits_emulator_reply *reply = (aicredits_emulator_reply *)1;

    CHECK(aicredits_emulator_start(options, &emulator, &reply) == 0);
    CHECK(emulator != NULL && reply == NULL);
    return emulator;
}

static void starting(void) {
    aicredits_emulator *emulator = (aicredits_emulator *)1;
    aicredits_emulator_reply *reply = NULL;
    char taken[64];

    CHECK(aicredits_emulator_start("{\"scenario\":\"no such\"}", &emulator, &reply) == 404);
    CHECK(emulator == NULL);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/code", NULL), "unknown_scenario"));
    aicredits_emulator_reply_free(reply);
    CHECK(aicredits_emulator_start("{\"colour\":1}", &emulator, &reply) == 400 && emulator == NULL);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/pointer", NULL), "/colour"));
    aicredits_emulator_reply_free(reply);
    CHECK(aicredits_emulator_start("[", &emulator, NULL) == 400 && emulator == NULL);
    CHECK(aicredits_emulator_start("\xff", &emulator, &reply) == 400 && emulator == NULL);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/message", NULL), "options is not UTF-8"));
    aicredits_emulator_reply_free(reply);
    CHECK(aicredits_emulator_start(NULL, NULL, &reply) == 400);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/message", NULL), "emulator is NULL"));
    aicredits_emulator_reply_free(reply);

    /* A port that another emulator has. */
    emulator = started(NULL);
    snprintf(taken, sizeof taken, "{\"port\":%s}", strrchr(aicredits_emulator_setting(emulator, "url", NULL), ':') + 1);
    {
        aicredits_emulator *other = NULL;

        CHECK(aicredits_emulator_start(taken, &other, &reply) == 500 && other == NULL);
        CHECK(aicredits_emulator_reply_text(reply, "/error/message", NULL) != NULL);
        aicredits_emulator_reply_free(reply);
    }
    aicredits_emulator_free(emulator);
}

static void settings(void) {
    aicredits_emulator *emulator = started("{\"tls\":true}");
    size_t length = 7;

    CHECK(strncmp(aicredits_emulator_setting(emulator, "url", &length), "https://", 8) == 0);
    CHECK(length == strlen(aicredits_emulator_setting(emulator, "url", NULL)));
    CHECK(strncmp(aicredits_emulator_setting(emulator, "api_key", NULL), "IST.", 4) == 0);
    CHECK(aicredits_emulator_setting(emulator, "site_key", NULL) != NULL);
    CHECK(aicredits_emulator_setting(emulator, "account_id", NULL) != NULL);
    CHECK(aicredits_emulator_setting(emulator, "site_id", NULL) != NULL);
    CHECK(strstr(aicredits_emulator_setting(emulator, "ca_pem", NULL), "BEGIN CERTIFICATE") != NULL);
    CHECK(aicredits_emulator_setting(emulator, "colour", &length) == NULL && length == 0);
    CHECK(aicredits_emulator_setting(emulator, NULL, &length) == NULL && length == 0);
    CHECK(aicredits_emulator_setting(NULL, "url", &length) == NULL && length == 0);
    aicredits_emulator_free(emulator);

    emulator = started("{\"scenario\":{\"version\":1}}");
    CHECK(aicredits_emulator_setting(emulator, "api_key", &length) == NULL && length == 0);
    CHECK(aicredits_emulator_setting(emulator, "ca_pem", NULL) == NULL);
    aicredits_emulator_free(emulator);
}

static void controlling(void) {
    aicredits_emulator *emulator = started(NULL);
    aicredits_emulator_reply *reply = NULL;

    CHECK(run(emulator, "spend", "{\"cost\":5}", &reply) == 200);
    CHECK(integer(reply, "/cost") == 5 && integer(reply, "/drawn/0/amount") == 5 && integer(reply, "/repeated") == 0);
    CHECK(aicredits_emulator_reply_count(reply, "/drawn") == 1);
    CHECK(run(emulator, "spend", "{\"cost\":5000}", &reply) == 409);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/code", NULL), "insufficient"));
    CHECK(integer(reply, "/spendable") == 1045);
    CHECK(run(emulator, "spend", "{\"cost\":\"five\"}", &reply) == 400);
    CHECK(run(emulator, "fly", NULL, &reply) == 404);
    CHECK(run(emulator, "clock", NULL, &reply) == 200);
    CHECK(same(aicredits_emulator_reply_text(reply, "/mode", NULL), "frozen"));
    CHECK(run(emulator, "wait", "{\"requests\":1,\"timeout_ms\":1}", &reply) == 200);
    CHECK(integer(reply, "/reached") == 0 && integer(reply, "/total") == 0);
    CHECK(aicredits_emulator_control(emulator, "mark", "", NULL) == 200);

    CHECK(run(NULL, "spend", NULL, &reply) == 400);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/message", NULL), "emulator is NULL"));
    CHECK(run(emulator, NULL, NULL, &reply) == 400);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/message", NULL), "action is NULL"));
    CHECK(run(emulator, "\xff", NULL, &reply) == 400);
    CHECK(run(emulator, "spend", "\xff", &reply) == 400);
    CHECK(same(aicredits_emulator_reply_text(reply, "/error/message", NULL), "request is not UTF-8"));
    aicredits_emulator_reply_free(reply);
    aicredits_emulator_free(emulator);
}

/* A scenario may be longer than any other text: 1,000 allocations with 10 rules have more than 1 MiB. */
static void a_large_request(void) {
    aicredits_emulator *emulator = started(NULL);
    aicredits_emulator_reply *state = NULL, *again = NULL;
    char *options = malloc(1 << 21), *end = options, *request;
    size_t length = 0;
    int allocation, rule;

    end += sprintf(end, "{\"scenario\":{\"version\":1,\"accounts\":[{\"account\":\"a\",\"allocations\":[");
    for (allocation = 0; allocation < 1000; allocation++) {
        end += sprintf(end, "%s{\"allocation\":\"monthly-%d\",\"rules\":[", allocation > 0 ? "," : "", allocation);
        for (rule = 0; rule < 10; rule++) {
            end += sprintf(end,
                           "%s{\"period\":\"MONTH\",\"cap\":1000000000000,\"balance\":1000000000000,"
                           "\"reset_date\":\"2027-01-01T00:00:00Z\"}",
                           rule > 0 ? "," : "");
        }
        end += sprintf(end, "]}");
    }
    sprintf(end, "]}]}}");
    aicredits_emulator_free(emulator);
    emulator = started(options);
    free(options);
    CHECK(aicredits_emulator_control(emulator, "state", NULL, &state) == 200);
    CHECK(aicredits_emulator_reply_count(state, "/accounts/0/allocations") == 1000);
    request = malloc(strlen(aicredits_emulator_reply_json(state, &length)) + 64);
    CHECK(length > 1 << 20);
    sprintf(request, "{\"scenario\":%s}", aicredits_emulator_reply_json(state, NULL));
    CHECK(aicredits_emulator_control(emulator, "reset", request, &again) == 200);
    CHECK(aicredits_emulator_reply_count(again, "/accounts/0/allocations/999/rules") == 10);
    free(request);
    aicredits_emulator_reply_free(state);
    aicredits_emulator_reply_free(again);
    aicredits_emulator_free(emulator);
}

static void reading(void) {
    aicredits_emulator *emulator = started(NULL);
    aicredits_emulator_reply *reply = NULL;
    const char *json;
    size_t length = 0;
    int64_t value = 7;

    CHECK(run(emulator, "account", "{\"account\":\"a\",\"label\":\"S\\u0000h/o~p\"}", &reply) == 200);
    CHECK(run(emulator, "state", NULL, &reply) == 200);
    /* An emulator may go before its replies. */
    aicredits_emulator_free(emulator);
    json = aicredits_emulator_reply_json(reply, &length);
    CHECK(length == strlen(json) && json == aicredits_emulator_reply_json(reply, NULL));
    CHECK(same(aicredits_emulator_reply_text(reply, "/accounts/1/account", NULL), "a"));
    /* A text may have a NUL, so it has a length. The same text is at the same address. */
    CHECK(memcmp(aicredits_emulator_reply_text(reply, "/accounts/1/label", &length), "S\0h/o~p", 8) == 0
          && length == 7);
    CHECK(aicredits_emulator_reply_text(reply, "/url", NULL) == aicredits_emulator_reply_text(reply, "/url", NULL));
    CHECK(integer(reply, "/version") == 1 && integer(reply, "/keys/0/revoked") == 0);
    CHECK(aicredits_emulator_reply_integer(reply, "/version", NULL));

    /* Not there, or something else. */
    CHECK(!aicredits_emulator_reply_integer(reply, "/url", &value) && value == 0);
    CHECK(!aicredits_emulator_reply_integer(reply, "/limit", NULL));
    CHECK(aicredits_emulator_reply_text(reply, "/version", &length) == NULL && length == 0);
    CHECK(aicredits_emulator_reply_text(reply, "/accounts/9/account", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "/accounts/01/account", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "/accounts/-/account", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "/accounts/+1/account", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "/accounts/18446744073709551617/account", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "url", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "/url/", NULL) == NULL);
    CHECK(aicredits_emulator_reply_text(reply, "/~2", NULL) == NULL
          && aicredits_emulator_reply_text(reply, "/~", NULL) == NULL);
    CHECK(aicredits_emulator_reply_count(reply, "") > 8 && aicredits_emulator_reply_count(reply, "/accounts") == 2);
    CHECK(aicredits_emulator_reply_count(reply, "/url") == 0 && aicredits_emulator_reply_count(reply, "/none") == 0);

    CHECK(aicredits_emulator_reply_json(NULL, &length) == NULL && length == 0);
    CHECK(!aicredits_emulator_reply_integer(NULL, "/version", &value)
          && !aicredits_emulator_reply_integer(reply, NULL, &value));
    CHECK(aicredits_emulator_reply_text(NULL, "", NULL) == NULL
          && aicredits_emulator_reply_text(reply, NULL, NULL) == NULL);
    CHECK(aicredits_emulator_reply_count(NULL, "") == 0 && aicredits_emulator_reply_count(reply, NULL) == 0);
    CHECK(aicredits_emulator_reply_text(reply, "\xff", NULL) == NULL);
    aicredits_emulator_reply_free(reply);
    aicredits_emulator_reply_free(NULL);
    aicredits_emulator_free(NULL);
}

static void judging(void) {
    aicredits_emulator *emulator = started(NULL);
    aicredits_emulator_reply *text = NULL, *reply = NULL;
    const char *key = aicredits_emulator_setting(emulator, "api_key", NULL);
    const char *url = aicredits_emulator_setting(emulator, "url", NULL);
    const char *account = aicredits_emulator_setting(emulator, "account_id", NULL);
    char headers[256], leaking[512];

    snprintf(headers, sizeof headers, "Authorization: %s\r\nwix-account-id: %s\r\n", key, account);
    CHECK(post(url, BALANCE, headers, "{}") == 200);
    CHECK(post(url, PAID_ACTION, headers, "{\"cost\":5}") == 200);
    CHECK(aicredits_emulator_verdict(emulator, NULL, &text) == 0 && text == NULL);
    /* A key in a URL ends in logs. */
    snprintf(leaking, sizeof leaking, "%s?key=%s", BALANCE, key);
    (void)post(url, leaking, headers, "{}");
    CHECK(aicredits_emulator_verdict(emulator, NULL, &text) == 1);
    CHECK(strstr(aicredits_emulator_reply_text(text, "", NULL), "key_outside_header") != NULL);
    CHECK(strstr(aicredits_emulator_reply_text(text, "", NULL), key) == NULL);
    aicredits_emulator_reply_free(text);
    CHECK(aicredits_emulator_verdict(emulator, "{\"allow\":[\"key_outside_header\"]}", &text) == 0 && text == NULL);
    CHECK(aicredits_emulator_verdict(emulator, NULL, NULL) == 1);

    CHECK(aicredits_emulator_verdict(emulator, "{\"allow\":[\"rudeness\"]}", &text) == -1);
    CHECK(strstr(aicredits_emulator_reply_text(text, "", NULL), "/allow/0") != NULL);
    aicredits_emulator_reply_free(text);
    CHECK(aicredits_emulator_verdict(NULL, NULL, &text) == -1);
    CHECK(same(aicredits_emulator_reply_text(text, "", NULL), "emulator is NULL"));
    aicredits_emulator_reply_free(text);

    CHECK(run(emulator, "journal", "{\"route\":\"balance\"}", &reply) == 200);
    CHECK(aicredits_emulator_reply_count(reply, "/requests") == 2 && integer(reply, "/total") == 3);
    CHECK(integer(reply, "/requests/0/status") == 200);
    CHECK(strstr(aicredits_emulator_reply_json(reply, NULL), key) == NULL);
    aicredits_emulator_reply_free(reply);
    aicredits_emulator_free(emulator);
}

int main(void) {
    starting();
    settings();
    controlling();
    a_large_request();
    reading();
    judging();
    return checked();
}
