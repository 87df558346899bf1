// What Go asks of the C library in one crossing each.

#ifndef AICREDITS_GO_NATIVE_H
#define AICREDITS_GO_NATIVE_H

#include "aicredits.h"

// All that a balance shows, by reference.
typedef struct aicredits_go_reading {
    aicredits_balance *balance;
    aicredits_error *error;
    const aicredits_credits *periodic_credits;
    const aicredits_credits *top_up_credits;
    const aicredits_credit_balance *credit_balance_breakdown;
    size_t credit_balance_count;
    size_t usage_rule_count;  // Of all sources together.
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

// handle is of Go's side of the call, where something calls back.
void aicredits_go_get_balance(const aicredits_client *client, const aicredits_call *call, uintptr_t handle,
                              aicredits_go_reading *reading);
int64_t aicredits_go_monotonic_ns(void);
void aicredits_go_from_json(const char *json, size_t length, aicredits_go_reading *reading);
void aicredits_go_set_credential_provider(aicredits_config *config, int has_one);
void aicredits_go_log_set(aicredits_log_level level);

#endif
