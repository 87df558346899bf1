/* Both finished archives in one program: a client calls the emulator. With PANICS a panic is caught in each. */

#include <aicredits.h>
#include <aicredits_emulator.h>
#include <stdio.h>

#ifdef PANICS
/* Only in libraries that were built for tests. */
void aicredits_testing_panic_next(void);
void aicredits_emulator_testing_panic_next(void);
#endif

static int works(void) {
    aicredits_emulator *emulator = NULL;
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    int ok = aicredits_emulator_start(NULL, &emulator, NULL) == 0;

    aicredits_config_set_base_url(config, aicredits_emulator_setting(emulator, "url", NULL));
    aicredits_config_set_api_key(config, aicredits_emulator_setting(emulator, "api_key", NULL));
    aicredits_config_set_account_id(config, aicredits_emulator_setting(emulator, "account_id", NULL));
    ok = ok && aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK
         && aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_OK;
#ifdef PANICS
    aicredits_testing_panic_next();
    ok = ok && aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_PANIC;
    aicredits_emulator_testing_panic_next();
    ok = ok && aicredits_emulator_control(emulator, "state", NULL, NULL) == 500;
#endif
    ok = ok && aicredits_emulator_verdict(emulator, NULL, NULL) == 0;
    aicredits_balance_free(balance);
    aicredits_client_free(client);
    aicredits_config_free(config);
    aicredits_emulator_free(emulator);
    return ok;
}

int main(void) {
    if (works() && works()) {
        printf("both work\n");
    }
    return 0;
}
