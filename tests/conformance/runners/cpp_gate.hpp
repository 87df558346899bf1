// The settings of a gate, for the C++ runner.

#ifndef CPP_GATE_HPP
#define CPP_GATE_HPP

#include <aicredits.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

// Sets a setting; the text is decoded. Returns false if there is none of this name.
inline bool set_for_gate(aicredits::GateConfig &config, const std::string &name, const std::string &value) {
    using aicredits::GateConfig;
    using aicredits::WhenUnavailable;
    using Text = const std::string &;
    static constexpr auto number = [](Text text) { return std::stoull(text); };
    static constexpr auto time = [](Text text) {
        return std::chrono::milliseconds(static_cast<std::int64_t>(std::stoull(text)));
    };
    static const std::map<std::string, void (*)(GateConfig &, Text)> settings{
        {"account_id", [](GateConfig &it, Text text) { it.account_id(text); }},
        {"site_id", [](GateConfig &it, Text text) { it.site_id(text); }},
        {"credential_scope", [](GateConfig &it, Text) { it.credential_scope(); }},
        {"max_age_ms", [](GateConfig &it, Text text) { it.max_age(time(text)); }},
        {"min_interval_ms", [](GateConfig &it, Text text) { it.min_interval(time(text)); }},
        {"read_timeout_ms", [](GateConfig &it, Text text) { it.read_timeout(time(text)); }},
        {"visibility_delay_ms", [](GateConfig &it, Text text) { it.visibility_delay(time(text)); }},
        {"headroom", [](GateConfig &it, Text text) { it.headroom(number(text)); }},
        {"limit", [](GateConfig &it, Text text) { it.limit(number(text)); }},
        {"processes", [](GateConfig &it, Text text) { it.processes(static_cast<std::uint32_t>(number(text))); }},
        {"reservation_ttl_ms", [](GateConfig &it, Text text) { it.reservation_ttl(time(text)); }},
        {"exhausted_cooldown_ms", [](GateConfig &it, Text text) { it.exhausted_cooldown(time(text)); }},
        {"strict", [](GateConfig &it, Text text) { it.strict(text != "0"); }},
        {"dry_run", [](GateConfig &it, Text text) { it.dry_run(text != "0"); }},
        {"when_unavailable_stale_ms",
         [](GateConfig &it, Text text) { it.when_unavailable(WhenUnavailable::stale(time(text))); }},
        {"when_unavailable",
         [](GateConfig &it, Text text) {
             it.when_unavailable(text == "allow" ? WhenUnavailable::allow() : WhenUnavailable::deny());
         }},
    };
    const auto setting = settings.find(name);
    if (setting == settings.end()) {
        return false;
    }
    setting->second(config, value);
    return true;
}

#endif
