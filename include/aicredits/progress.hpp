// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// How far a fleet has come.

#ifndef AICREDITS_PROGRESS_HPP
#define AICREDITS_PROGRESS_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace aicredits {

/// How far a fleet has come at one moment. Plain data.
class Progress {
  public:
    explicit Progress(const aicredits_progress &raw) noexcept : raw_(raw) {}

    /// The number of targets.
    std::size_t total() const noexcept { return raw_.total; }
    /// The targets with an outcome, read or not.
    std::size_t done() const noexcept { return raw_.done; }
    /// Those of them without a balance.
    std::size_t failed() const noexcept { return raw_.failed; }
    /// The attempts of the clients in the last 60 s.
    std::size_t recent_attempts() const noexcept { return raw_.recent_attempts; }
    /// The time until all clients may be asked again. Empty if none is paused.
    std::optional<std::chrono::milliseconds> paused_for() const noexcept {
        return detail::where(raw_.present & AICREDITS_HAS_PAUSE, detail::duration_of(raw_.paused_ms));
    }
    /// The time that is probably left. Empty before ten outcomes.
    std::optional<std::chrono::milliseconds> time_left() const noexcept {
        return detail::where(raw_.present & AICREDITS_HAS_TIME_LEFT, detail::duration_of(raw_.time_left_ms));
    }

  private:
    aicredits_progress raw_;
};

}  // namespace aicredits

#endif  // AICREDITS_PROGRESS_HPP
