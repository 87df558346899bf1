/* gate_threads COST: 64 threads share one gate, and repeat an action of this cost until the gate denies it. Prints how
 * many actions ran. */

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>

#include "check.h"
#include "paid.h"

#define THREADS 64

static aicredits_gate *gate;
static uint64_t cost;

static void *act_until_denied(void *actions) {
    aicredits_reservation *reservation = NULL;
    aicredits_error *error = NULL;
    aicredits_status status;

    while ((status = aicredits_gate_reserve(gate, cost, NULL, &reservation, &error)) == AICREDITS_STATUS_OK) {
        if (pay(cost) == 200) {
            CHECK(aicredits_reservation_commit(reservation));
            ++*(int *)actions;
        } else {
            CHECK(!"the vendor refused an action that the gate granted");
            aicredits_reservation_report_exhausted(reservation);
        }
        aicredits_reservation_free(reservation);
    }
    CHECK(status == AICREDITS_STATUS_DENIED);
    CHECK(aicredits_denial_reason(aicredits_error_denial(error)) == AICREDITS_DENIAL_REASON_INSUFFICIENT);
    aicredits_error_free(error);
    return NULL;
}

int main(int argc, char **argv) {
    aicredits_gate_config *config = aicredits_gate_config_new();
    aicredits_client *client = make_client();
    aicredits_gate_state *state;
    pthread_t threads[THREADS];
    int actions[THREADS] = {0}, sum = 0;

    cost = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    aicredits_gate_config_set_min_interval_ms(config, 20);
    if (aicredits_gate_new(client, config, &gate, NULL) != AICREDITS_STATUS_OK) {
        fail("no gate");
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, act_until_denied, &actions[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        sum += actions[i];
    }
    state = aicredits_gate_state_new(gate);
    CHECK(aicredits_gate_state_reserved(state) == 0 && aicredits_gate_state_granted(state) == (uint64_t)sum);
    CHECK(aicredits_gate_state_denied(state) >= THREADS && aicredits_gate_state_unchecked(state) == 0);
    aicredits_gate_state_free(state);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
    aicredits_gate_config_free(config);
    printf("%d actions\n", sum);
    return checked();
}
