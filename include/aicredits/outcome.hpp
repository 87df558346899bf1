// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// An outcome of a fleet.

#ifndef AICREDITS_OUTCOME_HPP
#define AICREDITS_OUTCOME_HPP

#include <aicredits.h>
#include <aicredits/attempt.hpp>
#include <aicredits/balance.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>
#include <aicredits/range.hpp>
#include <aicredits/result.hpp>
#include <aicredits/scope.hpp>
#include <aicredits/timestamp.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace aicredits {

/// The result for one target of a Fleet: a balance or a failure. A copy shares the same data. It never changes.
/// Thread-safe. It may be used after its fleet.
class Outcome {
  public:
    /// Takes ownership of a C outcome.
    explicit Outcome(aicredits_outcome *outcome) : outcome_(outcome, detail::Free<aicredits_outcome_free>{}) {}

    /// The position of the target in the list that was passed to the fleet, from 0.
    std::size_t index() const noexcept { return aicredits_outcome_index(get()); }
    /// The balance, or the failure of the last attempt with all attempts. Without an attempt the failure says why
    /// nothing was sent: cancelled or timeout of the fleet, closed of the client, or unauthorized of the credential
    /// provider. Both may be used after the outcome.
    result<Balance> try_balance() const {
        if (const aicredits_balance *balance = aicredits_outcome_balance(get())) {
            return Balance(aicredits_balance_ref(balance));
        }
        return Failure(std::shared_ptr<const aicredits_error>(outcome_, aicredits_outcome_error(get())));
    }
#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_balance(), but throws an Error.
    Balance balance() const { return try_balance().value(); }
#endif
    /// The label of the target. Empty if it has none.
    std::optional<std::string_view> label() const & noexcept { return text(aicredits_outcome_label); }
    std::optional<std::string_view> label() const && = delete;
    /// The scope that was asked for. The outcome must not have been moved from.
    Scope scope() const & noexcept {
        const auto *scope = aicredits_outcome_scope(get());
        detail::require(scope != nullptr);
        return Scope(scope);
    }
    Scope scope() const && = delete;
    /// The account id of the target, sent or not. Empty if it has none.
    std::optional<std::string_view> account_id() const & noexcept { return text(aicredits_outcome_account_id); }
    std::optional<std::string_view> account_id() const && = delete;
    /// The name of the client that was asked with. Empty if it was that of the fleet.
    std::optional<std::string_view> client_name() const & noexcept { return text(aicredits_outcome_client_name); }
    std::optional<std::string_view> client_name() const && = delete;
    /// The server's id of the last request.
    std::optional<std::string_view> request_id() const & noexcept { return text(aicredits_outcome_request_id); }
    std::optional<std::string_view> request_id() const && = delete;
    /// When the first attempt started, by this machine's clock. Empty if nothing was sent.
    std::optional<Timestamp> started_at() const noexcept {
        return detail::view_of<Timestamp>(aicredits_outcome_started_at(get()));
    }
    /// When the outcome was known, by this machine's clock.
    Timestamp ended_at() const noexcept {
        return detail::view_of<Timestamp>(aicredits_outcome_ended_at(get())).value_or(Timestamp());
    }
    /// All attempts for the target, the successful one too. Empty if nothing was sent.
    Range<Attempt, aicredits_attempt> attempts() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_outcome_attempts(get(), &count);
        return {first, count};
    }
    Range<Attempt, aicredits_attempt> attempts() const && = delete;
    /// When each one of attempts() started, by this machine's clock.
    Range<Timestamp, aicredits_timestamp> attempts_started_at() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_outcome_attempts_started_at(get(), &count);
        return {first, count};
    }
    Range<Timestamp, aicredits_timestamp> attempts_started_at() const && = delete;

  private:
    const aicredits_outcome *get() const noexcept { return outcome_.get(); }

    std::optional<std::string_view> text(const char *(*read)(const aicredits_outcome *, std::size_t *)) const noexcept {
        return detail::read_text(read, get());
    }

    std::shared_ptr<const aicredits_outcome> outcome_;
};

}  // namespace aicredits

#endif  // AICREDITS_OUTCOME_HPP
