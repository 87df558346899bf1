/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Written by `cargo xtask generate` from crates/aicredits-emulator-ffi: change it there. */

#ifndef AICREDITS_EMULATOR_H
#define AICREDITS_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file
 * aicredits_emulator: an emulator of Wix's AI credits API in the process of a test.
 *
 * It is an HTTP server on this machine, with a ledger that really spends, a clock that the test sets, faults, a journal of
 * the requests, and a verdict on the client. Link with -laicredits_emulator. To link the static library
 * libaicredits_emulator.a instead, use the flags that `pkg-config --variable=archive aicredits-emulator` prints. It is for
 * tests: a program that is deployed needs none of it. A whole test:
 *
 * @code
 * #include <aicredits_emulator.h>
 * #include <stdio.h>
 *
 * int main(void) {
 *     aicredits_emulator *emulator = NULL;
 *     aicredits_emulator_reply *reply = NULL;
 *     aicredits_emulator_reply *findings = NULL;
 *     int64_t drawn = 0;
 *     int failed = 1;
 *     if (aicredits_emulator_start("{\"scenario\":\"example\"}", &emulator, &reply) != 0) {
 *         fprintf(stderr, "%s\n", aicredits_emulator_reply_text(reply, "/error/message", NULL));
 *     } else {
 *         printf("AICREDITS_BASE_URL=%s\n", aicredits_emulator_setting(emulator, "url", NULL));
 *         if (aicredits_emulator_control(emulator, "spend", "{\"cost\":5}", &reply) == 200 &&
 *             aicredits_emulator_reply_integer(reply, "/drawn/0/amount", &drawn)) {
 *             printf("the first allocation gave %d credits\n", (int)drawn);
 *         }
 *         // Here your program is called, with the URL above.
 *         failed = aicredits_emulator_verdict(emulator, NULL, &findings);
 *         if (failed != 0) {
 *             fprintf(stderr, "%s", aicredits_emulator_reply_text(findings, "", NULL));
 *         }
 *     }
 *     aicredits_emulator_reply_free(findings);
 *     aicredits_emulator_reply_free(reply);
 *     aicredits_emulator_free(emulator);
 *     return failed != 0;
 * }
 * @endcode
 *
 * These rules hold for all functions:
 *
 * Actions. aicredits_emulator_control() runs an action of the control protocol: a name and a JSON object in, a status and a
 * JSON object out. `POST /_emulator/ACTION` does the same over HTTP, with the same bytes. docs/emulator.md
 * describes all actions: state, reset, account, key, grant, top_up, adjust, spend, clock, fault, clear_faults, limit,
 * assume, journal, verdict, mark, wait.
 *
 * Ownership. The caller owns the emulator, and each reply that a function writes to an output. Free it once, with
 * aicredits_emulator_free() or aicredits_emulator_reply_free(). Both accept NULL. All other functions borrow their
 * arguments until they return. The result of an accessor is borrowed from its handle: it is valid, at the same address,
 * until the handle is freed.
 *
 * Errors. A function that can fail returns a status, and its last output is a reply with the reason. A reply output may be
 * NULL if the status is all you need. Otherwise it is always written, so one clean-up path can free everything. Free a
 * reply before you pass its variable again. An error is
 * {"error":{"code":"unknown_account","message":"...","pointer":"/account"}}.
 *
 * NULL. Every pointer is checked. A function that can fail returns 400 or -1 for a NULL that is not allowed, and the
 * message names it. An accessor returns NULL, 0 or false.
 *
 * Strings. Input strings are NUL-terminated UTF-8. Output strings are UTF-8 with a length, and NUL-terminated. Pass NULL if
 * you do not need the length.
 *
 * Threads. All functions except the two _free functions may be called by several threads at once, with the same handles.
 * Only these functions block: aicredits_emulator_control() with the actions "wait", "journal" and "verdict",
 * aicredits_emulator_verdict(), and aicredits_emulator_free().
 *
 * Process. An emulator has threads, which block all signals. The library changes no signal handler, and not errno. No panic
 * leaves the library. If memory runs out, the process is aborted.
 *
 * Fork. After fork() the emulator runs in the parent alone. The child may call aicredits_emulator_free(), which does not
 * disturb the parent, and no other function of that emulator. Replies may be read and freed in both.
 *
 * Thread cancellation. Functions disable cancellation, and restore the state before they return.
 *
 * Keys. An emulator makes the keys of its ledger; they open nothing at Wix. The memory of keys and replies is wiped when it
 * is freed.
 */

