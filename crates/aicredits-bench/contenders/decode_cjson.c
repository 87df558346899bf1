/* cJSON. Dates stay texts. */

#include <cjson/cJSON.h>

#include "protocol.h"

static size_t length;

static uint64_t decode(void *json) {
    uint64_t begun = now();
    cJSON *reply = cJSON_ParseWithLength(json, length);
    uint64_t time = now() - begun;
    require(reply != NULL, "JSON");
    cJSON_Delete(reply);
    return time;
}

int main(void) {
    char *json = contents(setting("BENCH_REPLY"), &length);
    int status = answer(decode, json);
    free(json);
    return status;
}
