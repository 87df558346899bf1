/* gate TASK: reservations of a gate, against a server with 1050 credits. */

#define _GNU_SOURCE

#include <malloc.h>
#include <sys/wait.h>

#include "check.h"
#include "paid.h"

static aicredits_client *client;
static aicredits_gate *gate;

static void make_gate(aicredits_gate_config *config) {
    aicredits_error *error = NULL;

    client = make_client();
    if (aicredits_gate_new(client, config, &gate, &error) != AICREDITS_STATUS_OK) {
        fail(aicredits_error_message(error, NULL));
    }
    aicredits_gate_config_free(config);
}

static aicredits_reservation *granted(const aicredits_gate *by, uint64_t cost) {
    aicredits_reservation *reservation = NULL;
    aicredits_error *error = NULL;

    if (aicredits_gate_reserve(by, cost, NULL, &reservation, &error) != AICREDITS_STATUS_OK) {
        fail(aicredits_error_message(error, NULL));
    }
    CHECK(error == NULL && aicredits_reservation_is_open(reservation));
    return reservation;
}

/* The error of a denial, which the caller frees. */
static aicredits_error *denied(const aicredits_gate *by, uint64_t cost, aicredits_denial_reason_kind reason) {
    aicredits_reservation *reservation = (aicredits_reservation *)&client;
    aicredits_error *error = NULL;
    const aicredits_denial *denial;

    CHECK(aicredits_gate_reserve(by, cost, NULL, &reservation, &error) == AICREDITS_STATUS_DENIED);
    CHECK(reservation == NULL && aicredits_error_status(error) == AICREDITS_STATUS_DENIED);
    denial = aicredits_error_denial(error);
    CHECK(aicredits_denial_reason(denial) == reason && aicredits_denial_cost(denial) == cost);
    CHECK(aicredits_error_is_transient(error) == (reason == AICREDITS_DENIAL_REASON_UNAVAILABLE));
    CHECK(aicredits_error_scope(error)->kind == AICREDITS_SCOPE_ACCOUNT);
    return error;
}

/* The credits that the gate could grant now. */
static int64_t grantable(const aicredits_gate *of) {
    aicredits_gate_state *state = aicredits_gate_state_new(of);
    int64_t credits = -1;

    if (aicredits_gate_state_grantable(state) != NULL) {
        credits = *aicredits_gate_state_grantable(state);
    }
    aicredits_gate_state_free(state);
    return credits;
}

