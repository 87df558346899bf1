// Compiled as C++23, and linked with an object that was not.

#include "mixed.hpp"

#include <iostream>
#include <stdexcept>

static_assert(AICREDITS_HAS_EXCEPTIONS);

int main() {
    if (old_sizes().sizes != Sizes::here().sizes) {
        std::cout << "the layouts differ\n";
        return 1;
    }
    std::expected<aicredits::Balance, aicredits::Failure> read = old_read(R"({"topUpCredits":{"balance":3}})");
    const auto kept = old_read("[]");
    std::expected<aicredits::Balance, aicredits::Failure> refused = kept;
    if (!read || read->available() != 3 || refused || refused.error().kind() != aicredits::ErrorKind::decode) {
        std::cout << "a result was lost on the way\n";
        return 1;
    }
    try {
        old_read("[]").value();
        return 1;
    } catch (const aicredits::Error &error) {
        std::cout << error.kind() << '\n';
    }
    // Each object's function is called as that object's mode wants: here, what is thrown is caught before C.
    aicredits::Config config;
    config.credential_scope();
    old_set(config);
    const aicredits::Client old_client{config};
    config.credential_provider([](aicredits::Credential &) { throw std::runtime_error("new"); });
    const aicredits::Client new_client{config};
    for (const auto *client : {&old_client, &new_client}) {
        const auto balance = client->try_get_balance();
        const std::string_view message = balance.error().message();
        std::cout << (message.find(client == &old_client ? "old" : "new") != message.npos) << '\n';
    }
}
