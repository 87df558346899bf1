// The promises of the C++ header's opening page, against the emulator in the environment and a port that refuses.

#include "check.hpp"

#include <aicredits.hpp>

#include <algorithm>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace aicredits;
using std::chrono::milliseconds;

static_assert(!std::is_copy_constructible_v<Client> && std::is_nothrow_move_constructible_v<Client>);
static_assert(!std::is_copy_constructible_v<Config> && std::is_nothrow_move_constructible_v<Config>);
static_assert(!std::is_copy_constructible_v<Call> && std::is_nothrow_move_constructible_v<Call>);
static_assert(std::is_copy_constructible_v<Balance> && std::is_nothrow_move_constructible_v<Balance>);
static_assert(std::is_copy_constructible_v<Failure>);

// Code that would borrow from a temporary does not compile.
#define TAKES_A_TEMPORARY(name, expression) \
    template <class T, class = void> \
    constexpr bool name = false; \
    template <class T> \
    constexpr bool name<T, std::void_t<decltype(std::declval<T>() expression)>> = true
TAKES_A_TEMPORARY(arrow, .operator->());
TAKES_A_TEMPORARY(json, .json());
TAKES_A_TEMPORARY(text, .text());
TAKES_A_TEMPORARY(breakdown, .credit_balance_breakdown());
TAKES_A_TEMPORARY(handle, .get());
TAKES_A_TEMPORARY(message, .message());
TAKES_A_TEMPORARY(attempts, .attempts());
TAKES_A_TEMPORARY(available, .available());
static_assert(!arrow<result<Balance>> && arrow<result<Balance> &>);
static_assert(!json<Balance> && !breakdown<Balance> && !handle<Balance> && json<Balance &> && available<Balance>);
static_assert(!message<Failure> && !attempts<Failure> && message<const Failure &>);

#if defined(__cpp_lib_ranges)
using Sources = Range<CreditBalance, aicredits_credit_balance>;
static_assert(std::ranges::random_access_range<Sources> && std::ranges::borrowed_range<Sources>);
static_assert(std::ranges::view<Sources>);
#endif

template <class Shown>
static std::string shown(const Shown &what) {
    std::ostringstream out;
    out << what;
    return out.str();
}

static Client client_of(const Config &config) {
    auto client = Client::try_new(config);
    CHECK(client.has_value());
    return *std::move(client);
}

static Client client() {
    return client_of(Config{}.from_env());
}

static void the_example_is_read() {
    const Balance balance = *client().try_get_balance();
    CHECK(balance.periodic_credits()->balance() == 850 && balance.periodic_credits()->cap() == 1000);
    CHECK(balance.top_up_credits()->balance() == 200 && balance.top_up_credits()->cap() == 200);
    CHECK(balance.available() == 1050);
    const auto sources = balance.credit_balance_breakdown();
    CHECK(sources.size() == 2 && !sources.empty() && sources.end() - sources.begin() == 2);
    CHECK(sources[0].subscription_id() == "d7a341c4-196b-46e7-813c-2b0fc1847ec6" && !sources[1].subscription_id());
    CHECK(sources.front().subscription_id() && !sources.back().subscription_id());
    const UsageRule monthly = sources[0].usage_rules()[0];
    CHECK(monthly.period() == FeaturePeriod::month && monthly.period_name() == "MONTH");
    CHECK(monthly.balance() == 850 && monthly.cap() == 1000);
    CHECK(monthly.reset_date()->unix_seconds == 1782864000 && monthly.reset_date()->nanoseconds == 0);
    CHECK(monthly.reset_date()->time_point().time_since_epoch() == std::chrono::seconds(1782864000));
    CHECK(!sources[1].usage_rules()[0].reset_date());
    CHECK(std::count_if(sources.begin(), sources.end(), [](CreditBalance it) { return !it.subscription_id(); }) == 1);
    CHECK(balance.json().find("periodicCredits") != std::string_view::npos);
    CHECK(to_string(balance.scope()->kind()) == "ACCOUNT" && to_string(LogLevel::warn) == "WARN");
    CHECK(balance.scope()->kind() == ScopeKind::account && balance.scope()->account_id()
          && !balance.scope()->site_id());
    CHECK(balance.request_id() && balance.fetched_at() && balance.server_date());
    CHECK(shown(balance)
          == "recurring: 850 of 1000\ntop-up: 200 of 200\nsubscription d7a341c4-196b-46e7-813c-2b0fc1847ec6\n"
             "  MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z\nno subscription\n  NO_PERIOD: 200 of 200");
    CHECK(shown(*balance.scope()) == "account " + std::string(*balance.scope()->account_id()));
}

