/* The log sink: what reaches it, and what becomes of it when it is replaced. The URL of a server that refuses
 * connections is the one argument. */

#include <aicredits.h>
#include <pthread.h>
#include <string.h>

#include "check.h"

static aicredits_config *good_config(const char *url) {
    aicredits_config *config = aicredits_config_new();
    aicredits_config_set_api_key(config, "IST.key");
    aicredits_config_set_account_id(config, "account");
    aicredits_config_set_base_url(config, url);
    aicredits_config_set_max_retries(config, 0);
    return config;
}

static int records;

static void count(void *user, aicredits_log_level level, const char *message, size_t length) {
    CHECK(user == &records && level >= AICREDITS_LOG_ERROR && level <= AICREDITS_LOG_DEBUG);
    CHECK(strlen(message) == length && strncmp(message, "mine: ", 6) == 0);
    records++;
}

static void log_destroyed(void *user) {
    CHECK(user == &records);
    records = -1;
}

static void records_reach_the_sink(const char *url) {
    aicredits_config *config = good_config(url);
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;

    aicredits_config_set_name(config, "mine");
    aicredits_log_set(AICREDITS_LOG_DEBUG, count, &records, log_destroyed);
    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    CHECK(records > 0);
    aicredits_log_set(AICREDITS_LOG_DEBUG, NULL, NULL, NULL);
    CHECK(records == -1);
    CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_NETWORK);
    CHECK(records == -1);
    aicredits_client_free(client);
    aicredits_config_free(config);
}

/* Two threads set a sink at once, again and again: one of the two is in use afterwards, at its own level. */
typedef struct {
    aicredits_log_level level;
    int records;
    int destroyed;
} sink;

enum { ROUNDS = 20000 };

static sink sinks[2] = {{AICREDITS_LOG_DEBUG, 0, 0}, {AICREDITS_LOG_ERROR, 0, 0}};
/* How often each of the two threads has come to the same place. */
static int arrived[2];

static void count_own(void *user, aicredits_log_level level, const char *message, size_t length) {
    (void)message, (void)length;
    CHECK(level <= ((sink *)user)->level);
    ((sink *)user)->records++;
}

static void destroy_own(void *user) {
    __atomic_fetch_add(&((sink *)user)->destroyed, 1, __ATOMIC_SEQ_CST);
}

/* Spins, because who is woken comes too late for a race. */
static void meet(int who) {
    int turn = __atomic_add_fetch(&arrived[who], 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&arrived[1 - who], __ATOMIC_SEQ_CST) < turn) {
        continue;
    }
}

static void set(int who) {
    meet(who);
    aicredits_log_set(sinks[who].level, count_own, &sinks[who], destroy_own);
    meet(who);
}

static void *set_the_other(void *nothing) {
    for (int round = 0; round < ROUNDS; round++) {
        set(1);
    }
    return nothing;
}

static void sinks_race(const char *url) {
    aicredits_config *config = good_config(url);
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    pthread_t other;

    CHECK(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    aicredits_client_close(client);
    CHECK(pthread_create(&other, NULL, set_the_other, NULL) == 0);
    for (int round = 0; round < ROUNDS; round++) {
        set(0);
        CHECK(sinks[0].destroyed + sinks[1].destroyed == 1 + 2 * round);
        int debug_is_in_use = sinks[0].destroyed == round;
        sinks[0].records = sinks[1].records = 0;
        CHECK(aicredits_client_get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_CLOSED);
        CHECK(sinks[0].records > 0 ? debug_is_in_use : !debug_is_in_use);
    }
    pthread_join(other, NULL);
    aicredits_log_set(AICREDITS_LOG_OFF, NULL, NULL, NULL);
    CHECK(sinks[0].destroyed == ROUNDS && sinks[1].destroyed == ROUNDS);
    aicredits_client_free(client);
    aicredits_config_free(config);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    records_reach_the_sink(argv[1]);
    sinks_race(argv[1]);
    return checked();
}
