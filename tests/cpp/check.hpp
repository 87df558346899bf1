// A check that fails is reported and ends the program.

#pragma once

#include <cstdlib>
#include <iostream>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            std::cout << __FILE__ << ':' << __LINE__ << ": " << #condition << " does not hold\n"; \
            std::exit(1); \
        } \
    } while (0)
