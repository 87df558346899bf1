/* Runs an action that costs credits: check, reserve, act, commit.
 *
 * gate COST STATUS: STATUS is the HTTP status that the vendor would answer the action with.
 * It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's. */

#include <aicredits.h>
#include <stdio.h>
#include <stdlib.h>

/* Returns 0 for anything but digits. strtoull() alone takes "abc" for 0 and "1.9" for 1. The gate refuses a number that
 * is too large. */
static int parse_cost(const char *text, uint64_t *cost) {
    char *end;

    *cost = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

/* A first look, before there is anything to reserve. Only the gate counts what other threads have reserved. */
static aicredits_status check(const aicredits_gate *gate, uint64_t cost, aicredits_error **error) {
    aicredits_balance *balance = NULL;
    aicredits_affordability *affordability = NULL;
    aicredits_status status = aicredits_gate_refresh(gate, NULL, &balance, error);

    if (status == AICREDITS_STATUS_OK) {
        status = aicredits_balance_can_afford(balance, cost, &affordability, error);
    }
    if (status == AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_affordability_text(affordability, NULL));
    }
    aicredits_affordability_free(affordability);
    aicredits_balance_free(balance);
    return status;
}

/* Your call of the paid action goes here. It returns the HTTP status of the reply, or 0 if no reply came. */
static int run_action(const char *status) {
    return atoi(status);
}

/* Reports to the gate what happened. */
static int end_reservation(const aicredits_reservation *reservation, int http_status) {
    switch (http_status) {
    case 200:
        aicredits_reservation_commit(reservation);
        printf("done\n");
        return 0;
    case 402:
    case 428:
        /* The vendor says that the credits are used up. That is final: do not try again. */
        aicredits_reservation_report_exhausted(reservation);
        printf("refused: no credits\n");
        return 1;
    case 401:
    case 403:
        /* The action certainly did not run. */
        aicredits_reservation_release(reservation);
        printf("failed\n");
        return 1;
    default:
        /* It may have run. The reservation is freed without an end, and counts as spent. */
        printf("unknown\n");
        return 1;
    }
}

int main(int argc, char **argv) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_gate *gate = NULL;
    aicredits_reservation *reservation = NULL;
    aicredits_error *error = NULL;
    uint64_t cost = 0;
    int result = 2;

    aicredits_config_from_env(config);
    /* A real program makes one client and one gate, and shares them between its threads. */
    if (argc != 3 || !parse_cost(argv[1], &cost)) {
        fprintf(stderr, "gate COST STATUS: COST is a whole number\n");
    } else if (aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK
               && aicredits_gate_new(client, NULL, &gate, &error) == AICREDITS_STATUS_OK
               && check(gate, cost, &error) == AICREDITS_STATUS_OK
               && aicredits_gate_reserve(gate, cost, NULL, &reservation, &error) == AICREDITS_STATUS_OK) {
        result = end_reservation(reservation, run_action(argv[2]));
    } else if (aicredits_error_denial(error) != NULL) {
        /* The action must not run. The text says how many credits are missing, and when they come. */
        printf("denied: %s\n", aicredits_denial_text(aicredits_error_denial(error), NULL));
        result = 1;
    } else {
        fprintf(stderr, "gate: %s\n", aicredits_error_message(error, NULL));
    }

    /* One way out for success and failure, in any order: freeing NULL is fine. */
    aicredits_error_free(error);
    aicredits_gate_free(gate);
    aicredits_reservation_free(reservation);
    aicredits_client_free(client);
    aicredits_config_free(config);
    return result;
}
