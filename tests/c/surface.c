/* Calls every function with NULL at each of its pointers, sets each setting wrong, and checks what the header promises
 * of that. No call of it leaves this machine. */

#include <aicredits.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

static const char BAD_UTF8[] = "\xff\xfe";
static const char REPLY[] = "{\"periodicCredits\":{\"balance\":850},\"creditBalanceBreakdown\":[{\"usageRules\":[{\"cap\":1}]}]}";

static int destroyed;

static void destroy(void *user) {
    CHECK(user == &destroyed);
    destroyed++;
}

static void supply(void *user, aicredits_supply *answer) {
    (void)user;
    aicredits_supply_value(answer, "Bearer token");
}

static void null_to_what_is_freed(void) {
    aicredits_config_free(NULL);
    aicredits_call_free(NULL);
    aicredits_client_free(NULL);
    aicredits_balance_free(NULL);
    aicredits_error_free(NULL);
    aicredits_client_close(NULL);
    aicredits_call_cancel(NULL);
}

static void null_to_setters(void) {
    aicredits_config_set_api_key(NULL, "x");
    aicredits_config_set_authorization(NULL, "x");
    aicredits_config_set_credential_supplier(NULL, supply, NULL, NULL);
    aicredits_config_set_account_id(NULL, "x");
    aicredits_config_set_site_id(NULL, "x");
    aicredits_config_set_account_and_site_ids(NULL, "x", "x");
    aicredits_config_set_credential_scope(NULL);
    aicredits_config_set_base_url(NULL, "x");
    aicredits_config_set_allow_insecure_http(NULL, 1);
    aicredits_config_set_timeout_ms(NULL, 1);
    aicredits_config_set_max_reply_bytes(NULL, 1);
    aicredits_config_set_max_retries(NULL, 1);
    aicredits_config_set_ca_file(NULL, "x");
    aicredits_config_set_ca_pem(NULL, "x", 1);
    aicredits_config_set_proxy(NULL, "x");
    aicredits_config_set_proxy_from_env(NULL, 1);
    aicredits_config_set_name(NULL, "x");
    aicredits_config_from_env(NULL);
    aicredits_call_set_account_id(NULL, "x");
    aicredits_call_set_site_id(NULL, "x");
    aicredits_call_set_account_and_site_ids(NULL, "x", "x");
    aicredits_call_set_credential_scope(NULL);
    aicredits_call_set_timeout_ms(NULL, 1);
    aicredits_supply_value(NULL, NULL);
    aicredits_supply_failure(NULL, NULL);
}

