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
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aicredits {

namespace detail {

/// Ends the program if a precondition does not hold.
inline void require(bool holds) noexcept {
    if (!holds) {
        std::terminate();
    }
}

/// A NUL-terminated copy for the C library. A NUL inside the text becomes another control character: then the library
/// rejects the text, instead of reading only a part of it. The text may be a key, so the destructor wipes it.
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

inline std::uint64_t milliseconds(std::chrono::milliseconds time) noexcept {
    // The library reports 0 as an error. A negative time must not become a long one.
    return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
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
