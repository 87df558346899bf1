// Conversions between an instant and the clocks of std::chrono do not overflow. Compiled with -fsanitize=undefined.

#include "check.hpp"

#include <aicredits.hpp>

#include <cstdint>
#include <iostream>
#include <limits>
#include <string>

using namespace aicredits;
using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::system_clock;
template <class Duration>
using At = std::chrono::time_point<system_clock, Duration>;
using Nanoseconds = std::chrono::nanoseconds;

static Timestamp reset_date(const std::string &text) {
    const std::string rules = R"([{"resetDate":")" + text + R"("}])";
    const Balance balance = *Balance::try_from_json(R"({"creditBalanceBreakdown":[{"usageRules":)" + rules + "}]}");
    return *balance.credit_balance_breakdown()[0].usage_rules()[0].reset_date();
}

static Timestamp of(std::int64_t seconds, std::uint32_t nanoseconds = 0) {
    Timestamp instant;
    instant.unix_seconds = seconds;
    instant.nanoseconds = nanoseconds;
    return instant;
}

template <class Duration>
static Timestamp at(Duration since_1970) {
    return At<Duration>(since_1970);
}

static void the_last_year_is_not_past() {
    const auto now = system_clock::now();
    for (const char *future : {"9999-12-31T23:59:59.999999999Z", "2262-04-12T00:00:00Z", "2300-01-01T00:00:00Z"}) {
        const std::optional<Timestamp> instant = reset_date(future);
        CHECK(*instant > now && now < *instant && *instant >= now && *instant != now && !(*instant <= now));
        CHECK(instant > now && now < instant);
        CHECK(instant->until(now) > 1h);
    }
    for (const char *past : {"0001-01-01T00:00:00Z", "1677-09-20T00:00:00Z", "1969-12-31T23:59:59.5Z"}) {
        const Timestamp instant = reset_date(past);
        CHECK(instant < now && now > instant && instant <= now && instant != now && instant.until(now) < 0s);
    }
    CHECK(reset_date("9999-12-31T23:59:59Z").until(now) == Nanoseconds::max());
    CHECK(reset_date("0001-01-01T00:00:00Z").until(now) == Nanoseconds::min());
}

