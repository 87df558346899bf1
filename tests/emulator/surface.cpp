// The C++ class of an emulator: a method for each action, the throwing forms and the others.

#include "../cpp/check.hpp"
#include "http.h"

#include <aicredits/emulator.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

using aicredits::Emulator;
using aicredits::EmulatorOptions;
using aicredits::EmulatorReply;
using namespace std::chrono_literals;

static_assert(std::is_move_constructible_v<Emulator> && std::is_move_assignable_v<Emulator>);
static_assert(!std::is_copy_constructible_v<Emulator> && !std::is_copy_assignable_v<Emulator>);

template <class Cost, class = void>
struct CanSpend : std::false_type {};
template <class Cost>
struct CanSpend<Cost, std::void_t<decltype(std::declval<const Emulator &>().try_spend(std::declval<Cost>()))>>
    : std::true_type {};

static_assert(CanSpend<int>::value && CanSpend<std::uint64_t>::value && CanSpend<const char *>::value);
// A fraction, a flag and a time are no cost.
static_assert(!CanSpend<double>::value && !CanSpend<bool>::value && !CanSpend<std::chrono::seconds>::value);

static Emulator started(const EmulatorOptions &options = {}) {
    auto emulator = Emulator::try_start(options);
    CHECK(emulator);
    return std::move(*emulator);
}

static int balance_of(const Emulator &emulator) {
    const auto headers = "Authorization: " + std::string(emulator.api_key())
                         + "\r\nwix-account-id: " + std::string(emulator.account_id()) + "\r\n";
    return post(std::string(emulator.url()).c_str(), BALANCE, headers.c_str(), "{}");
}

static void settings() {
    const Emulator emulator = started();
    CHECK(emulator.url().substr(0, 17) == "http://127.0.0.1:" && emulator.url().data()[emulator.url().size()] == '\0');
    CHECK(emulator.api_key().substr(0, 4) == "IST." && emulator.site_key() != emulator.api_key());
    CHECK(!emulator.account_id().empty() && !emulator.site_id().empty() && !emulator.ca_pem());
    const Emulator secure = started(EmulatorOptions().tls());
    CHECK(secure.url().substr(0, 8) == "https://" && secure.ca_pem()->find("CERTIFICATE") != std::string_view::npos);
    const Emulator empty = started(EmulatorOptions().scenario("{\"version\":1}"));
    CHECK(empty.api_key().empty() && empty.account_id().empty());
}

static void options() {
    const auto all = EmulatorOptions()
                         .scenario("example")
                         .host("127.0.0.1")
                         .port(0)
                         .tls(false)
                         .clock("{\"speed\":60}")
                         .assumptions("{\"no_scope\":\"400\"}")
                         .faults("[{\"times\":1,\"reply\":{\"status\":503}}]")
                         .control_token("to\"ken");
    const Emulator emulator = started(all);
    const auto state = emulator.try_state();
    CHECK(state.at("/clock/speed").integer() == 60 && state.at("/assumptions").at("/no_scope").text() == "400");
    CHECK(state.at("/faults").count() == 1);

    std::string why;
    CHECK(!Emulator::try_start(EmulatorOptions().scenario("no such"), &why));
    CHECK(why.find("no such") != std::string::npos);
    CHECK(!Emulator::try_start(EmulatorOptions().host("nowhere.invalid.")));
}

static void actions() {
    const Emulator emulator = started();
    const auto spent = emulator.try_spend(5);
    CHECK(spent && spent.status() == 200 && spent.at("/drawn/0/amount").integer() == 5);
    CHECK(spent.at("/repeated").boolean() == false && spent.message().empty());
    CHECK(spent.at("/drawn").count() == 1 && spent.at("/drawn/0").at("/allocation").text() == "monthly");
    CHECK(!spent.at("/cost").text() && !spent.at("/transaction").integer() && !spent.at("/none").boolean());
    const auto refused = emulator.try_spend("{\"cost\":9000,\"idempotency_key\":\"k1\"}");
    CHECK(!refused && refused.status() == 409 && refused.at("/spendable").integer() == 1045);
    CHECK(!refused.message().empty() && emulator.try_spend(-5).status() == 400);

    CHECK(emulator.try_clock().at("/mode").text() == "frozen");
    CHECK(emulator.try_clock(24h).at("/now").text() == "2026-06-25T00:00:00Z");
    CHECK(emulator.try_clock("{\"now\":\"2026-07-01T00:00:00Z\"}").at("/resets").integer() == 1);
    CHECK(emulator.try_account("{\"account\":\"shop\"}").at("/account").text() == "shop");
    CHECK(emulator.try_key("{\"name\":\"new\",\"accounts\":[\"shop\"]}").at("/secret").text()->substr(0, 4) == "IST.");
    CHECK(emulator.try_grant("{\"account\":\"shop\",\"rules\":[{\"period\":\"DAY\",\"cap\":30}]}"));
    const auto bought = emulator.try_top_up(200);
    CHECK(bought && emulator.try_top_up("{\"account\":\"shop\",\"amount\":1}"));
    const auto name = bought.at("/allocation").text();
    CHECK(emulator.try_adjust("{\"allocation\":\"" + *name + "\",\"balance\":7}"));
    CHECK(emulator.try_assume("no_scope", "400").at("/assumptions/no_scope").text() == "400");
    CHECK(emulator.try_assume("{\"no_scope\":\"428\"}") && !emulator.try_assume("no_scope", "a\"b\\\n"));

    CHECK(emulator.try_limit(1) && emulator.try_limit("{\"per_minute\":null}"));
    const auto fault = emulator.try_fault("{\"times\":1,\"reply\":{\"status\":503}}");
    CHECK(balance_of(emulator) == 503 && balance_of(emulator) == 200);
    CHECK(emulator.try_fault("{\"reply\":{\"status\":503}}")
          && emulator.try_clear_faults().at("/cleared").integer() > 0);
    CHECK(emulator.try_clear_faults(*fault.at("/fault").text()).at("/cleared").integer() == 0);

    CHECK(emulator.try_mark().at("/n").integer() == 2 && emulator.try_mark("se\"cond"));
    CHECK(emulator.try_wait(2).at("/reached").boolean() == true);
    CHECK(emulator.try_wait(3, 1ms).at("/reached").boolean() == false);
    CHECK(emulator.try_journal().at("/requests").count() == 2);
    CHECK(emulator.try_journal("{\"status\":503}").at("/requests").count() == 1);
    CHECK(emulator.try_verdict().at("/good").boolean() == true && emulator.findings().empty());
    CHECK(emulator.try_verdict("{\"require\":{\"max_attempts\":9}}"));
    const auto state = emulator.try_state();
    CHECK(state.at("/accounts").count() == 2);
    CHECK(emulator.try_reset().at("/accounts").count() == 1);
    CHECK(emulator.try_reset("example") && emulator.try_reset(state.json()).at("/accounts").count() == 2);
    CHECK(emulator.try_control("fly", "{}").status() == 404);
}

