// The canonical lines of the answers to questions, one accessor for each value.

#pragma once

#include "cpp_lines.hpp"

#include <aicredits.hpp>

#include <ctime>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

using namespace aicredits;

// Reads an instant in RFC 3339, such as 2026-07-01T00:00:00.5Z. C++17 has no function for it.
static std::optional<Timestamp> read_instant(const std::string &text) {
    std::istringstream in(text);
    std::tm fields = {};
    Timestamp instant;
    if (!(in >> std::get_time(&fields, "%Y-%m-%dT%H:%M:%S"))) {
        return std::nullopt;
    }
    instant.unix_seconds = timegm(&fields);
    if (in.peek() == '.') {
        in.get();
        for (std::uint32_t unit = 100'000'000; unit > 0 && std::isdigit(in.peek()); unit /= 10) {
            instant.nanoseconds += static_cast<std::uint32_t>(in.get() - '0') * unit;
        }
    }
    return in.get() == 'Z' ? std::optional<Timestamp>(instant) : std::nullopt;
}

static void print_refusal(const Failure &failure) {
    print("error.kind", to_string(failure.kind()));
    print("error.setting", failure.setting());
    print("error.message", failure.message());
}

static void print(const std::string &name, std::uint64_t number) {
    std::cout << name << '=' << number << '\n';
}

static void print_affordability(const Affordability &affordability) {
    print("answer", to_string(affordability.answer()));
    print("isYes", std::string_view(affordability ? "true" : "false"));
    print("cost", affordability.cost());
    print("spendable", affordability.spendable());
    print("available", affordability.available());
    if (const auto shortfall = affordability.shortfall()) {
        print("shortfall", *shortfall);
    }
    switch (affordability.binding()) {
    case Binding::nothing: print("binding", std::string_view("NOTHING")); break;
    case Binding::pools: print("binding", std::string_view("POOLS")); break;
    case Binding::rules: print("binding", std::string_view("RULES")); break;
    }
    for (const BindingRule rule : affordability.binding_rules()) {
        std::cout << "bindingRule=" << rule.source() << ',' << rule.rule() << '\n';
    }
    print("affordableAt", affordability.affordable_at());
    print("text", affordability.text());
}

static void print_can_afford(const Balance &balance, std::uint64_t cost) {
    const auto answer = balance.try_can_afford(cost);
    if (answer.has_value()) {
        print_affordability(*answer);
    } else {
        print_refusal(answer.error());
    }
}

static void print_affordable(const Balance &balance, std::uint64_t unit_cost, std::uint64_t wanted) {
    const auto count = balance.try_affordable(unit_cost, wanted);
    if (!count.has_value()) {
        print_refusal(count.error());
    } else if (*count) {
        print("affordable", **count);
    }
}

// Prints the answer to a question. Returns false if there is no such question.
static bool print_decision(const Balance &balance, const std::string &question) {
    std::istringstream words(question);
    std::string name, first, second;
    words >> name >> first >> second;
    const auto instant = read_instant(first);

    std::cout << "decide=" << question << '\n';
    if (name == "spendable") {
        print("spendable", balance.spendable());
    } else if (name == "next_reset") {
        print("nextReset", balance.next_reset());
    } else if (name == "can_afford") {
        print_can_afford(balance, std::stoull(first));
    } else if (name == "affordable") {
        print_affordable(balance, std::stoull(first), std::stoull(second));
    } else if (name == "spendable_at" && instant) {
        print("spendable", balance.spendable_at(*instant));
    } else if (name == "next_reset_after" && instant) {
        print("nextReset", balance.next_reset_after(*instant));
    } else {
        return false;
    }
    return true;
}
