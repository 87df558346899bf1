// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The limit that keeps the spendable credits from being more.

#ifndef AICREDITS_BINDING_HPP
#define AICREDITS_BINDING_HPP

#include <aicredits.h>

#include <cstddef>
#include <cstdint>

namespace aicredits {

/// The limit that keeps the spendable credits from being more.
enum class Binding : std::int32_t {
    /// Nothing in the reply sets a limit.
    nothing = AICREDITS_BINDING_NOTHING,
    /// The two pools hold no more.
    pools = AICREDITS_BINDING_POOLS,
    /// The rules of the breakdown allow no more: see Affordability::binding_rules().
    rules = AICREDITS_BINDING_RULES,
};

/// A rule that keeps the spendable credits from being more. Borrowed from its Affordability.
class BindingRule {
  public:
    explicit BindingRule(const aicredits_binding_rule *raw) noexcept : raw_(raw) {}

    /// The index of the source in Balance::credit_balance_breakdown().
    std::size_t source() const noexcept { return raw_->source; }
    /// The index of the rule in CreditBalance::usage_rules() of the source.
    std::size_t rule() const noexcept { return raw_->rule; }

  private:
    const aicredits_binding_rule *raw_;
};

}  // namespace aicredits

#endif  // AICREDITS_BINDING_HPP
