// Every function of a gate, against the emulator in the environment, whose account has 1050 credits, and a port that
// refuses connections.

#include "check.hpp"

#include <aicredits.hpp>

#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

using namespace aicredits;
using std::chrono::milliseconds;

static_assert(!std::is_copy_constructible_v<Gate> && std::is_nothrow_move_constructible_v<Gate>);
static_assert(!std::is_copy_constructible_v<Reservation> && std::is_nothrow_move_constructible_v<Reservation>);
static_assert(!std::is_copy_assignable_v<Reservation> && std::is_nothrow_move_assignable_v<Reservation>);
static_assert(!std::is_copy_constructible_v<GateConfig> && std::is_nothrow_move_constructible_v<GateConfig>);
static_assert(std::is_copy_constructible_v<GateState> && std::is_copy_constructible_v<Denial>);
// A denial is borrowed from its failure.
template <class T, class = void>
constexpr bool has_denial = false;
template <class T>
constexpr bool has_denial<T, std::void_t<decltype(std::declval<T>().denial())>> = true;
static_assert(has_denial<const Failure &> && !has_denial<Failure>);

// Whether `expression` compiles, where T is the type of a cost.
#define COMPILES(name, expression) \
    template <class T, class = void> \
    constexpr bool name = false; \
    template <class T> \
    constexpr bool name<T, std::void_t<decltype(expression)>> = true
#define A(type) std::declval<type>()
COMPILES(try_reserve, A(const Gate &).try_reserve(A(T)));
COMPILES(try_reserve_with, A(const Gate &).try_reserve(A(T), A(const Call &)));
COMPILES(try_reserve_now, A(const Gate &).try_reserve_now(A(T)));
COMPILES(try_reserve_units, A(const Gate &).try_reserve_up_to(A(T), 1));
COMPILES(try_reserve_wanted, A(const Gate &).try_reserve_up_to(1, A(T)));
COMPILES(try_sub_gate, A(const Gate &).try_sub_gate(A(T)));
COMPILES(try_set_limit, A(const Gate &).try_set_limit(A(T)));
COMPILES(commit_actual, A(const Reservation &).commit_actual(A(T)));
COMPILES(commit_part, A(const Reservation &).commit_part(A(T)));
COMPILES(headroom, A(GateConfig &).headroom(A(T)));
COMPILES(limit, A(GateConfig &).limit(A(T)));
template <class T>
constexpr bool all =
    try_reserve<T> && try_reserve_with<T> && try_reserve_now<T> && try_reserve_units<T> && try_reserve_wanted<T>
    && try_sub_gate<T> && try_set_limit<T> && commit_actual<T> && commit_part<T> && headroom<T> && limit<T>;
template <class T>
constexpr bool any =
    try_reserve<T> || try_reserve_with<T> || try_reserve_now<T> || try_reserve_units<T> || try_reserve_wanted<T>
    || try_sub_gate<T> || try_set_limit<T> || commit_actual<T> || commit_part<T> || headroom<T> || limit<T>;
static_assert(all<int> && all<unsigned> && all<long long> && all<std::size_t> && all<unsigned char>);
static_assert(!any<double> && !any<float> && !any<long double> && !any<bool> && !any<const char *>);

#if AICREDITS_HAS_EXCEPTIONS
COMPILES(reserve, A(const Gate &).reserve(A(T)));
COMPILES(reserve_now, A(const Gate &).reserve_now(A(T)));
COMPILES(reserve_up_to, A(const Gate &).reserve_up_to(A(T), A(T)));
COMPILES(sub_gate, A(const Gate &).sub_gate(A(T)));
template <class T>
constexpr bool any_throwing = reserve<T> || reserve_now<T> || reserve_up_to<T> || sub_gate<T>;
static_assert(reserve<int> && reserve_now<int> && reserve_up_to<int> && sub_gate<int>);
static_assert(!any_throwing<double> && !any_throwing<float> && !any_throwing<bool>);  // reserve(0.5), reserve(true)
#endif

