// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A credit gate.

#ifndef AICREDITS_GATE_HPP
#define AICREDITS_GATE_HPP

#include <aicredits.h>
#include <aicredits/balance.hpp>
#include <aicredits/call.hpp>
#include <aicredits/client.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>
#include <aicredits/gate_config.hpp>
#include <aicredits/gate_state.hpp>
#include <aicredits/reservation.hpp>
#include <aicredits/result.hpp>
#include <aicredits/scope.hpp>

#include <memory>

namespace aicredits {

/// Grants actions that cost credits, so that actions which run at once do not spend the same credits twice. It can be
/// moved, not copied. Thread-safe.
///
/// One gate serves one scope of a client: make one, share it between threads, and keep it as long as the client. A gate
/// that is made after another was destroyed does not know its reservations and commits. It may be destroyed before or
/// after its client, its sub-gates and its reservations. No call on it may be in flight when it is destroyed or moved.
///
/// It grants up to the last reading of the balance, less what was committed and what is reserved. It reads again when
/// the reading is too old or shows too few credits. At any time one thread at most makes a reading; the others wait for
/// it. There are no hidden threads.
///
/// A balance is a hint: other programs spend from the same credits, and a charge may show late. The vendor's refusal is
/// final: report it with Reservation::report_exhausted().
///
/// @code
/// const auto reservation = gate.reserve(5);  // Throws an Error with a denial() if the action must not run.
/// run_the_action();                          // If this throws, the reservation is unresolved, and counts as spent.
/// reservation.commit();
/// @endcode
///
/// A cost is an integer from 0 to 2^63 - 1. A negative or larger one fails as ErrorKind::invalid_argument. A
/// floating-point number or a bool does not compile. A cost of 0 is granted at once.
///
/// After fork() the gate of the child starts without a reading and without reservations. A reservation that was made
/// before is the child's own copy: a commit counts in the child's gate, and its destructor does nothing.
class Gate {
  public:
    /// Takes ownership of a C gate.
    explicit Gate(aicredits_gate *gate) noexcept : gate_(gate) {}
    /// Checks the settings and makes a gate for a client. It makes no reading. Fails as ErrorKind::invalid_argument
    /// also if another gate exists for the client and the scope: share that one. Does not block.
    static result<Gate> try_new(const Client &client, const GateConfig &config) {
        detail::require(config.get() != nullptr);
        return gate_of(client, config.get());
    }
    /// The same with the default settings.
    static result<Gate> try_new(const Client &client) { return gate_of(client, nullptr); }

