// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// Whether a gate grants although no reading can decide.

#ifndef AICREDITS_WHEN_UNAVAILABLE_HPP
#define AICREDITS_WHEN_UNAVAILABLE_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <chrono>
#include <cstdint>

namespace aicredits {

/// Whether a gate grants although no reading can decide. It applies if there is no reading younger than the gate's
/// max_age(), and the last one failed for a cause that may pass, or if the balance is unknown. It never grants over a
/// limit, while the gate is exhausted, or for a wrong credential, scope or request.
class WhenUnavailable {
  public:
    /// The gate denies. This is the default.
    static WhenUnavailable deny() noexcept { return WhenUnavailable(AICREDITS_WHEN_UNAVAILABLE_DENY, 0); }
    /// The gate grants from the last reading, if that is younger than `age`. Range: the gate's max_age() to a day.
    static WhenUnavailable stale(std::chrono::milliseconds age) noexcept {
        return WhenUnavailable(AICREDITS_WHEN_UNAVAILABLE_STALE, detail::milliseconds(age));
    }
    /// The gate grants.
    static WhenUnavailable allow() noexcept { return WhenUnavailable(AICREDITS_WHEN_UNAVAILABLE_ALLOW, 0); }

    /// AICREDITS_WHEN_UNAVAILABLE_DENY, or another of these constants.
    aicredits_when_unavailable number() const noexcept { return number_; }
    /// The age for stale() in milliseconds; otherwise 0.
    std::uint64_t age_ms() const noexcept { return age_ms_; }

  private:
    WhenUnavailable(aicredits_when_unavailable number, std::uint64_t age_ms) noexcept
        : number_(number), age_ms_(age_ms) {}

    aicredits_when_unavailable number_;
    std::uint64_t age_ms_;
};

}  // namespace aicredits

#endif  // AICREDITS_WHEN_UNAVAILABLE_HPP
