// Begins a call, cancels it after a line of input, and prints its outcome and the process's threads and
// descriptors.

#include <aicredits.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

static std::ptrdiff_t entries(const char *folder) {
    const std::filesystem::directory_iterator all(folder);
    return std::distance(begin(all), end(all));
}

static std::ptrdiff_t held() {
    return entries("/proc/self/fd") + entries("/proc/self/task");
}

int main() {
    std::string line;
    const auto before = held();
    {
        const aicredits::Client client{aicredits::Config{}.from_env().max_retries(1)};
        const aicredits::Call call;
        std::thread canceller([&] {
            std::getline(std::cin, line);
            call.cancel();
        });
        const auto balance = client.try_get_balance(call);
        canceller.join();
        std::cout << balance.error().kind() << ' ';
    }
    std::cout << held() - before << '\n';
}
