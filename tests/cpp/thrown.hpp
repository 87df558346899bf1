#include <aicredits.hpp>

#define VISIBLE __attribute__((visibility("default")))

VISIBLE void throw_it();
/// The caught type: "Error", "exception" or "unknown".
VISIBLE const char *catch_it(void (*throws)());
