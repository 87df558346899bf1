/* gate_request TASK: requests of an event loop, against a server with 1050 credits, or without a server. */

#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <pthread.h>

#include "check.h"
#include "paid.h"

/* Counts of the callbacks of one request. Any thread may call them. */
struct seen {
    int wakes;
    int destroyed;
};

static aicredits_client *client;
static aicredits_gate *gate;

static void wake(void *user) {
    __atomic_add_fetch(&((struct seen *)user)->wakes, 1, __ATOMIC_SEQ_CST);
}

static void destroy(void *user) {
    __atomic_add_fetch(&((struct seen *)user)->destroyed, 1, __ATOMIC_SEQ_CST);
}

static int count(const int *figure) {
    return __atomic_load_n(figure, __ATOMIC_SEQ_CST);
}

static void begin(void) {
    client = make_client();
    if (aicredits_gate_new(client, NULL, &gate, NULL) != AICREDITS_STATUS_OK) {
        fail("no gate");
    }
}

static void end(void) {
    aicredits_gate_free(gate);
    aicredits_client_free(client);
}

/* A request that is not done at once. */
static aicredits_gate_request *start(uint64_t cost, struct seen *seen, aicredits_next expected) {
    aicredits_gate_request *request = NULL;
    aicredits_reservation *reservation = (aicredits_reservation *)seen;
    aicredits_error *error = (aicredits_error *)seen;

    memset(seen, 0, sizeof *seen);
    CHECK(aicredits_gate_request_new(gate, cost, 1, NULL, wake, seen, destroy, &request, &reservation, &error)
          == AICREDITS_STATUS_OK);
    CHECK(request != NULL && reservation == NULL && error == NULL);
    CHECK(aicredits_gate_request_next(request) == expected && count(&seen->destroyed) == 0);
    CHECK(aicredits_gate_request_remaining_ms(request) > 0 && aicredits_gate_request_remaining_ms(request) <= 5000);
    return request;
}

