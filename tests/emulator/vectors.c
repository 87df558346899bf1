/* Runs control requests in the process: OPTIONS, then pairs of ACTION and REQUEST. A line for each: status and reply.
 */

#include <aicredits_emulator.h>
#include <stdio.h>

int main(int argc, char **argv) {
    aicredits_emulator *emulator = NULL;
    aicredits_emulator_reply *reply = NULL;
    int at, status = argc > 1 ? aicredits_emulator_start(argv[1], &emulator, &reply) : 2;

    if (status != 0) {
        fprintf(stderr, "%d %s\n", status, aicredits_emulator_reply_json(reply, NULL));
        aicredits_emulator_reply_free(reply);
        return 1;
    }
    printf("%s\n", aicredits_emulator_setting(emulator, "url", NULL));
    for (at = 2; at + 1 < argc; at += 2) {
        status = aicredits_emulator_control(emulator, argv[at], argv[at + 1], &reply);
        printf("%d %s\n", status, aicredits_emulator_reply_json(reply, NULL));
        aicredits_emulator_reply_free(reply);
    }
    aicredits_emulator_free(emulator);
    return 0;
}
