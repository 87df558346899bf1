/* The environment: what a client is made from, given as an array or read from the process. The task is the first
 * argument, the URL of a server the second. */

#define _GNU_SOURCE

#include "check.h"
#include <aicredits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static aicredits_status make(const char *const *environment, aicredits_client **client) {
    aicredits_config *config = aicredits_config_new();
    aicredits_status status;
    aicredits_config_set_environment(config, environment);
    aicredits_config_from_env(config);
    status = aicredits_client_new(config, client, NULL);
    aicredits_config_free(config);
    return status;
}

static void given_pairs_are_read(const char *url) {
    char base_url[200];
    const char *pairs[] = {"no variable", "WIX_API_KEY=IST.key", "WIX_SITE_ID=", "WIX_ACCOUNT_ID=a=b", base_url, NULL};
    const char *const none[] = {NULL};
    aicredits_client *client = NULL;

    snprintf(base_url, sizeof base_url, "AICREDITS_BASE_URL=%s", url);
    CHECK(make(pairs, &client) == AICREDITS_STATUS_OK);
    CHECK(strcmp(aicredits_client_scope(client)->account_id, "a=b") == 0);
    aicredits_client_free(client);

    /* The process has all of them. */
    setenv("WIX_API_KEY", "IST.key", 1);
    setenv("WIX_ACCOUNT_ID", "account", 1);
    CHECK(make(none, &client) == AICREDITS_STATUS_INVALID_ARGUMENT && client == NULL);
    CHECK(make((const char *const *)environ, &client) == AICREDITS_STATUS_OK);
    aicredits_client_free(client);
    CHECK(make(NULL, &client) == AICREDITS_STATUS_INVALID_ARGUMENT && client == NULL);
}

static void each_call_names_its_scope(const char *url) {
    aicredits_config *config = aicredits_config_new();
    aicredits_call *call = aicredits_call_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    aicredits_config_set_api_key(config, "IST.key");
    aicredits_config_set_account_id(config, "account");
    aicredits_config_set_per_call_scope(config);
    aicredits_config_set_base_url(config, url);
    aicredits_config_set_max_retries(config, 0);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_client_scope(client) == NULL);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(strncmp(aicredits_error_message(error, NULL), "scope is not set", 16) == 0);
    aicredits_error_free(error);
    aicredits_call_set_site_id(call, "site");
    CHECK(aicredits_client_get_balance(client, call, &balance, &error) == AICREDITS_STATUS_NETWORK);
    CHECK(aicredits_error_scope(error)->kind == AICREDITS_SCOPE_SITE);
    aicredits_error_free(error);

    aicredits_client_free(client);
    aicredits_call_free(call);
    aicredits_config_free(config);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    if (strcmp(argv[1], "given") == 0) {
        given_pairs_are_read(argv[2]);
        each_call_names_its_scope(argv[2]);
    }
    return checked();
}
