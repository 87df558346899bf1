// std::format of every type that has operator<<.

#include <aicredits.hpp>

#include <cstdlib>
#include <iostream>
#include <sstream>

#if !defined(__cpp_lib_format)
int main() {
    std::cout << "no <format>\n";
}
#else

static void same(bool holds, const char *what) {
    if (!holds) {
        std::cout << what << " is formatted otherwise than it is shown\n";
        std::exit(1);
    }
}

template <class Shown>
static void check(const Shown &shown, const char *what) {
    std::ostringstream out;
    out << shown;
    same(std::format("{}", shown) == out.str() && std::format("{:>900}", shown).size() >= 900, what);
}
#define CHECK(shown) check(shown, #shown)

using namespace aicredits;

int main() {
    const Balance balance = *Balance::try_from_json(
        R"({"periodicCredits":{"balance":850,"cap":1000},"creditBalanceBreakdown":[{"subscriptionId":"s\u200b","usageRules":
           [{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00Z"}]}]})");
    const CreditBalance source = balance.credit_balance_breakdown()[0];
    const auto refused = Balance::try_from_json("[]");
    const Client client = *Client::try_new(Config{}.api_key("key-of-a-test").account_id("a"));
    CHECK(balance);
    CHECK(*balance.periodic_credits());
    CHECK(source);
    CHECK(source.usage_rules()[0]);
    CHECK(*source.usage_rules()[0].reset_date());
    CHECK(*source.usage_rules()[0].period());
    CHECK(refused.error());
    CHECK(refused.error().kind());
    CHECK(*client.scope());
    CHECK(client.scope()->kind());
    CHECK(*balance.try_can_afford(900));
    CHECK(Answer::unknown);
    const Gate gate = *Gate::try_new(client);
    const auto denied = gate.try_reserve_now(5);
    CHECK(*denied.error().denial());
    CHECK(denied.error());
    CHECK(DenialReason::insufficient);
    CHECK(Phase::connect);
    CHECK(LogLevel::warn);
#if AICREDITS_HAS_EXCEPTIONS
    CHECK(Error(refused.error()));
#endif
    same(std::format("[{:>6}] {:*^24}", FeaturePeriod::day, Timestamp{}) == "[   DAY] **1970-01-01T00:00:00Z**",
         "a width");
    std::cout << "every check held\n";
}
#endif
