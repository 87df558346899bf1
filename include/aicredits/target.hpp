// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A target of a fleet.

#ifndef AICREDITS_TARGET_HPP
#define AICREDITS_TARGET_HPP

#include <aicredits.h>
#include <aicredits/client.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/scope.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aicredits {

/// An account or a site that a Fleet reads, and the client to ask with. It owns its texts. Starting the fleet checks
/// them.
class Target {
  public:
    /// Reads an account.
    static Target account(std::string_view account_id) { return Target(ScopeKind::account, account_id, std::nullopt); }
    /// Reads a site.
    static Target site(std::string_view site_id) { return Target(ScopeKind::site, std::nullopt, site_id); }
    /// Sends both ids.
    static Target account_and_site(std::string_view account_id, std::string_view site_id) {
        return Target(ScopeKind::account_and_site, account_id, site_id);
    }
    /// Sends no id: the credential itself determines the scope. An error with an API key, which has no scope.
    static Target credential() { return Target(ScopeKind::credential, std::nullopt, std::nullopt); }

    /// Sets a name for people, such as the customer's. It is never sent.
    Target &label(std::string_view text) & {
        label_ = detail::without_nul(text);
        return *this;
    }
    Target label(std::string_view text) && { return std::move(label(text)); }
    /// Sets the account that owns a site. It is never sent. A target that sends an account id keeps that one.
    Target &owner(std::string_view account_id) & {
        if (!sends_account()) {
            account_id_ = detail::without_nul(account_id);
        }
        return *this;
    }
    Target owner(std::string_view account_id) && { return std::move(owner(account_id)); }
    /// Sets the client to ask with, instead of that of the fleet: a key belongs to one account. `name` is in the
    /// outcome. `client` is borrowed until the fleet is started.
    Target &client(std::string_view name, const Client &client) & {
        client_name_ = detail::without_nul(name);
        raw_.client = client.get();
        return *this;
    }
    Target client(std::string_view name, const Client &other) && { return std::move(client(name, other)); }

    /// The C target, borrowed from this object.
    aicredits_target get() const & noexcept {
        aicredits_target raw = raw_;
        raw.account_id = text(account_id_);
        raw.site_id = text(site_id_);
        raw.label = text(label_);
        raw.client_name = text(client_name_);
        return raw;
    }
    aicredits_target get() const && = delete;

  private:
    Target(ScopeKind kind, std::optional<std::string_view> account_id, std::optional<std::string_view> site_id)
        : account_id_(copy(account_id)), site_id_(copy(site_id)) {
        raw_.scope = static_cast<aicredits_scope_kind>(kind);
    }

    static std::optional<std::string> copy(std::optional<std::string_view> text) {
        return text ? std::optional<std::string>(detail::without_nul(*text)) : std::nullopt;
    }
    static const char *text(const std::optional<std::string> &text) noexcept { return text ? text->c_str() : nullptr; }

    bool sends_account() const noexcept {
        return raw_.scope == AICREDITS_SCOPE_ACCOUNT || raw_.scope == AICREDITS_SCOPE_ACCOUNT_AND_SITE;
    }

    /// Without its texts.
    aicredits_target raw_{};
    std::optional<std::string> account_id_;
    std::optional<std::string> site_id_;
    std::optional<std::string> label_{};
    std::optional<std::string> client_name_{};
};

}  // namespace aicredits

#endif  // AICREDITS_TARGET_HPP
