// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// What the other headers are made with. Not for programs: it may change with any version.

#ifndef AICREDITS_DETAIL_HPP
#define AICREDITS_DETAIL_HPP

#if __cplusplus < 201703L
#error "aicredits.hpp needs C++17: compile with -std=c++17 or later"
#endif

/// On the types that cross between shared objects as exceptions: each object has its type information, and some C++
/// libraries compare its address. It is one address where the symbol is visible, under -fvisibility=hidden too.
#define AICREDITS_THROWN __attribute__((visibility("default")))

/// Whether a provider's exceptions can be caught.
#if defined(__cpp_exceptions)
#define AICREDITS_CATCHES 1
#else
#define AICREDITS_CATCHES 0
#endif

/// Whether there are throwing forms.
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
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aicredits {

namespace detail {

/// Ends the program where what its caller promised does not hold.
inline void require(bool holds) noexcept {
    if (!holds) {
        std::terminate();
    }
}

/// A text for the C library, which takes it up to its first NUL. One within it becomes another control character, so
/// that the library refuses the text rather than see half of it. It may be a key, so it is wiped.
class Text {
  public:
    explicit Text(std::string_view text) : text_(text) {
        for (char &character : text_) {
            if (character == '\0') {
                character = '\1';
            }
        }
    }
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() {
        // Volatile, or the compiler would see that nobody reads it again.
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

inline std::uint64_t milliseconds(std::chrono::milliseconds time) noexcept {
    // The library refuses 0, and says so; a negative time must not become a long one.
    return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
}

/// Server text, fit to be shown.
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
