/* Reserves credits in an event loop: no call of the loop blocks.
 *
 * gate_poll COST. It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than
 * Wix's. Linux alone has eventfd(): elsewhere a pipe does the same. */

#define _GNU_SOURCE

#include <aicredits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Wakes the loop. The gate calls it from any thread. */
static void wake(void *user) {
    eventfd_write(*(const int *)user, 1);
}

/* A reading of the balance, which may block, for a separate thread. */
struct reading {
    aicredits_gate_request *request;
    int *event;
};

static void *read_balance(void *argument) {
    struct reading *reading = argument;

    /* A reading that fails is reported by the next step. */
    if (aicredits_gate_request_read(reading->request, NULL, NULL) != AICREDITS_STATUS_OK) {
        fprintf(stderr, "gate_poll: the reading did not start\n");
    }
    wake(reading->event);
    return NULL;
}

/* Serves the loop until the event comes. Returns 0 if the time is over first. A program polls its sockets here too. */
static int serve_until(int event, int timeout_ms) {
    struct pollfd polled = {event, POLLIN, 0};
    eventfd_t count;

    return poll(&polled, 1, timeout_ms) > 0 && eventfd_read(event, &count) == 0;
}

/* Takes one step after another until the gate has decided. */
static aicredits_status reserve(const aicredits_gate *gate, uint64_t cost, int *event,
                                aicredits_reservation **reservation, aicredits_error **error) {
    aicredits_gate_request *request = NULL;
    aicredits_status status =
        aicredits_gate_request_new(gate, cost, 1, NULL, wake, event, NULL, &request, reservation, error);

    while (status == AICREDITS_STATUS_OK && *reservation == NULL) {
        if (aicredits_gate_request_next(request) == AICREDITS_NEXT_READ) {
            struct reading reading = {request, event};
            pthread_t thread;

            if (pthread_create(&thread, NULL, read_balance, &reading) != 0) {
                exit(2);
            }
            /* Until the thread has ended, it alone uses the request. */
            while (!serve_until(*event, -1)) {
            }
            pthread_join(thread, NULL);
        } else {
            /* Another caller makes the reading. If it is late, the next step takes over or ends the request. */
            serve_until(*event, (int)aicredits_gate_request_remaining_ms(request));
        }
        status = aicredits_gate_request_step(request, reservation, NULL, error);
    }
    aicredits_gate_request_free(request);
    return status;
}

int main(int argc, char **argv) {
    aicredits_config *config = NULL;
    aicredits_client *client = NULL;
    aicredits_gate *gate = NULL;
    aicredits_reservation *reservation = NULL;
    aicredits_error *error = NULL;
    char *end = NULL;
    uint64_t cost = argc == 2 ? strtoull(argv[1], &end, 10) : 0;
    int event;
    int result = 1;

    if (argc != 2 || *argv[1] < '0' || *argv[1] > '9' || *end != '\0') {
        fprintf(stderr, "gate_poll COST: COST is a whole number\n");
        return 2;
    }
    config = aicredits_config_new();
    event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    aicredits_config_from_env(config);
    if (event >= 0 && aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK
        && aicredits_gate_new(client, NULL, &gate, &error) == AICREDITS_STATUS_OK
        && reserve(gate, cost, &event, &reservation, &error) == AICREDITS_STATUS_OK) {
        /* The action runs here. */
        aicredits_reservation_commit(reservation);
        printf("done\n");
        result = 0;
    } else {
        printf("%s\n", aicredits_error_message(error, NULL));
    }

    aicredits_error_free(error);
    aicredits_reservation_free(reservation);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
    aicredits_config_free(config);
    close(event);
    return result;
}
