// Runs control requests in the process: OPTIONS, then pairs of ACTION and REQUEST. A line for each: status and reply.

#include <aicredits/emulator.hpp>
#include <iostream>

int main(int argc, char **argv) {
    aicredits_emulator *started = nullptr;
    if (argc < 2 || aicredits_emulator_start(argv[1], &started, nullptr) != 0) {
        return 1;
    }
    const aicredits::Emulator emulator(started);
    std::cout << emulator.url() << '\n';
    for (int at = 2; at + 1 < argc; at += 2) {
        std::cout << emulator.try_control(argv[at], argv[at + 1]) << '\n';
    }
}
