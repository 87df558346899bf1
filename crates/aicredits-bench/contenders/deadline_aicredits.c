/* Ours from C: how long a call takes that is never answered. */

#include <aicredits.h>

#include "protocol.h"

static aicredits_call *settings;

static uint64_t call(void *client) {
    aicredits_balance *balance;
    uint64_t begun = now();
    aicredits_status status = aicredits_client_get_balance(client, settings, &balance, NULL);
    uint64_t time = now() - begun;
    require(status == AICREDITS_STATUS_TIMEOUT, aicredits_status_name(status));
    return time;
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client;
    aicredits_config_from_env(config);
    require(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK, "a client");
    aicredits_config_free(config);
    settings = aicredits_call_new();
    aicredits_call_set_timeout_ms(settings, strtoul(setting("BENCH_TIMEOUT_MS"), NULL, 10));
    int status = answer(call, client);
    aicredits_call_free(settings);
    aicredits_client_free(client);
    return status;
}
