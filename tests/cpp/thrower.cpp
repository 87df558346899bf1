// A separate shared object, compiled with -fvisibility=hidden.

#include "thrown.hpp"

void throw_it() {
    (void)aicredits::Balance::from_json("[]");
}
