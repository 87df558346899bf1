/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Written by `cargo xtask header` from crates/aicredits-ffi: change it there. */

#ifndef AICREDITS_H
#define AICREDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file
 * aicredits: what an account or a site has left of its Wix AI credits.
 *
 * A client of Wix's GetBalance API. Link with -laicredits; or with the archive libaicredits.a and what `pkg-config
 * --variable=archive aicredits` names besides. A whole program:
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
 * What holds everywhere:
 *
 * Owners. What a _new function makes, and what a function writes through a pointer to a pointer, is the caller's, who
 * hands it to the _free function of its type, once. _free(NULL) is fine. Only _free takes ownership; every other
 * function borrows what it is given for the call alone. What an accessor returns belongs to the handle that it was read
 * from, and stays where it is until that is freed.
 *
 * Failure. A call that can fail returns an aicredits_status; 0 is success. Its outputs come last and are always
 * written, NULL when there is nothing, so that one clean-up path frees everything. The last of them, the error, may be
 * passed as NULL by those whom the status tells enough.
 *
 * NULL. Every pointer is checked. A fallible call on NULL returns AICREDITS_STATUS_INVALID_ARGUMENT and names the
 * argument; a setter on NULL does nothing; an accessor on NULL returns what it returns when there is nothing.
 *
 * Strings. In: UTF-8, NUL-terminated, copied. Out: UTF-8, with the length beside, and NUL-terminated besides; a length
 * that one does not want is a NULL. Server text may hold any character, a NUL too.
 *
 * Absence. What may be missing is returned as a pointer, NULL when it is, or has a bit in `present`. No value of a
 * count means "none". A struct's `reserved` is zero; later versions may use it.
 *
 * Threads. What a function takes as const may be shared between threads; what it takes otherwise is used by one thread
 * at a time. Only aicredits_client_get_balance() blocks. The library has no threads of its own while it is idle.
 *
 * Stack. A thread that makes calls needs a stack of 48 KiB for https, and of 32 KiB for http. Callbacks need their own
 * besides. Where too little is left for a TLS handshake, the call returns AICREDITS_STATUS_TLS.
 *
 * Fork. A client works on in both processes; each has connections of its own. What the parent's calls held is left alone
 * in the child, on purpose: a tool that looks for leaks finds it there.
 *
 * The process. No signal handler, signal mask or errno is changed, no exception or panic comes out. A bug of ours that
 * panics is caught and becomes AICREDITS_STATUS_PANIC. When memory runs out, the process is aborted.
 *
 * Cancellation. pthread_cancel() of a thread that is inside the library takes effect after the function returned:
 * every entry disables cancellation and restores the state. Callbacks run with cancellation disabled.
 */

/** The version of this header: compare it with aicredits_version(), which is that of the library. */
#define AICREDITS_VERSION "0.1.0"
#define AICREDITS_VERSION_MAJOR 0
#define AICREDITS_VERSION_MINOR 1
#define AICREDITS_VERSION_PATCH 0

/** On every call that can fail: the compiler warns where the status is thrown away. */
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
 * What an account or a site has left: one reading, which never changes.
 *
 * Shared by as many threads as wish. Everything that is read from it is borrowed: it lives until the last owner frees
 * the balance. Handed out by aicredits_client_get_balance() and aicredits_balance_from_json(), freed by
 * aicredits_balance_free().
 *
 * Arrays and texts are made when they are first read, and then kept.
 */
typedef struct aicredits_balance aicredits_balance;

/**
 * What one call has of its own: a scope, a timeout, and a way to cancel it. What it does not set is the client's. One
 * client serves a thousand sites so.
 *
 * A setter copies what it is given and returns nothing: what is wrong with it is told by the call that it is passed
 * to. No setter blocks. Set up by one thread, then passed as const, to one call at a time; it may be used again unless
 * it was cancelled.
 * It holds one descriptor; where none is to be had, cancelling takes up to 50 ms longer. Made by aicredits_call_new(),
 * freed by aicredits_call_free().
 */
typedef struct aicredits_call aicredits_call;

/**
 * Asks Wix what is left. Made once and used for long: it keeps its connections open between calls.
 *
 * Shared by as many threads as wish. Made by aicredits_client_new(), freed by aicredits_client_free().
 */
typedef struct aicredits_client aicredits_client;

/**
 * The settings of a client to be made. A setter copies what it is given and returns nothing: what is wrong with it,
 * a NULL or invalid UTF-8 too, is told by aicredits_client_new(), with the name of the setting. A later setter call
 * replaces what an earlier one set.
 *
 * Used by one thread at a time. No setter blocks. Made by aicredits_config_new(), freed by aicredits_config_free(); it
 * may be freed as soon as the client is made, and may make any number of clients.
 */
typedef struct aicredits_config aicredits_config;

/** Where a provider puts its answer. It lives while the provider runs, and is used on that thread alone. */
typedef struct aicredits_credential aicredits_credential;

/**
 * Why a call failed. It never shows a credential.
 *
 * Shared by as many threads as wish: it never changes. Everything that is read from it is borrowed, and lives until it
 * is freed by aicredits_error_free().
 */
typedef struct aicredits_error aicredits_error;

/* The version. */

/**
 * The version of the library that is loaded, such as "0.1.0". AICREDITS_VERSION is that of this header.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_version(void);

/* What became of a call. */

/**
 * What became of a call: AICREDITS_STATUS_OK, which is 0, or why it failed. The numbers are never reused; a later
 * version may add to them, so treat one that you do not know as a failure.
 */
typedef int32_t aicredits_status;

/** The call did what it says. */
#define AICREDITS_STATUS_OK 0

/** A setting or an argument is wrong; the message names it. */
#define AICREDITS_STATUS_INVALID_ARGUMENT 1

/** HTTP 401: the key is missing, wrong or withdrawn. */
#define AICREDITS_STATUS_UNAUTHORIZED 2

/** HTTP 403: the key lacks access to what was asked for. Wix also answers some wrong keys so. */
#define AICREDITS_STATUS_FORBIDDEN 3

/** HTTP 404. */
#define AICREDITS_STATUS_NOT_FOUND 4

/** Any other HTTP 4xx. */
#define AICREDITS_STATUS_BAD_REQUEST 5

/** HTTP 429: too many requests. */
#define AICREDITS_STATUS_RATE_LIMITED 6

/** Any HTTP 5xx. */
#define AICREDITS_STATUS_SERVER 7

/** DNS, refused, unreachable, a proxy that refuses, or the connection was lost before the reply was whole. */
#define AICREDITS_STATUS_NETWORK 8

/** A certificate or the TLS handshake. */
#define AICREDITS_STATUS_TLS 9

/** What came is not the HTTP that was asked for: a malformed head, an encoding, a redirect. */
#define AICREDITS_STATUS_PROTOCOL 10

/** A complete reply that is no balance; the message has the path of the field at fault. */
#define AICREDITS_STATUS_DECODE 11

/** The reply's head or body is over its limit. */
#define AICREDITS_STATUS_TOO_LARGE 12

/** The call's time is up. */
#define AICREDITS_STATUS_TIMEOUT 13

/** The call was cancelled. */
#define AICREDITS_STATUS_CANCELLED 14

/** The client is closed. */
#define AICREDITS_STATUS_CLOSED 15

/** A credit gate refused. */
#define AICREDITS_STATUS_DENIED 16

/** A bug in the library was caught. Its message is on standard error too, where Rust prints each panic. */
#define AICREDITS_STATUS_PANIC 17

/** Something that should not be able to happen. Please report it. */
#define AICREDITS_STATUS_UNEXPECTED 18

/**
 * The name of a status: "UNAUTHORIZED" for AICREDITS_STATUS_UNAUTHORIZED; "UNKNOWN" for a number that this version
 * does not know.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_status_name(aicredits_status status);

/* Whose credits were asked for. */

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
 * The name of a kind of scope: "SITE" for AICREDITS_SCOPE_SITE; "UNKNOWN" for any number that this version does not
 * know.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_scope_kind_name(aicredits_scope_kind kind);

/**
 * The scope that was asked for. Every balance and every error of a call tells it, because a valid key with the wrong
 * id is the trap that is hardest to see.
 *
 * Plain data, borrowed from the balance, the error or the client that told it. Its layout is fixed for a SONAME.
 */
typedef struct aicredits_scope {
  /** Which of the four. */
  aicredits_scope_kind kind;
  /** The account's id; NULL where none was sent. */
  const char *account_id;
  /** Its length in bytes, without the NUL. */
  size_t account_id_length;
  /** The site's id; NULL where none was sent. */
  const char *site_id;
  /** Its length in bytes, without the NUL. */
  size_t site_id_length;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_scope;

/* Settings. */

/** Whose names of settings messages use: AICREDITS_SURFACE_C, or another of these. The numbers are never reused. */
typedef int32_t aicredits_surface;

/** The setters of this header: "ca_file". */
#define AICREDITS_SURFACE_C 0

/** The member functions of aicredits.hpp: "ca_file". */
#define AICREDITS_SURFACE_CPP 1

/** The options of the Go package: "WithCAFile". */
#define AICREDITS_SURFACE_GO 2

/** Makes empty settings. Never NULL. Any thread; does not block. */
aicredits_config *aicredits_config_new(void);

/** Frees settings; the copy of the key in them is wiped. NULL is fine. Does not block. */
void aicredits_config_free(aicredits_config *config);

/**
 * The API key, such as "IST....", sent as it stands. It replaces an earlier key, authorization value or provider. The
 * copy is wiped when the settings are freed, the client's when the client is.
 */
void aicredits_config_set_api_key(aicredits_config *config, const char *api_key);

/**
 * The whole value of the Authorization header, for another credential than an API key. It replaces an earlier key,
 * authorization value or provider. Wix documents API keys for this API; whether its other tokens reach it is not
 * known.
 */
void aicredits_config_set_authorization(aicredits_config *config, const char *authorization);

/** Asks for all credits of this account. Each of the five scope setters replaces the one before. */
void aicredits_config_set_account_id(aicredits_config *config, const char *account_id);

/** Asks for the credits and the subscription of this site. Each of the five scope setters replaces the one before. */
void aicredits_config_set_site_id(aicredits_config *config, const char *site_id);

/**
 * Sends both ids. The API's page: when the caller has both, the account-level balance is returned. Each of the five
 * scope setters replaces the one before.
 */
void aicredits_config_set_account_and_site_ids(aicredits_config *config, const char *account_id, const char *site_id);

/**
 * Sends no id: the credential carries its own context. Refused with an API key, which has none. Each of the five
 * scope setters replaces the one before.
 */
void aicredits_config_set_credential_scope(aicredits_config *config);

/**
 * Gives the client no scope: each call names its own. A call that names none returns
 * AICREDITS_STATUS_INVALID_ARGUMENT, and nothing is sent. aicredits_client_scope() is then NULL. Each of the five scope
 * setters replaces the one before.
 */
void aicredits_config_set_per_call_scope(aicredits_config *config);

/**
 * Another server than Wix's, such as a proxy of your own or an emulator: "https://...", or "http://..." to a loopback
 * host (127.0.0.0/8, ::1, or localhost, which is never looked up). It may have a path, which is put before the API's.
 */
void aicredits_config_set_base_url(aicredits_config *config, const char *base_url);

/**
 * Anything but 0 lets the base URL be "http://..." to any host, and through any proxy. The key then crosses the network
 * in clear text.
 */
void aicredits_config_set_allow_insecure_http(aicredits_config *config, int32_t allow);

/**
 * The total time of a call in milliseconds, over all that it does. 35,000 unless set: Wix's gateway gives up at about
 * 30 s, and its reply then carries the request id. More than 0 and at most a day.
 */
void aicredits_config_set_timeout_ms(aicredits_config *config, uint64_t timeout_ms);

/**
 * The most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB. The largest reply that the page's
 * limits allow has about 0.9 MB.
 */
void aicredits_config_set_max_reply_bytes(aicredits_config *config, size_t max_reply_bytes);

/**
 * How often a call is tried again after a connection failure, HTTP 429, 500, 502, 503 or 504, within its timeout: 2
 * unless set; at most 10, and 0 for never.
 */
void aicredits_config_set_max_retries(aicredits_config *config, uint32_t max_retries);

/**
 * How many of the client's calls run at once, and so how many connections it opens: 64 unless set; from 1 to 4096. A
 * call beyond that waits until one ends, first come first served, within its own timeout; it can be cancelled
 * meanwhile. A call that pauses before it is tried again goes on counting.
 */
void aicredits_config_set_max_concurrency(aicredits_config *config, uint32_t max_concurrency);

/**
 * The certificate authorities to trust, instead of the system's: a regular file of certificates in PEM, of at most 16
 * MiB. It is read by aicredits_client_new(), which a network file system that hangs blocks. It replaces an earlier file
 * or text.
 *
 * Without it and aicredits_config_set_ca_pem() the operating system's authorities are trusted; SSL_CERT_FILE and
 * SSL_CERT_DIR name others. Both variables are read by aicredits_client_new(), and their files at the first "https"
 * call. An empty variable is unset.
 */
void aicredits_config_set_ca_file(aicredits_config *config, const char *ca_file);

/**
 * The certificate authorities to trust, instead of the system's: length bytes of certificates in PEM, at most 16 MiB,
 * which need no NUL at their end. They are copied. It replaces an earlier file or text.
 */
void aicredits_config_set_ca_pem(aicredits_config *config, const char *ca_pem, size_t length);

/**
 * Reaches the server, an "http" one too, through this HTTP proxy, which is asked by CONNECT:
 * "http://proxy.example:3128", or "https://..." for a proxy that is itself spoken to over TLS. A name and a password
 * may stand before the host, percent-encoded where a URL needs it. With an "http" base URL the proxy reads the key, so
 * it must be on this machine, or aicredits_config_set_allow_insecure_http() be called. Unless this or
 * aicredits_config_set_proxy_from_env() is called, no proxy is used, whatever the environment says.
 */
void aicredits_config_set_proxy(aicredits_config *config, const char *proxy);

/**
 * Anything but 0 lets aicredits_client_new() read the proxy from the environment, unless aicredits_config_set_proxy()
 * names one: https_proxy or HTTPS_PROXY for an "https" server, http_proxy for an "http" one, else all_proxy or
 * ALL_PROXY. Hosts in no_proxy, or else in NO_PROXY, and loopback hosts (127.0.0.0/8, ::1, localhost) get none. An
 * empty variable is unset. A value that cannot be used is refused, never skipped.
 */
void aicredits_config_set_proxy_from_env(aicredits_config *config, int32_t read);

/** What log records call the client, where a process has several. At most 64 characters. */
void aicredits_config_set_name(aicredits_config *config, const char *name);

/**
 * Reads every variable from this array instead of the environment of the process: for aicredits_config_from_env(), for
 * aicredits_config_set_proxy_from_env(), and SSL_CERT_FILE and SSL_CERT_DIR. The array has one string "NAME=VALUE" per
 * variable and ends with NULL, as environ does; it is copied. A variable that is not in it is unset. Entries without
 * "=" are ignored, and the first of equal names counts. It replaces an earlier array. The order of this call and
 * aicredits_config_from_env() does not matter.
 *
 * For programs that change the environment of the process while other threads run. A call reads no variable, but glibc's
 * getaddrinfo(), which looks up the host's name, reads LOCALDOMAIN, RES_OPTIONS and HOSTALIASES by itself. It is not
 * called for addresses and localhost.
 */
void aicredits_config_set_environment(aicredits_config *config,
                                      const char *const *environment);

/** Names settings in messages as another language does: AICREDITS_SURFACE_C unless set. For language bindings. */
void aicredits_config_set_surface(aicredits_config *config, aicredits_surface surface);

/**
 * Reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL now, for whatever is not set by a setter,
 * before or after. An empty variable counts as unset. With both ids set, aicredits_client_new() refuses unless a
 * scope setter was called.
 *
 * As with getenv(), no other thread may change the environment meanwhile; aicredits_config_set_environment() avoids
 * that.
 */
void aicredits_config_from_env(aicredits_config *config);

/* A provider of credentials. */

/**
 * A function that returns the value of the Authorization header, for credentials that expire.
 *
 * It answers by aicredits_credential_set_authorization() or aicredits_credential_set_failure(), the last call wins; no answer is a failure. It
 * is called on the thread that makes the call, once a call, and once more after an HTTP 401; by several threads at
 * once if several make calls. No lock is held meanwhile, and its time counts towards the call's timeout. It may use
 * the library, but must not free the client. It must return: no exception, longjmp() or thread exit may pass it.
 */
typedef void (*aicredits_credential_provider)(void *user, aicredits_credential *credential);

/** Called once, when nothing uses a provider any more, with what was given along with it. */
typedef void (*aicredits_destructor)(void *user);

/**
 * Asks a function for the value of the Authorization header. It replaces an earlier key, authorization value or
 * provider. The value is checked as a key is; a failure becomes AICREDITS_STATUS_UNAUTHORIZED with its message.
 *
 * user is passed to it as it stands, and may be NULL; threads share it as the provider itself arranges. destroy may be
 * NULL; otherwise it is called once with user, by the thread that frees the last of the settings and of the clients
 * made from them, or that replaces it in the settings of which no client was made; or here if config is NULL, or if
 * provider is, which is a fault that aicredits_client_new() tells.
 */
void aicredits_config_set_credential_provider(aicredits_config *config,
                                              aicredits_credential_provider provider,
                                              void *user,
                                              aicredits_destructor destroy);

/**
 * A provider's answer: the value of the Authorization header, NUL-terminated UTF-8, copied.
 *
 * Only within the provider that was given this credential, on its thread. Does not block.
 */
void aicredits_credential_set_authorization(aicredits_credential *credential, const char *authorization);

/**
 * A provider's answer: it has no credential, and why, NUL-terminated, copied. The message is shown to the user; what is
 * not UTF-8 in it is replaced.
 *
 * Only within the provider that was given this credential, on its thread. Does not block.
 */
void aicredits_credential_set_failure(aicredits_credential *credential, const char *message);

/* One call. */

/** Makes a call with the client's own settings. Never NULL. Any thread; does not block. */
aicredits_call *aicredits_call_new(void);

/** Frees a call that is not under way. NULL is fine. Does not block. */
void aicredits_call_free(aicredits_call *call);

/**
 * Asks for all credits of this account, instead of the client's scope. Each of the four scope setters replaces the one
 * before.
 */
void aicredits_call_set_account_id(aicredits_call *call, const char *account_id);

/**
 * Asks for the credits and the subscription of this site, instead of the client's scope. Each of the four scope
 * setters replaces the one before.
 */
void aicredits_call_set_site_id(aicredits_call *call, const char *site_id);

/** Sends both ids, instead of the client's scope. Each of the four scope setters replaces the one before. */
void aicredits_call_set_account_and_site_ids(aicredits_call *call, const char *account_id, const char *site_id);

/**
 * Sends no id: the credential carries its own context. Refused with an API key, which has none. Each of the four scope
 * setters replaces the one before.
 */
void aicredits_call_set_credential_scope(aicredits_call *call);

/**
 * The total time of the call in milliseconds, instead of the client's. It counts from the call's entry. More than 0
 * and at most a day.
 */
void aicredits_call_set_timeout_ms(aicredits_call *call, uint64_t timeout_ms);

/**
 * Has the timeout count from an instant before the call's entry. For language bindings that queue calls: an error then
 * reports the timeout that the user set, and the time that the call waited for its turn.
 *
 * `start_ns` is in nanoseconds of `CLOCK_MONOTONIC`. An instant that has not come counts as the call's entry.
 */
void aicredits_call_set_start_ns(aicredits_call *call, int64_t start_ns);

/**
 * Ends the call at an absolute time, if its timeout is not over before.
 *
 * `deadline_ns` is in nanoseconds of `CLOCK_MONOTONIC`. With a time in the past the call returns
 * AICREDITS_STATUS_TIMEOUT and sends nothing. Does not block.
 */
void aicredits_call_set_deadline_ns(aicredits_call *call, int64_t deadline_ns);

/**
 * For language bindings that limit the calls of a process and queue the others: the call waited for one of `limit`
 * calls, and not for one of the client's max_concurrency. If the call times out, its error names this limit. Does not
 * block.
 */
void aicredits_call_set_process_limit(aicredits_call *call, uint32_t limit);

/**
 * Ends the call that runs with this, or refuses the one that is yet to begin: it returns AICREDITS_STATUS_CANCELLED.
 * It is final: free it, and make another for the next call. NULL is fine.
 *
 * Any thread, and any signal handler, at any time before it is freed; does not block. In a process forked since it was
 * made it ends that process's call alone.
 */
void aicredits_call_cancel(const aicredits_call *call);

/**
 * Ends a call as aicredits_call_cancel() does, because the caller's deadline has passed: the call returns
 * AICREDITS_STATUS_TIMEOUT. It is final. NULL is fine.
 *
 * For callers that learn of a deadline only when it has passed; otherwise use aicredits_call_set_deadline_ns(). Any
 * thread, and any signal handler, at any time before the call is freed; does not block.
 */
void aicredits_call_expire(const aicredits_call *call);

/* The client. */

/**
 * Makes a client from settings, which it borrows for the call alone. It opens no connection.
 *
 * On success *client is the new client, which the caller frees. On failure it is NULL and the status is
 * AICREDITS_STATUS_INVALID_ARGUMENT: the message names the first setting that is wrong or missing. config and client
 * must not be NULL; error may be, otherwise *error is written always: NULL on success, else an error that the caller
 * frees. Any thread; does not block, but reads the file that aicredits_config_set_ca_file() names.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_client_new(const aicredits_config *config,
                                      aicredits_client **client,
                                      aicredits_error **error);

/** Frees a client, and closes its connections. No call on it may be under way. NULL is fine. Does not block. */
void aicredits_client_free(aicredits_client *client);

/**
 * Ends the calls that run on the client, in every thread, and closes its connections. These calls and later ones
 * return AICREDITS_STATUS_CLOSED. NULL is fine.
 *
 * A client need not be closed before it is freed; closing is how to come to where no call is under way. Any thread;
 * does not block.
 */
void aicredits_client_close(const aicredits_client *client);

/** The total time in milliseconds of a call that does not set its own. 0 for NULL. Any thread; does not block. */
uint64_t aicredits_client_timeout_ms(const aicredits_client *client);

/**
 * The scope of calls that do not name their own, borrowed from the client; NULL if the client has none
 * (aicredits_config_set_per_call_scope()). NULL for NULL. Any thread; does not block.
 */
const aicredits_scope *aicredits_client_scope(const aicredits_client *client);

/**
 * How many of the client's calls run at once, for layers above that queue calls of their own. 0 for NULL. Any thread;
 * does not block.
 */
uint32_t aicredits_client_max_concurrency(const aicredits_client *client);

/**
 * Fetches the current AI credit balance.
 *
 * call may be NULL: then everything is as the client is set. On success *balance is the reading, which the caller
 * frees. On failure it is NULL, the status says why, and *error tells more, the scope that was asked for and the
 * request id among it. client and balance must not be NULL; error may be, otherwise *error is written always: NULL on
 * success, else an error that the caller frees.
 *
 * Any thread, any number at once. Blocks, at most for the timeout; aicredits_call_cancel() and
 * aicredits_client_close() end it sooner.
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
 * A fraction of a second has up to nine digits, without zeros at the end. The library itself has instants in the years 1
 * to 9999 only. An instant in a year before 0 or after 9999 has a sign and as many digits as it needs, as in ISO 8601.
 *
 * timestamp is the instant. buffer has room for size bytes; AICREDITS_TIMESTAMP_TEXT_SIZE is always enough. A text that
 * does not fit is cut, and ends with a NUL. buffer may be NULL if size is 0.
 *
 * Returns the length of the whole text in bytes, without the NUL. Returns 0 if timestamp is NULL, if its nanoseconds
 * are not below 1,000,000,000, or if buffer is NULL and size is not 0; the text is then empty. Any thread; does not
 * block.
 */
size_t aicredits_timestamp_text(const aicredits_timestamp *timestamp,
                                char *buffer,
                                size_t size);

/* What a balance is made of. */

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
 * How often the credits under a rule replenish: AICREDITS_PERIOD_NO_PERIOD and the following. Wix may add to them
 * without notice: such a one is AICREDITS_PERIOD_UNKNOWN, and its text stands beside it.
 */
typedef int32_t aicredits_period;

/** A period that this version does not know. */
#define AICREDITS_PERIOD_UNKNOWN 0

/** One-time credits, which don't reset. */
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
 * A pool of credits: what is left, and the most there can be. A count whose bit in `present` is not set is unknown:
 * neither 0 nor unlimited.
 *
 * Plain data, borrowed from its balance. Its layout is fixed for a SONAME.
 */
typedef struct aicredits_credits {
  /** AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP. */
  uint32_t present;
  /** Remaining credits currently available. */
  int64_t balance;
  /** Maximum credits: per period in the recurring pool, altogether in the top-up pool. It may be 0. */
  int64_t cap;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_credits;

/**
 * One rule of how a source's credits can be consumed. A field whose bit in `present` is not set is absent.
 *
 * Plain data, borrowed from its balance. Its layout is fixed for a SONAME.
 */
typedef struct aicredits_usage_rule {
  /** AICREDITS_HAS_PERIOD, AICREDITS_HAS_BALANCE, AICREDITS_HAS_CAP, AICREDITS_HAS_RESET_DATE. */
  uint32_t present;
  /** How often the credits under this rule replenish. */
  aicredits_period period;
  /**
   * The period as the server spelt it, NUL-terminated; NULL where absent. The text of an unknown period is the
   * server's: aicredits_text_escape() makes it fit for a terminal.
   */
  const char *period_name;
  /** Its length in bytes, without the NUL. */
  size_t period_name_length;
  /** Remaining credits available under this rule. */
  int64_t balance;
  /** Maximum credits allowed under this rule per period. It may be 0. */
  int64_t cap;
  /** When this rule's balance resets to its cap. */
  aicredits_timestamp reset_date;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_usage_rule;

/**
 * One source of credits: a distinct allocation and the rules of its use. A field whose bit in `present` is not set is
 * absent.
 *
 * Plain data, borrowed from its balance. Its layout is fixed for a SONAME.
 */
typedef struct aicredits_credit_balance {
  /** AICREDITS_HAS_SUBSCRIPTION_ID. */
  uint32_t present;
  /**
   * GUID of the subscription that the allocation belongs to, NUL-terminated; NULL for credits without one. The text
   * is the server's, kept even where it is no GUID: aicredits_text_escape() makes it fit for a terminal.
   */
  const char *subscription_id;
  /** Its length in bytes, without the NUL. */
  size_t subscription_id_length;
  /**
   * The rules of its use, in the reply's order; NULL where there are none. Several apply together, such as a daily
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
 * Reads a reply that was stored, or came another way: length bytes of JSON, which need no NUL at their end. They are
 * copied.
 *
 * On success *balance is the reading, which the caller frees. On failure it is NULL: AICREDITS_STATUS_DECODE where the
 * bytes are no balance, with the path of the field at fault in the message, AICREDITS_STATUS_TOO_LARGE over 1 GiB
 * (no byte is read then), AICREDITS_STATUS_INVALID_ARGUMENT where there is no memory for the copy.
 * So every reply that aicredits_config_set_max_reply_bytes() lets through can be read back.
 *
 * json may be NULL only if length is 0, which is no balance; balance must not be NULL; error may be, otherwise *error
 * is written always: NULL on success, else an error that the caller frees. Any thread; does not block.
 */
AICREDITS_NODISCARD
aicredits_status aicredits_balance_from_json(const char *json,
                                             size_t length,
                                             aicredits_balance **balance,
                                             aicredits_error **error);

/**
 * Makes another owner of the same balance, which frees it on its own. It returns the same pointer; NULL for NULL. Any
 * thread; does not block.
 */
aicredits_balance *aicredits_balance_ref(const aicredits_balance *balance);

/**
 * Frees a balance: what was read from it must not be used any more, unless it has another owner. NULL is fine. Does
 * not block.
 */
void aicredits_balance_free(aicredits_balance *balance);

/**
 * Recurring credits, aggregated across all sources. NULL when the account has none.
 *
 * Borrowed from the balance. NULL for NULL. Any thread; does not block.
 */
const aicredits_credits *aicredits_balance_periodic_credits(const aicredits_balance *balance);

/**
 * One-time top-up credits, aggregated across all purchases. They don't reset. NULL when the account has none.
 *
 * Borrowed from the balance. NULL for NULL. Any thread; does not block.
 */
const aicredits_credits *aicredits_balance_top_up_credits(const aicredits_balance *balance);

/**
 * The same credits by source, in the reply's order: an array, and how many there are in *count. It is a detailed view
 * of the two pools, never to be added to them. NULL and 0 where the reply has no breakdown. The page limits a reply to
 * 1,000 sources; one at that limit may have been cut.
 *
 * Borrowed from the balance. count may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const aicredits_credit_balance *aicredits_balance_credit_balance_breakdown(const aicredits_balance *balance,
                                                                           size_t *count);

/**
 * The remaining credits of both pools: recurring plus top-up, an absent pool counted as none. NULL, which is unknown
 * and not 0, in three cases: a pool is there but lacks its balance; both pools are absent, but the breakdown has
 * entries; aicredits_balance_is_recognized() is false. The sum stops at the ends of an int64_t rather than wrap.
 *
 * It is what the account holds, not what can be spent now: rules of the breakdown, such as a daily limit within a
 * monthly allocation, may let less through. Borrowed from the balance. NULL for NULL. Any thread; does not block.
 */
const int64_t *aicredits_balance_available(const aicredits_balance *balance);

/**
 * Whether the reply is a balance: it has a field of a balance, or no field at all. An empty object is the balance of an
 * account without credits.
 *
 * False means that the reply has fields, but none of periodicCredits, topUpCredits and creditBalanceBreakdown; a field
 * that is null counts as there. Such a reply says nothing of credits: the base URL may lead to another service. false
 * for NULL. Any thread; does not block.
 */
bool aicredits_balance_is_recognized(const aicredits_balance *balance);

/**
 * The raw reply, so that nothing which Wix adds is lost; its length goes to *length. JSON holds no NUL, so it is a
 * plain string too. It is not redacted: a server that sends the credential back has it in here, while the texts of a
 * fetched balance have lost it.
 *
 * Borrowed from the balance. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const char *aicredits_balance_json(const aicredits_balance *balance, size_t *length);

/**
 * The balance as text, to be shown or logged: the two pools and the breakdown, a line each, without a newline at the
 * end; its length goes to *length. What came from the server is escaped.
 *
 * Made when it is first asked for. Borrowed from the balance. length may be NULL. NULL and 0 for NULL. Any thread;
 * does not block.
 */
const char *aicredits_balance_text(const aicredits_balance *balance, size_t *length);

/**
 * The scope that was asked for; NULL for a reading that was not fetched.
 *
 * Borrowed from the balance. NULL for NULL. Any thread; does not block.
 */
const aicredits_scope *aicredits_balance_scope(const aicredits_balance *balance);

/**
 * The server's id of the request, to quote when asking Wix about it; its length goes to *length. NULL and 0 where
 * there is none. Server text, as it came: aicredits_text_escape() makes it fit for a terminal.
 *
 * Borrowed from the balance. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const char *aicredits_balance_request_id(const aicredits_balance *balance, size_t *length);

/**
 * When the reply had come in, by this machine's clock; NULL for a reading that was not fetched.
 *
 * Borrowed from the balance. NULL for NULL. Any thread; does not block.
 */
const aicredits_timestamp *aicredits_balance_fetched_at(const aicredits_balance *balance);

/**
 * The server's clock at the reply, to the second: its Date header. NULL where there was none.
 *
 * Borrowed from the balance. NULL for NULL. Any thread; does not block.
 */
const aicredits_timestamp *aicredits_balance_server_date(const aicredits_balance *balance);

/* The attempts of a call that failed. */

/** How far an attempt came: AICREDITS_PHASE_QUEUE and the following. A later version may add to them. */
typedef int32_t aicredits_phase;

/** A phase that this version does not know. */
#define AICREDITS_PHASE_UNKNOWN 0

/** It had not begun. */
#define AICREDITS_PHASE_QUEUE 1

/** The provider was asked for a credential. */
#define AICREDITS_PHASE_CREDENTIAL 2

/** The host's addresses were looked up. */
#define AICREDITS_PHASE_RESOLVE 3

/** A TCP connection was opened. */
#define AICREDITS_PHASE_CONNECT 4

/** A proxy was asked to lead on. */
#define AICREDITS_PHASE_PROXY 5

/** The TLS handshake. */
#define AICREDITS_PHASE_TLS 6

/** The request was sent. */
#define AICREDITS_PHASE_SEND 7

/** The reply's head was awaited. */
#define AICREDITS_PHASE_HEAD 8

/** The reply's body was read. */
#define AICREDITS_PHASE_BODY 9

/** The reply was there, whole. */
#define AICREDITS_PHASE_REPLY 10

/** The time between two attempts. */
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
 * One attempt of a call that failed. A field whose bit in `present` is not set is absent.
 *
 * Plain data, borrowed from its error. Its layout is fixed for a SONAME.
 */
typedef struct aicredits_attempt {
  /** AICREDITS_HAS_HTTP_STATUS, AICREDITS_HAS_REQUEST_ID. */
  uint32_t present;
  /** How far it came; AICREDITS_PHASE_REPLY where the reply itself is the failure. */
  aicredits_phase phase;
  /** How long it took in nanoseconds, pauses aside. */
  uint64_t duration_ns;
  /** The HTTP status, where a reply came. */
  uint32_t http_status;
  /**
   * The server's id of the request, NUL-terminated; NULL where no reply told it. Server text:
   * aicredits_text_escape() makes it fit for a terminal.
   */
  const char *request_id;
  /** Its length in bytes, without the NUL. */
  size_t request_id_length;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_attempt;

/* The error. */

/**
 * One field of the request that the server refused. All of it is server text: aicredits_text_escape() makes it fit for
 * a terminal.
 *
 * Plain data, borrowed from its error. Its layout is fixed for a SONAME.
 */
typedef struct aicredits_field_violation {
  /** AICREDITS_HAS_VIOLATED_RULE. */
  uint32_t present;
  /** The field's path in the request, NUL-terminated; empty where the server does not tell. */
  const char *field;
  /** Its length in bytes, without the NUL. */
  size_t field_length;
  /** What is wrong with it, NUL-terminated; empty where the server does not tell. */
  const char *description;
  /** Its length in bytes, without the NUL. */
  size_t description_length;
  /** The rule's name, such as "REQUIRED_FIELD", NUL-terminated; NULL where absent. */
  const char *violated_rule;
  /** Its length in bytes, without the NUL. */
  size_t violated_rule_length;
  /** Zero. */
  uint64_t reserved[2];
} aicredits_field_violation;

/** Frees an error: what was read from it must not be used any more. NULL is fine. Does not block. */
void aicredits_error_free(aicredits_error *error);

/** The status that the failed call returned. AICREDITS_STATUS_UNEXPECTED for NULL. Any thread; does not block. */
aicredits_status aicredits_error_status(const aicredits_error *error);

/**
 * The whole story in one line: what happened, what to do, for which scope and request; its length goes to *length.
 * Text from the server stands in it escaped and bounded, so it is fit for a terminal.
 *
 * Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const char *aicredits_error_message(const aicredits_error *error, size_t *length);

/** The HTTP status; 0, which is none, where no reply came. 0 for NULL. Any thread; does not block. */
uint32_t aicredits_error_http_status(const aicredits_error *error);

/**
 * Wix's own code, such as "PERMISSION_DENIED"; its length goes to *length. NULL and 0 where there is none. Server
 * text, as it came: aicredits_text_escape() makes it fit for a terminal.
 *
 * Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const char *aicredits_error_code(const aicredits_error *error, size_t *length);

/**
 * What the server says of the failure; its length goes to *length. NULL and 0 where it says nothing. Server text, as
 * it came: aicredits_text_escape() makes it fit for a terminal.
 *
 * Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const char *aicredits_error_description(const aicredits_error *error, size_t *length);

/**
 * Which fields of the request the server refused, and why: an array, and how many there are in *count. NULL and 0
 * where it names none.
 *
 * Borrowed from the error. count may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const aicredits_field_violation *aicredits_error_field_violations(const aicredits_error *error, size_t *count);

/**
 * The scope that was asked for; NULL where no call was made.
 *
 * Borrowed from the error. NULL for NULL. Any thread; does not block.
 */
const aicredits_scope *aicredits_error_scope(const aicredits_error *error);

/**
 * The server's id of the request, to quote when asking Wix about it; its length goes to *length. NULL and 0 where
 * there is none. Server text, as it came: aicredits_text_escape() makes it fit for a terminal.
 *
 * Borrowed from the error. length may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const char *aicredits_error_request_id(const aicredits_error *error, size_t *length);

/**
 * How many milliseconds the server asks to wait before the next call; NULL where it does not say.
 *
 * Borrowed from the error. NULL for NULL. Any thread; does not block.
 */
const uint64_t *aicredits_error_retry_after_ms(const aicredits_error *error);

/**
 * Whether an equal call may succeed later: after a lost or failed connection, a timeout, HTTP 429, 500, 502, 503 or
 * 504. It is false for a network failure that lasts, such as a proxy that refuses the user's password.
 *
 * False for NULL. Any thread; does not block.
 */
bool aicredits_error_is_transient(const aicredits_error *error);

/**
 * What was tried, in order: an array, and how many there are in *count. NULL and 0 where nothing was.
 *
 * Borrowed from the error. count may be NULL. NULL and 0 for NULL. Any thread; does not block.
 */
const aicredits_attempt *aicredits_error_attempts(const aicredits_error *error, size_t *count);

/* What the library tells of its work. */

/** How much is told: AICREDITS_LOG_OFF and the following, each with all before it. */
typedef int32_t aicredits_log_level;

/** Nothing. */
#define AICREDITS_LOG_OFF 0

/** A call that failed for good. */
#define AICREDITS_LOG_ERROR 1

/** An attempt that failed. */
#define AICREDITS_LOG_WARN 2

/** That a call is tried again, or was ended by its program. */
#define AICREDITS_LOG_INFO 3

/** Each step of each call. */
#define AICREDITS_LOG_DEBUG 4

/**
 * The name of a level: "WARN" for AICREDITS_LOG_WARN; "UNKNOWN" for any number that this version does not know.
 *
 * The string is static. Any thread; does not block.
 */
const char *aicredits_log_level_name(aicredits_log_level level);

/**
 * A function that takes a record: its level, and its message, NUL-terminated, with its length. The message lives while
 * the function runs. It never holds a credential, and server text in it is escaped.
 *
 * It is called on the thread that the record tells of, by several threads at once if several make calls. No lock is
 * held meanwhile. It must not make a call of its own, and it must return: no exception, longjmp() or thread exit may
 * pass it.
 */
typedef void (*aicredits_log_sink)(void *user, aicredits_log_level level, const char *message, size_t length);

/**
 * Sends the records of all clients, up to this level, to a function. There is one sink a process: it replaces an
 * earlier one; NULL for none. A record begins with the name of its client, where that has one.
 *
 * user is passed to it as it stands, and may be NULL. destroy may be NULL; otherwise it is called once with user, when
 * the sink has been replaced and no record is under way to it, by whichever thread was the last to use it. Any thread;
 * does not block.
 */
void aicredits_log_set(aicredits_log_level level, aicredits_log_sink sink, void *user, aicredits_destructor destroy);

/* Server text, made fit to be shown. */

/** Room for any text that aicredits_text_escape() writes, and its NUL. */
#define AICREDITS_TEXT_SIZE 4096

/**
 * Makes server text fit to be shown: whatever could act on a terminal or hide in a log is escaped by its number, as in a
 * string literal of Rust, and of a text of more than 300 characters the first 300 are left, with a mark.
 *
 * text is UTF-8 of length bytes, which needs no NUL; what is not UTF-8 in it is replaced. The result goes to buffer
 * with a NUL, cut to a whole character where size bytes are too few; AICREDITS_TEXT_SIZE always is enough. Returns the
 * length of the whole result in bytes, without the NUL. buffer may be NULL where size is 0; otherwise nothing is done,
 * and 0 returned. A NULL text is empty. Any thread; does not block.
 */
size_t aicredits_text_escape(const char *text,
                             size_t length,
                             char *buffer,
                             size_t size);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AICREDITS_H */

