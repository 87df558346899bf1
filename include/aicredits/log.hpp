// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// Log records.

#ifndef AICREDITS_LOG_HPP
#define AICREDITS_LOG_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>
#include <utility>

namespace aicredits {

/// The level of log records. Each level includes the levels before it.
enum class LogLevel : std::int32_t {
    off = AICREDITS_LOG_OFF,      ///< Nothing.
    error = AICREDITS_LOG_ERROR,  ///< A call that failed for good.
    warn = AICREDITS_LOG_WARN,    ///< An attempt that failed.
    info = AICREDITS_LOG_INFO,    ///< A retry, or a call that its program ended.
    debug = AICREDITS_LOG_DEBUG,  ///< Each step of each call.
};

/// The name, such as "WARN".
inline std::string_view to_string(LogLevel level) noexcept {
    return aicredits_log_level_name(static_cast<aicredits_log_level>(level));
}

inline std::ostream &operator<<(std::ostream &out, LogLevel level) {
    return out << to_string(level);
}

namespace detail {

using Sink = std::function<void(LogLevel, std::string_view)>;

template <bool catches>
void log(void *user, aicredits_log_level level, const char *message, std::size_t length) noexcept {
#if AICREDITS_CATCHES
    try {
        (*static_cast<Sink *>(user))(static_cast<LogLevel>(level), std::string_view(message, length));
    } catch (...) {
        // A log record must not end a call.
    }
#else
    (*static_cast<Sink *>(user))(static_cast<LogLevel>(level), std::string_view(message, length));
#endif
}

}  // namespace detail

/// Sets the log sink of the process: a function for the records of all clients, up to a level. It replaces an earlier
/// sink. An empty function stops the records.
/// The sink is called on the threads that make calls, by several at once. It must not make a call to the API.
/// Exceptions of the sink are ignored.
template <bool catches = AICREDITS_CATCHES>
void set_log(LogLevel level, std::function<void(LogLevel, std::string_view)> sink) {
    using detail::Sink;
    auto *kept = sink ? new Sink(std::move(sink)) : nullptr;
    aicredits_log_set(static_cast<aicredits_log_level>(level), kept == nullptr ? nullptr : detail::log<catches>, kept,
                      detail::destroy<Sink>);
}

}  // namespace aicredits

#endif  // AICREDITS_LOG_HPP
