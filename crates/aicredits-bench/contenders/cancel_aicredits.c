/* Ours from C: from cancelling a call that waits for its reply to its return. */

#include <aicredits.h>
#include <pthread.h>

#include "protocol.h"

static aicredits_client *client;
static uint64_t returned;

static void *call(void *settings) {
    aicredits_balance *balance;
    aicredits_status status = aicredits_client_get_balance(client, settings, &balance, NULL);
    returned = now();
    require(status == AICREDITS_STATUS_CANCELLED, aicredits_status_name(status));
    return NULL;
}

static uint64_t cancel(void *unused) {
    /* A call usually waits by then. On a very busy machine it may not, and then there is less to cancel. */
    const struct timespec delay = {0, 5000000};
    pthread_t thread;
    aicredits_call *settings = aicredits_call_new();
    require(pthread_create(&thread, NULL, call, settings) == 0, "a thread");
    nanosleep(&delay, NULL);
    uint64_t cancelled = now();
    aicredits_call_cancel(settings);
    pthread_join(thread, unused);
    aicredits_call_free(settings);
    return returned > cancelled ? returned - cancelled : 0;
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_config_from_env(config);
    require(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK, "a client");
    aicredits_config_free(config);
    int status = answer(cancel, NULL);
    aicredits_client_free(client);
    return status;
}
