// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The settings of one call.

#ifndef AICREDITS_CALL_HPP
#define AICREDITS_CALL_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace aicredits {

/// The settings of one call: a scope, a timeout, and the means to cancel it. The client's settings apply to the rest.
/// A reservation of a gate also has a label and a time to live, and no scope.
/// One thread sets it up. It is then used by one call at a time. Any thread may call cancel().
class Call {
  public:
    Call() : call_(aicredits_call_new()) {}

    /// Asks for this account, instead of the client's scope.
    Call &account_id(std::string_view id) & {
        aicredits_call_set_account_id(get(), detail::Text(id));
        return *this;
    }
    Call account_id(std::string_view id) && { return std::move(account_id(id)); }
    /// Asks for this site, instead of the client's scope.
    Call &site_id(std::string_view id) & {
        aicredits_call_set_site_id(get(), detail::Text(id));
        return *this;
    }
    Call site_id(std::string_view id) && { return std::move(site_id(id)); }
    /// Sends both ids, instead of the client's scope.
    Call &account_and_site_ids(std::string_view account_id, std::string_view site_id) & {
        aicredits_call_set_account_and_site_ids(get(), detail::Text(account_id), detail::Text(site_id));
        return *this;
    }
    Call account_and_site_ids(std::string_view account_id, std::string_view site_id) && {
        return std::move(account_and_site_ids(account_id, site_id));
    }
    /// Sends no id, instead of the client's scope.
    Call &credential_scope() & {
        aicredits_call_set_credential_scope(get());
        return *this;
    }
    Call credential_scope() && { return std::move(credential_scope()); }
    /// Sets the total time of this call, instead of the client's timeout. It starts when the call is entered.
    Call &timeout(std::chrono::milliseconds time) & {
        aicredits_call_set_timeout_ms(get(), detail::milliseconds(time));
        return *this;
    }
    Call timeout(std::chrono::milliseconds time) && { return std::move(timeout(time)); }
    /// Sets the label of a reservation, such as the name of the job: at most 128 characters, without control
    /// characters. It is in the state of the gate, in denials and in log records. Only a reservation has a label.
    Call &label(std::string_view text) & {
        aicredits_call_set_label(get(), detail::Text(text));
        return *this;
    }
    Call label(std::string_view text) && { return std::move(label(text)); }
    /// Sets how long a reservation stays open, instead of GateConfig::reservation_ttl(). Range: 1 s to a day. Only a
    /// reservation has a time to live.
    Call &reservation_ttl(std::chrono::milliseconds time) & {
        aicredits_call_set_reservation_ttl_ms(get(), detail::milliseconds(time));
        return *this;
    }
    Call reservation_ttl(std::chrono::milliseconds time) && { return std::move(reservation_ttl(time)); }
    /// Starts the timeout at `start` instead of the entry of the call. For layers that queue calls.
    Call &start(std::chrono::steady_clock::time_point start) & {
        using std::chrono::nanoseconds;
        aicredits_call_set_start_ns(get(), std::chrono::duration_cast<nanoseconds>(start.time_since_epoch()).count());
        return *this;
    }
    Call start(std::chrono::steady_clock::time_point time) && { return std::move(start(time)); }
    /// Ends the call at `deadline`, unless its timeout expires first.
    Call &deadline(std::chrono::steady_clock::time_point deadline) & {
        using std::chrono::nanoseconds;
        const auto since_boot = std::chrono::duration_cast<nanoseconds>(deadline.time_since_epoch());
        aicredits_call_set_deadline_ns(get(), since_boot.count());
        return *this;
    }
    Call deadline(std::chrono::steady_clock::time_point time) && { return std::move(deadline(time)); }
    /// Cancels the call, which then fails as ErrorKind::cancelled, also if it has not begun yet. It is final.
    /// Thread-safe and async-signal-safe. Does not block.
    void cancel() const noexcept { aicredits_call_cancel(get()); }
    /// Ends the call as cancel() does, but it then fails as ErrorKind::timeout. For callers that learn of a deadline
    /// only when it has passed; otherwise use deadline().
    void expire() const noexcept { aicredits_call_expire(get()); }

    /// The C call, borrowed from this object.
    aicredits_call *get() noexcept { return call_.get(); }
    const aicredits_call *get() const noexcept { return call_.get(); }

  private:
    std::unique_ptr<aicredits_call, detail::Free<aicredits_call_free>> call_;
};

}  // namespace aicredits

#endif  // AICREDITS_CALL_HPP