static void judging() {
    const Emulator emulator = started();
    const auto leaking = std::string(BALANCE) + "?key=" + std::string(emulator.api_key());
    (void)post(std::string(emulator.url()).c_str(), leaking.c_str(), "", "{}");
    const auto text = emulator.findings();
    CHECK(text.find("key_outside_header") != std::string::npos);
    CHECK(text.find(std::string(emulator.api_key())) == std::string::npos);
    CHECK(emulator.findings("{\"allow\":[\"key_outside_header\"]}").empty());
    CHECK(emulator.findings("{\"allow\":[\"rudeness\"]}").find("/allow/0") != std::string::npos);
}

static void moving() {
    Emulator first = started();
    const std::string url(first.url());
    Emulator second = std::move(first);
    CHECK(second.url() == url && second.get() != nullptr && first.get() == nullptr);
    second = started();
    CHECK(second.url() != url && post(url.c_str(), BALANCE, "", "{}") == 0);
    const EmulatorReply copied = [] { return EmulatorReply(started().try_state()); }();
    CHECK(copied.at("/version").integer() == 1);
}

#if AICREDITS_HAS_EXCEPTIONS
template <class Function>
static std::string thrown(Function function) {
    try {
        function();
    } catch (const aicredits::EmulatorError &error) {
        return std::to_string(error.status()) + " " + error.what();
    }
    return "";
}

static void throwing() {
    const Emulator emulator;
    CHECK(emulator.spend(5).at("/cost").integer() == 5 && emulator.spend("{\"cost\":5}"));
    emulator.clock();
    emulator.clock(1h);
    emulator.clock("{\"speed\":2}");
    emulator.account("{\"account\":\"shop\"}");
    emulator.key("{\"name\":\"new\",\"accounts\":[\"shop\"]}");
    emulator.grant("{\"rules\":[{\"period\":\"DAY\",\"cap\":30}]}");
    emulator.top_up(200);
    emulator.top_up("{\"amount\":200}");
    emulator.adjust("{\"allocation\":\"monthly\",\"balance\":7}");
    emulator.assume("no_scope", "400");
    emulator.assume("{\"no_scope\":\"428\"}");
    emulator.limit(200);
    emulator.limit("{\"per_minute\":null}");
    emulator.clear_faults(*emulator.fault("{\"reply\":{\"status\":503}}").at("/fault").text());
    emulator.clear_faults();
    emulator.mark();
    emulator.wait(0);
    emulator.journal();
    emulator.verdict();
    emulator.control("state", "");
    emulator.reset(emulator.state().json());
    emulator.reset();
    emulator.assert_good_client();

    CHECK(thrown([] { Emulator{EmulatorOptions().scenario("no such")}; }).substr(0, 4) == "404 ");
    CHECK(thrown([&] { emulator.spend(9000); }).substr(0, 4) == "409 ");
    CHECK(thrown([&] { emulator.spend("{\"price\":1}"); }).substr(0, 4) == "400 ");
    const auto leaking = std::string(BALANCE) + "?key=" + std::string(emulator.api_key());
    (void)post(std::string(emulator.url()).c_str(), leaking.c_str(), "", "{}");
    CHECK(thrown([&] { emulator.assert_good_client(); }).find("0 the verdict") == 0);
    emulator.assert_good_client("{\"allow\":[\"key_outside_header\"]}");
}
#else
static void throwing() {}
#endif

int main() {
    settings();
    options();
    actions();
    judging();
    moving();
    throwing();
    std::cout << "every check held\n";
}
