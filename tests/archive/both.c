/* Two Rust archives in one program, a panic caught in each, here and in threads. */

#include <aicredits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

int other_catches_its_panic(void);

#ifdef PANICS
/* Only in a library that was built for tests. */
void aicredits_testing_panic_next(void);
#endif

static int ours_works(void) {
    aicredits_balance *balance = NULL;
    aicredits_status status = aicredits_balance_from_json("{}", 2, &balance, NULL);

    aicredits_balance_free(balance);
#ifdef PANICS
    aicredits_testing_panic_next();
    if (aicredits_balance_from_json("{}", 2, &balance, NULL) != AICREDITS_STATUS_PANIC) {
        return 0;
    }
#endif
    return status == AICREDITS_STATUS_OK;
}

static void *in_a_thread(void *result) {
    *(int *)result = ours_works() && other_catches_its_panic() && ours_works();
    return NULL;
}

int main(void) {
    int here = ours_works() && other_catches_its_panic() && ours_works(), there = 0;
    pthread_t thread;

    if (pthread_create(&thread, NULL, in_a_thread, &there) != 0 || pthread_join(thread, NULL) != 0) {
        return 2;
    }
    if (here && there) {
        printf("both caught their panics\n");
    }
    return here && there ? 0 : 1;
}
