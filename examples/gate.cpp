// Runs an action that costs credits: reserve, act, commit.
//
// gate COST STATUS: STATUS is the HTTP status of the vendor's reply to the action.
// It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.

#include <aicredits.hpp>
#include <cstdlib>
#include <iostream>

// Your call of the paid action goes here. It returns the HTTP status of the reply, and throws if no reply came.
static int run_action(const char *status) {
    return std::atoi(status);
}

static int reserve_and_run(const aicredits::Gate &gate, long long cost, const char *status) {
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
    if (argc != 3) {
        std::cerr << "gate COST STATUS\n";
        return 2;
    }
    try {
        // A real program makes one client and one gate, and shares them between its threads.
        const aicredits::Client client{aicredits::Config{}.from_env()};
        const aicredits::Gate gate{client};
        return reserve_and_run(gate, std::strtoll(argv[1], nullptr, 10), argv[2]);
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
