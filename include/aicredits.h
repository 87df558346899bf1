/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Written by `cargo xtask generate` from crates/aicredits-ffi: change it there. */

#ifndef AICREDITS_H
#define AICREDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file
 * aicredits: a client of Wix's GetBalance API. It reads how many AI credits an account or a site has left.
 *
 * Link with -laicredits. To link the static library libaicredits.a instead, use the flags that
 * `pkg-config --variable=archive aicredits` prints. A whole program:
 *
 * @code
 * #include <aicredits.h>
 * #include <stdio.h>
 *
 * int main(void) {
 *     aicredits_config *config = aicredits_config_new();
 *     aicredits_client *client = NULL;
 *     aicredits_balance *balance = NULL;
 *     aicredits_error *error = NULL;
 *
 *     aicredits_config_from_env(config);
 *     if (aicredits_client_new(config, &client, &error) == AICREDITS_STATUS_OK
 *         && aicredits_client_get_balance(client, NULL, &balance, &error) == AICREDITS_STATUS_OK) {
 *         // The balance as text. examples/breakdown.c reads its figures one by one.
 *         printf("%s\n", aicredits_balance_text(balance, NULL));
 *     } else {
 *         fprintf(stderr, "balance: %s\n", aicredits_error_message(error, NULL));
 *     }
 *
 *     // One way out for success and failure: freeing NULL is fine.
 *     aicredits_error_free(error);
 *     aicredits_balance_free(balance);
 *     aicredits_client_free(client);
 *     aicredits_config_free(config);
 *     return balance != NULL ? 0 : 1;
 * }
 * @endcode
 *
 * These rules hold for all functions:
 *
 * Ownership. The caller owns the result of a _new function, and each handle that a function writes to an output. Free it
 * once, with the _free function of its type. _free(NULL) is allowed. Only _free takes ownership. All other functions
 * borrow their arguments until they return. The result of an accessor is borrowed from the handle: it is valid, at the
 * same address, until the handle is freed.
 *
 * Errors. A function that can fail returns an aicredits_status; AICREDITS_STATUS_OK is 0. Outputs are the last parameters.
 * They are always written, with NULL if there is nothing, so one clean-up path can free everything. The last output is the
 * error. Pass NULL if the status code is all you need.
 *
 * NULL. Every pointer is checked. A function that can fail returns AICREDITS_STATUS_INVALID_ARGUMENT for a NULL argument,
 * and the message names it. A setter does nothing for a NULL handle. An accessor returns NULL, 0 or false.
 *
 * Strings. Input strings are NUL-terminated UTF-8. They are copied. Output strings are UTF-8 with a length, and
 * NUL-terminated. Pass NULL if you do not need the length. A text from the server may contain any character, even NUL.
 *
 * Absent values. An accessor returns NULL for an absent value; only aicredits_error_http_status() returns 0. A function that
 * computes a value returns false if the value is unknown. In a struct, the bit of an absent value in `present` is 0. No
 * count has a special value for "absent". The field `reserved` of a struct is zero; later versions may use it.
 *
 * Deciding. aicredits_balance_can_afford() answers whether one action can be paid, and aicredits_balance_affordable() how
 * many. Programs that spend from several threads use a gate, made once and shared by all threads:
 * - aicredits_gate_new() makes a gate for a client
 * - aicredits_gate_reserve() reserves the cost; after AICREDITS_STATUS_DENIED the action must not run, and
 *   aicredits_error_denial() says why
 * - the program runs the action
 * - aicredits_reservation_commit() if it ran, aicredits_reservation_release() if it certainly did not run, and
 *   aicredits_reservation_report_exhausted() if the vendor refused it for lack of credits (HTTP 428 or 402)
 * - aicredits_reservation_free(); without an end before, nobody knows whether the action ran, and it counts as spent
 *
 * Many sites. aicredits_fleet_start() reads the balances of an array of aicredits_target on its own threads, at a rate
 * that the server accepts. aicredits_fleet_next() returns one outcome for each target, in order of completion, and NULL at
 * the end. Do not call aicredits_client_get_balance() in a loop for this: a fleet also waits after HTTP 429 and retries.
 *
 * Costs. A cost is a uint64_t from 0 to 2^63 - 1. C converts other types before the call, and the library cannot see it:
 * - a fraction is cut: 0.5 arrives as 0, which is always affordable
 * - a negative integer arrives as more than 2^63 - 1, which is AICREDITS_STATUS_INVALID_ARGUMENT
 * - a bool arrives as 0 or 1
 * - the conversion of a NaN, or of a negative or too large floating-point number, is undefined behaviour
 *
 * Compile with -Wconversion and -Wsign-conversion (GCC, Clang) to find these conversions. Round a fraction up yourself,
 * after a check of its range.
 *
 * Threads. An object that a function takes as const can be used by several threads at once. Any other object must be used by
 * one thread at a time. Only these functions block: aicredits_client_get_balance(), aicredits_gate_reserve(),
 * aicredits_gate_reserve_up_to(), aicredits_gate_refresh(), aicredits_gate_request_read(), aicredits_fleet_next(),
 * aicredits_fleet_free(), and aicredits_client_new() while it reads the file of aicredits_config_set_ca_file(). The library
 * has no threads while it is idle: those of a fleet end with it.
 *
 * Signals. Only aicredits_call_cancel() and aicredits_call_expire() are async-signal-safe.
 *
 * Stack. A thread that makes calls needs 48 KiB of stack for https, and 32 KiB for http. Callbacks need their own stack in
 * addition. If too little is left for a TLS handshake, the call returns AICREDITS_STATUS_TLS.
 *
 * Fork. After fork() a client works in both processes, with separate connections. A fleet runs in the parent alone. The
 * child does not free the memory of calls that were in flight in the parent. A leak checker reports this memory in the
 * child.
 *
 * Process. The library changes no signal handler, no signal mask and not errno. No exception and no panic leaves the
 * library. If a bug makes the library panic, the function returns AICREDITS_STATUS_PANIC. If memory runs out, the
 * process is aborted.
 *
 * Thread cancellation. Functions disable cancellation, also during callbacks, and restore the state before they return. If
 * pthread_cancel() cancels a thread inside the library, the thread ends after the library function has returned.
 */

/** The version of this header. aicredits_version() returns the version of the library. */
#define AICREDITS_VERSION "0.1.0"
#define AICREDITS_VERSION_MAJOR 0
#define AICREDITS_VERSION_MINOR 1
#define AICREDITS_VERSION_PATCH 0

/** Marks functions that can fail: the compiler warns if the status is ignored. */
#if defined(__GNUC__)
#define AICREDITS_NODISCARD __attribute__((warn_unused_result))
#else
#define AICREDITS_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* Handles. */

/**
 * Whether a balance can pay a cost: the answer, its figures and its sentence. It never changes.
 *
 * aicredits_balance_can_afford() makes it. Free it with aicredits_affordability_free(), before or after its balance.
 * Thread-safe. All values that are read from it are borrowed: they are valid until it is freed. Its text, its date and
 * its array are made when they are first read, and kept until then.
 */
typedef struct aicredits_affordability aicredits_affordability;

/**
 * The AI credits that an account or a site has left: one reading, which never changes.
 *
 * aicredits_client_get_balance() and aicredits_balance_from_json() return it. Free it with aicredits_balance_free().
 *
 * Thread-safe. All values that are read from a balance are borrowed: they are valid until its last owner frees it.
 * Arrays and texts are made when they are first read, and kept until then. Each thread may read them; none waits for
 * another.
 */
typedef struct aicredits_balance aicredits_balance;

/**
 * The settings of one call: a scope, a timeout, and the means to cancel it. The client's settings apply to the rest.
 * So one client can serve a thousand sites. A reservation of a gate also has a label and a time to live, and no scope.
 *
 * aicredits_call_new() makes it. Free it with aicredits_call_free(). A setter copies its argument and returns nothing.
 * The call that gets the settings reports a wrong one, by name. A setter on NULL does nothing.
 *
 * One thread sets it up. It is then passed as const, to one call at a time. It can be used again, unless it was
 * cancelled. It holds one file descriptor; if none is available, cancelling takes up to 50 ms longer. No setter
 * blocks.
 */
typedef struct aicredits_call aicredits_call;

/**
 * A client of the API. Make it once and use it for long: it keeps connections open between calls.
 *
 * aicredits_client_new() makes it. Free it with aicredits_client_free(). Thread-safe.
 */
typedef struct aicredits_client aicredits_client;

/**
 * The settings of a client. A setter copies its argument and returns nothing. aicredits_client_new() reports a wrong
 * setting by name, also one that is NULL or not UTF-8. A later call of a setter replaces the earlier value. A setter
 * on NULL does nothing.
 *
 * aicredits_config_new() makes it. Free it with aicredits_config_free(), also before its clients. It can make any
 * number of clients. It is used by one thread at a time. No setter blocks.
 */
typedef struct aicredits_config aicredits_config;

/** The answer of a credential provider. It is valid while the provider runs, on the provider's thread only. */
typedef struct aicredits_credential aicredits_credential;

/**
 * Why a gate did not grant a reservation: the data of an error with AICREDITS_STATUS_DENIED.
 *
 * aicredits_error_denial() returns it, borrowed from the error. It never changes. Thread-safe. All values that are read
 * from it are valid until the error is freed. Its sentence and its date are made when they are first read, and kept
 * until then.
 */
typedef struct aicredits_denial aicredits_denial;

/**
 * The reason why a call failed. It never contains a credential.
 *
 * Functions that can fail return it. Free it with aicredits_error_free(). It never changes. Thread-safe. All values
 * that are read from it are borrowed: they are valid until it is freed. Texts and arrays are made when they are first
 * read, and kept until then.
 */
typedef struct aicredits_error aicredits_error;

/**
 * Reads the balances of many targets, on its own threads: one outcome for each target, in order of completion. No
 * failure ends the others.
 *
 * aicredits_fleet_start() makes it. Free it with aicredits_fleet_free(), before or after its clients and its outcomes.
 * Thread-safe.
 *
 * All fleets of a client share its rate and its pauses. Targets with the same scope and client are asked once, and each
 * gets the outcome. At most 1,000 outcomes wait until they are read; then the fleet pauses.
 *
 * Its threads exist until the last outcome is known or the fleet is freed. They block all signals. They call the
 * credential providers of its clients and the log function, several at once.
 *
 * After fork() the fleet runs in the parent alone. In the child aicredits_fleet_next() returns AICREDITS_STATUS_CLOSED, the
 * progress is zero, and aicredits_fleet_free() waits for nothing.
 */
typedef struct aicredits_fleet aicredits_fleet;

/**
 * The settings of a fleet. All of them have defaults. A setter returns nothing. aicredits_fleet_start() reports a wrong
 * setting by name. A later call of a setter replaces the earlier value. A setter on NULL does nothing.
 *
 * aicredits_fleet_options_new() makes it. Free it with aicredits_fleet_options_free(), also before its fleets. It can
 * start any number of fleets. It is used by one thread at a time. No setter blocks.
 */
typedef struct aicredits_fleet_options aicredits_fleet_options;

/**
 * Grants actions that cost credits, so that actions which run at once do not spend the same credits twice.
 *
 * One gate serves one scope of a client: make one and share it between threads. aicredits_gate_new() and
 * aicredits_gate_sub_gate() make it. Free it with aicredits_gate_free(), before or after its client and its
 * reservations. Thread-safe.
 *
 * It grants up to the last reading of the balance, less what was committed and what is reserved. It reads again when the
 * reading is too old or shows too few credits. At any time one thread at most makes a reading; the others wait for it.
 * There are no hidden threads.
 *
 * A balance is a hint: other programs spend from the same credits, and a charge may show late. The vendor's refusal is
 * final: report it with aicredits_reservation_report_exhausted().
 *
 * After fork() the gate of the child starts without a reading and without reservations. A reservation that was made
 * before is the child's own copy: a commit counts in the child's gate, and freeing it does nothing.
 */
typedef struct aicredits_gate aicredits_gate;

/**
 * The settings of a gate. All of them have defaults. A setter copies its argument and returns nothing.
 * aicredits_gate_new() reports a wrong setting by name. A later call of a setter replaces the earlier value. A setter
 * on NULL does nothing.
 *
 * aicredits_gate_config_new() makes it. Free it with aicredits_gate_config_free(), also before its gates. It can make
 * any number of gates. It is used by one thread at a time. No setter blocks.
 */
typedef struct aicredits_gate_config aicredits_gate_config;

/**
 * A reservation or a reading in progress, as a state machine that never blocks: for event loops and language
 * bindings. Other programs use aicredits_gate_reserve().
 *
 * aicredits_gate_request_new() makes it and takes the first step. aicredits_gate_request_next() says what to do then:
 * - AICREDITS_NEXT_DONE: free it
 * - AICREDITS_NEXT_READ: call aicredits_gate_request_read() in a thread that may block, then
 *   aicredits_gate_request_step()
 * - AICREDITS_NEXT_WAIT: another caller makes the reading. Call aicredits_gate_request_step() when the callback is
 *   called, or when aicredits_gate_request_remaining_ms() is over
 *
 * Free it with aicredits_gate_request_free(), at any step: a request that is not done is then given up, and if it was to
 * make a reading, another caller makes it. It may be freed after its gate. It is used by one thread at a time.
 */
typedef struct aicredits_gate_request aicredits_gate_request;

