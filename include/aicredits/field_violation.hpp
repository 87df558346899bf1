// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// One field of the request that the server refused.

#ifndef AICREDITS_FIELD_VIOLATION_HPP
#define AICREDITS_FIELD_VIOLATION_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <optional>
#include <string_view>

namespace aicredits {

/// One field of the request that the server refused. Borrowed from its Failure.
class FieldViolation {
  public:
    explicit FieldViolation(const aicredits_field_violation *raw) noexcept : raw_(raw) {}

    /// The field's path in the request; empty if the server does not name it.
    std::string_view field() const noexcept { return {raw_->field, raw_->field_length}; }
    /// The reason; empty if the server gives none.
    std::string_view description() const noexcept { return {raw_->description, raw_->description_length}; }
    /// The rule's name, such as "REQUIRED_FIELD".
    std::optional<std::string_view> violated_rule() const noexcept {
        return detail::text(raw_->violated_rule, raw_->violated_rule_length);
    }

  private:
    const aicredits_field_violation *raw_;
};

}  // namespace aicredits

#endif  // AICREDITS_FIELD_VIOLATION_HPP
