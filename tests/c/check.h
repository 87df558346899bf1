/* Checks of the C programs: a failed check is printed and counted, and the program continues. */

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

/* The result of main(). */
static int checked(void) {
    if (failures == 0) {
        printf("every check held\n");
    }
    return failures != 0;
}

#endif
