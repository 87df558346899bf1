// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The scope of a request.

#ifndef AICREDITS_SCOPE_HPP
#define AICREDITS_SCOPE_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace aicredits {

/// The kinds of scopes.
enum class ScopeKind : std::int32_t {
    account = AICREDITS_SCOPE_ACCOUNT,
    site = AICREDITS_SCOPE_SITE,
    account_and_site = AICREDITS_SCOPE_ACCOUNT_AND_SITE,
    credential = AICREDITS_SCOPE_CREDENTIAL,
};

/// The name in all languages, such as "SITE".
inline std::string_view to_string(ScopeKind kind) noexcept {
    return aicredits_scope_kind_name(static_cast<aicredits_scope_kind>(kind));
}

/// The scope of a request. Borrowed from a Balance, Failure, Client, Gate or Outcome.
class Scope {
  public:
    explicit Scope(const aicredits_scope *raw) noexcept : raw_(raw) {}

    ScopeKind kind() const noexcept { return static_cast<ScopeKind>(raw_->kind); }
    std::optional<std::string_view> account_id() const noexcept {
        return detail::text(raw_->account_id, raw_->account_id_length);
    }
    std::optional<std::string_view> site_id() const noexcept {
        return detail::text(raw_->site_id, raw_->site_id_length);
    }

  private:
    const aicredits_scope *raw_;
};

/// Such as "account 8b1c…", "site 77d2…", "account 8b1c… and site 77d2…", or "the credential's own context". Text is
/// escaped.
inline std::string to_string(const Scope &scope) {
    const auto account_id = scope.account_id(), site_id = scope.site_id();
    std::string text;
    if (account_id) {
        text += "account " + detail::escaped(*account_id);
    }
    if (account_id && site_id) {
        text += " and ";
    }
    if (site_id) {
        text += "site " + detail::escaped(*site_id);
    }
    return text.empty() ? "the credential's own context" : text;
}

inline std::ostream &operator<<(std::ostream &out, ScopeKind kind) {
    return out << to_string(kind);
}

inline std::ostream &operator<<(std::ostream &out, const Scope &scope) {
    return out << to_string(scope);
}

}  // namespace aicredits

#endif  // AICREDITS_SCOPE_HPP
