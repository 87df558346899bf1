/* fleet TASK [SITE_ID...]: a fleet, against the server of AICREDITS_BASE_URL. */

#define _GNU_SOURCE

#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>

#include "check.h"
#include "paid.h"

#define MOST 64
#define SITE AICREDITS_SCOPE_SITE

static aicredits_client *client;
static aicredits_target targets[MOST];
static size_t count;

/* A target for each id of the command line. */
static void read_targets(char **ids, int number) {
    for (; number > 0; number--, ids++, count++) {
        targets[count].scope = SITE;
        targets[count].site_id = *ids;
        targets[count].label = "caf\xc3\xa9";
    }
}

static aicredits_fleet *started(const aicredits_fleet_options *options, const aicredits_call *call) {
    aicredits_fleet *fleet = NULL;
    aicredits_error *error = NULL;

    if (aicredits_fleet_start(client, targets, count, options, call, &fleet, &error) != AICREDITS_STATUS_OK) {
        fail(aicredits_error_message(error, NULL));
    }
    CHECK(error == NULL);
    return fleet;
}

static aicredits_outcome *next(const aicredits_fleet *fleet) {
    aicredits_outcome *outcome = (aicredits_outcome *)&client;
    aicredits_error *error = (aicredits_error *)&client;

    CHECK(aicredits_fleet_next(fleet, &outcome, &error) == AICREDITS_STATUS_OK && error == NULL);
    return outcome;
}

/* How many threads of fleets there are. */
static int threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;
    int number = 0;

    while ((task = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";
        FILE *file;

        snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        if ((file = fopen(path, "r")) != NULL) {
            number += fgets(name, sizeof name, file) != NULL && strcmp(name, "aicredits-fleet\n") == 0;
            fclose(file);
        }
    }
    closedir(tasks);
    return number;
}

/* Whether no thread of a fleet is left. One that was joined may stay in /proc for a moment. */
static int threads_end(void) {
    for (int i = 0; i < 1000 && threads() != 0; i++) {
        usleep(10000);
    }
    return threads() == 0;
}

static void check_a_balance(const aicredits_outcome *outcome) {
    const aicredits_attempt *attempts;
    const aicredits_timestamp *starts, *ended = aicredits_outcome_ended_at(outcome);
    size_t length = 0, of_starts = 0;

    CHECK(aicredits_outcome_error(outcome) == NULL);
    CHECK(aicredits_balance_available(aicredits_outcome_balance(outcome)) != NULL);
    attempts = aicredits_outcome_attempts(outcome, &length);
    starts = aicredits_outcome_attempts_started_at(outcome, &of_starts);
    CHECK(length == 1 && of_starts == 1 && attempts->phase == AICREDITS_PHASE_REPLY && attempts->http_status == 200);
    CHECK(aicredits_outcome_started_at(outcome)->unix_seconds == starts->unix_seconds);
    CHECK(starts->unix_seconds <= ended->unix_seconds && starts->unix_seconds > 1700000000);
    CHECK(strcmp(aicredits_outcome_request_id(outcome, NULL), attempts->request_id) == 0);
    CHECK(strcmp(aicredits_outcome_request_id(outcome, NULL),
                 aicredits_balance_request_id(aicredits_outcome_balance(outcome), NULL))
          == 0);
}

/* The sites of the command line, then a site that is not there, the first one again with the key of another client, and
 * the first one again. */
