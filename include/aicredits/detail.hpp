// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// Shared by the other headers. Not for programs: any version may change it.

#ifndef AICREDITS_DETAIL_HPP
#define AICREDITS_DETAIL_HPP

#if __cplusplus < 201703L
#error "aicredits.hpp needs C++17: compile with -std=c++17 or later"
#endif

/// Marks the types that are thrown across shared objects. Some C++ libraries compare the addresses of type information.
/// The address is the same in all objects if the symbol is visible, also with -fvisibility=hidden.
#define AICREDITS_THROWN __attribute__((visibility("default")))

/// Whether exceptions of callbacks can be caught.
#if defined(__cpp_exceptions)
#define AICREDITS_CATCHES 1
#else
#define AICREDITS_CATCHES 0
#endif

/// Whether the throwing forms exist.
#if AICREDITS_CATCHES && (defined(__cpp_rtti) || defined(__GXX_RTTI))
#define AICREDITS_HAS_EXCEPTIONS 1
#else
#define AICREDITS_HAS_EXCEPTIONS 0
#endif

#include <aicredits.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aicredits {

namespace detail {

/// Ends the program if a precondition does not hold.
inline void require(bool holds) noexcept {
    if (!holds) {
        std::terminate();
    }
}

/// A NUL in a text becomes another control character: then the library rejects an id or a key, instead of reading only
/// a part of it.
inline void replace_nul(std::string &text) noexcept {
    for (char &character : text) {
        if (character == '\0') {
            character = '\1';
        }
    }
}

inline std::string without_nul(std::string_view text) {
    std::string copy(text);
    replace_nul(copy);
    return copy;
}

/// A NUL-terminated copy for the C library. The text may be a key, so the destructor wipes it.
class Text {
  public:
    explicit Text(std::string_view text) : text_(text) { replace_nul(text_); }
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() {
        // Volatile, or the compiler would remove the writes, because nothing reads the bytes again.
        volatile char *bytes = text_.data();
        for (std::size_t at = 0; at < text_.size(); at++) {
            bytes[at] = '\0';
        }
    }
    operator const char *() const noexcept { return text_.c_str(); }

  private:
    std::string text_;
};

template <auto free>
struct Free {
    template <class Handle>
    void operator()(Handle *handle) const noexcept {
        free(handle);
    }
};

template <class Value>
std::optional<Value> where(bool is_there, Value value) noexcept {
    return is_there ? std::optional<Value>(value) : std::nullopt;
}

inline std::optional<std::string_view> text(const char *text, std::size_t length) noexcept {
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(std::in_place, text, length);
}

/// The text that an accessor of the C library returns for a handle.
template <class Handle>
std::optional<std::string_view> read_text(const char *(*read)(const Handle *, std::size_t *),
                                          const Handle *handle) noexcept {
    std::size_t length = 0;
    const char *found = read(handle, &length);
    return text(found, length);
}

/// A copy of a number of the C library; empty if the address is NULL.
template <class Number>
std::optional<Number> value_at(const Number *number) noexcept {
    return number == nullptr ? std::nullopt : std::optional<Number>(*number);
}

/// A view of a struct of the C library; empty if the address is NULL.
template <class View, class Raw>
std::optional<View> view_of(const Raw *raw) noexcept {
    return raw == nullptr ? std::nullopt : std::optional<View>(std::in_place, raw);
}

/// A count of credits as an argument. Only an integer converts to it: a fraction or a bool does not compile. A negative
/// number becomes one that the library refuses, as no count of credits is above 2^63 - 1.
class CreditCount {
  public:
    template <class Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
    constexpr CreditCount(Integer value) noexcept : value_(static_cast<std::uint64_t>(value)) {
        static_assert(sizeof(Integer) <= sizeof(std::uint64_t), "a count of credits has at most 64 bits");
        if constexpr (std::is_signed_v<Integer>) {
            value_ = value < 0 ? UINT64_MAX : value_;
        }
    }
    CreditCount(bool) = delete;
    CreditCount(float) = delete;
    CreditCount(double) = delete;
    CreditCount(long double) = delete;

    constexpr std::uint64_t value() const noexcept { return value_; }

  private:
    std::uint64_t value_;
};

inline std::uint64_t milliseconds(std::chrono::milliseconds time) noexcept {
    // The library refuses so long a time. It would accept 0 for some settings.
    return time.count() < 0 ? UINT64_MAX : static_cast<std::uint64_t>(time.count());
}

/// A time of the C library. Saturates at the limit of int64_t.
inline std::chrono::milliseconds duration_of(std::uint64_t milliseconds) noexcept {
    constexpr auto most = static_cast<std::uint64_t>((std::numeric_limits<std::int64_t>::max)());
    return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds < most ? milliseconds : most));
}

/// The same; empty if the address is NULL.
inline std::optional<std::chrono::milliseconds> duration_at(const std::uint64_t *milliseconds) noexcept {
    return milliseconds == nullptr ? std::nullopt
                                   : std::optional<std::chrono::milliseconds>(duration_of(*milliseconds));
}

/// Text from the server, escaped.
inline std::string escaped(std::string_view text) {
    char shown[AICREDITS_TEXT_SIZE];
    return std::string(shown, aicredits_text_escape(text.data(), text.size(), shown, sizeof shown));
}

template <class Function>
void destroy(void *function) noexcept {
    delete static_cast<Function *>(function);
}

}  // namespace detail

}  // namespace aicredits

#endif  // AICREDITS_DETAIL_HPP
