/* The reply as the C peers read it, with cJSON. */

#ifndef REPLY_CJSON_H
#define REPLY_CJSON_H

#include <cjson/cJSON.h>
#include <string.h>

#include "protocol.h"

static double figure(const cJSON *object, const char *name) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    require(cJSON_IsNumber(value), name);
    return value->valuedouble;
}

static const cJSON *only_rule(const cJSON *breakdown, int source) {
    const cJSON *rules = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(breakdown, source), "usageRules");
    require(cJSON_GetArraySize(rules) == 1, "a rule a source");
    return cJSON_GetArrayItem(rules, 0);
}

/* Checks the eight figures and the date against the page's example. */
static void check(const cJSON *reply) {
    const cJSON *breakdown = cJSON_GetObjectItemCaseSensitive(reply, "creditBalanceBreakdown");
    const cJSON *pools[] = {
        cJSON_GetObjectItemCaseSensitive(reply, "periodicCredits"),
        only_rule(breakdown, 0),
        cJSON_GetObjectItemCaseSensitive(reply, "topUpCredits"),
        only_rule(breakdown, 1),
    };
    for (int i = 0; i < 4; i++) {
        require(figure(pools[i], "balance") == (i < 2 ? 850 : 200), "balance");
        require(figure(pools[i], "cap") == (i < 2 ? 1000 : 200), "cap");
    }
    const char *date = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pools[1], "resetDate"));
    require(date != NULL && strcmp(date, "2026-07-01T00:00:00.000Z") == 0, "the reset date");
}

#endif
