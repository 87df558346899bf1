/* A process with emulators, which the test in keys.rs directs: one command a line, one answer each. It keeps no text of
 * its commands, so a key that is in its memory in the end was left there by an emulator. */

#define _GNU_SOURCE

#include <aicredits_emulator.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define EMULATORS 2
#define CANARY_PLACE 256

static aicredits_emulator *emulators[EMULATORS];
static char line[1 << 14];
static char *kept;

/* Without stdio, which would keep what was read and written. */
static int next_line(void) {
    size_t length = 0;

    while (length < sizeof line - 1 && read(0, line + length, 1) == 1) {
        if (line[length] == '\n') {
            line[length] = '\0';
            return 1;
        }
        length++;
    }
    return 0;
}

static void answer(int status, const char *text, size_t length) {
    char head[64];
    int size = snprintf(head, sizeof head, "%d %zu\n", status, length);

    if (write(1, head, (size_t)size) != size) {
        _exit(3);
    }
    while (length > 0) {
        ssize_t written = write(1, text, length);

        if (written < 0) {
            _exit(3);
        }
        text += written;
        length -= (size_t)written;
    }
}

static void answer_with(int status, aicredits_emulator_reply *reply) {
    size_t length = 0;
    const char *json = aicredits_emulator_reply_json(reply, &length);

    answer(status, json, length);
    /* Reading makes copies, which are the reply's too. */
    aicredits_emulator_reply_text(reply, "/secret", NULL);
    aicredits_emulator_reply_text(reply, "/keys/0/secret", NULL);
    aicredits_emulator_reply_free(reply);
}

/* The next word of the line, which ends there. */
static char *word(char **rest) {
    return strsep(rest, " ");
}

/* The emulator that the next word numbers. */
static int number(char **rest) {
    return atoi(word(rest)) % EMULATORS;
}

static void start(char *options) {
    int at = number(&options);
    aicredits_emulator_reply *reply = NULL;
    int status = aicredits_emulator_start(options, &emulators[at], &reply);

    answer_with(status, reply);
}

static void control(char *rest) {
    int at = number(&rest);
    aicredits_emulator_reply *reply = NULL;
    const char *action = word(&rest);
    int status = aicredits_emulator_control(emulators[at], action, rest, &reply);

    answer_with(status, reply);
}

static void setting(char *name) {
    int at = number(&name);
    size_t length = 0;
    const char *value = aicredits_emulator_setting(emulators[at], name, &length);

    answer(0, value, length);
}

static void free_all(void) {
    int at;

    for (at = 0; at < EMULATORS; at++) {
        aicredits_emulator_free(emulators[at]);
        emulators[at] = NULL;
    }
    answer(0, "", 0);
}

/* Canaries: texts that a search of this process must find. */

static void keep(const char *text) {
    kept = strdup(text);
    answer(kept == NULL, "", 0);
}

/* A block that was freed keeps its text, except at its beginning. */
static void leave(const char *text) {
    char *block = malloc(2 * CANARY_PLACE);

    strncpy(block + CANARY_PLACE, text, CANARY_PLACE - 1);
    __asm__ volatile("" : : "r"(block) : "memory");
    free(block);
    answer(0, "", 0);
}

static void *on_a_stack(void *text) {
    char copy[CANARY_PLACE];

    strncpy(copy, text, sizeof copy - 1);
    __asm__ volatile("" : : "r"(copy) : "memory");
    return NULL;
}

static void leave_on_a_stack(char *text) {
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, on_a_stack, text);

    answer(failed != 0 || pthread_join(thread, NULL) != 0, "", 0);
}

/* Ends the process with a core file, if this machine writes one in the working directory. */
static void die(void) {
    struct rlimit limit;

    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
    abort();
}

int main(void) {
    while (next_line()) {
        char *rest = line;
        const char *command = word(&rest);

        if (strcmp(command, "start") == 0) {
            start(rest);
        } else if (strcmp(command, "control") == 0) {
            control(rest);
        } else if (strcmp(command, "setting") == 0) {
            setting(rest);
        } else if (strcmp(command, "free") == 0) {
            free_all();
        } else if (strcmp(command, "keep") == 0) {
            keep(rest);
        } else if (strcmp(command, "leave") == 0) {
            leave(rest);
        } else if (strcmp(command, "leave_on_a_stack") == 0) {
            leave_on_a_stack(rest);
        } else if (strcmp(command, "die") == 0) {
            die();
        } else {
            return 2;
        }
        explicit_bzero(line, sizeof line);
    }
    free(kept);
    return 0;
}
