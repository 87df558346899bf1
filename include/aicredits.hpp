// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// aicredits for C++17 and later: a client of Wix's GetBalance API. It reads how many AI credits an account or a site
/// has left.
///
/// It is a header-only wrapper of the C library: link with -laicredits. A whole program:
///
/// @code
/// #include <aicredits.hpp>
/// #include <iostream>
///
/// int main() {
///     try {
///         const aicredits::Client client{aicredits::Config{}.from_env()};
///         // The balance as text. Its methods return the figures one by one.
///         std::cout << client.get_balance() << '\n';
///         return 0;
///     } catch (const aicredits::Error &error) {
///         std::cerr << "balance: " << error.what() << '\n';
///         return 1;
///     }
/// }
/// @endcode
///
/// These rules hold for all classes and functions:
///
/// Errors. An operation that can fail has two forms. get_balance() throws aicredits::Error. try_get_balance() returns a
/// result, which holds the value or a Failure. Without exceptions or RTTI only the throwing forms are absent. You can
/// link object files that were compiled with different -std (C++17 or later), -fno-exceptions and -fno-rtti options. If
/// memory runs out in the C library, the process is aborted. If memory runs out in this header, std::string throws
/// std::bad_alloc.
///
/// Preconditions. In these cases the header calls std::terminate():
/// - the program reads the value of a result that has none;
/// - it reads a range out of bounds;
/// - it makes a call with a Call, a gate with a GateConfig, or a fleet with FleetOptions, that was moved from.
///
/// Ownership. Client, Call, Config, Gate, GateConfig, GateRequest, Reservation, Fleet and FleetOptions own their data
/// and can be moved. Balance, Affordability, GateState, Outcome and Failure share it with their copies. Target and
/// Progress are values. Credits, CreditBalance, UsageRule, BindingRule, Scope, Attempt, FieldViolation, Denial,
/// OpenReservation and every std::string_view are borrowed from one of these. They are valid while this owner, or a
/// copy of it, exists. You can only assign to or destroy an object that was moved from. A Reservation or an
/// Affordability that was moved from is safe to use: it is not open, and it is no yes.
///
/// Deciding. Balance::can_afford() answers whether one action can be paid, and Balance::affordable() how many. Programs
/// that spend from several threads use a Gate, made once and shared by all threads:
/// - Gate::reserve() reserves the cost; if it throws an Error with a denial(), the action must not run
/// - the program runs the action
/// - Reservation::commit() if it ran, Reservation::release() if it certainly did not run, and
///   Reservation::report_exhausted() if the vendor refused it for lack of credits (HTTP 428 or 402)
/// - the destructor of a Reservation that is still open: nobody knows whether the action ran, and it counts as spent
///
/// examples/gate.cpp is such a program. Event loops use a GateRequest.
///
/// Many sites. A Fleet reads the balances of many Targets on its own threads, at a rate that the server accepts. It is
/// a range of outcomes, one for each target, in order of completion.
///
/// Absent values. An empty std::optional means that the reply lacks the field. No count has a special value for
/// "absent".
///
/// Threads. Several threads may use a const object at once. Any other object must be used by one thread at a time. Only
/// these functions block: get_balance(), Gate::reserve(), Gate::reserve_up_to(), Gate::refresh(), their try_ forms,
/// GateRequest::try_read(), Fleet::next(), its iterator and its destructor, and making a Client while it reads a CA
/// file.
///
/// Text from the server (unknown periods, subscription ids, request ids, codes and descriptions) is returned
/// unchanged. operator<<, to_string(), std::format (if the compiler has it) and Failure::message() escape it.

#ifndef AICREDITS_HPP
#define AICREDITS_HPP

#include <aicredits/affordability.hpp>
#include <aicredits/answer.hpp>
#include <aicredits/attempt.hpp>
#include <aicredits/balance.hpp>
#include <aicredits/binding.hpp>
#include <aicredits/call.hpp>
#include <aicredits/client.hpp>
#include <aicredits/config.hpp>
#include <aicredits/credential_provider.hpp>
#include <aicredits/credit_balance.hpp>
#include <aicredits/credits.hpp>
#include <aicredits/denial.hpp>
#include <aicredits/denial_reason.hpp>
#include <aicredits/error.hpp>
#include <aicredits/error_kind.hpp>
#include <aicredits/feature_period.hpp>
#include <aicredits/field_violation.hpp>
#include <aicredits/fleet.hpp>
#include <aicredits/fleet_options.hpp>
#include <aicredits/format.hpp>
#include <aicredits/gate.hpp>
#include <aicredits/gate_config.hpp>
#include <aicredits/gate_request.hpp>
#include <aicredits/gate_state.hpp>
#include <aicredits/log.hpp>
#include <aicredits/open_reservation.hpp>
#include <aicredits/outcome.hpp>
#include <aicredits/phase.hpp>
#include <aicredits/progress.hpp>
#include <aicredits/range.hpp>
#include <aicredits/reservation.hpp>
#include <aicredits/result.hpp>
#include <aicredits/scope.hpp>
#include <aicredits/target.hpp>
#include <aicredits/timestamp.hpp>
#include <aicredits/usage_rule.hpp>
#include <aicredits/version.hpp>
#include <aicredits/when_unavailable.hpp>

#endif  // AICREDITS_HPP