static Client client() {
    auto client = Client::try_new(Config{}.from_env());
    CHECK(client.has_value());
    return *std::move(client);
}

static Gate gate_of(const Client &client, const GateConfig &config) {
    auto gate = Gate::try_new(client, config);
    CHECK(gate.has_value());
    return *std::move(gate);
}

static Gate gate_of(const Client &client) {
    auto gate = Gate::try_new(client);
    CHECK(gate.has_value());
    return *std::move(gate);
}

template <class... Arguments>
static Reservation reserved(const Gate &gate, Arguments &&...arguments) {
    auto reservation = gate.try_reserve(std::forward<Arguments>(arguments)...);
    CHECK(reservation.has_value());
    return *std::move(reservation);
}

static Failure denied(const result<Reservation> &reservation, DenialReason reason) {
    CHECK(!reservation && reservation.error().kind() == ErrorKind::denied);
    const Failure failure = reservation.error();
    CHECK(failure.denial() && failure.denial()->reason() == reason);
    CHECK(failure.is_transient() == (reason == DenialReason::unavailable));
    return failure;
}

template <class Shown>
static std::string shown(const Shown &what) {
    std::ostringstream out;
    out << what;
    return out.str();
}

static void a_reservation_ends_once() {
    const Client shared = client();
    const Gate gate = gate_of(shared, GateConfig{}.headroom(10));
    CHECK(gate.scope().kind() == ScopeKind::account && !gate.state().grantable() && !gate.state().age());
    const auto reading = gate.try_refresh();
    CHECK(reading && reading->spendable() == 1050);
    const Reservation first = reserved(gate, 40, Call{}.label("caf\xc3\xa9").reservation_ttl(std::chrono::minutes(1)));
    CHECK(first.is_open() && first.cost() == 40 && first.count() == 1 && first.unit_cost() == 40);
    CHECK(first.label() == "caf\xc3\xa9");

    const GateState state = gate.state();
    CHECK(state.spendable() == 1050 && state.estimate() == 1050 && state.grantable() == 1000 && state.reserved() == 40);
    CHECK(*state.age() < std::chrono::minutes(1) && !state.limit() && state.granted() == 1 && state.denied() == 0);
    CHECK(state.unchecked() == 0 && state.would_be_denied() == 0 && !state.exhausted_since());
    CHECK(state.reservations().size() == 1 && state.reservations()[0].label() == "caf\xc3\xa9");
    CHECK(state.reservations()[0].cost() == 40 && state.reservations()[0].age() < std::chrono::minutes(1));

    CHECK(first.commit_part(15) && first.is_open() && first.cost() == 25);
    CHECK(first.commit_actual(35U) && !first.is_open() && first.cost() == 0);
    CHECK(!first.commit() && !first.release() && !first.report_exhausted());
    CHECK(gate.state().grantable() == 990 && state.grantable() == 1000);

    const Reservation second = reserved(gate, 90);
    CHECK(!second.label() && gate.state().grantable() == 900 && second.release() && gate.state().grantable() == 990);
    // Nobody knows whether the action ran.
    {
        const Reservation forgotten = reserved(gate, 90);
    }
    const GateState later = gate.state();
    CHECK(later.grantable() == 900 && later.reservations().empty());
    CHECK(reserved(gate, 0).commit() && reserved(gate, 900).commit() && gate.state().grantable() == 0);
}

static void a_reservation_is_moved() {
    const Client shared = client();
    const Gate gate = gate_of(shared);
    Reservation first = reserved(gate, 40);
    Reservation second = std::move(first);
    CHECK(second.is_open() && second.cost() == 40);
    CHECK(!first.is_open() && first.cost() == 0 && first.count() == 0 && first.unit_cost() == 0 && !first.label());
    CHECK(!first.commit() && !first.commit_actual(1) && !first.commit_part(1) && !first.release());
    CHECK(!first.report_exhausted() && gate.state().reserved() == 40);
    // The assignment destroys the reservation of 40, which is then unresolved.
    second = reserved(gate, 10);
    CHECK(gate.state().reserved() == 10 && gate.state().grantable() == 1000);
    first = std::move(second);
    CHECK(first.commit() && gate.state().reserved() == 0 && gate.state().grantable() == 1000);
}

