// A fleet, against the emulator in the environment, whose account has 1050 credits: fleet SITE_ID URL, where URL
// refuses connections.

#include "check.hpp"

#include <aicredits.hpp>

#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__cpp_lib_ranges)
#include <ranges>
#endif

using namespace aicredits;
using std::chrono::milliseconds;

static_assert(!std::is_copy_constructible_v<Fleet> && std::is_nothrow_move_constructible_v<Fleet>);
static_assert(!std::is_copy_constructible_v<FleetOptions> && std::is_nothrow_move_constructible_v<FleetOptions>);
static_assert(std::is_copy_constructible_v<Outcome> && std::is_nothrow_move_constructible_v<Outcome>);
static_assert(std::is_copy_assignable_v<Target> && std::is_trivially_copyable_v<Progress>);
#if AICREDITS_HAS_EXCEPTIONS && defined(__cpp_lib_ranges)
static_assert(std::ranges::input_range<Fleet &> && std::input_iterator<Fleet::iterator>);
#endif

static std::string site;

static Client client(Config config) {
    auto client = Client::try_new(config);
    CHECK(client.has_value());
    return *std::move(client);
}

static std::vector<Target> targets(const Client &other) {
    return {Target::account(std::getenv("WIX_ACCOUNT_ID")).label("caf\xc3\xa9"), Target::site(site).owner("owner"),
            Target::site("gone").label(std::string_view("a\0b", 3)),
            Target::account(std::getenv("WIX_ACCOUNT_ID")).client("acme", other).owner("ignored")};
}

static std::vector<Outcome> outcomes_of(const Fleet &fleet) {
    std::vector<Outcome> outcomes;
    for (auto next = fleet.try_next(); next.has_value() && *next; next = fleet.try_next()) {
        outcomes.push_back(**next);
    }
    const auto end = fleet.try_next();
    CHECK(end.has_value() && !*end);
    return outcomes;
}

static void check(const Outcome &outcome) {
    switch (outcome.index()) {
    case 0: {
        const auto balance = outcome.try_balance();
        CHECK(balance && balance->available() == 1050 && balance->request_id() == outcome.request_id());
        CHECK(outcome.label() == "caf\xc3\xa9" && !outcome.client_name());
        CHECK(outcome.scope().kind() == ScopeKind::account && outcome.account_id() == outcome.scope().account_id());
        break;
    }
    case 1:
        CHECK(outcome.try_balance() && !outcome.label() && outcome.scope().kind() == ScopeKind::site);
        CHECK(outcome.scope().site_id() == site && outcome.account_id() == "owner");
        break;
    case 2: CHECK(outcome.try_balance().error().kind() == ErrorKind::not_found && outcome.label() == "a\1b"); break;
    default:
        CHECK(outcome.index() == 3 && outcome.try_balance().error().kind() == ErrorKind::network);
        CHECK(outcome.client_name() == "acme" && outcome.account_id() == std::getenv("WIX_ACCOUNT_ID"));
    }
    CHECK(!outcome.attempts().empty() && outcome.attempts().size() == outcome.attempts_started_at().size());
    CHECK(outcome.started_at()->unix_seconds == outcome.attempts_started_at()[0].unix_seconds);
    CHECK(outcome.ended_at().unix_seconds >= outcome.started_at()->unix_seconds);
    CHECK(outcome.attempts().front().phase() == (outcome.index() == 3 ? Phase::connect : Phase::reply));
}

static void each_target_has_one_outcome(const char *refused) {
    const Client own = client(Config{}.from_env());
    const Client other = client(Config{}.from_env().base_url(refused).max_retries(0));
    auto fleet = Fleet::try_start(own, targets(other), FleetOptions{}.rate(1).no_rate().max_pauses(0));
    CHECK(fleet.has_value());
    std::vector<Outcome> outcomes = outcomes_of(*fleet);
    CHECK(outcomes.size() == 4);
    std::vector<bool> seen(4);
    for (const Outcome &outcome : outcomes) {
        check(outcome);
        CHECK(!seen[outcome.index()]);
        seen[outcome.index()] = true;
    }
    const Progress progress = fleet->progress();
    CHECK(progress.total() == 4 && progress.done() == 4 && progress.failed() == 2 && progress.recent_attempts() == 4);
    CHECK(!progress.paused_for() && !progress.time_left());

    // A balance and a failure outlive their outcome.
    std::vector<result<Balance>> balances;
    for (const Outcome &outcome : outcomes) {
        balances.push_back(outcome.try_balance());
    }
    outcomes.clear();
    for (const auto &balance : balances) {
        CHECK(balance ? balance->available().has_value() : !balance.error().message().empty());
    }
}

