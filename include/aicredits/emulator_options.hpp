// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// How to start an emulator, for tests.

#ifndef AICREDITS_EMULATOR_OPTIONS_HPP
#define AICREDITS_EMULATOR_OPTIONS_HPP

#include <aicredits/emulator_reply.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace aicredits {

/// How to start an emulator. Without options it has the scenario "example", on a free port of 127.0.0.1.
///
/// Nothing is checked here: Emulator reports the first wrong option. Use it from one thread at a time.
class EmulatorOptions {
  public:
    /// The scenario: the name of one that the emulator has, such as "free-plan", or one as a JSON object.
    EmulatorOptions &scenario(std::string_view scenario) & { return set("scenario", name_or_object(scenario)); }
    EmulatorOptions scenario(std::string_view scenario) && { return std::move(this->scenario(scenario)); }
    /// The address to listen on, or a name of it.
    EmulatorOptions &host(std::string_view host) & { return set("host", detail::json_text(host)); }
    EmulatorOptions host(std::string_view host) && { return std::move(this->host(host)); }
    /// The port. 0, the default, is a free one.
    EmulatorOptions &port(std::uint16_t port) & { return set("port", std::to_string(port)); }
    EmulatorOptions port(std::uint16_t port) && { return std::move(this->port(port)); }
    /// Serves HTTPS. A client must trust Emulator::ca_pem().
    EmulatorOptions &tls(bool enable = true) & { return set("tls", enable ? "true" : "false"); }
    EmulatorOptions tls(bool enable = true) && { return std::move(this->tls(enable)); }
    /// Changes the scenario's clock. A JSON object with any of "now", "mode" and "speed".
    EmulatorOptions &clock(std::string_view request) & { return set("clock", request); }
    EmulatorOptions clock(std::string_view request) && { return std::move(this->clock(request)); }
    /// Changes assumptions of the scenario. A JSON object, as for Emulator::assume().
    EmulatorOptions &assumptions(std::string_view request) & { return set("assumptions", request); }
    EmulatorOptions assumptions(std::string_view request) && { return std::move(this->assumptions(request)); }
    /// Adds faults to those of the scenario. A JSON array of requests as for Emulator::fault().
    EmulatorOptions &faults(std::string_view requests) & { return set("faults", requests); }
    EmulatorOptions faults(std::string_view requests) && { return std::move(this->faults(requests)); }
    /// Control requests over HTTP then need this bearer token, on every address. Without it there are none on an
    /// address that is not loopback.
    EmulatorOptions &control_token(std::string_view token) & { return set("control_token", detail::json_text(token)); }
    EmulatorOptions control_token(std::string_view token) && { return std::move(control_token(token)); }

    /// All of them, as the JSON object of aicredits_emulator_start().
    std::string json() const { return "{" + members_ + "}"; }

    /// A scenario as JSON: an object stays as it is, and a name becomes a text.
    static std::string name_or_object(std::string_view scenario) {
        const bool is_object = scenario.find_first_not_of(" \t\r\n") == scenario.find('{') && !scenario.empty();
        return is_object && scenario.find('{') != std::string_view::npos ? std::string(scenario)
                                                                         : detail::json_text(scenario);
    }

  private:
    EmulatorOptions &set(std::string_view name, std::string_view value) {
        const std::string member = detail::json_text(name) + ":" + std::string(value);
        members_ += members_.empty() ? member : "," + member;
        return *this;
    }

    std::string members_{};
};

}  // namespace aicredits

#endif  // AICREDITS_EMULATOR_OPTIONS_HPP
