// The canonical lines of a balance and of an error.

#pragma once

#include <aicredits.hpp>

#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

using namespace aicredits;

static void print(const std::string &name, std::int64_t number) {
    std::cout << name << '=' << number << '\n';
}

// One line of printable ASCII.
static void print(const std::string &name, std::string_view text) {
    std::cout << name << '=';
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= ' ' && byte <= '~' && byte != '\\') {
            std::cout << character;
        } else {
            std::cout << "\\x" << std::hex << std::setw(2) << std::setfill('0') << unsigned{byte} << std::dec;
        }
    }
    std::cout << '\n';
}

static void print(const std::string &name, const Timestamp &instant) {
    std::cout << name << '=' << instant.unix_seconds << '.' << std::setw(9) << std::setfill('0') << instant.nanoseconds
              << '\n';
}

static void print(const std::string &name, FeaturePeriod period) {
    print(name, to_string(period));
}

static void print(const std::string &name, const Scope &scope);
static void print(const std::string &name, const Credits &credits);

// An absent value prints nothing.
template <class Value>
static void print(const std::string &name, const std::optional<Value> &value) {
    if (value) {
        print(name, *value);
    }
}

// An empty list prints nothing, as any absent value.
template <class List, class PrintOne>
static void print_list(const std::string &name, const List &list, PrintOne print_one) {
    if (!list.empty()) {
        print(name + ".length", static_cast<std::int64_t>(list.size()));
    }
    std::size_t index = 0;
    for (const auto one : list) {
        print_one(name + '[' + std::to_string(index++) + ']', one);
    }
}

static void print(const std::string &name, const Scope &scope) {
    switch (scope.kind()) {
    case ScopeKind::account: print(name, std::string_view("ACCOUNT")); break;
    case ScopeKind::site: print(name, std::string_view("SITE")); break;
    case ScopeKind::account_and_site: print(name, std::string_view("ACCOUNT_AND_SITE")); break;
    case ScopeKind::credential: print(name, std::string_view("CREDENTIAL")); break;
    }
    print(name + ".accountId", scope.account_id());
    print(name + ".siteId", scope.site_id());
}

static void print(const std::string &name, const Credits &credits) {
    print(name, std::string_view("present"));
    print(name + ".balance", credits.balance());
    print(name + ".cap", credits.cap());
}

static void print_balance(const Balance &balance) {
    print("periodicCredits", balance.periodic_credits());
    print("topUpCredits", balance.top_up_credits());
    print_list("creditBalanceBreakdown", balance.credit_balance_breakdown(),
               [](const std::string &name, CreditBalance it) {
                   print(name + ".subscriptionId", it.subscription_id());
                   print_list(name + ".usageRules", it.usage_rules(), [](const std::string &below, UsageRule rule) {
                       print(below + ".period", rule.period());
                       print(below + ".periodText", rule.period_name());
                       print(below + ".balance", rule.balance());
                       print(below + ".cap", rule.cap());
                       print(below + ".resetDate", rule.reset_date());
                   });
               });
    print("available", balance.available());
    if (!balance.is_recognized()) {
        print("isRecognized", std::string_view("false"));
    }
    print("scope", balance.scope());
    print("requestId", balance.request_id());
    print("fetchedAt", balance.fetched_at());
    print("serverDate", balance.server_date());
    print("json", balance.json());
    std::ostringstream shown;
    shown << balance;
    print("shown", shown.str());
}

static std::optional<std::int64_t> number(const std::optional<std::uint32_t> &status) {
    return status ? std::optional<std::int64_t>(*status) : std::nullopt;
}

static void print_failure(const Failure &failure) {
    print("error.kind", to_string(failure.kind()));
    print("error.httpStatus", number(failure.http_status()));
    print("error.code", failure.code());
    print("error.description", failure.description());
    print_list("error.fieldViolations", failure.field_violations(), [](const std::string &name, FieldViolation it) {
        print(name + ".field", it.field());
        print(name + ".description", it.description());
        print(name + ".violatedRule", it.violated_rule());
    });
    print("error.setting", failure.setting());
    print("error.scope", failure.scope());
    print("error.requestId", failure.request_id());
    if (const auto time = failure.retry_after()) {
        print("error.retryAfterMs", std::int64_t{time->count()});
    }
    print_list("error.attempts", failure.attempts(), [](const std::string &name, Attempt it) {
        print(name + ".phase", to_string(it.phase()));
        print(name + ".durationNs", std::int64_t{it.duration().count()});
        print(name + ".httpStatus", number(it.http_status()));
        print(name + ".requestId", it.request_id());
    });
    print("error.message", failure.message());
}
