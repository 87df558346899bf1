/* The C programs' half of the protocol in README.md. */

#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* How many operations a batch has. One alone would be as short as a clock read. */
#define BATCH 1000

static void require(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}

static inline const char *setting(const char *name) {
    const char *value = getenv(name);
    require(value != NULL, name);
    return value;
}

static inline char *contents(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    require(file != NULL, path);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = (char *)malloc(*length + 1);
    require(bytes != NULL && fread(bytes, 1, *length, file) == *length, path);
    fclose(file);
    return bytes;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Answers each line with as many times, which `once` takes and returns. It ends the process if it fails. */
static int answer(uint64_t (*once)(void *), void *with) {
    char line[32];
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t count = strtoul(line, NULL, 10);
        uint64_t *times = (uint64_t *)malloc((count + 1) * sizeof *times);
        require(times != NULL, "memory");
        for (size_t i = 0; i < count; i++) {
            times[i] = once(with);
        }
        for (size_t i = 0; i < count; i++) {
            printf("%llu ", (unsigned long long)times[i]);
        }
        printf("\n");
        fflush(stdout);
        free(times);
    }
    return 0;
}

#endif
