/* What the C programs here check with: a failed check is told and counted, and the rest goes on. */

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int failures;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("line %d: %s\n", __LINE__, #condition); \
            failures++; \
        } \
    } while (0)

/* What main() returns. */
static int checked(void) {
    if (failures == 0) {
        printf("every check held\n");
    }
    return failures != 0;
}

#endif