static void outcomes(void) {
    aicredits_client *other = make_client();
    aicredits_fleet_options *options = aicredits_fleet_options_new();
    aicredits_balance *kept = NULL;
    aicredits_progress progress;
    aicredits_fleet *fleet;
    aicredits_outcome *outcome;
    size_t sites = count, length = 0, seen = 0;
    bool was[MOST] = {false};

    targets[count++] = (aicredits_target){.scope = SITE, .site_id = "gone"};
    targets[count] = targets[0];
    targets[count].label = NULL;
    targets[count].account_id = "owner";
    targets[count].client = other;
    targets[count++].client_name = "acme";
    targets[count++] = (aicredits_target){.scope = SITE, .site_id = targets[0].site_id};
    aicredits_fleet_options_set_rate(options, 1);
    aicredits_fleet_options_set_no_rate(options);
    fleet = started(options, NULL);
    aicredits_fleet_options_free(options);
    while ((outcome = next(fleet)) != NULL) {
        size_t index = aicredits_outcome_index(outcome);

        CHECK(index < count && !was[index]);
        was[index] = true;
        seen++;
        CHECK(strcmp(aicredits_outcome_scope(outcome)->site_id, targets[index].site_id) == 0);
        CHECK((aicredits_outcome_label(outcome, &length) == NULL) == (index >= sites)
              && length == (index < sites ? 5 : 0));
        CHECK((aicredits_outcome_client_name(outcome, NULL) == NULL) == (index != sites + 1));
        if (index == sites) {
            const aicredits_error *error = aicredits_outcome_error(outcome);

            CHECK(aicredits_error_status(error) == AICREDITS_STATUS_NOT_FOUND
                  && aicredits_error_http_status(error) == 404);
            CHECK(strstr(aicredits_error_message(error, NULL), "gone") != NULL);
            CHECK(aicredits_outcome_balance(outcome) == NULL && aicredits_outcome_attempts(outcome, &length) != NULL);
            CHECK(length == 1 && aicredits_error_attempts(error, &length) != NULL && length == 1);
        } else {
            check_a_balance(outcome);
        }
        if (index == sites + 1) {
            CHECK(strcmp(aicredits_outcome_client_name(outcome, &length), "acme") == 0 && length == 4);
            CHECK(strcmp(aicredits_outcome_account_id(outcome, &length), "owner") == 0 && length == 5);
            kept = aicredits_balance_ref(aicredits_outcome_balance(outcome));
        } else {
            CHECK(aicredits_outcome_account_id(outcome, &length) == NULL && length == 0);
        }
        aicredits_outcome_free(outcome);
    }
    CHECK(seen == count && next(fleet) == NULL);
    aicredits_fleet_progress(fleet, &progress);
    CHECK(progress.total == count && progress.done == count && progress.failed == 1);
    CHECK(progress.present == AICREDITS_HAS_TIME_LEFT && progress.time_left_ms == 0 && progress.paused_ms == 0);
    /* The first site again with the same client was not asked again. */
    CHECK(progress.recent_attempts == count - 1 && progress.reserved[0] == 0 && progress.reserved[1] == 0);
    CHECK(threads_end());
    aicredits_client_free(other);
    aicredits_fleet_free(fleet);
    CHECK(*aicredits_balance_available(kept) >= 0);
    aicredits_balance_free(kept);
}

