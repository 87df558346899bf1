/* Prints what the functions that name a number say of each, in and out of range: KIND NUMBER NAME. */

#include <aicredits.h>
#include <stdio.h>

static void print(int32_t number) {
    printf("STATUS %d %s\n", (int)number, aicredits_status_name(number));
    printf("PERIOD %d %s\n", (int)number, aicredits_period_name(number));
    printf("SCOPE %d %s\n", (int)number, aicredits_scope_kind_name(number));
    printf("LOG %d %s\n", (int)number, aicredits_log_level_name(number));
    printf("PHASE %d %s\n", (int)number, aicredits_phase_name(number));
    printf("ANSWER %d %s\n", (int)number, aicredits_answer_name(number));
    printf("DENIAL %d %s\n", (int)number, aicredits_denial_reason_name(number));
}

int main(void) {
    print(INT32_MIN);
    for (int32_t number = -3; number < 300; number++) {
        print(number);
    }
    print(INT32_MAX);
    return 0;
}
