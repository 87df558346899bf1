// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The phases of an attempt.

#ifndef AICREDITS_PHASE_HPP
#define AICREDITS_PHASE_HPP

#include <aicredits.h>

#include <cstdint>
#include <ostream>
#include <string_view>

namespace aicredits {

/// How far an attempt came.
enum class Phase : std::int32_t {
    unknown = AICREDITS_PHASE_UNKNOWN,        ///< One that this version does not know.
    queue = AICREDITS_PHASE_QUEUE,            ///< It had not begun.
    credential = AICREDITS_PHASE_CREDENTIAL,  ///< The provider was asked for a credential.
    resolve = AICREDITS_PHASE_RESOLVE,        ///< The host's addresses were looked up.
    connect = AICREDITS_PHASE_CONNECT,        ///< A TCP connection was opened.
    proxy = AICREDITS_PHASE_PROXY,            ///< A proxy was asked to lead on.
    tls = AICREDITS_PHASE_TLS,                ///< The TLS handshake.
    send = AICREDITS_PHASE_SEND,              ///< The request was sent.
    head = AICREDITS_PHASE_HEAD,              ///< The reply's head was awaited.
    body = AICREDITS_PHASE_BODY,              ///< The reply's body was read.
    reply = AICREDITS_PHASE_REPLY,            ///< The reply was there, whole.
    pause = AICREDITS_PHASE_PAUSE,            ///< The time between two attempts.
};

/// Its name in every language, such as "CONNECT".
inline std::string_view to_string(Phase phase) noexcept {
    return aicredits_phase_name(static_cast<aicredits_phase>(phase));
}

inline std::ostream &operator<<(std::ostream &out, Phase phase) {
    return out << to_string(phase);
}

}  // namespace aicredits

#endif  // AICREDITS_PHASE_HPP
