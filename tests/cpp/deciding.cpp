// Deciding on a balance: every function, and the arguments that must not compile.

#include "check.hpp"

#include <aicredits.hpp>

#include <cstdint>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

using namespace aicredits;

// Whether `expression` compiles, where T is the type of an argument.
#define COMPILES(name, expression) \
    template <class T, class = void> \
    constexpr bool name = false; \
    template <class T> \
    constexpr bool name<T, std::void_t<decltype(expression)>> = true
COMPILES(can_afford, std::declval<const Balance &>().try_can_afford(std::declval<T>()));
COMPILES(affordable_unit, std::declval<const Balance &>().try_affordable(std::declval<T>(), 1));
COMPILES(affordable_wanted, std::declval<const Balance &>().try_affordable(1, std::declval<T>()));
COMPILES(text_of, std::declval<T>().text());
COMPILES(rules_of, std::declval<T>().binding_rules());

template <class T>
constexpr bool is_cost = can_afford<T> && affordable_unit<T> && affordable_wanted<T>;
template <class T>
constexpr bool is_no_cost = !can_afford<T> && !affordable_unit<T> && !affordable_wanted<T>;
static_assert(is_cost<int> && is_cost<unsigned> && is_cost<long long> && is_cost<std::uint64_t> && is_cost<short>);
static_assert(is_no_cost<double> && is_no_cost<float> && is_no_cost<long double> && is_no_cost<bool>);
static_assert(is_no_cost<const char *> && is_no_cost<std::nullptr_t> && is_no_cost<std::optional<int>>);
static_assert(!text_of<Affordability> && text_of<Affordability &> && !rules_of<Affordability>);
static_assert(std::is_copy_constructible_v<Affordability> && std::is_nothrow_move_constructible_v<Affordability>);
static_assert(std::is_constructible_v<bool, Affordability> && !std::is_convertible_v<Affordability, bool>);
// A result of an answer is no answer.
static_assert(!std::is_constructible_v<bool, result<Affordability>>);
static_assert(!std::is_constructible_v<bool, result<std::optional<std::uint64_t>>>);
static_assert(std::is_constructible_v<bool, result<Balance>> && std::is_constructible_v<bool, result<void>>);

static const char *const month = R"({"periodicCredits":{"balance":10,"cap":1000},"creditBalanceBreakdown":[
    {"subscriptionId":"d7a341c4","usageRules":[
        {"period":"DAY","balance":30,"cap":30,"resetDate":"2026-06-24T00:00:00Z"},
        {"period":"MONTH","balance":10,"cap":1000,"resetDate":"2026-07-01T00:00:00Z"}]}]})";
static const char *const unknown = R"({"periodicCredits":{"balance":10},"creditBalanceBreakdown":[
    {"usageRules":[{"period":"MONTH"}]}]})";

static Balance balance_of(const char *json) {
    auto balance = Balance::try_from_json(json);
    CHECK(balance.has_value());
    return *std::move(balance);
}

static Affordability answer_of(const char *json, std::uint64_t cost) {
    auto answer = balance_of(json).try_can_afford(cost);
    CHECK(answer.has_value());
    return *std::move(answer);
}

template <class Shown>
static std::string shown(const Shown &what) {
    std::ostringstream out;
    out << what;
    return out.str();
}

// An instant from its text, in the form that a reply has.
static Timestamp instant(const char *text) {
    const std::string json =
        std::string(R"({"creditBalanceBreakdown":[{"usageRules":[{"resetDate":")") + text + "\"}]}]}";
    const Balance balance = balance_of(json.c_str());
    return *balance.credit_balance_breakdown()[0].usage_rules()[0].reset_date();
}

