// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// How often credits replenish.

#ifndef AICREDITS_FEATURE_PERIOD_HPP
#define AICREDITS_FEATURE_PERIOD_HPP

#include <aicredits.h>

#include <cstdint>
#include <ostream>
#include <string_view>

namespace aicredits {

/// How often credits replenish: Wix's FeaturePeriod.
enum class FeaturePeriod : std::int32_t {
    unknown =
        AICREDITS_PERIOD_UNKNOWN,  ///< One that this version does not know: UsageRule::period_name() has its text.
    no_period = AICREDITS_PERIOD_NO_PERIOD,  ///< One-time credits, which don't reset.
    millisecond = AICREDITS_PERIOD_MILLISECOND,
    second = AICREDITS_PERIOD_SECOND,
    minute = AICREDITS_PERIOD_MINUTE,
    hour = AICREDITS_PERIOD_HOUR,
    day = AICREDITS_PERIOD_DAY,
    week = AICREDITS_PERIOD_WEEK,
    month = AICREDITS_PERIOD_MONTH,
    year = AICREDITS_PERIOD_YEAR,
};

/// The name on the wire, such as "MONTH"; "UNKNOWN_PERIOD" or the like for one that this version does not know.
inline std::string_view to_string(FeaturePeriod period) noexcept {
    return aicredits_period_name(static_cast<aicredits_period>(period));
}

inline std::ostream &operator<<(std::ostream &out, FeaturePeriod period) {
    return out << to_string(period);
}

}  // namespace aicredits

#endif  // AICREDITS_FEATURE_PERIOD_HPP