static void null_to_accessors(void) {
    size_t length = 7;

    CHECK(aicredits_balance_ref(NULL) == NULL);
    CHECK(aicredits_balance_periodic_credits(NULL) == NULL);
    CHECK(aicredits_balance_top_up_credits(NULL) == NULL);
    CHECK(aicredits_balance_credit_balance_breakdown(NULL, &length) == NULL && length == 0);
    CHECK(aicredits_balance_credit_balance_breakdown(NULL, NULL) == NULL);
    CHECK(aicredits_balance_available(NULL) == NULL);
    CHECK((length = 7, aicredits_balance_json(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_balance_json(NULL, NULL) == NULL);
    CHECK(aicredits_balance_scope(NULL) == NULL);
    CHECK((length = 7, aicredits_balance_request_id(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_balance_request_id(NULL, NULL) == NULL);
    CHECK(aicredits_balance_fetched_at(NULL) == NULL);
    CHECK(aicredits_balance_server_date(NULL) == NULL);

    CHECK(aicredits_error_status(NULL) == AICREDITS_STATUS_UNEXPECTED);
    CHECK((length = 7, aicredits_error_message(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_error_message(NULL, NULL) == NULL);
    CHECK(aicredits_error_http_status(NULL) == 0);
    CHECK((length = 7, aicredits_error_code(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_error_code(NULL, NULL) == NULL);
    CHECK((length = 7, aicredits_error_description(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_error_description(NULL, NULL) == NULL);
    CHECK((length = 7, aicredits_error_field_violations(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_error_field_violations(NULL, NULL) == NULL);
    CHECK(aicredits_error_scope(NULL) == NULL);
    CHECK((length = 7, aicredits_error_request_id(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_error_request_id(NULL, NULL) == NULL);
    CHECK(aicredits_error_retry_after_ms(NULL) == NULL);
    CHECK((length = 7, aicredits_error_attempts(NULL, &length)) == NULL && length == 0);
    CHECK(aicredits_error_attempts(NULL, NULL) == NULL);
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

static aicredits_config *good_config(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_config_set_api_key(config, "IST.key");
    aicredits_config_set_account_id(config, "account");
    return config;
}

#define WRONG(named, ...) \
    do { \
        aicredits_config *config = good_config(); \
        __VA_ARGS__; \
        makes(config, AICREDITS_STATUS_INVALID_ARGUMENT, named); \
        aicredits_config_free(config); \
    } while (0)

static void wrong_settings_are_named(void) {
    aicredits_config *config = good_config();
    makes(config, AICREDITS_STATUS_OK, "");
    makes(NULL, AICREDITS_STATUS_INVALID_ARGUMENT, "config is NULL");
    CHECK(aicredits_client_new(config, NULL, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_config_free(config);

    WRONG("api_key is NULL", aicredits_config_set_api_key(config, NULL));
    WRONG("api_key is not UTF-8", aicredits_config_set_api_key(config, BAD_UTF8));
    WRONG("api_key is empty", aicredits_config_set_api_key(config, ""));
    WRONG("authorization is NULL", aicredits_config_set_authorization(config, NULL));
    WRONG("authorization is not UTF-8", aicredits_config_set_authorization(config, BAD_UTF8));
    WRONG("credential_supplier is NULL",
          aicredits_config_set_credential_supplier(config, NULL, &destroyed, destroy));
    CHECK(destroyed == 1);
    WRONG("account_id is NULL", aicredits_config_set_account_id(config, NULL));
    WRONG("account_id is not UTF-8", aicredits_config_set_account_id(config, BAD_UTF8));
    WRONG("site_id is NULL", aicredits_config_set_site_id(config, NULL));
    WRONG("site_id is not UTF-8", aicredits_config_set_site_id(config, BAD_UTF8));
    WRONG("account_id is NULL", aicredits_config_set_account_and_site_ids(config, NULL, "site"));
    WRONG("site_id is NULL", aicredits_config_set_account_and_site_ids(config, "account", NULL));
    WRONG("site_id is not UTF-8", aicredits_config_set_account_and_site_ids(config, "account", BAD_UTF8));
    WRONG("scope cannot be left", aicredits_config_set_credential_scope(config));
    WRONG("base_url is NULL", aicredits_config_set_base_url(config, NULL));
    WRONG("base_url is not UTF-8", aicredits_config_set_base_url(config, BAD_UTF8));
    WRONG("timeout ", aicredits_config_set_timeout_ms(config, 0));
    WRONG("timeout ", aicredits_config_set_timeout_ms(config, UINT64_MAX));
    WRONG("max_reply_bytes ", aicredits_config_set_max_reply_bytes(config, 0));
    WRONG("max_retries ", aicredits_config_set_max_retries(config, 11));
    WRONG("ca_file is NULL", aicredits_config_set_ca_file(config, NULL));
    WRONG("ca_file ", aicredits_config_set_ca_file(config, "/nowhere"));
    WRONG("ca_pem is NULL", aicredits_config_set_ca_pem(config, NULL, 1));
    WRONG("ca_pem ", aicredits_config_set_ca_pem(config, NULL, 0));
    WRONG("ca_pem ", aicredits_config_set_ca_pem(config, "no PEM", 6));
    WRONG("proxy is NULL", aicredits_config_set_proxy(config, NULL));
    WRONG("proxy ", aicredits_config_set_proxy(config, "socks5://proxy.example"));
    WRONG("name is NULL", aicredits_config_set_name(config, NULL));
    WRONG("name is not UTF-8", aicredits_config_set_name(config, BAD_UTF8));
    /* Of several, the one that comes first in the header. */
    WRONG("api_key is NULL", aicredits_config_set_base_url(config, NULL); aicredits_config_set_api_key(config, NULL));

    /* What replaces a wrong setting mends it. */
    config = good_config();
    aicredits_config_set_api_key(config, NULL);
    aicredits_config_set_credential_supplier(config, supply, &destroyed, destroy);
    aicredits_config_set_site_id(config, NULL);
    aicredits_config_set_credential_scope(config);
    makes(config, AICREDITS_STATUS_OK, "");
    CHECK(destroyed == 1);
    aicredits_config_free(config);
    CHECK(destroyed == 2);
}

static void calls_refuse_null(void) {
    aicredits_config *config = good_config();
    aicredits_call *call = aicredits_call_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = (aicredits_balance *)config;
    aicredits_error *error = NULL;

    CHECK(aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK && error == NULL);
    CHECK(aicredits_client_get_balance(NULL, NULL, &balance, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(balance == NULL && error != NULL);
    aicredits_error_free(error);
    CHECK(aicredits_client_get_balance(client, NULL, NULL, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);

    aicredits_call_set_account_id(call, NULL);
    CHECK(aicredits_client_get_balance(client, call, &balance, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(strcmp(aicredits_error_message(error, NULL), "account_id is NULL") == 0);
    aicredits_error_free(error);
    aicredits_call_set_site_id(call, NULL);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_set_account_and_site_ids(call, NULL, NULL);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_set_credential_scope(call);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_set_account_id(call, "account");
    aicredits_call_set_timeout_ms(call, 0);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_set_timeout_ms(call, 10000);

    aicredits_call_cancel(call);
    CHECK(aicredits_client_get_balance(client, call, &balance, NULL) == AICREDITS_STATUS_CANCELLED);
    aicredits_client_close(client);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_CLOSED);
    CHECK(balance == NULL);

    aicredits_client_free(client);
    aicredits_call_free(call);
    aicredits_config_free(config);
}

static int records;

static void count(void *user, aicredits_log_level level, const char *message, size_t length) {
    CHECK(user == &records && level >= AICREDITS_LOG_ERROR && level <= AICREDITS_LOG_DEBUG);
    CHECK(strlen(message) == length && strncmp(message, "mine: ", 6) == 0);
    records++;
}

static void log_destroyed(void *user) {
    CHECK(user == &records);
    records = -1;
}

static void records_reach_the_sink(void) {
    aicredits_config *config = good_config();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;

    aicredits_config_set_name(config, "mine");
    aicredits_config_set_base_url(config, "http://127.0.0.1:1");
    aicredits_config_set_max_retries(config, 0);
    aicredits_log_set(AICREDITS_LOG_DEBUG, count, &records, log_destroyed);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    CHECK(records > 0);
    aicredits_log_set(AICREDITS_LOG_DEBUG, NULL, NULL, NULL);
    CHECK(records == -1);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    CHECK(records == -1);
    aicredits_client_free(client);
    aicredits_config_free(config);
}

static void stored_replies(void) {
    aicredits_balance *balance = NULL, *other;
    aicredits_error *error = NULL;
    size_t count, length;
    const aicredits_credit_balance *sources;

    CHECK(aicredits_balance_from_json(NULL, 1, &balance, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_error_free(error);
    CHECK(aicredits_balance_from_json(NULL, 0, &balance, NULL) == AICREDITS_STATUS_DECODE);
    CHECK(aicredits_balance_from_json(REPLY, strlen(REPLY), NULL, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(aicredits_balance_from_json("{}x", 2, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_periodic_credits(balance) == NULL && *aicredits_balance_available(balance) == 0);
    CHECK(aicredits_balance_credit_balance_breakdown(balance, &count) == NULL && count == 0);
    aicredits_balance_free(balance);

    CHECK(aicredits_balance_from_json(REPLY, strlen(REPLY), &balance, &error) == AICREDITS_STATUS_OK && error == NULL);
    other = aicredits_balance_ref(balance);
    CHECK(other == balance);
    aicredits_balance_free(balance);
    CHECK(strcmp(aicredits_balance_json(other, &length), REPLY) == 0 && length == strlen(REPLY));
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

static void names(void) {
    CHECK(strcmp(aicredits_version(), AICREDITS_VERSION) == 0);
    CHECK(strcmp(aicredits_status_name(AICREDITS_STATUS_OK), "OK") == 0);
    CHECK(strcmp(aicredits_status_name(AICREDITS_STATUS_UNEXPECTED), "UNEXPECTED") == 0);
    CHECK(strcmp(aicredits_period_name(AICREDITS_PERIOD_NO_PERIOD), "NO_PERIOD") == 0);
    CHECK(strcmp(aicredits_period_name(AICREDITS_PERIOD_YEAR), "YEAR") == 0);
    CHECK(strcmp(aicredits_phase_name(AICREDITS_PHASE_QUEUE), "QUEUE") == 0);
    CHECK(strcmp(aicredits_phase_name(AICREDITS_PHASE_PAUSE), "PAUSE") == 0);
    for (int32_t odd = -2; odd < 1000; odd += 501) {
        CHECK(odd == 499 || strcmp(aicredits_status_name(odd), "UNKNOWN") == 0);
        CHECK(strcmp(aicredits_period_name(odd), "UNKNOWN") == 0);
        CHECK(strcmp(aicredits_phase_name(odd), "UNKNOWN") == 0);
    }
    CHECK(strcmp(aicredits_status_name(INT32_MIN), "UNKNOWN") == 0);
    CHECK(strcmp(aicredits_period_name(INT32_MAX), "UNKNOWN") == 0);
}

int main(void) {
    errno = EXDEV;
    null_to_what_is_freed();
    null_to_setters();
    null_to_accessors();
    wrong_settings_are_named();
    calls_refuse_null();
    records_reach_the_sink();
    stored_replies();
    names();
    CHECK(errno == EXDEV);
    return checked();
}
