/* Makes one call and touches everything that can be read from what comes of it. Prints the status first. */

#include <aicredits.h>
#include <stdio.h>

static volatile size_t sum;

/* Reads each byte, the NUL too, so that a stray pointer is found. */
static void touch(const char *text, size_t length) {
    for (size_t i = 0; text != NULL && i <= length; i++) {
        sum += (size_t)text[i];
    }
}

static void touch_scope(const aicredits_scope *scope) {
    if (scope != NULL) {
        touch(scope->account_id, scope->account_id_length);
        touch(scope->site_id, scope->site_id_length);
    }
}

static void touch_timestamp(const aicredits_timestamp *timestamp) {
    if (timestamp != NULL) {
        sum += (size_t)timestamp->unix_seconds + timestamp->nanoseconds;
    }
}

static void touch_credits(const aicredits_credits *credits) {
    if (credits != NULL) {
        sum += credits->present + (size_t)credits->balance + (size_t)credits->cap + (size_t)credits->reserved[1];
    }
}

static void touch_number(const int64_t *number) {
    sum += number == NULL ? 0 : (size_t)*number;
}

static void touch_count(const uint64_t *number) {
    sum += number == NULL ? 0 : (size_t)*number;
}

static void touch_affordability(const aicredits_balance *balance, uint64_t cost) {
    aicredits_affordability *affordability = NULL;
    const aicredits_binding_rule *rules;
    const char *text;
    size_t length, count;

    if (aicredits_balance_can_afford(balance, cost, &affordability, NULL) != AICREDITS_STATUS_OK) {
        return;
    }
    text = aicredits_affordability_text(affordability, &length);
    touch(text, length);
    touch_number(aicredits_affordability_spendable(affordability));
    touch_number(aicredits_affordability_available(affordability));
    touch_count(aicredits_affordability_shortfall(affordability));
    touch_timestamp(aicredits_affordability_affordable_at(affordability));
    rules = aicredits_affordability_binding_rules(affordability, &count);
    for (size_t i = 0; i < count; i++) {
        sum += rules[i].source + rules[i].rule + (size_t)rules[i].reserved[1];
    }
    aicredits_affordability_free(affordability);
}

static void touch_balance(const aicredits_balance *balance) {
    size_t length, count;
    const char *text;
    const aicredits_credit_balance *sources = aicredits_balance_credit_balance_breakdown(balance, &count);

    for (size_t i = 0; i < count; i++) {
        touch(sources[i].subscription_id, sources[i].subscription_id_length);
        for (size_t j = 0; j < sources[i].usage_rule_count; j++) {
            const aicredits_usage_rule *rule = &sources[i].usage_rules[j];
            touch(rule->period_name, rule->period_name_length);
            touch_timestamp(&rule->reset_date);
            sum += rule->present + (size_t)rule->period + (size_t)rule->balance + (size_t)rule->cap;
        }
    }
    touch_credits(aicredits_balance_periodic_credits(balance));
    touch_credits(aicredits_balance_top_up_credits(balance));
    if (aicredits_balance_available(balance) != NULL) {
        sum += (size_t)*aicredits_balance_available(balance);
    }
    text = aicredits_balance_json(balance, &length);
    touch(text, length);
    text = aicredits_balance_request_id(balance, &length);
    touch(text, length);
    touch_scope(aicredits_balance_scope(balance));
    touch_timestamp(aicredits_balance_fetched_at(balance));
    touch_timestamp(aicredits_balance_server_date(balance));
    touch_timestamp(aicredits_balance_next_reset(balance));
    touch_number(aicredits_balance_spendable(balance));
    touch_affordability(balance, 1);
    touch_affordability(balance, 1000000);
}

static void touch_denial(const aicredits_denial *denial) {
    size_t length;
    const char *text = aicredits_denial_text(denial, &length);

    touch(text, length);
    text = aicredits_denial_label(denial, &length);
    touch(text, length);
    touch_number(aicredits_denial_grantable(denial));
    touch_count(aicredits_denial_shortfall(denial));
    touch_count(aicredits_denial_age_ms(denial));
    touch_timestamp(aicredits_denial_affordable_at(denial));
}

