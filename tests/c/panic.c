/* Has each entry panic behind the boundary, and checks that the panic ends there. Linked to a library that was built
 * for tests. The panics' messages on standard error are Rust's own. */

#include <aicredits.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

/* Only in a library that was built for tests. */
void aicredits_testing_panic_next(void);
size_t aicredits_testing_panics(void);
size_t aicredits_testing_handles(void);

static size_t asked;

/* The expression's value when the first entry in it panics. */
#define PANICS(expression) (asked++, aicredits_testing_panic_next(), (expression))

static const char REPLY[] = "{\"periodicCredits\":{\"balance\":850}}";

static void provide_credential(void *user, aicredits_credential *answer) {
    (void)user;
    /* Neither answer arrives: both panic. */
    PANICS(aicredits_credential_set_authorization(answer, "Bearer token"));
    PANICS(aicredits_credential_set_failure(answer, "no"));
}

static int destroyed;

static void destroy(void *user) {
    CHECK(user == &destroyed);
    destroyed++;
}

static void setters(aicredits_config *config, aicredits_call *call) {
    PANICS(aicredits_config_set_api_key(config, "x"));
    PANICS(aicredits_config_set_authorization(config, "x"));
    PANICS(aicredits_config_set_credential_provider(config, provide_credential, NULL, NULL));
    PANICS(aicredits_config_set_account_id(config, "x"));
    PANICS(aicredits_config_set_site_id(config, "x"));
    PANICS(aicredits_config_set_account_and_site_ids(config, "x", "x"));
    PANICS(aicredits_config_set_credential_scope(config));
    PANICS(aicredits_config_set_per_call_scope(config));
    PANICS(aicredits_config_set_base_url(config, "x"));
    PANICS(aicredits_config_set_allow_insecure_http(config, 1));
    PANICS(aicredits_config_set_timeout_ms(config, 1));
    PANICS(aicredits_config_set_max_reply_bytes(config, 1));
    PANICS(aicredits_config_set_max_retries(config, 1));
    PANICS(aicredits_config_set_max_concurrency(config, 1));
    PANICS(aicredits_config_set_ca_file(config, "x"));
    PANICS(aicredits_config_set_ca_pem(config, "x", 1));
    PANICS(aicredits_config_set_proxy(config, "x"));
    PANICS(aicredits_config_set_proxy_from_env(config, 1));
    PANICS(aicredits_config_set_environment(config, NULL));
    PANICS(aicredits_config_set_name(config, "x"));
    PANICS(aicredits_config_set_surface(config, AICREDITS_SURFACE_GO));
    PANICS(aicredits_config_from_env(config));
    PANICS(aicredits_call_set_account_id(call, "x"));
    PANICS(aicredits_call_set_site_id(call, "x"));
    PANICS(aicredits_call_set_account_and_site_ids(call, "x", "x"));
    PANICS(aicredits_call_set_credential_scope(call));
    PANICS(aicredits_call_set_timeout_ms(call, 1));
    PANICS(aicredits_call_set_label(call, "x"));
    PANICS(aicredits_call_set_reservation_ttl_ms(call, 1));
    PANICS(aicredits_call_set_start_ns(call, 1));
    PANICS(aicredits_call_set_deadline_ns(call, 1));
    PANICS(aicredits_call_set_process_limit(call, 1));
    PANICS(aicredits_call_cancel(call));
    PANICS(aicredits_call_expire(call));
    PANICS(aicredits_log_set(AICREDITS_LOG_DEBUG, NULL, NULL, NULL));
}

static void of_a_balance(const aicredits_balance *balance) {
    size_t count;
    CHECK(PANICS(aicredits_balance_ref(balance)) == NULL);
    CHECK(PANICS(aicredits_balance_periodic_credits(balance)) == NULL);
    CHECK(PANICS(aicredits_balance_top_up_credits(balance)) == NULL);
    CHECK(PANICS(aicredits_balance_credit_balance_breakdown(balance, &count)) == NULL);
    CHECK(PANICS(aicredits_balance_available(balance)) == NULL);
    CHECK(PANICS(aicredits_balance_is_recognized(balance)) == false);
    CHECK(PANICS(aicredits_balance_json(balance, &count)) == NULL);
    CHECK(PANICS(aicredits_balance_text(balance, &count)) == NULL);
    CHECK(PANICS(aicredits_balance_scope(balance)) == NULL);
    CHECK(PANICS(aicredits_balance_request_id(balance, &count)) == NULL);
    CHECK(PANICS(aicredits_balance_fetched_at(balance)) == NULL);
    CHECK(PANICS(aicredits_balance_server_date(balance)) == NULL);
    CHECK(aicredits_balance_periodic_credits(balance)->balance == 850);
}

