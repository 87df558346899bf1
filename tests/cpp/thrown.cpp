// A program of two shared objects: one throws, the other catches.

#include "thrown.hpp"

#include <iostream>

int main() {
    std::cout << catch_it(throw_it) << '\n';
}