    /// Reserves credits for one action. It never waits for credits. It may wait for readings: at most two, and at most
    /// for GateConfig::read_timeout().
    ///
    /// Fails as ErrorKind::denied if the action must not run: Failure::denial() has the reason. Otherwise it fails as
    /// invalid_argument, cancelled or closed. A call has the label, the time to live and the timeout, and can cancel it
    /// from any thread. A scope in it is an error.
    result<Reservation> try_reserve(detail::CreditCount cost) const { return reserve_of(cost, nullptr); }
    result<Reservation> try_reserve(detail::CreditCount cost, const Call &call) const {
        return reserve_of(cost, settings_of(call));
    }
    /// The same from the reading that is there: it makes and awaits no reading. Does not block.
    ///
    /// If a new reading could change the answer, the reason of the denial is DenialReason::unavailable. Before the
    /// first reading every cost but 0 is denied so: call try_refresh() first.
    result<Reservation> try_reserve_now(detail::CreditCount cost) const { return reserve_now_of(cost, nullptr); }
    result<Reservation> try_reserve_now(detail::CreditCount cost, const Call &call) const {
        return reserve_now_of(cost, settings_of(call));
    }
    /// Reserves credits for as many of `wanted` actions, each at `unit_cost`, as fit, in one step. Reservation::count()
    /// says how many. Fails as ErrorKind::denied if no action fits. Commit each action with Reservation::commit_part(),
    /// and release the rest. It waits, fails and is cancelled as try_reserve().
    result<Reservation> try_reserve_up_to(detail::CreditCount unit_cost, detail::CreditCount wanted) const {
        return reserve_up_to_of(unit_cost, wanted, nullptr);
    }
    result<Reservation> try_reserve_up_to(detail::CreditCount unit_cost, detail::CreditCount wanted,
                                          const Call &call) const {
        return reserve_up_to_of(unit_cost, wanted, settings_of(call));
    }
    /// Reads the balance now, for event loops and before the first reservation. Blocks until the reading is there, at
    /// most for GateConfig::read_timeout().
    ///
    /// It waits for a reading in flight instead of making a second one. A reading that was requested less than
    /// GateConfig::min_interval() ago is the result. The failure is that of the reading. After a failure it returns
    /// that error at once until the next reading may start.
    result<Balance> try_refresh() const { return refresh_of(nullptr); }
    result<Balance> try_refresh(const Call &call) const { return refresh_of(settings_of(call)); }
    /// Makes a gate with its own limit that grants from this gate: for a visitor, a tenant or a job. `limit` is the
    /// most credits that it grants in its life. A sub-gate has no sub-gates. Does not block.
    result<Gate> try_sub_gate(detail::CreditCount limit) const {
        aicredits_gate *gate = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_sub_gate(get(), limit.value(), &gate, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Gate(gate);
    }
    /// Sets the limit of a gate or a sub-gate. Commits before this call count against it. Below what is used, the gate
    /// denies; open reservations stay. Does not block.
    result<void> try_set_limit(detail::CreditCount limit) const {
        aicredits_error *error = nullptr;
        if (aicredits_gate_set_limit(get(), limit.value(), &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return {};
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_new(), but throws an Error.
    explicit Gate(const Client &client) : Gate(try_new(client).value()) {}
    Gate(const Client &client, const GateConfig &config) : Gate(try_new(client, config).value()) {}
    /// The same as try_reserve(), but throws an Error.
    Reservation reserve(detail::CreditCount cost) const { return try_reserve(cost).value(); }
    Reservation reserve(detail::CreditCount cost, const Call &call) const { return try_reserve(cost, call).value(); }
    /// The same as try_reserve_now(), but throws an Error.
    Reservation reserve_now(detail::CreditCount cost) const { return try_reserve_now(cost).value(); }
    Reservation reserve_now(detail::CreditCount cost, const Call &call) const {
        return try_reserve_now(cost, call).value();
    }
    /// The same as try_reserve_up_to(), but throws an Error.
    Reservation reserve_up_to(detail::CreditCount unit_cost, detail::CreditCount wanted) const {
        return try_reserve_up_to(unit_cost, wanted).value();
    }
    Reservation reserve_up_to(detail::CreditCount unit_cost, detail::CreditCount wanted, const Call &call) const {
        return try_reserve_up_to(unit_cost, wanted, call).value();
    }
    /// The same as try_refresh(), but throws an Error.
    Balance refresh() const { return try_refresh().value(); }
    Balance refresh(const Call &call) const { return try_refresh(call).value(); }
    /// The same as try_sub_gate(), but throws an Error.
    Gate sub_gate(detail::CreditCount limit) const { return try_sub_gate(limit).value(); }
    /// The same as try_set_limit(), but throws an Error.
    void set_limit(detail::CreditCount limit) const { try_set_limit(limit).value(); }
#endif

    /// Reports that the vendor refused an action that had no reservation, for lack of credits. The gate and its
    /// sub-gates then deny as DenialReason::exhausted until new credits show. With a reservation, use
    /// Reservation::report_exhausted(). Does not block.
    void report_exhausted() const noexcept { aicredits_gate_report_exhausted(get()); }
    /// The figures of this moment. Does not block.
    GateState state() const { return GateState(aicredits_gate_state_new(get())); }
    /// The scope whose credits the gate grants. The gate must not have been moved from.
    Scope scope() const & noexcept {
        const auto *scope = aicredits_gate_scope(get());
        detail::require(scope != nullptr);
        return Scope(scope);
    }
    Scope scope() const && = delete;

    /// The C gate, borrowed from this object.
    const aicredits_gate *get() const & noexcept { return gate_.get(); }
    const aicredits_gate *get() const && = delete;

  private:
    static const aicredits_call *settings_of(const Call &call) noexcept {
        detail::require(call.get() != nullptr);
        return call.get();
    }

    static result<Gate> gate_of(const Client &client, const aicredits_gate_config *config) {
        aicredits_gate *gate = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_new(client.get(), config, &gate, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Gate(gate);
    }
    result<Reservation> reserve_of(detail::CreditCount cost, const aicredits_call *call) const {
        aicredits_reservation *reservation = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_reserve(get(), cost.value(), call, &reservation, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Reservation(reservation);
    }
    result<Reservation> reserve_now_of(detail::CreditCount cost, const aicredits_call *call) const {
        aicredits_reservation *reservation = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_reserve_now(get(), cost.value(), call, &reservation, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Reservation(reservation);
    }
    result<Reservation> reserve_up_to_of(detail::CreditCount unit_cost, detail::CreditCount wanted,
                                         const aicredits_call *call) const {
        aicredits_reservation *reservation = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_reserve_up_to(get(), unit_cost.value(), wanted.value(), call, &reservation, &error)
            != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Reservation(reservation);
    }
    result<Balance> refresh_of(const aicredits_call *call) const {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_refresh(get(), call, &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }

    std::unique_ptr<aicredits_gate, detail::Free<aicredits_gate_free>> gate_;
};

}  // namespace aicredits

#endif  // AICREDITS_GATE_HPP