/**
 * The figures of a gate at one moment, for logs and metrics. They never change.
 *
 * aicredits_gate_state_new() makes it. Free it with aicredits_gate_state_free(). Thread-safe. All values that are read
 * from it are borrowed: they are valid until it is freed.
 */
typedef struct aicredits_gate_state aicredits_gate_state;

/**
 * The result for one target of a fleet: a balance or an error. It never changes.
 *
 * aicredits_fleet_next() returns it. Free it with aicredits_outcome_free(), before or after its fleet. Thread-safe. All
 * values that are read from it are borrowed: they are valid until it is freed.
 */
typedef struct aicredits_outcome aicredits_outcome;

/**
 * Credits that a gate has set aside for an action.
 *
 * aicredits_gate_reserve() and its relatives return it. Free it with aicredits_reservation_free(), before or after its
 * gate and its client. Thread-safe.
 *
 * A reservation ends once:
 * - aicredits_reservation_commit(), _commit_actual() or _commit_part(): the action ran
 * - aicredits_reservation_release(): the action certainly did not run
 * - aicredits_reservation_report_exhausted(): the vendor refused the action for lack of credits
 *
 * A reservation that is freed without an end, or that is older than its time to live, is unresolved: nobody knows
 * whether the action was charged. The gate then counts it as spent in its estimate, but not against a limit.
 *
 * The functions that end it never fail. They return false, and do nothing, if the reservation had ended before. Two
 * exceptions: the first commit counts also after the time to live and after a release, and
 * aicredits_reservation_report_exhausted() reaches the gate also after the time to live.
 */
typedef struct aicredits_reservation aicredits_reservation;

/* The version. */

/**
 * The version of the library that is loaded, such as "1.2.3". AICREDITS_VERSION is that of this header.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_version(void);

/* The status of a call. */

/**
 * The status of a call: AICREDITS_STATUS_OK, which is 0, or the reason why it failed. Numbers are never reused. Later
 * versions may add numbers: treat an unknown one as a failure.
 */
typedef int32_t aicredits_status;

/** Success. */
#define AICREDITS_STATUS_OK 0

/** A setting or an argument is wrong or missing. The message names it. */
#define AICREDITS_STATUS_INVALID_ARGUMENT 1

/** HTTP 401: the key is missing, wrong or revoked. */
#define AICREDITS_STATUS_UNAUTHORIZED 2

/** HTTP 403: the key lacks access to the requested scope. Wix answers some wrong keys like this too. */
#define AICREDITS_STATUS_FORBIDDEN 3

/** HTTP 404. */
#define AICREDITS_STATUS_NOT_FOUND 4

/** Any other HTTP 4xx. */
#define AICREDITS_STATUS_BAD_REQUEST 5

/** HTTP 429: too many requests. */
#define AICREDITS_STATUS_RATE_LIMITED 6

/** Any HTTP 5xx. */
#define AICREDITS_STATUS_SERVER 7

/** DNS failed, the connection or the proxy was refused, or the connection was lost before the reply was complete. */
#define AICREDITS_STATUS_NETWORK 8

/** The server's certificate or the TLS handshake failed. */
#define AICREDITS_STATUS_TLS 9

/**
 * The reply is not HTTP that this client accepts: a malformed head, an encoding that it did not request, or a
 * redirect.
 */
#define AICREDITS_STATUS_PROTOCOL 10

/** A complete reply is not a balance. The message has the path of the field. */
#define AICREDITS_STATUS_DECODE 11

/** The head or the body of the reply exceeds its limit. */
#define AICREDITS_STATUS_TOO_LARGE 12

/** The deadline of the call passed. */
#define AICREDITS_STATUS_TIMEOUT 13

/** The caller cancelled the call. */
#define AICREDITS_STATUS_CANCELLED 14

/** The client is closed. */
#define AICREDITS_STATUS_CLOSED 15

/** A credit gate denied a reservation. The denial has the reason. */
#define AICREDITS_STATUS_DENIED 16

/** A bug in this library, caught as a panic. Please report it. */
#define AICREDITS_STATUS_PANIC 17

/** A bug in this library that is not a panic. Please report it. */
#define AICREDITS_STATUS_UNEXPECTED 18

/**
 * The name of a status: "UNAUTHORIZED" for AICREDITS_STATUS_UNAUTHORIZED; "UNKNOWN" for a number that this version
 * does not know.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_status_name(aicredits_status status);

/* The scope of a request. */

/** Which of the four scopes: AICREDITS_SCOPE_ACCOUNT and the following. */
typedef int32_t aicredits_scope_kind;

/** All credits of an account. */
#define AICREDITS_SCOPE_ACCOUNT 1

/** The credits and the subscription of a site. */
#define AICREDITS_SCOPE_SITE 2

/** Both ids were sent. The API's page: when the caller has both, the account-level balance is returned. */
#define AICREDITS_SCOPE_ACCOUNT_AND_SITE 3

/** No id was sent: the credential carries its own context. */
#define AICREDITS_SCOPE_CREDENTIAL 4

/**
 * Returns the name of a kind of scope, such as "SITE" for AICREDITS_SCOPE_SITE. "UNKNOWN" for a number that this
 * version does not know.
 *
 * The string is static. Thread-safe. Does not block.
 */
const char *aicredits_scope_kind_name(aicredits_scope_kind kind);

/**
 * The scope of a request: an account, a site, both, or neither. Every balance and every error of a call has it,
 * because a valid key with a wrong id is hard to notice.
 *
 * Plain data, borrowed from a balance, an error, a client, a gate or an outcome. The layout does not change within a SONAME.
 */
