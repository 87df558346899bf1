/* Sets each setting wrong, and checks what the header promises of owners, failures and absence. The URL of a server
 * that refuses connections is the one argument. */

#define _POSIX_C_SOURCE 200809L

#include <aicredits.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"

static const char REPLY[] =
    "{\"periodicCredits\":{\"balance\":850},\"creditBalanceBreakdown\":[{\"usageRules\":[{\"cap\":1}]}]}";

static int destroyed;

static void destroy(void *user) {
    CHECK(user == &destroyed);
    destroyed++;
}

static void credential(void *user, aicredits_credential *answer) {
    (void)user;
    aicredits_credential_set_authorization(answer, "Bearer token");
}

/* The status and the message of making a client; frees what it makes. */
static void makes(aicredits_config *config, aicredits_status expected, const char *named) {
    aicredits_client *client = (aicredits_client *)config;
    aicredits_error *error = (aicredits_error *)config;
    aicredits_status status = aicredits_client_new(config, &client, &error);

    CHECK(status == expected);
    CHECK((client != NULL) == (status == AICREDITS_STATUS_OK));
    CHECK((error != NULL) == (status != AICREDITS_STATUS_OK));
    if (error != NULL) {
        size_t length;
        const char *message = aicredits_error_message(error, &length);
        CHECK(strlen(message) == length && strncmp(message, named, strlen(named)) == 0);
        CHECK(aicredits_error_status(error) == status && aicredits_error_scope(error) == NULL);
        if (strncmp(message, named, strlen(named)) != 0) {
            printf("%s: %s\n", named, message);
        }
    }
    aicredits_client_free(client);
    aicredits_error_free(error);
}

static aicredits_config *good_config(const char *url) {
    aicredits_config *config = aicredits_config_new();
    aicredits_config_set_api_key(config, "IST.key");
    aicredits_config_set_account_id(config, "account");
    aicredits_config_set_base_url(config, url);
    aicredits_config_set_max_retries(config, 0);
    return config;
}

static void reports_its_limits(const aicredits_config *config, uint64_t timeout_ms, uint32_t max_concurrency) {
    aicredits_client *client = NULL;
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_client_timeout_ms(client) == timeout_ms);
    CHECK(aicredits_client_max_concurrency(client) == max_concurrency);
    CHECK(aicredits_client_scope(client)->kind == AICREDITS_SCOPE_ACCOUNT);
    aicredits_client_free(client);
}

#define WRONG(named, ...) \
    do { \
        aicredits_config *config = good_config(url); \
        __VA_ARGS__; \
        makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, named); \
        aicredits_config_free(config); \
    } while (0)

/* For language bindings: the names are the other language's, those of a call too. */
static void another_surface_has_other_names(const char *url) {
    aicredits_config *config = good_config(url);
    aicredits_call *call = aicredits_call_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    aicredits_config_set_surface(config, 99);
    makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, "surface is no AICREDITS_SURFACE_ constant");
    aicredits_config_set_surface(config, AICREDITS_SURFACE_GO);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    aicredits_call_set_account_id(call, NULL);
    CHECK(aicredits_client_get_balance(client, call, &balance, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(strcmp(aicredits_error_message(error, NULL), "ForAccount is NULL") == 0);
    aicredits_error_free(error);
    aicredits_config_set_ca_file(config, "/nowhere");
    makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, "WithCAFile cannot be read");
    aicredits_config_set_api_key(config, NULL);
    makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, "WithAPIKey is NULL");
    aicredits_config_set_surface(config, AICREDITS_SURFACE_CPP);
    makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, "api_key is NULL");
    aicredits_config_set_surface(config, AICREDITS_SURFACE_C);
    makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, "api_key is NULL");
    aicredits_call_free(call);
    aicredits_client_free(client);
    aicredits_config_free(config);
}