static void a_gate_is_moved() {
    const Client shared = client();
    Gate first = gate_of(shared);
    const Reservation reservation = reserved(first, 40);
    const Gate gate = std::move(first);
    CHECK(gate.state().reserved() == 40 && gate.scope().kind() == ScopeKind::account);
    const auto refused = first.try_reserve(1);
    CHECK(!refused && refused.error().kind() == ErrorKind::invalid_argument && !refused.error().denial());
    CHECK(!first.try_reserve_now(0) && !first.try_reserve_up_to(0, 1) && !first.try_refresh());
    CHECK(!first.try_sub_gate(1) && !first.try_set_limit(1));
    first.report_exhausted();
    const GateState state = first.state();
    CHECK(!state.grantable() && !state.estimate() && !state.spendable() && !state.age() && !state.limit());
    CHECK(state.reserved() == 0 && state.used() == 0 && state.granted() == 0 && state.denied() == 0);
    CHECK(!state.exhausted_since() && state.reservations().empty());
}

static void a_denial_has_its_figures() {
    const Client shared = client();
    const Gate gate = gate_of(shared, GateConfig{}.headroom(50));
    const Failure failure = denied(gate.try_reserve(1090, Call{}.label("job")), DenialReason::insufficient);
    const Denial denial = *failure.denial();
    CHECK(denial.cost() == 1090 && denial.grantable() == 1000 && denial.shortfall() == 90U && denial.label() == "job");
    CHECK(*denial.age() < std::chrono::minutes(1) && !failure.cause() && !failure.http_status());
    CHECK(denial.text().substr(0, 10) == "90 short: " && shown(denial) == denial.text());
    CHECK(to_string(denial) == denial.text() && shown(failure.kind()) == "DENIED");
    CHECK(failure.message().substr(0, denial.text().size()) == denial.text());
    CHECK(failure.scope()->kind() == ScopeKind::account && gate.state().denied() == 1);
#if defined(__cpp_lib_format)
    CHECK(std::format("{} {}", denial, denial.reason()) == shown(denial) + " INSUFFICIENT");
#endif
    // A copy of the failure keeps the denial.
    std::optional<Failure> copy = denied(gate.try_reserve(1091), DenialReason::insufficient);
    const Failure kept = *copy;
    const Denial view = *kept.denial();
    copy.reset();
    CHECK(view.cost() == 1091 && view.text().substr(0, 3) == "91 " && !view.label());
}

static void a_denial_has_its_cause(const char *refused) {
    auto nobody = Client::try_new(Config{}.from_env().base_url(refused).max_retries(0));
    CHECK(nobody.has_value());
    const Gate gate = gate_of(*nobody);
    std::optional<Failure> cause;
    {
        const Failure failure = denied(gate.try_reserve(5), DenialReason::unavailable);
        cause = failure.cause();
        CHECK(!failure.denial()->grantable() && !failure.denial()->shortfall() && !failure.denial()->age());
        CHECK(!failure.denial()->affordable_at());
    }
    // The cause outlives the failure.
    CHECK(cause && cause->kind() == ErrorKind::network && !cause->message().empty() && !cause->denial());
    CHECK(denied(gate.try_reserve_now(5), DenialReason::unavailable).cause()->kind() == ErrorKind::network);
    CHECK(!gate.try_refresh() && gate.try_refresh().error().kind() == ErrorKind::network);

    nobody = Client::try_new(Config{}.from_env().base_url(refused).max_retries(0));
    const Gate trusting = gate_of(*nobody, GateConfig{}.when_unavailable(WhenUnavailable::allow()));
    CHECK(reserved(trusting, 5).commit() && trusting.state().unchecked() == 1);
    nobody->close();
    CHECK(trusting.try_reserve(5).error().kind() == ErrorKind::closed);
}

