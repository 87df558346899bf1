// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The balance.

#ifndef AICREDITS_BALANCE_HPP
#define AICREDITS_BALANCE_HPP

#include <aicredits.h>
#include <aicredits/credit_balance.hpp>
#include <aicredits/credits.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>
#include <aicredits/range.hpp>
#include <aicredits/result.hpp>
#include <aicredits/scope.hpp>
#include <aicredits/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace aicredits {

/// The AI credits that an account or a site has left: one reading, which never changes. A copy shares the same data.
/// Thread-safe.
class Balance {
  public:
    /// Takes ownership of a C balance.
    explicit Balance(aicredits_balance *balance) noexcept : balance_(balance) {}
    Balance(const Balance &other) noexcept : balance_(aicredits_balance_ref(other.get())) {}
    Balance(Balance &&other) noexcept = default;
    Balance &operator=(const Balance &other) noexcept {
        balance_.reset(this == &other ? balance_.release() : aicredits_balance_ref(other.get()));
        return *this;
    }
    Balance &operator=(Balance &&other) noexcept = default;
    ~Balance() = default;

    /// Reads a balance from JSON, such as a stored json().
    static result<Balance> try_from_json(std::string_view json) {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        // An empty view may have a null address. The C library takes that for a missing argument.
        const char *text = json.data() == nullptr ? "" : json.data();
        if (aicredits_balance_from_json(text, json.size(), &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }
#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_from_json(), but throws an Error.
    static Balance from_json(std::string_view json) { return try_from_json(json).value(); }
#endif

    /// Recurring credits, aggregated across all sources. Empty if the account has none.
    std::optional<Credits> periodic_credits() const & noexcept {
        const auto *credits = aicredits_balance_periodic_credits(get());
        return detail::where(credits != nullptr, Credits(credits));
    }
    std::optional<Credits> periodic_credits() const && = delete;
    /// One-time top-up credits, aggregated across all purchases. They do not reset. Empty if the account has none.
    std::optional<Credits> top_up_credits() const & noexcept {
        const auto *credits = aicredits_balance_top_up_credits(get());
        return detail::where(credits != nullptr, Credits(credits));
    }
    std::optional<Credits> top_up_credits() const && = delete;
    /// The same credits by source, in the order of the reply. It is a detailed view of the two pools: do not add it to
    /// them.
    Range<CreditBalance, aicredits_credit_balance> credit_balance_breakdown() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_balance_credit_balance_breakdown(get(), &count);
        return {first, count};
    }
    Range<CreditBalance, aicredits_credit_balance> credit_balance_breakdown() const && = delete;
    /// The sum of the remaining credits of both pools. An absent pool counts as 0.
    /// Empty means that the sum is unknown, which is not 0: a pool is present without a balance, or both pools are
    /// absent and the breakdown has entries, or is_recognized() is false.
    /// The sum is what the account holds. Less may be spendable now, because of rules in the breakdown.
    std::optional<std::int64_t> available() const noexcept {
        const std::int64_t *count = aicredits_balance_available(get());
        return count == nullptr ? std::nullopt : std::optional<std::int64_t>(*count);
    }
    /// Whether the reply is a balance: it has at least one field of a balance, or no field at all. If it is false, the
    /// base URL may be the address of another service.
    bool is_recognized() const noexcept { return aicredits_balance_is_recognized(get()); }
    /// The raw reply, with all fields that Wix may add later. It is not redacted.
    std::string_view json() const & noexcept { return text(aicredits_balance_json).value_or(std::string_view()); }
    std::string_view json() const && = delete;
    /// The two pools and the breakdown, in lines, without a newline at the end. Text from the server is escaped.
    std::string_view text() const & noexcept { return text(aicredits_balance_text).value_or(std::string_view()); }
    std::string_view text() const && = delete;
    /// The scope of the request; empty if the balance was not fetched.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_balance_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;
    /// The server's id of the request, to quote in questions to Wix.
    std::optional<std::string_view> request_id() const & noexcept { return text(aicredits_balance_request_id); }
    std::optional<std::string_view> request_id() const && = delete;
    /// The time at which the reply was complete, by this machine's clock. Empty if the balance was not fetched.
    std::optional<Timestamp> fetched_at() const noexcept { return instant(aicredits_balance_fetched_at(get())); }
    /// The time of the reply by the server's clock, in whole seconds.
    std::optional<Timestamp> server_date() const noexcept { return instant(aicredits_balance_server_date(get())); }

    /// The C balance, borrowed from this object.
    const aicredits_balance *get() const & noexcept { return balance_.get(); }
    const aicredits_balance *get() const && = delete;

  private:
    std::optional<std::string_view> text(const char *(*read)(const aicredits_balance *, std::size_t *)) const noexcept {
        std::size_t length = 0;
        const char *found = read(get(), &length);
        return detail::text(found, length);
    }
    static std::optional<Timestamp> instant(const aicredits_timestamp *raw) noexcept {
        return raw == nullptr ? std::nullopt : std::optional<Timestamp>(raw);
    }

    std::unique_ptr<aicredits_balance, detail::Free<aicredits_balance_free>> balance_;
};

/// A copy of its text().
inline std::string to_string(const Balance &balance) {
    return std::string(balance.text());
}

inline std::ostream &operator<<(std::ostream &out, const Balance &balance) {
    return out << balance.text();
}

}  // namespace aicredits

#endif  // AICREDITS_BALANCE_HPP