static void the_least_rule_is_spendable() {
    const Balance balance = balance_of(month);
    CHECK(balance.spendable() == 10 && balance.available() == 10);
    CHECK(balance.spendable_at(instant("2026-06-30T23:59:59Z")) == 10);
    CHECK(balance.spendable_at(std::chrono::system_clock::time_point(std::chrono::seconds(0))) == 10);
    // No instant of the library: the year 10000.
    CHECK(!balance.spendable_at(std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>(
        std::chrono::seconds(253'402'300'800))));
    const Balance none = balance_of(unknown);
    CHECK(!none.spendable() && !none.spendable_at(instant("2026-07-01T00:00:00Z")));
    CHECK(balance_of("{}").spendable() == 0);
}

static void an_answer_has_its_figures() {
    const Affordability yes = answer_of(month, 10), no = answer_of(month, 50), none = answer_of(unknown, 5);
    CHECK(yes && yes.answer() == Answer::yes && yes.cost() == 10 && !yes.shortfall() && !yes.affordable_at());
    CHECK(!no && no.answer() == Answer::no && no.cost() == 50 && no.shortfall() == 40U);
    CHECK(no.spendable() == 10 && no.available() == 10);
    CHECK(!none && none.answer() == Answer::unknown && !none.spendable() && none.available() == 10);
    CHECK(!none.shortfall());
    CHECK(answer_of("{}", 0) && !answer_of("{}", 1) && answer_of(unknown, 0) && !answer_of(unknown, 11));
}

static void an_answer_says_what_binds() {
    const Affordability no = answer_of(month, 50);
    CHECK(no.binding() == Binding::rules && no.binding_rules().size() == 1);
    CHECK(no.binding_rules()[0].source() == 0 && no.binding_rules()[0].rule() == 1);
    const Affordability pools = answer_of(R"({"topUpCredits":{"balance":3}})", 4);
    CHECK(pools.binding() == Binding::pools && pools.binding_rules().empty());
    const Affordability nothing = answer_of(R"({"creditBalanceBreakdown":[{"usageRules":[]}]})", 4);
    CHECK(nothing.binding() == Binding::nothing && nothing.answer() == Answer::unknown);
}

static void an_answer_is_a_sentence() {
    const Affordability no = answer_of(month, 50);
    CHECK(no.text().substr(0, 10) == "40 short: " && no.text().find("MONTH rule") != std::string_view::npos);
    CHECK(no.text().find("allows 10") != std::string_view::npos && no.text().find('\n') == std::string_view::npos);
    CHECK(shown(no) == no.text() && to_string(no) == no.text() && *(no.text().data() + no.text().size()) == '\0');
    CHECK(shown(Answer::no) == "NO" && to_string(Answer::yes) == "YES" && to_string(Answer::unknown) == "UNKNOWN");
    CHECK(shown(DenialReason::insufficient) == "INSUFFICIENT" && to_string(DenialReason::limit) == "LIMIT");
    CHECK(to_string(DenialReason::exhausted) == "EXHAUSTED" && shown(DenialReason::unavailable) == "UNAVAILABLE");
}

static void an_answer_is_shared_and_moved() {
    Affordability first = answer_of(month, 50);
    const Affordability copy = first;
    const std::string_view text = copy.text();
    const Affordability moved = std::move(first);
    CHECK(text == moved.text() && moved.shortfall() == 40U && text.data() == moved.text().data());
    // An answer that was moved from is no yes.
    CHECK(!first && first.answer() == Answer::unknown && first.text().empty() && first.cost() == 0);
    CHECK(!first.spendable() && !first.available() && !first.shortfall() && !first.affordable_at());
    CHECK(first.binding() == Binding::nothing && first.binding_rules().empty());
    first = copy;
    CHECK(first.shortfall() == 40U);
}

static void as_many_as_fit_are_affordable() {
    const Balance balance = balance_of(month);
    const auto count = [&balance](auto unit_cost, auto wanted) {
        const auto number = balance.try_affordable(unit_cost, wanted);
        CHECK(number.has_value());
        return *number;
    };
    CHECK(count(3, 50) == 3U && count(3, 2) == 2U && count(10, 1) == 1U && count(11, 1) == 0U);
    CHECK(count(0, 7) == 7U && count(7U, std::int64_t{0}) == 0U);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(count(most, most) == 0U && count(1, most) == 10U);
    const auto none = balance_of(unknown).try_affordable(3, 50);
    CHECK(none.has_value() && !*none);
}

static void wrong_numbers_are_refused_by_name() {
    const Balance balance = balance_of(month);
    const auto names = [](const Failure &failure, std::string_view name) {
        return failure.kind() == ErrorKind::invalid_argument && failure.message().substr(0, name.size()) == name
               && failure.setting() == name && !failure.denial() && !failure.cause();
    };
    constexpr auto over = std::uint64_t{1} << 63;
    CHECK(names(balance.try_can_afford(-1).error(), "cost") && names(balance.try_can_afford(over).error(), "cost"));
    CHECK(names(balance.try_can_afford(std::numeric_limits<std::int64_t>::min()).error(), "cost"));
    CHECK(names(balance.try_can_afford(static_cast<signed char>(-1)).error(), "cost"));
    CHECK((*balance.try_can_afford(over - 1)).answer() == Answer::no);
    CHECK(names(balance.try_affordable(-1, 1).error(), "unit_cost"));
    CHECK(names(balance.try_affordable(1, -1).error(), "wanted")
          && names(balance.try_affordable(1, over).error(), "wanted"));
}

static void resets_come_after_an_instant() {
    const Balance balance = balance_of(month);
    CHECK(!balance.next_reset());  // JSON alone has no instant.
    const Timestamp fetched = instant("2026-06-23T00:00:01.5Z"), date = instant("2026-06-23T00:00:00Z");
    const Balance stored = *Balance::try_from_json(month, fetched, date);
    CHECK(stored.next_reset() == instant("2026-07-01T00:00:00Z"));
    CHECK(stored.fetched_at() == fetched && stored.server_date() == date);
    const Balance fetched_only = *Balance::try_from_json(month, fetched, std::nullopt);
    CHECK(fetched_only.fetched_at() == fetched && !fetched_only.server_date());
    const auto late = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>::max();
    CHECK(Balance::try_from_json(month, late, date).error().kind() == ErrorKind::invalid_argument);
    // The DAY rule still binds then.
    const Affordability no = *stored.try_can_afford(20);
    CHECK(no.affordable_at() == instant("2026-07-01T00:00:00Z") && stored.spendable_at(*no.affordable_at()) == 30);
    CHECK(!(*stored.try_can_afford(31)).affordable_at());
    CHECK(balance.next_reset_after(instant("2026-06-23T00:00:00Z")) == instant("2026-07-01T00:00:00Z"));
    CHECK(!balance.next_reset_after(instant("2026-07-01T00:00:00Z")));
    CHECK(!balance.next_reset_after(late));
}

#if AICREDITS_HAS_EXCEPTIONS
static void wrong_numbers_are_thrown() {
    const Balance balance = balance_of(month);
    CHECK(Balance::from_json(month, balance.fetched_at(), balance.server_date()).spendable() == 10);
    CHECK(balance.can_afford(10) && !balance.can_afford(11U) && balance.affordable(3, 50) == 3U);
    for (const auto &wrong :
         {+[](const Balance &it) { (void)it.can_afford(-1); }, +[](const Balance &it) { (void)it.affordable(-1, 1); },
          +[](const Balance &it) { (void)it.affordable(1, -1); }}) {
        try {
            wrong(balance);
            CHECK(false);
        } catch (const Error &error) {
            CHECK(error.kind() == ErrorKind::invalid_argument);
        }
    }
}
#endif

int main() {
    the_least_rule_is_spendable();
    an_answer_has_its_figures();
    an_answer_says_what_binds();
    an_answer_is_a_sentence();
    an_answer_is_shared_and_moved();
    as_many_as_fit_are_affordable();
    wrong_numbers_are_refused_by_name();
    resets_come_after_an_instant();
#if AICREDITS_HAS_EXCEPTIONS
    wrong_numbers_are_thrown();
#endif
    std::cout << "every check held\n";
}