static void many_are_reserved_in_one_step() {
    const Client shared = client();
    const Gate gate = gate_of(shared);
    const auto batch = gate.try_reserve_up_to(100, 50, Call{}.label("batch"));
    CHECK(batch && batch->count() == 10 && batch->unit_cost() == 100 && batch->cost() == 1000);
    for (int action = 0; action < 4; action++) {
        CHECK(batch->commit_part(100));
    }
    CHECK(batch->cost() == 600 && batch->release() && gate.state().grantable() == 650);
    const Failure none = denied(gate.try_reserve_up_to(700, 2), DenialReason::insufficient);
    CHECK(none.denial()->cost() == 700);
}

static void a_sub_gate_has_its_own_limit() {
    const Client shared = client();
    std::optional<Gate> gate = gate_of(shared);
    const auto visitor = gate->try_sub_gate(100);
    CHECK(visitor && !gate->try_sub_gate(-1) && !visitor->try_sub_gate(1));
    const Reservation reservation = reserved(*visitor, 60);
    denied(visitor->try_reserve(41), DenialReason::limit);
    CHECK(visitor->state().limit() == 100U && visitor->state().used() == 60 && gate->state().grantable() == 990);
    CHECK(visitor->try_set_limit(50).has_value() && !visitor->try_set_limit(-1));
    denied(visitor->try_reserve(1), DenialReason::limit);
    CHECK(visitor->try_set_limit(61) && reserved(*visitor, 1).release());
    // The owner may go first.
    gate.reset();
    CHECK(reservation.commit() && visitor->state().used() == 60);
}

static void a_refusal_of_the_vendor_ends_the_grants() {
    const Client shared = client();
    const Gate gate = gate_of(shared);
    CHECK(reserved(gate, 5).report_exhausted() && gate.state().exhausted_since());
    denied(gate.try_reserve(5), DenialReason::exhausted);
    CHECK(reserved(gate, 0).commit());

    const Client other = client();
    const Gate second = gate_of(other);
    CHECK(second.try_refresh().has_value());
    second.report_exhausted();
    denied(second.try_reserve_now(5), DenialReason::exhausted);
}

static void wrong_arguments_are_refused_by_name() {
    const Client shared = client();
    const Gate gate = gate_of(shared);
    const auto names = [](const Failure &failure, std::string_view name) {
        return failure.kind() == ErrorKind::invalid_argument && failure.setting() == name && !failure.denial();
    };
    constexpr auto over = std::uint64_t{1} << 63;
    CHECK(names(gate.try_reserve(-1).error(), "cost") && names(gate.try_reserve(over).error(), "cost"));
    CHECK(names(gate.try_reserve_now(std::numeric_limits<std::int64_t>::min()).error(), "cost"));
    CHECK(names(gate.try_reserve_up_to(-1, 1).error(), "unit_cost"));
    CHECK(names(gate.try_reserve_up_to(1, -1).error(), "wanted") && names(gate.try_sub_gate(-1).error(), "limit"));
    CHECK(names(gate.try_set_limit(-1).error(), "limit"));
    CHECK(gate.try_reserve(1, Call{}.site_id("site")).error().kind() == ErrorKind::invalid_argument);
    CHECK(names(gate.try_reserve(1, Call{}.label("a\nb")).error(), "label"));
    CHECK(names(gate.try_reserve(1, Call{}.reservation_ttl(milliseconds(-1))).error(), "reservation_ttl"));
    CHECK(shared.try_get_balance(Call{}.label("job")).error().kind() == ErrorKind::invalid_argument);
    const Call cancelled;
    cancelled.cancel();
    CHECK(gate.try_reserve(1, cancelled).error().kind() == ErrorKind::cancelled);

    const auto second = Gate::try_new(shared);
    CHECK(!second && second.error().kind() == ErrorKind::invalid_argument);
    CHECK(second.error().message().find("share") != std::string_view::npos);
    CHECK(names(Gate::try_new(shared, GateConfig{}.headroom(-1)).error(), "headroom"));
    CHECK(names(Gate::try_new(shared, GateConfig{}.max_age(milliseconds(-1))).error(), "max_age"));
    CHECK(names(Gate::try_new(shared, GateConfig{}.processes(0)).error(), "processes"));
    // Another scope has its own gate.
    const Gate other = gate_of(shared, GateConfig{}.site_id("site"));
    CHECK(other.scope().site_id() == "site");
}

