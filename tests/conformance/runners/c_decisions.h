/* The canonical lines of the answers to questions, one accessor for each value. */

#ifndef C_DECISIONS_H
#define C_DECISIONS_H

#include <stdbool.h>
#include <stdlib.h>

#include "c_lines.h"

/* Reads an instant in RFC 3339, such as 2026-07-01T00:00:00.5Z. C has no function for it. */
static int read_instant(const char *text, aicredits_timestamp *instant) {
    long year, month, day, hour, minute, second, months, days;
    int read = 0;

    memset(instant, 0, sizeof *instant);
    if (sscanf(text, "%4ld-%2ld-%2ldT%2ld:%2ld:%2ld%n", &year, &month, &day, &hour, &minute, &second, &read) != 6) {
        return 0;
    }
    text += read;
    if (*text == '.') {
        uint32_t unit = 100000000;
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10) {
            instant->nanoseconds += (uint32_t)(*text - '0') * unit;
        }
    }
    /* Days since 1970-01-01; the year begins in March, so that the leap day is its last one. */
    months = (month + 9) % 12;
    year -= month <= 2;
    days = year * 365 + year / 4 - year / 100 + year / 400 + (months * 153 + 2) / 5 + day - 1 - 719468;
    instant->unix_seconds = (int64_t)days * 86400 + hour * 3600 + minute * 60 + second;
    return strcmp(text, "Z") == 0;
}

static void print_refusal(const aicredits_error *error) {
    size_t length;
    const char *text = aicredits_error_setting(error, &length);

    printf("error.kind=%s\n", aicredits_status_name(aicredits_error_status(error)));
    print_text("error", ".setting", text, length);
    text = aicredits_error_message(error, &length);
    print_text("error", ".message", text, length);
}

static void print_number(const char *name, const int64_t *number) {
    if (number != NULL) {
        printf("%s=%" PRId64 "\n", name, *number);
    }
}

static void print_affordability(const aicredits_affordability *affordability) {
    const uint64_t *shortfall = aicredits_affordability_shortfall(affordability);
    const char *binding = "a limit that this runner does not know";
    size_t count;
    size_t length;
    size_t i;
    const aicredits_binding_rule *rules = aicredits_affordability_binding_rules(affordability, &count);
    const char *text = aicredits_affordability_text(affordability, &length);

    printf("answer=%s\n", aicredits_answer_name(aicredits_affordability_answer(affordability)));
    printf("isYes=%s\n", aicredits_affordability_is_yes(affordability) ? "true" : "false");
    printf("cost=%" PRIu64 "\n", aicredits_affordability_cost(affordability));
    print_number("spendable", aicredits_affordability_spendable(affordability));
    print_number("available", aicredits_affordability_available(affordability));
    if (shortfall != NULL) {
        printf("shortfall=%" PRIu64 "\n", *shortfall);
    }
    switch (aicredits_affordability_binding(affordability)) {
    case AICREDITS_BINDING_NOTHING: binding = "NOTHING"; break;
    case AICREDITS_BINDING_POOLS: binding = "POOLS"; break;
    case AICREDITS_BINDING_RULES: binding = "RULES"; break;
    }
    printf("binding=%s\n", binding);
    for (i = 0; i < count; i++) {
        printf("bindingRule=%lu,%lu\n", (unsigned long)rules[i].source, (unsigned long)rules[i].rule);
    }
    print_instant("", "affordableAt", aicredits_affordability_affordable_at(affordability));
    print_text("", "text", text, length);
}

static void print_can_afford(const aicredits_balance *balance, uint64_t cost) {
    aicredits_affordability *affordability = NULL;
    aicredits_error *error = NULL;

    if (aicredits_balance_can_afford(balance, cost, &affordability, &error) == AICREDITS_STATUS_OK) {
        print_affordability(affordability);
    } else {
        print_refusal(error);
    }
    aicredits_affordability_free(affordability);
    aicredits_error_free(error);
}

static void print_affordable(const aicredits_balance *balance, uint64_t unit_cost, uint64_t wanted) {
    aicredits_error *error = NULL;
    uint64_t count;
    bool is_known;

    if (aicredits_balance_affordable(balance, unit_cost, wanted, &count, &is_known, &error) != AICREDITS_STATUS_OK) {
        print_refusal(error);
    } else if (is_known) {
        printf("affordable=%" PRIu64 "\n", count);
    }
    aicredits_error_free(error);
}

/* Prints the answer to a question. Returns 0 if there is no such question. */
static int print_decision(const aicredits_balance *balance, const char *question) {
    char name[32] = "", first[40] = "", second[40] = "";
    int words = sscanf(question, "%31s %39s %39s", name, first, second);
    aicredits_timestamp instant, reset;
    int64_t spendable;

    printf("decide=%s\n", question);
    if (words == 1 && strcmp(name, "spendable") == 0) {
        print_number("spendable", aicredits_balance_spendable(balance));
    } else if (words == 1 && strcmp(name, "next_reset") == 0) {
        print_instant("", "nextReset", aicredits_balance_next_reset(balance));
    } else if (words == 2 && strcmp(name, "can_afford") == 0) {
        print_can_afford(balance, strtoull(first, NULL, 10));
    } else if (words == 3 && strcmp(name, "affordable") == 0) {
        print_affordable(balance, strtoull(first, NULL, 10), strtoull(second, NULL, 10));
    } else if (words == 2 && strcmp(name, "spendable_at") == 0 && read_instant(first, &instant)) {
        if (aicredits_balance_spendable_at(balance, &instant, &spendable)) {
            print_number("spendable", &spendable);
        }
    } else if (words == 2 && strcmp(name, "next_reset_after") == 0 && read_instant(first, &instant)) {
        if (aicredits_balance_next_reset_after(balance, &instant, &reset)) {
            print_instant("", "nextReset", &reset);
        }
    } else {
        return 0;
    }
    return 1;
}

#endif
