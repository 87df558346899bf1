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

void aicredits_go_decide(const aicredits_balance *balance, uint64_t cost, aicredits_go_decision *decision) {
    aicredits_status status = aicredits_balance_can_afford(balance, cost, &decision->affordability, &decision->error);
    (void)status;
    const aicredits_affordability *affordability = decision->affordability;
    decision->answer = aicredits_affordability_answer(affordability);
    decision->binding = aicredits_affordability_binding(affordability);
    decision->spendable = aicredits_affordability_spendable(affordability);
    decision->available = aicredits_affordability_available(affordability);
    decision->shortfall = aicredits_affordability_shortfall(affordability);
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

// Reads the outcome of a request.
static void finish(aicredits_go_request *request) {
    if (request->reservation != NULL) {
        request->count = aicredits_reservation_count(request->reservation);
    }
    const aicredits_error *error = request->reading.error;
    const aicredits_denial *denial = aicredits_error_denial(error);
    if (denial != NULL) {
        request->denial.denial = denial;
        request->denial.reason = aicredits_denial_reason(denial);
        request->denial.cost = aicredits_denial_cost(denial);
        request->denial.grantable = aicredits_denial_grantable(denial);
        request->denial.shortfall = aicredits_denial_shortfall(denial);
        request->denial.age_ms = aicredits_denial_age_ms(denial);
        request->denial.is_transient = aicredits_error_is_transient(error);
    }
    read(&request->reading);
}

static void wake(void *user) {
    aicreditsGoWake((uintptr_t)user);
}

void aicredits_go_gate_ask(const aicredits_gate *gate, const aicredits_call *call, uintptr_t waker,
                           aicredits_go_request *request) {
    // The error has the status too.
    aicredits_status status;
    aicredits_error **error = &request->reading.error;
    void *user = (void *)waker;
    switch (request->kind) {
    case AICREDITS_GO_RESERVE_NOW:
        status = aicredits_gate_reserve_now(gate, request->unit_cost, call, &request->reservation, error);
        break;
    case AICREDITS_GO_REFRESH:
        status = aicredits_gate_request_new_refresh(gate, call, wake, user, NULL, &request->request,
                                                    &request->reading.balance, error);
        break;
    default:
        status = aicredits_gate_request_new(gate, request->unit_cost, request->wanted, call, wake, user, NULL,
                                            &request->request, &request->reservation, error);
    }
    (void)status;
    // Without a request, the first step was the last one.
    request->next = request->request == NULL ? AICREDITS_NEXT_DONE : aicredits_gate_request_next(request->request);
    if (request->next == AICREDITS_NEXT_DONE) {
        finish(request);
    }
}

void aicredits_go_gate_step(aicredits_go_request *request) {
    aicredits_status status = aicredits_gate_request_step(request->request, &request->reservation,
                                                          &request->reading.balance, &request->reading.error);
    (void)status;
    request->next = aicredits_gate_request_next(request->request);
    if (request->next == AICREDITS_NEXT_DONE) {
        finish(request);
    }
}

bool aicredits_go_reservation_commit_and_free(aicredits_reservation *reservation) {
    bool counted = aicredits_reservation_commit(reservation);
    aicredits_reservation_free(reservation);
    return counted;
}

aicredits_error *aicredits_go_gate_read(aicredits_go_request *request, const aicredits_call *call, uintptr_t handle) {
    aicredits_error *error;
    go_call = handle;
    aicredits_status status = aicredits_gate_request_read(request->request, call, &error);
    (void)status;
    go_call = 0;
    return error;
}

int64_t aicredits_go_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void aicredits_go_from_json(const char *json, size_t length, const aicredits_timestamp *fetched_at,
                            const aicredits_timestamp *server_date, aicredits_go_reading *reading) {
    aicredits_status status =
        aicredits_balance_from_json_at(json, length, fetched_at, server_date, &reading->balance, &reading->error);
    (void)status;
    read(reading);
}

static void provide_credential(void *user, aicredits_credential *credential) {
    aicreditsGoProvideCredential(go_call, (uintptr_t)user, credential);
}

void aicredits_go_set_credential_provider(aicredits_config *config, uintptr_t provider) {
    aicredits_config_set_credential_provider(config, provider == 0 ? NULL : provide_credential, (void *)provider, NULL);
}

void aicredits_go_fleet_next(const aicredits_fleet *fleet, aicredits_go_outcome *outcome) {
    // The error has the status too.
    aicredits_status status = aicredits_fleet_next(fleet, &outcome->outcome, &outcome->failure);
    (void)status;
    const aicredits_outcome *raw = outcome->outcome;
    if (raw == NULL) {
        return;
    }
    outcome->index = aicredits_outcome_index(raw);
    outcome->reading.balance = aicredits_balance_ref(aicredits_outcome_balance(raw));
    outcome->error = aicredits_outcome_error(raw);
    outcome->request_id = aicredits_outcome_request_id(raw, &outcome->request_id_length);
    outcome->ended_at = aicredits_outcome_ended_at(raw);
    outcome->attempts = aicredits_outcome_attempts(raw, &outcome->attempt_count);
    outcome->starts = aicredits_outcome_attempts_started_at(raw, NULL);
    read(&outcome->reading);
}

static void record(void *user, aicredits_log_level level, const char *message, size_t length) {
    (void)user;
    aicreditsGoLog(go_call, level, (char *)message, length);
}

void aicredits_go_log_set(aicredits_log_level level) {
    aicredits_log_set(level, level == AICREDITS_LOG_OFF ? NULL : record, NULL, NULL);
}
