// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The figures of a gate.

#ifndef AICREDITS_GATE_STATE_HPP
#define AICREDITS_GATE_STATE_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>
#include <aicredits/open_reservation.hpp>
#include <aicredits/range.hpp>
#include <aicredits/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace aicredits {

/// The figures of a gate at one moment, for logs and metrics. A copy shares the same data. They never change.
/// Thread-safe.
class GateState {
  public:
    /// Takes ownership of a C state.
    explicit GateState(aicredits_gate_state *state) : state_(state, detail::Free<aicredits_gate_state_free>{}) {}

    /// The credits that the gate would grant: the estimate less the reserved credits and the headroom. Negative if more
    /// is reserved than is there. At most what the limits of the gate and its parent allow. Empty without a reading.
    std::optional<std::int64_t> grantable() const noexcept {
        return detail::value_at(aicredits_gate_state_grantable(get()));
    }
    /// The gate's estimate of the credits that are left, before reservations. Empty without a reading.
    std::optional<std::int64_t> estimate() const noexcept {
        return detail::value_at(aicredits_gate_state_estimate(get()));
    }
    /// Balance::spendable() of the reading in force. Empty without a reading, or if it is unknown.
    std::optional<std::int64_t> spendable() const noexcept {
        return detail::value_at(aicredits_gate_state_spendable(get()));
    }
    /// The credits of open reservations.
    std::uint64_t reserved() const noexcept { return aicredits_gate_state_reserved(get()); }
    /// The age of the reading in force. Empty without a reading.
    std::optional<std::chrono::milliseconds> age() const noexcept {
        return detail::duration_at(aicredits_gate_state_age_ms(get()));
    }
    /// How many reservations were granted.
    std::uint64_t granted() const noexcept { return aicredits_gate_state_granted(get()); }
    /// How many reservations were denied.
    std::uint64_t denied() const noexcept { return aicredits_gate_state_denied(get()); }
    /// How many reservations were granted although no reading could decide.
    std::uint64_t unchecked() const noexcept { return aicredits_gate_state_unchecked(get()); }
    /// How many reservations a gate with GateConfig::dry_run() granted that it would have denied.
    std::uint64_t would_be_denied() const noexcept { return aicredits_gate_state_would_be_denied(get()); }
    /// Since when the gate denies because the vendor refused an action for lack of credits. Empty if it does not.
    std::optional<Timestamp> exhausted_since() const noexcept {
        return detail::view_of<Timestamp>(aicredits_gate_state_exhausted_since(get()));
    }
    /// The limit of the gate. Empty if it has none.
    std::optional<std::uint64_t> limit() const noexcept { return detail::value_at(aicredits_gate_state_limit(get())); }
    /// The credits that count against the limit: those of commits and of open reservations.
    std::uint64_t used() const noexcept { return aicredits_gate_state_used(get()); }
    /// The open reservations of the gate, oldest first.
    Range<OpenReservation, aicredits_open_reservation> reservations() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_gate_state_reservations(get(), &count);
        return {first, count};
    }
    Range<OpenReservation, aicredits_open_reservation> reservations() const && = delete;

  private:
    const aicredits_gate_state *get() const noexcept { return state_.get(); }

    std::shared_ptr<const aicredits_gate_state> state_;
};

}  // namespace aicredits

#endif  // AICREDITS_GATE_STATE_HPP