typedef struct aicredits_scope {
  /** Which of the four. */
  aicredits_scope_kind kind;
  /** The account id, NUL-terminated; NULL if none was sent. */
  const char *account_id;
  /** Its length in bytes, without the NUL. */
  size_t account_id_length;
  /** The site id, NUL-terminated; NULL if none was sent. */
  const char *site_id;
  /** Its length in bytes, without the NUL. */
  size_t site_id_length;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_scope;

/* Settings. */

/**
 * The language whose names of settings the messages use: AICREDITS_SURFACE_C or one of the following. Numbers are
 * never reused.
 */
typedef int32_t aicredits_surface;

/** The setters of this header, such as "ca_file". */
#define AICREDITS_SURFACE_C 0

/** The member functions of aicredits.hpp, such as "ca_file". */
#define AICREDITS_SURFACE_CPP 1

/** The options of the Go package, such as "WithCAFile". */
#define AICREDITS_SURFACE_GO 2

/**
 * Makes empty settings.
 *
 * Never returns NULL. The caller frees the result. Thread-safe. Does not block.
 */
aicredits_config *aicredits_config_new(void);

/**
 * Frees settings, and wipes the copy of the key in them.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_config_free(aicredits_config *config);

/**
 * Sets the API key, such as "IST....". Length: at most 4,096 bytes.
 *
 * It is sent without changes in the "Authorization" header. It replaces an earlier API key, authorization value or
 * credential provider. The library's copies of the key are wiped when they are freed.
 */
void aicredits_config_set_api_key(aicredits_config *config, const char *api_key);

/**
 * Sets the whole value of the "Authorization" header, for a credential other than an API key. Length: at most 4,096
 * bytes.
 *
 * It replaces an earlier API key, authorization value or credential provider. Wix documents API keys for this API;
 * whether the API accepts other credentials is not known.
 */
void aicredits_config_set_authorization(aicredits_config *config, const char *authorization);

/**
 * Sets the URL of the server, instead of Wix's.
 *
 * It is an "https" URL, or an "http" URL of a loopback host: 127.0.0.0/8, "::1", or "localhost", which is never
 * looked up. It may have a path, which is put before the API's path.
 */
void aicredits_config_set_base_url(aicredits_config *config, const char *base_url);

/**
 * Sets whether the base URL may be "http" to any host, and through any proxy. Default: off.
 *
 * The key then crosses the network in clear text.
 */
void aicredits_config_set_allow_insecure_http(aicredits_config *config, int32_t enable);

/**
 * Sets the total time of a call, including retries and the pauses between them. Default: 35 s. Range: more than 0,
 * at most a day.
 */
void aicredits_config_set_timeout_ms(aicredits_config *config, uint64_t timeout_ms);

/**
 * Sets the largest reply that is read, in bytes. Default: 8 MiB. Range: 1 byte to 1 GiB.
 *
 * The largest reply that the API documents has about 0.9 MB.
 */
void aicredits_config_set_max_reply_bytes(aicredits_config *config, size_t max_reply_bytes);

/**
 * Sets how often a failed call is retried. Default: 2. Range: 0 to 10.
 *
 * Calls are retried after connection failures and HTTP 429, 500, 502, 503 and 504. Retries use exponential backoff
 * with jitter, or "Retry-After" if the server sends it. They end with the call's timeout. All calls of a client
 * share a retry budget, so that retries do not make an outage worse. Certificate errors and other statuses are never
 * retried.
 */
void aicredits_config_set_max_retries(aicredits_config *config, uint32_t max_retries);

/**
 * Sets how many calls of the client run at once, and so how many connections it opens. Default: 64. Range: 1 to
 * 4,096.
 *
 * More calls wait for their turn, first in, first out. The wait counts towards the timeout of the call, and can be
 * cancelled. A call that pauses before a retry keeps its place.
 */
void aicredits_config_set_max_concurrency(aicredits_config *config, uint32_t max_concurrency);

/**
 * Sets a PEM file with the certificate authorities to trust, and no others.
 *
 * It is a regular file of at most 16 MiB, and is read when the client is made. A network file system that hangs
 * blocks that. It replaces an earlier aicredits_config_set_ca_file() or aicredits_config_set_ca_pem(). Without both,
 * the operating system's authorities are trusted, or bundled ones if the system has none. "SSL_CERT_FILE" and
 * "SSL_CERT_DIR" name other places for the system's authorities. Both variables are read when the client is made,
 * and their files at the first "https" call.
 */
void aicredits_config_set_ca_file(aicredits_config *config, const char *ca_file);

/**
 * Sets PEM text with the certificate authorities to trust, and no others. Length: at most 16 MiB.
 *
 * It replaces an earlier aicredits_config_set_ca_file() or aicredits_config_set_ca_pem().
 */
void aicredits_config_set_ca_pem(aicredits_config *config, const char *ca_pem, size_t length);

/**
 * Sets the URL of the HTTP proxy, such as "http://user:password@proxy.example:3128".
 *
 * The proxy establishes a tunnel (HTTP "CONNECT"), for "http" servers too. With "https://" the connection to the
 * proxy uses TLS. User name and password are optional, and percent-encoded. If the base URL is "http", the proxy can
 * read the key: it must then be on this machine, or aicredits_config_set_allow_insecure_http() must be set. Without
 * aicredits_config_set_proxy() and aicredits_config_set_proxy_from_env() no proxy is used.
 */
void aicredits_config_set_proxy(aicredits_config *config, const char *proxy);

/**
 * Sets whether the proxy is read from the environment when the client is made. Default: off.
 *
 * aicredits_config_set_proxy() takes precedence. The variables are "https_proxy" or "HTTPS_PROXY" for an "https"
 * server, "http_proxy" for an "http" server, then "all_proxy" or "ALL_PROXY". Hosts in "no_proxy", or in "NO_PROXY"
 * if that is unset, and loopback hosts (127.0.0.0/8, "::1", "localhost") have no proxy. An empty variable counts as
 * unset. A value that cannot be used is an error.
 */
void aicredits_config_set_proxy_from_env(aicredits_config *config, int32_t enable);

/** Sets the name of the client in log records. Length: at most 64 characters. */
void aicredits_config_set_name(aicredits_config *config, const char *name);

/** Asks for all credits of this account. Each of the five scope setters replaces an earlier scope. */
void aicredits_config_set_account_id(aicredits_config *config, const char *account_id);

/** Asks for the credits and the subscription of this site. Each of the five scope setters replaces an earlier scope. */
void aicredits_config_set_site_id(aicredits_config *config, const char *site_id);

/**
 * Sends both ids. Wix documents that it then returns the balance of the account. Each of the five scope setters
 * replaces an earlier scope.
 */
void aicredits_config_set_account_and_site_ids(aicredits_config *config, const char *account_id, const char *site_id);

/**
 * Sends no id: the credential itself determines the scope. An error with an API key, which has no scope. Each of the
 * five scope setters replaces an earlier scope.
 */
void aicredits_config_set_credential_scope(aicredits_config *config);

/**
 * Gives the client no default scope: each call must have one. A call without a scope returns
 * AICREDITS_STATUS_INVALID_ARGUMENT, and sends nothing. aicredits_client_scope() returns NULL. Each of the five scope
 * setters replaces an earlier scope.
 */
void aicredits_config_set_per_call_scope(aicredits_config *config);

/**
 * Reads all variables from this array instead of the process's environment. This applies to
 * aicredits_config_from_env(), to aicredits_config_set_proxy_from_env(), and to SSL_CERT_FILE and SSL_CERT_DIR. For
 * programs that change the environment while other threads run.
 *
 * The array has one string "NAME=VALUE" per variable, and NULL at the end, as environ has. It is copied. A variable
 * that is not in the array counts as not set. Strings without "=" are ignored. The first of equal names counts. It
 * replaces an earlier array. The order of this call and aicredits_config_from_env() does not matter.
 *
 * Calls read no variable. But getaddrinfo() of glibc, which looks up the host, reads LOCALDOMAIN, RES_OPTIONS and
 * HOSTALIASES itself. It is not called for addresses and localhost.
 */
void aicredits_config_set_environment(aicredits_config *config, const char *const *environment);

/**
 * Sets the language whose names of settings the messages use. The default is AICREDITS_SURFACE_C. For language
 * bindings.
 */
void aicredits_config_set_surface(aicredits_config *config, aicredits_surface surface);

/**
 * Reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL now. A setter takes precedence, whether it is
 * called before or after. An empty variable counts as not set. If both ids are set, and no scope setter is called,
 * aicredits_client_new() fails.
 *
 * As with getenv(), no other thread may change the environment meanwhile. aicredits_config_set_environment() avoids
 * this.
 */
void aicredits_config_from_env(aicredits_config *config);

/* A provider of credentials. */

/**
 * A callback that returns the value of the Authorization header, for credentials that expire.
 *
 * It answers with aicredits_credential_set_authorization() or aicredits_credential_set_failure(). The last answer
 * counts. If it gives no answer, the call fails.
 *
 * It is called once per call, and once more after HTTP 401, on the thread that makes the call. Several threads may
 * call it at once. The library holds no lock meanwhile. The time that it takes is part of the call's timeout. It may
 * use the library, but it must not free the client. It must return: no exception, longjmp() or thread exit may leave
 * it.
 */
typedef void (*aicredits_credential_provider)(void *user, aicredits_credential *credential);

/** A callback that frees the user data of another callback. It is called once, when that callback is no longer in use. */
typedef void (*aicredits_destructor)(void *user);

/**
 * Sets a callback that returns the value of the Authorization header. It replaces an earlier key, authorization value
 * or provider. The value is checked as a key is. If the provider fails, the call returns AICREDITS_STATUS_UNAUTHORIZED
 * with the provider's message.
 *
 * user is passed to the callback, and may be NULL. The callback must make its own use of user thread-safe. destroy may
 * be NULL. Otherwise it is called once with user:
 * - when the last of the settings and of the clients made from them is freed
 * - when the provider is replaced, and no client was made from the settings
 * - at once, if config or provider is NULL
 *
 * It runs on the thread that does this. A provider that is NULL is an error of aicredits_client_new().
 */
void aicredits_config_set_credential_provider(aicredits_config *config,
                                              aicredits_credential_provider provider,
                                              void *user,
                                              aicredits_destructor destroy);

/**
 * Answers with the value of the Authorization header, NUL-terminated UTF-8. It is copied.
 *
 * Only the provider that got this credential may call it, on its thread. Does not block.
 */
void aicredits_credential_set_authorization(aicredits_credential *credential, const char *authorization);

/**
 * Answers that there is no credential. message is the reason, NUL-terminated. It is copied, and shown to the user.
 * Bytes that are not UTF-8 are replaced.
 *
 * Only the provider that got this credential may call it, on its thread. Does not block.
 */
void aicredits_credential_set_failure(aicredits_credential *credential, const char *message);

/* One call. */

/**
 * Makes settings of a call. Without a setter call, all settings are the client's.
 *
 * Never returns NULL. The caller frees the result. Thread-safe. Does not block.
 */
aicredits_call *aicredits_call_new(void);

/**
 * Frees the settings of a call. No call that uses them may be in flight.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_call_free(aicredits_call *call);

/**
 * Asks for all credits of this account, instead of the client's scope. Each of the four scope setters replaces an
 * earlier scope.
 */
void aicredits_call_set_account_id(aicredits_call *call, const char *account_id);

/**
 * Asks for the credits and the subscription of this site, instead of the client's scope. Each of the four scope
 * setters replaces an earlier scope.
 */
void aicredits_call_set_site_id(aicredits_call *call, const char *site_id);

/** Sends both ids, instead of the client's scope. Each of the four scope setters replaces an earlier scope. */
void aicredits_call_set_account_and_site_ids(aicredits_call *call, const char *account_id, const char *site_id);

/**
 * Sends no id: the credential itself determines the scope. An error with an API key, which has no scope. Each of the
 * four scope setters replaces an earlier scope.
 */
void aicredits_call_set_credential_scope(aicredits_call *call);

/**
 * Sets the total time of the call in milliseconds, instead of the client's timeout. It starts when the call is
 * entered. More than 0 and at most a day.
 */
void aicredits_call_set_timeout_ms(aicredits_call *call, uint64_t timeout_ms);

/**
 * Sets the label of a reservation, such as the name of the job: at most 128 characters, without control characters. It
 * is in the state of the gate, in denials and in log records. Only a reservation has a label.
 */
void aicredits_call_set_label(aicredits_call *call, const char *label);

/**
 * Sets how long a reservation stays open, in milliseconds, instead of the time to live of its gate. Range: 1 s to a
 * day. Only a reservation has a time to live.
 */
void aicredits_call_set_reservation_ttl_ms(aicredits_call *call, uint64_t reservation_ttl_ms);

/**
 * Starts the timeout at a time before the call is entered. For language bindings that queue calls: an error then
 * reports the timeout that the user set, and the time in the queue.
 *
 * start_ns is in nanoseconds of CLOCK_MONOTONIC. A time in the future has no effect.
 */
void aicredits_call_set_start_ns(aicredits_call *call, int64_t start_ns);

/**
 * Ends the call at an absolute time, unless its timeout expires first.
 *
 * deadline_ns is in nanoseconds of CLOCK_MONOTONIC. With a time in the past the call returns AICREDITS_STATUS_TIMEOUT
 * and sends nothing. Does not block.
 */
void aicredits_call_set_deadline_ns(aicredits_call *call, int64_t deadline_ns);

/**
 * Says that the call waited for one of limit permits of the process, and not for one of the client's max_concurrency.
 * For language bindings that limit the calls of a process and queue the others. If the call times out, its error names
 * this limit. Does not block.
 */
void aicredits_call_set_process_limit(aicredits_call *call, uint32_t limit);

/**
 * Cancels a call. The call that uses these settings returns AICREDITS_STATUS_CANCELLED, also if it has not begun yet.
 *
 * Cancelling is final: free the settings and make new ones for the next call. It may be called until the settings are
 * freed. In a process that was forked later, it cancels the call of that process only.
 *
 * Thread-safe and async-signal-safe. Does not block. NULL is allowed.
 */
void aicredits_call_cancel(const aicredits_call *call);

/**
 * Ends a call as aicredits_call_cancel() does, because the caller's deadline has passed: the call returns
 * AICREDITS_STATUS_TIMEOUT. It is final.
 *
 * For callers that learn of a deadline only when it has passed; otherwise use aicredits_call_set_deadline_ns().
 * Thread-safe and async-signal-safe. Does not block. NULL is allowed.
 */
void aicredits_call_expire(const aicredits_call *call);

/* The client. */

/**
 * Makes a client. It opens no connection.
 *
 * config is borrowed for this call. config and client must not be NULL. error may be NULL. Otherwise *error is always
 * written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *client a client that the caller frees. Otherwise *client is NULL, and the
 * status is AICREDITS_STATUS_INVALID_ARGUMENT; the message names the first setting that is wrong or missing.
 *
 * Thread-safe. Does not block, except to read the file of aicredits_config_set_ca_file().
 */
AICREDITS_NODISCARD
aicredits_status aicredits_client_new(const aicredits_config *config,
                                      aicredits_client **client,
                                      aicredits_error **error);

/**
 * Frees a client and closes its connections. No call on it may be in flight.
 *
 * To make sure that no call is in flight, call aicredits_client_close() and join the threads that use the client. Does
 * not block. NULL is allowed.
 */
void aicredits_client_free(aicredits_client *client);

/**
 * Closes a client: cancels its calls in all threads and closes its connections. These calls and later ones return
 * AICREDITS_STATUS_CLOSED.
 *
 * A client can be freed without being closed. Thread-safe. Does not block. NULL is allowed.
 */
void aicredits_client_close(const aicredits_client *client);

/**
 * Returns the default timeout of the client's calls, in milliseconds.
 *
 * Thread-safe. Does not block. Returns 0 if client is NULL.
 */
uint64_t aicredits_client_timeout_ms(const aicredits_client *client);

/**
 * Returns the default scope of the client's calls. NULL if the client has none, because of
 * aicredits_config_set_per_call_scope().
 *
 * Borrowed from the client. Thread-safe. Does not block. Returns NULL if client is NULL.
 */
const aicredits_scope *aicredits_client_scope(const aicredits_client *client);

/**
 * Returns how many calls of the client run at once. For layers that queue calls themselves.
 *
 * Thread-safe. Does not block. Returns 0 if client is NULL.
 */
uint32_t aicredits_client_max_concurrency(const aicredits_client *client);

/**
 * Fetches the current AI credit balance.
 *
 * client and balance must not be NULL. call has the settings of this call; NULL means the client's settings. error may
 * be NULL. Otherwise *error is always written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *balance a balance that the caller frees. Otherwise *balance is NULL. The error
 * has the reason, the scope of the request and the request id.
 *
 * Thread-safe: any number of threads may call it at once. Blocks until the reply is there, at most for the timeout.
 * aicredits_call_cancel() and aicredits_client_close() end it earlier.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_client_get_balance(const aicredits_client *client,
                                              const aicredits_call *call,
                                              aicredits_balance **balance,
                                              aicredits_error **error);

/* An instant. */

/** An instant in UTC, in the years 1 to 9999. Plain data. */
typedef struct aicredits_timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it. */
  int64_t unix_seconds;
  /** Nanoseconds after unix_seconds, below 1,000,000,000. */
  uint32_t nanoseconds;
  /** Zero. */
  uint32_t reserved;
} aicredits_timestamp;

/** A buffer of this size holds any text of aicredits_timestamp_text() and its NUL. */
#define AICREDITS_TIMESTAMP_TEXT_SIZE 40

/**
 * Writes an instant as RFC 3339 text, such as "2026-07-01T00:00:00Z".
 *
 * A fraction of a second has up to nine digits, without zeros at the end. All instants of the library are in the years
 * 1 to 9999. An instant before the year 0 or after 9999 has a sign and as many digits as it needs, as in ISO 8601.
 *
 * buffer has room for size bytes; AICREDITS_TIMESTAMP_TEXT_SIZE is always enough. A text that does not fit is cut, and
 * ends with a NUL. buffer may be NULL if size is 0.
 *
 * Returns the length of the whole text in bytes, without the NUL. Returns 0 if timestamp is NULL, if its nanoseconds
 * are not below 1,000,000,000, or if buffer is NULL and size is not 0. Thread-safe. Does not block.
 */
size_t aicredits_timestamp_text(const aicredits_timestamp *timestamp, char *buffer, size_t size);

/* The plain structs of a balance. */

/** In `present`: the field "balance" is there. */
#define AICREDITS_HAS_BALANCE 1

/** In `present`: the field "cap" is there. */
#define AICREDITS_HAS_CAP 2

/** In `present`: the field "period" is there, and so are its name and length. */
#define AICREDITS_HAS_PERIOD 4

/** In `present`: the field "reset_date" is there. */
#define AICREDITS_HAS_RESET_DATE 8

/** In `present`: the field "subscription_id" is there, and so is its length. */
#define AICREDITS_HAS_SUBSCRIPTION_ID 16

/** In `present`: the field "violated_rule" is there, and so is its length. */
#define AICREDITS_HAS_VIOLATED_RULE 32

/**
 * A period after which the credits under a rule replenish: one of AICREDITS_PERIOD_NO_PERIOD and the following. Wix
 * may add periods without notice: such a period is AICREDITS_PERIOD_UNKNOWN, and its name is in period_name.
 */
typedef int32_t aicredits_period;

/** A period that this version does not know. */
#define AICREDITS_PERIOD_UNKNOWN 0

/** One-time credits, which do not reset. */
#define AICREDITS_PERIOD_NO_PERIOD 1

/** Every millisecond. */
#define AICREDITS_PERIOD_MILLISECOND 2

/** Every second. */
#define AICREDITS_PERIOD_SECOND 3

/** Every minute. */
#define AICREDITS_PERIOD_MINUTE 4

/** Every hour. */
#define AICREDITS_PERIOD_HOUR 5

/** Every day. */
#define AICREDITS_PERIOD_DAY 6

/** Every week. */
#define AICREDITS_PERIOD_WEEK 7

/** Every month. */
#define AICREDITS_PERIOD_MONTH 8

/** Every year. */
#define AICREDITS_PERIOD_YEAR 9

/**
 * The wire name of a period: "MONTH" for AICREDITS_PERIOD_MONTH; "UNKNOWN" for AICREDITS_PERIOD_UNKNOWN and any number
 * that this version does not know.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_period_name(aicredits_period period);

/**
 * A pool of credits: the remaining credits, and the maximum. A count whose bit in `present` is 0 is unknown: it is
 * neither 0 nor unlimited.
 *
 * Plain data, borrowed from its balance. The layout does not change within a SONAME.
 */
