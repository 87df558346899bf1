/* conversion TASK ROUNDS: the library makes the arrays and texts of a balance when they are first read. */

#define _GNU_SOURCE

#include <aicredits.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SOURCES 1000
#define RULES 10
#define THREADS 4
#define CHILDREN 8

/* The largest documented reply, so that a conversion takes long enough for another thread to arrive. */
static char *largest_reply(void) {
    static const char begin[] = "{\"periodicCredits\":{\"balance\":850},\"creditBalanceBreakdown\":[";
    static const char source[] = "{\"subscriptionId\":\"d7a341c4-196b-46e7-813c-2b0fc1847ec6\",\"usageRules\":[";
    static const char rule[] =
        "{\"period\":\"NEW\",\"balance\":850,\"cap\":1000,\"resetDate\":\"2026-07-01T00:00:00Z\"}";
    char *reply = malloc(sizeof begin + SOURCES * (sizeof source + 3 + RULES * (sizeof rule + 1)) + 3);
    char *end = reply;

    if (reply == NULL) {
        exit(1);
    }
    end = stpcpy(end, begin);
    for (int i = 0; i < SOURCES; i++) {
        end = stpcpy(stpcpy(end, i == 0 ? "" : ","), source);
        for (int j = 0; j < RULES; j++) {
            end = stpcpy(stpcpy(end, j == 0 ? "" : ","), rule);
        }
        end = stpcpy(end, "]}");
    }
    stpcpy(end, "]}");
    return reply;
}

static aicredits_balance *read_balance(const char *reply) {
    aicredits_balance *balance = NULL;

    if (aicredits_balance_from_json(reply, strlen(reply), &balance, NULL) != AICREDITS_STATUS_OK) {
        printf("the reply is no balance\n");
        exit(1);
    }
    return balance;
}

/* The result of one thread. */
struct conversion {
    const aicredits_credit_balance *sources;
    size_t count;
    const char *text;
    const char *json;
};

static struct conversion convert(const aicredits_balance *balance) {
    struct conversion got;

    got.sources = aicredits_balance_credit_balance_breakdown(balance, &got.count);
    got.text = aicredits_balance_text(balance, NULL);
    got.json = aicredits_balance_json(balance, NULL);
    return got;
}

static bool is_whole(const struct conversion *got, const char *reply) {
    const aicredits_credit_balance *last = got->count == SOURCES ? &got->sources[SOURCES - 1] : NULL;

    return last != NULL && strcmp(last->subscription_id, "d7a341c4-196b-46e7-813c-2b0fc1847ec6") == 0
           && last->usage_rule_count == RULES && strcmp(last->usage_rules[RULES - 1].period_name, "NEW") == 0
           && last->usage_rules[RULES - 1].cap == 1000 && strstr(got->text, "850 of 1000") != NULL
           && strcmp(got->json, reply) == 0;
}

/* Bytes that the process holds from malloc(). */
static size_t allocated(void) {
    struct mallinfo2 figures = mallinfo2();

    return figures.uordblks + figures.hblkhd;
}

/* A program that reads the pools pays for no arrays. */
static void pools(const char *reply) {
    aicredits_balance *balance = read_balance(reply);
    size_t before = allocated();

    CHECK(aicredits_balance_periodic_credits(balance)->balance == 850);
    CHECK(aicredits_balance_top_up_credits(balance) == NULL);
    CHECK(*aicredits_balance_available(balance) == 850);
    CHECK(aicredits_balance_is_recognized(balance));
    CHECK(aicredits_balance_fetched_at(balance) == NULL);
    CHECK(aicredits_balance_server_date(balance) == NULL);
    CHECK(allocated() == before);

    CHECK(aicredits_balance_credit_balance_breakdown(balance, NULL) != NULL);
    CHECK(allocated() >= before + SOURCES * (sizeof(aicredits_credit_balance) + RULES * sizeof(aicredits_usage_rule)));
    before = allocated();
    CHECK(aicredits_balance_credit_balance_breakdown(balance, NULL) != NULL);
    CHECK(allocated() == before);
    aicredits_balance_free(balance);
}

static const aicredits_balance *shared;
static pthread_barrier_t barrier;

static void *convert_in_thread(void *got) {
    pthread_barrier_wait(&barrier);
    *(struct conversion *)got = convert(shared);
    return NULL;
}

/* Threads that convert at once get the same arrays and texts. */
static void threads(const char *reply) {
    struct conversion got[THREADS];
    pthread_t running[THREADS];
    aicredits_balance *balance = read_balance(reply);

    shared = balance;
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&running[i], NULL, convert_in_thread, &got[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(running[i], NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(is_whole(&got[i], reply));
        CHECK(got[i].sources == got[0].sources && got[i].text == got[0].text && got[i].json == got[0].json);
    }
    pthread_barrier_destroy(&barrier);
    aicredits_balance_free(balance);
}

static int is_converted;

static void *convert_and_report(void *got) {
    convert_in_thread(got);
    __atomic_store_n(&is_converted, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/* A child that is forked while another thread converts has a half of that conversion. The child converts again. */
static void forks(const char *reply) {
    struct conversion got;
    pthread_t running;
    aicredits_balance *balance = read_balance(reply);
    pid_t children[CHILDREN];
    int count = 0;

    shared = balance;
    is_converted = 0;
    CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
    CHECK(pthread_create(&running, NULL, convert_and_report, &got) == 0);
    pthread_barrier_wait(&barrier);
    /* One fork after another until the conversion ends, so that some of them are in the middle of it. */
    do {
        children[count] = fork();
        if (children[count] == 0) {
            /* A child that hangs is killed. */
            alarm(20);
            got = convert(balance);
            _exit(is_whole(&got, reply) ? 0 : 1);
        }
        count++;
    } while (count < CHILDREN && !__atomic_load_n(&is_converted, __ATOMIC_SEQ_CST));
    for (int i = 0; i < count; i++) {
        int status = 1;

        CHECK(children[i] > 0 && waitpid(children[i], &status, 0) == children[i] && status == 0);
    }
    CHECK(pthread_join(running, NULL) == 0 && is_whole(&got, reply));
    pthread_barrier_destroy(&barrier);
    aicredits_balance_free(balance);
}

int main(int argc, char **argv) {
    long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    char *reply = largest_reply();
    void (*task)(const char *) = NULL;

    if (argc == 3) {
        task = strcmp(argv[1], "pools") == 0     ? pools
               : strcmp(argv[1], "threads") == 0 ? threads
               : strcmp(argv[1], "forks") == 0   ? forks
                                                 : NULL;
    }
    CHECK(task != NULL && rounds > 0);
    for (long i = 0; i < rounds && failures == 0; i++) {
        task(reply);
    }
    free(reply);
    return checked();
}