static void a_time_point_is_the_same_instant() {
    CHECK(at(0s) == Timestamp{} && at(1'500ms) == of(1, 500'000'000) && at(-1ns) == of(-1, 999'999'999));
    CHECK(at(-1s) == of(-1) && at(-1'500us) == of(-1, 998'500'000) && at(24h) == of(86'400));
    CHECK(at(Nanoseconds::max()) == of(9'223'372'036, 854'775'807));
    CHECK(at(Nanoseconds::min()) == of(-9'223'372'037, 145'224'192));
    CHECK(at(std::chrono::microseconds::min()) == of(-9'223'372'036'855, 224'192'000));
    CHECK(at(std::chrono::seconds::max()) == of(std::numeric_limits<std::int64_t>::max()));
    CHECK(at(std::chrono::hours::max()) == of(std::numeric_limits<std::int64_t>::max()));
    CHECK(at(std::chrono::hours::min()) == of(std::numeric_limits<std::int64_t>::min()));
    CHECK(at(std::chrono::duration<double>(-0.5)) == of(-1, 500'000'000));
    CHECK(at(std::chrono::duration<std::int64_t, std::pico>(-1)) == of(-1, 999'999'999)
          || at(std::chrono::duration<std::int64_t, std::pico>(-1)) == of(0));
    CHECK(at(std::chrono::duration<std::int32_t, std::ratio<86'400>>(2)) == of(172'800));
    // The weeks of libc++: the limits of int64_t seconds do not fit into int32_t weeks.
    CHECK(at(std::chrono::duration<std::int32_t, std::ratio<604'800>>(2)) == of(1'209'600));
    const auto now = system_clock::now();
    CHECK(Timestamp(now) == now && Timestamp(now).until(now) == 0ns);
    for (const char *text : {"9999-12-31T23:59:59.123456Z", "0001-01-01T00:00:00Z", "2026-07-01T00:00:00Z"}) {
        CHECK(Timestamp(reset_date(text).time_point()) == reset_date(text));
    }
}

static void a_floating_point_time_point_saturates() {
    using Seconds = std::chrono::duration<double>;
    using Hours = std::chrono::duration<float, std::ratio<3600>>;
    const Timestamp last = of(std::numeric_limits<std::int64_t>::max()),
                    first = of(std::numeric_limits<std::int64_t>::min());
    CHECK(at(Seconds(1e300)) == last && at(Seconds(-1e300)) == first);
    CHECK(at(Seconds(9'223'372'036'854'775'808.0)) == last && at(Seconds(-9'223'372'036'854'775'808.0)) == first);
    CHECK(at(Seconds(9'223'372'036'854'774'784.0)) == of(9'223'372'036'854'774'784));
    CHECK(at(Seconds(std::numeric_limits<double>::infinity())) == last);
    CHECK(at(Seconds(std::numeric_limits<double>::quiet_NaN())) == first);
    CHECK(at(Hours(1e30F)) == last && at(Hours(-1e30F)) == first && at(Hours(-0.5F)) == of(-1'800));
    CHECK(at(std::chrono::duration<double, std::milli>(-1.5)) == of(-1, 998'500'000) && at(Seconds(-1e-300)) == of(0));
}

static void the_time_until_it_saturates() {
    const std::int64_t last = std::numeric_limits<std::int64_t>::max(),
                       first = std::numeric_limits<std::int64_t>::min();
    CHECK(of(10, 5).until(of(7, 6)) == 2'999'999'999ns && of(7, 6).until(of(10, 5)) == -2'999'999'999ns);
    CHECK(of(9'223'372'036, 854'775'807).until(Timestamp{}) == Nanoseconds::max());
    CHECK(of(9'223'372'036, 854'775'806).until(Timestamp{}) == Nanoseconds::max() - 1ns);
    CHECK(of(9'223'372'036, 854'775'808).until(Timestamp{}) == Nanoseconds::max());
    CHECK(of(9'223'372'037).until(of(0, 145'224'193)) == Nanoseconds::max());
    CHECK(of(9'223'372'037).until(of(0, 145'224'194)) == Nanoseconds::max() - 1ns);
    CHECK(of(9'223'372'037).until(of(0, 145'224'192)) == Nanoseconds::max());
    CHECK(of(-9'223'372'037, 145'224'192).until(Timestamp{}) == Nanoseconds::min());
    CHECK(of(-9'223'372'037, 145'224'193).until(Timestamp{}) == Nanoseconds::min() + 1ns);
    CHECK(of(-9'223'372'037, 145'224'191).until(Timestamp{}) == Nanoseconds::min());
    CHECK(of(last).until(of(first)) == Nanoseconds::max() && of(first).until(of(last)) == Nanoseconds::min());
    CHECK(of(first).until(of(first)) == 0ns && of(last, 999'999'999).until(of(last)) == 999'999'999ns);
}

static void instants_outside_a_reply_s_range_are_shown() {
    CHECK(to_string(of(253'402'300'799, 999'999'999)) == "9999-12-31T23:59:59.999999999Z");
    CHECK(to_string(of(253'402'300'800)) == "+10000-01-01T00:00:00Z");
    CHECK(to_string(of(-62'135'596'800)) == "0001-01-01T00:00:00Z");
    CHECK(to_string(of(-62'135'596'801)) == "0000-12-31T23:59:59Z");
    CHECK(to_string(of(-62'167'219'201)) == "-0001-12-31T23:59:59Z");
    CHECK(to_string(of(-1)) == "1969-12-31T23:59:59Z" && to_string(of(951'782'400)) == "2000-02-29T00:00:00Z");
    const Timestamp last = at(std::chrono::hours::max()), first = at(std::chrono::hours::min());
    CHECK(to_string(last) == "+292277026596-12-04T15:30:07Z" && to_string(first) == "-292277022657-01-27T08:29:52Z");
    CHECK(last.time_point().time_since_epoch() == std::chrono::microseconds::max());
    CHECK(first.time_point().time_since_epoch() == std::chrono::microseconds::min());
    for (const auto end : {std::chrono::microseconds::max(), std::chrono::microseconds::min()}) {
        CHECK(at(end).time_point().time_since_epoch() == end);
    }
}

int main() {
    instants_outside_a_reply_s_range_are_shown();
    the_last_year_is_not_past();
    a_time_point_is_the_same_instant();
    a_floating_point_time_point_saturates();
    the_time_until_it_saturates();
    std::cout << "every check held\n";
}
