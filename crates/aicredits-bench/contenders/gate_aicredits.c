/* Ours, from C: a reservation and its commit, with a usable reading. */

#include <aicredits.h>

#include "protocol.h"

static uint64_t batch(void *gate) {
    uint64_t begun = now();
    for (int i = 0; i < BATCH; i++) {
        aicredits_reservation *reservation;
        aicredits_status status = aicredits_gate_reserve(gate, 1, NULL, &reservation, NULL);
        require(status == AICREDITS_STATUS_OK, aicredits_status_name(status));
        require(aicredits_reservation_commit(reservation), "the first commit counts");
        aicredits_reservation_free(reservation);
    }
    return now() - begun;
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client;
    aicredits_gate *gate;
    aicredits_config_from_env(config);
    require(aicredits_client_new(config, &client, NULL) == AICREDITS_STATUS_OK, "a client");
    aicredits_config_free(config);
    require(aicredits_gate_new(client, NULL, &gate, NULL) == AICREDITS_STATUS_OK, "a gate");
    require(aicredits_gate_refresh(gate, NULL, NULL, NULL) == AICREDITS_STATUS_OK, "a reading");
    int status = answer(batch, gate);
    aicredits_gate_free(gate);
    aicredits_client_free(client);
    return status;
}
