#include "arrays.h"

namespace ranvier::bindings {

void refuse(const std::string& what, const std::string& expected, const std::string& given) {
    throw nb::value_error((what + " must be " + expected + ", but it is " + given).c_str());
}

void check_size(const char* what, int64_t given, int64_t expected) {
    if (given != expected) refuse(what, std::to_string(expected) + " long", std::to_string(given) + " long");
}

}  // namespace ranvier::bindings
