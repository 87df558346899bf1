// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// Credits that a gate has set aside for an action.

#ifndef AICREDITS_RESERVATION_HPP
#define AICREDITS_RESERVATION_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace aicredits {

/// Credits that a gate has set aside for an action. It can be moved, not copied. Thread-safe.
///
/// End it once, as soon as you know what became of the action:
/// - commit() or commit_actual(): the action ran; commit_part(): a part of it ran
/// - release(): the action certainly did not run, for example because the connection was refused
/// - report_exhausted(): the vendor refused the action for lack of credits (HTTP 428 or 402)
///
/// The destructor does not end it. A reservation that is destroyed while it is open is unresolved, as is one older than
/// its time to live: nobody knows whether the action was charged. The gate then counts it as spent in its estimate, but
/// not against a limit. This is also what an exception does that leaves the block; if the action certainly did not run,
/// catch the exception and call release().
///
/// The functions that end it never fail. They return false, and do nothing, if the reservation had ended before. Two
/// exceptions: the first commit counts also after the time to live and after a release, and report_exhausted() reaches
/// the gate also after the time to live. A reservation that was moved from has ended: its functions return false, 0 or
/// nothing.
///
/// It may be destroyed after its Gate and its Client. No function blocks.
class [[nodiscard]] Reservation {
  public:
    /// Takes ownership of a C reservation.
    explicit Reservation(aicredits_reservation *reservation) noexcept : reservation_(reservation) {}

    /// The credits that are still reserved. 0 after the end.
    std::uint64_t cost() const noexcept { return aicredits_reservation_cost(get()); }
    /// For how many actions the credits were reserved: 1, or what Gate::reserve_up_to() could reserve.
    std::uint64_t count() const noexcept { return aicredits_reservation_count(get()); }
    /// The cost of one action.
    std::uint64_t unit_cost() const noexcept { return aicredits_reservation_unit_cost(get()); }
    /// The label that Call::label() gave to the reservation. Empty if it has none.
    std::optional<std::string_view> label() const & noexcept {
        return detail::read_text(aicredits_reservation_label, get());
    }
    std::optional<std::string_view> label() const && = delete;
    /// Whether it has not ended: no function ended it, and its time to live is not over.
    bool is_open() const noexcept { return aicredits_reservation_is_open(get()); }

    /// Ends it: the action ran, at the reserved cost.
    bool commit() const noexcept { return aicredits_reservation_commit(get()); }
    /// Ends it: the action ran, at this cost, which may be less or more than the reserved one. More counts in full. A
    /// negative cost, or one above 2^63 - 1, is none: the reserved cost that is left counts instead, with a warning.
    bool commit_actual(detail::CreditCount cost) const noexcept {
        return aicredits_reservation_commit_actual(get(), cost.value());
    }
    /// Commits a part, for example one action of a batch: this part ran, at this cost. The rest stays reserved. The
    /// cost is as in commit_actual(). False if the reservation had been committed before.
    bool commit_part(detail::CreditCount cost) const noexcept {
        return aicredits_reservation_commit_part(get(), cost.value());
    }
    /// Ends it: the action certainly did not run. Its credits are free at once.
    bool release() const noexcept { return aicredits_reservation_release(get()); }
    /// Ends it: the vendor refused the action for lack of credits. Wix answers with HTTP 428 REQUEST_NOT_ELIGIBLE, or
    /// with 402. This releases the reservation. The gate and its sub-gates then deny as DenialReason::exhausted until
    /// new credits show. After the time to live it returns false, but the gate is told.
    bool report_exhausted() const noexcept { return aicredits_reservation_report_exhausted(get()); }

    /// The C reservation, borrowed from this object.
    const aicredits_reservation *get() const & noexcept { return reservation_.get(); }
    const aicredits_reservation *get() const && = delete;

  private:
    std::unique_ptr<aicredits_reservation, detail::Free<aicredits_reservation_free>> reservation_;
};

}  // namespace aicredits

#endif  // AICREDITS_RESERVATION_HPP
