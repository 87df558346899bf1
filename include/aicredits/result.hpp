// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A value, or a failure.

#ifndef AICREDITS_RESULT_HPP
#define AICREDITS_RESULT_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_expected)
#include <concepts>
#include <expected>
#endif

namespace aicredits {

/// A value, or the Failure instead of it. The type is the same in every standard and mode. The name is in lower case as
/// that of std::expected, which it replaces.
///
/// A result converts to bool only if its value does not: `if (balance.try_can_afford(40))` would be true for a "no", so
/// it does not compile. Ask has_value() there, and then the value.
template <class T>
class [[nodiscard]] result {
  public:
    result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    result(Failure failure) : content_(std::in_place_index<1>, std::move(failure)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    template <class Value = T, std::enable_if_t<!std::is_constructible_v<bool, Value>, int> = 0>
    explicit operator bool() const noexcept {
        return has_value();
    }

    /// The value. It must be present.
    T &operator*() & noexcept { return *get(); }
    const T &operator*() const & noexcept { return *get(); }
    T operator*() && noexcept { return std::move(*get()); }
    T *operator->() & noexcept { return get(); }
    const T *operator->() const & noexcept { return get(); }
    /// A reference into a temporary result would dangle: keep the result, or the value.
    const T *operator->() const && = delete;

    /// The failure. It must be present.
    const Failure &error() const & noexcept { return failure(); }
    Failure error() && noexcept { return failure(); }

#if AICREDITS_HAS_EXCEPTIONS
    /// The value. Throws the failure as an Error. Absent without exceptions or RTTI.
    T &value() & { return *or_throw(); }
    const T &value() const & { return *or_throw(); }
    T value() && { return std::move(*or_throw()); }
#endif

#if defined(__cpp_lib_expected)
    /// Converts to std::expected, if the standard library has it.
    operator std::expected<T, Failure>() && {
        if (has_value()) {
            return std::move(*get());
        }
        return std::unexpected(failure());
    }
    /// Copies to std::expected, if the value can be copied.
    operator std::expected<T, Failure>() const &
        requires std::copy_constructible<T>
    {
        if (has_value()) {
            return *get();
        }
        return std::unexpected(failure());
    }
#endif

  private:
    T *get() noexcept {
        detail::require(has_value());
        return std::get_if<0>(&content_);
    }
    const T *get() const noexcept {
        detail::require(has_value());
        return std::get_if<0>(&content_);
    }
    const Failure &failure() const noexcept {
        detail::require(!has_value());
        return *std::get_if<1>(&content_);
    }

#if AICREDITS_HAS_EXCEPTIONS
    T *or_throw() {
        if (!has_value()) {
            throw Error(failure());
        }
        return get();
    }
    const T *or_throw() const {
        if (!has_value()) {
            throw Error(failure());
        }
        return get();
    }
#endif

    std::variant<T, Failure> content_;
};

/// Success, or the Failure instead of it.
template <>
class [[nodiscard]] result<void> {
  public:
    result() noexcept = default;
    result(Failure failure) noexcept : failure_(std::move(failure)) {}

    bool has_value() const noexcept { return !failure_; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The failure. It must be present.
    const Failure &error() const & noexcept {
        detail::require(!has_value());
        return *failure_;
    }
    Failure error() && noexcept {
        detail::require(!has_value());
        return *std::move(failure_);
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// Throws the failure as an Error. Absent without exceptions or RTTI.
    void value() const {
        if (!has_value()) {
            throw Error(*failure_);
        }
    }
#endif

#if defined(__cpp_lib_expected)
    /// Converts to std::expected, if the standard library has it.
    operator std::expected<void, Failure>() const {
        if (has_value()) {
            return {};
        }
        return std::unexpected(*failure_);
    }
#endif

  private:
    std::optional<Failure> failure_{};
};

}  // namespace aicredits

#endif  // AICREDITS_RESULT_HPP
