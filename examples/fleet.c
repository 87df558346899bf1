/* Reads the balances of many sites: fleet SITE_ID...
 *
 * It reads WIX_API_KEY, and AICREDITS_BASE_URL for another server than Wix's. */

#include <aicredits.h>
#include <stdio.h>
#include <stdlib.h>

/* Prints one line for each outcome. Returns how many sites failed. */
static int print_outcomes(const aicredits_fleet *fleet) {
    aicredits_outcome *outcome = NULL;
    int failed = 0;

    while (aicredits_fleet_next(fleet, &outcome, NULL) == AICREDITS_STATUS_OK && outcome != NULL) {
        const aicredits_balance *balance = aicredits_outcome_balance(outcome);
        const int64_t *available = aicredits_balance_available(balance);
        const char *label = aicredits_outcome_label(outcome, NULL);

        if (balance == NULL) {
            printf("%s: %s\n", label, aicredits_error_message(aicredits_outcome_error(outcome), NULL));
            failed++;
        } else if (available == NULL) {
            printf("%s: unknown\n", label);
        } else {
            printf("%s: %lld\n", label, (long long)*available);
        }
        aicredits_outcome_free(outcome);
    }
    return failed;
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? (size_t)argc - 1 : 0;
    aicredits_target *targets = calloc(count + 1, sizeof *targets);
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_fleet *fleet = NULL;
    aicredits_error *error = NULL;
    aicredits_status status = AICREDITS_STATUS_UNEXPECTED;
    int failed = 0;

    for (size_t i = 0; targets != NULL && i < count; i++) {
        targets[i].scope = AICREDITS_SCOPE_SITE;
        targets[i].site_id = targets[i].label = argv[i + 1];
    }
    aicredits_config_from_env(config);
    aicredits_config_set_per_call_scope(config);
    if (targets != NULL) {
        status = aicredits_client_new(config, &client, &error);
    }
    if (status == AICREDITS_STATUS_OK) {
        status = aicredits_fleet_start(client, targets, count, NULL, NULL, &fleet, &error);
    }
    if (status == AICREDITS_STATUS_OK) {
        failed = print_outcomes(fleet);
    } else {
        fprintf(stderr, "fleet: %s\n", error == NULL ? "no memory" : aicredits_error_message(error, NULL));
    }
    aicredits_fleet_free(fleet);
    aicredits_error_free(error);
    aicredits_client_free(client);
    aicredits_config_free(config);
    free(targets);
    return status != AICREDITS_STATUS_OK || failed > 0;
}
