// How many copies of a key are in memory while settings hold it, and after.

#include <aicredits.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

// The number of occurrences of a text in this process's memory. Each character of the argument is changed, because the
// search would find the argument itself.
static int in_memory(std::string changed) {
    int found = 0;
    std::ifstream maps("/proc/self/maps");
    std::ifstream memory("/proc/self/mem", std::ios::binary);
    for (std::string line; std::getline(maps, line);) {
        if (line.find(" rw") == std::string::npos || line.find("[stack]") != std::string::npos) {
            continue;
        }
        const std::uint64_t from = std::stoull(line, nullptr, 16);
        const std::uint64_t to = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
        std::vector<char> bytes(to - from);
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(from));
        memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        const auto same = [](char byte, char other) { return byte == (other ^ 1); };
        for (auto at = bytes.begin();
             (at = std::search(at, bytes.end(), changed.begin(), changed.end(), same)) != bytes.end(); ++at) {
            found++;
        }
        // This copy must not be found by a later look.
        std::fill(bytes.begin(), bytes.end(), '\0');
    }
    return found;
}

int main(int, char **arguments) {
    std::string changed = "IST.canary-that-is-long-enough-for-the-heap-and-stands-nowhere-else";
    for (char &character : changed) {
        character ^= 1;
    }
    const auto with_key = [&changed](auto use) {
        std::string key = changed;
        for (char &character : key) {
            character ^= 1;
        }
        use(std::string_view(key));
        // The caller's own copy is the caller's to wipe.
        std::fill(key.begin(), key.end(), '\0');
    };
    {
        aicredits::Config kept;
        with_key([&kept](std::string_view key) { kept.api_key(key); });
        // This one is the library's, which needs it.
        std::cout << in_memory(changed) << ' ';
    }
    with_key([](std::string_view key) { aicredits::Config{}.api_key(key).authorization(key); });
    std::cout << in_memory(changed) << ' ';
    // A provider that replaces its answer.
    {
        aicredits::Config config;
        config.account_id("account-1").credential_provider([&with_key](aicredits::Credential &credential) {
            with_key([&credential](std::string_view key) {
                // Of a size that nothing else has, so that the allocator does not reuse the memory.
                std::string value(800, 'x');
                value += key;
                credential.set_authorization(value);
                std::fill(value.begin(), value.end(), '\0');
            });
            credential.set_failure("none");
        });
        const auto refused = aicredits::Client{config}.try_get_balance();
        std::cout << (refused ? "accepted " : "refused ");
    }
    std::cout << in_memory(changed) << ' ';
    // A server that sends the key back, in a head and in a body.
    with_key([arguments](std::string_view key) {
        aicredits::Config config;
        config.api_key(key).account_id("account-1").base_url(arguments[1]);
        aicredits::Client client{config};
        const auto refused = client.try_get_balance();
        std::cout << (refused ? "accepted " : "refused ");
    });
    std::cout << in_memory(changed) << '\n';
}
