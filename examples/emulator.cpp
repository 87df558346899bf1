// Tests a program's whole path against the emulator, in one process: check, reserve, act, commit, and HTTP 428.
//
// It needs no account, no key and no network. Link with -laicredits -laicredits_emulator.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <aicredits.hpp>
#include <aicredits/emulator.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

// The program under test: an action that costs credits.

enum class Outcome { done, refused, denied };

struct Server {
    std::string base_url, api_key, account_id;
};

// Your vendor's SDK goes here. Returns the HTTP status of the reply, or 0 if no reply came.
static int run_action(const Server &server, std::uint64_t cost) {
    const std::string body = "{\"cost\":" + std::to_string(cost) + "}";
    const std::string request =
        "POST /_emulator/paid-action HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Authorization: "
        + server.api_key + "\r\nwix-account-id: " + server.account_id
        + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(server.base_url.substr(server.base_url.rfind(':') + 1))));
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    std::string reply(4096, '\0');
    if (connect(connection, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
        && send(connection, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
        recv(connection, reply.data(), reply.size(), MSG_WAITALL);
    }
    close(connection);
    return reply.rfind("HTTP/1.1 ", 0) == 0 ? std::atoi(reply.c_str() + 9) : 0;
}

static Outcome act(const aicredits::Gate &gate, const Server &server, std::uint64_t cost) {
    const auto reservation = gate.try_reserve(cost);
    if (!reservation) {
        if (reservation.error().kind() != aicredits::ErrorKind::denied) {
            throw aicredits::Error(reservation.error());
        }
        return Outcome::denied;
    }
    switch (run_action(server, cost)) {
    case 200: reservation->commit(); return Outcome::done;
    case 428: reservation->report_exhausted(); return Outcome::refused;
    default:
        // It may have run: the reservation is destroyed without an end, and counts as spent.
        throw std::runtime_error("the action failed");
    }
}

// The test.

static void check(bool holds, const char *what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

#define CHECK(condition) check(condition, #condition)

int main() {
    try {
        const aicredits::Emulator emulator;
        const Server server{std::string(emulator.url()), std::string(emulator.api_key()),
                            std::string(emulator.account_id())};
        const aicredits::Client client{
            aicredits::Config{}.base_url(server.base_url).api_key(server.api_key).account_id(server.account_id)};
        // The test turns the clock: a gate would not read again so soon.
        const aicredits::Gate gate{client, aicredits::GateConfig{}.min_interval(std::chrono::milliseconds(0))};
        const auto left = [&] { return emulator.state().at("/accounts/0/allocations/0/rules/0/balance").integer(); };
        const auto paid_actions = [&] {
            return emulator.journal("{\"route\":\"paid_action\"}").at("/requests").count();
        };

        // 1,050 credits. The action takes 30 of them, from the allocation that resets.
        CHECK(act(gate, server, 30) == Outcome::done);
        CHECK(left() == 820);

        // Somebody else spends nearly all. The gate finds out when the vendor refuses the action.
        CHECK(emulator.spend(1010).at("/cost").integer() == 1010);
        CHECK(act(gate, server, 30) == Outcome::refused);
        CHECK(paid_actions() == 2);

        // From then on the gate denies the action, and the vendor is not asked. A new reading shows 10 credits.
        gate.refresh();
        CHECK(act(gate, server, 30) == Outcome::denied);
        CHECK(paid_actions() == 2);

        // The next month begins.
        CHECK(emulator.clock("{\"now\":\"2026-07-01T00:00:00Z\"}").at("/resets").integer() == 1);
        gate.refresh();
        CHECK(act(gate, server, 30) == Outcome::done);
        CHECK(left() == 970);

        // Whether the client kept to the API's rules, by all that the emulator saw.
        emulator.assert_good_client();
        std::cout << "passed\n";
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
