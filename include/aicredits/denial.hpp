// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// Why a gate did not grant a reservation.

#ifndef AICREDITS_DENIAL_HPP
#define AICREDITS_DENIAL_HPP

#include <aicredits.h>
#include <aicredits/denial_reason.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace aicredits {

/// Why a gate did not grant a reservation. Borrowed from its Failure.
class Denial {
  public:
    explicit Denial(const aicredits_denial *raw) noexcept : raw_(raw) {}

    DenialReason reason() const noexcept { return static_cast<DenialReason>(aicredits_denial_reason(raw_)); }
    /// The denial as one sentence, to show or to log. Failure::message() is this sentence with the scope.
    std::string_view text() const noexcept {
        return detail::read_text(aicredits_denial_text, raw_).value_or(std::string_view());
    }
    /// The credits that the caller asked for; those of one action with Gate::reserve_up_to().
    std::uint64_t cost() const noexcept { return aicredits_denial_cost(raw_); }
    /// The credits that the gate could grant at that moment. Negative if more is reserved than is there. Empty if it is
    /// unknown.
    std::optional<std::int64_t> grantable() const noexcept {
        return detail::value_at(aicredits_denial_grantable(raw_));
    }
    /// The credits that are missing: the cost less what the gate could grant; a negative figure counts as 0. Empty if
    /// it is unknown, or if no credits are missing.
    std::optional<std::uint64_t> shortfall() const noexcept {
        return detail::value_at(aicredits_denial_shortfall(raw_));
    }
    /// When the gate can grant the cost, if nobody else spends. Empty if no known event brings the credits.
    std::optional<Timestamp> affordable_at() const noexcept {
        return detail::view_of<Timestamp>(aicredits_denial_affordable_at(raw_));
    }
    /// The age of the reading that decided. Empty if there was no reading.
    std::optional<std::chrono::milliseconds> age() const noexcept {
        return detail::duration_at(aicredits_denial_age_ms(raw_));
    }
    /// The label that Call::label() gave to the reservation. Empty if it had none.
    std::optional<std::string_view> label() const noexcept { return detail::read_text(aicredits_denial_label, raw_); }

  private:
    const aicredits_denial *raw_;
};

/// A copy of its text().
inline std::string to_string(const Denial &denial) {
    return std::string(denial.text());
}

inline std::ostream &operator<<(std::ostream &out, const Denial &denial) {
    return out << denial.text();
}

}  // namespace aicredits

#endif  // AICREDITS_DENIAL_HPP
