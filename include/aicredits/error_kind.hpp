// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The kinds of errors.

#ifndef AICREDITS_ERROR_KIND_HPP
#define AICREDITS_ERROR_KIND_HPP

#include <aicredits.h>

#include <cstdint>
#include <ostream>
#include <string_view>

namespace aicredits {

/// Who must act: one small set in every language.
enum class ErrorKind : std::int32_t {
    invalid_argument = AICREDITS_STATUS_INVALID_ARGUMENT,  ///< A setting or an argument is wrong; the message names it.
    unauthorized = AICREDITS_STATUS_UNAUTHORIZED,          ///< HTTP 401: the key is missing, wrong or withdrawn.
    forbidden = AICREDITS_STATUS_FORBIDDEN,                ///< HTTP 403: the key lacks access to what was asked for.
    not_found = AICREDITS_STATUS_NOT_FOUND,                ///< HTTP 404.
    bad_request = AICREDITS_STATUS_BAD_REQUEST,            ///< Any other HTTP 4xx.
    rate_limited = AICREDITS_STATUS_RATE_LIMITED,          ///< HTTP 429: too many requests.
    server = AICREDITS_STATUS_SERVER,                      ///< Any HTTP 5xx.
    network = AICREDITS_STATUS_NETWORK,                    ///< DNS, refused, or the connection was lost.
    tls = AICREDITS_STATUS_TLS,                            ///< A certificate or the TLS handshake.
    protocol = AICREDITS_STATUS_PROTOCOL,                  ///< Not the HTTP that was asked for.
    decode = AICREDITS_STATUS_DECODE,                      ///< A complete reply that is no balance.
    too_large = AICREDITS_STATUS_TOO_LARGE,                ///< The reply's head or body is over its limit.
    timeout = AICREDITS_STATUS_TIMEOUT,                    ///< The call's time is up.
    cancelled = AICREDITS_STATUS_CANCELLED,                ///< The call was cancelled.
    closed = AICREDITS_STATUS_CLOSED,                      ///< The client is closed.
    denied = AICREDITS_STATUS_DENIED,                      ///< A credit gate refused.
    panic = AICREDITS_STATUS_PANIC,                        ///< A bug in the library was caught.
    unexpected = AICREDITS_STATUS_UNEXPECTED,              ///< Something that should not be able to happen.
};

/// Its name in every language, such as "UNAUTHORIZED".
inline std::string_view to_string(ErrorKind kind) noexcept {
    return aicredits_status_name(static_cast<aicredits_status>(kind));
}

inline std::ostream &operator<<(std::ostream &out, ErrorKind kind) {
    return out << to_string(kind);
}

}  // namespace aicredits

#endif  // AICREDITS_ERROR_KIND_HPP
