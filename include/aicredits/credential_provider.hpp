// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// The credential of a call, from a callback.

#ifndef AICREDITS_CREDENTIAL_PROVIDER_HPP
#define AICREDITS_CREDENTIAL_PROVIDER_HPP

#include <aicredits.h>
#include <aicredits/detail.hpp>

#include <exception>
#include <functional>
#include <string_view>

namespace aicredits {

/// The answer of a credential provider. It is valid while the provider runs, on its thread only.
class Credential {
  public:
    explicit Credential(aicredits_credential *credential) noexcept : credential_(credential) {}
    Credential(const Credential &) = delete;
    Credential &operator=(const Credential &) = delete;

    /// The value of the Authorization header. The last answer counts.
    void set_authorization(std::string_view authorization) {
        aicredits_credential_set_authorization(credential_, detail::Text(authorization));
    }
    /// Answers that there is no credential. The call fails as ErrorKind::unauthorized, with this message.
    void set_failure(std::string_view message) { aicredits_credential_set_failure(credential_, detail::Text(message)); }

  private:
    aicredits_credential *credential_;
};

namespace detail {

using Provider = std::function<void(Credential &)>;

// The C library calls this. It is a template over the mode, because its body differs, and one program may mix both.
template <bool catches>
void provide_credential(void *user, aicredits_credential *raw) noexcept {
    Credential credential(raw);
#if AICREDITS_CATCHES
    try {
        (*static_cast<Provider *>(user))(credential);
    } catch (const std::exception &thrown) {
        credential.set_failure(thrown.what());
    } catch (...) {
        credential.set_failure("the provider threw what is no std::exception");
    }
#else
    (*static_cast<Provider *>(user))(credential);
#endif
}

}  // namespace detail

}  // namespace aicredits

#endif  // AICREDITS_CREDENTIAL_PROVIDER_HPP