static void wrong_settings_and_targets_are_named() {
    const Client own = client(Config{}.from_env());
    const auto refused = [&own](const std::vector<Target> &targets, const FleetOptions &options) {
        const auto fleet = Fleet::try_start(own, targets, options);
        return std::string(fleet.error().setting().value_or(""));
    };
    CHECK(refused({Target::site("")}, FleetOptions{}) == "targets");
    CHECK(refused({Target::site(std::string_view("a\0b", 3))}, FleetOptions{}) == "targets");
    CHECK(refused({Target::account_and_site("a", "")}, FleetOptions{}) == "targets");
    CHECK(refused({Target::credential()}, FleetOptions{}) == "targets");
    CHECK(refused({Target::site("s").label("\xff")}, FleetOptions{}) == "targets");
    CHECK(refused({}, FleetOptions{}.rate(0)) == "rate");
    CHECK(refused({}, FleetOptions{}.rate(9).processes(10)) == "rate");
    CHECK(refused({}, FleetOptions{}.max_pauses(1001)) == "max_pauses");
    CHECK(refused({}, FleetOptions{}.timeout(milliseconds(-1))) == "timeout");
    const auto scoped = Fleet::try_start(own, {}, FleetOptions{}, Call{}.site_id(site));
    CHECK(!scoped && scoped.error().kind() == ErrorKind::invalid_argument);
    const auto none = Fleet::try_start(own, {});
    CHECK(none && outcomes_of(*none).empty());
}

static void a_cancelled_fleet_has_all_outcomes() {
    const Client own = client(Config{}.from_env());
    const Call call;
    call.cancel();
    const auto fleet = Fleet::try_start(own, {Target::site(site), Target::site(site)}, FleetOptions{}, call);
    const auto outcomes = outcomes_of(*fleet);
    CHECK(outcomes.size() == 2);
    for (const Outcome &outcome : outcomes) {
        CHECK(outcome.try_balance().error().kind() == ErrorKind::cancelled && outcome.attempts().empty());
        CHECK(!outcome.started_at() && !outcome.request_id());
    }
    // One that is left alone ends with its object.
    const auto left = Fleet::try_start(own, {Target::site(site)});
    CHECK(left.has_value());
}

#if AICREDITS_HAS_EXCEPTIONS
static void throwing_forms(const char *refused) {
    const Client own{Config{}.from_env()};
    const Client other{Config{}.from_env().base_url(refused).max_retries(0)};
    const Fleet fleet{own, targets(other)};
    std::size_t seen = 0;
    for (const Outcome &outcome : fleet) {
        check(outcome);
        seen++;
        try {
            CHECK(outcome.balance().available() && outcome.index() < 2);
        } catch (const Error &error) {
            CHECK(error.kind() == outcome.try_balance().error().kind() && outcome.index() >= 2);
        }
    }
    CHECK(seen == 4 && fleet.begin() == fleet.end() && !fleet.next());
    const Fleet more{own, {Target::site(site), Target::site("gone")}, FleetOptions{}};
    auto at = more.begin();
    const std::size_t first = (at++)->index();
    CHECK(at != more.end() && first + at->index() == 1 && ++at == more.end());
    try {
        const Fleet wrong{own, {Target::site("")}, FleetOptions{}, Call{}};
        CHECK(!"it starts");
    } catch (const Error &error) {
        CHECK(error.setting() == "targets");
    }
}
#endif

int main(int argc, char **argv) {
    CHECK(argc == 3);
    site = argv[1];
    each_target_has_one_outcome(argv[2]);
    wrong_settings_and_targets_are_named();
    a_cancelled_fleet_has_all_outcomes();
#if AICREDITS_HAS_EXCEPTIONS
    throwing_forms(argv[2]);
#endif
    std::cout << "every check held\n";
    return 0;
}
