// Ours, from C++.

#include <aicredits.hpp>

#include "protocol.h"

// Checks the eight figures and the date against the page's example.
static void check(const aicredits::Balance &balance) {
    const auto recurring = balance.periodic_credits(), top_up = balance.top_up_credits();
    require(recurring && recurring->balance() == 850 && recurring->cap() == 1000, "recurring credits");
    require(top_up && top_up->balance() == 200 && top_up->cap() == 200, "top-up credits");
    const auto sources = balance.credit_balance_breakdown();
    require(sources.size() == 2, "two sources");
    const auto first = sources[0].usage_rules(), second = sources[1].usage_rules();
    require(first.size() == 1 && second.size() == 1, "a rule a source");
    require(first[0].balance() == 850 && first[0].cap() == 1000, "the monthly rule");
    require(second[0].balance() == 200 && second[0].cap() == 200, "the rule of what was bought");
    require(first[0].reset_date()->unix_seconds == 1782864000, "the reset date");
}

static uint64_t call(void *with) {
    const auto &client = *static_cast<aicredits::Client *>(with);
    const uint64_t begun = now();
    {
        const aicredits::Balance balance = client.get_balance();
        check(balance);
    }
    return now() - begun;
}

int main() {
    aicredits::Client client{aicredits::Config{}.from_env()};
    return answer(call, &client);
}
