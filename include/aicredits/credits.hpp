// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A pool of credits.

#ifndef AICREDITS_CREDITS_HPP
#define AICREDITS_CREDITS_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace aicredits {

namespace detail {

/// A count as text; "unknown" if the reply lacks it.
inline std::string count(std::optional<std::int64_t> count) {
    return count ? std::to_string(*count) : "unknown";
}

}  // namespace detail

/// A pool of credits: the remaining credits, and the maximum. Borrowed from its Balance.
class Credits {
  public:
    explicit Credits(const aicredits_credits *raw) noexcept : raw_(raw) {}

    /// Remaining credits currently available.
    std::optional<std::int64_t> balance() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_BALANCE, raw_->balance);
    }
    /// Maximum credits: per period in the recurring pool, in total in the top-up pool. It may be 0.
    std::optional<std::int64_t> cap() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_CAP, raw_->cap);
    }

  private:
    const aicredits_credits *raw_;
};

/// Such as "850 of 1000". A count that the reply lacks is "unknown".
inline std::string to_string(const Credits &credits) {
    return detail::count(credits.balance()) + " of " + detail::count(credits.cap());
}

inline std::ostream &operator<<(std::ostream &out, const Credits &credits) {
    return out << to_string(credits);
}

}  // namespace aicredits

#endif  // AICREDITS_CREDITS_HPP
