/* NULL at each pointer of each function, and what is no UTF-8 for each string of a setter. The cases in cases.h are
 * made from the header. The URL of a server that refuses connections is the one argument. */

#include <aicredits.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int cases, failures;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("%s: %s\n", current, #condition); \
            failures++; \
        } \
    } while (0)

/* The arguments of a function, made for each case, and its outputs. */
static struct {
    aicredits_config *config;
    aicredits_call *call;
    aicredits_client *client;
    aicredits_balance *balance;
    aicredits_error *error;
    aicredits_affordability *affordability;
    aicredits_gate_config *gate_config;
    aicredits_gate *gate;
    aicredits_reservation *reservation;
    aicredits_error *denied;
    const aicredits_denial *denial;
    aicredits_gate_state *gate_state;
    aicredits_gate_request *request;
    aicredits_fleet_options *options;
    aicredits_target target;
    aicredits_progress progress;
    aicredits_fleet *fleet;
    aicredits_outcome *outcome;
    aicredits_client *new_client;
    aicredits_balance *new_balance;
    aicredits_error *new_error;
    aicredits_affordability *new_affordability;
    aicredits_gate *new_gate, *new_sub_gate;
    aicredits_reservation *new_reservation;
    aicredits_gate_request *new_request;
    aicredits_fleet *new_fleet;
    aicredits_outcome *new_outcome;
    size_t length;
    uint64_t count;
    int64_t credits;
    bool is_known;
    char buffer[8];
    aicredits_timestamp timestamp;
} at;

/* The case that is running. */
static const char *current;

static const char *const NO_VARIABLES[] = {NULL};

static const char REPLY[] = "{\"periodicCredits\":{\"balance\":850},\"creditBalanceBreakdown\":[{}]}";

static void destroy(void *user) {
    (void)user;
}

