// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A reservation or a reading in progress, for event loops.

#ifndef AICREDITS_GATE_REQUEST_HPP
#define AICREDITS_GATE_REQUEST_HPP

#include <aicredits.h>
#include <aicredits/balance.hpp>
#include <aicredits/call.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>
#include <aicredits/gate.hpp>
#include <aicredits/reservation.hpp>
#include <aicredits/result.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace aicredits {

/// The next action for a GateRequest.
enum class Next : std::int32_t {
    /// The request is done: take its result.
    done = AICREDITS_NEXT_DONE,
    /// Call GateRequest::try_read() in a thread that may block, then GateRequest::try_step().
    read = AICREDITS_NEXT_READ,
    /// Another caller makes the reading: call GateRequest::try_step() when the callback is called, or when
    /// GateRequest::remaining() is over.
    wait = AICREDITS_NEXT_WAIT,
};

namespace detail {

inline void wake(void *user) noexcept {
    (*static_cast<std::function<void()> *>(user))();
}

}  // namespace detail

/// A reservation or a reading in progress, as a state machine that never blocks: for event loops. Other programs use
/// Gate::reserve(). It can be moved, not copied. One thread uses it at a time. It may be destroyed after its gate.
///
/// While next() is not Next::done, do what it says. The destructor gives up a request that is not done: nothing stays
/// reserved, and if it was to make a reading, another caller makes it.
class GateRequest {
  public:
    /// Says that another step is due: it wakes the event loop, for example by a write to an eventfd. Any thread may
    /// call it, more than once, and also when no step is due. It must neither block, throw nor use the request.
    using Wake = std::function<void()>;

    /// Starts a reservation, and takes the first step. `unit_cost` and `wanted` are as in Gate::try_reserve_up_to();
    /// for one action, `wanted` is 1. It fails as that function does. A call may be destroyed meanwhile, but
    /// Call::cancel() ends the reading of this request too. Does not block.
    static result<GateRequest> try_new(const Gate &gate, detail::CreditCount unit_cost, detail::CreditCount wanted,
                                       Wake wake) {
        return reserve_of(gate, unit_cost, wanted, nullptr, std::move(wake));
    }
    static result<GateRequest> try_new(const Gate &gate, detail::CreditCount unit_cost, detail::CreditCount wanted,
                                       Wake wake, const Call &call) {
        detail::require(call.get() != nullptr);
        return reserve_of(gate, unit_cost, wanted, call.get(), std::move(wake));
    }
    /// Starts a reading of the balance, as Gate::try_refresh(), and takes the first step. It is done at once if a
    /// reading is younger than GateConfig::min_interval(). Does not block.
    static result<GateRequest> try_new_refresh(const Gate &gate, Wake wake) {
        return refresh_of(gate, nullptr, std::move(wake));
    }
    static result<GateRequest> try_new_refresh(const Gate &gate, Wake wake, const Call &call) {
        detail::require(call.get() != nullptr);
        return refresh_of(gate, call.get(), std::move(wake));
    }

    /// The next action. Next::done also for an object that was moved from.
    Next next() const noexcept {
        return request_ ? static_cast<Next>(aicredits_gate_request_next(request_.get())) : Next::done;
    }
    /// Takes a step. A failure is final: the request is done, without a result. Does not block.
    result<void> try_step() {
        aicredits_reservation *reservation = nullptr;
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_gate_request_step(request_.get(), &reservation, &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        reservation_.reset(reservation);
        balance_.reset(balance);
        return {};
    }
    /// Makes the reading after Next::read. The next step has its result, also if the reading failed. Blocks until the
    /// reading is there, at most for GateConfig::read_timeout().
    result<void> try_read() { return read_of(nullptr); }
    result<void> try_read(const Call &call) {
        detail::require(call.get() != nullptr);
        return read_of(call.get());
    }
    /// How long to wait at most, rounded up: for the timer of the event loop. When it is over, call try_step(): the
    /// request takes over from a reader that is late, or ends if its own time is over. Ask again before each wait.
    std::chrono::milliseconds remaining() const noexcept {
        return detail::duration_of(aicredits_gate_request_remaining_ms(request_.get()));
    }
    /// Says that the time is over, for a deadline of the caller's own. The next step is the last one: the gate then
    /// decides without a new reading.
    void expire() noexcept { aicredits_gate_request_expire(request_.get()); }
    /// Cancels it. The next step is the last one, and fails as ErrorKind::cancelled. Does not end try_read() in another
    /// thread: for that use Call::cancel().
    void cancel() noexcept { aicredits_gate_request_cancel(request_.get()); }

    /// Moves the reservation out, once, after the last step of a request from try_new(). Otherwise empty.
    std::optional<Reservation> take_reservation() noexcept {
        return reservation_ ? std::optional<Reservation>(std::in_place, reservation_.release()) : std::nullopt;
    }
    /// Moves the balance out, once, after the last step of a request from try_new_refresh(). Otherwise empty.
    std::optional<Balance> take_balance() noexcept {
        return balance_ ? std::optional<Balance>(std::in_place, balance_.release()) : std::nullopt;
    }

  private:
    explicit GateRequest(aicredits_gate_request *request) noexcept : request_(request) {}

    static result<GateRequest> reserve_of(const Gate &gate, detail::CreditCount unit_cost, detail::CreditCount wanted,
                                          const aicredits_call *call, Wake wake) {
        aicredits_gate_request *request = nullptr;
        aicredits_reservation *reservation = nullptr;
        aicredits_error *error = nullptr;
        const aicredits_wake function = wake ? detail::wake : nullptr;
        if (aicredits_gate_request_new(gate.get(), unit_cost.value(), wanted.value(), call, function,
                                       new Wake(std::move(wake)), detail::destroy<Wake>, &request, &reservation, &error)
            != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        GateRequest started(request);
        started.reservation_.reset(reservation);
        return started;
    }
    static result<GateRequest> refresh_of(const Gate &gate, const aicredits_call *call, Wake wake) {
        aicredits_gate_request *request = nullptr;
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        const aicredits_wake function = wake ? detail::wake : nullptr;
        if (aicredits_gate_request_new_refresh(gate.get(), call, function, new Wake(std::move(wake)),
                                               detail::destroy<Wake>, &request, &balance, &error)
            != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        GateRequest started(request);
        started.balance_.reset(balance);
        return started;
    }
    result<void> read_of(const aicredits_call *call) {
        aicredits_error *error = nullptr;
        if (aicredits_gate_request_read(request_.get(), call, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return {};
    }

    std::unique_ptr<aicredits_gate_request, detail::Free<aicredits_gate_request_free>> request_;
    // Handles, not optional objects: GCC 12 warns of uninitialized memory where those are moved.
    std::unique_ptr<aicredits_reservation, detail::Free<aicredits_reservation_free>> reservation_{};
    std::unique_ptr<aicredits_balance, detail::Free<aicredits_balance_free>> balance_{};
};

}  // namespace aicredits

#endif  // AICREDITS_GATE_REQUEST_HPP
