// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// One attempt of a call that failed.

#ifndef AICREDITS_ATTEMPT_HPP
#define AICREDITS_ATTEMPT_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>
#include <aicredits/phase.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aicredits {

/// One attempt of a call that failed, or for a target of a fleet. Borrowed from its Failure or Outcome.
class Attempt {
  public:
    explicit Attempt(const aicredits_attempt *raw) noexcept : raw_(raw) {}

    /// The last phase of the attempt; Phase::reply if the reply itself is the failure, or a
    /// balance.
    Phase phase() const noexcept { return static_cast<Phase>(raw_->phase); }
    /// The duration, without pauses.
    std::chrono::nanoseconds duration() const noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(raw_->duration_ns));
    }
    /// The HTTP status, if a reply came.
    std::optional<std::uint32_t> http_status() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_HTTP_STATUS, raw_->http_status);
    }
    /// The server's id of the request.
    std::optional<std::string_view> request_id() const noexcept {
        return detail::text(raw_->request_id, raw_->request_id_length);
    }

  private:
    const aicredits_attempt *raw_;
};

}  // namespace aicredits

#endif  // AICREDITS_ATTEMPT_HPP
