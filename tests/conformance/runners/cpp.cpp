// The C++ runner of the conformance suite: through aicredits.hpp alone, one accessor for each value.

#include "cpp_decisions.hpp"
#include "cpp_gate.hpp"
#include "cpp_lines.hpp"

#include <aicredits.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using namespace aicredits;

[[noreturn]] static void give_up(const std::string &what) {
    std::cerr << "conformance-cpp: " << what << '\n';
    std::exit(2);
}

struct Asked {
    Config config;
    std::optional<Call> call;         // Empty if the call has no settings.
    std::optional<GateConfig> gate;   // Empty unless a gate reads the balance.
    bool closed = false;              // Whether the client is to be closed before the call.
    std::optional<std::string> json;  // Empty unless it is to be read without a client.
    std::vector<std::string> questions;
};

static std::string decode(const std::string &text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at++) {
        if (text[at] == '%') {
            out.push_back(static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16)));
            at += 2;
        } else {
            out.push_back(text[at]);
        }
    }
    return out;
}

static std::vector<std::string> decode_list(const std::string &texts) {
    std::vector<std::string> all;
    for (std::size_t from = 0; from <= texts.size();) {
        const std::size_t comma = std::min(texts.find(',', from), texts.size());
        all.push_back(decode(texts.substr(from, comma - from)));
        from = comma + 1;
    }
    return all;
}

// Returns the texts in order, and then repeats the last one.
static void set_provider(Config &config, const std::vector<std::string> &texts, bool fails) {
    config.credential_provider([texts, fails, next = std::size_t{0}](Credential &credential) mutable {
        const std::string &text = texts[next];
        next = std::min(next + 1, texts.size() - 1);
        if (fails) {
            credential.set_failure(text);
        } else {
            credential.set_authorization(text);
        }
    });
}

// The settings that a client and a call both have. Returns false for another setting.
template <class Settings>
static bool set_common(Settings &settings, const std::string &name, const std::string &value) {
    if (name == "account_and_site_ids") {
        const auto ids = decode_list(value);
        settings.account_and_site_ids(ids.at(0), ids.at(1));
    } else if (name == "account_id") {
        settings.account_id(decode(value));
    } else if (name == "site_id") {
        settings.site_id(decode(value));
    } else if (name == "credential_scope") {
        settings.credential_scope();
    } else if (name == "timeout_ms") {
        settings.timeout(std::chrono::milliseconds(static_cast<std::int64_t>(std::stoull(value))));
    } else {
        return false;
    }
    return true;
}

static void set(Asked &asked, const std::string &name, const std::string &value) {
    static const std::map<std::string, void (*)(Config &, const std::string &)> settings{
        {"api_key", [](Config &it, const std::string &text) { it.api_key(decode(text)); }},
        {"authorization", [](Config &it, const std::string &text) { it.authorization(decode(text)); }},
        {"credential_provider",
         [](Config &it, const std::string &text) { set_provider(it, decode_list(text), false); }},
        {"credential_provider_failure",
         [](Config &it, const std::string &text) { set_provider(it, decode_list(text), true); }},
        {"base_url", [](Config &it, const std::string &text) { it.base_url(decode(text)); }},
        {"allow_insecure_http", [](Config &it, const std::string &text) { it.allow_insecure_http(text != "0"); }},
        {"max_reply_bytes", [](Config &it, const std::string &text) { it.max_reply_bytes(std::stoull(text)); }},
        {"max_retries",
         [](Config &it, const std::string &text) { it.max_retries(static_cast<std::uint32_t>(std::stoul(text))); }},
        {"max_concurrency",
         [](Config &it, const std::string &text) { it.max_concurrency(static_cast<std::uint32_t>(std::stoul(text))); }},
        {"ca_file", [](Config &it, const std::string &text) { it.ca_file(decode(text)); }},
        {"ca_pem", [](Config &it, const std::string &text) { it.ca_pem(decode(text)); }},
        {"proxy", [](Config &it, const std::string &text) { it.proxy(decode(text)); }},
        {"proxy_from_env", [](Config &it, const std::string &text) { it.proxy_from_env(text != "0"); }},
        {"name", [](Config &it, const std::string &text) { it.name(decode(text)); }},
        {"per_call_scope", [](Config &it, const std::string &) { it.per_call_scope(); }},
        {"from_env", [](Config &it, const std::string &) { it.from_env(); }},
    };
    const auto setting = settings.find(name);
    if (name.rfind("call.", 0) == 0) {
        if (!asked.call) {
            asked.call.emplace();
        }
        if (name == "call.cancelled") {
            asked.call->cancel();
        } else if (!set_common(*asked.call, name.substr(5), value)) {
            give_up(name);
        }
    } else if (name.rfind("gate.", 0) == 0) {
        if (!asked.gate) {
            asked.gate.emplace();
        }
        if (!set_for_gate(*asked.gate, name.substr(5), decode(value))) {
            give_up(name);
        }
    } else if (setting != settings.end()) {
        setting->second(asked.config, value);
    } else if (name == "closed") {
        asked.closed = true;
    } else if (name == "from_json") {
        asked.json = decode(value);
    } else if (name == "decide") {
        asked.questions.push_back(decode(value));
    } else if (!set_common(asked.config, name, value)) {
        give_up(name);
    }
}

static result<Balance> read_through_gate(const Client &client, const GateConfig &config,
                                         const std::optional<Call> &call) {
    const auto gate = Gate::try_new(client, config);
    if (!gate) {
        return gate.error();
    }
    return call ? gate->try_refresh(*call) : gate->try_refresh();
}

static result<Balance> ask(const Asked &asked) {
    if (asked.json) {
        return Balance::try_from_json(*asked.json);
    }
    const auto client = Client::try_new(asked.config);
    if (!client) {
        return client.error();
    }
    if (asked.closed) {
        client->close();
    }
    if (asked.gate) {
        return read_through_gate(*client, *asked.gate, asked.call);
    }
    return asked.call ? client->try_get_balance(*asked.call) : client->try_get_balance();
}

int main() {
    std::optional<Asked> asked{std::in_place};
    for (std::string line; std::getline(std::cin, line);) {
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos) {
            set(*asked, line.substr(0, equals), line.substr(equals + 1));
            continue;
        }
        const auto balance = ask(*asked);
        if (balance) {
            print_balance(*balance);
            for (const std::string &question : asked->questions) {
                if (!print_decision(*balance, question)) {
                    give_up(question);
                }
            }
        } else {
            print_failure(balance.error());
        }
        std::cout << "end" << std::endl;
        asked.emplace();
    }
}
