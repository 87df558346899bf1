/* limits: lengths that are too large, with less memory than a copy would need. */

#define _GNU_SOURCE

#include <aicredits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "check.h"

#define MIB ((size_t)1 << 20)
#define GIB ((size_t)1 << 30)

/* Reads a balance that is refused; what the message must hold is told. */
static void refuses(const char *json, size_t length, aicredits_status status, const char *says) {
    aicredits_error *error = NULL;
    aicredits_balance *balance = NULL;

    CHECK(aicredits_balance_from_json(json, length, &balance, &error) == status);
    CHECK(balance == NULL && error != NULL && strstr(aicredits_error_message(error, NULL), says) != NULL);
    aicredits_error_free(error);
}

/* Makes a client that is refused. */
static void refuses_client(aicredits_config *config, const char *says) {
    aicredits_error *error = NULL;
    aicredits_client *client = NULL;

    CHECK(aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(client == NULL && error != NULL && strstr(aicredits_error_message(error, NULL), says) != NULL);
    aicredits_error_free(error);
    aicredits_config_free(config);
}

static aicredits_config *new_config(void) {
    aicredits_config *config = aicredits_config_new();

    aicredits_config_set_api_key(config, "IST.limits");
    aicredits_config_set_account_id(config, "account-1");
    return config;
}

/* Address space as it is, and so much more. */
static void leave(size_t bytes) {
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    struct rlimit limit;

    CHECK(statm != NULL && fscanf(statm, "%lu", &pages) == 1);
    fclose(statm);
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
    limit.rlim_cur = pages * 4096 + bytes;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

/* No byte of them may be read, so a pointer to one byte does. */
static void lengths_of_no_object(void) {
    const size_t lengths[] = {GIB + 1, 3 * GIB, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX - 1, SIZE_MAX};
    const char *byte = "{";
    aicredits_config *config;
    size_t place;

    for (place = 0; place < sizeof lengths / sizeof *lengths; place++) {
        refuses(byte, lengths[place], AICREDITS_STATUS_TOO_LARGE, "1073741824");
        config = new_config();
        aicredits_config_set_ca_pem(config, byte, lengths[place]);
        refuses_client(config, "ca_pem is larger than 16 MiB");
    }
    config = new_config();
    aicredits_config_set_ca_pem(config, byte, 16 * MIB + 1);
    refuses_client(config, "ca_pem is larger than 16 MiB");
    refuses(NULL, SIZE_MAX, AICREDITS_STATUS_TOO_LARGE, "1073741824");
    refuses(NULL, 1, AICREDITS_STATUS_INVALID_ARGUMENT, "json is NULL");
}

/* Of a text, what is shown is read, and no more. */
static void long_text(void) {
    char *text = malloc(4 * MIB), escaped[AICREDITS_TEXT_SIZE], whole[AICREDITS_TEXT_SIZE];

    CHECK(text != NULL);
    memset(text, 'x', 4 * MIB);
    CHECK(aicredits_text_escape(text, 4 * MIB, whole, sizeof whole) == 303);
    CHECK(aicredits_text_escape(text, SIZE_MAX, escaped, sizeof escaped) == 303);
    CHECK(strcmp(whole, escaped) == 0);
    free(text);
}

/* A stored reply of a size that a client can be set to read, with and without memory for a copy. */
static void memory(void) {
    char *large = mmap(NULL, 3 * GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    aicredits_error *error = NULL;
    aicredits_balance *balance = NULL;
    aicredits_config *config;
    size_t length = 0;

    CHECK(large != MAP_FAILED);
    memset(large, ' ', 9 * MIB);
    memcpy(large, "{}", 2);
    CHECK(aicredits_balance_from_json(large, 9 * MIB, &balance, &error) == AICREDITS_STATUS_OK);
    CHECK(aicredits_balance_json(balance, &length) != NULL && length == 9 * MIB);
    aicredits_balance_free(balance);

    leave(256 * MIB);
    refuses(large, 3 * GIB, AICREDITS_STATUS_TOO_LARGE, "1073741824");
    refuses(large, GIB, AICREDITS_STATUS_INVALID_ARGUMENT, "json is larger than the memory that is left");
    config = new_config();
    aicredits_config_set_ca_pem(config, large, 3 * GIB);
    refuses_client(config, "ca_pem is larger than 16 MiB");

    /* A string that has no length to compare. */
    memset(large, 'x', GIB / 2);
    config = new_config();
    aicredits_config_set_api_key(config, large);
    refuses_client(config, "api_key is longer than 1 MiB");
    munmap(large, 3 * GIB);
}

int main(void) {
    lengths_of_no_object();
    long_text();
    memory();
    return checked();
}