/* The start fails for `target`, alone behind a right one, and names what is wrong. */
static void refuses(aicredits_target target, const char *what) {
    aicredits_target both[2] = {{.scope = SITE, .site_id = "site"}, target};
    aicredits_fleet *fleet = (aicredits_fleet *)&client;
    aicredits_error *error = NULL;

    CHECK(aicredits_fleet_start(client, both, 2, NULL, NULL, &fleet, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(fleet == NULL && strcmp(aicredits_error_setting(error, NULL), "targets") == 0);
    if (strstr(aicredits_error_message(error, NULL), what) == NULL) {
        printf("%s\n", aicredits_error_message(error, NULL));
        CHECK(!"the message has the fault");
    }
    aicredits_error_free(error);
}

static void refuses_options(void (*set)(aicredits_fleet_options *), const char *setting) {
    aicredits_fleet_options *options = aicredits_fleet_options_new();
    aicredits_fleet *fleet = NULL;
    aicredits_error *error = NULL;

    set(options);
    CHECK(aicredits_fleet_start(client, NULL, 0, options, NULL, &fleet, &error) == AICREDITS_STATUS_INVALID_ARGUMENT);
    CHECK(strcmp(aicredits_error_setting(error, NULL), setting) == 0);
    aicredits_error_free(error);
    aicredits_fleet_options_free(options);
}

static void without_rate(aicredits_fleet_options *options) {
    aicredits_fleet_options_set_rate(options, 0);
}

static void with_many_processes(aicredits_fleet_options *options) {
    aicredits_fleet_options_set_no_rate(options);
    aicredits_fleet_options_set_rate(options, 9);
    aicredits_fleet_options_set_processes(options, 10);
}

static void with_many_pauses(aicredits_fleet_options *options) {
    aicredits_fleet_options_set_max_pauses(options, 1001);
}

static void without_time(aicredits_fleet_options *options) {
    aicredits_fleet_options_set_timeout_ms(options, 0);
}

/* Nothing is sent: the server refuses connections. */
static void arguments(void) {
    aicredits_call *call = aicredits_call_new();
    aicredits_fleet *fleet = NULL;

    refuses((aicredits_target){.scope = SITE, .site_id = ""}, "target 1: site_id is empty");
    refuses((aicredits_target){.scope = AICREDITS_SCOPE_ACCOUNT}, "targets[1].account_id is NULL");
    refuses((aicredits_target){.scope = SITE, .account_id = "a"}, "targets[1].site_id is NULL");
    refuses((aicredits_target){.scope = AICREDITS_SCOPE_ACCOUNT_AND_SITE, .account_id = "a"}, "site_id is NULL");
    refuses((aicredits_target){.scope = AICREDITS_SCOPE_ACCOUNT, .account_id = "a", .site_id = "s"},
            "does not send it");
    refuses((aicredits_target){.scope = AICREDITS_SCOPE_CREDENTIAL, .site_id = "s"}, "does not send it");
    refuses((aicredits_target){.scope = AICREDITS_SCOPE_CREDENTIAL}, "target 1: ");
    /* A forgotten id must not select another scope. */
    refuses((aicredits_target){.site_id = "s"}, "targets[1].scope is no AICREDITS_SCOPE_ constant");
    refuses((aicredits_target){.scope = 5, .site_id = "s"}, "targets[1].scope is no");
    refuses((aicredits_target){.scope = SITE, .site_id = "\xff"}, "targets[1].site_id is not UTF-8");
    refuses((aicredits_target){.scope = SITE, .site_id = "s", .label = "\xff"}, "targets[1].label is not UTF-8");
    refuses((aicredits_target){.scope = SITE, .site_id = "s", .account_id = "\xff"},
            "targets[1].account_id is not UTF-8");
    refuses((aicredits_target){.scope = SITE, .site_id = "s", .client = client}, "targets[1].client_name is NULL");
    refuses((aicredits_target){.scope = SITE, .site_id = "s", .client_name = "a"}, "targets[1].client_name is given");
    refuses((aicredits_target){.scope = SITE, .site_id = "s", .reserved = {0, 1}}, "targets[1].reserved is not zero");
    refuses_options(without_rate, "rate");
    refuses_options(with_many_processes, "rate");
    refuses_options(with_many_pauses, "max_pauses");
    refuses_options(without_time, "timeout");
    CHECK(aicredits_fleet_start(client, targets, SIZE_MAX, NULL, NULL, &fleet, NULL)
          == AICREDITS_STATUS_INVALID_ARGUMENT);

    aicredits_call_set_label(call, "a reservation's");
    CHECK(aicredits_fleet_start(client, NULL, 0, NULL, call, &fleet, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_free(call);
    call = aicredits_call_new();
    aicredits_call_set_site_id(call, "site");
    CHECK(aicredits_fleet_start(client, NULL, 0, NULL, call, &fleet, NULL) == AICREDITS_STATUS_INVALID_ARGUMENT);
    aicredits_call_free(call);

    CHECK(fleet == NULL && aicredits_fleet_start(client, NULL, 0, NULL, NULL, &fleet, NULL) == AICREDITS_STATUS_OK);
    CHECK(next(fleet) == NULL);
    aicredits_fleet_free(fleet);
}

/* All targets have an outcome of this kind. Returns how many of them were never sent. */
static size_t all_end_as(aicredits_fleet *fleet, aicredits_status status) {
    aicredits_outcome *outcome;
    size_t seen = 0, never_sent = 0, length;

    while ((outcome = next(fleet)) != NULL) {
        const aicredits_error *error = aicredits_outcome_error(outcome);

        CHECK(aicredits_error_status(error) == status);
        if (aicredits_outcome_attempts(outcome, &length) == NULL) {
            CHECK(length == 0 && aicredits_outcome_started_at(outcome) == NULL);
            CHECK(aicredits_outcome_attempts_started_at(outcome, &length) == NULL && length == 0);
            CHECK(aicredits_outcome_request_id(outcome, &length) == NULL && length == 0);
            never_sent++;
        }
        seen++;
        aicredits_outcome_free(outcome);
    }
    CHECK(seen == count);
    aicredits_fleet_free(fleet);
    CHECK(threads_end());
    return never_sent;
}

static void *cancel(void *call) {
    usleep(50000);
    aicredits_call_cancel(call);
    return NULL;
}

/* A client with one call in flight at a time. */
static aicredits_client *one_at_a_time(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *made = NULL;

    aicredits_config_from_env(config);
    aicredits_config_set_max_concurrency(config, 1);
    CHECK(aicredits_client_new(config, &made, NULL) == AICREDITS_STATUS_OK);
    aicredits_config_free(config);
    return made;
}

/* The server never answers. */
static void ends(void) {
    aicredits_call *call = aicredits_call_new();
    aicredits_fleet_options *options = aicredits_fleet_options_new();
    aicredits_fleet *fleet;
    aicredits_progress progress;
    pthread_t thread;

    aicredits_client_free(client);
    client = one_at_a_time();
    CHECK(pthread_create(&thread, NULL, cancel, call) == 0);
    CHECK(all_end_as(started(NULL, call), AICREDITS_STATUS_CANCELLED) >= count - 1);
    CHECK(pthread_join(thread, NULL) == 0);
    /* It is final, also for the next fleet. */
    CHECK(all_end_as(started(NULL, call), AICREDITS_STATUS_CANCELLED) == count);
    aicredits_call_free(call);

    call = aicredits_call_new();
    aicredits_call_expire(call);
    CHECK(all_end_as(started(NULL, call), AICREDITS_STATUS_TIMEOUT) == count);
    aicredits_call_free(call);
    call = aicredits_call_new();
    aicredits_call_set_deadline_ns(call, 1);
    CHECK(all_end_as(started(NULL, call), AICREDITS_STATUS_TIMEOUT) == count);
    aicredits_call_free(call);

    /* The earlier one counts. The call may be freed while the fleet runs. */
    call = aicredits_call_new();
    aicredits_call_set_timeout_ms(call, 50);
    aicredits_fleet_options_set_timeout_ms(options, 60000);
    fleet = started(options, call);
    aicredits_call_free(call);
    CHECK(all_end_as(fleet, AICREDITS_STATUS_TIMEOUT) >= count - 1);
    call = aicredits_call_new();
    aicredits_call_set_timeout_ms(call, 60000);
    aicredits_fleet_options_set_timeout_ms(options, 50);
    CHECK(all_end_as(started(options, call), AICREDITS_STATUS_TIMEOUT) >= count - 1);
    aicredits_call_free(call);
    aicredits_fleet_options_free(options);

    /* Freeing it cancels what is in flight. */
    fleet = started(NULL, NULL);
    while (threads() == 0) {
        usleep(1000);
    }
    aicredits_fleet_progress(fleet, &progress);
    CHECK(progress.total == count && progress.done == 0 && progress.present == 0);
    aicredits_fleet_free(fleet);
    CHECK(threads_end());

    fleet = started(NULL, NULL);
    aicredits_client_close(client);
    CHECK(all_end_as(fleet, AICREDITS_STATUS_CLOSED) >= count - 1);
}

static int seen[MOST];

static void *read_all(void *fleet) {
    aicredits_outcome *outcome;

    while ((outcome = next(fleet)) != NULL) {
        __atomic_add_fetch(&seen[aicredits_outcome_index(outcome)], 1, __ATOMIC_RELAXED);
        CHECK(aicredits_outcome_balance(outcome) != NULL);
        aicredits_outcome_free(outcome);
    }
    return NULL;
}

/* Four threads read the outcomes, and this one the progress. */
static void shared(void) {
    aicredits_fleet *fleet = started(NULL, NULL);
    aicredits_progress progress;
    pthread_t readers[4];

    for (int i = 0; i < 4; i++) {
        CHECK(pthread_create(&readers[i], NULL, read_all, fleet) == 0);
    }
    do {
        aicredits_fleet_progress(fleet, &progress);
        CHECK(progress.done <= progress.total && progress.failed == 0);
    } while (progress.done < count);
    for (int i = 0; i < 4; i++) {
        CHECK(pthread_join(readers[i], NULL) == 0);
    }
    for (size_t i = 0; i < count; i++) {
        CHECK(seen[i] == 1);
    }
    aicredits_fleet_free(fleet);
}

static void *nothing(void *unused) {
    return unused;
}

/* The child has no fleet, and its own fleets work. */
static void child(aicredits_fleet *fleet) {
    aicredits_outcome *outcome = (aicredits_outcome *)&client;
    aicredits_error *error = NULL;
    aicredits_progress progress;
    pthread_t threads[8];

    alarm(20);
    CHECK(aicredits_fleet_next(fleet, &outcome, &error) == AICREDITS_STATUS_CLOSED && outcome == NULL);
    CHECK(strstr(aicredits_error_message(error, NULL), "child") != NULL);
    aicredits_error_free(error);
    aicredits_fleet_progress(fleet, &progress);
    CHECK(progress.total == 0 && progress.present == 0);
    /* These may have the ids of the parent's threads, and must not be detached. */
    for (int i = 0; i < 8; i++) {
        CHECK(pthread_create(&threads[i], NULL, nothing, NULL) == 0);
    }
    aicredits_fleet_free(fleet);
    for (int i = 0; i < 8; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    fleet = started(NULL, NULL);
    read_all(fleet);
    aicredits_fleet_free(fleet);
    _exit(failures);
}

static void forks(void) {
    aicredits_fleet *fleet = started(NULL, NULL);
    int status = 1;
    pid_t forked = fork();

    if (forked == 0) {
        child(fleet);
    }
    read_all(fleet);
    aicredits_fleet_free(fleet);
    CHECK(forked > 0 && waitpid(forked, &status, 0) == forked && status == 0);
    for (size_t i = 0; i < count; i++) {
        CHECK(seen[i] == 1);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tasks[] = {
        {"outcomes", outcomes}, {"arguments", arguments}, {"ends", ends}, {"shared", shared}, {"forks", forks}};
    int ran = 0;

    client = make_client();
    read_targets(argv + 2, argc - 2);
    for (size_t i = 0; argc >= 2 && i < sizeof tasks / sizeof *tasks; i++) {
        if (strcmp(argv[1], tasks[i].name) == 0) {
            tasks[i].run();
            ran++;
        }
    }
    CHECK(ran == 1);
    aicredits_client_free(client);
    return checked();
}
