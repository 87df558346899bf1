/* Ours from C: the bytes are copied. */

#include <aicredits.h>

#include "protocol.h"

static size_t length;

static void *decode(void *json) {
    aicredits_balance *balance;
    aicredits_status status = aicredits_balance_from_json(json, length, &balance, NULL);
    require(status == AICREDITS_STATUS_OK, aicredits_status_name(status));
    return balance;
}

static void done(void *balance) {
    size_t count;
    const aicredits_credit_balance *sources = aicredits_balance_credit_balance_breakdown(balance, &count);
    require(count > 0 && sources->usage_rules->balance == 850, "the first rule");
    require(sources->usage_rules->reset_date.unix_seconds == 1782864000, "its date");
    aicredits_balance_free(balance);
}

int main(void) {
    char *json = contents(setting("BENCH_REPLY"), &length);
    int status = run(decode, done, json);
    free(json);
    return status;
}
