/* A correct program: threads share a client, and each makes calls. A tool must find no fault in it. */

#include <aicredits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4
#define CALLS 3

static aicredits_client *client;

static void check(aicredits_status status, aicredits_error *error) {
    if (status != AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_error_message(error, NULL));
        exit(1);
    }
}

static void *call(void *nothing) {
    for (int i = 0; i < CALLS; i++) {
        aicredits_balance *balance = NULL;
        aicredits_error *error = NULL;

        check(aicredits_client_get_balance(client, NULL, &balance, &error), error);
        if (aicredits_balance_text(balance, NULL) == NULL) {
            exit(1);
        }
        aicredits_balance_free(balance);
    }
    return nothing;
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_error *error = NULL;
    pthread_t threads[THREADS];

    aicredits_config_from_env(config);
    check(aicredits_client_new(config, &client, &error), error);
    aicredits_config_free(config);
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, call, NULL) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    aicredits_client_free(client);
    printf("every call came back\n");
    return 0;
}
