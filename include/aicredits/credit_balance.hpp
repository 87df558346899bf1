// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The credits of one source.

#ifndef AICREDITS_CREDIT_BALANCE_HPP
#define AICREDITS_CREDIT_BALANCE_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>
#include <aicredits/range.hpp>
#include <aicredits/usage_rule.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace aicredits {

/// The credits of one source. Borrowed from its Balance.
class CreditBalance {
  public:
    explicit CreditBalance(const aicredits_credit_balance *raw) noexcept : raw_(raw) {}

    /// GUID of the subscription that the allocation belongs to; empty for credits without one.
    std::optional<std::string_view> subscription_id() const noexcept {
        return detail::text(raw_->subscription_id, raw_->subscription_id_length);
    }
    /// The rules for its use, in the order of the reply.
    Range<UsageRule, aicredits_usage_rule> usage_rules() const noexcept {
        return {raw_->usage_rules, raw_->usage_rule_count};
    }

  private:
    const aicredits_credit_balance *raw_;
};

/// The subscription, and one line per rule. Text from the server is escaped.
inline std::string to_string(const CreditBalance &source) {
    const auto subscription_id = source.subscription_id();
    std::string text = subscription_id ? "subscription " + detail::escaped(*subscription_id) : "no subscription";
    for (const UsageRule rule : source.usage_rules()) {
        text += "\n  " + to_string(rule);
    }
    return text;
}

inline std::ostream &operator<<(std::ostream &out, const CreditBalance &source) {
    return out << to_string(source);
}

}  // namespace aicredits

#endif  // AICREDITS_CREDIT_BALANCE_HPP
