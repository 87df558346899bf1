// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The reply of an emulator, for tests.

#ifndef AICREDITS_EMULATOR_REPLY_HPP
#define AICREDITS_EMULATOR_REPLY_HPP

#include <aicredits_emulator.h>
#include <aicredits/detail.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aicredits {

/// A place in a reply. There may be no value. It shares the reply's data.
class EmulatorValue {
  public:
    EmulatorValue(std::shared_ptr<const aicredits_emulator_reply> reply, std::string pointer)
        : reply_(std::move(reply)), pointer_(std::move(pointer)) {}

    /// The value at a JSON Pointer (RFC 6901) below this one, such as "/amount".
    EmulatorValue at(std::string_view pointer) const { return EmulatorValue(reply_, pointer_ + std::string(pointer)); }

    /// Empty if there is no integer, or if it does not fit.
    std::optional<std::int64_t> integer() const noexcept {
        std::int64_t value = 0;
        const bool is_there = aicredits_emulator_reply_integer(reply_.get(), pointer_.c_str(), &value);
        return detail::where(is_there, value);
    }
    /// Empty if there is no `true` and no `false`. A 1 is true and a 0 is false.
    std::optional<bool> boolean() const noexcept {
        const auto value = integer();
        return detail::where(value == 0 || value == 1, value == 1);
    }
    /// Empty if there is no text. A copy.
    std::optional<std::string> text() const {
        std::size_t length = 0;
        const char *found = aicredits_emulator_reply_text(reply_.get(), pointer_.c_str(), &length);
        return found == nullptr ? std::nullopt : std::optional<std::string>(std::in_place, found, length);
    }
    /// How many elements the array has, or members the object. 0 if there is neither.
    std::size_t count() const noexcept { return aicredits_emulator_reply_count(reply_.get(), pointer_.c_str()); }

  private:
    std::shared_ptr<const aicredits_emulator_reply> reply_;
    std::string pointer_;
};

/// A reply of the control protocol: a status, and one JSON object. A copy shares the same data. It never changes.
/// Thread-safe. It may outlive its emulator.
class EmulatorReply {
  public:
    /// Takes ownership of a C reply.
    EmulatorReply(std::int32_t status, aicredits_emulator_reply *reply)
        : status_(status), reply_(reply, detail::Free<aicredits_emulator_reply_free>{}) {}

    /// The HTTP status of the same request: 200, or 400, 404, 409.
    std::int32_t status() const noexcept { return status_; }
    /// Whether the action was done.
    bool has_value() const noexcept { return status_ == 200; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The whole object, the same bytes as over HTTP. A copy.
    std::string json() const {
        return std::string(detail::read_text(aicredits_emulator_reply_json, reply_.get()).value_or(""));
    }
    /// The value at a JSON Pointer (RFC 6901), such as "/drawn/0/amount".
    EmulatorValue at(std::string_view pointer) const { return EmulatorValue(reply_, std::string(pointer)); }

    /// Why the action was refused. Empty if it was done.
    std::string message() const {
        const auto message = at("/error/message").text(), place = at("/error/pointer").text();
        if (!message) {
            return has_value() ? std::string() : json();
        }
        const std::string at = place && !place->empty() ? " (at " + *place + ")" : std::string();
        return *message + at;
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// This reply. Throws an EmulatorError if the action was refused. Absent without exceptions or RTTI.
    const EmulatorReply &value() const &;
    EmulatorReply value() &&;
#endif

    friend std::ostream &operator<<(std::ostream &out, const EmulatorReply &reply) {
        return out << reply.status() << ' ' << reply.json();
    }

  private:
    std::int32_t status_;
    std::shared_ptr<const aicredits_emulator_reply> reply_;
};

#if AICREDITS_HAS_EXCEPTIONS
/// An emulator did not start, refused an action, or found fault with a client. Absent without exceptions or RTTI.
class AICREDITS_THROWN EmulatorError final : public std::exception {
  public:
    EmulatorError(std::int32_t status, std::string message)
        : status_(status), message_(std::make_shared<const std::string>(std::move(message))) {}
    explicit EmulatorError(const EmulatorReply &reply) : EmulatorError(reply.status(), reply.message()) {}

    /// As EmulatorReply::status(); 0 for the findings of a verdict.
    std::int32_t status() const noexcept { return status_; }
    const char *what() const noexcept override { return message_->c_str(); }

  private:
    std::int32_t status_;
    // Shared, because a copy of an exception must not throw.
    std::shared_ptr<const std::string> message_;
};

inline const EmulatorReply &EmulatorReply::value() const & {
    if (!has_value()) {
        throw EmulatorError(*this);
    }
    return *this;
}

inline EmulatorReply EmulatorReply::value() && {
    if (!has_value()) {
        throw EmulatorError(*this);
    }
    return std::move(*this);
}
#endif

namespace detail {

/// A text as JSON has it. Invalid UTF-8 stays: the emulator refuses it.
inline std::string json_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string json = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20) {
            json += "\\u00";
            json += digits[byte >> 4];
            json += digits[byte & 0xf];
        } else {
            if (character == '"' || character == '\\') {
                json += '\\';
            }
            json += character;
        }
    }
    return json + '"';
}

/// An object with one member. The value is JSON.
inline std::string json_member(std::string_view name, std::string_view value) {
    return "{" + json_text(name) + ":" + std::string(value) + "}";
}

/// The type of an integer that is no bool.
template <class Integer>
using IfInteger = std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>, int>;

}  // namespace detail

}  // namespace aicredits

#endif  // AICREDITS_EMULATOR_REPLY_HPP