/** Marks functions that can fail: the compiler warns if the status is ignored. */
#if defined(__GNUC__)
#define AICREDITS_EMULATOR_NODISCARD __attribute__((warn_unused_result))
#else
#define AICREDITS_EMULATOR_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* Handles. */

/**
 * An emulator: an HTTP server on a port of this machine, and a ledger from which it answers.
 *
 * aicredits_emulator_start() makes it. Free it with aicredits_emulator_free(). Thread-safe. Emulators are independent: a
 * process can have many.
 */
typedef struct aicredits_emulator aicredits_emulator;

/**
 * A reply: one JSON document. Why a call failed is a reply, too:
 * {"error":{"code":"unknown_account","message":"...","pointer":"/account"}}.
 *
 * Free it with aicredits_emulator_reply_free(). It never changes, and it does not depend on its emulator: it may be freed
 * after it. Thread-safe. All texts that are read from it are borrowed: they are valid until it is freed.
 */
typedef struct aicredits_emulator_reply aicredits_emulator_reply;

/* The emulator. */

/**
 * Starts an emulator. It listens on 127.0.0.1, on a free port, and can be called at once.
 *
 * options is a JSON object, NUL-terminated; NULL means {}. Each member may be left out:
 * - "scenario": the name of a scenario that the emulator has, such as "free-plan"; or a scenario, as an object. Default:
 *   "example"
 * - "host" and "port": where it listens. Default: "127.0.0.1", and 0, which is a free port
 * - "tls": true to serve HTTPS. Trust the setting "ca_pem", which is a certificate authority made for this emulator
 * - "clock": "now", "mode" and "speed" in place of those of the scenario, any of them, such as {"mode":"running"}
 * - "assumptions": a request of the action "assume"
 * - "faults": an array of requests of the action "fault"
 * - "control_token": control requests over HTTP then need this token, on every address. Without it there are none on an
 *   address that is not loopback
 *
 * emulator must not be NULL. reply may be NULL. Otherwise *reply is always written: NULL on success, or a reply with the
 * reason, which the caller frees.
 *
 * Returns 0, and in *emulator an emulator that the caller frees. Otherwise *emulator is NULL, and the result is
 * - 400 if an option or an argument is wrong
 * - 404 if there is no scenario of that name
 * - 500 if the emulator cannot listen there
 *
 * Thread-safe. Does not block, except to make a certificate.
 */
AICREDITS_EMULATOR_NODISCARD
int32_t aicredits_emulator_start(const char *options,
                                 aicredits_emulator **emulator,
                                 aicredits_emulator_reply **reply);

/**
 * Returns a value that a client needs. NULL if the emulator has none.
 *
 * name is one of these, NUL-terminated. A later "reset" does not change the values.
 * - "url": the base URL, such as "http://127.0.0.1:41234"
 * - "api_key": the first key with account-level access
 * - "site_key": the first key with site-level access alone
 * - "account_id": the first account
 * - "site_id": the first site of the first account
 * - "ca_pem": with TLS, the certificate authority to trust, as PEM
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the emulator. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if emulator or name is NULL, or if there is no setting of that name.
 */
const char *aicredits_emulator_setting(const aicredits_emulator *emulator,
                                       const char *name,
                                       size_t *length);

/**
 * Runs an action of the control protocol, such as "spend" or "clock".
 *
 * action and request are NUL-terminated. request is the JSON object of the action; NULL means {}. emulator and action
 * must not be NULL. reply may be NULL if the status is all you need. Otherwise *reply is always written, with a reply that
 * the caller frees.
 *
 * Returns the HTTP status that the same request has over HTTP:
 * - 200: the reply is that of the action
 * - 400: a member or an argument is wrong, and nothing was changed; the reply says which
 * - 404: there is no such action, account, site, allocation, rule, key or scenario
 * - 409: the ledger refuses it, such as a "spend" of more than is left
 * - 500: a bug in this library. Please report it
 *
 * Thread-safe. The action "wait" blocks until its requests have come, at most for its timeout.
 * "journal" and "verdict" block until no reply is leaving, at most for 1 s. No other action blocks.
 */
