/* Effects of an emulator on its process, and of the process on the emulator. The argument names the task. */

#define _GNU_SOURCE

#include "../c/check.h"
#include "http.h"

#include <aicredits_emulator.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#define INSTANCES 10

static aicredits_emulator *started(void) {
    aicredits_emulator *emulator = NULL;

    CHECK(aicredits_emulator_start(NULL, &emulator, NULL) == 0);
    return emulator;
}

static int balance_of(const aicredits_emulator *emulator) {
    char headers[512];

    snprintf(headers, sizeof headers, "Authorization: %s\r\nwix-account-id: %s\r\n",
             aicredits_emulator_setting(emulator, "api_key", NULL),
             aicredits_emulator_setting(emulator, "account_id", NULL));
    return post(aicredits_emulator_setting(emulator, "url", NULL), BALANCE, headers, "{}");
}

/* Spends with its own emulator: no other thread's spending is seen in it. */
static void *one_instance(void *number) {
    aicredits_emulator *emulator = started();
    aicredits_emulator_reply *reply = NULL;
    char request[64];
    int64_t drawn = 0, balance = 0;
    int cost = 1 + *(const int *)number, requests;

    snprintf(request, sizeof request, "{\"cost\":%d}", cost);
    for (requests = 0; requests < 20; requests++) {
        CHECK(aicredits_emulator_control(emulator, "spend", request, &reply) == 200);
        CHECK(aicredits_emulator_reply_integer(reply, "/drawn/0/amount", &drawn) && drawn == cost);
        aicredits_emulator_reply_free(reply);
        CHECK(balance_of(emulator) == 200);
    }
    CHECK(aicredits_emulator_control(emulator, "state", NULL, &reply) == 200);
    CHECK(aicredits_emulator_reply_integer(reply, "/accounts/0/allocations/0/rules/0/balance", &balance));
    CHECK(balance == 850 - 20 * cost);
    CHECK(aicredits_emulator_reply_integer(reply, "/requests", &drawn) && drawn == 20);
    aicredits_emulator_reply_free(reply);
    CHECK(aicredits_emulator_verdict(emulator, NULL, NULL) == 0);
    aicredits_emulator_free(emulator);
    return NULL;
}

static void parallel(void) {
    pthread_t threads[INSTANCES];
    int numbers[INSTANCES], at;

    for (at = 0; at < INSTANCES; at++) {
        numbers[at] = at;
        CHECK(pthread_create(&threads[at], NULL, one_instance, &numbers[at]) == 0);
    }
    for (at = 0; at < INSTANCES; at++) {
        CHECK(pthread_join(threads[at], NULL) == 0);
    }
}

static const aicredits_emulator *shared;
static const aicredits_emulator_reply *shared_reply;

static void *one_of_many(void *addresses) {
    int rounds;

    for (rounds = 0; rounds < 100; rounds++) {
        CHECK(aicredits_emulator_control(shared, "spend", "{\"cost\":1}", NULL) == 200);
        *(const char **)addresses = aicredits_emulator_reply_text(shared_reply, "/keys/0/secret", NULL);
    }
    return NULL;
}

/* Threads that use one emulator and one reply. */
static void together(void) {
    aicredits_emulator *emulator = started();
    aicredits_emulator_reply *reply = NULL, *after = NULL;
    pthread_t threads[4];
    const char *addresses[4];
    int64_t balance = 0;
    int at;

    CHECK(aicredits_emulator_control(emulator, "state", NULL, &reply) == 200);
    shared = emulator;
    shared_reply = reply;
    for (at = 0; at < 4; at++) {
        CHECK(pthread_create(&threads[at], NULL, one_of_many, &addresses[at]) == 0);
    }
    for (at = 0; at < 4; at++) {
        CHECK(pthread_join(threads[at], NULL) == 0 && addresses[at] == addresses[0] && addresses[at] != NULL);
    }
    CHECK(aicredits_emulator_control(emulator, "state", NULL, &after) == 200);
    CHECK(aicredits_emulator_reply_integer(after, "/accounts/0/allocations/0/rules/0/balance", &balance));
    CHECK(balance == 850 - 400);
    aicredits_emulator_reply_free(after);
    aicredits_emulator_reply_free(reply);
    aicredits_emulator_free(emulator);
}

