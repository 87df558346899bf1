/* A panic behind each entry becomes a status or a neutral result. */

#include "../c/check.h"

#include <aicredits_emulator.h>
#include <string.h>

/* Only in a library that was built for tests. */
void aicredits_emulator_testing_panic_next(void);
size_t aicredits_emulator_testing_panics(void);
size_t aicredits_emulator_testing_handles(void);

static size_t panics;

/* The call has this result, and it did panic. */
#define PANICS(call, result) \
    do { \
        aicredits_emulator_testing_panic_next(); \
        CHECK((call) == (result)); \
        CHECK(aicredits_emulator_testing_panics() == ++panics); \
    } while (0)

int main(void) {
    aicredits_emulator *emulator = NULL, *other = NULL;
    aicredits_emulator_reply *reply = NULL, *panic = NULL;
    int64_t value = 0;

    CHECK(aicredits_emulator_start(NULL, &emulator, NULL) == 0);
    CHECK(aicredits_emulator_control(emulator, "state", NULL, &reply) == 200);

    PANICS(aicredits_emulator_start(NULL, &other, &panic), 500);
    CHECK(other == NULL && strstr(aicredits_emulator_reply_json(panic, NULL), "please report it") != NULL);
    aicredits_emulator_reply_free(panic);
    PANICS(aicredits_emulator_control(emulator, "state", NULL, &panic), 500);
    CHECK(strcmp(aicredits_emulator_reply_text(panic, "/error/code", NULL), "panic") == 0);
    aicredits_emulator_reply_free(panic);
    PANICS(aicredits_emulator_verdict(emulator, NULL, &panic), -1);
    aicredits_emulator_reply_free(panic);
    PANICS(aicredits_emulator_setting(emulator, "url", NULL), NULL);
    PANICS(aicredits_emulator_reply_json(reply, NULL), NULL);
    PANICS(aicredits_emulator_reply_integer(reply, "/version", &value), false);
    PANICS(aicredits_emulator_reply_text(reply, "/url", NULL), NULL);
    PANICS(aicredits_emulator_reply_count(reply, ""), 0);
    CHECK(aicredits_emulator_testing_handles() == 2);
    /* Their objects are freed all the same. */
    PANICS((aicredits_emulator_reply_free(reply), 0), 0);
    PANICS((aicredits_emulator_free(emulator), 0), 0);
    CHECK(aicredits_emulator_testing_handles() == 0);
    return checked();
}
