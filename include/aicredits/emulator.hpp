// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// An emulator of the API in the process of a test. aicredits.hpp does not include it: a program that is deployed needs
/// none of it. Link with -laicredits_emulator.
///
/// @code
/// aicredits::Emulator emulator(aicredits::EmulatorOptions().scenario("free-plan"));
/// run_my_program(emulator.url(), emulator.api_key(), emulator.account_id());
/// assert(emulator.spend(5).at("/drawn/0/amount").integer() == 5);
/// emulator.clock(std::chrono::hours(24));
/// emulator.assert_good_client();
/// @endcode

#ifndef AICREDITS_EMULATOR_HPP
#define AICREDITS_EMULATOR_HPP

#include <aicredits_emulator.h>
#include <aicredits/detail.hpp>
#include <aicredits/emulator_options.hpp>
#include <aicredits/emulator_reply.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aicredits {

/// A running emulator. Destroying it stops its server and joins its threads. It is move-only. Thread-safe: its methods
/// may be called by several threads at once, except while it is moved or destroyed.
///
/// There is a method for each action of the control protocol. A JSON object may have all members that the guide lists;
/// for the common ones there is a typed form. The try_ forms return the reply of a refused action, too. The others
/// throw it as an EmulatorError. Only these methods block: wait(), the destructor, and journal(), verdict() and
/// assert_good_client(), which wait until no reply is leaving, at most for 1 s.
///
/// After fork() the emulator runs in the parent alone: the child may destroy it, and must not call it.
class Emulator {
  public:
    /// Takes ownership of a C emulator.
    explicit Emulator(aicredits_emulator *emulator) noexcept : emulator_(emulator) {}
    /// Starts an emulator. Empty if that fails; *why, if it is not NULL, is then the reason.
    [[nodiscard]] static std::optional<Emulator> try_start(const EmulatorOptions &options = {},
                                                           std::string *why = nullptr) {
        EmulatorReply refusal(200, nullptr);
        aicredits_emulator *emulator = start(options, refusal);
        if (emulator != nullptr) {
            return std::optional<Emulator>(std::in_place, emulator);
        }
        if (why != nullptr) {
            *why = refusal.message();
        }
        return std::nullopt;
    }

    /// The base URL, such as "http://127.0.0.1:41234". It and the other values are NUL-terminated, and borrowed from
    /// this object.
    std::string_view url() const noexcept { return setting("url").value_or(""); }
    /// The first key with account-level access; empty if there is none.
    std::string_view api_key() const noexcept { return setting("api_key").value_or(""); }
    /// The first key with site-level access alone; empty if there is none.
    std::string_view site_key() const noexcept { return setting("site_key").value_or(""); }
    /// The first account; empty if there is none.
    std::string_view account_id() const noexcept { return setting("account_id").value_or(""); }
    /// The first site of the first account; empty if there is none.
    std::string_view site_id() const noexcept { return setting("site_id").value_or(""); }
    /// The certificate authority to trust, as PEM. Empty without TLS.
    std::optional<std::string_view> ca_pem() const noexcept { return setting("ca_pem"); }

    /// Runs an action of the control protocol by its name.
    [[nodiscard]] EmulatorReply try_control(std::string_view action, std::string_view request) const {
        aicredits_emulator_reply *reply = nullptr;
        const std::int32_t status =
            aicredits_emulator_control(get(), detail::Text(action), detail::Text(request), &reply);
        return EmulatorReply(status, reply);
    }

    /// The findings of the verdict, as text. Empty if the client is good.
    [[nodiscard]] std::string findings(std::string_view request = "{}") const {
        aicredits_emulator_reply *text = nullptr;
        const std::int32_t count = aicredits_emulator_verdict(get(), detail::Text(request), &text);
        const EmulatorReply reply(count, text);
        return count == 0 ? std::string() : reply.at("").text().value_or(reply.json());
    }