typedef struct aicredits_credits {
  /** AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP. */
  uint32_t present;
  /** Remaining credits currently available. */
  int64_t balance;
  /** Maximum credits: per period in the recurring pool, in total in the top-up pool. It may be 0. */
  int64_t cap;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_credits;

/**
 * One rule for the use of a source's credits. A field whose bit in `present` is 0 is absent.
 *
 * Plain data, borrowed from its balance. The layout does not change within a SONAME.
 */
typedef struct aicredits_usage_rule {
  /** AICREDITS_HAS_PERIOD, AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP, AICREDITS_HAS_RESET_DATE. */
  uint32_t present;
  /** How often the credits under this rule replenish. */
  aicredits_period period;
  /**
   * The period's name as the server wrote it, NUL-terminated; NULL if absent. The name of an unknown period is text
   * from the server: before you show it on a terminal, pass it to aicredits_text_escape().
   */
  const char *period_name;
  /** Its length in bytes, without the NUL. */
  size_t period_name_length;
  /** Remaining credits available under this rule. */
  int64_t balance;
  /** Maximum credits allowed under this rule per period. It may be 0. */
  int64_t cap;
  /** The time at which this rule's balance resets to its cap. */
  aicredits_timestamp reset_date;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_usage_rule;

/**
 * One source of credits: a separate allocation, and the rules for its use. A field whose bit in `present` is 0 is
 * absent.
 *
 * Plain data, borrowed from its balance. The layout does not change within a SONAME.
 */
typedef struct aicredits_credit_balance {
  /** AICREDITS_HAS_SUBSCRIPTION_ID. */
  uint32_t present;
  /**
   * GUID of the allocation's subscription, NUL-terminated; NULL for credits without one. The text is from the
   * server, and may be something else than a GUID: before you show it on a terminal, pass it to
   * aicredits_text_escape().
   */
  const char *subscription_id;
  /** Its length in bytes, without the NUL. */
  size_t subscription_id_length;
  /**
   * The rules for its use, in the order of the reply; NULL if there are none. All of them apply, such as a daily
   * limit within a monthly allocation.
   */
  const aicredits_usage_rule *usage_rules;
  /** How many there are. */
  size_t usage_rule_count;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_credit_balance;

/* The balance. */

/**
 * Reads a balance from JSON, such as a stored reply.
 *
 * json points to length bytes, which need no NUL at the end. They are copied. json may be NULL only if length is 0.
 * balance must not be NULL. error may be NULL. Otherwise *error is always written: NULL on success, or an error that
 * the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *balance a balance that the caller frees. Otherwise *balance is NULL, and the
 * status is:
 * - AICREDITS_STATUS_DECODE if the bytes are not a balance; the message has the path of the wrong field
 * - AICREDITS_STATUS_TOO_LARGE if length is over 1 GiB; then no byte is read
 * - AICREDITS_STATUS_INVALID_ARGUMENT if a pointer is NULL, or if there is no memory for the copy
 *
 * 1 GiB is also the largest value of aicredits_config_set_max_reply_bytes(), so every reply of a client can be read
 * back. Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_balance_from_json(const char *json,
                                             size_t length,
                                             aicredits_balance **balance,
                                             aicredits_error **error);

/**
 * Reads a stored balance: as aicredits_balance_from_json(), with the times of the stored reading. Decisions on a balance
 * depend on them, such as aicredits_balance_next_reset().
 *
 * fetched_at and server_date are the results of aicredits_balance_fetched_at() and aicredits_balance_server_date() when
 * the balance was stored. They are copied, and may be NULL. The other parameters are those of
 * aicredits_balance_from_json().
 *
 * Returns what aicredits_balance_from_json() returns, and AICREDITS_STATUS_INVALID_ARGUMENT if a time is not in the
 * years 1 to 9999. Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_balance_from_json_at(const char *json,
                                                size_t length,
                                                const aicredits_timestamp *fetched_at,
                                                const aicredits_timestamp *server_date,
                                                aicredits_balance **balance,
                                                aicredits_error **error);

/**
 * Adds an owner to a balance. Each owner frees the balance once, with aicredits_balance_free().
 *
 * Returns the same pointer. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
aicredits_balance *aicredits_balance_ref(const aicredits_balance *balance);

/**
 * Frees a balance for one owner. After the last owner has freed it, no value that was read from it may be used.
 *
 * Thread-safe. Does not block. NULL is allowed.
 */
void aicredits_balance_free(aicredits_balance *balance);

/**
 * Returns the recurring credits, aggregated across all sources. NULL if the account has none.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const aicredits_credits *aicredits_balance_periodic_credits(const aicredits_balance *balance);

/**
 * Returns the one-time top-up credits, aggregated across all purchases. They do not reset. NULL if the account has
 * none.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const aicredits_credits *aicredits_balance_top_up_credits(const aicredits_balance *balance);

/**
 * Returns the same credits by source, as an array in the order of the reply. NULL if the reply has no breakdown.
 *
 * The breakdown is a detailed view of the two pools: do not add it to them. Wix limits a reply to 1,000 sources. The
 * breakdown of a reply at this limit may be incomplete.
 *
 * *count is the number of sources; count may be NULL. Borrowed from the balance. Thread-safe. Does not block. Returns
 * NULL, and 0 in *count, if balance is NULL.
 */
const aicredits_credit_balance *aicredits_balance_credit_balance_breakdown(const aicredits_balance *balance,
                                                                           size_t *count);

/**
 * Returns the sum of the remaining credits of both pools. An absent pool counts as 0.
 *
 * NULL means that the sum is unknown, which is not 0:
 * - a pool is present without a balance, or
 * - both pools are absent, and the breakdown has entries, or
 * - aicredits_balance_is_recognized() is false
 *
 * The sum is what the account holds. Less may be spendable now, because of rules in the breakdown, such as a daily
 * limit within a monthly allocation. The sum saturates at the limits of int64_t.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const int64_t *aicredits_balance_available(const aicredits_balance *balance);

/**
 * Returns whether the reply is a balance: it has at least one field of a balance, or no field at all.
 *
 * An empty object is the balance of an account without credits. False means that the reply has fields, but none of
 * periodicCredits, topUpCredits and creditBalanceBreakdown. A field with the value null counts as present. If the
 * result is false, the base URL may be the address of another service.
 *
 * Thread-safe. Does not block. Returns false if balance is NULL.
 */
bool aicredits_balance_is_recognized(const aicredits_balance *balance);

/**
 * Returns the raw reply, with all fields that Wix may add later. JSON contains no NUL, so it is also a plain C string.
 *
 * The raw reply is not redacted: if a server echoes the credential, the credential is in it. The other texts of a
 * fetched balance are redacted.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the balance. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if balance is NULL.
 */
const char *aicredits_balance_json(const aicredits_balance *balance, size_t *length);

/**
 * Returns the balance as text, to show or to log: the two pools and the breakdown, in lines, without a newline at the
 * end. Text from the server is escaped.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the balance. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if balance is NULL.
 */
const char *aicredits_balance_text(const aicredits_balance *balance, size_t *length);

/**
 * Returns the scope of the request. NULL if the balance was not fetched.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const aicredits_scope *aicredits_balance_scope(const aicredits_balance *balance);

/**
 * Returns the server's id of the request, to quote in questions to Wix. NULL if there is none. The text is from the
 * server and is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the balance. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if balance is NULL.
 */
const char *aicredits_balance_request_id(const aicredits_balance *balance, size_t *length);

/**
 * Returns the time at which the reply was complete, by this machine's clock. NULL if the balance was not fetched.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const aicredits_timestamp *aicredits_balance_fetched_at(const aicredits_balance *balance);

/**
 * Returns the time of the reply by the server's clock: its Date header, in whole seconds. NULL if there was none.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const aicredits_timestamp *aicredits_balance_server_date(const aicredits_balance *balance);

/* The credits of a balance that can be spent. */

/**
 * Returns the credits that can be spent now, under all rules of the breakdown. NULL if that is unknown, which is
 * neither 0 nor unlimited.
 *
 * Each source allows the least of the balances of its rules. The result is the sum of the sources, and never more than
 * aicredits_balance_available(). It assumes that one action may draw on several sources.
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const int64_t *aicredits_balance_spendable(const aicredits_balance *balance);

/**
 * Computes the credits that can be spent at an instant, if nobody spends until then and the known resets happen. An
 * instant before the reading counts as that of the reading.
 *
 * at and spendable must not be NULL. Returns true, and in *spendable the credits. Returns false, and 0 in *spendable,
 * if they are unknown: if aicredits_balance_spendable() is NULL, if the reply has no breakdown, or if a rule that resets
 * lacks its cap. Also if at is not an instant in the years 1 to 9999.
 *
 * Thread-safe. Does not block. Returns false if a pointer is NULL.
 */
bool aicredits_balance_spendable_at(const aicredits_balance *balance,
                                    const aicredits_timestamp *at,
                                    int64_t *spendable);

/**
 * Computes how many of wanted equal actions can be paid now. A gate answers the same and reserves the credits in one
 * step: see aicredits_gate_reserve_up_to().
 *
 * balance, count and is_known must not be NULL. unit_cost is the cost of one action. unit_cost and wanted are at most
 * 2^63 - 1; C converts other numbers before the call, see "Costs" on the opening page. error may be NULL. Otherwise
 * *error is always written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK. *is_known is true, and *count is the number. Or *is_known is false, and *count is 0: the
 * number is unknown, because the reply lacks a count. Returns AICREDITS_STATUS_INVALID_ARGUMENT, and the same outputs, if
 * an argument is wrong.
 *
 * Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_balance_affordable(const aicredits_balance *balance,
                                              uint64_t unit_cost,
                                              uint64_t wanted,
                                              uint64_t *count,
                                              bool *is_known,
                                              aicredits_error **error);

/**
 * Returns the earliest reset after the reading that can bring credits: of a rule that replenishes, and is below its cap
 * or lacks a figure. NULL if there is none.
 *
 * Also NULL for a balance without an instant, which aicredits_balance_from_json() made: see
 * aicredits_balance_next_reset_after().
 *
 * Borrowed from the balance. Thread-safe. Does not block. Returns NULL if balance is NULL.
 */
const aicredits_timestamp *aicredits_balance_next_reset(const aicredits_balance *balance);

/**
 * Computes the earliest reset after an instant, as aicredits_balance_next_reset() does after the reading.
 *
 * after and reset must not be NULL. Returns true, and in *reset the instant. Returns false, and an instant of zeros in
 * *reset, if there is no such reset, or if after is not an instant in the years 1 to 9999.
 *
 * Thread-safe. Does not block. Returns false if a pointer is NULL.
 */
bool aicredits_balance_next_reset_after(const aicredits_balance *balance,
                                        const aicredits_timestamp *after,
                                        aicredits_timestamp *reset);

/* Whether a balance can pay a cost. */

/** The answer to the question whether a balance can pay a cost: AICREDITS_ANSWER_YES or one of the following. */
typedef int32_t aicredits_answer;

/** The credits suffice. */
#define AICREDITS_ANSWER_YES 1

/** The credits do not suffice. */
#define AICREDITS_ANSWER_NO 2

/** The reply lacks a count that would decide. Unknown is neither yes nor no. */
#define AICREDITS_ANSWER_UNKNOWN 3

/**
 * Returns the name of an answer, such as "YES" for AICREDITS_ANSWER_YES. "UNKNOWN" for AICREDITS_ANSWER_UNKNOWN and any
 * number that this version does not know.
 *
 * The string is static. Thread-safe. Does not block.
 */
const char *aicredits_answer_name(aicredits_answer answer);

/**
 * The limit that keeps the spendable credits from being more: AICREDITS_BINDING_NOTHING or one of the following.
 * Numbers are never reused.
 */
typedef int32_t aicredits_binding;

/** Nothing in the reply sets a limit. */
#define AICREDITS_BINDING_NOTHING 1

/** The two pools hold no more. */
#define AICREDITS_BINDING_POOLS 2

/** The rules of the breakdown allow no more. */
#define AICREDITS_BINDING_RULES 3

/**
 * A rule that keeps the spendable credits from being more.
 *
 * Plain data, borrowed from its handle. The layout does not change within a SONAME.
 */
typedef struct aicredits_binding_rule {
  /** The index of the source in aicredits_balance_credit_balance_breakdown(). */
  size_t source;
  /** The index of the rule in usage_rules of the source. */
  size_t rule;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_binding_rule;

/**
 * Answers whether an action of this cost can be paid now. A cost that equals the spendable credits can be paid, and a
 * cost of 0 always can.
 *
 * balance and affordability must not be NULL. cost is at most 2^63 - 1; C converts other numbers before the call, see
 * "Costs" on the opening page. error may be NULL. Otherwise *error is always written: NULL on success, or an error
 * that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *affordability the answer, which the caller frees. AICREDITS_STATUS_OK is not a
 * yes: see aicredits_affordability_is_yes(). Otherwise *affordability is NULL, and the status is
 * AICREDITS_STATUS_INVALID_ARGUMENT.
 *
 * The answer keeps the balance alive. A balance is a hint: in a program whose threads spend at the same time, use
 * aicredits_gate_reserve(). Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_balance_can_afford(const aicredits_balance *balance,
                                              uint64_t cost,
                                              aicredits_affordability **affordability,
                                              aicredits_error **error);

/**
 * Frees an answer. Its balance stays valid for its other owners.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_affordability_free(aicredits_affordability *affordability);

/**
 * Returns the answer: AICREDITS_ANSWER_YES, AICREDITS_ANSWER_NO or AICREDITS_ANSWER_UNKNOWN.
 *
 * Thread-safe. Does not block. Returns 0, which is no answer, if affordability is NULL.
 */
aicredits_answer aicredits_affordability_answer(const aicredits_affordability *affordability);

/**
 * Returns whether the answer is yes. False if it is no or unknown.
 *
 * Thread-safe. Does not block. Returns false if affordability is NULL.
 */
bool aicredits_affordability_is_yes(const aicredits_affordability *affordability);

/**
 * Returns the answer as one sentence, to show or to log, such as "40 short: the MONTH rule of subscription
 * d7a341c4-196b-46e7-813c-2b0fc1847ec6 allows 10 until 2026-07-01T00:00:00Z". Text from the server in it is escaped.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the handle. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if affordability is NULL.
 */
const char *aicredits_affordability_text(const aicredits_affordability *affordability, size_t *length);

/**
 * Returns the cost that was asked for.
 *
 * Thread-safe. Does not block. Returns 0 if affordability is NULL.
 */
uint64_t aicredits_affordability_cost(const aicredits_affordability *affordability);

/**
 * Returns aicredits_balance_spendable() of the balance. NULL if it is unknown.
 *
 * Borrowed from the handle. Thread-safe. Does not block. Returns NULL if affordability is NULL.
 */
const int64_t *aicredits_affordability_spendable(const aicredits_affordability *affordability);

/**
 * Returns aicredits_balance_available() of the balance. NULL if it is unknown.
 *
 * Borrowed from the handle. Thread-safe. Does not block. Returns NULL if affordability is NULL.
 */
const int64_t *aicredits_affordability_available(const aicredits_affordability *affordability);

/**
 * Returns the credits that are missing. NULL if the answer is not AICREDITS_ANSWER_NO. If the spendable credits are
 * unknown, at least this many are missing.
 *
 * Borrowed from the handle. Thread-safe. Does not block. Returns NULL if affordability is NULL.
 */
const uint64_t *aicredits_affordability_shortfall(const aicredits_affordability *affordability);

/**
 * Returns the earliest reset date from which the cost can be paid, if nobody spends until then. NULL if no known reset
 * brings the credits, or if the answer is not AICREDITS_ANSWER_NO.
 *
 * Borrowed from the handle. Thread-safe. Does not block. Returns NULL if affordability is NULL.
 */
const aicredits_timestamp *aicredits_affordability_affordable_at(const aicredits_affordability *affordability);

/**
 * Returns the limit that keeps the spendable credits from being more: AICREDITS_BINDING_NOTHING,
 * AICREDITS_BINDING_POOLS or AICREDITS_BINDING_RULES.
 *
 * Thread-safe. Does not block. Returns 0 if affordability is NULL.
 */
aicredits_binding aicredits_affordability_binding(const aicredits_affordability *affordability);

/**
 * Returns the rules that keep the spendable credits from being more, as an array in the order of the reply: of each
 * source the rules with the least balance. NULL if the result of aicredits_affordability_binding() is not
 * AICREDITS_BINDING_RULES.
 *
 * *count is the number of rules; count may be NULL. Borrowed from the handle. Thread-safe. Does not block. Returns
 * NULL, and 0 in *count, if affordability is NULL.
 */
const aicredits_binding_rule *aicredits_affordability_binding_rules(const aicredits_affordability *affordability,
                                                                    size_t *count);

/* The attempts of a call that failed. */

/** How far an attempt came: AICREDITS_PHASE_QUEUE and the following. A later version may add to them. */
typedef int32_t aicredits_phase;

/** A phase that this version does not know. */
#define AICREDITS_PHASE_UNKNOWN 0

/** The attempt had not started. */
#define AICREDITS_PHASE_QUEUE 1

/** The credential provider was called. */
#define AICREDITS_PHASE_CREDENTIAL 2

/** The host's addresses were looked up. */
#define AICREDITS_PHASE_RESOLVE 3

/** A TCP connection was opened. */
#define AICREDITS_PHASE_CONNECT 4

/** The tunnel through the proxy was established (HTTP CONNECT). */
#define AICREDITS_PHASE_PROXY 5

/** The TLS handshake. */
#define AICREDITS_PHASE_TLS 6

/** The request was sent. */
#define AICREDITS_PHASE_SEND 7

/** The client waited for the head of the reply. */
#define AICREDITS_PHASE_HEAD 8

/** The body of the reply was read. */
#define AICREDITS_PHASE_BODY 9

/** The reply was complete. */
#define AICREDITS_PHASE_REPLY 10

/** The pause between two attempts. */
#define AICREDITS_PHASE_PAUSE 11

/**
 * The name of a phase: "CONNECT" for AICREDITS_PHASE_CONNECT; "UNKNOWN" for AICREDITS_PHASE_UNKNOWN and any number
 * that this version does not know.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_phase_name(aicredits_phase phase);

/** In `present`: the field "http_status" is there. */
#define AICREDITS_HAS_HTTP_STATUS 64

/** In `present`: the field "request_id" is there, and so is its length. */
#define AICREDITS_HAS_REQUEST_ID 128

/**
 * One attempt of a call that failed, or for a target of a fleet. A field whose bit in `present` is 0 is absent.
 *
 * Plain data, borrowed from its error or its outcome. The layout does not change within a SONAME.
 */
typedef struct aicredits_attempt {
  /** AICREDITS_HAS_HTTP_STATUS, AICREDITS_HAS_REQUEST_ID. */
  uint32_t present;
  /**
   * The last phase of the attempt; AICREDITS_PHASE_REPLY if the reply itself is the failure,
   * or a balance.
   */
  aicredits_phase phase;
  /** The duration of the attempt in nanoseconds, without pauses. */
  uint64_t duration_ns;
  /** The HTTP status, if a reply came. */
  uint32_t http_status;
  /**
   * The server's id of the request, NUL-terminated; NULL if no reply had one. The text is from the server: before
   * you show it on a terminal, pass it to aicredits_text_escape().
   */
  const char *request_id;
  /** Its length in bytes, without the NUL. */
  size_t request_id_length;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_attempt;

/* The fields of a request that the server refused. */

/**
 * One field of the request that the server refused. All texts are from the server and not escaped: before you show
 * them on a terminal, pass them to aicredits_text_escape().
 *
 * Plain data, borrowed from its error. The layout does not change within a SONAME.
 */
typedef struct aicredits_field_violation {
  /** AICREDITS_HAS_VIOLATED_RULE. */
  uint32_t present;
  /** The field's path in the request, NUL-terminated; empty if the server does not name it. */
  const char *field;
  /** Its length in bytes, without the NUL. */
  size_t field_length;
  /** The reason, NUL-terminated; empty if the server gives none. */
  const char *description;
  /** Its length in bytes, without the NUL. */
  size_t description_length;
  /** The rule's name, such as "REQUIRED_FIELD", NUL-terminated; NULL if absent. */
  const char *violated_rule;
  /** Its length in bytes, without the NUL. */
  size_t violated_rule_length;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_field_violation;

/* The error. */

/**
 * Frees an error. After that, no value that was read from it may be used.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_error_free(aicredits_error *error);

/**
 * Returns the status of the call that failed.
 *
 * Thread-safe. Does not block. Returns AICREDITS_STATUS_UNEXPECTED if error is NULL.
 */
aicredits_status aicredits_error_status(const aicredits_error *error);

/**
 * Returns the message, in one line: what happened, to which request and for which scope, and what to do. Text from the
 * server in it is escaped and limited in length, so it can be shown on a terminal.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if error is NULL.
 */
const char *aicredits_error_message(const aicredits_error *error, size_t *length);

/**
 * Returns the HTTP status. 0 if no reply came.
 *
 * Thread-safe. Does not block. Returns 0 if error is NULL.
 */
uint32_t aicredits_error_http_status(const aicredits_error *error);

/**
 * Returns Wix's application code, such as "PERMISSION_DENIED". NULL if there is none. The text is from the server and
 * is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if error is NULL.
 */
const char *aicredits_error_code(const aicredits_error *error, size_t *length);

/**
 * Returns the server's description of the failure. NULL if there is none. The text is from the server and is not
 * escaped: before you show it on a terminal, pass it to aicredits_text_escape().
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if error is NULL.
 */
const char *aicredits_error_description(const aicredits_error *error, size_t *length);

/**
 * Returns the fields of the request that the server refused, as an array. NULL if the server names none.
 *
 * *count is the number of fields; count may be NULL. Borrowed from the error. Thread-safe. Does not block. Returns
 * NULL, and 0 in *count, if error is NULL.
 */
const aicredits_field_violation *aicredits_error_field_violations(const aicredits_error *error, size_t *count);

/**
 * Returns the name of the setting to correct, such as "api_key"; its length goes to *length.
 *
 * The name is the same in every language: that of the setter without "aicredits_config_set_" or "aicredits_call_set_", and
 * without a unit at its end ("timeout"). It is there if a setting is wrong or missing, and if a reply exceeds
 * "max_reply_bytes". NULL and 0 otherwise.
 *
 * length may be NULL. Borrowed from the error. Thread-safe. Does not block. NULL and 0 for NULL.
 */
const char *aicredits_error_setting(const aicredits_error *error,
                                    size_t *length);

/**
 * Returns the scope of the request. NULL if no call was made.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
 */
const aicredits_scope *aicredits_error_scope(const aicredits_error *error);

/**
 * Returns the server's id of the request, to quote in questions to Wix. NULL if there is none. The text is from the
 * server and is not escaped: before you show it on a terminal, pass it to aicredits_text_escape().
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if error is NULL.
 */
const char *aicredits_error_request_id(const aicredits_error *error, size_t *length);

/**
 * Returns how many milliseconds the server asks to wait before the next call (Retry-After). NULL if it does not say.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
 */
const uint64_t *aicredits_error_retry_after_ms(const aicredits_error *error);

/**
 * Returns whether the same call may succeed later: after a failed or lost connection, a timeout, or HTTP 429, 500,
 * 502, 503 or 504. False for a network failure that lasts, such as a proxy that refuses the user's password. A gate's
 * denial is transient if its reason is AICREDITS_DENIAL_REASON_UNAVAILABLE.
 *
 * Thread-safe. Does not block. Returns false if error is NULL.
 */
bool aicredits_error_is_transient(const aicredits_error *error);

/**
 * Returns the attempts of the call, as an array in their order. NULL if there was none.
 *
 * *count is the number of attempts; count may be NULL. Borrowed from the error. Thread-safe. Does not block. Returns
 * NULL, and 0 in *count, if error is NULL.
 */
const aicredits_attempt *aicredits_error_attempts(const aicredits_error *error, size_t *count);

/**
 * Returns why a gate denied a reservation. NULL if the status is not AICREDITS_STATUS_DENIED.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if error is NULL.
 */
const aicredits_denial *aicredits_error_denial(const aicredits_error *error);

/**
 * Returns the error that caused this one: for AICREDITS_DENIAL_REASON_UNAVAILABLE, the error of the gate's failed
 * reading. NULL if there is none.
 *
 * Borrowed from the error: do not free it. Thread-safe. Does not block. Returns NULL if error is NULL.
 */
const aicredits_error *aicredits_error_cause(const aicredits_error *error);

/* Settings of a gate. */

/**
 * The decision of a gate if no reading can decide: AICREDITS_WHEN_UNAVAILABLE_DENY or one of the following. Numbers are never
 * reused.
 */
typedef int32_t aicredits_when_unavailable;

/** It denies, with AICREDITS_DENIAL_REASON_UNAVAILABLE. */
#define AICREDITS_WHEN_UNAVAILABLE_DENY 1

/** It grants from the last reading, if that is younger than an age. */
#define AICREDITS_WHEN_UNAVAILABLE_STALE 2

/** It grants. */
#define AICREDITS_WHEN_UNAVAILABLE_ALLOW 3

/**
 * Makes settings of a gate, all with their defaults.
 *
 * Never returns NULL. The caller frees the result. Thread-safe. Does not block.
 */
aicredits_gate_config *aicredits_gate_config_new(void);

/**
 * Frees settings of a gate.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_gate_config_free(aicredits_gate_config *config);

/**
 * Sets the age from which a reading of the balance is too old to grant from. Default: 30 s. Range: 100 ms to a day.
 *
 * It is at least aicredits_gate_config_set_min_interval_ms(). From half of this age on, one caller makes a new
 * reading while the gate still grants the others.
 */
void aicredits_gate_config_set_max_age_ms(aicredits_gate_config *config, uint64_t max_age_ms);

/**
 * Sets the shortest time between the starts of two readings. Default: 1 s. Range: 0 to an hour.
 *
 * It applies to failed readings too. After a failure it doubles, up to 30 s, until a reading succeeds.
 */
void aicredits_gate_config_set_min_interval_ms(aicredits_gate_config *config, uint64_t min_interval_ms);

/**
 * Sets how long a reservation waits for readings in total. Default: 5 s. Range: more than 0, at most a day.
 *
 * It is at most the client's timeout. If the client's timeout is less than 5 s, that is the default.
 */
void aicredits_gate_config_set_read_timeout_ms(aicredits_gate_config *config, uint64_t read_timeout_ms);

/**
 * Sets how long after a commit a reading may still lack its charge. Default: 60 s. Range: 0 to an hour.
 *
 * Wix does not document such a delay. It is at least aicredits_gate_config_set_max_age_ms() if
 * aicredits_gate_config_set_processes() is more than 1.
 */
void aicredits_gate_config_set_visibility_delay_ms(aicredits_gate_config *config, uint64_t visibility_delay_ms);

/** Sets the credits that the gate never grants. Default: 0. Range: 0 to 9,223,372,036,854,775,807. */
void aicredits_gate_config_set_headroom(aicredits_gate_config *config, uint64_t headroom);

/**
 * Sets the most credits that the gate grants in its life. Range: 0 to 9,223,372,036,854,775,807.
 *
 * Open reservations and commits count. A reservation that is released or unresolved does not count. Without
 * aicredits_gate_config_set_limit() the balance is the only bound.
 */
void aicredits_gate_config_set_limit(aicredits_gate_config *config, uint64_t limit);

/**
 * Sets how many equal processes share the credits, this one included. Default: 1. Range: 1 to 10,000.
 *
 * Each gate then grants from its share of each reading, as with aicredits_gate_config_set_strict(). The processes do
 * not communicate, so the gates are advisory.
 */
void aicredits_gate_config_set_processes(aicredits_gate_config *config, uint32_t processes);

/**
 * Sets how long a reservation stays open. Default: 10 min. Range: 1 s to a day.
 *
 * After that it is unresolved: nobody knows whether its action was charged. A call may set its own.
 */
void aicredits_gate_config_set_reservation_ttl_ms(aicredits_gate_config *config, uint64_t reservation_ttl_ms);

/**
 * Sets how long the gate denies after a report that the credits are exhausted. Default: 5 min. Range: 0 to a day.
 *
 * A reading with more credits, or a reset, ends that earlier. When the time is over, the gate grants one reservation
 * at a time until one commits.
 */
void aicredits_gate_config_set_exhausted_cooldown_ms(aicredits_gate_config *config, uint64_t exhausted_cooldown_ms);

/**
 * Sets whether each reading counts in full against the commits that it may lack. Default: off.
 *
 * It is for credits that other programs spend too, while charges show late. The gate then denies some reservations
 * although the credits are there. Without it, a program that spends alone is granted every credit.
 */
void aicredits_gate_config_set_strict(aicredits_gate_config *config, int32_t enable);

/**
 * Sets whether the gate grants everything, and only counts the reservations that it would have denied. Default: off.
 *
 * No caller waits for a reading. Call refresh() more often than max_age: without a young reading nothing is counted,
 * unless readings fail.
 */
void aicredits_gate_config_set_dry_run(aicredits_gate_config *config, int32_t enable);

/**
 * Sets whether the gate grants although no reading can decide. Default: AICREDITS_WHEN_UNAVAILABLE_DENY.
 *
 * stale_ms is the age in milliseconds below which AICREDITS_WHEN_UNAVAILABLE_STALE grants from the last reading: at
 * least max_age, and at most a day. The other values ignore it.
 *
 * It never grants over a limit or while the credits are exhausted, and never after HTTP 401, 403, 404 or another 4xx.
 * The state of the gate counts such grants, and the log reports them.
 */
void aicredits_gate_config_set_when_unavailable(aicredits_gate_config *config,
                                                aicredits_when_unavailable when_unavailable,
                                                uint64_t stale_ms);

/**
 * Grants the credits of this account, instead of those of the client's scope. Each of the four scope setters replaces
 * an earlier scope.
 */
void aicredits_gate_config_set_account_id(aicredits_gate_config *config, const char *account_id);

/**
 * Grants the credits of this site, instead of those of the client's scope. Each of the four scope setters replaces an
 * earlier scope.
 */
void aicredits_gate_config_set_site_id(aicredits_gate_config *config, const char *site_id);

/** Sends both ids, instead of the client's scope. Each of the four scope setters replaces an earlier scope. */
void aicredits_gate_config_set_account_and_site_ids(aicredits_gate_config *config,
                                                    const char *account_id,
                                                    const char *site_id);

/**
 * Sends no id: the credential itself determines the scope. An error with an API key, which has no scope. Each of the
 * four scope setters replaces an earlier scope.
 */
void aicredits_gate_config_set_credential_scope(aicredits_gate_config *config);

/* A credit gate. */

/**
 * Makes a gate for a client. It makes no reading.
 *
 * client and gate must not be NULL. config is borrowed for this call; NULL means the default settings. error may be
 * NULL. Otherwise *error is always written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *gate a gate that the caller frees. Otherwise *gate is NULL, and the status is:
 * - AICREDITS_STATUS_INVALID_ARGUMENT if a setting is wrong or missing; the message names the first one
 * - AICREDITS_STATUS_INVALID_ARGUMENT if another gate exists for the client and the scope: share that one
 * - AICREDITS_STATUS_CLOSED if the client is closed
 *
 * Make one gate for a scope and keep it as long as the client. A gate that is made after another was freed does not know
 * its reservations and commits.
 *
 * Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_new(const aicredits_client *client,
                                    const aicredits_gate_config *config,
                                    aicredits_gate **gate,
                                    aicredits_error **error);

/**
 * Frees a gate. Its reservations stay valid, and so do its sub-gates.
 *
 * No call on the gate may be in flight. Does not block. NULL is allowed.
 */
void aicredits_gate_free(aicredits_gate *gate);

/**
 * Reserves credits for one action.
 *
 * It never waits for credits. It may wait for readings: at most two, and at most read_timeout in all.
 *
 * gate and reservation must not be NULL. cost is at most 2^63 - 1; C converts other numbers before the call, see
 * "Costs" on the opening page. call has the settings of this call: label, time to live, timeout, and the means to
 * cancel it; NULL means the gate's settings. A scope in it is an error. error may be NULL. Otherwise *error is always
 * written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *reservation a reservation that the caller ends and frees. Otherwise *reservation
 * is NULL, and the status is:
 * - AICREDITS_STATUS_DENIED: the action must not run; aicredits_error_denial() has the reason
 * - AICREDITS_STATUS_INVALID_ARGUMENT, AICREDITS_STATUS_CANCELLED or AICREDITS_STATUS_CLOSED
 *
 * A cost of 0 is granted at once.
 *
 * Thread-safe: any number of threads may call it at once. Blocks while it waits for a reading.
 * aicredits_call_cancel() and aicredits_client_close() end it earlier. From a callback of the same client it returns
 * AICREDITS_STATUS_INVALID_ARGUMENT.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_reserve(const aicredits_gate *gate,
                                        uint64_t cost,
                                        const aicredits_call *call,
                                        aicredits_reservation **reservation,
                                        aicredits_error **error);

/**
 * Reserves credits for one action, from the reading that is there. As aicredits_gate_reserve(), but it makes and awaits
 * no reading.
 *
 * If a new reading could change the answer, the reason of the denial is AICREDITS_DENIAL_REASON_UNAVAILABLE. Before the
 * first reading every cost but 0 is denied so: call aicredits_gate_refresh() first.
 *
 * Parameters, result and ownership are those of aicredits_gate_reserve(). Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_reserve_now(const aicredits_gate *gate,
                                            uint64_t cost,
                                            const aicredits_call *call,
                                            aicredits_reservation **reservation,
                                            aicredits_error **error);

/**
 * Reserves credits for as many of wanted equal actions as fit, in one step. aicredits_reservation_count() says how
 * many.
 *
 * unit_cost is the cost of one action. It is at most 2^63 - 1. If no action fits, the status is
 * AICREDITS_STATUS_DENIED.
 *
 * The other parameters, result and ownership are those of aicredits_gate_reserve(). Commit each action with
 * aicredits_reservation_commit_part(), and release the rest. Thread-safe. Blocks while it waits for a reading.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_reserve_up_to(const aicredits_gate *gate,
                                              uint64_t unit_cost,
                                              uint64_t wanted,
                                              const aicredits_call *call,
                                              aicredits_reservation **reservation,
                                              aicredits_error **error);

/**
 * Reads the balance now, for event loops and before the first reservation.
 *
 * It waits for a reading in flight instead of making a second one. A reading that was requested less than min_interval
 * ago is the result. After a failure it returns that error at once until the next reading may start.
 *
 * gate must not be NULL. balance may be NULL. call has the settings of this call; NULL means the gate's settings. A
 * scope in it is an error. error may be NULL. Otherwise *error is always written: NULL on success, or an error that the
 * caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *balance the reading, which the caller frees. Otherwise *balance is NULL, and the
 * error is that of the reading.
 *
 * Thread-safe. Blocks until the reading is there, at most for read_timeout. aicredits_call_cancel() and
 * aicredits_client_close() end it earlier.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_refresh(const aicredits_gate *gate,
                                        const aicredits_call *call,
                                        aicredits_balance **balance,
                                        aicredits_error **error);

/**
 * Reports that the vendor refused an action that had no reservation, for lack of credits. The gate and its sub-gates
 * then deny with AICREDITS_DENIAL_REASON_EXHAUSTED until new credits show. With a reservation, use
 * aicredits_reservation_report_exhausted().
 *
 * Thread-safe. Does not block. NULL is allowed.
 */
void aicredits_gate_report_exhausted(const aicredits_gate *gate);

/**
 * Makes a gate with its own limit that grants from this gate: for a visitor, a tenant or a job. A sub-gate has no
 * sub-gates.
 *
 * gate and sub_gate must not be NULL. limit is the most credits that the sub-gate grants in its life, at most 2^63 - 1.
 * error may be NULL. Otherwise *error is always written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *sub_gate a gate that the caller frees. Otherwise *sub_gate is NULL, and the status
 * is AICREDITS_STATUS_INVALID_ARGUMENT.
 *
 * The gate may be freed before the sub-gate. Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_sub_gate(const aicredits_gate *gate,
                                         uint64_t limit,
                                         aicredits_gate **sub_gate,
                                         aicredits_error **error);

/**
 * Sets the limit of a gate or a sub-gate. Commits before this call count against it. Below what is used, the gate
 * denies; open reservations stay.
 *
 * limit is at most 2^63 - 1; more is AICREDITS_STATUS_INVALID_ARGUMENT. error may be NULL. Otherwise *error is always
 * written: NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, or AICREDITS_STATUS_INVALID_ARGUMENT also if gate is NULL. Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_set_limit(const aicredits_gate *gate,
                                          uint64_t limit,
                                          aicredits_error **error);

/**
 * Returns the scope whose credits the gate grants.
 *
 * Borrowed from the gate. Thread-safe. Does not block. Returns NULL if gate is NULL.
 */
const aicredits_scope *aicredits_gate_scope(const aicredits_gate *gate);

/* A reservation. */

/**
 * Frees a reservation. If the reservation has not ended, it is then unresolved, and counts as spent.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_reservation_free(aicredits_reservation *reservation);

/**
 * Returns the credits that are still reserved. 0 after the end.
 *
 * Thread-safe. Does not block. Returns 0 if reservation is NULL.
 */
uint64_t aicredits_reservation_cost(const aicredits_reservation *reservation);

/**
 * Returns for how many actions the credits were reserved: 1, or what aicredits_gate_reserve_up_to() could reserve.
 *
 * Thread-safe. Does not block. Returns 0 if reservation is NULL.
 */
uint64_t aicredits_reservation_count(const aicredits_reservation *reservation);

/**
 * Returns the cost of one action.
 *
 * Thread-safe. Does not block. Returns 0 if reservation is NULL.
 */
uint64_t aicredits_reservation_unit_cost(const aicredits_reservation *reservation);

/**
 * Returns the label that aicredits_call_set_label() gave to the reservation. NULL if it has none.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the reservation. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if reservation is NULL.
 */
const char *aicredits_reservation_label(const aicredits_reservation *reservation, size_t *length);

/**
 * Returns whether the reservation has not ended: no function ended it, and its time to live is not over.
 *
 * Thread-safe. Does not block. Returns false if reservation is NULL.
 */
bool aicredits_reservation_is_open(const aicredits_reservation *reservation);

/**
 * Ends a reservation: the action ran, at the reserved cost.
 *
 * Returns true if the commit counts, and false if the reservation had been committed before. Thread-safe. Does not
 * block. Returns false if reservation is NULL.
 */
bool aicredits_reservation_commit(const aicredits_reservation *reservation);

/**
 * Ends a reservation: the action ran, at this cost, which may be less or more than the reserved one. More counts in
 * full.
 *
 * cost is at most 2^63 - 1. Above that, also for a negative number, the reserved cost that is left counts instead, with a
 * warning in the log; see "Costs" on the opening page.
 *
 * Returns true if the commit counts, and false if the reservation had been committed before. Thread-safe. Does not
 * block. Returns false if reservation is NULL.
 */
bool aicredits_reservation_commit_actual(const aicredits_reservation *reservation,
                                         uint64_t cost);

/**
 * Commits a part of a reservation, for example one action of a batch: this part ran, at this cost. The rest stays
 * reserved. cost is as in aicredits_reservation_commit_actual().
 *
 * Returns true if the commit counts, and false if the reservation had been committed before; after a release or the time
 * to live it counts. Thread-safe. Does not block. Returns false if reservation is NULL.
 */
bool aicredits_reservation_commit_part(const aicredits_reservation *reservation,
                                       uint64_t cost);

/**
 * Ends a reservation: the action certainly did not run. Its credits are free at once. If it may have run, free the
 * reservation without a release.
 *
 * Returns false if the reservation had ended before. Thread-safe. Does not block. Returns false if reservation is NULL.
 */
bool aicredits_reservation_release(const aicredits_reservation *reservation);

/**
 * Ends a reservation: the vendor refused the action for lack of credits. Wix answers with HTTP 428
 * REQUEST_NOT_ELIGIBLE, or with 402. This releases the reservation. The gate and its sub-gates then deny with
 * AICREDITS_DENIAL_REASON_EXHAUSTED until new credits show.
 *
 * Returns false if the reservation had ended before. Also after its time to live it returns false, but the gate is told.
 * Thread-safe. Does not block. Returns false if reservation is NULL.
 */
bool aicredits_reservation_report_exhausted(const aicredits_reservation *reservation);

/* A denial of a credit gate. */

/** Why a gate denied a reservation: AICREDITS_DENIAL_REASON_LIMIT and the following. A later version may add to them. */
typedef int32_t aicredits_denial_reason_kind;

/** The limit of the gate or the sub-gate does not allow it. No reading changes that. */
#define AICREDITS_DENIAL_REASON_LIMIT 1

/** The vendor refused an action for lack of credits, and nothing has shown new credits since. */
#define AICREDITS_DENIAL_REASON_EXHAUSTED 2

/** No reading could decide: it failed, or it lacks a count. The cause has the error of the failed reading. */
#define AICREDITS_DENIAL_REASON_UNAVAILABLE 3

/** The reading shows too few credits. */
#define AICREDITS_DENIAL_REASON_INSUFFICIENT 4

/**
 * Returns the name of a reason of a denial, such as "LIMIT" for AICREDITS_DENIAL_REASON_LIMIT. "UNKNOWN" for a number
 * that this version does not know.
 *
 * The string is static. Thread-safe. Does not block.
 */
const char *aicredits_denial_reason_name(aicredits_denial_reason_kind reason);

/**
 * Returns why the gate denied the reservation: AICREDITS_DENIAL_REASON_LIMIT or one of the following.
 *
 * Thread-safe. Does not block. Returns 0 if denial is NULL.
 */
aicredits_denial_reason_kind aicredits_denial_reason(const aicredits_denial *denial);

/**
 * Returns the denial as one sentence, to show or to log. The message of the error is this sentence with the scope.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if denial is NULL.
 */
const char *aicredits_denial_text(const aicredits_denial *denial, size_t *length);

/**
 * Returns the credits that the caller asked for; those of one action with aicredits_gate_reserve_up_to().
 *
 * Thread-safe. Does not block. Returns 0 if denial is NULL.
 */
uint64_t aicredits_denial_cost(const aicredits_denial *denial);

/**
 * Returns the credits that the gate could grant at that moment. Negative if more is reserved than is there. NULL if it
 * is unknown.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if denial is NULL.
 */
const int64_t *aicredits_denial_grantable(const aicredits_denial *denial);

/**
 * Returns the credits that are missing: the cost less what the gate could grant; a negative figure counts as 0. NULL if
 * it is unknown, or if no credits are missing.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if denial is NULL.
 */
const uint64_t *aicredits_denial_shortfall(const aicredits_denial *denial);

/**
 * Returns when the gate can grant the cost, if nobody else spends. NULL if no known event brings the credits.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if denial is NULL.
 */
const aicredits_timestamp *aicredits_denial_affordable_at(const aicredits_denial *denial);

/**
 * Returns the age of the reading that decided, in milliseconds. NULL if there was no reading.
 *
 * Borrowed from the error. Thread-safe. Does not block. Returns NULL if denial is NULL.
 */
const uint64_t *aicredits_denial_age_ms(const aicredits_denial *denial);

/**
 * Returns the label that aicredits_call_set_label() gave to the reservation. NULL if it had none.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the error. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if denial is NULL.
 */
const char *aicredits_denial_label(const aicredits_denial *denial, size_t *length);

/* The figures of a gate. */

/** In `present`: the field "label" is there, and so is its length. */
#define AICREDITS_HAS_LABEL 256

/**
 * An open reservation of a gate.
 *
 * Plain data, borrowed from the state of its gate. The layout does not change within a SONAME.
 */
typedef struct aicredits_open_reservation {
  /** AICREDITS_HAS_LABEL. */
  uint32_t present;
  /** The label of the reservation, NUL-terminated; NULL if it has none. */
  const char *label;
  /** Its length in bytes, without the NUL. */
  size_t label_length;
  /** The credits that are still reserved. */
  uint64_t cost;
  /** The time since it was granted, in milliseconds. */
  uint64_t age_ms;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_open_reservation;

/**
 * Takes the figures of a gate or a sub-gate at this moment.
 *
 * The caller frees the result. Thread-safe. Does not block. Returns NULL if gate is NULL.
 */
aicredits_gate_state *aicredits_gate_state_new(const aicredits_gate *gate);

/**
 * Frees the figures of a gate.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_gate_state_free(aicredits_gate_state *state);

/**
 * Returns the credits that the gate would grant: the estimate less the reserved credits and the headroom. Negative if
 * more is reserved than is there. At most what the limits of the gate and its parent allow. NULL without a reading.
 *
 * Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
 */
const int64_t *aicredits_gate_state_grantable(const aicredits_gate_state *state);

/**
 * Returns the gate's estimate of the credits that are left, before reservations. NULL without a reading.
 *
 * Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
 */
const int64_t *aicredits_gate_state_estimate(const aicredits_gate_state *state);

/**
 * Returns aicredits_balance_spendable() of the reading in force. NULL without a reading, or if it is unknown.
 *
 * Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
 */
const int64_t *aicredits_gate_state_spendable(const aicredits_gate_state *state);

/**
 * Returns the credits of open reservations.
 *
 * Thread-safe. Does not block. Returns 0 if state is NULL.
 */
uint64_t aicredits_gate_state_reserved(const aicredits_gate_state *state);

/**
 * Returns the age of the reading in force, in milliseconds. NULL without a reading.
 *
 * Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
 */
const uint64_t *aicredits_gate_state_age_ms(const aicredits_gate_state *state);

/**
 * Returns how many reservations were granted.
 *
 * Thread-safe. Does not block. Returns 0 if state is NULL.
 */
uint64_t aicredits_gate_state_granted(const aicredits_gate_state *state);

/**
 * Returns how many reservations were denied.
 *
 * Thread-safe. Does not block. Returns 0 if state is NULL.
 */
uint64_t aicredits_gate_state_denied(const aicredits_gate_state *state);

/**
 * Returns how many reservations were granted although no reading could decide.
 *
 * Thread-safe. Does not block. Returns 0 if state is NULL.
 */
uint64_t aicredits_gate_state_unchecked(const aicredits_gate_state *state);

/**
 * Returns how many reservations a gate with aicredits_gate_config_set_dry_run() granted that it would have denied.
 *
 * Thread-safe. Does not block. Returns 0 if state is NULL.
 */
uint64_t aicredits_gate_state_would_be_denied(const aicredits_gate_state *state);

/**
 * Returns since when the gate denies because the vendor refused an action for lack of credits. NULL if it does not.
 *
 * Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
 */
const aicredits_timestamp *aicredits_gate_state_exhausted_since(const aicredits_gate_state *state);

/**
 * Returns the limit of the gate. NULL if it has none.
 *
 * Borrowed from the state. Thread-safe. Does not block. Returns NULL if state is NULL.
 */
const uint64_t *aicredits_gate_state_limit(const aicredits_gate_state *state);

/**
 * Returns the credits that count against the limit: those of commits and of open reservations.
 *
 * Thread-safe. Does not block. Returns 0 if state is NULL.
 */
uint64_t aicredits_gate_state_used(const aicredits_gate_state *state);

/**
 * Returns the open reservations of the gate, as an array, oldest first. NULL if there are none.
 *
 * *count is the number of reservations; count may be NULL. Borrowed from the state. Thread-safe. Does not block.
 * Returns NULL, and 0 in *count, if state is NULL.
 */
const aicredits_open_reservation *aicredits_gate_state_reservations(const aicredits_gate_state *state, size_t *count);

/* A request to a gate that never blocks, for event loops. */

/** The next action for a request: AICREDITS_NEXT_DONE or one of the following. Numbers are never reused. */
typedef int32_t aicredits_next;

/** The request is done: free it. */
#define AICREDITS_NEXT_DONE 1

/** Make the reading with aicredits_gate_request_read(), then take a step. */
#define AICREDITS_NEXT_READ 2

/** Wait for the callback or for the timer, then take a step. */
#define AICREDITS_NEXT_WAIT 3

/**
 * A callback that says: another step of a request is due. It is called by the thread that made the reading, and may be
 * called during the functions of the request, more than once, or when no step is due.
 *
 * The library holds no lock meanwhile. It must not block, and it must not use the request: it may write to an eventfd,
 * for example. It must return: no exception, longjmp() or thread exit may leave it.
 */
typedef void (*aicredits_wake)(void *user);

/**
 * Starts a reservation, and takes the first step. It is granted or denied at once if the gate needs no reading.
 *
 * gate, wake, request and reservation must not be NULL. unit_cost and wanted are as in aicredits_gate_reserve_up_to();
 * for one action, wanted is 1. call is as in aicredits_gate_reserve(). It is borrowed for this function, but
 * aicredits_call_cancel() ends the reading of this request too. error may be NULL. Otherwise *error is always written:
 * NULL on success, or an error that the caller frees.
 *
 * user is passed to wake, and may be NULL. Any thread may call wake with it. destroy may be NULL. Otherwise it is called
 * once with user, when wake will not be called again; that may be later than aicredits_gate_request_free(), and at once
 * if this function fails.
 *
 * Returns AICREDITS_STATUS_OK, and one of:
 * - in *reservation a reservation that the caller ends and frees; then *request is NULL
 * - in *request a request that the caller frees; then *reservation is NULL
 *
 * Otherwise both are NULL, and the status is that of aicredits_gate_reserve().
 *
 * Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_request_new(const aicredits_gate *gate,
                                            uint64_t unit_cost,
                                            uint64_t wanted,
                                            const aicredits_call *call,
                                            aicredits_wake wake,
                                            void *user,
                                            aicredits_destructor destroy,
                                            aicredits_gate_request **request,
                                            aicredits_reservation **reservation,
                                            aicredits_error **error);

/**
 * Starts a reading of the balance, as aicredits_gate_refresh(), and takes the first step.
 *
 * gate, wake, request and balance must not be NULL. call, wake, user, destroy and error are as in
 * aicredits_gate_request_new().
 *
 * Returns AICREDITS_STATUS_OK, and one of:
 * - in *balance a balance that the caller frees, if a reading is younger than min_interval; then *request is NULL
 * - in *request a request that the caller frees, and whose last step has the balance; then *balance is NULL
 *
 * Otherwise both are NULL, and the error has the reason. Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_request_new_refresh(const aicredits_gate *gate,
                                                    const aicredits_call *call,
                                                    aicredits_wake wake,
                                                    void *user,
                                                    aicredits_destructor destroy,
                                                    aicredits_gate_request **request,
                                                    aicredits_balance **balance,
                                                    aicredits_error **error);

/**
 * Returns what to do next for a request: AICREDITS_NEXT_DONE, AICREDITS_NEXT_READ or AICREDITS_NEXT_WAIT.
 *
 * Does not block. Returns 0 if request is NULL.
 */
aicredits_next aicredits_gate_request_next(const aicredits_gate_request *request);

/**
 * Takes a step of a request, and changes the result of aicredits_gate_request_next().
 *
 * request and reservation must not be NULL. balance may be NULL. error may be NULL. Otherwise *error is always written:
 * NULL on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK if the request is not done yet, and if it succeeded. After the last step of a reservation
 * *reservation is a reservation that the caller ends and frees. After the last step of a reading *balance is a balance
 * that the caller frees. Otherwise both are NULL. Another status is final: the error has the reason. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_request_step(aicredits_gate_request *request,
                                             aicredits_reservation **reservation,
                                             aicredits_balance **balance,
                                             aicredits_error **error);

/**
 * Makes the reading of a request, after AICREDITS_NEXT_READ. Then call aicredits_gate_request_step(): it has the
 * result, also if the reading failed.
 *
 * request must not be NULL. call is the one that was passed to aicredits_gate_request_new(), or another one, and is
 * used for this reading; NULL means the client's settings. error may be NULL. Otherwise *error is always written: NULL
 * on success, or an error that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK if the next step is due, or AICREDITS_STATUS_INVALID_ARGUMENT. Blocks until the reading is
 * there, at most for read_timeout. aicredits_call_cancel() and aicredits_client_close() end it earlier.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_gate_request_read(aicredits_gate_request *request,
                                             const aicredits_call *call,
                                             aicredits_error **error);

/**
 * Returns how long to wait at most, in milliseconds, rounded up: for the timer of an event loop. When it is over, call
 * aicredits_gate_request_step(): the request takes over from a reader that is late, or ends if its own time is over. Ask
 * again before each wait.
 *
 * Does not block. Returns 0 if request is NULL.
 */
uint64_t aicredits_gate_request_remaining_ms(const aicredits_gate_request *request);

/**
 * Says that the time of a request is over, for a deadline of the caller's own. The next step is the last one: the gate
 * then decides without a new reading.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_gate_request_expire(aicredits_gate_request *request);

/**
 * Cancels a request. The next step is the last one, with AICREDITS_STATUS_CANCELLED. To end
 * aicredits_gate_request_read() in another thread, use aicredits_call_cancel().
 *
 * Does not block. NULL is allowed.
 */
void aicredits_gate_request_cancel(aicredits_gate_request *request);

/**
 * Frees a request. If it is not done, it is given up, and nothing stays reserved.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_gate_request_free(aicredits_gate_request *request);

/* A target of a fleet. */

/**
 * An account or a site that a fleet reads. Set all fields to zero first, such as with `aicredits_target target = {0};`.
 *
 * Plain data of the caller, which aicredits_fleet_start() copies. The layout does not change within a SONAME.
 */
typedef struct aicredits_target {
  /** Which ids are sent: AICREDITS_SCOPE_ACCOUNT or one of the following. */
  aicredits_scope_kind scope;
  /**
   * The account id; NULL if there is none. With the scope of a site it only says which account owns the site, and is
   * never sent.
   */
  const char *account_id;
  /** The site id; NULL if there is none. Only the scopes that send it may have it. */
  const char *site_id;
  /** A name for people, such as the customer's, or NULL. It is never sent. */
  const char *label;
  /** The client to ask with: a key belongs to one account. NULL means the client of the fleet. */
  const aicredits_client *client;
  /** The name of the client in the outcome, never a key. It is given if, and only if, client is. */
  const char *client_name;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_target;

/* Settings of a fleet. */

/**
 * Makes settings of a fleet, all with their defaults.
 *
 * Never returns NULL. The caller frees the result. Thread-safe. Does not block.
 */
aicredits_fleet_options *aicredits_fleet_options_new(void);

/**
 * Frees settings of a fleet.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_fleet_options_free(aicredits_fleet_options *options);

/**
 * Sets the most attempts that each client starts in any 60 s. Default: 180. Range: 1 to 60,000.
 *
 * All fleets of a client share the window. Every attempt counts. The repeat on a stale connection and the one after
 * a renewed credential count without waiting.
 */
void aicredits_fleet_options_set_rate(aicredits_fleet_options *options, uint32_t rate);

/**
 * Sets the number of equal processes that share the rate. Default: 1. Range: 1 to 10,000.
 *
 * Each one makes aicredits_fleet_options_set_rate() / aicredits_fleet_options_set_processes() attempts in 60 s,
 * rounded down.
 */
void aicredits_fleet_options_set_processes(aicredits_fleet_options *options, uint32_t processes);

/**
 * Sets how often a target that met a pause is asked again. Default: 3. Range: 0 to 1,000.
 *
 * A 429 pauses all attempts of its client until "Retry-After", or for 60 s. Ten transient failures in a row pause
 * them too: for 5 s at first, at most for 60 s.
 */
void aicredits_fleet_options_set_max_pauses(aicredits_fleet_options *options, uint32_t max_pauses);

/**
 * Sets the total time of the fleet. Range: more than 0, at most 30 days.
 *
 * Without it there is no limit. Each target has its client's timeout in any case; its time in a queue or in a pause
 * does not count.
 */
void aicredits_fleet_options_set_timeout_ms(aicredits_fleet_options *options, uint64_t timeout_ms);

/**
 * Sets no limit for the attempts in a minute, instead of aicredits_fleet_options_set_rate(). HTTP 429 pauses a client all
 * the same.
 */
void aicredits_fleet_options_set_no_rate(aicredits_fleet_options *options);

/* A fleet. */

/** In `present`: the field "paused_ms" is there. */
#define AICREDITS_HAS_PAUSE 512

/** In `present`: the field "time_left_ms" is there. */
#define AICREDITS_HAS_TIME_LEFT 1024

/**
 * How far a fleet has come. A field whose bit in `present` is 0 is absent.
 *
 * Plain data of the caller, which aicredits_fleet_progress() writes. The layout does not change within a SONAME.
 */
typedef struct aicredits_progress {
  /** AICREDITS_HAS_PAUSE, AICREDITS_HAS_TIME_LEFT. */
  uint32_t present;
  /** The number of targets. */
  size_t total;
  /** The targets with an outcome, read or not. */
  size_t done;
  /** Those of them without a balance. */
  size_t failed;
  /** The attempts of its clients in the last 60 s. */
  size_t recent_attempts;
  /** The time until all clients may be asked again, in milliseconds; absent if none is paused. */
  uint64_t paused_ms;
  /** The time that is probably left, in milliseconds; absent before ten outcomes. */
  uint64_t time_left_ms;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_progress;

/**
 * Starts to read the balances of many targets. aicredits_fleet_next() returns the outcomes.
 *
 * client asks for the targets that name no other client. targets points to count targets. They and their strings are
 * copied; targets may be NULL only if count is 0, and the fleet then has no outcomes. client and fleet must not be NULL.
 * options is borrowed for this call; NULL means the default settings.
 *
 * call has the means to cancel the fleet. Its timeout and its deadline end the whole fleet, and so does the timeout of
 * options: the earliest one counts. NULL means neither. call may be freed at once, but then nothing can cancel the
 * fleet but aicredits_fleet_free(). error may be NULL. Otherwise *error is always written: NULL on success, or an error
 * that the caller frees.
 *
 * Each target has the timeout of its client. The time in a queue or a pause does not count. After a cancel, and when the
 * time of the fleet is over, the targets that are left get an outcome with AICREDITS_STATUS_CANCELLED or
 * AICREDITS_STATUS_TIMEOUT.
 *
 * Returns AICREDITS_STATUS_OK, and in *fleet a fleet that the caller frees. Otherwise *fleet is NULL, nothing was sent,
 * and the status is:
 * - AICREDITS_STATUS_INVALID_ARGUMENT if a setting is wrong, if call has a scope, or if targets are wrong. The message
 *   names all targets whose ids cannot be sent, up to 20, with their index; of other faults it names the first one
 * - AICREDITS_STATUS_UNEXPECTED if no thread can be started
 *
 * Thread-safe. Does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_fleet_start(const aicredits_client *client,
                                       const aicredits_target *targets,
                                       size_t count,
                                       const aicredits_fleet_options *options,
                                       const aicredits_call *call,
                                       aicredits_fleet **fleet,
                                       aicredits_error **error);

/**
 * Waits for the next outcome of a fleet.
 *
 * fleet and outcome must not be NULL. error may be NULL. Otherwise *error is always written: NULL on success, or an error
 * that the caller frees.
 *
 * Returns AICREDITS_STATUS_OK, and in *outcome an outcome that the caller frees, or NULL if all outcomes were read. The
 * failure of a target is no error of this function: aicredits_outcome_error() has it. Otherwise *outcome is NULL, and
 * the status is:
 * - AICREDITS_STATUS_INVALID_ARGUMENT if a pointer is NULL
 * - AICREDITS_STATUS_CLOSED in a process that was forked after the fleet was started
 *
 * Thread-safe: if several threads call it, each outcome goes to one of them. Blocks until there is an outcome.
 * aicredits_call_cancel() on the call of the fleet brings the outcomes that are left. Do not call it in a callback of
 * the library.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_fleet_next(const aicredits_fleet *fleet,
                                      aicredits_outcome **outcome,
                                      aicredits_error **error);

/**
 * Writes to *progress how far a fleet has come.
 *
 * Thread-safe, also while another thread is in aicredits_fleet_next(). Does not block. If fleet is NULL, all fields are
 * zero. NULL is allowed for progress.
 */
void aicredits_fleet_progress(const aicredits_fleet *fleet, aicredits_progress *progress);

/**
 * Frees a fleet. Outcomes that were read stay valid.
 *
 * If outcomes are left, it cancels the attempts in flight. No other call on the fleet may be in flight. Blocks until
 * the threads of the fleet have ended: for up to 50 ms after a cancel, or until a callback that runs has returned. Do not
 * call it in a callback of the library. NULL is allowed.
 */
void aicredits_fleet_free(aicredits_fleet *fleet);

/* An outcome of a fleet. */

/**
 * Frees an outcome, with its error. Its balance stays valid for its other owners.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_outcome_free(aicredits_outcome *outcome);

/**
 * Returns the position of the target in the array that was passed to aicredits_fleet_start(), from 0.
 *
 * Thread-safe. Does not block. Returns 0 if outcome is NULL.
 */
size_t aicredits_outcome_index(const aicredits_outcome *outcome);

/**
 * Returns the balance. NULL if the target failed: aicredits_outcome_error() then has the reason.
 *
 * Borrowed from the outcome. To keep it for longer, pass it to aicredits_balance_ref(). Thread-safe. Does not block.
 * Returns NULL if outcome is NULL.
 */
const aicredits_balance *aicredits_outcome_balance(const aicredits_outcome *outcome);

/**
 * Returns the error of the last attempt, with all attempts. NULL if there is a balance.
 *
 * Without an attempt it says why nothing was sent: AICREDITS_STATUS_CANCELLED or AICREDITS_STATUS_TIMEOUT of the fleet,
 * AICREDITS_STATUS_CLOSED of the client, or AICREDITS_STATUS_UNAUTHORIZED of the credential provider.
 *
 * Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
 */
const aicredits_error *aicredits_outcome_error(const aicredits_outcome *outcome);

/**
 * Returns the label of the target. NULL if it has none.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if outcome is NULL.
 */
const char *aicredits_outcome_label(const aicredits_outcome *outcome, size_t *length);

/**
 * Returns the scope that was asked for.
 *
 * Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
 */
const aicredits_scope *aicredits_outcome_scope(const aicredits_outcome *outcome);

/**
 * Returns the account id of the target, sent or not. NULL if it has none.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if outcome is NULL.
 */
const char *aicredits_outcome_account_id(const aicredits_outcome *outcome, size_t *length);

/**
 * Returns the name of the client that was asked with. NULL if it was that of the fleet.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if outcome is NULL.
 */
const char *aicredits_outcome_client_name(const aicredits_outcome *outcome, size_t *length);

/**
 * Returns the server's id of the last request. NULL if there is none. The text is from the server and is not escaped:
 * before you show it on a terminal, pass it to aicredits_text_escape().
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the outcome. Thread-safe. Does
 * not block. Returns NULL, and 0 in *length, if outcome is NULL.
 */
const char *aicredits_outcome_request_id(const aicredits_outcome *outcome, size_t *length);

/**
 * Returns the time at which the first attempt started, by this machine's clock. NULL if nothing was sent.
 *
 * Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
 */
const aicredits_timestamp *aicredits_outcome_started_at(const aicredits_outcome *outcome);

/**
 * Returns the time at which the outcome was known, by this machine's clock.
 *
 * Borrowed from the outcome. Thread-safe. Does not block. Returns NULL if outcome is NULL.
 */
const aicredits_timestamp *aicredits_outcome_ended_at(const aicredits_outcome *outcome);

/**
 * Returns all attempts for the target, the successful one too, as an array in order of time. NULL if nothing was sent.
 *
 * *count is the number of attempts; count may be NULL. Borrowed from the outcome. Thread-safe. Does not block. Returns
 * NULL, and 0 in *count, if outcome is NULL.
 */
const aicredits_attempt *aicredits_outcome_attempts(const aicredits_outcome *outcome, size_t *count);

/**
 * Returns the time at which each attempt started, by this machine's clock: an array with an entry for each one of
 * aicredits_outcome_attempts(). NULL if nothing was sent.
 *
 * *count is the number of attempts; count may be NULL. Borrowed from the outcome. Thread-safe. Does not block. Returns
 * NULL, and 0 in *count, if outcome is NULL.
 */
const aicredits_timestamp *aicredits_outcome_attempts_started_at(const aicredits_outcome *outcome, size_t *count);

/* Log records. */

/** The level of log records: one of AICREDITS_LOG_OFF and the following. Each level includes the levels before it. */
typedef int32_t aicredits_log_level;

/** Nothing. */
#define AICREDITS_LOG_OFF 0

/** A call that failed for good. */
#define AICREDITS_LOG_ERROR 1

/** An attempt that failed. */
#define AICREDITS_LOG_WARN 2

/** A retry, or a call that its program ended. */
#define AICREDITS_LOG_INFO 3

/** Each step of each call. */
#define AICREDITS_LOG_DEBUG 4

/**
 * Returns the name of a level, such as "WARN" for AICREDITS_LOG_WARN. "UNKNOWN" for a number that this version does
 * not know.
 *
 * The string is static. Thread-safe. Does not block.
 */
const char *aicredits_log_level_name(aicredits_log_level level);

/**
 * A callback that receives log records.
 *
 * message is NUL-terminated and has length bytes; it is valid while the callback runs. It never contains a credential.
 * Text from the server in it is escaped.
 *
 * It is called on the thread that makes the record; several threads may call it at once. The library holds no lock
 * meanwhile. It must not make a call to the API, and it must return: no exception, longjmp() or thread exit may leave
 * it.
 */
typedef void (*aicredits_log_sink)(void *user, aicredits_log_level level, const char *message, size_t length);

/**
 * Sets the log sink of the process: a callback for the records of all clients, up to a level. It replaces an earlier
 * sink. NULL stops the records. A record begins with the name of its client, if the client has one.
 *
 * user is passed to the sink, and may be NULL. destroy may be NULL. Otherwise it is called once with user, when the
 * sink was replaced and is no longer in use, on the thread that used it last.
 *
 * Thread-safe. Does not block.
 */
void aicredits_log_set(aicredits_log_level level, aicredits_log_sink sink, void *user, aicredits_destructor destroy);

/* Server text, made fit to be shown. */

/** A buffer of this size holds any text of aicredits_text_escape() and its NUL. */
#define AICREDITS_TEXT_SIZE 4096

/**
 * Escapes text from the server, so that it can be shown on a terminal or written to a log.
 *
 * Control characters and invisible characters are written by their numbers, such as "\u{1b}". A text of more than 300
 * characters is cut after 300, and gets a mark.
 *
 * text points to length bytes of UTF-8, which need no NUL at the end; bytes that are not UTF-8 are replaced. A NULL
 * text is empty. buffer has room for size bytes; AICREDITS_TEXT_SIZE is always enough. A result that does not fit is
 * cut after a whole character, and ends with a NUL. buffer may be NULL if size is 0.
 *
 * Returns the length of the whole result in bytes, without the NUL. Returns 0 if buffer is NULL and size is not 0.
 * Thread-safe. Does not block.
 */
size_t aicredits_text_escape(const char *text, size_t length, char *buffer, size_t size);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AICREDITS_H */