static void a_reservation_and_its_ends(void) {
    aicredits_call *call = aicredits_call_new();
    aicredits_reservation *reservation = NULL;
    aicredits_gate_state *state;
    const aicredits_open_reservation *open;
    size_t count, length;

    aicredits_call_set_label(call, "caf\xc3\xa9");
    aicredits_call_set_reservation_ttl_ms(call, 60000);
    CHECK(aicredits_gate_reserve(gate, 40, call, &reservation, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_reservation_cost(reservation) == 40 && aicredits_reservation_count(reservation) == 1);
    CHECK(aicredits_reservation_unit_cost(reservation) == 40);
    CHECK(strcmp(aicredits_reservation_label(reservation, &length), "caf\xc3\xa9") == 0 && length == 5);

    state = aicredits_gate_state_new(gate);
    CHECK(*aicredits_gate_state_spendable(state) == 1050 && *aicredits_gate_state_estimate(state) == 1050);
    CHECK(*aicredits_gate_state_grantable(state) == 1000 && aicredits_gate_state_reserved(state) == 40);
    CHECK(*aicredits_gate_state_age_ms(state) < 60000 && aicredits_gate_state_limit(state) == NULL);
    CHECK(aicredits_gate_state_granted(state) == 1 && aicredits_gate_state_denied(state) == 0);
    CHECK(aicredits_gate_state_would_be_denied(state) == 0 && aicredits_gate_state_exhausted_since(state) == NULL);
    open = aicredits_gate_state_reservations(state, &count);
    CHECK(count == 1 && open->present == AICREDITS_HAS_LABEL && strcmp(open->label, "caf\xc3\xa9") == 0);
    CHECK(open->label_length == 5 && open->cost == 40 && open->age_ms < 60000 && open->reserved[1] == 0);

    CHECK(aicredits_reservation_commit_part(reservation, 15));
    CHECK(aicredits_reservation_is_open(reservation) && aicredits_reservation_cost(reservation) == 25);
    CHECK(aicredits_reservation_commit_actual(reservation, 35));
    CHECK(!aicredits_reservation_is_open(reservation) && aicredits_reservation_cost(reservation) == 0);
    CHECK(!aicredits_reservation_commit(reservation) && !aicredits_reservation_release(reservation));
    CHECK(!aicredits_reservation_report_exhausted(reservation));
    aicredits_reservation_free(reservation);
    CHECK(grantable(gate) == 990);
    /* The state is that of its moment. */
    CHECK(*aicredits_gate_state_grantable(state) == 1000);
    aicredits_gate_state_free(state);

    reservation = granted(gate, 90);
    CHECK(grantable(gate) == 900 && aicredits_reservation_label(reservation, &length) == NULL && length == 0);
    CHECK(aicredits_reservation_release(reservation) && grantable(gate) == 990);
    aicredits_reservation_free(reservation);
    /* Without an end nobody knows whether the action ran, so it counts as spent. */
    aicredits_reservation_free(granted(gate, 90));
    CHECK(grantable(gate) == 900);

    aicredits_call_free(call);
    call = aicredits_call_new();
    aicredits_call_set_site_id(call, "site");
    CHECK(aicredits_gate_reserve(gate, 1, call, &reservation, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(reservation == NULL
          && aicredits_gate_reserve(gate, UINT64_MAX, NULL, &reservation, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_free(call);
}

/* A program that is denied often may read no text: it is made when it is first read. */
static void a_denial_formats_nothing_unasked(void) {
    aicredits_error *error;
    size_t before;

    make_gate(NULL);
    error = denied(gate, 1090, AICREDITS_DENIAL_REASON_INSUFFICIENT);
    before = mallinfo2().uordblks;
    CHECK(*aicredits_denial_shortfall(aicredits_error_denial(error)) == 40);
    CHECK(mallinfo2().uordblks == before);
    CHECK(aicredits_error_message(error, NULL) != NULL && mallinfo2().uordblks > before);
    before = mallinfo2().uordblks;
    CHECK(aicredits_error_message(error, NULL) != NULL && mallinfo2().uordblks == before);
    CHECK(aicredits_denial_text(aicredits_error_denial(error), NULL) != NULL && mallinfo2().uordblks > before);
    aicredits_error_free(error);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

static void a_denial_has_its_figures(void) {
    aicredits_error *error = denied(gate, 1090, AICREDITS_DENIAL_REASON_INSUFFICIENT);
    const aicredits_denial *denial = aicredits_error_denial(error);
    const char *text, *message;
    size_t length;

    CHECK(*aicredits_denial_grantable(denial) == 1000 && *aicredits_denial_shortfall(denial) == 90);
    CHECK(*aicredits_denial_age_ms(denial) < 60000 && aicredits_denial_label(denial, &length) == NULL && length == 0);
    text = aicredits_denial_text(denial, &length);
    CHECK(strncmp(text, "90 short: ", 10) == 0 && strlen(text) == length);
    CHECK(text == aicredits_denial_text(denial, NULL) && denial == aicredits_error_denial(error));
    message = aicredits_error_message(error, NULL);
    CHECK(strncmp(message, text, length) == 0 && strstr(message, "account ") != NULL);
    CHECK(aicredits_error_cause(error) == NULL && aicredits_error_http_status(error) == 0);
    aicredits_error_free(error);
}

/* With the 1050 credits of the example of the API's page. */
static void reservations(void) {
    aicredits_gate_config *config = aicredits_gate_config_new();
    aicredits_gate *second = (aicredits_gate *)config;
    aicredits_error *error = NULL;
    aicredits_balance *reading = NULL;

    aicredits_gate_config_set_headroom(config, 10);
    make_gate(config);
    CHECK(aicredits_gate_scope(gate)->kind == AICREDITS_SCOPE_ACCOUNT);
    CHECK(aicredits_gate_new(client, NULL, &second, &error) == AICREDITS_STATUS_INVALID_ARGUMENT && second == NULL);
    CHECK(strstr(aicredits_error_message(error, NULL), "share") != NULL);
    aicredits_error_free(error);
    /* Without a reading, nothing is known. */
    error = NULL;
    CHECK(grantable(gate) == -1);
    CHECK(aicredits_gate_refresh(gate, NULL, &reading, &error) == AICREDITS_STATUS_OK && error == NULL);
    CHECK(*aicredits_balance_spendable(reading) == 1050);
    aicredits_balance_free(reading);
    CHECK(aicredits_gate_refresh(gate, NULL, NULL, NULL) == AICREDITS_STATUS_OK);
    a_reservation_and_its_ends();
    aicredits_gate_free(gate);
    aicredits_client_free(client);

    config = aicredits_gate_config_new();
    aicredits_gate_config_set_headroom(config, 50);
    make_gate(config);
    a_denial_has_its_figures();
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

static void batches(void) {
    aicredits_reservation *reservation = NULL;

    make_gate(NULL);
    CHECK(aicredits_gate_reserve_up_to(gate, 100, 50, NULL, &reservation, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_reservation_count(reservation) == 10 && aicredits_reservation_unit_cost(reservation) == 100);
    CHECK(aicredits_reservation_cost(reservation) == 1000);
    for (int i = 0; i < 4; i++) {
        CHECK(aicredits_reservation_commit_part(reservation, 100));
    }
    CHECK(aicredits_reservation_cost(reservation) == 600 && aicredits_reservation_release(reservation));
    CHECK(grantable(gate) == 650);
    aicredits_reservation_free(reservation);
    CHECK(aicredits_gate_reserve_up_to(gate, 700, 2, NULL, &reservation, NULL) == AICREDITS_STATUS_DENIED);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

/* A limit for each visitor, and handles that are freed in any order. */
static void sub_gates(void) {
    aicredits_gate *visitor = NULL, *none = NULL;
    aicredits_reservation *reservation;
    aicredits_gate_state *state;

    make_gate(NULL);
    CHECK(aicredits_gate_sub_gate(gate, 100, &visitor, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_sub_gate(gate, UINT64_MAX, &none, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT && none == NULL);
    CHECK(aicredits_gate_sub_gate(visitor, 1, &none, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    reservation = granted(visitor, 60);
    aicredits_error_free(denied(visitor, 41, AICREDITS_DENIAL_REASON_LIMIT));
    state = aicredits_gate_state_new(visitor);
    CHECK(*aicredits_gate_state_limit(state) == 100 && aicredits_gate_state_used(state) == 60);
    aicredits_gate_state_free(state);
    CHECK(grantable(gate) == 990);
    CHECK(aicredits_gate_set_limit(visitor, 50, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_set_limit(visitor, UINT64_MAX, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_error_free(denied(visitor, 1, AICREDITS_DENIAL_REASON_LIMIT));
    CHECK(aicredits_gate_set_limit(visitor, 61, NULL) == AICREDITS_STATUS_OK);

    aicredits_gate_free(gate);
    aicredits_client_free(client);
    aicredits_reservation_free(granted(visitor, 1));
    aicredits_gate_free(visitor);
    CHECK(aicredits_reservation_commit(reservation) && !aicredits_reservation_is_open(reservation));
    aicredits_reservation_free(reservation);
}

/* The server refuses, although the balance says that the credits are there. */
static void refusals(void) {
    aicredits_reservation *first, *second;
    aicredits_gate_state *state;
    aicredits_error *error;

    make_gate(NULL);
    first = granted(gate, 5);
    second = granted(gate, 5);
    CHECK(pay(5) == 428 && aicredits_reservation_report_exhausted(first));
    CHECK(!aicredits_reservation_is_open(first) && !aicredits_reservation_report_exhausted(first));
    error = denied(gate, 5, AICREDITS_DENIAL_REASON_EXHAUSTED);
    CHECK(strlen(aicredits_error_message(error, NULL)) > 0);
    aicredits_error_free(error);
    state = aicredits_gate_state_new(gate);
    CHECK(aicredits_gate_state_exhausted_since(state) != NULL && aicredits_gate_state_reserved(state) == 5);
    aicredits_gate_state_free(state);
    CHECK(aicredits_reservation_release(second));
    aicredits_gate_report_exhausted(gate);
    aicredits_reservation_free(first);
    aicredits_reservation_free(second);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

/* The server cannot be reached. */
static void outages(void) {
    aicredits_gate_config *config = aicredits_gate_config_new();
    aicredits_call *call = aicredits_call_new();
    aicredits_reservation *reservation = NULL;
    aicredits_gate_state *state;
    aicredits_error *error;
    const aicredits_error *cause;

    make_gate(NULL);
    error = denied(gate, 5, AICREDITS_DENIAL_REASON_UNAVAILABLE);
    CHECK(aicredits_denial_grantable(aicredits_error_denial(error)) == NULL);
    CHECK(aicredits_denial_shortfall(aicredits_error_denial(error)) == NULL);
    CHECK(aicredits_denial_affordable_at(aicredits_error_denial(error)) == NULL);
    CHECK(aicredits_denial_age_ms(aicredits_error_denial(error)) == NULL);
    cause = aicredits_error_cause(error);
    CHECK(aicredits_error_status(cause) == AICREDITS_STATUS_NETWORK && cause == aicredits_error_cause(error));
    CHECK(strstr(aicredits_error_message(cause, NULL), "refused") != NULL && aicredits_error_cause(cause) == NULL);
    CHECK(aicredits_error_denial(cause) == NULL);
    aicredits_error_free(error);
    /* A cost of 0 needs no reading. */
    aicredits_reservation_free(granted(gate, 0));
    aicredits_call_cancel(call);
    CHECK(aicredits_gate_reserve(gate, 5, call, &reservation, NULL) == AICREDITS_STATUS_CANCELLED);
    aicredits_client_close(client);
    CHECK(aicredits_gate_reserve(gate, 5, NULL, &reservation, NULL) == AICREDITS_STATUS_CLOSED);
    aicredits_call_free(call);
    aicredits_gate_free(gate);
    aicredits_client_free(client);

    aicredits_gate_config_set_when_unavailable(config, AICREDITS_WHEN_UNAVAILABLE_ALLOW, 0);
    make_gate(config);
    aicredits_reservation_free(granted(gate, 5));
    state = aicredits_gate_state_new(gate);
    CHECK(aicredits_gate_state_unchecked(state) == 1 && aicredits_gate_state_spendable(state) == NULL);
    aicredits_gate_state_free(state);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

/* The child of fork() has its own gate and its own copy of the reservation. */
static void forks(void) {
    aicredits_reservation *reservation;
    int status = 1;
    pid_t child;

    make_gate(NULL);
    reservation = granted(gate, 50);
    child = fork();
    if (child == 0) {
        alarm(20);
        CHECK(grantable(gate) == -1);
        aicredits_reservation_free(granted(gate, 1000));
        CHECK(grantable(gate) == 50);
        CHECK(aicredits_reservation_commit(reservation) && !aicredits_reservation_commit(reservation));
        CHECK(grantable(gate) == 0);
        aicredits_reservation_free(reservation);
        aicredits_gate_free(gate);
        aicredits_client_free(client);
        _exit(failures);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    CHECK(aicredits_reservation_is_open(reservation) && grantable(gate) == 1000);
    CHECK(aicredits_reservation_commit(reservation) && grantable(gate) == 1000);
    aicredits_reservation_free(reservation);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tasks[] = {{"reservations", reservations},
                 {"unasked", a_denial_formats_nothing_unasked},
                 {"batches", batches},
                 {"sub-gates", sub_gates},
                 {"refusals", refusals},
                 {"outages", outages},
                 {"forks", forks}};
    int count = 0;

    for (size_t i = 0; argc == 2 && i < sizeof tasks / sizeof *tasks; i++) {
        if (strcmp(argv[1], tasks[i].name) == 0) {
            tasks[i].run();
            count++;
        }
    }
    CHECK(count == 1);
    return checked();
}