static void steps_to(aicredits_gate_request *request, aicredits_next expected) {
    aicredits_reservation *reservation = (aicredits_reservation *)request;
    aicredits_balance *balance = (aicredits_balance *)request;

    CHECK(aicredits_gate_request_step(request, &reservation, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_request_next(request) == expected && reservation == NULL && balance == NULL);
}

static void is_granted(aicredits_gate_request *request, uint64_t cost) {
    aicredits_reservation *reservation = NULL;
    aicredits_error *error = NULL;

    CHECK(aicredits_gate_request_step(request, &reservation, NULL, &error) == AICREDITS_STATUS_OK && error == NULL);
    CHECK(aicredits_gate_request_next(request) == AICREDITS_NEXT_DONE);
    CHECK(aicredits_reservation_cost(reservation) == cost && aicredits_reservation_commit(reservation));
    aicredits_reservation_free(reservation);
    aicredits_gate_request_free(request);
}

/* One request makes the reading, and the other one is woken. Then nothing needs a reading. */
static void share_one_reading(void) {
    struct seen reader, waiter, third = {0, 0};
    aicredits_gate_request *reads, *waits, *request = NULL;
    aicredits_reservation *reservation = NULL;

    begin();
    reads = start(40, &reader, AICREDITS_NEXT_READ);
    waits = start(50, &waiter, AICREDITS_NEXT_WAIT);
    steps_to(waits, AICREDITS_NEXT_WAIT);
    CHECK(count(&waiter.wakes) == 0);
    CHECK(aicredits_gate_request_read(reads, NULL, NULL) == AICREDITS_STATUS_OK);
    is_granted(reads, 40);
    CHECK(count(&waiter.wakes) > 0);
    is_granted(waits, 50);

    CHECK(aicredits_gate_request_new(gate, 60, 1, NULL, wake, &third, destroy, &request, &reservation, NULL)
          == AICREDITS_STATUS_OK);
    CHECK(request == NULL && aicredits_reservation_cost(reservation) == 60 && count(&third.destroyed) == 1);
    aicredits_reservation_free(reservation);
    CHECK(aicredits_gate_request_new(gate, 400, 3, NULL, wake, &third, destroy, &request, &reservation, NULL)
          == AICREDITS_STATUS_OK);
    CHECK(request == NULL && aicredits_reservation_count(reservation) == 2 && count(&third.destroyed) == 2);
    aicredits_reservation_free(reservation);
    end();
    CHECK(count(&reader.destroyed) == 1 && count(&waiter.destroyed) == 1);
}

/* A request that is freed before its reading passes the reading on to one that waits. */
static void hand_the_reading_over(void) {
    struct seen first, second, third;
    aicredits_gate_request *reads, *waits, *waits_too;

    begin();
    reads = start(40, &first, AICREDITS_NEXT_READ);
    waits = start(50, &second, AICREDITS_NEXT_WAIT);
    waits_too = start(60, &third, AICREDITS_NEXT_WAIT);
    aicredits_gate_request_free(reads);
    CHECK(count(&second.wakes) + count(&third.wakes) == 1 && count(&second.wakes) == 1);
    steps_to(waits, AICREDITS_NEXT_READ);
    CHECK(aicredits_gate_request_read(waits, NULL, NULL) == AICREDITS_STATUS_OK);
    is_granted(waits, 50);
    is_granted(waits_too, 60);
    end();
    CHECK(count(&first.destroyed) == 1 && count(&second.destroyed) == 1 && count(&third.destroyed) == 1);
}

/* A request that was to make the reading, and does not. After the timer, one that waits follows it. */
static void take_over_from_a_late_reader(void) {
    struct seen first = {0, 0}, second;
    aicredits_call *call = aicredits_call_new();
    aicredits_gate_request *late = NULL, *waits;
    aicredits_reservation *reservation = NULL;

    begin();
    aicredits_call_set_timeout_ms(call, 50);
    CHECK(aicredits_gate_request_new(gate, 40, 1, call, wake, &first, destroy, &late, &reservation, NULL)
          == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_request_next(late) == AICREDITS_NEXT_READ);
    waits = start(50, &second, AICREDITS_NEXT_WAIT);
    steps_to(waits, AICREDITS_NEXT_WAIT);
    while (aicredits_gate_request_remaining_ms(waits) > 0) {
        CHECK(aicredits_gate_request_remaining_ms(waits) <= 50);
        poll(NULL, 0, (int)aicredits_gate_request_remaining_ms(waits));
    }
    CHECK(count(&second.wakes) == 0);
    steps_to(waits, AICREDITS_NEXT_READ);
    CHECK(aicredits_gate_request_remaining_ms(waits) > 50);
    CHECK(aicredits_gate_request_read(waits, NULL, NULL) == AICREDITS_STATUS_OK);
    is_granted(waits, 50);
    /* The reading is there for the late one too, although its time is over. */
    is_granted(late, 40);
    aicredits_call_free(call);
    end();
    CHECK(count(&first.destroyed) == 1 && count(&second.destroyed) == 1);
}

/* The last step of a request that fails. */
static void fails(aicredits_gate_request *request, aicredits_status status, aicredits_status cause) {
    aicredits_reservation *reservation = NULL;
    aicredits_error *error = NULL;

    CHECK(aicredits_gate_request_step(request, &reservation, NULL, &error) == status && reservation == NULL);
    CHECK(aicredits_error_status(error) == status && aicredits_gate_request_next(request) == AICREDITS_NEXT_DONE);
    CHECK(cause == AICREDITS_STATUS_OK || aicredits_error_status(aicredits_error_cause(error)) == cause);
    aicredits_error_free(error);
    aicredits_gate_request_free(request);
}

static void end_early(void) {
    struct seen seen[4], none = {0, 0};
    aicredits_call *call = aicredits_call_new();
    aicredits_gate_request *reads, *expires, *is_cancelled, *request;
    aicredits_reservation *reservation = NULL;

    begin();
    reads = start(40, &seen[0], AICREDITS_NEXT_READ);
    expires = start(50, &seen[1], AICREDITS_NEXT_WAIT);
    is_cancelled = start(60, &seen[2], AICREDITS_NEXT_WAIT);
    aicredits_gate_request_expire(expires);
    fails(expires, AICREDITS_STATUS_DENIED, AICREDITS_STATUS_OK);
    aicredits_gate_request_cancel(is_cancelled);
    fails(is_cancelled, AICREDITS_STATUS_CANCELLED, AICREDITS_STATUS_OK);
    aicredits_call_cancel(call);
    CHECK(aicredits_gate_request_read(reads, call, NULL) == AICREDITS_STATUS_OK);
    fails(reads, AICREDITS_STATUS_CANCELLED, AICREDITS_STATUS_OK);
    aicredits_call_free(call);

    /* A wrong argument is refused at once, and frees the user data. */
    request = (aicredits_gate_request *)&none;
    CHECK(aicredits_gate_request_new(gate, 1, 1, NULL, NULL, &none, destroy, &request, &reservation, NULL)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(request == NULL && count(&none.destroyed) == 1);
    CHECK(aicredits_gate_request_new(gate, UINT64_MAX, 1, NULL, wake, &none, destroy, &request, &reservation, NULL)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(count(&none.destroyed) == 2 && count(&none.wakes) == 0);
    end();
    CHECK(count(&seen[0].destroyed) == 1 && count(&seen[1].destroyed) == 1 && count(&seen[2].destroyed) == 1);
}

/* The first of two readings in a row makes one. The other one has it at once. */
static void refresh(void) {
    struct seen seen = {0, 0}, second = {0, 0};
    aicredits_gate_request *request = NULL;
    aicredits_reservation *reservation = NULL;
    aicredits_balance *balance = (aicredits_balance *)&seen;
    aicredits_error *error = (aicredits_error *)&seen;

    begin();
    CHECK(aicredits_gate_request_new_refresh(gate, NULL, wake, &seen, destroy, &request, &balance, NULL)
          == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_request_next(request) == AICREDITS_NEXT_READ && balance == NULL);
    CHECK(aicredits_gate_request_read(request, NULL, NULL) == AICREDITS_STATUS_OK);
    CHECK(aicredits_gate_request_step(request, &reservation, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(reservation == NULL && *aicredits_balance_spendable(balance) == 1050);
    CHECK(aicredits_gate_request_next(request) == AICREDITS_NEXT_DONE);
    aicredits_balance_free(balance);
    aicredits_gate_request_free(request);

    balance = NULL;
    CHECK(aicredits_gate_request_new_refresh(gate, NULL, wake, &second, destroy, &request, &balance, &error)
          == AICREDITS_STATUS_OK);
    CHECK(request == NULL && error == NULL && *aicredits_balance_spendable(balance) == 1050);
    CHECK(count(&second.destroyed) == 1);
    aicredits_balance_free(balance);
    balance = (aicredits_balance *)&seen;
    request = (aicredits_gate_request *)&seen;
    CHECK(aicredits_gate_request_new_refresh(gate, NULL, NULL, NULL, NULL, &request, &balance, NULL)
          == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(request == NULL && balance == NULL);
    end();
    CHECK(count(&seen.destroyed) == 1);
}

/* A failed reading is shared by all that waited for it. */
static void fail_together(void) {
    struct seen reader, waiter;
    aicredits_gate_request *reads, *waits;

    begin();
    reads = start(40, &reader, AICREDITS_NEXT_READ);
    waits = start(50, &waiter, AICREDITS_NEXT_WAIT);
    CHECK(aicredits_gate_request_read(reads, NULL, NULL) == AICREDITS_STATUS_OK);
    fails(reads, AICREDITS_STATUS_DENIED, AICREDITS_STATUS_NETWORK);
    CHECK(count(&waiter.wakes) > 0);
    fails(waits, AICREDITS_STATUS_DENIED, AICREDITS_STATUS_NETWORK);
    end();
}

static void *read_and_free(void *request) {
    if (aicredits_gate_request_read(request, NULL, NULL) != AICREDITS_STATUS_OK) {
        fail("no reading");
    }
    return request;
}

/* A reading in one thread wakes requests of another one, whose gate and client are freed before them. */
static void another_thread_reads(void) {
    struct seen reader, waiter;
    aicredits_gate_request *reads, *waits;
    pthread_t thread;

    begin();
    reads = start(40, &reader, AICREDITS_NEXT_READ);
    waits = start(50, &waiter, AICREDITS_NEXT_WAIT);
    end();
    CHECK(pthread_create(&thread, NULL, read_and_free, reads) == 0 && pthread_join(thread, NULL) == 0);
    is_granted(reads, 40);
    is_granted(waits, 50);
    CHECK(count(&reader.destroyed) == 1 && count(&waiter.destroyed) == 1);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "reachable") == 0) {
        share_one_reading();
        hand_the_reading_over();
        take_over_from_a_late_reader();
        end_early();
        refresh();
        another_thread_reads();
    } else if (argc == 2 && strcmp(argv[1], "unreachable") == 0) {
        fail_together();
    } else {
        CHECK(!"a task that there is");
    }
    return checked();
}