static void settings_reach_the_gate() {
    const Client shared = client();
    const Gate gate = gate_of(shared, GateConfig{}.limit(7).dry_run(true).strict(true));
    CHECK(gate.state().limit() == 7U && reserved(gate, 9).commit() && gate.state().would_be_denied() == 1);
}

static void threads_share_a_gate() {
    const Client shared = client();
    const Gate gate = gate_of(shared);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++) {
        threads.emplace_back([&gate] {
            while (const auto reservation = gate.try_reserve(7)) {
                CHECK(reservation->commit());
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    // 1050 is 150 times 7.
    CHECK(gate.state().granted() == 150 && gate.state().grantable() == 0);
}

#if AICREDITS_HAS_EXCEPTIONS
static void failures_are_thrown() {
    const Client shared = client();
    const Gate gate{shared, GateConfig{}.headroom(50)};
    const Call call;
    CHECK(gate.refresh().spendable() == 1050 && gate.refresh(call).spendable() == 1050);
    CHECK(gate.reserve(100).commit() && gate.reserve_now(100).commit() && gate.reserve(100, call).release());
    CHECK(gate.reserve_now(0, call).release());
    CHECK(gate.reserve_up_to(400, 9).count() == 2 && gate.reserve_up_to(0, 9, call).count() == 9);
    // The 800 credits above are unresolved.
    try {
        const Reservation reservation = gate.reserve(40);
        CHECK(false);
    } catch (const Error &error) {
        CHECK(error.kind() == ErrorKind::denied && error.denial()->reason() == DenialReason::insufficient);
        CHECK(error.denial()->shortfall() == 40U && std::string_view(error.what()) == error.message());
    }
    const Gate visitor = gate.sub_gate(5);
    visitor.set_limit(3);
    for (const auto &wrong :
         {+[](const Gate &it) { (void)it.reserve(-1); }, +[](const Gate &it) { it.set_limit(-1); },
          +[](const Gate &it) { (void)it.sub_gate(1); }, +[](const Gate &it) { (void)it.reserve_up_to(1, -1); }}) {
        try {
            wrong(visitor);
            CHECK(false);
        } catch (const Error &error) {
            CHECK(error.kind() == ErrorKind::invalid_argument && !error.denial());
        }
    }
    try {
        const Gate second{shared};
        CHECK(false);
    } catch (const Error &error) {
        CHECK(error.kind() == ErrorKind::invalid_argument);
    }
}

static void an_exception_in_the_block_leaves_it_unresolved() {
    const Client shared = client();
    const Gate gate{shared};
    try {
        const Reservation reservation = gate.reserve(40);
        throw std::runtime_error("the connection was lost");
    } catch (const std::runtime_error &) {
    }
    CHECK(gate.state().reserved() == 0 && gate.state().grantable() == 1010);
    try {
        const Reservation reservation = gate.reserve(40);
        reservation.commit();
        throw std::runtime_error("after the commit");
    } catch (const std::runtime_error &) {
    }
    CHECK(gate.state().grantable() == 970);
}
#endif

int main(int, char **arguments) {
    a_reservation_ends_once();
    a_reservation_is_moved();
    a_gate_is_moved();
    a_denial_has_its_figures();
    a_denial_has_its_cause(arguments[1]);
    many_are_reserved_in_one_step();
    a_sub_gate_has_its_own_limit();
    a_refusal_of_the_vendor_ends_the_grants();
    wrong_arguments_are_refused_by_name();
    settings_reach_the_gate();
    threads_share_a_gate();
#if AICREDITS_HAS_EXCEPTIONS
    failures_are_thrown();
    an_exception_in_the_block_leaves_it_unresolved();
#endif
    std::cout << "every check held\n";
}
