/* decide: may an action run, and how many, on a balance. */

#define _POSIX_C_SOURCE 200809L

#include <aicredits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define MAX_COST ((uint64_t)INT64_MAX)
#define THREADS 4

static const char DAY_WITHIN_MONTH[] =
    "{\"periodicCredits\":{\"balance\":90,\"cap\":120},\"topUpCredits\":{\"balance\":5,\"cap\":5},"
    "\"creditBalanceBreakdown\":[{\"subscriptionId\":\"d7a341c4-196b-46e7-813c-2b0fc1847ec6\",\"usageRules\":["
    "{\"period\":\"MONTH\",\"balance\":90,\"cap\":120,\"resetDate\":\"2026-07-01T00:00:00Z\"},"
    "{\"period\":\"DAY\",\"balance\":10,\"cap\":30,\"resetDate\":\"2026-06-25T00:00:00Z\"}]},"
    "{\"usageRules\":[{\"period\":\"NO_PERIOD\",\"balance\":5,\"cap\":5}]}]}";

static const char NO[] =
    "20 short: the DAY rule of subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6 allows 10 until "
    "2026-06-25T00:00:00Z, and 1 more rule binds";

/* 2026-06-24T00:00:00Z, 2026-06-25T00:00:00Z and 2026-07-01T00:00:00Z. */
static const aicredits_timestamp BEFORE = {1782259200, 0, 0}, DAY = {1782345600, 0, 0}, MONTH = {1782864000, 0, 0};

static aicredits_balance *read_balance(const char *reply) {
    aicredits_balance *balance = NULL;

    if (aicredits_balance_from_json(reply, strlen(reply), &balance, NULL) != AICREDITS_STATUS_OK) {
        printf("the reply is no balance\n");
        exit(1);
    }
    return balance;
}

static aicredits_affordability *ask(const aicredits_balance *balance, uint64_t cost) {
    aicredits_affordability *affordability = NULL;
    aicredits_error *error = (aicredits_error *)&affordability;

    CHECK(aicredits_balance_can_afford(balance, cost, &affordability, &error) == AICREDITS_STATUS_OK);
    CHECK(affordability != NULL && error == NULL && aicredits_affordability_cost(affordability) == cost);
    return affordability;
}

static bool is_at(const aicredits_timestamp *at, aicredits_timestamp expected) {
    return at != NULL && at->unix_seconds == expected.unix_seconds && at->nanoseconds == expected.nanoseconds;
}

/* A daily rule within a monthly one, besides top-ups: 10 + 5 can be spent, of 95. */
static void a_daily_rule_within_a_monthly_one(void) {
    aicredits_balance *balance = read_balance(DAY_WITHIN_MONTH);
    aicredits_affordability *yes = ask(balance, 15), *no = ask(balance, 35), *never = ask(balance, 36);
    const aicredits_binding_rule *rules;
    const char *text;
    size_t count, length;

    CHECK(*aicredits_balance_available(balance) == 95 && *aicredits_balance_spendable(balance) == 15);
    /* An answer keeps its balance alive. */
    aicredits_balance_free(balance);

    CHECK(aicredits_affordability_answer(yes) == AICREDITS_ANSWER_YES && aicredits_affordability_is_yes(yes));
    CHECK(aicredits_affordability_shortfall(yes) == NULL && aicredits_affordability_affordable_at(yes) == NULL);
    CHECK(strcmp(aicredits_affordability_text(yes, NULL), "affordable: 15 of 15 spendable credits") == 0);

    CHECK(aicredits_affordability_answer(no) == AICREDITS_ANSWER_NO && !aicredits_affordability_is_yes(no));
    CHECK(*aicredits_affordability_spendable(no) == 15 && *aicredits_affordability_available(no) == 95);
    CHECK(*aicredits_affordability_shortfall(no) == 20);
    CHECK(is_at(aicredits_affordability_affordable_at(no), DAY));
    CHECK(aicredits_affordability_binding(no) == AICREDITS_BINDING_RULES);
    rules = aicredits_affordability_binding_rules(no, &count);
    CHECK(count == 2 && rules[0].source == 0 && rules[0].rule == 1 && rules[1].source == 1 && rules[1].rule == 0);
    CHECK(rules[0].reserved[0] == 0 && rules[0].reserved[1] == 0);
    text = aicredits_affordability_text(no, &length);
    CHECK(strcmp(text, NO) == 0);
    CHECK(strlen(text) == length && text == aicredits_affordability_text(no, NULL));

    /* No reset brings that much. */
    CHECK(aicredits_affordability_affordable_at(never) == NULL);
    aicredits_affordability_free(yes);
    aicredits_affordability_free(no);
    aicredits_affordability_free(never);
}