static void wrong_settings_are_named(const char *url) {
    aicredits_config *config = good_config(url);
    makes(config, AICREDITS_STATUS_OK, "");
    reports_its_limits(config, 35000, 64);
    aicredits_config_set_timeout_ms(config, 7);
    aicredits_config_set_max_concurrency(config, 3);
    reports_its_limits(config, 7, 3);
    makes(NULL, AICREDITS_STATUS_INVALID_ARGUMENT, "config is NULL");
    CHECK(aicredits_client_new(config, NULL, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_config_free(config);

    WRONG("api_key is empty", aicredits_config_set_api_key(config, ""));
    WRONG("credential_provider is NULL", aicredits_config_set_credential_provider(config, NULL, &destroyed, destroy));
    CHECK(destroyed == 1);
    WRONG("scope cannot be left", aicredits_config_set_credential_scope(config));
    WRONG("base_url is http to another machine", aicredits_config_set_base_url(config, "http://wix.example"));
    WRONG("timeout ", aicredits_config_set_timeout_ms(config, 0));
    WRONG("timeout ", aicredits_config_set_timeout_ms(config, UINT64_MAX));
    WRONG("max_reply_bytes ", aicredits_config_set_max_reply_bytes(config, 0));
    WRONG("max_retries ", aicredits_config_set_max_retries(config, 11));
    WRONG("max_concurrency ", aicredits_config_set_max_concurrency(config, 0));
    WRONG("ca_file ", aicredits_config_set_ca_file(config, "/nowhere"));
    WRONG("ca_file cannot be read (red\\u{1b}[31m: it has control",
          aicredits_config_set_ca_file(config, "red\x1b[31m"));
    WRONG("ca_pem ", aicredits_config_set_ca_pem(config, NULL, 0));
    WRONG("ca_pem ", aicredits_config_set_ca_pem(config, "no PEM", 6));
    WRONG("proxy ", aicredits_config_set_proxy(config, "socks5://proxy.example"));
    WRONG("name ", aicredits_config_set_name(config, "two\nlines"));
    /* Of several, the one that comes first in the header. */
    WRONG("api_key is NULL", aicredits_config_set_base_url(config, NULL); aicredits_config_set_api_key(config, NULL));

    /* A later correct setting replaces a wrong one. */
    config = good_config(url);
    aicredits_config_set_api_key(config, NULL);
    aicredits_config_set_credential_provider(config, credential, &destroyed, destroy);
    aicredits_config_set_site_id(config, NULL);
    aicredits_config_set_credential_scope(config);
    makes(config, AICREDITS_STATUS_OK, "");
    CHECK(destroyed == 1);
    aicredits_config_free(config);
    CHECK(destroyed == 2);
    aicredits_config_set_credential_provider(NULL, credential, &destroyed, destroy);
    CHECK(destroyed == 3);
}

/* The answer of a provider, and the result of its call. */
typedef struct {
    void (*answer)(aicredits_credential *credential);
    aicredits_status status;
    const char *told;
} provider_case;

static void with_a_value(aicredits_credential *credential) {
    aicredits_credential_set_failure(credential, "the last answer wins");
    aicredits_credential_set_authorization(credential, "Bearer token");
}

static void with_null(aicredits_credential *credential) {
    aicredits_credential_set_authorization(credential, NULL);
}

static void with_no_utf8(aicredits_credential *credential) {
    aicredits_credential_set_authorization(credential, "\xff\xfe");
}

static void with_a_failure(aicredits_credential *credential) {
    aicredits_credential_set_failure(credential, "the vault is shut");
}

static void with_a_failure_of_any_bytes(aicredits_credential *credential) {
    aicredits_credential_set_failure(credential, "the vault is \xff shut");
}

static void with_no_reason(aicredits_credential *credential) {
    aicredits_credential_set_failure(credential, NULL);
}

static void with_nothing(aicredits_credential *credential) {
    (void)credential;
}

static void answer(void *user, aicredits_credential *credential) {
    ((const provider_case *)user)->answer(credential);
}

static void providers_answer(const char *url) {
    static const provider_case all[] = {
        {with_a_value, AICREDITS_STATUS_NETWORK, "refused"},
        {with_null, AICREDITS_STATUS_UNAUTHORIZED, "NULL"},
        {with_no_utf8, AICREDITS_STATUS_UNAUTHORIZED, "UTF-8"},
        {with_a_failure, AICREDITS_STATUS_UNAUTHORIZED, "the vault is shut"},
        {with_a_failure_of_any_bytes, AICREDITS_STATUS_UNAUTHORIZED, "the vault is \xef\xbf\xbd shut"},
        {with_no_reason, AICREDITS_STATUS_UNAUTHORIZED, "without a reason"},
        {with_nothing, AICREDITS_STATUS_UNAUTHORIZED, "no answer"},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        aicredits_config *config = good_config(url);
        aicredits_client *client = NULL;
        aicredits_balance *balance = NULL;
        aicredits_error *error = NULL;

        aicredits_config_set_credential_provider(config, answer, (void *)&all[i], NULL);
        CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
        CHECK(aicredits_client_get_balance(client, NULL, &balance, &error) == all[i].status);
        CHECK(strstr(aicredits_error_message(error, NULL), all[i].told) != NULL);
        CHECK(aicredits_error_scope(error)->kind == AICREDITS_SCOPE_ACCOUNT);
        CHECK(aicredits_error_is_transient(error) == (all[i].status == AICREDITS_STATUS_NETWORK));
        aicredits_error_free(error);
        aicredits_client_free(client);
        aicredits_config_free(config);
    }
}

static int64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void calls_end(const char *url) {
    aicredits_config *config = good_config(url);
    aicredits_call *call = aicredits_call_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = (aicredits_error *)config;

    CHECK(aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK && error == NULL);
    aicredits_call_set_credential_scope(call);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_set_account_id(call, NULL);
    aicredits_call_set_account_id(call, "account");
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    aicredits_call_set_timeout_ms(call, 0);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_set_timeout_ms(call, 10000);
    aicredits_call_set_start_ns(call, INT64_MAX);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    /* As much before now as the timeout is long, so that no time is left. */
    aicredits_call_set_start_ns(call, monotonic_ns() - 10000000000);
    CHECK(aicredits_client_get_balance(client, call, &balance, &error) == AICREDITS_STATUS_TIMEOUT);
    CHECK(strstr(aicredits_error_message(error, NULL), "timed out after 10 s, all of it waiting") != NULL);
    aicredits_error_free(error);
    aicredits_call_set_process_limit(NULL, 7);
    aicredits_call_set_process_limit(call, 7);
    CHECK(aicredits_client_get_balance(client, call, &balance, &error) == AICREDITS_STATUS_TIMEOUT);
    CHECK(strstr(aicredits_error_message(error, NULL), "one of the 7 calls that a process makes at once") != NULL);
    aicredits_error_free(error);
    aicredits_call_set_start_ns(NULL, 0);
    aicredits_call_set_start_ns(call, INT64_MAX);
    /* A deadline that has passed, one that is far away, and one that no clock reaches. */
    aicredits_call_set_deadline_ns(NULL, 0);
    aicredits_call_set_deadline_ns(call, INT64_MIN);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_TIMEOUT);
    aicredits_call_set_deadline_ns(call, monotonic_ns() - 1);
    CHECK(aicredits_client_get_balance(client, call, &balance, &error) == AICREDITS_STATUS_TIMEOUT);
    CHECK(strstr(aicredits_error_message(error, NULL), "the deadline had passed before the call started") != NULL);
    aicredits_error_free(error);
    aicredits_call_set_deadline_ns(call, monotonic_ns() + 10000000000);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    aicredits_call_set_deadline_ns(call, INT64_MAX);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_NETWORK);

    aicredits_call_cancel(call);
    aicredits_call_expire(call);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_CANCELLED);
    aicredits_call_free(call);
    call = aicredits_call_new();
    aicredits_call_expire(NULL);
    aicredits_call_expire(call);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_TIMEOUT);
    aicredits_client_close(client);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_CLOSED);
    CHECK(balance == NULL);

    aicredits_client_free(client);
    aicredits_call_free(call);
    aicredits_config_free(config);
}

