/* Tests a program's whole path against the emulator, in one process: check, reserve, act, commit, and HTTP 428.
 *
 * It needs no account, no key and no network. Link with -laicredits -laicredits_emulator. */

#include <aicredits.h>
#include <aicredits_emulator.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The program under test: an action that costs credits. */

typedef enum { DONE, REFUSED, DENIED, FAILED } outcome;

typedef struct {
    const char *base_url, *api_key, *account_id;
} server;

/* Your vendor's SDK goes here. Returns the HTTP status of the reply, or 0 if no reply came. */
static int run_action(const server *at, uint64_t cost) {
    struct sockaddr_in address = {0};
    char body[64], request[1024], reply[4096];
    int length = snprintf(body, sizeof body, "{\"cost\":%llu}", (unsigned long long)cost), status = 0;
    int connection = socket(AF_INET, SOCK_STREAM, 0);

    length = snprintf(request, sizeof request,
                      "POST /_emulator/paid-action HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      "Authorization: %s\r\nwix-account-id: %s\r\nContent-Length: %d\r\n\r\n%s",
                      at->api_key, at->account_id, length, body);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(strrchr(at->base_url, ':') + 1));
    if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0
        && send(connection, request, (size_t)length, MSG_NOSIGNAL) == length) {
        /* The status line comes first, and nothing else is needed. */
        ssize_t got = recv(connection, reply, sizeof reply - 1, MSG_WAITALL);

        reply[got > 0 ? got : 0] = '\0';
        status = got > 12 ? atoi(reply + 9) : 0;
    }
    close(connection);
    return status;
}

static outcome act(const aicredits_gate *gate, const server *at, uint64_t cost) {
    aicredits_reservation *reservation = NULL;
    aicredits_status status = aicredits_gate_reserve(gate, cost, NULL, &reservation, NULL);
    outcome result = status == AICREDITS_STATUS_DENIED ? DENIED : FAILED;

    if (status == AICREDITS_STATUS_OK) {
        switch (run_action(at, cost)) {
        case 200:
            aicredits_reservation_commit(reservation);
            result = DONE;
            break;
        case 428:
            aicredits_reservation_report_exhausted(reservation);
            result = REFUSED;
            break;
        default:
            /* It may have run: the reservation is freed without an end, and counts as spent. */
            break;
        }
    }
    aicredits_reservation_free(reservation);
    return result;
}

/* The test. */

static int failures;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            failures++; \
        } \
    } while (0)

/* Runs an action of the emulator, and returns an integer of its reply. */
static int64_t ask(const aicredits_emulator *emulator, const char *action, const char *request, const char *pointer) {
    aicredits_emulator_reply *reply = NULL;
    int64_t value = -1;

    if (aicredits_emulator_control(emulator, action, request, &reply) != 200
        || !aicredits_emulator_reply_integer(reply, pointer, &value)) {
        fprintf(stderr, "%s: %s\n", action, aicredits_emulator_reply_json(reply, NULL));
        failures++;
    }
    aicredits_emulator_reply_free(reply);
    return value;
}

static size_t paid_actions(const aicredits_emulator *emulator) {
    aicredits_emulator_reply *journal = NULL;
    size_t count = 0;

    CHECK(aicredits_emulator_control(emulator, "journal", "{\"route\":\"paid_action\"}", &journal) == 200);
    count = aicredits_emulator_reply_count(journal, "/requests");
    aicredits_emulator_reply_free(journal);
    return count;
}

static void test(const aicredits_emulator *emulator, const aicredits_gate *gate, const server *at) {
    static const char left[] = "/accounts/0/allocations/0/rules/0/balance";

    /* 1,050 credits. The action takes 30 of them, from the allocation that resets. */
    CHECK(act(gate, at, 30) == DONE);
    CHECK(ask(emulator, "state", NULL, left) == 820);

    /* Somebody else spends nearly all. The gate finds out when the vendor refuses the action. */
    CHECK(ask(emulator, "spend", "{\"cost\":1010}", "/cost") == 1010);
    CHECK(act(gate, at, 30) == REFUSED);
    CHECK(paid_actions(emulator) == 2);

    /* From then on the gate denies the action, and the vendor is not asked. A new reading shows 10 credits. */
    CHECK(aicredits_gate_refresh(gate, NULL, NULL, NULL) == AICREDITS_STATUS_OK);
    CHECK(act(gate, at, 30) == DENIED);
    CHECK(paid_actions(emulator) == 2);

    /* The next month begins. */
    CHECK(ask(emulator, "clock", "{\"now\":\"2026-07-01T00:00:00Z\"}", "/resets") == 1);
    CHECK(aicredits_gate_refresh(gate, NULL, NULL, NULL) == AICREDITS_STATUS_OK);
    CHECK(act(gate, at, 30) == DONE);
    CHECK(ask(emulator, "state", NULL, left) == 970);
}

/* Whether the client kept to the API's rules, by all that the emulator saw. */
static void assert_good_client(const aicredits_emulator *emulator) {
    aicredits_emulator_reply *findings = NULL;

    if (aicredits_emulator_verdict(emulator, NULL, &findings) != 0) {
        fprintf(stderr, "%s\n", aicredits_emulator_reply_text(findings, "", NULL));
        failures++;
    }
    aicredits_emulator_reply_free(findings);
}

int main(void) {
    aicredits_emulator *emulator = NULL;
    aicredits_emulator_reply *reply = NULL;
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_gate_config *settings = aicredits_gate_config_new();
    aicredits_gate *gate = NULL;
    aicredits_error *error = NULL;

    if (aicredits_emulator_start(NULL, &emulator, &reply) != 0) {
        fprintf(stderr, "%s\n", aicredits_emulator_reply_text(reply, "/error/message", NULL));
        failures++;
    } else {
        const server at = {aicredits_emulator_setting(emulator, "url", NULL),
                           aicredits_emulator_setting(emulator, "api_key", NULL),
                           aicredits_emulator_setting(emulator, "account_id", NULL)};

        aicredits_config_set_base_url(config, at.base_url);
        aicredits_config_set_api_key(config, at.api_key);
        aicredits_config_set_account_id(config, at.account_id);
        /* The test turns the clock: a gate would not read again so soon. */
        aicredits_gate_config_set_min_interval_ms(settings, 0);
        if (aicredits_client_new(config, &client, &error) != AICREDITS_STATUS_OK
            || aicredits_gate_new(client, settings, &gate, &error) != AICREDITS_STATUS_OK) {
            fprintf(stderr, "%s\n", aicredits_error_message(error, NULL));
            failures++;
        } else {
            test(emulator, gate, &at);
            assert_good_client(emulator);
        }
    }
    aicredits_error_free(error);
    aicredits_gate_free(gate);
    aicredits_gate_config_free(settings);
    aicredits_client_free(client);
    aicredits_config_free(config);
    aicredits_emulator_reply_free(reply);
    aicredits_emulator_free(emulator);
    if (failures == 0) {
        printf("passed\n");
    }
    return failures != 0;
}
