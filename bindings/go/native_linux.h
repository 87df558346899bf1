// Functions that put several calls of the C library into one cgo call.

#ifndef AICREDITS_GO_NATIVE_H
#define AICREDITS_GO_NATIVE_H

#include "aicredits.h"

// The small parts of a balance, borrowed from it. The breakdown is not among them, because the library converts it when
// it is asked for the first time.
typedef struct aicredits_go_reading {
    aicredits_balance *balance;
    aicredits_error *error;
    const aicredits_credits *periodic_credits;
    const aicredits_credits *top_up_credits;
    const int64_t *available;
    bool is_recognized;
    const char *json;
    size_t json_length;
    const aicredits_scope *scope;
    const char *request_id;
    size_t request_id_length;
    const aicredits_timestamp *fetched_at;
    const aicredits_timestamp *server_date;
} aicredits_go_reading;

// The breakdown of a balance, borrowed from it.
typedef struct aicredits_go_breakdown {
    const aicredits_credit_balance *sources;
    size_t source_count;
    size_t usage_rule_count;  // Of all sources together.
} aicredits_go_breakdown;

// The answer to the question whether a balance can pay a cost. The figures are borrowed from affordability.
typedef struct aicredits_go_decision {
    aicredits_affordability *affordability;
    aicredits_error *error;
    aicredits_answer answer;
    aicredits_binding binding;
    const int64_t *spendable;
    const int64_t *available;
    const uint64_t *shortfall;
} aicredits_go_decision;

void aicredits_go_decide(const aicredits_balance *balance, uint64_t cost, aicredits_go_decision *decision);

// A denial, borrowed from its error.
typedef struct aicredits_go_denial {
    const aicredits_denial *denial;  // NULL if the error is no denial.
    int32_t reason;
    uint64_t cost;
    const int64_t *grantable;
    const uint64_t *shortfall;
    const uint64_t *age_ms;
    bool is_transient;
} aicredits_go_denial;

enum { AICREDITS_GO_RESERVE, AICREDITS_GO_RESERVE_NOW, AICREDITS_GO_REFRESH };

// A request to a gate.
typedef struct aicredits_go_request {
    int kind;  // One of the enum above.
    uint64_t unit_cost, wanted;
    aicredits_gate_request *request;  // NULL if the first step was the last one.
    aicredits_next next;              // AICREDITS_NEXT_DONE after the last step.
    // The outcome: a reservation, a balance or an error.
    aicredits_reservation *reservation;
    uint64_t count;
    aicredits_go_reading reading;
    aicredits_go_denial denial;
} aicredits_go_request;

// Makes a request and takes its first step. The library may wake this number from then on.
void aicredits_go_gate_ask(const aicredits_gate *gate, const aicredits_call *call, uintptr_t waker,
                           aicredits_go_request *request);
void aicredits_go_gate_step(aicredits_go_request *request);
// Returns whether the commit counted.
bool aicredits_go_reservation_commit_and_free(aicredits_reservation *reservation);

// An outcome of a fleet. All but the balance is borrowed from it.
typedef struct aicredits_go_outcome {
    aicredits_outcome *outcome;  // NULL after the last one.
    aicredits_error *failure;    // Of the wait itself. The caller frees it.
    size_t index;
    aicredits_go_reading reading;  // Without a balance after a failure. The caller owns the balance.
    const aicredits_error *error;
    const char *request_id;
    size_t request_id_length;
    const aicredits_timestamp *ended_at;
    const aicredits_attempt *attempts;
    const aicredits_timestamp *starts;
    size_t attempt_count;
} aicredits_go_outcome;

void aicredits_go_fleet_next(const aicredits_fleet *fleet, aicredits_go_outcome *outcome);

// Returns an error that the caller frees, or NULL. handle is as below.
aicredits_error *aicredits_go_gate_read(aicredits_go_request *request, const aicredits_call *call, uintptr_t handle);

// handle is the cgo.Handle of Go's call, for callbacks; 0 if there are none.
void aicredits_go_get_balance(const aicredits_client *client, const aicredits_call *call, uintptr_t handle,
                              aicredits_go_reading *reading);
// Reads CLOCK_MONOTONIC, in nanoseconds.
int64_t aicredits_go_monotonic_ns(void);
void aicredits_go_breakdown_read(const aicredits_balance *balance, aicredits_go_breakdown *breakdown);
// The times of a stored balance may be NULL.
void aicredits_go_from_json(const char *json, size_t length, const aicredits_timestamp *fetched_at,
                            const aicredits_timestamp *server_date, aicredits_go_reading *reading);
// provider is the number by which callbacks find the provider; 0 if there is none.
void aicredits_go_set_credential_provider(aicredits_config *config, uintptr_t provider);
void aicredits_go_log_set(aicredits_log_level level);

#endif