static void owners_share() {
    std::optional<Balance> first = *Balance::try_from_json(R"({"periodicCredits":{"balance":7}})");
    Balance copy = *first, moved = std::move(*first);
    first.reset();
    copy = copy;
    CHECK(copy.available() == 7 && moved.available() == 7);
    const std::string_view json = copy.json();
    moved = copy;
    copy = *Balance::try_from_json("{}");
    CHECK(json == moved.json() && copy.available() == 0 && copy.is_recognized() && !copy.periodic_credits()
          && !copy.scope());
    CHECK(copy.credit_balance_breakdown().empty() && !copy.request_id() && !copy.fetched_at() && !copy.server_date());
}

static void ranges_go_both_ways() {
    const Balance balance = *Balance::try_from_json(
        R"({"creditBalanceBreakdown":[{"subscriptionId":"a"},{"subscriptionId":"b"},{"subscriptionId":"c"}]})");
    const auto sources = balance.credit_balance_breakdown();
    CHECK(std::prev(sources.end())->subscription_id() == "c"
          && std::next(sources.begin(), 2)[-1].subscription_id() == "b");
    std::string ids;
    for (auto it = std::make_reverse_iterator(sources.end()); it != std::make_reverse_iterator(sources.begin()); ++it) {
        ids += *it->subscription_id();
    }
    CHECK(ids == "cba" && sources.begin() < sources.end() && sources.end() - sources.begin() == 3);
    CHECK((Range<CreditBalance, aicredits_credit_balance>().empty()));
#if defined(__cpp_lib_ranges)
    const auto is_b = [](CreditBalance source) { return source.subscription_id() == "b"; };
    CHECK(std::ranges::find_if(balance.credit_balance_breakdown(), is_b)->subscription_id() == "b");
    CHECK(std::ranges::distance(balance.credit_balance_breakdown() | std::views::reverse | std::views::take(2)) == 2);
#endif
}

// The library's own way of making text fit, and a stream that is set up for something else.
static void text_is_written_as_one_string() {
    const std::string long_id(500, 'x');
    const Balance balance = *Balance::try_from_json(
        R"({"topUpCredits":{"balance":1850,"cap":10000},"creditBalanceBreakdown":[{"subscriptionId":")" + long_id
        + R"("},{"subscriptionId":"\u061c\u200b\ufeff\u2066"}]})");
    const auto sources = balance.credit_balance_breakdown();
    CHECK(shown(sources[0]).size() == sizeof "subscription " - 1 + 300 + 3);
    CHECK(shown(sources[1]) == "subscription \\u{61c}\\u{200b}\\u{feff}\\u{2066}");

    std::ostringstream out;
#if defined(__GXX_RTTI)
    // A facet of one's own needs RTTI.
    struct Grouped : std::numpunct<char> {
        char do_thousands_sep() const override { return ','; }
        std::string do_grouping() const override { return "\3"; }
    };
    out.imbue(std::locale(std::locale(), new Grouped));
#endif
    out << std::hex << std::showpos << std::setw(14) << *balance.top_up_credits();
    CHECK(out.str() == " 1850 of 10000" && to_string(*balance.top_up_credits()) == "1850 of 10000");
    out.str("");
    out << std::setw(22) << std::setfill('.') << Timestamp{};
    CHECK(out.str() == "..1970-01-01T00:00:00Z");
}

