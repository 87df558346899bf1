/* rounds WHAT N: does WHAT 10,000 times to warm up and N times more, and fails if those N left anything behind. */

#include <aicredits.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Only in a library that was built for tests. */
size_t aicredits_testing_handles(void);

static const char REPLY[] =
    "{\"periodicCredits\":{\"balance\":850},\"creditBalanceBreakdown\":[{\"subscriptionId\":\"s\","
    "\"usageRules\":[{\"period\":\"NEW\",\"cap\":1},{\"period\":\"DAY\"}]}]}";

static aicredits_client *make_client(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_error *error = NULL;

    aicredits_config_from_env(config);
    if (aicredits_client_new(config, &client, &error) != AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_error_message(error, NULL));
        exit(1);
    }
    aicredits_config_free(config);
    return client;
}

/* One call that succeeds and one that fails. */
static void call_twice(const aicredits_client *client) {
    aicredits_call *call = aicredits_call_new();
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    if (aicredits_client_get_balance(client, NULL, &balance, &error) != AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_error_message(error, NULL));
        exit(1);
    }
    aicredits_balance_free(balance);
    aicredits_call_set_site_id(call, "unknown");
    if (aicredits_client_get_balance(client, call, &balance, &error) != AICREDITS_STATUS_NOT_FOUND) {
        printf("the site was not unknown\n");
        exit(1);
    }
    aicredits_error_free(error);
    aicredits_call_free(call);
}

static void do_rounds(const char *what, long rounds) {
    if (strcmp(what, "clients") == 0) {
        for (long i = 0; i < rounds; i++) {
            aicredits_client *client = make_client();
            call_twice(client);
            aicredits_client_free(client);
        }
    } else if (strcmp(what, "calls") == 0) {
        aicredits_client *client = make_client();
        for (long i = 0; i < rounds; i++) {
            call_twice(client);
        }
        aicredits_client_free(client);
    } else {
        for (long i = 0; i < rounds; i++) {
            aicredits_balance *balance = NULL;
            aicredits_error *error = NULL;
            if (aicredits_balance_from_json(REPLY, strlen(REPLY), &balance, &error) != AICREDITS_STATUS_OK) {
                exit(1);
            }
            aicredits_balance_free(aicredits_balance_ref(balance));
            aicredits_balance_free(balance);
            if (aicredits_balance_from_json(REPLY, strlen(REPLY) - 1, &balance, &error) != AICREDITS_STATUS_DECODE) {
                exit(1);
            }
            aicredits_error_free(error);
        }
    }
}

/* A figure of /proc/self/status. */
static long status_of(const char *name) {
    char line[256];
    long figure = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            figure = strtol(line + strlen(name), NULL, 10);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return figure;
}

static long descriptors(void) {
    long count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv) {
    long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    long memory, files, threads;

    if (rounds <= 0) {
        return 2;
    }
    do_rounds(argv[1], 10000);
    memory = status_of("VmRSS:");
    files = descriptors();
    threads = status_of("Threads:");
    do_rounds(argv[1], 10000);
    memory = status_of("VmRSS:") - memory;
    files = descriptors() - files;
    threads = status_of("Threads:") - threads;

    printf("%ld rounds after a warm-up of 10,000: %ld KiB, %ld descriptors, %ld threads, %zu handles\n", rounds, memory,
           files, threads, aicredits_testing_handles());
    return memory >= 1024 || files != 0 || threads != 0 || aicredits_testing_handles() != 0;
}
