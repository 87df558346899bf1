// rounds WHAT: does WHAT 10,000 times to warm up and as often again, and fails if those left anything behind.

#include <aicredits.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

// Only in a library that was built for tests.
extern "C" std::size_t aicredits_testing_handles(void);

static void call_twice(const aicredits::Client &client) {
    client.get_balance();
    try {
        client.get_balance(aicredits::Call{}.site_id("unknown"));
        std::exit(2);
    } catch (const aicredits::Error &error) {
        if (error.kind() != aicredits::ErrorKind::not_found) {
            throw;
        }
    }
}

// Each way in which a reservation and a denial are made and end.
static void use_gate(const aicredits::Client &client) {
    const aicredits::Gate gate{client};
    const aicredits::Gate visitor = gate.sub_gate(10);
    aicredits::Reservation first = gate.reserve(1, aicredits::Call{}.label("round"));
    aicredits::Reservation second = visitor.reserve_up_to(1, 3);
    first.commit();
    first = std::move(second);
    const aicredits::GateState state = visitor.state();
    const aicredits::Affordability affordability = gate.refresh().can_afford(2000);
    try {
        (void)visitor.reserve(11);
        std::exit(2);
    } catch (const aicredits::Error &error) {
        if (!error.denial() || error.denial()->text().empty() || affordability.text().empty() || state.used() != 3) {
            throw;
        }
    }
}

static void do_rounds(const std::string &what) {
    const aicredits::Client shared{aicredits::Config{}.from_env()};
    for (int round = 0; round < 10000; round++) {
        if (what == "calls") {
            call_twice(shared);
        } else if (what == "gates") {
            use_gate(shared);
        } else {
            aicredits::Config config;
            config.from_env().credential_provider(
                [](aicredits::Credential &credential) { credential.set_authorization(std::getenv("WIX_API_KEY")); });
            call_twice(aicredits::Client{config});
        }
    }
}

static long resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            long figure = 0;
            status >> figure;
            return figure;
        }
    }
    return -1;
}

static long entries(const char *folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<long>(std::distance(begin(all), end(all)));
}

int main(int, char **arguments) {
    do_rounds(arguments[1]);
    const long memory = resident_kib(), files = entries("/proc/self/fd"), threads = entries("/proc/self/task");
    do_rounds(arguments[1]);
    const long more = resident_kib() - memory;
    const bool same = entries("/proc/self/fd") == files && entries("/proc/self/task") == threads;
    std::cout << "10,000 rounds after as many: " << more << " KiB, " << aicredits_testing_handles() << " handles\n";
    return more < 1024 && same && aicredits_testing_handles() == 0 ? 0 : 1;
}
