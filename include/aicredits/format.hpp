// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// std::format, if the standard library has it.

#ifndef AICREDITS_FORMAT_HPP
#define AICREDITS_FORMAT_HPP

#include <aicredits/affordability.hpp>
#include <aicredits/answer.hpp>
#include <aicredits/balance.hpp>
#include <aicredits/credit_balance.hpp>
#include <aicredits/credits.hpp>
#include <aicredits/denial.hpp>
#include <aicredits/denial_reason.hpp>
#include <aicredits/error.hpp>
#include <aicredits/error_kind.hpp>
#include <aicredits/feature_period.hpp>
#include <aicredits/log.hpp>
#include <aicredits/phase.hpp>
#include <aicredits/scope.hpp>
#include <aicredits/timestamp.hpp>
#include <aicredits/usage_rule.hpp>

#include <string_view>
#include <type_traits>

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_format)
#include <format>
#endif

namespace aicredits {

namespace detail {

/// Whether std::format shows a type as its to_string().
template <class T>
inline constexpr bool is_shown =
    std::disjunction_v<std::is_same<T, FeaturePeriod>, std::is_same<T, ErrorKind>, std::is_same<T, Phase>,
                       std::is_same<T, ScopeKind>, std::is_same<T, LogLevel>, std::is_same<T, Timestamp>,
                       std::is_same<T, Credits>, std::is_same<T, UsageRule>, std::is_same<T, CreditBalance>,
                       std::is_same<T, Scope>, std::is_same<T, Balance>, std::is_same<T, Answer>,
                       std::is_same<T, Affordability>, std::is_same<T, DenialReason>, std::is_same<T, Denial>,
                       std::is_base_of<Failure, T>>;

}  // namespace detail

}  // namespace aicredits

#if defined(__cpp_lib_format)
/// Formats each type that has operator<<, with the same text. A format specification is that of a string, such as
/// `{:>20}`.
template <class T>
    requires aicredits::detail::is_shown<T>
struct std::formatter<T, char> : std::formatter<std::string_view, char> {
    template <class Context>
    auto format(const T &shown, Context &context) const {
        using aicredits::to_string;
        const auto text = to_string(shown);
        return std::formatter<std::string_view, char>::format(text, context);
    }
};
#endif

#endif  // AICREDITS_FORMAT_HPP
