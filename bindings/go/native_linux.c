#include "native_linux.h"

#include <time.h>

#include "_cgo_export.h"

static void read(aicredits_go_reading *reading) {
    const aicredits_balance *balance = reading->balance;
    if (balance == NULL) {
        return;
    }
    reading->periodic_credits = aicredits_balance_periodic_credits(balance);
    reading->top_up_credits = aicredits_balance_top_up_credits(balance);
    reading->available = aicredits_balance_available(balance);
    reading->is_recognized = aicredits_balance_is_recognized(balance);
    reading->json = aicredits_balance_json(balance, &reading->json_length);
    reading->scope = aicredits_balance_scope(balance);
    reading->request_id = aicredits_balance_request_id(balance, &reading->request_id_length);
    reading->fetched_at = aicredits_balance_fetched_at(balance);
    reading->server_date = aicredits_balance_server_date(balance);
}

void aicredits_go_breakdown_read(const aicredits_balance *balance, aicredits_go_breakdown *breakdown) {
    breakdown->sources = aicredits_balance_credit_balance_breakdown(balance, &breakdown->source_count);
    for (size_t i = 0; i < breakdown->source_count; i++) {
        breakdown->usage_rule_count += breakdown->sources[i].usage_rule_count;
    }
}

// The handle of Go's call that this thread makes; 0 if there are no callbacks.
static __thread uintptr_t go_call;

void aicredits_go_get_balance(const aicredits_client *client, const aicredits_call *call, uintptr_t handle,
                              aicredits_go_reading *reading) {
    go_call = handle;
    // The error has the status too.
    aicredits_status status = aicredits_client_get_balance(client, call, &reading->balance, &reading->error);
    (void)status;
    go_call = 0;
    read(reading);
}

int64_t aicredits_go_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void aicredits_go_from_json(const char *json, size_t length, aicredits_go_reading *reading) {
    aicredits_status status = aicredits_balance_from_json(json, length, &reading->balance, &reading->error);
    (void)status;
    read(reading);
}

static void provide_credential(void *user, aicredits_credential *credential) {
    (void)user;
    aicreditsGoProvideCredential(go_call, credential);
}

void aicredits_go_set_credential_provider(aicredits_config *config, int has_one) {
    aicredits_config_set_credential_provider(config, has_one ? provide_credential : NULL, NULL, NULL);
}

static void record(void *user, aicredits_log_level level, const char *message, size_t length) {
    (void)user;
    aicreditsGoLog(go_call, level, (char *)message, length);
}

void aicredits_go_log_set(aicredits_log_level level) {
    aicredits_log_set(level, level == AICREDITS_LOG_OFF ? NULL : record, NULL, NULL);
}