/* Calls the emulator until it is asked to stop, so that a fork finds its locks held. */
static void *busy(void *stop) {
    while (!__atomic_load_n((bool *)stop, __ATOMIC_SEQ_CST)) {
        CHECK(aicredits_emulator_control(shared, "state", NULL, NULL) == 200);
    }
    return NULL;
}

static bool succeeded(pid_t child) {
    int status = 0;

    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void forks(void) {
    aicredits_emulator *emulator = started();
    aicredits_emulator_reply *reply = NULL;
    char url[64];
    bool stop = false;
    pthread_t thread;
    pid_t child;
    int rounds, held[2];

    CHECK(aicredits_emulator_control(emulator, "state", NULL, &reply) == 200);
    shared = emulator;
    CHECK(pthread_create(&thread, NULL, busy, &stop) == 0);
    for (rounds = 0; rounds < 30; rounds++) {
        child = fork();
        if (child == 0) {
            /* A child that hangs is killed, and so it fails. */
            alarm(20);
            CHECK(aicredits_emulator_reply_count(reply, "/keys") > 0);
            aicredits_emulator_reply_free(reply);
            aicredits_emulator_free(emulator);
            _exit(failures != 0);
        }
        CHECK(succeeded(child));
        CHECK(balance_of(emulator) == 200);
    }
    __atomic_store_n(&stop, true, __ATOMIC_SEQ_CST);
    CHECK(pthread_join(thread, NULL) == 0);

    /* A child that has freed its copy keeps nothing of it open. */
    CHECK(pipe(held) == 0);
    snprintf(url, sizeof url, "%s", aicredits_emulator_setting(emulator, "url", NULL));
    child = fork();
    if (child == 0) {
        char byte;

        alarm(20);
        close(held[1]);
        aicredits_emulator_free(emulator);
        _exit(read(held[0], &byte, 1) != 0);
    }
    CHECK(balance_of(emulator) == 200);
    aicredits_emulator_free(emulator);
    CHECK(post(url, BALANCE, "", "{}") == 0);
    /* The child may start its own emulator. */
    close(held[1]);
    CHECK(succeeded(child));
    child = fork();
    if (child == 0) {
        alarm(20);
        emulator = started();
        CHECK(balance_of(emulator) == 200);
        aicredits_emulator_free(emulator);
        _exit(failures != 0);
    }
    CHECK(succeeded(child));
    aicredits_emulator_reply_free(reply);
}

/* The blocked signals of a thread, as the kernel says. */
static unsigned long long blocked(const char *thread) {
    char path[320], line[256];
    unsigned long long mask = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "SigBlk: %llx", &mask) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return mask;
}

/* Handlers of a program run on its own threads: those of an emulator block every signal that can be blocked. */
static void signals(void) {
    aicredits_emulator *emulator = started();
    const unsigned long long usual = (1ULL << (SIGUSR1 - 1)) | (1ULL << (SIGINT - 1)) | (1ULL << (SIGTERM - 1))
                                     | (1ULL << (SIGCHLD - 1)) | (1ULL << (SIGALRM - 1));
    struct dirent *entry;
    char own[32];
    DIR *threads;
    int others = 0;

    CHECK(balance_of(emulator) == 200);
    snprintf(own, sizeof own, "%d", (int)getpid());
    CHECK(blocked(own) == 0);
    threads = opendir("/proc/self/task");
    while ((entry = readdir(threads)) != NULL) {
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, own) != 0) {
            unsigned long long mask = blocked(entry->d_name);

            /* A thread that has ended has no file. */
            CHECK(mask == 0 || (mask & usual) == usual);
            others += mask != 0;
        }
    }
    closedir(threads);
    CHECK(others > 0);
    aicredits_emulator_free(emulator);
}

int main(int argc, char **argv) {
    const char *task = argc == 2 ? argv[1] : "";

    if (strcmp(task, "parallel") == 0) {
        parallel();
    } else if (strcmp(task, "together") == 0) {
        together();
    } else if (strcmp(task, "forks") == 0) {
        forks();
    } else if (strcmp(task, "signals") == 0) {
        signals();
    } else {
        printf("no task %s\n", task);
        return 2;
    }
    return checked();
}