static void costs_that_are_none(void) {
    aicredits_balance *balance = read_balance(DAY_WITHIN_MONTH);
    aicredits_affordability *affordability = (aicredits_affordability *)balance;
    aicredits_error *error = NULL;
    const int64_t negative = -1;
    uint64_t count = 7;
    bool is_known = true;

    CHECK(aicredits_balance_can_afford(balance, (uint64_t)negative, &affordability, &error)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(affordability == NULL && strncmp(aicredits_error_message(error, NULL), "cost ", 5) == 0);
    CHECK(strcmp(aicredits_error_setting(error, NULL), "cost") == 0);
    aicredits_error_free(error);
    CHECK(aicredits_balance_can_afford(balance, MAX_COST + 1, &affordability, NULL)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(aicredits_balance_affordable(balance, (uint64_t)negative, 1, &count, &is_known, &error)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(count == 0 && !is_known && strncmp(aicredits_error_message(error, NULL), "unit_cost ", 10) == 0);
    aicredits_error_free(error);
    CHECK(aicredits_balance_affordable(balance, 1, MAX_COST + 1, &count, &is_known, NULL)
          == AICREDITS_STATUS_INVALID_ARGUMENT);

    affordability = ask(balance, MAX_COST);
    CHECK(aicredits_affordability_answer(affordability) == AICREDITS_ANSWER_NO);
    CHECK(*aicredits_affordability_shortfall(affordability) == MAX_COST - 15);
    aicredits_affordability_free(affordability);
    /* The fraction is cut before the call, as the header says. */
    affordability = ask(balance, (uint64_t)0.5);
    CHECK(aicredits_affordability_cost(affordability) == 0 && aicredits_affordability_is_yes(affordability));
    aicredits_affordability_free(affordability);
    aicredits_balance_free(balance);
}

static void how_many(void) {
    aicredits_balance *balance = read_balance(DAY_WITHIN_MONTH);
    aicredits_balance *unknown = read_balance("{\"periodicCredits\":{\"cap\":1000}}");
    uint64_t count = 7;
    bool is_known = false;

    CHECK(aicredits_balance_affordable(balance, 4, 50, &count, &is_known, NULL) == AICREDITS_STATUS_OK);
    CHECK(count == 3 && is_known);
    CHECK(aicredits_balance_affordable(balance, 4, 2, &count, &is_known, NULL) == AICREDITS_STATUS_OK);
    CHECK(count == 2 && is_known);
    CHECK(aicredits_balance_affordable(balance, 16, 1, &count, &is_known, NULL) == AICREDITS_STATUS_OK);
    CHECK(count == 0 && is_known);
    CHECK(aicredits_balance_affordable(balance, 0, MAX_COST, &count, &is_known, NULL) == AICREDITS_STATUS_OK);
    CHECK(count == MAX_COST && is_known);
    CHECK(aicredits_balance_affordable(unknown, 1, 50, &count, &is_known, NULL) == AICREDITS_STATUS_OK);
    CHECK(count == 0 && !is_known);
    aicredits_balance_free(balance);
    aicredits_balance_free(unknown);
}

/* An unknown count is neither 0 nor unlimited. */
static void unknown_is_no_number(void) {
    aicredits_balance *balance = read_balance("{\"periodicCredits\":{\"cap\":1000}}");
    aicredits_affordability *affordability = ask(balance, 1), *nothing = ask(balance, 0);
    size_t count = 7;

    CHECK(aicredits_balance_spendable(balance) == NULL);
    CHECK(aicredits_affordability_answer(affordability) == AICREDITS_ANSWER_UNKNOWN);
    CHECK(!aicredits_affordability_is_yes(affordability) && aicredits_affordability_is_yes(nothing));
    CHECK(aicredits_affordability_spendable(affordability) == NULL);
    CHECK(aicredits_affordability_available(affordability) == NULL);
    CHECK(aicredits_affordability_shortfall(affordability) == NULL);
    CHECK(aicredits_affordability_affordable_at(affordability) == NULL);
    CHECK(aicredits_affordability_binding(affordability) == AICREDITS_BINDING_NOTHING);
    CHECK(aicredits_affordability_binding_rules(affordability, &count) == NULL && count == 0);
    CHECK(strncmp(aicredits_affordability_text(affordability, NULL), "unknown whether 1 can be spent", 30) == 0);
    aicredits_affordability_free(affordability);
    aicredits_affordability_free(nothing);
    aicredits_balance_free(balance);

    balance = read_balance("{\"topUpCredits\":{\"balance\":5}}");
    affordability = ask(balance, 6);
    CHECK(aicredits_affordability_binding(affordability) == AICREDITS_BINDING_POOLS);
    CHECK(aicredits_affordability_binding_rules(affordability, NULL) == NULL);
    aicredits_affordability_free(affordability);
    aicredits_balance_free(balance);
}

static void later(void) {
    aicredits_balance *balance = read_balance(DAY_WITHIN_MONTH);
    aicredits_balance *pools = read_balance("{\"periodicCredits\":{\"balance\":9,\"cap\":9}}");
    const aicredits_timestamp wrong[] = {{0, 1000000000, 0}, {INT64_MAX, 0, 0}, {INT64_MIN, 0, 0}};
    aicredits_timestamp reset = MONTH;
    int64_t spendable = 7;

    CHECK(aicredits_balance_spendable_at(balance, &BEFORE, &spendable) && spendable == 15);
    CHECK(aicredits_balance_spendable_at(balance, &DAY, &spendable) && spendable == 35);
    CHECK(!aicredits_balance_spendable_at(pools, &DAY, &spendable) && spendable == 0);
    /* A stored reply has no instant. */
    CHECK(aicredits_balance_next_reset(balance) == NULL);
    CHECK(aicredits_balance_next_reset_after(balance, &BEFORE, &reset) && is_at(&reset, DAY));
    CHECK(aicredits_balance_next_reset_after(balance, &DAY, &reset) && is_at(&reset, MONTH));
    CHECK(!aicredits_balance_next_reset_after(balance, &MONTH, &reset) && reset.unix_seconds == 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        spendable = 7;
        CHECK(!aicredits_balance_spendable_at(balance, &wrong[i], &spendable) && spendable == 0);
        CHECK(!aicredits_balance_next_reset_after(balance, &wrong[i], &reset));
    }
    aicredits_balance_free(balance);
    aicredits_balance_free(pools);
}

/* The values that one thread read from an answer that all share. */
struct reading {
    const char *text;
    const aicredits_timestamp *at;
    const aicredits_binding_rule *rules;
    const int64_t *spendable;
};

static const aicredits_balance *shared_balance;
static const aicredits_affordability *shared;
static pthread_barrier_t barrier;

static void *read_in_thread(void *reading) {
    struct reading *got = reading;

    pthread_barrier_wait(&barrier);
    got->text = aicredits_affordability_text(shared, NULL);
    got->at = aicredits_affordability_affordable_at(shared);
    got->rules = aicredits_affordability_binding_rules(shared, NULL);
    got->spendable = aicredits_balance_spendable(shared_balance);
    return NULL;
}

/* Threads that convert at once get the same text and array. */
static void threads(void) {
    aicredits_balance *balance = read_balance(DAY_WITHIN_MONTH);
    aicredits_affordability *affordability = ask(balance, 35);
    struct reading got[THREADS];
    pthread_t running[THREADS];

    shared_balance = balance;
    shared = affordability;
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&running[i], NULL, read_in_thread, &got[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(running[i], NULL) == 0);
        CHECK(is_at(got[i].at, DAY) && *got[i].spendable == 15 && got[i].rules[0].rule == 1);
        CHECK(got[i].text == got[0].text && got[i].at == got[0].at && got[i].rules == got[0].rules);
        CHECK(got[i].spendable == got[0].spendable);
    }
    pthread_barrier_destroy(&barrier);
    aicredits_affordability_free(affordability);
    aicredits_balance_free(balance);
}

int main(void) {
    a_daily_rule_within_a_monthly_one();
    costs_that_are_none();
    how_many();
    unknown_is_no_number();
    later();
    for (int i = 0; i < 50; i++) {
        threads();
    }
    return checked();
}