    /// Returns the state: clock, keys, accounts, assumptions, limit and faults.
    [[nodiscard]] EmulatorReply try_state() const { return try_control("state", "{}"); }
    /// Starts again with the first scenario. Clears ledger, faults, journal, verdict and clock; ends no connection.
    [[nodiscard]] EmulatorReply try_reset() const { return try_control("reset", "{}"); }
    /// The same with another scenario: a name, or a JSON object such as the reply of state().
    [[nodiscard]] EmulatorReply try_reset(std::string_view scenario) const {
        return try_control("reset", detail::json_member("scenario", EmulatorOptions::name_or_object(scenario)));
    }
    /// Adds an account, or extends the one of this id: {"account":"...","sites":[{"site":"..."}]}.
    [[nodiscard]] EmulatorReply try_account(std::string_view request) const { return try_control("account", request); }
    /// Adds a key, or changes the key of this name: {"name":"site-only","sites":["..."]}.
    [[nodiscard]] EmulatorReply try_key(std::string_view request) const { return try_control("key", request); }
    /// Adds an allocation: {"rules":[{"period":"DAY","cap":30},{"period":"MONTH","cap":120}]}.
    [[nodiscard]] EmulatorReply try_grant(std::string_view request) const { return try_control("grant", request); }
    /// Adds credits that were bought once to the first account.
    template <class Integer, detail::IfInteger<Integer> = 0>
    [[nodiscard]] EmulatorReply try_top_up(Integer amount) const {
        return try_control("top_up", detail::json_member("amount", std::to_string(amount)));
    }
    /// The same with all members: {"site":"...","amount":200}.
    [[nodiscard]] EmulatorReply try_top_up(std::string_view request) const { return try_control("top_up", request); }
    /// Changes a rule: {"allocation":"free","rule":0,"balance":10}.
    [[nodiscard]] EmulatorReply try_adjust(std::string_view request) const { return try_control("adjust", request); }
    /// Spends credits of the first account, all or nothing. 409 if there are too few.
    template <class Integer, detail::IfInteger<Integer> = 0>
    [[nodiscard]] EmulatorReply try_spend(Integer cost) const {
        return try_control("spend", detail::json_member("cost", std::to_string(cost)));
    }
    /// The same with all members: {"site":"...","cost":5,"idempotency_key":"k1"}.
    [[nodiscard]] EmulatorReply try_spend(std::string_view request) const { return try_control("spend", request); }
    /// Returns the clock.
    [[nodiscard]] EmulatorReply try_clock() const { return try_control("clock", "{}"); }
    /// Advances the clock. Rules reset on their way.
    [[nodiscard]] EmulatorReply try_clock(std::chrono::milliseconds advance) const {
        return try_control("clock", detail::json_member("advance_ms", std::to_string(advance.count())));
    }
    /// Changes the clock: {"now":"2026-07-01T00:00:00Z"}, {"mode":"running"} or {"speed":60}.
    [[nodiscard]] EmulatorReply try_clock(std::string_view request) const { return try_control("clock", request); }
    /// Adds a fault: {"times":2,"reply":{"status":503}}.
    [[nodiscard]] EmulatorReply try_fault(std::string_view request) const { return try_control("fault", request); }
    /// Clears all faults.
    [[nodiscard]] EmulatorReply try_clear_faults() const { return try_control("clear_faults", "{}"); }
    /// Clears the fault of this id, which fault() returned as "/fault".
    [[nodiscard]] EmulatorReply try_clear_faults(std::string_view fault) const {
        return try_control("clear_faults", detail::json_member("fault", detail::json_text(fault)));
    }
    /// Sets the rate limit of each key.
    template <class Integer, detail::IfInteger<Integer> = 0>
    [[nodiscard]] EmulatorReply try_limit(Integer per_minute) const {
        return try_control("limit", detail::json_member("per_minute", std::to_string(per_minute)));
    }
    /// The same with all members: {"per_minute":null} for none.
    [[nodiscard]] EmulatorReply try_limit(std::string_view request) const { return try_control("limit", request); }
    /// Changes an assumption, such as no_scope to 400, and returns all of them.
    [[nodiscard]] EmulatorReply try_assume(std::string_view name, std::string_view value) const {
        return try_control("assume", detail::json_member(name, detail::json_text(value)));
    }
    /// Changes assumptions: {"no_scope":"400"}.
    [[nodiscard]] EmulatorReply try_assume(std::string_view request) const { return try_control("assume", request); }
    /// Lists the requests so far: {"after":17,"route":"balance"}.
    [[nodiscard]] EmulatorReply try_journal(std::string_view request = "{}") const {
        return try_control("journal", request);
    }
    /// Judges the client: {"require":{"max_attempts":4}}.
    [[nodiscard]] EmulatorReply try_verdict(std::string_view request = "{}") const {
        return try_control("verdict", request);
    }
    /// Separates the calls before it from those after it, for the verdict.
    [[nodiscard]] EmulatorReply try_mark(std::string_view label = "") const {
        return try_control("mark", detail::json_member("label", detail::json_text(label)));
    }
    /// Waits until so many requests have come in all. Blocks, at most for the timeout.
    template <class Integer, detail::IfInteger<Integer> = 0>
    [[nodiscard]] EmulatorReply try_wait(Integer requests,
                                         std::chrono::milliseconds timeout = std::chrono::seconds(5)) const {
        return try_control("wait", "{\"requests\":" + std::to_string(requests)
                                       + ",\"timeout_ms\":" + std::to_string(timeout.count()) + "}");
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_start(), but throws an EmulatorError.
    explicit Emulator(const EmulatorOptions &options) : Emulator(start_or_throw(options)) {}
    Emulator() : Emulator(EmulatorOptions()) {}

    /// Throws an EmulatorError with all findings() of the verdict, if there are any. The default rules hold for any
    /// client; a request can require more: {"require":{"max_attempts":4,"single_flight":true}}.
    void assert_good_client(std::string_view request = "{}") const {
        std::string text = findings(request);
        if (!text.empty()) {
            throw EmulatorError(0, std::move(text));
        }
    }

    /// The same as the try_ forms, but each throws an EmulatorError if the action is refused.
    EmulatorReply control(std::string_view action, std::string_view request) const {
        return try_control(action, request).value();
    }
    EmulatorReply state() const { return try_state().value(); }
    EmulatorReply reset() const { return try_reset().value(); }
    EmulatorReply reset(std::string_view scenario) const { return try_reset(scenario).value(); }
    EmulatorReply account(std::string_view request) const { return try_account(request).value(); }
    EmulatorReply key(std::string_view request) const { return try_key(request).value(); }
    EmulatorReply grant(std::string_view request) const { return try_grant(request).value(); }
    template <class Integer, detail::IfInteger<Integer> = 0>
    EmulatorReply top_up(Integer amount) const {
        return try_top_up(amount).value();
    }
    EmulatorReply top_up(std::string_view request) const { return try_top_up(request).value(); }
    EmulatorReply adjust(std::string_view request) const { return try_adjust(request).value(); }
    template <class Integer, detail::IfInteger<Integer> = 0>
    EmulatorReply spend(Integer cost) const {
        return try_spend(cost).value();
    }
    EmulatorReply spend(std::string_view request) const { return try_spend(request).value(); }
    EmulatorReply clock() const { return try_clock().value(); }
    EmulatorReply clock(std::chrono::milliseconds advance) const { return try_clock(advance).value(); }
    EmulatorReply clock(std::string_view request) const { return try_clock(request).value(); }
    EmulatorReply fault(std::string_view request) const { return try_fault(request).value(); }
    EmulatorReply clear_faults() const { return try_clear_faults().value(); }
    EmulatorReply clear_faults(std::string_view fault) const { return try_clear_faults(fault).value(); }
    template <class Integer, detail::IfInteger<Integer> = 0>
    EmulatorReply limit(Integer per_minute) const {
        return try_limit(per_minute).value();
    }
    EmulatorReply limit(std::string_view request) const { return try_limit(request).value(); }
    EmulatorReply assume(std::string_view name, std::string_view value) const {
        return try_assume(name, value).value();
    }
    EmulatorReply assume(std::string_view request) const { return try_assume(request).value(); }
    EmulatorReply journal(std::string_view request = "{}") const { return try_journal(request).value(); }
    EmulatorReply verdict(std::string_view request = "{}") const { return try_verdict(request).value(); }
    EmulatorReply mark(std::string_view label = "") const { return try_mark(label).value(); }
    template <class Integer, detail::IfInteger<Integer> = 0>
    EmulatorReply wait(Integer requests, std::chrono::milliseconds timeout = std::chrono::seconds(5)) const {
        return try_wait(requests, timeout).value();
    }
#endif

    /// The C emulator, borrowed from this object.
    const aicredits_emulator *get() const noexcept { return emulator_.get(); }

  private:
    static aicredits_emulator *start(const EmulatorOptions &options, EmulatorReply &refusal) {
        aicredits_emulator *emulator = nullptr;
        aicredits_emulator_reply *reply = nullptr;
        const std::int32_t status = aicredits_emulator_start(detail::Text(options.json()), &emulator, &reply);
        refusal = EmulatorReply(status, reply);
        return emulator;
    }

#if AICREDITS_HAS_EXCEPTIONS
    static aicredits_emulator *start_or_throw(const EmulatorOptions &options) {
        EmulatorReply refusal(200, nullptr);
        aicredits_emulator *emulator = start(options, refusal);
        if (emulator == nullptr) {
            throw EmulatorError(refusal);
        }
        return emulator;
    }
#endif

    std::optional<std::string_view> setting(const char *name) const noexcept {
        std::size_t length = 0;
        const char *value = aicredits_emulator_setting(get(), name, &length);
        return detail::text(value, length);
    }

    std::unique_ptr<aicredits_emulator, detail::Free<aicredits_emulator_free>> emulator_;
};

}  // namespace aicredits

#endif  // AICREDITS_EMULATOR_HPP
