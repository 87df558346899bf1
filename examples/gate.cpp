// Runs an action that costs credits: check, reserve, act, commit.
//
// gate COST STATUS: STATUS is the HTTP status of the vendor's reply to the action.
// It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

#include <aicredits.hpp>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

// False for anything but digits. The gate refuses a number that is too large.
static bool parse_cost(std::string_view text, std::uint64_t &cost) {
    const char *end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, cost);
    return fault == std::errc() && stop == end;
}

// Your call of the paid action goes here. It returns the HTTP status of the reply, and throws if no reply came.
static int run_action(const char *status) {
    return std::atoi(status);
}

static int reserve_and_run(const aicredits::Gate &gate, std::uint64_t cost, const char *status) {
    const auto reservation = gate.reserve(cost);
    // If this throws, the action may have run: the reservation is destroyed without an end, and counts as spent.
    switch (run_action(status)) {
    case 200:
        reservation.commit();
        std::cout << "done\n";
        return 0;
    case 402:
    case 428:
        // The vendor says that the credits are used up. That is final: do not try again.
        reservation.report_exhausted();
        std::cout << "refused: no credits\n";
        return 1;
    case 401:
    case 403:
        // The action certainly did not run.
        reservation.release();
        std::cout << "failed\n";
        return 1;
    default:
        // It may have run.
        std::cout << "unknown\n";
        return 1;
    }
}

int main(int argc, char **argv) {
    std::uint64_t cost = 0;
    if (argc != 3 || !parse_cost(argv[1], cost)) {
        std::cerr << "gate COST STATUS: COST is a whole number\n";
        return 2;
    }
    try {
        // A real program makes one client and one gate, and shares them between its threads.
        const aicredits::Client client{aicredits::Config{}.from_env()};
        const aicredits::Gate gate{client};
        // A first look, before there is anything to reserve. Only the gate counts what other threads have reserved.
        std::cout << gate.refresh().can_afford(cost) << '\n';
        return reserve_and_run(gate, cost, argv[2]);
    } catch (const aicredits::Error &error) {
        if (const auto denial = error.denial()) {
            // The action must not run. The text says how many credits are missing, and when they come.
            std::cout << "denied: " << *denial << '\n';
            return 1;
        }
        std::cerr << "gate: " << error.what() << '\n';
        return 2;
    }
}
