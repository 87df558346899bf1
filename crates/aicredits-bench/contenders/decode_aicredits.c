/* Ours from C: the bytes are copied. */

#include <aicredits.h>

#include "protocol.h"

static size_t length;

static uint64_t decode(void *json) {
    aicredits_balance *balance;
    size_t count;
    uint64_t begun = now();
    aicredits_status status = aicredits_balance_from_json(json, length, &balance, NULL);
    uint64_t time = now() - begun;
    require(status == AICREDITS_STATUS_OK, aicredits_status_name(status));
    const aicredits_credit_balance *sources = aicredits_balance_credit_balance_breakdown(balance, &count);
    require(count > 0 && sources->usage_rules->balance == 850, "the first rule");
    require(sources->usage_rules->reset_date.unix_seconds == 1782864000, "its date");
    aicredits_balance_free(balance);
    return time;
}

int main(void) {
    char *json = contents(setting("BENCH_REPLY"), &length);
    int status = answer(decode, json);
    free(json);
    return status;
}
