// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The version of the library.

#ifndef AICREDITS_VERSION_HPP
#define AICREDITS_VERSION_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <string_view>

namespace aicredits {

/// The version of the library, such as "1.2.3". AICREDITS_VERSION is the version of the header.
inline std::string_view version() noexcept {
    return aicredits_version();
}

}  // namespace aicredits

#endif  // AICREDITS_VERSION_HPP
