// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// An instant in UTC.

#ifndef AICREDITS_TIMESTAMP_HPP
#define AICREDITS_TIMESTAMP_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <type_traits>

namespace aicredits {

namespace detail {

/// seconds * units + rest, where rest is less than a second and may have the other sign. Saturates at the limits of
/// int64_t.
inline std::int64_t total(std::int64_t seconds, std::int64_t rest, std::int64_t units) noexcept {
    using Limits = std::numeric_limits<std::int64_t>;
    // With the same sign on both, the product fits if the sum does.
    if (seconds < 0 && rest > 0) {
        seconds += 1;
        rest -= units;
    } else if (seconds > 0 && rest < 0) {
        seconds -= 1;
        rest += units;
    }
    std::int64_t total = 0;
    const bool fits = !__builtin_mul_overflow(seconds, units, &total) && !__builtin_add_overflow(total, rest, &total);
    return fits ? total : seconds < 0 ? Limits::min() : Limits::max();
}

}  // namespace detail

/// An instant in UTC. The instants of the library are in the years 1 to 9999. Plain data.
///
/// Any time_point of std::chrono::system_clock converts to it, so it can be compared with the clock:
///
/// @code
/// if (*rule.reset_date() > std::chrono::system_clock::now())
/// @endcode
struct Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it.
    std::int64_t unix_seconds = 0;
    /// Nanoseconds after unix_seconds, below 1,000,000,000.
    std::uint32_t nanoseconds = 0;

    Timestamp() noexcept = default;
    explicit Timestamp(const aicredits_timestamp *raw) noexcept
        : unix_seconds(raw->unix_seconds), nanoseconds(raw->nanoseconds) {}
    /// Converts a time_point. Digits after the ninth are cut. An instant outside the range of `unix_seconds` becomes
    /// the first or the last whole second in it; NaN becomes the first.
    template <class Duration>
    Timestamp(std::chrono::time_point<std::chrono::system_clock, Duration> at) noexcept {
        using std::chrono::duration_cast;
        using std::chrono::seconds;
        // Compared in the widest type, because the limits may not fit into Duration, nor Duration into int64_t.
        using LongSeconds = std::chrono::duration<long double>;
        const LongSeconds wide = at.time_since_epoch();
        if (!(wide > seconds::min()) || wide >= seconds::max()) {
            unix_seconds = (wide > seconds::min() ? seconds::max() : seconds::min()).count();
            return;
        }
        constexpr bool is_floating = std::chrono::treat_as_floating_point_v<typename Duration::rep>;
        const std::conditional_t<is_floating, LongSeconds, Duration> since_1970 = at.time_since_epoch();
        const auto whole = duration_cast<seconds>(since_1970);
        // Computed from the remainder, because `whole` rounded down may not fit into a fine Duration.
        const auto rest = duration_cast<std::chrono::nanoseconds>(since_1970 - whole).count();
        unix_seconds = whole.count() - (rest < 0 ? 1 : 0);
        nanoseconds = static_cast<std::uint32_t>(rest < 0 ? rest + 1'000'000'000 : rest);
    }

    /// Converts to a time_point in microseconds. Finer digits are cut; an instant out of range becomes max() or min().
    /// Do not compare the result with system_clock::now(), and do not wait until it: if that clock counts nanoseconds,
    /// std::chrono converts both to nanoseconds, which overflow after the year 2262. Compare the Timestamp itself, and
    /// wait for until().
    std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds> time_point() const noexcept {
        using std::chrono::microseconds;
        return std::chrono::time_point<std::chrono::system_clock, microseconds>(
            microseconds(detail::total(unix_seconds, nanoseconds / 1000, 1'000'000)));
    }

    /// The time from `now` to this instant; negative if the instant is in the past. A time over 292 years, which does
    /// not fit into nanoseconds, becomes nanoseconds::max() or nanoseconds::min().
    std::chrono::nanoseconds until(Timestamp now) const noexcept {
        using Nanoseconds = std::chrono::nanoseconds;
        std::int64_t seconds = 0;
        if (__builtin_sub_overflow(unix_seconds, now.unix_seconds, &seconds)) {
            return *this < now ? Nanoseconds::min() : Nanoseconds::max();
        }
        const std::int64_t rest = std::int64_t{nanoseconds} - std::int64_t{now.nanoseconds};
        return Nanoseconds(detail::total(seconds, rest, 1'000'000'000));
    }

    friend bool operator==(const Timestamp &a, const Timestamp &b) noexcept {
        return a.unix_seconds == b.unix_seconds && a.nanoseconds == b.nanoseconds;
    }
    friend bool operator!=(const Timestamp &a, const Timestamp &b) noexcept { return !(a == b); }
    friend bool operator<(const Timestamp &a, const Timestamp &b) noexcept {
        return a.unix_seconds != b.unix_seconds ? a.unix_seconds < b.unix_seconds : a.nanoseconds < b.nanoseconds;
    }
    friend bool operator>(const Timestamp &a, const Timestamp &b) noexcept { return b < a; }
    friend bool operator<=(const Timestamp &a, const Timestamp &b) noexcept { return !(b < a); }
    friend bool operator>=(const Timestamp &a, const Timestamp &b) noexcept { return !(a < b); }
};

namespace detail {

inline aicredits_timestamp raw_of(const Timestamp &instant) noexcept {
    return {instant.unix_seconds, instant.nanoseconds, 0};
}

}  // namespace detail

/// The instant as RFC 3339 text, such as "2026-07-01T00:00:00Z". A fraction has up to nine digits.
inline std::string to_string(const Timestamp &instant) {
    const aicredits_timestamp raw = detail::raw_of(instant);
    char text[AICREDITS_TIMESTAMP_TEXT_SIZE];
    return std::string(text, aicredits_timestamp_text(&raw, text, sizeof text));
}

inline std::ostream &operator<<(std::ostream &out, const Timestamp &instant) {
    return out << to_string(instant);
}

}  // namespace aicredits

#endif  // AICREDITS_TIMESTAMP_HPP
