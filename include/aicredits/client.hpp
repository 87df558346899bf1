// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The client.

#ifndef AICREDITS_CLIENT_HPP
#define AICREDITS_CLIENT_HPP

#include <aicredits.h>
#include <aicredits/balance.hpp>
#include <aicredits/call.hpp>
#include <aicredits/config.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>
#include <aicredits/result.hpp>
#include <aicredits/scope.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace aicredits {

/// A client of the API. Make it once and use it for long: it keeps connections open between calls. Thread-safe. No call
/// may be in flight when it is destroyed or moved.
class Client {
  public:
    /// Takes ownership of a C client.
    explicit Client(aicredits_client *client) noexcept : client_(client) {}
    /// Checks the settings and makes a client. It opens no connection.
    static result<Client> try_new(const Config &config) {
        aicredits_client *client = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_client_new(config.get(), &client, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Client(client);
    }

    /// Fetches the current AI credit balance. Blocks until the reply is there, at most for the timeout.
    result<Balance> try_get_balance() const { return get_balance_of(nullptr); }
    result<Balance> try_get_balance(const Call &call) const {
        detail::require(call.get() != nullptr);
        return get_balance_of(call.get());
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_new(), but throws an Error of ErrorKind::invalid_argument.
    explicit Client(const Config &config) : Client(try_new(config).value()) {}
    /// The same as try_get_balance(), but throws an Error.
    Balance get_balance() const { return try_get_balance().value(); }
    Balance get_balance(const Call &call) const { return try_get_balance(call).value(); }
#endif

    /// Closes the client: cancels its calls in all threads and closes its connections. These calls and later ones fail
    /// as ErrorKind::closed. Thread-safe. Does not block.
    void close() const noexcept { aicredits_client_close(get()); }

    /// The default timeout of the client's calls.
    std::chrono::milliseconds timeout() const noexcept {
        return std::chrono::milliseconds(static_cast<std::int64_t>(aicredits_client_timeout_ms(get())));
    }
    /// How many calls run at once. For layers that queue calls themselves.
    std::uint32_t max_concurrency() const noexcept { return aicredits_client_max_concurrency(get()); }
    /// The default scope of the client's calls; empty if each call has its own.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_client_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;

    /// The C client, borrowed from this object.
    const aicredits_client *get() const noexcept { return client_.get(); }

  private:
    result<Balance> get_balance_of(const aicredits_call *call) const {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_client_get_balance(get(), call, &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }

    std::unique_ptr<aicredits_client, detail::Free<aicredits_client_free>> client_;
};

}  // namespace aicredits

#endif  // AICREDITS_CLIENT_HPP