static void touch_error(const aicredits_error *error) {
    size_t length, count;
    const char *text;
    const aicredits_field_violation *violations = aicredits_error_field_violations(error, &count);
    const aicredits_attempt *attempts;

    for (size_t i = 0; i < count; i++) {
        touch(violations[i].field, violations[i].field_length);
        touch(violations[i].description, violations[i].description_length);
        touch(violations[i].violated_rule, violations[i].violated_rule_length);
    }
    attempts = aicredits_error_attempts(error, &count);
    for (size_t i = 0; i < count; i++) {
        touch(attempts[i].request_id, attempts[i].request_id_length);
        sum += attempts[i].present + (size_t)attempts[i].duration_ns + attempts[i].http_status;
    }
    text = aicredits_error_message(error, &length);
    touch(text, length);
    text = aicredits_error_code(error, &length);
    touch(text, length);
    text = aicredits_error_description(error, &length);
    touch(text, length);
    text = aicredits_error_request_id(error, &length);
    touch(text, length);
    touch_scope(aicredits_error_scope(error));
    sum += (size_t)aicredits_error_status(error) + aicredits_error_http_status(error);
    touch_count(aicredits_error_retry_after_ms(error));
    touch_denial(aicredits_error_denial(error));
    if (aicredits_error_cause(error) != NULL) {
        touch_error(aicredits_error_cause(error));
    }
}

static void touch_state(const aicredits_gate *gate) {
    aicredits_gate_state *state = aicredits_gate_state_new(gate);
    size_t count;
    const aicredits_open_reservation *open = aicredits_gate_state_reservations(state, &count);

    for (size_t i = 0; i < count; i++) {
        touch(open[i].label, open[i].label_length);
        sum += open[i].present + (size_t)open[i].cost + (size_t)open[i].age_ms;
    }
    touch_number(aicredits_gate_state_grantable(state));
    touch_number(aicredits_gate_state_estimate(state));
    touch_number(aicredits_gate_state_spendable(state));
    touch_count(aicredits_gate_state_age_ms(state));
    touch_count(aicredits_gate_state_limit(state));
    touch_timestamp(aicredits_gate_state_exhausted_since(state));
    aicredits_gate_state_free(state);
}

/* One reservation that may be granted, and one that is denied. The handles are freed in the worst order. */
static void gate_of(const aicredits_client *client) {
    aicredits_call *call = aicredits_call_new();
    aicredits_gate *gate = NULL, *sub_gate = NULL;
    aicredits_reservation *reservation = NULL, *too_much = NULL;
    aicredits_error *error = NULL, *denied = NULL;
    const char *text;
    size_t length;

    aicredits_call_set_label(call, "label");
    if (aicredits_gate_new(client, NULL, &gate, &error) == AICREDITS_STATUS_OK
        && aicredits_gate_sub_gate(gate, 1000, &sub_gate, &error) == AICREDITS_STATUS_OK
        && aicredits_gate_reserve(sub_gate, 5, call, &reservation, &error) == AICREDITS_STATUS_OK) {
        text = aicredits_reservation_label(reservation, &length);
        touch(text, length);
    }
    if (aicredits_gate_reserve_now(gate, 1000000, call, &too_much, &denied) == AICREDITS_STATUS_OK) {
        printf("too much was granted\n");
    }
    touch_state(gate);
    touch_state(sub_gate);
    touch_error(error);
    touch_error(denied);
    aicredits_gate_free(gate);
    aicredits_reservation_commit(reservation);
    aicredits_gate_free(sub_gate);
    aicredits_reservation_free(reservation);
    aicredits_reservation_free(too_much);
    aicredits_error_free(error);
    aicredits_error_free(denied);
    aicredits_call_free(call);
}

static void touch_record(void *user, aicredits_log_level level, const char *message, size_t length) {
    (void)user;
    sum += (size_t)level;
    touch(message, length);
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_call *call = aicredits_call_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL, *other = NULL;
    aicredits_error *error = NULL;
    aicredits_status status;

    aicredits_log_set(AICREDITS_LOG_DEBUG, touch_record, NULL, NULL);
    aicredits_config_from_env(config);
    aicredits_config_set_max_reply_bytes(config, 50000);
    aicredits_config_set_max_retries(config, 1);
    aicredits_call_set_timeout_ms(call, 10000);
    status = aicredits_client_new(config, &client, &error);
    if (status == AICREDITS_STATUS_OK) {
        status = aicredits_client_get_balance(client, call, &balance, &error);
    }
    printf("%s\n", aicredits_status_name(status));
    touch_balance(balance);
    touch_error(error);
    gate_of(client);

    /* A balance with a second owner stays valid after the first one frees it. */
    other = aicredits_balance_ref(balance);
    aicredits_balance_free(balance);
    touch_balance(other);

    aicredits_client_close(client);
    aicredits_error_free(error);
    aicredits_balance_free(other);
    aicredits_client_free(client);
    aicredits_call_free(call);
    aicredits_config_free(config);
    return 0;
}
