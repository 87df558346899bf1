/* cJSON. Dates stay texts. */

#include <cjson/cJSON.h>

#include "protocol.h"

static size_t length;

static void *decode(void *json) {
    cJSON *reply = cJSON_ParseWithLength(json, length);
    require(reply != NULL, "JSON");
    return reply;
}

static void done(void *reply) {
    cJSON_Delete(reply);
}

int main(void) {
    char *json = contents(setting("BENCH_REPLY"), &length);
    int status = run(decode, done, json);
    free(json);
    return status;
}
