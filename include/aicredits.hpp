// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// aicredits for C++17 and later: what an account or a site has left of its Wix AI credits.
///
/// All of it stands on the C library: link with -laicredits. A whole program:
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
/// What holds everywhere:
///
/// Failure. What can fail has two forms: get_balance() throws aicredits::Error; try_get_balance() returns a result,
/// which holds the value or the Failure. Where exceptions or RTTI are switched off, the throwing forms are absent and
/// nothing else changes: programs may mix objects that were compiled with any -std from C++17, with -fno-exceptions and
/// -fno-rtti. When memory runs out, the process is aborted, or std::bad_alloc leaves the header's own strings. What
/// ends the program instead, by std::terminate(), is to ask for what is not there: the value of a result that has none,
/// or the one of a range beyond its end; or to make a call with a Call that was moved from, which would ask for another
/// scope.
///
/// Owners. Client, Call, Config and Balance own what they show; Credits, CreditBalance, UsageRule, Scope, Attempt,
/// FieldViolation and every std::string_view are borrowed: they live as long as the Balance, Failure or Client that
/// they were read from, or a copy of it. One that was moved from is empty: it may be assigned to or destroyed.
///
/// Absence. A std::optional is empty where the reply lacks the field: no count means "none".
///
/// Threads. What is const may be used by several threads at once; anything else by one at a time. Only get_balance()
/// and try_get_balance() block.
///
/// Server text (periods that are not known, subscription ids, request ids, codes and descriptions) is handed out as it
/// came; operator<<, to_string(), std::format (where the compiler has it) and Failure::message() show it escaped.

#ifndef AICREDITS_HPP
#define AICREDITS_HPP

#include <aicredits/attempt.hpp>
#include <aicredits/balance.hpp>
#include <aicredits/call.hpp>
#include <aicredits/client.hpp>
#include <aicredits/config.hpp>
#include <aicredits/credential_provider.hpp>
#include <aicredits/credit_balance.hpp>
#include <aicredits/credits.hpp>
#include <aicredits/error.hpp>
#include <aicredits/error_kind.hpp>
#include <aicredits/feature_period.hpp>
#include <aicredits/field_violation.hpp>
#include <aicredits/format.hpp>
#include <aicredits/log.hpp>
#include <aicredits/phase.hpp>
#include <aicredits/range.hpp>
#include <aicredits/result.hpp>
#include <aicredits/scope.hpp>
#include <aicredits/timestamp.hpp>
#include <aicredits/usage_rule.hpp>
#include <aicredits/version.hpp>

#endif  // AICREDITS_HPP