static void threads_share_what_is_const() {
    const Client shared = client();
    const Balance balance = *shared.try_get_balance();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
        threads.emplace_back([&shared, &balance] {
            for (int calls = 0; calls < 20; calls++) {
                CHECK(shared.try_get_balance().has_value());
                CHECK(Balance(balance).available() == 1050);
            }
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
}

static void unknown_values_are_kept_and_shown_escaped() {
    const Balance balance = *Balance::try_from_json(
        "{\"creditBalanceBreakdown\":[{\"subscriptionId\":\"a\\u001b[2J\\u202e\\u0085\",\"usageRules\":[{\"period\":"
        "\"NEW\\n\","
        "\"resetDate\":\"1969-12-31T23:59:59.5Z\"},{\"period\":\"DAY\",\"resetDate\":\"9999-12-31T00:00:00Z\"},"
        "{\"resetDate\":\"0001-03-01T01:02:03.000000001Z\"},{\"resetDate\":\"2024-02-29T00:00:00Z\"}]}]}");
    const auto rules = balance.credit_balance_breakdown()[0].usage_rules();
    CHECK(rules[0].period() == FeaturePeriod::unknown && rules[0].period_name() == "NEW\n");
    CHECK(rules[0].reset_date() < rules[1].reset_date() && !rules[2].period() && !rules[2].balance()
          && !rules[2].cap());
    CHECK(shown(balance.credit_balance_breakdown()[0])
          == "subscription a\\u{1b}[2J\\u{202e}\\u{85}\n"
             "  NEW\\n: unknown of unknown, resets 1969-12-31T23:59:59.5Z\n"
             "  DAY: unknown of unknown, resets 9999-12-31T00:00:00Z\n"
             "  unknown: unknown of unknown, resets 0001-03-01T01:02:03.000000001Z\n"
             "  unknown: unknown of unknown, resets 2024-02-29T00:00:00Z");
}

static void failures_tell() {
    const Client wrong = client_of(Config{}.from_env().api_key("IST.canary-wrong"));
    const auto refused = wrong.try_get_balance();
    CHECK(!refused && refused.error().kind() == ErrorKind::unauthorized && refused.error().http_status() == 401U);
    const Failure failure = refused.error();
    CHECK(failure.scope()->account_id() && failure.request_id() && !failure.retry_after());
    CHECK(failure.attempts().size() == 1 && failure.attempts()[0].phase() == Phase::reply);
    CHECK(failure.attempts()[0].http_status() == 401U && failure.attempts()[0].duration().count() > 0);
    CHECK(failure.attempts()[0].request_id() == failure.request_id() && failure.field_violations().empty());
    CHECK(!failure.is_transient());
    CHECK(shown(failure) == failure.message() && failure.message().find("canary") == std::string_view::npos);
    CHECK(shown(failure.kind()) == "UNAUTHORIZED" && shown(Phase::reply) == "REPLY"
          && shown(FeaturePeriod::day) == "DAY");

    const auto unknown = client().try_get_balance(Call{}.site_id("no-such-site").timeout(milliseconds(20000)));
    CHECK(unknown.error().kind() == ErrorKind::not_found && unknown.error().scope()->site_id() == "no-such-site");
    const auto decoded = Balance::try_from_json({});
    CHECK(decoded.error().kind() == ErrorKind::decode && !decoded.error().scope()
          && decoded.error().attempts().empty());
}

static void settings_are_refused_by_name(const char *refused) {
    const auto names = [](const Config &config, std::string_view name) {
        const auto client = Client::try_new(config);
        return !client && client.error().kind() == ErrorKind::invalid_argument
               && client.error().message().substr(0, name.size()) == name;
    };
    // A NUL would otherwise cut the text short without a word.
    CHECK(names(Config{}.from_env().api_key(std::string_view("IST.a\0b", 7)), "api_key"));
    CHECK(names(Config{}.from_env().account_id(std::string_view("a\0b", 3)), "account_id"));
    CHECK(names(Config{}.from_env().timeout(milliseconds(-1)), "timeout"));
    CHECK(names(Config{}.from_env().max_concurrency(0), "max_concurrency"));
    CHECK(names(Config{}.from_env().ca_pem(""), "ca_pem"));
    CHECK(names(Config{}.from_env().credential_provider(nullptr), "credential_provider"));

    // A chain may be kept.
    const Config chain = Config{}.from_env().max_retries(0).timeout(milliseconds(7));
    const Call call =
        Call{}.site_id("no-such-site").timeout(milliseconds(20000)).start(std::chrono::steady_clock::now());
    const Client chained = client_of(chain);
    CHECK(chained.timeout() == milliseconds(7) && chained.scope()->account_id() == std::getenv("WIX_ACCOUNT_ID"));
    Client taken = client();
    const Client kept = std::move(taken);
    CHECK(kept.scope()->kind() == ScopeKind::account && !taken.scope());
    CHECK(client().try_get_balance(call).error().kind() == ErrorKind::not_found);

    CHECK(client().timeout() == milliseconds(35000) && client().max_concurrency() == 64);
    CHECK(client_of(Config{}.from_env().timeout(milliseconds(7)).max_concurrency(3)).max_concurrency() == 3);
    const Client nobody = client_of(Config{}.from_env().base_url(refused).max_retries(0).name("test"));
    const Failure network = nobody.try_get_balance().error();
    CHECK(network.kind() == ErrorKind::network && network.is_transient());
    nobody.close();
    CHECK(nobody.try_get_balance().error().kind() == ErrorKind::closed);
    const Call cancelled;
    cancelled.cancel();
    CHECK(client().try_get_balance(cancelled).error().kind() == ErrorKind::cancelled);
    const Call expired;
    expired.expire();
    CHECK(client().try_get_balance(expired).error().kind() == ErrorKind::timeout);
    const Call late = Call{}.deadline(std::chrono::steady_clock::now());
    CHECK(client().try_get_balance(late).error().kind() == ErrorKind::timeout);
}

struct Counted {
    explicit Counted(int *count) : count_(count) { ++*count_; }
    Counted(const Counted &other) : count_(other.count_) { ++*count_; }
    Counted &operator=(const Counted &) = delete;
    ~Counted() { --*count_; }
    int *count_;
};

static void each_call_names_its_scope() {
    const std::string account = "WIX_ACCOUNT_ID=account-9",
                      key = std::string("WIX_API_KEY=") + std::getenv("WIX_API_KEY");
    const char *const variables[] = {key.c_str(), account.c_str(), nullptr};
    const Client given = client_of(Config{}.environment(variables).from_env());
    CHECK(given.scope()->account_id() == "account-9");

    const Client client = client_of(Config{}.from_env().per_call_scope());
    CHECK(!client.scope());
    const auto unnamed = client.try_get_balance();
    CHECK(!unnamed && unnamed.error().kind() == ErrorKind::invalid_argument);
    CHECK(unnamed.error().message().find("scope") == 0);
    const auto named = client.try_get_balance(Call{}.account_id(std::getenv("WIX_ACCOUNT_ID")));
    CHECK(named && named->scope()->account_id() == std::getenv("WIX_ACCOUNT_ID"));
}

static void functions_are_called_and_freed() {
    int alive = 0;
    {
        Config config;
        config.from_env().credential_provider([counted = Counted(&alive)](Credential &credential) {
            credential.set_authorization(std::getenv("WIX_API_KEY"));
            CHECK(*counted.count_ > 0);
        });
        CHECK(client_of(config).try_get_balance().has_value());
        config.credential_provider([](Credential &credential) { credential.set_failure("the vault is shut"); });
        const auto failed = client_of(config).try_get_balance();
        CHECK(failed.error().kind() == ErrorKind::unauthorized);
        CHECK(failed.error().message().find("the vault is shut") != std::string_view::npos);
    }
    CHECK(alive == 0);

    int records = 0;
    set_log(LogLevel::debug, [&records, counted = Counted(&alive)](LogLevel level, std::string_view message) {
        CHECK(level <= LogLevel::debug && !message.empty());
        records++;
    });
    CHECK(client().try_get_balance().has_value() && records > 0 && alive > 0);
    set_log(LogLevel::off, nullptr);
    CHECK(alive == 0);
}

#if AICREDITS_CATCHES
// Without RTTI as well.
static void exceptions_of_callbacks_do_not_cross_c() {
    const auto message = [](auto what) {
        const auto provider = [what](Credential &) { throw what; };
        const auto failed = client_of(Config{}.from_env().credential_provider(provider)).try_get_balance();
        CHECK(failed.error().kind() == ErrorKind::unauthorized);
        return std::string(failed.error().message());
    };
    CHECK(message(std::runtime_error("no vault")).find("no vault") != std::string::npos);
    CHECK(message(7).find("no std::exception") != std::string::npos);
    set_log(LogLevel::debug, [](LogLevel, std::string_view) { throw 7; });
    const auto balance = client().try_get_balance();
    CHECK(balance && balance->available() == 1050);
    set_log(LogLevel::off, nullptr);
}
#endif

#if AICREDITS_HAS_EXCEPTIONS
static void failures_are_thrown() {
    CHECK(client().get_balance().available() == 1050 && Client(Config{}.from_env()).get_balance(Call{}).available());
    try {
        client().get_balance(Call{}.site_id("no-such-site"));
        CHECK(false);
    } catch (const std::exception &caught) {
        const auto &error = dynamic_cast<const Error &>(caught);
        CHECK(error.kind() == ErrorKind::not_found && error.what() == error.message());
    }
    try {
        Client made{Config{}};
        CHECK(false);
    } catch (const Error &error) {
        CHECK(error.kind() == ErrorKind::invalid_argument);
    }
    try {
        Balance::from_json("[]");
        CHECK(false);
    } catch (const Failure &failure) {
        CHECK(failure.kind() == ErrorKind::decode);
        Error error(failure);
        const Error moved(std::move(error));
        CHECK(moved.what() == failure.message() && error.what() != nullptr && *error.what() == '\0');
    }
}
#endif

int main(int, char **arguments) {
    CHECK(version() == AICREDITS_VERSION);
    the_example_is_read();
    owners_share();
    ranges_go_both_ways();
    text_is_written_as_one_string();
    threads_share_what_is_const();
    unknown_values_are_kept_and_shown_escaped();
    failures_tell();
    settings_are_refused_by_name(arguments[1]);
    each_call_names_its_scope();
    functions_are_called_and_freed();
#if AICREDITS_CATCHES
    exceptions_of_callbacks_do_not_cross_c();
#endif
#if AICREDITS_HAS_EXCEPTIONS
    failures_are_thrown();
#endif
    std::cout << "every check held\n";
}
