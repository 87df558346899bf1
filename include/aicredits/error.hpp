// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The failure of an operation.

#ifndef AICREDITS_ERROR_HPP
#define AICREDITS_ERROR_HPP

#include <aicredits.h>
#include <aicredits/attempt.hpp>
#include <aicredits/denial.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error_kind.hpp>
#include <aicredits/field_violation.hpp>
#include <aicredits/range.hpp>
#include <aicredits/scope.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace aicredits {

class Outcome;

/// The reason why an operation failed. A copy shares the same data. It never changes. Thread-safe.
class AICREDITS_THROWN Failure {
  public:
    /// Takes ownership of a C error.
    explicit Failure(aicredits_error *error) : error_(error, detail::Free<aicredits_error_free>{}) {}

    ErrorKind kind() const noexcept { return static_cast<ErrorKind>(aicredits_error_status(get())); }
    /// The message, in one line: what happened, to which request and for which scope, and what to do. Text from the
    /// server in it is escaped, so it can be shown on a terminal.
    std::string_view message() const & noexcept { return text(aicredits_error_message).value_or(""); }
    std::string_view message() const && = delete;
    /// The HTTP status, if a reply came.
    std::optional<std::uint32_t> http_status() const noexcept {
        const std::uint32_t status = aicredits_error_http_status(get());
        return detail::where(status != 0, status);
    }
    /// Wix's application code, such as "PERMISSION_DENIED".
    std::optional<std::string_view> code() const & noexcept { return text(aicredits_error_code); }
    std::optional<std::string_view> code() const && = delete;
    /// The server's description of the failure.
    std::optional<std::string_view> description() const & noexcept { return text(aicredits_error_description); }
    std::optional<std::string_view> description() const && = delete;
    /// The fields of the request that the server refused, with the reasons.
    Range<FieldViolation, aicredits_field_violation> field_violations() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_error_field_violations(get(), &count);
        return {first, count};
    }
    Range<FieldViolation, aicredits_field_violation> field_violations() const && = delete;
    /// The name of the setting to correct, the same in every language, such as "api_key": if a setting is wrong or
    /// missing, or if a reply exceeds "max_reply_bytes".
    std::optional<std::string_view> setting() const & noexcept { return text(aicredits_error_setting); }
    std::optional<std::string_view> setting() const && = delete;
    /// The scope of the request; empty if no call was made.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_error_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;
    /// The server's id of the request, to quote in questions to Wix.
    std::optional<std::string_view> request_id() const & noexcept { return text(aicredits_error_request_id); }
    std::optional<std::string_view> request_id() const && = delete;
    /// The time that the server asks to wait before the next call (Retry-After).
    std::optional<std::chrono::milliseconds> retry_after() const noexcept {
        return detail::duration_at(aicredits_error_retry_after_ms(get()));
    }
    /// Whether the same call may succeed later: after a failed or lost connection, a timeout, or HTTP 429, 500, 502,
    /// 503 or 504. False for a network failure that lasts, such as a proxy that refuses the user's password. Of a
    /// gate's denials only DenialReason::unavailable is transient.
    bool is_transient() const noexcept { return aicredits_error_is_transient(get()); }
    /// The attempts of the call, in their order.
    Range<Attempt, aicredits_attempt> attempts() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_error_attempts(get(), &count);
        return {first, count};
    }
    Range<Attempt, aicredits_attempt> attempts() const && = delete;
    /// Why a gate denied a reservation. Empty if kind() is not ErrorKind::denied.
    std::optional<Denial> denial() const & noexcept { return detail::view_of<Denial>(aicredits_error_denial(get())); }
    std::optional<Denial> denial() const && = delete;
    /// The failure that caused this one: for DenialReason::unavailable, that of the gate's failed reading. Empty if
    /// there is none. It shares the data of this object.
    std::optional<Failure> cause() const noexcept;

    friend std::ostream &operator<<(std::ostream &out, const Failure &failure) { return out << failure.message(); }

  private:
    // Its failure shares the data of the outcome.
    friend class Outcome;

    explicit Failure(std::shared_ptr<const aicredits_error> error) noexcept : error_(std::move(error)) {}

    const aicredits_error *get() const noexcept { return error_.get(); }

    std::optional<std::string_view> text(const char *(*read)(const aicredits_error *, std::size_t *)) const noexcept {
        return detail::read_text(read, get());
    }

    std::shared_ptr<const aicredits_error> error_;
};

inline std::optional<Failure> Failure::cause() const noexcept {
    const aicredits_error *cause = aicredits_error_cause(get());
    if (cause == nullptr) {
        return std::nullopt;
    }
    return Failure(std::shared_ptr<const aicredits_error>(error_, cause));
}

#if AICREDITS_HAS_EXCEPTIONS
// GCC warns that an Error could be deleted as a Failure. Both are used as values.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
/// The exception of the throwing forms: a Failure that is a std::exception. Absent without exceptions or RTTI.
class AICREDITS_THROWN Error final : public std::exception, public Failure {
  public:
    explicit Error(Failure failure) noexcept : Failure(std::move(failure)) {}

    /// The same as message(). Never NULL.
    const char *what() const noexcept override { return message().data(); }
};
#pragma GCC diagnostic pop
#endif

/// A copy of its message().
inline std::string to_string(const Failure &failure) {
    return std::string(failure.message());
}

}  // namespace aicredits

#endif  // AICREDITS_ERROR_HPP
