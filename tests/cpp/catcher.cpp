// Another shared object, compiled with -fvisibility=hidden.

#include "thrown.hpp"

const char *catch_it(void (*throws)()) {
    try {
        throws();
        return "nothing";
    } catch (const aicredits::Error &error) {
        return error.kind() == aicredits::ErrorKind::decode ? "Error" : "another Error";
    } catch (const std::exception &) {
        return "exception";
    } catch (...) {
        return "unknown";
    }
}
