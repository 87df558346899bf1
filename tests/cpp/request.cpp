// Requests of an event loop to a gate, against the emulator in the environment, whose account has 1050 credits.

#include "check.hpp"

#include <aicredits.hpp>

#include <atomic>
#include <iostream>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

using namespace aicredits;

static_assert(!std::is_copy_constructible_v<GateRequest> && std::is_nothrow_move_constructible_v<GateRequest>);
static_assert(!std::is_constructible_v<detail::CreditCount, double>);

struct Loop {
    Client client = *Client::try_new(Config{}.from_env());
    Gate gate = *Gate::try_new(client);
    std::atomic<int> woken{0};

    GateRequest::Wake wake() {
        return [this] { ++woken; };
    }
    GateRequest reserve(int unit_cost, int wanted) {
        auto request = GateRequest::try_new(gate, unit_cost, wanted, wake());
        CHECK(request.has_value());
        return *std::move(request);
    }
};

static void a_reading_is_made_and_then_none_is_needed() {
    Loop loop;
    GateRequest first = loop.reserve(40, 3);
    CHECK(first.next() == Next::read && !first.take_reservation());
    CHECK(first.remaining() > std::chrono::milliseconds(0) && first.remaining() <= std::chrono::seconds(5));
    CHECK(first.try_read().has_value() && first.try_step().has_value() && first.next() == Next::done);
    const auto reservation = first.take_reservation();
    CHECK(reservation && reservation->count() == 3 && reservation->cost() == 120 && !first.take_reservation());
    CHECK(reservation->commit() && !first.take_balance());

    GateRequest second = loop.reserve(30, 1);
    CHECK(second.next() == Next::done && second.take_reservation()->release());
    CHECK(loop.gate.state().grantable() == 930);
}

static void two_requests_share_a_reading() {
    Loop loop;
    GateRequest reader = loop.reserve(40, 1), waiter = loop.reserve(50, 1);
    CHECK(reader.next() == Next::read && waiter.next() == Next::wait && loop.woken == 0);
    GateRequest moved = std::move(reader);
    CHECK(reader.next() == Next::done && !reader.try_step() && !reader.try_read());
    CHECK(moved.try_read().has_value() && loop.woken > 0);
    CHECK(waiter.try_step().has_value() && waiter.next() == Next::done && waiter.take_reservation()->cost() == 50);
    CHECK(moved.try_step().has_value() && moved.take_reservation()->cost() == 40);
}

static void the_role_of_the_reader_is_passed_on() {
    Loop loop;
    std::optional<GateRequest> reader = loop.reserve(40, 1);
    GateRequest waiter = loop.reserve(50, 1);
    CHECK(reader->next() == Next::read && waiter.next() == Next::wait);
    reader.reset();
    CHECK(loop.woken > 0 && waiter.try_step().has_value() && waiter.next() == Next::read);
    CHECK(waiter.try_read().has_value() && waiter.try_step().has_value());
    CHECK(waiter.take_reservation()->commit() && loop.gate.state().grantable() == 1000);
}

static void a_request_ends_early() {
    Loop loop;
    GateRequest cancelled = loop.reserve(40, 1);
    cancelled.cancel();
    CHECK(cancelled.try_step().error().kind() == ErrorKind::cancelled && cancelled.next() == Next::done);
    GateRequest expired = loop.reserve(40, 1);
    expired.expire();
    const auto step = expired.try_step();
    CHECK(!step && step.error().denial()->reason() == DenialReason::unavailable && expired.next() == Next::done);
    CHECK(loop.gate.state().reserved() == 0);
}

static void a_reading_alone_has_a_balance() {
    Loop loop;
    auto request = GateRequest::try_new_refresh(loop.gate, loop.wake());
    CHECK(request && request->next() == Next::read && request->try_read().has_value());
    CHECK(request->try_step().has_value() && request->next() == Next::done && !request->take_reservation());
    CHECK(request->take_balance()->spendable() == 1050 && !request->take_balance());
    auto with_call = GateRequest::try_new_refresh(loop.gate, loop.wake(), Call{}.timeout(std::chrono::seconds(9)));
    CHECK(with_call && with_call->next() == Next::done && with_call->take_balance()->spendable() == 1050);
}

static void wrong_arguments_are_refused_and_the_callback_is_freed() {
    Loop loop;
    const auto counted = std::make_shared<int>(0);
    const auto wake = [counted] { ++*counted; };
    const auto negative = GateRequest::try_new(loop.gate, -1, 2, wake);
    CHECK(negative.error().kind() == ErrorKind::invalid_argument && negative.error().setting() == "unit_cost");
    CHECK(!GateRequest::try_new(loop.gate, 1, -1, wake) && !GateRequest::try_new(loop.gate, 1, 1, nullptr));
    const auto denied = GateRequest::try_new(loop.gate, 1, 1, wake, Call{}.site_id("site"));
    CHECK(denied.error().kind() == ErrorKind::invalid_argument);
    CHECK(!GateRequest::try_new_refresh(loop.gate, nullptr));
    {
        CHECK(GateRequest::try_new(loop.gate, 1, 1, wake, Call{}.label("job")).has_value());
    }
    CHECK(counted.use_count() == 2);  // This function and its lambda.
}

int main() {
    a_reading_is_made_and_then_none_is_needed();
    two_requests_share_a_reading();
    the_role_of_the_reader_is_passed_on();
    a_request_ends_early();
    a_reading_alone_has_a_balance();
    wrong_arguments_are_refused_and_the_callback_is_freed();
    std::cout << "every check held\n";
}