/* A gate of another scope than that of the gates that the cases make, since a scope has one gate at a time. */
static void begin_gate(void) {
    aicredits_gate_config *config = aicredits_gate_config_new();

    at.gate_config = aicredits_gate_config_new();
    aicredits_gate_config_set_account_id(config, "another-account");
    /* The request below never makes its reading: the reservations of the cases wait for it in vain. */
    aicredits_gate_config_set_read_timeout_ms(config, 50);
    CHECK(aicredits_gate_new(at.client, config, &at.gate, NULL) == AICREDITS_STATUS_OK);
    aicredits_gate_config_free(config);
    CHECK(aicredits_gate_reserve(at.gate, 0, NULL, &at.reservation, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_reserve_now(at.gate, 1, NULL, &at.new_reservation, &at.denied) == AICREDITS_STATUS_DENIED);
    at.denial = aicredits_error_denial(at.denied);
    at.gate_state = aicredits_gate_state_new(at.gate);
    /* Its first step asks for a reading, because there is none. */
    CHECK(aicredits_gate_request_new(at.gate, 1, 1, NULL, destroy, NULL, NULL, &at.request, &at.new_reservation, NULL)
          == AICREDITS_STATUS_OK);
    at.new_gate = at.new_sub_gate = at.gate;
    at.new_reservation = at.reservation;
    at.new_request = at.request;
}

/* A fleet whose outcome was read: the server refuses connections. */
static void begin_fleet(void) {
    at.target.scope = AICREDITS_SCOPE_ACCOUNT;
    at.target.account_id = "account";
    at.options = aicredits_fleet_options_new();
    CHECK(aicredits_fleet_start(at.client, &at.target, 1, NULL, NULL, &at.fleet, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_fleet_next(at.fleet, &at.outcome, NULL) == AICREDITS_STATUS_OK);
    at.new_fleet = at.fleet;
    at.new_outcome = at.outcome;
}

static void begin(const char *name, const char *url) {
    current = name;
    cases++;
    at.config = aicredits_config_new();
    at.call = aicredits_call_new();
    aicredits_config_set_api_key(at.config, "IST.key");
    aicredits_config_set_account_id(at.config, "account");
    aicredits_config_set_base_url(at.config, url);
    aicredits_config_set_max_retries(at.config, 0);
    aicredits_config_set_max_concurrency(at.config, 1);
    CHECK(aicredits_client_new(at.config, &at.client, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_from_json(REPLY, strlen(REPLY), &at.balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_from_json("", 0, &at.new_balance, &at.error) == AICREDITS_STATUS_DECODE);
    CHECK(aicredits_balance_can_afford(at.balance, 1, &at.affordability, NULL) == AICREDITS_STATUS_OK);
    begin_gate();
    begin_fleet();
    /* So that it shows who writes NULL and who writes nothing. */
    at.new_affordability = at.affordability;
    at.new_client = at.client;
    at.new_balance = at.balance;
    at.new_error = at.error;
    at.length = 7;
    errno = EXDEV;
}

static void end(void) {
    CHECK(errno == EXDEV);
    if (at.new_client != at.client) {
        aicredits_client_free(at.new_client);
    }
    if (at.new_balance != at.balance) {
        aicredits_balance_free(at.new_balance);
    }
    if (at.new_error != at.error) {
        aicredits_error_free(at.new_error);
    }
    if (at.new_affordability != at.affordability) {
        aicredits_affordability_free(at.new_affordability);
    }
    if (at.new_gate != at.gate) {
        aicredits_gate_free(at.new_gate);
    }
    if (at.new_sub_gate != at.gate) {
        aicredits_gate_free(at.new_sub_gate);
    }
    if (at.new_reservation != at.reservation) {
        aicredits_reservation_free(at.new_reservation);
    }
    if (at.new_request != at.request) {
        aicredits_gate_request_free(at.new_request);
    }
    if (at.new_fleet != at.fleet) {
        aicredits_fleet_free(at.new_fleet);
    }
    if (at.new_outcome != at.outcome) {
        aicredits_outcome_free(at.new_outcome);
    }
    aicredits_outcome_free(at.outcome);
    aicredits_fleet_free(at.fleet);
    aicredits_fleet_options_free(at.options);
    aicredits_gate_request_free(at.request);
    aicredits_gate_state_free(at.gate_state);
    aicredits_error_free(at.denied);
    aicredits_reservation_free(at.reservation);
    aicredits_gate_free(at.gate);
    aicredits_gate_config_free(at.gate_config);
    aicredits_affordability_free(at.affordability);
    aicredits_error_free(at.error);
    aicredits_balance_free(at.balance);
    aicredits_client_free(at.client);
    aicredits_call_free(at.call);
    aicredits_config_free(at.config);
}

/* A fallible call that refuses something, and names it. */
static void refused(aicredits_status status, const char *named) {
    const char *message = aicredits_error_message(at.new_error, NULL);
    CHECK(status == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(message != NULL && strncmp(message, named, strlen(named)) == 0);
}

/* A wrong setting is reported by the call that uses it. */
static void config_refused(const char *named) {
    refused(aicredits_client_new(at.config, &at.new_client, &at.new_error), named);
    CHECK(at.new_client == NULL);
}

static void call_refused(const char *named) {
    refused(aicredits_client_get_balance(at.client, at.call, &at.new_balance, &at.new_error), named);
    CHECK(at.new_balance == NULL);
}

static void gate_config_refused(const char *named) {
    refused(aicredits_gate_new(at.client, at.gate_config, &at.new_gate, &at.new_error), named);
    CHECK(at.new_gate == NULL);
}

static void provide_credential(void *user, aicredits_credential *answer) {
    (void)user;
    (void)answer;
}

static void record(void *user, aicredits_log_level level, const char *message, size_t length) {
    (void)user;
    (void)level;
    (void)message;
    (void)length;
}

#define CASE(name, ...) \
    begin(name, argv[1]); \
    __VA_ARGS__; \
    end()

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
#include "cases.h"
    aicredits_log_set(AICREDITS_LOG_OFF, NULL, NULL, NULL);
    printf("%d cases, %d failures\n", cases, failures);
    return failures != 0;
}
