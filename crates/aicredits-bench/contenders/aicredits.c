/* Ours, from C. */

#include <aicredits.h>

#include "protocol.h"

/* Checks the eight figures and the date against the page's example. */
static void check(const aicredits_balance *balance) {
    const aicredits_credits *recurring = aicredits_balance_periodic_credits(balance);
    const aicredits_credits *top_up = aicredits_balance_top_up_credits(balance);
    size_t count;
    const aicredits_credit_balance *sources = aicredits_balance_credit_balance_breakdown(balance, &count);
    require(recurring != NULL && recurring->balance == 850 && recurring->cap == 1000, "recurring credits");
    require(top_up != NULL && top_up->balance == 200 && top_up->cap == 200, "top-up credits");
    require(count == 2 && sources[0].usage_rule_count == 1 && sources[1].usage_rule_count == 1, "a rule a source");
    const aicredits_usage_rule *monthly = sources[0].usage_rules, *bought = sources[1].usage_rules;
    require(monthly->balance == 850 && monthly->cap == 1000, "the monthly rule");
    require(bought->balance == 200 && bought->cap == 200, "the rule of what was bought");
    require(monthly->reset_date.unix_seconds == 1782864000, "the reset date");
}

static uint64_t call(void *client) {
    aicredits_balance *balance;
    uint64_t begun = now();
    aicredits_status status = aicredits_client_get_balance(client, NULL, &balance, NULL);
    require(status == AICREDITS_STATUS_OK, aicredits_status_name(status));
    check(balance);
    aicredits_balance_free(balance);
    return now() - begun;
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client;
    aicredits_config_from_env(config);
    require(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK, "a client");
    aicredits_config_free(config);
    int status = answer(call, client);
    aicredits_client_free(client);
    return status;
}
