/* environment TASK URL [CA_FILE]: what a client is made from, given as an array or read from the process. The task is
 * given, counts or changes. */

#define _GNU_SOURCE

#include <aicredits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "check.h"

static int is_counting;
static int lookups;

/* Replaces libc's, for the library too. libc itself calls its own function. */
char *getenv(const char *name) {
    size_t length = strlen(name);
    char **entry;
    if (__atomic_load_n(&is_counting, __ATOMIC_SEQ_CST)) {
        printf("getenv(%s)\n", name);
        __atomic_fetch_add(&lookups, 1, __ATOMIC_SEQ_CST);
    }
    for (entry = environ; *entry != NULL; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            return *entry + length + 1;
        }
    }
    return NULL;
}

char *secure_getenv(const char *name) {
    return getenv(name);
}

/* How many variables were read since the last time. */
static int count(void) {
    return __atomic_exchange_n(&lookups, 0, __ATOMIC_SEQ_CST);
}

static aicredits_status get(const aicredits_client *client) {
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;
    aicredits_status status = aicredits_client_get_balance(client, NULL, &balance, &error);
    if (status != AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_error_message(error, NULL));
    }
    aicredits_balance_free(balance);
    aicredits_error_free(error);
    return status;
}

static aicredits_config *https_config(const char *url) {
    aicredits_config *config = aicredits_config_new();
    aicredits_config_set_api_key(config, "IST.key");
    aicredits_config_set_account_id(config, "account");
    aicredits_config_set_base_url(config, url);
    aicredits_config_set_max_retries(config, 0);
    return config;
}

/* Variables are read by two entries alone. SSL_CERT_FILE holds what it did when the client was made. */
static void counts_lookups(const char *url, const char *ca_file) {
    const char *none[] = {NULL};
    aicredits_config *config;
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;

    setenv("SSL_CERT_FILE", ca_file, 1);
    unsetenv("SSL_CERT_DIR");
    is_counting = 1;
    config = https_config(url);
    aicredits_config_set_proxy_from_env(config, 1);
    CHECK(count() == 0);
    aicredits_config_from_env(config);
    CHECK(count() == 4);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    /* SSL_CERT_FILE and SSL_CERT_DIR: a loopback host has no proxy. */
    CHECK(count() == 2);
    setenv("SSL_CERT_FILE", "/nowhere", 1);
    CHECK(get(client) == AICREDITS_STATUS_OK);
    CHECK(get(client) == AICREDITS_STATUS_OK);
    aicredits_client_close(client);
    CHECK(get(client) == AICREDITS_STATUS_CLOSED);
    aicredits_client_free(client);
    CHECK(count() == 0);

    /* With pairs, none at all. */
    aicredits_config_set_environment(config, none);
    aicredits_config_from_env(config);
    aicredits_config_set_base_url(config, "https://192.0.2.1");
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    aicredits_client_free(client);
    aicredits_config_free(config);
    CHECK(count() == 0);

    /* Nor does the thread that looks a name up. */
    config = https_config("https://aicredits.invalid");
    aicredits_config_set_environment(config, none);
    aicredits_config_set_timeout_ms(config, 5000);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    aicredits_config_free(config);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) != AICREDITS_STATUS_OK);
    aicredits_client_free(client);
    CHECK(count() == 0);
    is_counting = 0;
}

enum { CALLERS = 3, CALLS = 20 };

static int is_done;

static void *change_the_environment(void *nothing) {
    char name[32], value[64];
    unsigned round;
    for (round = 0; !__atomic_load_n(&is_done, __ATOMIC_SEQ_CST); round++) {
        /* New names make environ grow and move; the longer values are not found where the shorter ones were. */
        snprintf(name, sizeof name, "AICREDITS_TEST_%u", round % 2000);
        snprintf(value, sizeof value, "%*u", (int)(round % 60), round);
        setenv(name, value, 1);
        if (round % 3 == 0) {
            unsetenv(name);
        }
    }
    return nothing;
}

static void *call_in_thread(void *client) {
    int call;
    for (call = 0; call < CALLS; call++) {
        CHECK(get(client) == AICREDITS_STATUS_OK);
    }
    return NULL;
}

static void calls_while_the_environment_changes(const char *url, const char *ca_file) {
    char variable[512];
    const char *pairs[] = {variable, NULL};
    pthread_t changer, callers[CALLERS];
    aicredits_client *clients[CALLERS];
    int i;

    snprintf(variable, sizeof variable, "SSL_CERT_FILE=%s", ca_file);
    CHECK(pthread_create(&changer, NULL, change_the_environment, NULL) == 0);
    for (i = 0; i < CALLERS; i++) {
        aicredits_config *config = https_config(url);
        aicredits_config_set_environment(config, pairs);
        CHECK(aicredits_client_new(config, &clients[i], NULL) == AICREDITS_STATUS_OK);
        aicredits_config_free(config);
        CHECK(pthread_create(&callers[i], NULL, call_in_thread, clients[i]) == 0);
    }
    for (i = 0; i < CALLERS; i++) {
        pthread_join(callers[i], NULL);
        aicredits_client_free(clients[i]);
    }
    __atomic_store_n(&is_done, 1, __ATOMIC_SEQ_CST);
    pthread_join(changer, NULL);
}

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
    if (argc < 3) {
        return 2;
    }
    if (strcmp(argv[1], "given") == 0) {
        given_pairs_are_read(argv[2]);
        each_call_names_its_scope(argv[2]);
    } else if (strcmp(argv[1], "counts") == 0) {
        counts_lookups(argv[2], argv[3]);
    } else {
        calls_while_the_environment_changes(argv[2], argv[3]);
    }
    return checked();
}