AICREDITS_EMULATOR_NODISCARD
int32_t aicredits_emulator_control(const aicredits_emulator *emulator,
                                   const char *action,
                                   const char *request,
                                   aicredits_emulator_reply **reply);

/**
 * Judges the client that called the emulator: whether it repeated a final error, ignored Retry-After, and so on.
 *
 * request is the JSON object of the action "verdict", NUL-terminated, such as {"require":{"max_attempts":4}}; NULL means
 * {}. emulator must not be NULL. text may be NULL. Otherwise *text is always written: NULL if the client is good, or a
 * reply that the caller frees. That reply is one text to print; aicredits_emulator_reply_text(text, "", NULL) reads it.
 *
 * Returns 0 if the client is good, or else the number of findings. Returns -1 if an argument is wrong; *text then says
 * why. The action "verdict" of aicredits_emulator_control() returns the findings as JSON.
 *
 * Thread-safe. Blocks until no reply is leaving, at most for 1 s.
 */
AICREDITS_EMULATOR_NODISCARD
int32_t aicredits_emulator_verdict(const aicredits_emulator *emulator,
                                   const char *request,
                                   aicredits_emulator_reply **text);

/**
 * Stops an emulator, joins its threads and frees it. Connections to it are closed. The keys in its memory are wiped.
 *
 * No other call on the emulator may be in flight. Its replies stay valid. Blocks until the threads have ended, which none
 * of them delays. NULL is allowed.
 */
void aicredits_emulator_free(aicredits_emulator *emulator);

/* The reply. */

/**
 * Returns the whole reply, as JSON. It is the body that the same request has over HTTP, byte for byte.
 *
 * *length is the length in bytes, without the NUL; length may be NULL. Borrowed from the reply. Thread-safe. Does not
 * block. Returns NULL, and 0 in *length, if reply is NULL.
 */
const char *aicredits_emulator_reply_json(const aicredits_emulator_reply *reply, size_t *length);

/**
 * Reads an integer of the reply, such as "/drawn/0/amount". true is 1 and false is 0.
 *
 * pointer is a JSON Pointer (RFC 6901), NUL-terminated: the names and indexes on the way, each with a slash before it.
 * In a name, "~1" is a slash and "~0" a tilde. value may be NULL: the result then says whether the integer is there.
 *
 * Returns true, and the integer in *value. Returns false, and 0 in *value, if there is no integer of that range.
 * Thread-safe. Does not block. Returns false if reply or pointer is NULL.
 */
bool aicredits_emulator_reply_integer(const aicredits_emulator_reply *reply, const char *pointer, int64_t *value);

/**
 * Returns a text of the reply, such as "/keys/0/secret", without quotation marks and escapes. NULL if there is no text.
 *
 * pointer is a JSON Pointer, as for aicredits_emulator_reply_integer(). *length is the length in bytes, without the NUL;
 * length may be NULL.
 *
 * Borrowed from the reply. Thread-safe. Does not block. Returns NULL, and 0 in *length, if reply or pointer is NULL.
 */
const char *aicredits_emulator_reply_text(const aicredits_emulator_reply *reply,
                                          const char *pointer,
                                          size_t *length);

/**
 * Returns how many elements an array of the reply has, such as "/requests", or how many members an object has. 0 if
 * there is neither.
 *
 * pointer is a JSON Pointer, as for aicredits_emulator_reply_integer(). "" is the whole reply. Thread-safe. Does not
 * block. Returns 0 if reply or pointer is NULL.
 */
size_t aicredits_emulator_reply_count(const aicredits_emulator_reply *reply, const char *pointer);

/**
 * Frees a reply, and wipes its memory: a reply may have the secret of a key. After that, no text that was read from it
 * may be used.
 *
 * Does not block. NULL is allowed.
 */
void aicredits_emulator_reply_free(aicredits_emulator_reply *reply);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AICREDITS_EMULATOR_H */

