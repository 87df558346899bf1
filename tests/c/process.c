/* process TASK [LIBRARY...]: what a process may do to the library that it calls. */

#define _GNU_SOURCE

#include <aicredits.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

static aicredits_client *make_client(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_error *error = NULL;

    aicredits_config_from_env(config);
    CHECK(aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK);
    aicredits_config_free(config);
    aicredits_error_free(error);
    return client;
}

static void call_on(const aicredits_client *client) {
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    if (aicredits_client_get_balance(client, NULL, &balance, &error) != AICREDITS_STATUS_OK) {
        printf("%s\n", aicredits_error_message(error, NULL));
        failures++;
    }
    CHECK(aicredits_balance_available(balance) != NULL && *aicredits_balance_available(balance) == 1050);
    aicredits_balance_free(balance);
    aicredits_error_free(error);
}

static void call(void) {
    aicredits_client *client = make_client();

    call_on(client);
    call_on(client);
    aicredits_client_free(client);
}

static void *call_in_thread(void *nothing) {
    call();
    return nothing;
}

static void *be_refused_in_thread(void *nothing) {
    aicredits_client *client = make_client();
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;

    CHECK(aicredits_client_get_balance(client, NULL, &balance, &error) == AICREDITS_STATUS_TLS);
    CHECK(strstr(aicredits_error_message(error, NULL), "stack of 48 KiB or more") != NULL);
    aicredits_error_free(error);
    aicredits_client_free(client);
    return nothing;
}

static void on_a_stack_of(size_t kibibytes, void *(*work)(void *)) {
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, kibibytes * 1024) == 0);
    CHECK(pthread_create(&thread, &attributes, work, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
}

/* The least that the header asks for. */
static void small_stack(void) {
    on_a_stack_of(48, call_in_thread);
}

/* Less than TLS needs: an error, and the process goes on. */
static void tiny_stack(void) {
    on_a_stack_of(24, be_refused_in_thread);
    on_a_stack_of(32, be_refused_in_thread);
}

/* The library sets no handler and blocks no signal, also with a look-up in a separate thread. */
static void signals(void) {
    sigset_t before, after;
    struct sigaction handlers[65], now;

    for (int number = 1; number <= 64; number++) {
        memset(&handlers[number], 0, sizeof handlers[number]);
        sigaction(number, NULL, &handlers[number]);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    call();
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number <= 64; number++) {
        CHECK(sigismember(&before, number) == sigismember(&after, number));
        memset(&now, 0, sizeof now);
        sigaction(number, NULL, &now);
        CHECK(now.sa_handler == handlers[number].sa_handler && now.sa_flags == handlers[number].sa_flags);
    }
}

/* Writing a byte to a file would end the process, and there is no folder in which it could make one. */
static void writes_nothing(void) {
    struct rlimit none = {0, 0};

    CHECK(chdir("/proc") == 0);
    CHECK(setenv("TMPDIR", "/proc", 1) == 0 && setenv("HOME", "/proc", 1) == 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &none) == 0);
    call();
}

/* Main returns while another thread is within a call. */
static void exits(void) {
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, call_in_thread, NULL) == 0);
    /* The server never answers: the call is in flight as soon as there is a connection. */
    usleep(200 * 1000);
}

/* The entries of one copy of the library. */
struct copy {
    void *handle;
    aicredits_config *(*config_new)(void);
    void (*config_free)(aicredits_config *);
    void (*config_from_env)(aicredits_config *);
    aicredits_status (*client_new)(const aicredits_config *, aicredits_client **, aicredits_error **);
    void (*client_free)(aicredits_client *);
    aicredits_status (*get_balance)(const aicredits_client *, const aicredits_call *, aicredits_balance **,
                                    aicredits_error **);
    const int64_t *(*available)(const aicredits_balance *);
    void (*balance_free)(aicredits_balance *);
};

static void find(void *handle, const char *name, void *function) {
    void *found = dlsym(handle, name);

    CHECK(found != NULL);
    /* ISO C has no cast from an object's address to a function's. */
    memcpy(function, &found, sizeof found);
}

static struct copy load(const char *library) {
    struct copy copy;

    copy.handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (copy.handle == NULL) {
        printf("%s\n", dlerror());
        exit(1);
    }
    /* By the ABI's version, which programs are bound to. */
    CHECK(dlvsym(copy.handle, "aicredits_config_new", "AICREDITS_0") != NULL);
    find(copy.handle, "aicredits_config_new", &copy.config_new);
    find(copy.handle, "aicredits_config_free", &copy.config_free);
    find(copy.handle, "aicredits_config_from_env", &copy.config_from_env);
    find(copy.handle, "aicredits_client_new", &copy.client_new);
    find(copy.handle, "aicredits_client_free", &copy.client_free);
    find(copy.handle, "aicredits_client_get_balance", &copy.get_balance);
    find(copy.handle, "aicredits_balance_available", &copy.available);
    find(copy.handle, "aicredits_balance_free", &copy.balance_free);
    return copy;
}

static void call_by(const struct copy *copy) {
    aicredits_config *config = copy->config_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;

    copy->config_from_env(config);
    CHECK(copy->client_new(config, &client, NULL) == AICREDITS_STATUS_OK);
    CHECK(copy->get_balance(client, NULL, &balance, NULL) == AICREDITS_STATUS_OK);
    CHECK(copy->available(balance) != NULL && *copy->available(balance) == 1050);
    copy->balance_free(balance);
    copy->client_free(client);
    copy->config_free(config);
}

static void loads_and_unloads(const char *library) {
    for (int i = 0; i < 100; i++) {
        struct copy copy = load(library);

        call_by(&copy);
        CHECK(dlclose(copy.handle) == 0);
    }
}

static void two_copies(const char *one, const char *other) {
    struct copy first = load(one), second = load(other);

    CHECK(first.config_new != second.config_new);
    for (int i = 0; i < 3; i++) {
        call_by(&first);
        call_by(&second);
    }
}

int main(int count, char **words) {
    const char *task = count > 1 ? words[1] : "";

    if (strcmp(task, "small-stack") == 0) {
        small_stack();
    } else if (strcmp(task, "tiny-stack") == 0) {
        tiny_stack();
    } else if (strcmp(task, "signals") == 0) {
        signals();
    } else if (strcmp(task, "writes-nothing") == 0) {
        writes_nothing();
    } else if (strcmp(task, "exits") == 0) {
        exits();
    } else if (strcmp(task, "loads") == 0 && count == 3) {
        loads_and_unloads(words[2]);
    } else if (strcmp(task, "copies") == 0 && count == 4) {
        two_copies(words[2], words[3]);
    } else {
        CHECK(!"a task that there is");
    }
    return checked();
}
