// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// An open reservation in the figures of a gate.

#ifndef AICREDITS_OPEN_RESERVATION_HPP
#define AICREDITS_OPEN_RESERVATION_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aicredits {

/// An open reservation in the figures of a gate. Borrowed from its GateState.
class OpenReservation {
  public:
    explicit OpenReservation(const aicredits_open_reservation *raw) noexcept : raw_(raw) {}

    /// The label that Call::label() gave to the reservation. Empty if it has none.
    std::optional<std::string_view> label() const noexcept { return detail::text(raw_->label, raw_->label_length); }
    /// The credits that are still reserved.
    std::uint64_t cost() const noexcept { return raw_->cost; }
    /// The time since it was granted.
    std::chrono::milliseconds age() const noexcept { return detail::duration_of(raw_->age_ms); }

  private:
    const aicredits_open_reservation *raw_;
};

}  // namespace aicredits

#endif  // AICREDITS_OPEN_RESERVATION_HPP