static void of_an_error(const aicredits_error *error) {
    size_t count;
    CHECK(PANICS(aicredits_error_status(error)) == AICREDITS_STATUS_UNEXPECTED);
    CHECK(PANICS(aicredits_error_message(error, &count)) == NULL);
    CHECK(PANICS(aicredits_error_http_status(error)) == 0);
    CHECK(PANICS(aicredits_error_code(error, &count)) == NULL);
    CHECK(PANICS(aicredits_error_description(error, &count)) == NULL);
    CHECK(PANICS(aicredits_error_field_violations(error, &count)) == NULL);
    CHECK(PANICS(aicredits_error_scope(error)) == NULL);
    CHECK(PANICS(aicredits_error_request_id(error, &count)) == NULL);
    CHECK(PANICS(aicredits_error_retry_after_ms(error)) == NULL);
    CHECK(PANICS(aicredits_error_attempts(error, &count)) == NULL);
    CHECK(PANICS(aicredits_error_setting(error, &count)) == NULL);
    CHECK(!PANICS(aicredits_error_is_transient(error)));
    CHECK(strstr(aicredits_error_message(error, NULL), "a test asked for this") != NULL);
}

/* NULL will do: the panic comes before an argument is looked at. */
static void of_an_affordability(void) {
    size_t count;
    CHECK(PANICS(aicredits_balance_from_json_at("{}", 2, NULL, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_balance_spendable(NULL)) == NULL);
    CHECK(!PANICS(aicredits_balance_spendable_at(NULL, NULL, NULL)));
    CHECK(PANICS(aicredits_balance_affordable(NULL, 1, 1, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_balance_next_reset(NULL)) == NULL);
    CHECK(!PANICS(aicredits_balance_next_reset_after(NULL, NULL, NULL)));
    CHECK(PANICS(aicredits_balance_can_afford(NULL, 1, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_affordability_answer(NULL)) == 0);
    CHECK(!PANICS(aicredits_affordability_is_yes(NULL)));
    CHECK(PANICS(aicredits_affordability_text(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_affordability_cost(NULL)) == 0);
    CHECK(PANICS(aicredits_affordability_spendable(NULL)) == NULL);
    CHECK(PANICS(aicredits_affordability_available(NULL)) == NULL);
    CHECK(PANICS(aicredits_affordability_shortfall(NULL)) == NULL);
    CHECK(PANICS(aicredits_affordability_affordable_at(NULL)) == NULL);
    CHECK(PANICS(aicredits_affordability_binding(NULL)) == 0);
    CHECK(PANICS(aicredits_affordability_binding_rules(NULL, &count)) == NULL);
}

static void of_a_gate(void) {
    CHECK(PANICS(aicredits_gate_new(NULL, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_reserve(NULL, 1, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_reserve_now(NULL, 1, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_reserve_up_to(NULL, 1, 1, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_refresh(NULL, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    PANICS(aicredits_gate_report_exhausted(NULL));
    CHECK(PANICS(aicredits_gate_sub_gate(NULL, 1, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_set_limit(NULL, 1, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_scope(NULL)) == NULL);
}

static void of_a_gate_config(void) {
    aicredits_gate_config *config = aicredits_gate_config_new();

    CHECK(PANICS(aicredits_gate_config_new()) == NULL);
    PANICS(aicredits_gate_config_set_max_age_ms(config, 1));
    PANICS(aicredits_gate_config_set_min_interval_ms(config, 1));
    PANICS(aicredits_gate_config_set_read_timeout_ms(config, 1));
    PANICS(aicredits_gate_config_set_visibility_delay_ms(config, 1));
    PANICS(aicredits_gate_config_set_headroom(config, 1));
    PANICS(aicredits_gate_config_set_limit(config, 1));
    PANICS(aicredits_gate_config_set_processes(config, 1));
    PANICS(aicredits_gate_config_set_reservation_ttl_ms(config, 1));
    PANICS(aicredits_gate_config_set_exhausted_cooldown_ms(config, 1));
    PANICS(aicredits_gate_config_set_strict(config, 1));
    PANICS(aicredits_gate_config_set_dry_run(config, 1));
    PANICS(aicredits_gate_config_set_when_unavailable(config, 1, 1));
    PANICS(aicredits_gate_config_set_account_id(config, "x"));
    PANICS(aicredits_gate_config_set_site_id(config, "x"));
    PANICS(aicredits_gate_config_set_account_and_site_ids(config, "x", "x"));
    PANICS(aicredits_gate_config_set_credential_scope(config));
    aicredits_gate_config_free(config);
}

static void of_a_reservation(void) {
    size_t count;
    CHECK(PANICS(aicredits_reservation_cost(NULL)) == 0);
    CHECK(PANICS(aicredits_reservation_count(NULL)) == 0);
    CHECK(PANICS(aicredits_reservation_unit_cost(NULL)) == 0);
    CHECK(PANICS(aicredits_reservation_label(NULL, &count)) == NULL);
    CHECK(!PANICS(aicredits_reservation_is_open(NULL)));
    CHECK(!PANICS(aicredits_reservation_commit(NULL)));
    CHECK(!PANICS(aicredits_reservation_commit_actual(NULL, 1)));
    CHECK(!PANICS(aicredits_reservation_commit_part(NULL, 1)));
    CHECK(!PANICS(aicredits_reservation_release(NULL)));
    CHECK(!PANICS(aicredits_reservation_report_exhausted(NULL)));
}

static void of_a_denial(void) {
    size_t count;
    CHECK(PANICS(aicredits_error_denial(NULL)) == NULL);
    CHECK(PANICS(aicredits_error_cause(NULL)) == NULL);
    CHECK(PANICS(aicredits_denial_reason(NULL)) == 0);
    CHECK(PANICS(aicredits_denial_text(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_denial_cost(NULL)) == 0);
    CHECK(PANICS(aicredits_denial_grantable(NULL)) == NULL);
    CHECK(PANICS(aicredits_denial_shortfall(NULL)) == NULL);
    CHECK(PANICS(aicredits_denial_affordable_at(NULL)) == NULL);
    CHECK(PANICS(aicredits_denial_age_ms(NULL)) == NULL);
    CHECK(PANICS(aicredits_denial_label(NULL, &count)) == NULL);
}

static void of_a_gate_state(void) {
    size_t count;
    CHECK(PANICS(aicredits_gate_state_new(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_grantable(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_estimate(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_spendable(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_reserved(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_state_age_ms(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_granted(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_state_denied(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_state_unchecked(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_state_would_be_denied(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_state_exhausted_since(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_limit(NULL)) == NULL);
    CHECK(PANICS(aicredits_gate_state_used(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_state_reservations(NULL, &count)) == NULL);
}

static void of_a_gate_request(void) {
    CHECK(PANICS(aicredits_gate_request_new(NULL, 1, 1, NULL, NULL, &destroyed, destroy, NULL, NULL, NULL))
          == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_request_new_refresh(NULL, NULL, NULL, &destroyed, destroy, NULL, NULL, NULL))
          == AICREDITS_STATUS_PANIC);
    CHECK(destroyed == 2);
    CHECK(PANICS(aicredits_gate_request_next(NULL)) == 0);
    CHECK(PANICS(aicredits_gate_request_step(NULL, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_request_read(NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_gate_request_remaining_ms(NULL)) == 0);
    PANICS(aicredits_gate_request_expire(NULL));
    PANICS(aicredits_gate_request_cancel(NULL));
}

static void of_a_fleet(void) {
    aicredits_fleet_options *options = aicredits_fleet_options_new();

    CHECK(PANICS(aicredits_fleet_options_new()) == NULL);
    PANICS(aicredits_fleet_options_set_rate(options, 1));
    PANICS(aicredits_fleet_options_set_no_rate(options));
    PANICS(aicredits_fleet_options_set_processes(options, 1));
    PANICS(aicredits_fleet_options_set_max_pauses(options, 1));
    PANICS(aicredits_fleet_options_set_timeout_ms(options, 1));
    aicredits_fleet_options_free(options);
    CHECK(PANICS(aicredits_fleet_start(NULL, NULL, 0, NULL, NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(PANICS(aicredits_fleet_next(NULL, NULL, NULL)) == AICREDITS_STATUS_PANIC);
    PANICS(aicredits_fleet_progress(NULL, NULL));
}

static void of_an_outcome(void) {
    size_t count;
    CHECK(PANICS(aicredits_outcome_index(NULL)) == 0);
    CHECK(PANICS(aicredits_outcome_balance(NULL)) == NULL);
    CHECK(PANICS(aicredits_outcome_error(NULL)) == NULL);
    CHECK(PANICS(aicredits_outcome_label(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_outcome_scope(NULL)) == NULL);
    CHECK(PANICS(aicredits_outcome_account_id(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_outcome_client_name(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_outcome_request_id(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_outcome_started_at(NULL)) == NULL);
    CHECK(PANICS(aicredits_outcome_ended_at(NULL)) == NULL);
    CHECK(PANICS(aicredits_outcome_attempts(NULL, &count)) == NULL);
    CHECK(PANICS(aicredits_outcome_attempts_started_at(NULL, &count)) == NULL);
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_call *call = aicredits_call_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;
    aicredits_timestamp timestamp = {0, 0, 0};

    errno = EXDEV;
    CHECK(PANICS(aicredits_config_new()) == NULL);
    CHECK(PANICS(aicredits_call_new()) == NULL);
    setters(config, call);

    CHECK(PANICS(aicredits_client_new(config, &client, &error)) == AICREDITS_STATUS_PANIC);
    CHECK(client == NULL && aicredits_error_status(error) == AICREDITS_STATUS_PANIC);
    of_an_error(error);
    aicredits_error_free(error);
    /* The setters had no effect: the key is still missing. */
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);

    aicredits_config_set_credential_provider(config, provide_credential, NULL, NULL);
    aicredits_config_set_credential_scope(config);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    CHECK(PANICS(aicredits_client_get_balance(client, NULL, &balance, &error)) == AICREDITS_STATUS_PANIC);
    aicredits_error_free(error);
    CHECK(PANICS(aicredits_client_get_balance(client, NULL, &balance, NULL)) == AICREDITS_STATUS_PANIC);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, &error) == AICREDITS_STATUS_UNAUTHORIZED);
    CHECK(strstr(aicredits_error_message(error, NULL), "no answer") != NULL);
    aicredits_error_free(error);

    CHECK(PANICS(aicredits_balance_from_json(REPLY, strlen(REPLY), &balance, &error)) == AICREDITS_STATUS_PANIC);
    aicredits_error_free(error);
    CHECK(aicredits_balance_from_json(REPLY, strlen(REPLY), &balance, &error) == AICREDITS_STATUS_OK);
    of_a_balance(balance);

    of_an_affordability();
    of_a_gate();
    of_a_gate_config();
    of_a_reservation();
    of_a_denial();
    of_a_gate_state();
    of_a_gate_request();
    of_a_fleet();
    of_an_outcome();
    CHECK(PANICS(aicredits_text_escape("x", 1, NULL, 0)) == 0);
    CHECK(PANICS(aicredits_timestamp_text(&timestamp, NULL, 0)) == 0);
    PANICS(aicredits_client_close(client));
    CHECK(PANICS(aicredits_client_timeout_ms(client)) == 0);
    CHECK(PANICS(aicredits_client_max_concurrency(client)) == 0);
    CHECK(PANICS(aicredits_client_scope(client)) == NULL);
    aicredits_balance_free(balance);
    aicredits_client_free(client);
    aicredits_call_free(call);
    aicredits_config_free(config);
    CHECK(aicredits_testing_handles() == 0);

    /* A function that panics while it frees leaks at most. */
    PANICS(aicredits_config_free(NULL));
    PANICS(aicredits_call_free(NULL));
    PANICS(aicredits_client_free(NULL));
    PANICS(aicredits_balance_free(NULL));
    PANICS(aicredits_error_free(NULL));
    PANICS(aicredits_affordability_free(NULL));
    PANICS(aicredits_gate_config_free(NULL));
    PANICS(aicredits_gate_free(NULL));
    PANICS(aicredits_reservation_free(NULL));
    PANICS(aicredits_gate_state_free(NULL));
    PANICS(aicredits_gate_request_free(NULL));
    PANICS(aicredits_fleet_options_free(NULL));
    PANICS(aicredits_fleet_free(NULL));
    PANICS(aicredits_outcome_free(NULL));

    /* An entry without a boundary would have left its panic to another. */
    CHECK(aicredits_testing_panics() == asked);
    CHECK(errno == EXDEV);
    return checked();
}
