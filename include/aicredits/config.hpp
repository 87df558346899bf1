// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The settings of a client.

#ifndef AICREDITS_CONFIG_HPP
#define AICREDITS_CONFIG_HPP

#include <aicredits.h>
#include <aicredits/credential_provider.hpp>
#include <aicredits/detail.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace aicredits {

/// The settings of a Client, set in a chain, which hands them on from one setter to the next where it begins with a
/// temporary. They are copied, and checked when the client is made.
class Config {
  public:
    Config() : config_(aicredits_config_new()) { aicredits_config_set_surface(get(), AICREDITS_SURFACE_CPP); }

    /// The API key, sent as it stands. It replaces an earlier key, authorization value or provider.
    Config &api_key(std::string_view key) & {
        aicredits_config_set_api_key(get(), detail::Text(key));
        return *this;
    }
    Config api_key(std::string_view key) && { return std::move(api_key(key)); }
    /// The whole value of the Authorization header, for another credential than an API key.
    Config &authorization(std::string_view value) & {
        aicredits_config_set_authorization(get(), detail::Text(value));
        return *this;
    }
    Config authorization(std::string_view value) && { return std::move(authorization(value)); }
    /// Asks a function for the value of the Authorization header: once a call, on its thread, inside its timeout, and
    /// once more after HTTP 401. Several threads may ask at once. What it throws fails the call as
    /// ErrorKind::unauthorized.
    template <bool catches = AICREDITS_CATCHES>
    Config &credential_provider(std::function<void(Credential &)> provider) & {
        using detail::Provider;
        auto *kept = provider ? new Provider(std::move(provider)) : nullptr;
        aicredits_config_set_credential_provider(get(), kept == nullptr ? nullptr : detail::provide_credential<catches>,
                                                 kept, detail::destroy<Provider>);
        return *this;
    }
    template <bool catches = AICREDITS_CATCHES>
    Config credential_provider(std::function<void(Credential &)> provider) && {
        return std::move(credential_provider<catches>(std::move(provider)));
    }
    /// Asks for all credits of this account. Each of the five scope setters replaces the one before.
    Config &account_id(std::string_view id) & {
        aicredits_config_set_account_id(get(), detail::Text(id));
        return *this;
    }
    Config account_id(std::string_view id) && { return std::move(account_id(id)); }
    /// Asks for the credits and the subscription of this site.
    Config &site_id(std::string_view id) & {
        aicredits_config_set_site_id(get(), detail::Text(id));
        return *this;
    }
    Config site_id(std::string_view id) && { return std::move(site_id(id)); }
    /// Sends both ids.
    Config &account_and_site_ids(std::string_view account_id, std::string_view site_id) & {
        aicredits_config_set_account_and_site_ids(get(), detail::Text(account_id), detail::Text(site_id));
        return *this;
    }
    Config account_and_site_ids(std::string_view account_id, std::string_view site_id) && {
        return std::move(account_and_site_ids(account_id, site_id));
    }
    /// Sends no id: only with an authorization value or a provider, whose context is its own.
    Config &credential_scope() & {
        aicredits_config_set_credential_scope(get());
        return *this;
    }
    Config credential_scope() && { return std::move(credential_scope()); }
    /// Gives the client no scope: each call names its own, and one that names none fails as
    /// ErrorKind::invalid_argument.
    Config &per_call_scope() & {
        aicredits_config_set_per_call_scope(get());
        return *this;
    }
    Config per_call_scope() && { return std::move(per_call_scope()); }
    /// Another server than Wix's: https, or http to a loopback address.
    Config &base_url(std::string_view url) & {
        aicredits_config_set_base_url(get(), detail::Text(url));
        return *this;
    }
    Config base_url(std::string_view url) && { return std::move(base_url(url)); }
    /// Lets the base URL be http to any host. The key then crosses the network for all to read.
    Config &allow_insecure_http(bool allow) & {
        aicredits_config_set_allow_insecure_http(get(), allow ? 1 : 0);
        return *this;
    }
    Config allow_insecure_http(bool allow) && { return std::move(allow_insecure_http(allow)); }
    /// The total time of a call: 35 s unless set; more than 0 and at most a day.
    Config &timeout(std::chrono::milliseconds time) & {
        aicredits_config_set_timeout_ms(get(), detail::milliseconds(time));
        return *this;
    }
    Config timeout(std::chrono::milliseconds time) && { return std::move(timeout(time)); }
    /// The most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB.
    Config &max_reply_bytes(std::size_t bytes) & {
        aicredits_config_set_max_reply_bytes(get(), bytes);
        return *this;
    }
    Config max_reply_bytes(std::size_t bytes) && { return std::move(max_reply_bytes(bytes)); }
    /// How often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
    Config &max_retries(std::uint32_t retries) & {
        aicredits_config_set_max_retries(get(), retries);
        return *this;
    }
    Config max_retries(std::uint32_t retries) && { return std::move(max_retries(retries)); }
    /// How many of the client's calls run at once: 64 unless set; from 1 to 4096. The others wait their turn.
    Config &max_concurrency(std::uint32_t calls) & {
        aicredits_config_set_max_concurrency(get(), calls);
        return *this;
    }
    Config max_concurrency(std::uint32_t calls) && { return std::move(max_concurrency(calls)); }
    /// Trusts the certificate authorities in this PEM file, and no others.
    Config &ca_file(std::string_view path) & {
        aicredits_config_set_ca_file(get(), detail::Text(path));
        return *this;
    }
    Config ca_file(std::string_view path) && { return std::move(ca_file(path)); }
    /// As ca_file(), from the file's text.
    Config &ca_pem(std::string_view pem) & {
        aicredits_config_set_ca_pem(get(), pem.data(), pem.size());
        return *this;
    }
    Config ca_pem(std::string_view pem) && { return std::move(ca_pem(pem)); }
    /// Reaches the server through this HTTP proxy: "http://user:password@proxy.example:3128".
    Config &proxy(std::string_view url) & {
        aicredits_config_set_proxy(get(), detail::Text(url));
        return *this;
    }
    Config proxy(std::string_view url) && { return std::move(proxy(url)); }
    /// Reads the proxy from the environment, unless proxy() names one.
    Config &proxy_from_env(bool read) & {
        aicredits_config_set_proxy_from_env(get(), read ? 1 : 0);
        return *this;
    }
    Config proxy_from_env(bool read) && { return std::move(proxy_from_env(read)); }
    /// What log records call the client. At most 64 characters.
    Config &name(std::string_view text) & {
        aicredits_config_set_name(get(), detail::Text(text));
        return *this;
    }
    Config name(std::string_view text) && { return std::move(name(text)); }
    /// Reads every variable from this array instead of the process's environment: one "NAME=VALUE" per variable and
    /// NULL at the end, as environ has them. Copied. For programs that change the environment while other threads run.
    Config &environment(const char *const *variables) & {
        aicredits_config_set_environment(get(), variables);
        return *this;
    }
    Config environment(const char *const *variables) && { return std::move(environment(variables)); }
    /// Reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL now, for whatever is not set otherwise.
    Config &from_env() & {
        aicredits_config_from_env(get());
        return *this;
    }
    Config from_env() && { return std::move(from_env()); }

    /// The C settings, which stay this object's.
    aicredits_config *get() noexcept { return config_.get(); }
    const aicredits_config *get() const noexcept { return config_.get(); }

  private:
    std::unique_ptr<aicredits_config, detail::Free<aicredits_config_free>> config_;
};

}  // namespace aicredits

#endif  // AICREDITS_CONFIG_HPP
