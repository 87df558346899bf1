// Compiled as C++17 without exceptions and RTTI.

#include "mixed.hpp"

static_assert(!AICREDITS_HAS_EXCEPTIONS);

Sizes old_sizes() {
    return Sizes::here();
}

aicredits::result<aicredits::Balance> old_read(std::string_view json) {
    return aicredits::Balance::try_from_json(json);
}

void old_set(aicredits::Config &config) {
    config.credential_provider([](aicredits::Credential &credential) { credential.set_failure("old"); });
}
