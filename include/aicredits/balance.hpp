// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// What an account or a site has left.

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

/// What an account or a site has left: one reading, which never changes. A copy is another owner of the same.
class Balance {
  public:
    /// Takes a C balance.
    explicit Balance(aicredits_balance *balance) noexcept : balance_(balance) {}
    Balance(const Balance &other) noexcept : balance_(aicredits_balance_ref(other.get())) {}
    Balance(Balance &&other) noexcept = default;
    Balance &operator=(const Balance &other) noexcept {
        balance_.reset(this == &other ? balance_.release() : aicredits_balance_ref(other.get()));
        return *this;
    }
    Balance &operator=(Balance &&other) noexcept = default;
    ~Balance() = default;

    /// Reads a stored reply, as json() gave it.
    static result<Balance> try_from_json(std::string_view json) {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        // An empty view may have no address, which is not the same as an empty text.
        const char *text = json.data() == nullptr ? "" : json.data();
        if (aicredits_balance_from_json(text, json.size(), &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }
#if AICREDITS_HAS_EXCEPTIONS
    /// As try_from_json(); throws an Error.
    static Balance from_json(std::string_view json) { return try_from_json(json).value(); }
#endif

    /// Recurring credits, aggregated across all sources; empty when the account has none.
    std::optional<Credits> periodic_credits() const & noexcept {
        const auto *credits = aicredits_balance_periodic_credits(get());
        return detail::where(credits != nullptr, Credits(credits));
    }
    std::optional<Credits> periodic_credits() const && = delete;
    /// One-time top-up credits, aggregated across all purchases; empty when the account has none. They don't reset.
    std::optional<Credits> top_up_credits() const & noexcept {
        const auto *credits = aicredits_balance_top_up_credits(get());
        return detail::where(credits != nullptr, Credits(credits));
    }
    std::optional<Credits> top_up_credits() const && = delete;
    /// The same credits by source, in the reply's order: a detailed view of the two pools, never to be added to them.
    Range<CreditBalance, aicredits_credit_balance> credit_balance_breakdown() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_balance_credit_balance_breakdown(get(), &count);
        return {first, count};
    }
    Range<CreditBalance, aicredits_credit_balance> credit_balance_breakdown() const && = delete;
    /// The remaining credits of both pools. Empty, which is unknown and not 0, when a pool is there but lacks its
    /// balance, when both are absent but the breakdown has entries, or when is_recognized() is false. It is what the
    /// account holds, not what can be spent now: rules of the breakdown may let less through.
    std::optional<std::int64_t> available() const noexcept {
        const std::int64_t *count = aicredits_balance_available(get());
        return count == nullptr ? std::nullopt : std::optional<std::int64_t>(*count);
    }
    /// Whether the reply is a balance: it has a field of a balance, or no field at all. False means that the reply says
    /// nothing of credits: the base URL may lead to another service.
    bool is_recognized() const noexcept { return aicredits_balance_is_recognized(get()); }
    /// The raw reply, so that nothing which Wix adds is lost.
    std::string_view json() const & noexcept { return text(aicredits_balance_json).value_or(std::string_view()); }
    std::string_view json() const && = delete;
    /// The two pools and the breakdown, a line each, without a newline at the end; server text is escaped.
    std::string_view text() const & noexcept { return text(aicredits_balance_text).value_or(std::string_view()); }
    std::string_view text() const && = delete;
    /// The scope that was asked for; empty for a reading that was not fetched.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_balance_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;
    /// The server's id of the request, to quote when asking Wix about it.
    std::optional<std::string_view> request_id() const & noexcept { return text(aicredits_balance_request_id); }
    std::optional<std::string_view> request_id() const && = delete;
    /// When the reply had come in, by this machine's clock; empty for a reading that was not fetched.
    std::optional<Timestamp> fetched_at() const noexcept { return instant(aicredits_balance_fetched_at(get())); }
    /// The server's clock at the reply, to the second.
    std::optional<Timestamp> server_date() const noexcept { return instant(aicredits_balance_server_date(get())); }

    /// The C balance, which stays this object's.
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

/// The two pools, and the breakdown below: a copy of its text().
inline std::string to_string(const Balance &balance) {
    return std::string(balance.text());
}

inline std::ostream &operator<<(std::ostream &out, const Balance &balance) {
    return out << balance.text();
}

}  // namespace aicredits

#endif  // AICREDITS_BALANCE_HPP
