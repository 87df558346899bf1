// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The balance.

#ifndef AICREDITS_BALANCE_HPP
#define AICREDITS_BALANCE_HPP

#include <aicredits.h>
#include <aicredits/affordability.hpp>
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
    static result<Balance> try_from_json(std::string_view json) { return try_from_json(json, {}, {}); }
    /// The same with the stored fetched_at() and server_date(), on which decisions depend, such as next_reset(). Fails
    /// as ErrorKind::invalid_argument if a time is not in the years 1 to 9999.
    static result<Balance> try_from_json(std::string_view json, std::optional<Timestamp> fetched_at,
                                         std::optional<Timestamp> server_date) {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        // An empty view may have a null address. The C library takes that for a missing argument.
        const char *text = json.data() == nullptr ? "" : json.data();
        const aicredits_timestamp fetched = detail::raw_of(fetched_at.value_or(Timestamp()));
        const aicredits_timestamp date = detail::raw_of(server_date.value_or(Timestamp()));
        if (aicredits_balance_from_json_at(text, json.size(), fetched_at ? &fetched : nullptr,
                                           server_date ? &date : nullptr, &balance, &error)
            != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }
#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_from_json(), but throws an Error.
    static Balance from_json(std::string_view json) { return try_from_json(json).value(); }
    static Balance from_json(std::string_view json, std::optional<Timestamp> fetched_at,
                             std::optional<Timestamp> server_date) {
        return try_from_json(json, fetched_at, server_date).value();
    }
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
        return detail::value_at(aicredits_balance_available(get()));
    }
    /// The credits that can be spent now, under all rules of the breakdown: never more than available(). Empty means
    /// that this is unknown, which is neither 0 nor unlimited.
    /// Each source allows the least of the balances of its rules, and the result is the sum of the sources. It assumes
    /// that one action may draw on several sources.
    std::optional<std::int64_t> spendable() const noexcept {
        return detail::value_at(aicredits_balance_spendable(get()));
    }
    /// The credits that can be spent at an instant, if nobody spends until then and the known resets happen. An instant
    /// before the reading counts as that of the reading.
    /// Empty if they are unknown: if spendable() is, if the reply has no breakdown, or if a rule that resets lacks its
    /// cap. Also if `at` is not in the years 1 to 9999.
    std::optional<std::int64_t> spendable_at(const Timestamp &at) const noexcept {
        const aicredits_timestamp raw = detail::raw_of(at);
        std::int64_t spendable = 0;
        const bool is_known = aicredits_balance_spendable_at(get(), &raw, &spendable);
        return detail::where(is_known, spendable);
    }
    /// Answers whether an action of this cost can be paid now. A cost that equals the spendable credits can be paid,
    /// and a cost of 0 always can. A balance is a hint: if several threads spend at the same time, use a Gate.
    /// `cost` is an integer from 0 to 2^63 - 1. A negative or larger one fails as ErrorKind::invalid_argument. A
    /// floating-point number or a bool does not compile.
    result<Affordability> try_can_afford(detail::CreditCount cost) const {
        aicredits_affordability *affordability = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_balance_can_afford(get(), cost.value(), &affordability, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Affordability(affordability);
    }
    /// Computes how many of `wanted` actions, each at `unit_cost`, can be paid now. Empty if that is unknown, because
    /// the reply lacks a count. The arguments are as in try_can_afford(). Gate::reserve_up_to() answers the same, and
    /// reserves the credits in one step.
    result<std::optional<std::uint64_t>> try_affordable(detail::CreditCount unit_cost,
                                                        detail::CreditCount wanted) const {
        std::uint64_t count = 0;
        bool is_known = false;
        aicredits_error *error = nullptr;
        if (aicredits_balance_affordable(get(), unit_cost.value(), wanted.value(), &count, &is_known, &error)
            != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return detail::where(is_known, count);
    }
#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_can_afford(), but throws an Error.
    Affordability can_afford(detail::CreditCount cost) const { return try_can_afford(cost).value(); }
    /// The same as try_affordable(), but throws an Error.
    std::optional<std::uint64_t> affordable(detail::CreditCount unit_cost, detail::CreditCount wanted) const {
        return try_affordable(unit_cost, wanted).value();
    }
#endif
    /// The earliest reset after the reading that can bring credits: of a rule that replenishes, and is below its cap or
    /// lacks a figure. Empty if there is none. Also empty for a balance without an instant, which from_json() made: see
    /// next_reset_after().
    std::optional<Timestamp> next_reset() const noexcept {
        return detail::view_of<Timestamp>(aicredits_balance_next_reset(get()));
    }
    /// The same for the resets after an instant. Empty also if `after` is not in the years 1 to 9999.
    std::optional<Timestamp> next_reset_after(const Timestamp &after) const noexcept {
        const aicredits_timestamp raw = detail::raw_of(after);
        aicredits_timestamp reset = {};
        const bool is_there = aicredits_balance_next_reset_after(get(), &raw, &reset);
        return detail::where(is_there, Timestamp(&reset));
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
    std::optional<Timestamp> fetched_at() const noexcept {
        return detail::view_of<Timestamp>(aicredits_balance_fetched_at(get()));
    }
    /// The time of the reply by the server's clock, in whole seconds.
    std::optional<Timestamp> server_date() const noexcept {
        return detail::view_of<Timestamp>(aicredits_balance_server_date(get()));
    }

    /// The C balance, borrowed from this object.
    const aicredits_balance *get() const & noexcept { return balance_.get(); }
    const aicredits_balance *get() const && = delete;

  private:
    std::optional<std::string_view> text(const char *(*read)(const aicredits_balance *, std::size_t *)) const noexcept {
        return detail::read_text(read, get());
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
