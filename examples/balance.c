// Prints what an account or a site has left.
//
// It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

#include <aicredits.h>
#include <stdio.h>

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    aicredits_config_from_env(config);
    if (aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK
        && aicredits_client_get_balance(client, NULL, &balance, &error) == AICREDITS_STATUS_OK) {
        // The balance as text. examples/breakdown.c reads its figures one by one.
        printf("%s\n", aicredits_balance_text(balance, NULL));
    } else {
        fprintf(stderr, "balance: %s\n", aicredits_error_message(error, NULL));
    }

    // One way out for success and failure: freeing NULL is fine.
    aicredits_error_free(error);
    aicredits_balance_free(balance);
    aicredits_client_free(client);
    aicredits_config_free(config);
    return balance != NULL ? 0 : 1;
}
