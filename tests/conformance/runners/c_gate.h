/* The settings of a gate, for the C runner. */

#ifndef C_GATE_H
#define C_GATE_H

#include <aicredits.h>
#include <stdlib.h>
#include <string.h>

/* The setters of numbers. */
static const struct {
    const char *name;
    void (*set)(aicredits_gate_config *config, uint64_t value);
} gate_setters[] = {
    {"max_age_ms", aicredits_gate_config_set_max_age_ms},
    {"min_interval_ms", aicredits_gate_config_set_min_interval_ms},
    {"read_timeout_ms", aicredits_gate_config_set_read_timeout_ms},
    {"visibility_delay_ms", aicredits_gate_config_set_visibility_delay_ms},
    {"headroom", aicredits_gate_config_set_headroom},
    {"limit", aicredits_gate_config_set_limit},
    {"reservation_ttl_ms", aicredits_gate_config_set_reservation_ttl_ms},
    {"exhausted_cooldown_ms", aicredits_gate_config_set_exhausted_cooldown_ms},
};

/* Sets a setting; the text is decoded. Returns 0 if there is none of this name. */
static int set_for_gate(aicredits_gate_config *config, const char *name, const char *value) {
    uint64_t count = strtoull(value, NULL, 10);
    size_t at;
    for (at = 0; at < sizeof gate_setters / sizeof gate_setters[0]; at++) {
        if (strcmp(name, gate_setters[at].name) == 0) {
            gate_setters[at].set(config, count);
            return 1;
        }
    }
    if (strcmp(name, "account_id") == 0) {
        aicredits_gate_config_set_account_id(config, value);
    } else if (strcmp(name, "site_id") == 0) {
        aicredits_gate_config_set_site_id(config, value);
    } else if (strcmp(name, "credential_scope") == 0) {
        aicredits_gate_config_set_credential_scope(config);
    } else if (strcmp(name, "processes") == 0) {
        aicredits_gate_config_set_processes(config, (uint32_t)count);
    } else if (strcmp(name, "strict") == 0) {
        aicredits_gate_config_set_strict(config, (int32_t)count);
    } else if (strcmp(name, "dry_run") == 0) {
        aicredits_gate_config_set_dry_run(config, (int32_t)count);
    } else if (strcmp(name, "when_unavailable_stale_ms") == 0) {
        aicredits_gate_config_set_when_unavailable(config, AICREDITS_WHEN_UNAVAILABLE_STALE, count);
    } else if (strcmp(name, "when_unavailable") == 0) {
        int is_allow = strcmp(value, "allow") == 0;
        aicredits_gate_config_set_when_unavailable(
            config, is_allow ? AICREDITS_WHEN_UNAVAILABLE_ALLOW : AICREDITS_WHEN_UNAVAILABLE_DENY, 0);
    } else {
        return 0;
    }
    return 1;
}

/* Reads the balance through a gate with these settings. */
static aicredits_status read_through_gate(const aicredits_client *client, const aicredits_gate_config *config,
                                          const aicredits_call *call, aicredits_balance **balance,
                                          aicredits_error **error) {
    aicredits_gate *gate = NULL;
    aicredits_status status = aicredits_gate_new(client, config, &gate, error);
    if (status == AICREDITS_STATUS_OK) {
        status = aicredits_gate_refresh(gate, call, balance, error);
    }
    aicredits_gate_free(gate);
    return status;
}

#endif