static void stored_replies(void) {
    aicredits_balance *balance = NULL, *other;
    aicredits_error *error = NULL;
    size_t count, length;
    const aicredits_credit_balance *sources;
    const char *text;

    CHECK(aicredits_balance_from_json(NULL, 1, &balance, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(!aicredits_error_is_transient(error) && !aicredits_error_is_transient(NULL));
    aicredits_error_free(error);
    CHECK(aicredits_balance_from_json(NULL, 0, &balance, NULL) == AICREDITS_STATUS_DECODE);
    CHECK(aicredits_balance_from_json(REPLY, strlen(REPLY), NULL, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(aicredits_balance_from_json("{}x", 2, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_periodic_credits(balance) == NULL && *aicredits_balance_available(balance) == 0);
    CHECK(aicredits_balance_is_recognized(balance) && !aicredits_balance_is_recognized(NULL));
    CHECK(aicredits_balance_credit_balance_breakdown(balance, &count) == NULL && count == 0);
    aicredits_balance_free(balance);

    CHECK(aicredits_balance_from_json(REPLY, strlen(REPLY), &balance, &error) == AICREDITS_STATUS_OK && error == NULL);
    other = aicredits_balance_ref(balance);
    CHECK(other == balance);
    aicredits_balance_free(balance);
    CHECK(strcmp(aicredits_balance_json(other, &length), REPLY) == 0 && length == strlen(REPLY));
    text = aicredits_balance_text(other, &length);
    CHECK(strcmp(text, "recurring: 850 of unknown\ntop-up: none\nno subscription\n  unknown: unknown of 1") == 0);
    CHECK(strlen(text) == length && aicredits_balance_text(other, NULL) == text);
    CHECK(aicredits_balance_periodic_credits(other)->present == AICREDITS_HAS_BALANCE);
    CHECK(aicredits_balance_periodic_credits(other)->balance == 850);
    CHECK(*aicredits_balance_available(other) == 850);
    CHECK(aicredits_balance_scope(other) == NULL && aicredits_balance_fetched_at(other) == NULL);
    CHECK(aicredits_balance_request_id(other, NULL) == NULL && aicredits_balance_server_date(other) == NULL);
    sources = aicredits_balance_credit_balance_breakdown(other, &count);
    CHECK(count == 1 && sources[0].present == 0 && sources[0].subscription_id == NULL);
    CHECK(sources[0].usage_rule_count == 1 && sources[0].usage_rules[0].present == AICREDITS_HAS_CAP);
    CHECK(sources[0].usage_rules[0].period_name == NULL && sources[0].usage_rules[0].cap == 1);
    aicredits_balance_free(other);
}

/* A stored reply and its times. */
static void stored_times(void) {
    const aicredits_timestamp fetched = {1782259201, 5, 0}, server = {1782259200, 0, 0}, wrong = {0, 1000000000, 0};
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;
    size_t length = strlen(REPLY);

    CHECK(aicredits_balance_from_json_at(REPLY, length, &fetched, &server, &balance, &error) == AICREDITS_STATUS_OK
          && error == NULL);
    CHECK(aicredits_balance_fetched_at(balance)->unix_seconds == 1782259201
          && aicredits_balance_fetched_at(balance)->nanoseconds == 5);
    CHECK(aicredits_balance_server_date(balance)->unix_seconds == 1782259200
          && aicredits_balance_scope(balance) == NULL);
    aicredits_balance_free(balance);
    CHECK(aicredits_balance_from_json_at(REPLY, length, NULL, NULL, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_fetched_at(balance) == NULL && aicredits_balance_server_date(balance) == NULL);
    aicredits_balance_free(balance);
    CHECK(aicredits_balance_from_json_at(REPLY, length, NULL, &wrong, &balance, &error)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(balance == NULL && strstr(aicredits_error_message(error, NULL), "server_date is not an instant") != NULL);
    aicredits_error_free(error);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    errno = EXDEV;
    CHECK(strcmp(aicredits_version(), AICREDITS_VERSION) == 0);
    wrong_settings_are_named(argv[1]);
    another_surface_has_other_names(argv[1]);
    providers_answer(argv[1]);
    calls_end(argv[1]);
    stored_replies();
    stored_times();
    CHECK(errno == EXDEV);
    return checked();
}
