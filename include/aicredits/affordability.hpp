// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// Whether a balance can pay a cost.

#ifndef AICREDITS_AFFORDABILITY_HPP
#define AICREDITS_AFFORDABILITY_HPP

#include <aicredits.h>
#include <aicredits/answer.hpp>
#include <aicredits/binding.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/range.hpp>
#include <aicredits/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace aicredits {

/// Whether a balance can pay a cost: the answer, its figures and its sentence. It is true only if the answer is yes. A
/// copy shares the same data, and keeps the balance alive. It never changes. Thread-safe.
class Affordability {
  public:
    /// Takes ownership of a C answer.
    explicit Affordability(aicredits_affordability *affordability)
        : affordability_(affordability, detail::Free<aicredits_affordability_free>{}) {}

    /// Whether the answer is yes. False if it is no or unknown.
    explicit operator bool() const noexcept { return aicredits_affordability_is_yes(get()); }
    Answer answer() const noexcept {
        return affordability_ ? static_cast<Answer>(aicredits_affordability_answer(get())) : Answer::unknown;
    }
    /// The answer as one sentence, to show or to log, such as "40 short: the MONTH rule of subscription
    /// d7a341c4-196b-46e7-813c-2b0fc1847ec6 allows 10 until 2026-07-01T00:00:00Z". Text from the server is escaped.
    std::string_view text() const & noexcept {
        return detail::read_text(aicredits_affordability_text, get()).value_or(std::string_view());
    }
    std::string_view text() const && = delete;
    /// The cost that was asked for.
    std::uint64_t cost() const noexcept { return aicredits_affordability_cost(get()); }
    /// Balance::spendable(). Empty if it is unknown.
    std::optional<std::int64_t> spendable() const noexcept {
        return detail::value_at(aicredits_affordability_spendable(get()));
    }
    /// Balance::available(). Empty if it is unknown.
    std::optional<std::int64_t> available() const noexcept {
        return detail::value_at(aicredits_affordability_available(get()));
    }
    /// The credits that are missing. Empty if the answer is not Answer::no. If the spendable credits are unknown, at
    /// least this many are missing.
    std::optional<std::uint64_t> shortfall() const noexcept {
        return detail::value_at(aicredits_affordability_shortfall(get()));
    }
    /// The earliest reset date from which the cost can be paid, if nobody spends until then. Empty if no known reset
    /// brings the credits, or if the answer is not Answer::no.
    std::optional<Timestamp> affordable_at() const noexcept {
        return detail::view_of<Timestamp>(aicredits_affordability_affordable_at(get()));
    }
    /// The limit that keeps the spendable credits from being more.
    Binding binding() const noexcept {
        return affordability_ ? static_cast<Binding>(aicredits_affordability_binding(get())) : Binding::nothing;
    }
    /// The rules that keep the spendable credits from being more, in the order of the reply: of each source the rules
    /// with the least balance. Empty if binding() is not Binding::rules.
    Range<BindingRule, aicredits_binding_rule> binding_rules() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_affordability_binding_rules(get(), &count);
        return {first, count};
    }
    Range<BindingRule, aicredits_binding_rule> binding_rules() const && = delete;

  private:
    const aicredits_affordability *get() const noexcept { return affordability_.get(); }

    std::shared_ptr<const aicredits_affordability> affordability_;
};

/// A copy of its text().
inline std::string to_string(const Affordability &affordability) {
    return std::string(affordability.text());
}

inline std::ostream &operator<<(std::ostream &out, const Affordability &affordability) {
    return out << affordability.text();
}

}  // namespace aicredits

#endif  // AICREDITS_AFFORDABILITY_HPP
