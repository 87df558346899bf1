// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A rule for the use of credits.

#ifndef AICREDITS_USAGE_RULE_HPP
#define AICREDITS_USAGE_RULE_HPP

#include <aicredits.h>
#include <aicredits/credits.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/feature_period.hpp>
#include <aicredits/timestamp.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace aicredits {

/// A rule for the use of a source's credits. All rules of a source apply, such as a daily limit within a monthly
/// allocation. Borrowed from its Balance.
class UsageRule {
  public:
    explicit UsageRule(const aicredits_usage_rule *raw) noexcept : raw_(raw) {}

    /// The period after which the credits under this rule replenish.
    std::optional<FeaturePeriod> period() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_PERIOD, static_cast<FeaturePeriod>(raw_->period));
    }
    /// The period's name as the server wrote it.
    std::optional<std::string_view> period_name() const noexcept {
        return detail::text(raw_->period_name, raw_->period_name_length);
    }
    /// Remaining credits available under this rule.
    std::optional<std::int64_t> balance() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_BALANCE, raw_->balance);
    }
    /// Maximum credits allowed under this rule per period. It may be 0.
    std::optional<std::int64_t> cap() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_CAP, raw_->cap);
    }
    /// The time at which this rule's balance resets to its cap.
    std::optional<Timestamp> reset_date() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_RESET_DATE, Timestamp(&raw_->reset_date));
    }

  private:
    const aicredits_usage_rule *raw_;
};

/// Such as "MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z". Text from the server is escaped.
inline std::string to_string(const UsageRule &rule) {
    std::string text = detail::escaped(rule.period_name().value_or("unknown"));
    text += ": " + detail::count(rule.balance()) + " of " + detail::count(rule.cap());
    if (const auto reset_date = rule.reset_date()) {
        text += ", resets " + to_string(*reset_date);
    }
    return text;
}

inline std::ostream &operator<<(std::ostream &out, const UsageRule &rule) {
    return out << to_string(rule);
}

}  // namespace aicredits

#endif  // AICREDITS_USAGE_RULE_HPP
