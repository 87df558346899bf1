/* pthread_cancel() of a thread that is inside the library: it takes effect after the entry returned. */

#define _GNU_SOURCE

#include <aicredits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static aicredits_status status;
static int records, asked, destroyed, returned;

/* Each of these reaches a cancellation point. */
static void log_it(void *user, aicredits_log_level level, const char *message, size_t length) {
    (void)user;
    (void)level;
    (void)message;
    (void)length;
    usleep(1);
    records++;
}

static void provide(void *user, aicredits_credential *credential) {
    (void)user;
    usleep(1);
    aicredits_credential_set_authorization(credential, "canary-key-of-a-test");
    asked++;
}

static void destroy(void *user) {
    (void)user;
    usleep(1);
    destroyed++;
}

static int cancel_state(void) {
    int state = 0;

    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state) == 0);
    CHECK(pthread_setcancelstate(state, NULL) == 0);
    return state;
}

static aicredits_client *make_client(aicredits_config *config) {
    aicredits_client *client = NULL;
    aicredits_error *error = NULL;

    aicredits_config_from_env(config);
    if (aicredits_client_new(config, &client, &error) != AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_error_message(error, NULL));
        exit(1);
    }
    return client;
}

/* Blocks on a server that never answers. */
static void *wait_for_the_server(void *nothing) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = make_client(config);
    aicredits_call *call = aicredits_call_new();
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    aicredits_call_set_timeout_ms(call, 2000);
    status = aicredits_client_get_balance(client, call, &balance, &error);
    returned = cancel_state() == PTHREAD_CANCEL_ENABLE;
    aicredits_error_free(error);
    aicredits_call_free(call);
    aicredits_client_free(client);
    aicredits_config_free(config);
    pthread_testcancel();
    return nothing;
}

/* The request is pending from the start, so that the first cancellation point of any entry would act on it. */
static void *live_while_cancelled(void *ca_file) {
    aicredits_config *config;
    aicredits_client *client;
    aicredits_call *call;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    CHECK(pthread_cancel(pthread_self()) == 0);
    aicredits_log_set(AICREDITS_LOG_DEBUG, log_it, NULL, destroy);
    config = aicredits_config_new();
    aicredits_config_set_credential_provider(config, provide, NULL, destroy);
    aicredits_config_set_credential_provider(config, provide, NULL, destroy);
    aicredits_config_set_ca_file(config, ca_file);
    client = make_client(config);
    CHECK(aicredits_client_timeout_ms(client) > 0);
    call = aicredits_call_new();
    status = aicredits_client_get_balance(client, call, &balance, &error);
    CHECK(aicredits_error_message(error, NULL) != NULL && aicredits_error_status(error) == status);
    aicredits_call_cancel(call);
    aicredits_call_free(call);
    aicredits_error_free(error);
    CHECK(aicredits_balance_from_json("{}", 2, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_text(balance, NULL) != NULL);
    aicredits_balance_free(balance);
    aicredits_client_close(client);
    aicredits_client_free(client);
    aicredits_config_free(config);
    aicredits_log_set(AICREDITS_LOG_OFF, NULL, NULL, NULL);
    returned = cancel_state() == PTHREAD_CANCEL_ENABLE;
    pthread_testcancel();
    return NULL;
}

/* If the caller disabled cancellation, it stays disabled. */
static void *stay_disabled(void *nothing) {
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
    aicredits_config_free(aicredits_config_new());
    returned = cancel_state() == PTHREAD_CANCEL_DISABLE;
    return nothing;
}

int main(int count, char **words) {
    pthread_t thread;
    void *result = NULL;
    int is_blocked = count == 2 && strcmp(words[1], "blocked") == 0;

    if (is_blocked) {
        char line;
        CHECK(pthread_create(&thread, NULL, wait_for_the_server, NULL) == 0);
        /* The test writes when the server has the request. */
        CHECK(read(0, &line, 1) == 1);
        CHECK(pthread_cancel(thread) == 0);
    } else {
        CHECK(count == 2 && pthread_create(&thread, NULL, live_while_cancelled, words[1]) == 0);
    }
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED && returned == 1);
    CHECK(status == (is_blocked ? AICREDITS_STATUS_TIMEOUT : AICREDITS_STATUS_NETWORK));
    CHECK(is_blocked || (records > 0 && asked > 0 && destroyed == 3));

    CHECK(pthread_create(&thread, NULL, stay_disabled, NULL) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(returned == 1);
    return checked();
}
